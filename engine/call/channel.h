/* channel.h - the sealed channel of one call: a Noise KKpsk0 session over the cells of two mailboxes (protocol
 * B.3).
 *
 * The handshake is KNOCK and HELLO; after it every message carries its number n and is handed out strictly in
 * order. A message is authenticated when it arrives, so only the peer's own can wait in the window (32 ahead);
 * seen numbers are dropped. The same sealed messages may also come as DTLS application data (D.7): what arrives
 * first counts. Told the time; no allocation.
 */
#ifndef CHANNEL_H
#define CHANNEL_H
#include "../../signaling/cell.h"
#include "../../signaling/client.h"
#include "../../signaling/message.h"
#include "../../signaling/noise.h"
#include "frame_seal.h"

enum {
  CHANNEL_WINDOW = 32,                                 /* messages ahead of the one that is missing */
  CHANNEL_MESSAGE_MAX = CELL_BODY_MAX - AEAD_TAG_SIZE, /* a call's messages fit one cell */
  CHANNEL_DATAGRAM_MAX = 1024,                         /* as DTLS application data */
};
#define CHANNEL_GAP SEC(10) /* a message missing for this long is an alarm */

struct channel_party {
  uint8_t id[KEY_SIZE]; /* IK */
  uint8_t device[DEVICE_SIZE], dx[KEY_SIZE];
};

struct channel {
  struct client *client;
  bool initiator, open;
  uint8_t ps[PAIR_SECRET_SIZE];
  struct channel_party us, them;
  uint8_t session[SESSION_SIZE];
  struct noise noise;
  struct noise_cipher send, receive;
  uint8_t h[HASH_SIZE]; /* Noise's, once open */
  struct frame_keys frame_keys;
  uint32_t sent, expected;
  uint32_t cell_top;   /* the highest number that came in a cell */
  uint64_t cells_seen; /* that one (bit 0) and those below it */
  usec gap_since;      /* USEC_NEVER: nothing is missing */
  struct reassembler reassembler;
  struct channel_held {
    bool used;
    uint16_t size;
    uint8_t message[CHANNEL_MESSAGE_MAX];
  } held[CHANNEL_WINDOW];                 /* number n at n % CHANNEL_WINDOW */
  uint8_t datagram[CHANNEL_DATAGRAM_MAX]; /* the message sent last, for DTLS; size 0: too long for it */
  size_t datagram_size;
  uint8_t roster[ROSTER_BYTES_MAX]; /* of the message read last */
  int64_t rejected, repeated, unsent;
};

struct channel_config {
  struct client *client;
  bool initiator;
  const uint8_t *ps, *dx_secret;
  struct channel_party us, them;
  uint8_t session[SESSION_SIZE];
};

void channel_init(struct channel *channel, const struct channel_config *config);
void channel_deinit(struct channel *channel); /* wipes */

/* Handshake. `unix_seconds` picks the mailbox's day. false: it did not authenticate or parse (or could not be
 * sent), and nothing changed. KNOCK is written and read before anything else; HELLO opens the channel on both
 * sides. */
bool channel_send_handshake(struct channel *channel, usec now, int64_t unix_seconds, const struct message *message);
bool channel_read_handshake(struct channel *channel, const struct cell *cell, struct message *message);

/* The keys of frames sealed end to end (PROTOCOL.md section 9b), once: here they are wiped. */
void channel_take_frame_keys(struct channel *channel, struct frame_keys *keys);

/* Roster links for them, before the KNOCK that needs them: a cell that Noise has no part in. */
bool channel_send_roster(struct channel *channel, usec now, int64_t unix_seconds, const struct message *roster);

/* One message to the peer, through its mailbox; afterwards `datagram` holds it for DTLS too. `hash` (may be NULL)
 * is that of the encoded message. */
bool channel_send(struct channel *channel, usec now, int64_t unix_seconds, const struct message *message,
                  uint8_t hash[HASH_SIZE]);

enum channel_verdict {
  CHANNEL_TAKEN,
  CHANNEL_REPEATED, /* seen before, by DTLS: dropped */
  CHANNEL_REPLAYED, /* seen before, in another cell, which no honest end sends: dropped */
  CHANNEL_AHEAD,    /* too far ahead: dropped */
  CHANNEL_REJECTED, /* not the peer's, or malformed: dropped */
};
/* A DATA cell of this session, or a datagram that a peer's DTLS delivered. */
enum channel_verdict channel_input(struct channel *channel, usec now, const struct cell *cell);
enum channel_verdict channel_input_datagram(struct channel *channel, usec now, const uint8_t *data, size_t size);
/* The next message in order; `hash` as above. Its roster is the channel's memory until the next one is read. A
 * HANGUP that came by DTLS is handed out at once. false: none. */
bool channel_next(struct channel *channel, usec now, struct message *message, uint8_t hash[HASH_SIZE]);
usec channel_deadline(const struct channel *channel);
bool channel_has_gap(const struct channel *channel, usec now); /* CHANNEL_GAP is over */

#endif
