/* flow.h - a greedy TCP-like flow that shares a bottleneck: slow start, additive increase, multiplicative decrease
 * (RFC 5681), one decrease a window of loss, a retransmission time-out. Told the time; sends nothing but names and
 * sizes.
 */
#ifndef FLOW_H
#define FLOW_H
#include <stdbool.h>
#include <stddef.h>

#include "media/units.h"

enum { FLOW_WINDOW = 1024 /* packets under way */, FLOW_PACKET = 1472 /* bytes, 1500 on the wire */ };

struct flow {
  usec way_back;              /* of acknowledgements, which are never lost */
  int64_t window, threshold;  /* thousandths of a packet */
  int64_t next, acknowledged; /* numbers: to be sent; all before it are dealt with */
  int64_t recover;            /* a loss before it is of a window that was answered already */
  int64_t highest;            /* that arrived */
  bool arrived[FLOW_WINDOW];
  usec ack_at[FLOW_WINDOW]; /* when the acknowledgement is back, a ring */
  int64_t ack[FLOW_WINDOW];
  int acks, ack_head;
  usec heard; /* the last acknowledgement */
};

void flow_init(struct flow *flow, usec now, usec way_back);
bool flow_poll(struct flow *flow, usec now, uint32_t *number); /* a packet of FLOW_PACKET bytes to send */
void flow_arrived(struct flow *flow, usec now, uint32_t number);
usec flow_deadline(const struct flow *flow);

#endif
