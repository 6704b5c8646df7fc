/* client.h - our end of the signaling connection: which mailboxes we listen to, cells in, cells out (protocol B.2).
 *
 * Told the time, opens no socket. It asks for a connection, restores everything after it was lost (back-off of
 * 1 to 30 s; subscriptions; cells put within the last 10 s) and hides the mailboxes we read among dummies, a
 * power of two of them in random order. A cell that was seen before is dropped by its nonce. Every table is
 * bounded below; a server that floods or talks garbage is counted, dropped and backed off from.
 *
 * After any input, drain client_poll() until it returns false, then sleep until client_deadline().
 */
#ifndef CLIENT_H
#define CLIENT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../media/units.h"
#include "frame.h"

enum {
  CLIENT_LISTEN_MAX = FRAME_SUBSCRIPTIONS - 16, /* so that dummies always stand among them */
  CLIENT_LISTEN_MIN = 16,                       /* never fewer subscriptions than this, dummies included */
  CLIENT_PUT_MAX = 64,                          /* cells not yet sent, and those that may be put again */
  CLIENT_NONCES = 1024,                         /* cells remembered as seen */
};

enum client_output_type {
  CLIENT_CONNECT, /* connect now; then client_connected() or client_disconnected() */
  CLIENT_CLOSE,   /* drop the connection, the server misbehaves; do not report it as disconnected */
  CLIENT_SEND,    /* one binary message to the server: data, size */
  CLIENT_CELL,    /* a cell for a mailbox that we listen to: mailbox, data (CELL_SIZE bytes) */
  CLIENT_COVER,   /* put a cell of no meaning, if you can: it is its time, and there is no other */
  CLIENT_UP,      /* connected, and every subscription is on its way */
  CLIENT_DOWN,
};

struct client_output {
  enum client_output_type type;
  const uint8_t *data; /* the client's memory, valid until the next call on it */
  size_t size;
  const uint8_t *mailbox; /* MAILBOX_SIZE bytes */
};

struct client_counters {
  uint64_t cells_received, cells_duplicate;
  uint64_t cells_unwanted; /* for a dummy, or for a mailbox that we stopped listening to */
  uint64_t cells_overrun;  /* the outputs were not drained between inputs */
  uint64_t frames_malformed, frames_flooded;
  uint64_t limited; /* LIMIT frames: the server refused something; it is sent again, within bounds */
  uint64_t cells_sent, cells_sent_again;
  uint64_t cells_expired; /* waited for a connection longer than their ttl */
  uint64_t connections, closed_by_us;
};

struct client *client_new(uint64_t seed); /* of the back-off's jitter; NULL: no memory */
void client_free(struct client *client);

bool client_poll(struct client *client, usec now, struct client_output *out);
usec client_deadline(const struct client *client);

/* From the connection. */
void client_connected(struct client *client, usec now);
void client_disconnected(struct client *client, usec now); /* was lost, or could not be made */
void client_input(struct client *client, usec now, const uint8_t *message, size_t size);

/* Listening twice is listening once. False: CLIENT_LISTEN_MAX already. */
bool client_listen(struct client *client, usec now, const uint8_t read_token[READ_TOKEN_SIZE]);
void client_unlisten(struct client *client, usec now, const uint8_t read_token[READ_TOKEN_SIZE]);
/* Queues a cell, also while down; ttl in seconds (1..60) from now. False: CLIENT_PUT_MAX wait already. */
bool client_put(struct client *client, usec now, const uint8_t mailbox[MAILBOX_SIZE], int ttl,
                const uint8_t cell[CELL_SIZE]) __attribute__((warn_unused_result));

/* Cover traffic: from now on cells leave at random times of a Poisson process alone, one each, `mean` apart, and
 * are of no meaning when there is nothing to say: when and how much is sent tells nothing. A cell waits for its
 * turn, and its ttl begins there. 0: off, the default. Before the first connection. */
void client_set_cover(struct client *client, usec mean);
bool client_up(const struct client *client);
const struct client_counters *client_counters(const struct client *client);

#endif
