#include "fec_steps.h"

void fec_steps_init(struct fec_steps *steps) {
  *steps = (struct fec_steps){0};
}

void fec_steps_input(struct fec_steps *steps, bool lost) {
  if (steps->packets == FEC_MEMORY) {
    steps->packets /= 2;
    steps->lost /= 2;
    steps->runs /= 2;
  }
  steps->packets++;
  steps->lost += lost;
  steps->runs += lost && !steps->run;
  steps->run = lost;
}

/* Long runs of losses take as little as few losses do. */
static int wanted(const struct fec_steps *steps, usec round_trip) {
  if (steps->packets < FEC_PACKETS_MIN || steps->lost < FEC_LOST_MIN || round_trip < FEC_ROUND_TRIP_MIN)
    return 0;
  int loss = steps->lost * 1000 / steps->packets;
  bool apart = steps->lost * 10 < steps->runs * FEC_RUN_TENTHS;
  if (loss < FEC_LOSS_LITTLE)
    return 0;
  if (loss < FEC_LOSS_SOME || !apart)
    return FEC_LITTLE;
  return loss < FEC_LOSS_MUCH ? FEC_SOME : FEC_MUCH;
}

/* Two temporal layers: with less loss parity brings back nearly every frame, and they would cost more than they
 * save. */
static void choose_layers(struct fec_steps *steps, usec now) {
  bool wanted =
      steps->percent && steps->packets >= LAYERS_PACKETS_MIN && steps->lost * 1000 >= steps->packets * LAYERS_LOSS;
  if (wanted)
    steps->layered_since = now;
  if (wanted || now - steps->layered_since > FEC_PATIENCE || !steps->percent)
    steps->layered = wanted;
}

bool fec_steps_choose(struct fec_steps *steps, usec now, usec round_trip, bps video) {
  int percent = wanted(steps, round_trip), before = steps->percent;
  bool layered = steps->layered;
  if (percent >= steps->percent)
    steps->since = now;
  if (video < (steps->percent ? FEC_RATE_MIN : FEC_RATE_MIN * 3 / 2))
    steps->percent = 0;
  else if (percent > steps->percent || now - steps->since > FEC_PATIENCE)
    steps->percent = percent;
  choose_layers(steps, now);
  return steps->percent != before || steps->layered != layered;
}
