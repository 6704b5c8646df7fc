/* fec_steps.h - how much parity (recovery/fec.h) pictures get, in coarse steps that follow the path, and whether
 * they are worth temporal layers.
 *
 *   none -> FEC_LITTLE -> FEC_SOME -> FEC_MUCH percent of the packets
 *
 * From the fate of each packet of video, in order, and the round trip: below FEC_ROUND_TRIP_MIN asking again is
 * quicker than parity and costs only what is lost, and
 * below FEC_RATE_MIN pictures have nothing to spare. Parity brings back the losses that lie apart; long runs of
 * them would need as much parity as there are packets, and are left to be asked for. Up at once, down after a
 * while. Beyond LAYERS_LOSS too many frames wait for what parity could not bring back, and every other one should
 * be dispensable. Constant size.
 */
#ifndef FEC_STEPS_H
#define FEC_STEPS_H
#include <stdbool.h>

#include "../limits.h"

struct fec_steps {
  int percent;             /* now, of the packets */
  bool layered;            /* where parity does not bring back enough */
  usec since;              /* that so much is enough: when it was last not */
  usec layered_since;      /* the same, that there need be no layers */
  int packets, lost, runs; /* of the last FEC_MEMORY packets or so: halved when there are as many */
  bool run;                /* the last one was lost */
};

void fec_steps_init(struct fec_steps *steps);
void fec_steps_input(struct fec_steps *steps, bool lost); /* one packet's fate, in the order of sending */
/* Chooses anew; true: another step. round_trip: 0 when not known; video: what pictures have. */
bool fec_steps_choose(struct fec_steps *steps, usec now, usec round_trip, bps video);

#endif
