/* bwe_loss.h - a bound on the rate from losses that the rate causes, and none from those that it does not.
 *
 * A radio loses packets at any rate; a full queue or a policer loses those that are too many. When more are lost
 * than the path usually loses while no queue builds, the rate is lowered for a moment: a test. If losses fall with
 * it they were congestion, and the lower rate stays as a bound that grows slowly; if they do not they are the
 * path's own and are remembered as that. Constant size; integers only.
 */
#ifndef BWE_LOSS_H
#define BWE_LOSS_H
#include <stdbool.h>

#include "../limits.h"

struct bwe_loss {
  /*     WATCHING --- unusual loss, no queue ---> SETTLING --- old packets are through ---> TESTING --+
   *         ^                                                                                       |
   *         +----------------------------- enough packets: the verdict -----------------------------+ */
  enum bwe_loss_state { BWE_LOSS_WATCHING, BWE_LOSS_SETTLING, BWE_LOSS_TESTING } state;
  int64_t packets, lost; /* of the current window */
  usec since;            /* of the window, or of settling */
  int64_t usual;         /* loss that is the path's own, parts in a million */
  int64_t suspect;       /* loss that made us test */
  bps bound;             /* BWE_UNBOUND: none */
};

#define BWE_UNBOUND INT64_MAX

void bwe_loss_init(struct bwe_loss *loss);
void bwe_loss_forget(struct bwe_loss *loss, usec now); /* what was counted: an outage lost it, not the rate */
/* A batch of feedback: packets told of and how many of them lost; queueing: the delay says congestion already;
 * rate: what is sent now; settle: how long packets sent at an older rate still come in. */
void bwe_loss_input(struct bwe_loss *loss, usec now, int64_t packets, int64_t lost, bool queueing, bps rate,
                    usec settle);

#endif
