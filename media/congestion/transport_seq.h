/* transport_seq.h - one count over all streams, for feedback by transport-wide sequence number (transport_cc.h).
 *
 * Gives each packet the next number, and tells which packet had a number that comes back. A packet that is sent
 * again keeps its bytes and so its number; a repair in a source of its own has one for the receiver's sake, which
 * takes a packet without for one of a sender that needs its estimate. Bounded by FEEDBACK_SENT packets.
 */
#ifndef TRANSPORT_SEQ_H
#define TRANSPORT_SEQ_H
#include <stdbool.h>
#include <stdint.h>

#include "../limits.h"

enum { TRANSPORT_REPAIR = -1 }; /* for a stream: nobody asks what becomes of it */

struct transport_seq {
  int64_t next; /* its low 16 bits are sent */
  struct transport_packet {
    int64_t number, seq;
    int stream;
  } packet[FEEDBACK_SENT];
};

void transport_seq_init(struct transport_seq *numbers);
uint16_t transport_seq_next(struct transport_seq *numbers, int stream, int64_t seq);
/* Unwrapped, by the newest one given. */
int64_t transport_seq_unwrap(const struct transport_seq *numbers, uint16_t number);
const struct transport_packet *transport_seq_find(const struct transport_seq *numbers,
                                                  int64_t number); /* or NULL */

#endif
