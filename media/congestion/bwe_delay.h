/* bwe_delay.h - how long packets wait in the bottleneck's queue, from one-way delays (as RFC 8698 section 4.2).
 *
 * A packet's wait is its delay less the least one of the last BWE_BASE_WINDOW or two: the clocks' difference drops
 * out, their skew is followed. Least waits of several packets are taken, so that
 * neither jitter nor the burst of one's own frame counts. A packet that took BWE_OVERTAKING less than most of the
 * BWE_NEIGHBOURS before it went another way, for a queue keeps the order: it tells nothing. Constant size.
 */
#ifndef BWE_DELAY_H
#define BWE_DELAY_H
#include <stdbool.h>

#include "../limits.h"

struct packet_result;

struct bwe_delay {
  usec base[2], base_since;    /* least delay of this window and the last; USEC_NEVER: none */
  usec latest;                 /* the queue now: least wait of the newer half of the last batch */
  usec least;                  /* of all of the last batch */
  usec sample[BWE_NEIGHBOURS]; /* the newest delays, a ring */
  int samples, next;
  usec queue; /* the standing queue: least of the last two batches */
};

void bwe_delay_init(struct bwe_delay *delay);
void bwe_delay_rebase(struct bwe_delay *delay, usec now, usec more); /* the way is longer by so much */
/* Results in the order of sending. false: none of them tells a delay. */
bool bwe_delay_input(struct bwe_delay *delay, usec now, const struct packet_result *result, int count);

#endif
