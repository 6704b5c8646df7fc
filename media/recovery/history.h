/* history.h - sent packets, kept for retransmission (RFC 4585 section 6.2.1).
 *
 * A retransmission is the same plain packet under the same sequence number, protected by SRTP again. With GCM that
 * repeats a nonce, which is safe only because the bytes are the same, header and timestamp too: the ciphertext then
 * is the same as before. So a kept packet is never changed, and callers copy it before SRTP works in place.
 * SRTP must allow it (allow_repeat_tx) within its replay window, on both sides SEQ_WINDOW. Keeping the protected
 * packet instead would need no such leave, but would put SRTP inside the session.
 * Bounded by the slots given at init: the newest packet takes the place of the oldest. That begins as soon as the
 * oldest was sent SENT_AGE ago; so only fast streams ever touch all of their slots' memory.
 */
#ifndef HISTORY_H
#define HISTORY_H
#include <stdbool.h>
#include <stddef.h>

#include "../limits.h"
#include "../session.h"

struct sent_packet {
  int64_t seq; /* -1: none */
  usec sent;   /* last time; USEC_NEVER: not yet */
  int resends;
  uint16_t size;
  uint8_t data[SESSION_PACKET_MAX];
};

struct history {
  struct sent_packet *packet;         /* the owner's */
  int64_t slots, oldest;              /* oldest: the first that is kept */
  usec sent;                          /* the newest sending */
  uint16_t used;                      /* places in packet[] */
  uint16_t place[SENT_VIDEO_PACKETS]; /* of the packet whose number is seq, modulo slots */
};

/* slots: a power of two, at most SENT_VIDEO_PACKETS. */
void history_init(struct history *history, struct sent_packet *packet, int slots);
/* A slot for this packet, whose data and size the caller fills in; seq grows by one from call to call. */
struct sent_packet *history_add(struct history *history, int64_t seq);
struct sent_packet *history_find(struct history *history, int64_t seq); /* NULL: no longer or never kept */
void history_sent(struct history *history, struct sent_packet *packet, usec now);
/* Asked for again: counts as one of its RESENDS_MAX. NULL: not kept, not yet sent, asked for too often, or already
 * granted less than `spacing` ago, so that this request crossed the answer. */
struct sent_packet *history_resend(struct history *history, usec now, int64_t seq, usec spacing);

#endif
