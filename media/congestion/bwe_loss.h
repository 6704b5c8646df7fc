/* bwe_loss.h - a bound on the rate from losses that the rate causes, and none from those that it does not.
 *
 * A radio loses packets at any rate; a full queue or a policer loses those that are too many. When more are lost
 * than the path usually loses while no queue builds, the rate is lowered for a moment: a test. If losses fall with
 * it they were congestion, and the lower rate stays as a bound that grows slowly; if they do not they are the
 * path's own and are remembered as that. Losses in runs are judged as the fewer accidents that they are (a Gilbert
 * channel's variance). A bound that a probe has lifted is back with the next unusual loss. Constant size; integers
 * only.
 */
#ifndef BWE_LOSS_H
#define BWE_LOSS_H
#include <stdbool.h>

#include "../limits.h"

struct bwe_losses {
  int64_t packets, lost, runs; /* runs: losses that did not follow one */
};

struct bwe_loss {
  /*     WATCHING --- unusual loss, no queue ---> SETTLING --- old packets are through ---> TESTING --+
   *         ^                                                                                       |
   *         +----------------------------- enough packets: the verdict -----------------------------+ */
  enum bwe_loss_state { BWE_LOSS_WATCHING, BWE_LOSS_SETTLING, BWE_LOSS_TESTING } state;
  struct bwe_losses seen; /* in the current window */
  usec since;             /* of the window, or of settling */
  int64_t usual;          /* loss that is the path's own, parts in a million */
  int64_t suspect;        /* loss that made us test */
  bps bound;              /* BWE_UNBOUND: none */
  bps before_lift; /* the bound before it was lifted, until a window agrees with that; BWE_UNBOUND: it was not */
};

#define BWE_UNBOUND INT64_MAX

void bwe_loss_init(struct bwe_loss *loss);
void bwe_loss_forget(struct bwe_loss *loss, usec now); /* what was counted: an outage lost it, not the rate */
void bwe_loss_lift(struct bwe_loss *loss, bps rate);   /* so much went through: a lower bound is raised to it */
/* A batch of feedback: what it tells of; queueing: the delay says congestion already;
 * rate: what is sent now; settle: how long packets sent at an older rate still come in. */
void bwe_loss_input(struct bwe_loss *loss, usec now, const struct bwe_losses *told, bool queueing, bps rate,
                    usec settle);

#endif
