#include "rate_control.h"

static const double start_growth = 0.5, growth = 0.08; /* a second */

static bps clamp(bps value, bps low, bps high) {
  return value < low ? low : value > high ? high : value;
}

void rate_control_set_max(struct rate_control *rate, bps max) {
  rate->max = clamp(max ? max : RATE_MAX, RATE_MIN, RATE_CEILING);
  rate->target = clamp(rate->target, RATE_MIN, rate->max);
}

void rate_control_init(struct rate_control *rate, bps max) {
  *rate = (struct rate_control){
      .target = RATE_START,
      .starting = true,
      .video_on = true,
      .reported = -1,
      .decreased = -SEC(1),
      .least_rtt = {USEC_NEVER, USEC_NEVER},
  };
  rate_control_set_max(rate, max);
}

void rate_control_input_sent(struct rate_control *rate, usec now, size_t size) {
  if (rate->sent_bits == 0) /* silence before it is no lack of reports */
    rate->reported = now;
  rate->sent_bits += (int64_t)size * 8;
}

static usec queueing(struct rate_control *rate, usec now, usec rtt) { /* how much of this round trip is a queue */
  if (now - rate->least_since > RATE_RTT_WINDOW) {
    rate->least_rtt[1] = rate->least_rtt[0];
    rate->least_rtt[0] = USEC_NEVER;
    rate->least_since = now;
  }
  rate->least_rtt[0] = earlier(rate->least_rtt[0], rtt);
  return rtt - earlier(rate->least_rtt[0], rate->least_rtt[1]);
}

static bool delay_builds(struct rate_control *rate, usec now, usec rtt) {
  if (rtt < 0)
    return false;
  rate->delayed = queueing(rate, now, rtt) > RATE_DELAY_GUARD ? rate->delayed + 1 : 0;
  return rate->delayed >= 2;
}

/* A report that still covers time before the last decrease took effect is no reason for another. */
static void shrink(struct rate_control *rate, usec now, bps target, usec rtt) {
  rate->starting = false;
  usec covered_since = rate->reported - (rtt > 0 ? rtt : 0);
  if (covered_since < rate->decreased)
    return;
  rate->decreased = now;
  rate->target = target;
}

static void grow(struct rate_control *rate, usec span, bps sent) {
  if (sent < rate->target / 2 && rate->target > RATE_UNPROVEN) /* what is not used is not proven */
    return;
  double seconds = (double)(span < SEC(2) ? span : SEC(2)) / 1e6;
  rate->target += (bps)((double)rate->target * (rate->starting ? start_growth : growth) * seconds) + 1000;
}

void rate_control_input_report(struct rate_control *rate, usec now, double loss, usec rtt) {
  if (rate->reported < 0) /* nothing was sent */
    return;
  usec span = now - rate->reported < MS(1) ? MS(1) : now - rate->reported;
  bps sent = rate->sent_bits * SEC(1) / span;
  if (delay_builds(rate, now, rtt))
    shrink(rate, now, (bps)(0.85 * (double)(sent < rate->target ? sent : rate->target)), rtt);
  else if (loss > RATE_LOSS_HIGH)
    shrink(rate, now, (bps)((1 - loss / 2) * (double)rate->target), rtt);
  else if (loss < RATE_LOSS_LOW && rate->delayed == 0)
    grow(rate, span, sent);
  else
    rate->starting = false;
  rate->target = clamp(rate->target, RATE_MIN, rate->max);
  rate->reported = now;
  rate->sent_bits = 0;
}

static void give_up_waiting(struct rate_control *rate, usec now) { /* reports are lost: so is much else */
  if (now < rate_control_deadline(rate))
    return;
  rate->starting = false;
  rate->target = clamp(rate->target / 2, RATE_MIN, rate->max);
  rate->reported = now;
  rate->sent_bits = 0;
}

static struct rate_targets share(struct rate_control *rate) {
  struct rate_targets targets = {.audio = RATE_AUDIO};
  bps full = RATE_AUDIO + RATE_AUDIO_OVERHEAD;
  if (rate->target < full * 5 / 4)
    rate->audio_low = true;
  else if (rate->target > full * 3 / 2) /* coarse steps, far apart */
    rate->audio_low = false;
  if (rate->audio_low)
    targets.audio = RATE_AUDIO_LOW;
  bps video = (rate->target - targets.audio - RATE_AUDIO_OVERHEAD) * 95 / 100; /* its headers: 60 bytes of 1200 */
  rate->video_on = video >= (rate->video_on ? RATE_VIDEO_MIN : RATE_VIDEO_MIN * 5 / 4);
  targets.video = rate->video_on ? video : 0;
  return targets;
}

static bool worth_telling(struct rate_targets old, struct rate_targets new) {
  bps change = new.video > old.video ? new.video - old.video : old.video - new.video;
  return new.audio != old.audio || (new.video == 0) != (old.video == 0) || change > old.video * 3 / 100;
}

bool rate_control_poll(struct rate_control *rate, usec now, struct rate_targets *out) {
  give_up_waiting(rate, now);
  struct rate_targets targets = share(rate);
  if (!worth_telling(rate->given, targets))
    return false;
  *out = rate->given = targets;
  return true;
}

usec rate_control_deadline(const struct rate_control *rate) {
  return rate->reported < 0 || rate->sent_bits == 0 ? USEC_NEVER : rate->reported + RATE_REPORT_TIMEOUT;
}
