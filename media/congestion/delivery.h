/* delivery.h - how fast packets arrive: over the last half second, and while the bottleneck was never idle.
 *
 * While every packet waited in a queue, what arrived between two packets is just what the bottleneck carries: that
 * is the capacity, measured. Else it is only what was sent. Times are the receiver's. Bounded by DELIVERY_BATCHES
 * batches of feedback.
 */
#ifndef DELIVERY_H
#define DELIVERY_H
#include <stdbool.h>

#include "../limits.h"

struct delivery {
  bps rate;        /* of DELIVERY_WINDOW; 0: not known yet */
  bps capacity;    /* of the busy time up to now; 0: none, or too short */
  int count, head; /* of the ring; head: the newest */
  struct delivery_batch {
    int64_t bits;
    usec from, to; /* the last arrival before it, its own last one */
    bool busy;     /* all of it waited */
  } batch[DELIVERY_BATCHES];
};

void delivery_init(struct delivery *delivery);
/* What arrived until `last` since the batch before; a batch without progress in time joins the next one's. */
void delivery_input(struct delivery *delivery, usec last, int64_t bits, bool busy);

#endif
