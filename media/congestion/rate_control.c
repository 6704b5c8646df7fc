#include "rate_control.h"

#include "feedback.h"

static int64_t clamp(int64_t value, int64_t low, int64_t high) {
  return value < low ? low : value > high ? high : value;
}

static void limit(struct rate_control *rate) {
  rate->max = clamp(earlier(rate->own_max, rate->peer_max), RATE_MIN, RATE_CEILING);
  rate->target = clamp(rate->target, RATE_MIN, rate->max);
}

void rate_control_set_max(struct rate_control *rate, bps max) {
  rate->own_max = max ? max : RATE_MAX;
  limit(rate);
}

void rate_control_set_peer_max(struct rate_control *rate, bps max) {
  rate->peer_max = max;
  limit(rate);
}

void rate_control_init(struct rate_control *rate, bps max) {
  *rate = (struct rate_control){.target = RATE_START,
                                .peer_max = INT64_MAX,
                                .video_on = true,
                                .heard = -1,
                                .capacity_at = -1,
                                .window_since = -1,
                                .audio_overhead = RATE_AUDIO_OVERHEAD};
  bwe_delay_init(&rate->delay);
  bwe_loss_init(&rate->loss);
  bwe_probe_init(&rate->probe);
  delivery_init(&rate->delivery);
  hold_init(&rate->hold);
  rate_control_set_max(rate, max);
}

void rate_control_set_waiting(struct rate_control *rate, int64_t bits) {
  rate->waiting = bits;
}

void rate_control_input_sent(struct rate_control *rate, usec now, int size, bool again) {
  int64_t bits = (int64_t)size * 8;
  hold_sent(&rate->hold, now);
  if (rate->heard < 0)
    rate->vain_since = now;
  if (rate->sent_bits == 0) /* silence before it is no lack of feedback */
    rate->heard = now;
  rate->sent_bits += bits;
  usec span = now - rate->window_since;
  if (rate->window_since < 0 || span > 4 * DELIVERY_WINDOW) { /* the first, or after a pause */
    rate->window_since = now;
    rate->window_bits = rate->window_resent = 0;
  } else if (span >= DELIVERY_WINDOW) {
    rate->sent = rate->window_bits * SEC(1) / span;
    rate->resent = rate->window_resent * SEC(1) / span;
    rate->window_since = now;
    rate->window_bits = rate->window_resent = 0;
  }
  rate->window_bits += bits;
  rate->window_resent += again ? bits : 0;
}

static usec aim(const struct rate_control *rate) { /* the standing queue that we want */
  return clamp(RATE_QUEUE_BITS * SEC(1) / rate->target, RATE_QUEUE_MIN, RATE_QUEUE_MAX);
}

static bool overused(const struct rate_control *rate) {
  usec wanted = aim(rate);
  return rate->delay.queue > wanted + RATE_OVERUSE || rate->delay.latest > wanted + RATE_OVERUSE_ONCE;
}

static bool capacity_known(const struct rate_control *rate, usec now) {
  return rate->capacity_at >= 0 && now - rate->capacity_at < RATE_CAPACITY_AGE;
}

int rate_control_pace(const struct rate_control *rate, usec now) {
  if (rate->state != RATE_STARTING && capacity_known(rate, now))
    return PACER_NEAR_PERCENT;
  bool lossy = rate->loss.usual > BWE_LOSS_EXCESS || rate->loss.bound != BWE_UNBOUND;
  return lossy ? PACER_LOSSY_PERCENT : PACER_FREE_PERCENT;
}

usec rate_control_ahead(const struct rate_control *rate, usec now) {
  bool free = rate_control_pace(rate, now) == PACER_FREE_PERCENT && rate->delay.queue < aim(rate);
  return free && rate->delivery.rate > 0 ? PACER_AHEAD : 0;
}

static void measure(struct rate_control *rate, usec now) {
  bps capacity = rate->delivery.capacity;
  if (capacity == 0)
    return;
  rate->capacity = capacity;
  rate->capacity_at = now;
}

/* The queue is younger than a measurement takes, or too little is sent to tell. */
static bps guess(const struct rate_control *rate, usec now) {
  if (hold_recent(&rate->hold, now))
    return capacity_known(rate, now) ? earlier(rate->capacity, rate->drain_before) : rate->drain_before;
  bps arrives = rate->delivery.rate;
  return arrives && arrives < rate->target ? arrives : rate->target;
}

/* Down to what the bottleneck carries, and below it by as much as the queue wants to be gone in RATE_DRAIN. */
static void drain(struct rate_control *rate, usec now) {
  if (rate->state != RATE_DRAINING) {
    rate->state = RATE_DRAINING;
    rate->drain_since = now;
    rate->drain_before = rate->target;
    rate->drain_least = rate->drain_capacity = 0;
    rate->wait_least = USEC_NEVER;
    rate->wait_most = 0;
  }
  bps measured = rate->delivery.capacity, capacity = measured ? measured : guess(rate, now);
  if (now - rate->drain_since > 2 * DELIVERY_BUSY_MIN && measured > rate->drain_capacity)
    rate->drain_capacity += rate->drain_capacity ? (measured - rate->drain_capacity) / 4 : measured;
  bps half = capacity * RATE_DRAIN_PERCENT / 100;
  bool early = now - rate->drain_since < RATE_DRAIN + rate->hold.mean;
  if (rate->drain_least == 0 || (half < rate->drain_least && early))
    rate->drain_least = half; /* what is measured later is less for we send less */
  usec excess = clamp(rate->delay.latest - aim(rate), 0, RATE_DRAIN / 2);
  bps target = capacity * (RATE_DRAIN - excess) / RATE_DRAIN;
  rate->target = target > rate->drain_least ? target : rate->drain_least;
}

/* How much the wait varies once a queue of our own would be shorter. */
static void watch_wait(struct rate_control *rate, usec now) {
  usec queue = rate->delay.queue;
  if (rate->state != RATE_DRAINING || now - rate->drain_since < RATE_DRAIN)
    return;
  rate->wait_least = earlier(rate->wait_least, queue);
  rate->wait_most = queue > rate->wait_most ? queue : rate->wait_most;
}

/* What waits the same with half of the rate stands in no queue, neither ours nor others': those come and go. */
static bool way_is_longer(const struct rate_control *rate) {
  return rate->wait_least != USEC_NEVER &&
         rate->wait_most - rate->wait_least < RATE_WAIT_SWAYS + rate->wait_least / 8;
}

static void take_longer_way(struct rate_control *rate, usec now) {
  bwe_delay_rebase(&rate->delay, now, rate->wait_least);
  rate->state = RATE_STEADY;
  rate->probe.due = now;
}

/* Half of what we had would have drained a queue of our own. */
static bool others_fill_it(const struct rate_control *rate, usec now) {
  return rate->state == RATE_DRAINING && now - rate->drain_since > RATE_COMPETE_AFTER &&
         rate->sent < rate->drain_least * 3 / 2;
}

/* Back to what was measured: near the most, for repairs that come twice are not told of and hide a part, and jitter
 * makes some of it too much. */
static void drained(struct rate_control *rate, usec now) {
  if (rate->state == RATE_DRAINING && rate->drain_capacity > 0 && rate->drain_capacity < rate->drain_before)
    rate->target = rate->drain_capacity * RATE_AFTER_DRAIN_PERCENT / 100;
  rate->state = RATE_STEADY;
  if (rate->target * 100 < rate->drain_before * RATE_CHANGED_PERCENT)
    bwe_probe_anew(&rate->probe, now);
}

/* What the application left unused is not proven, nor is what is far beyond what arrives. */
static bool may_grow(const struct rate_control *rate) {
  if (rate->target < RATE_UNPROVEN)
    return true;
  bps arrives = rate->delivery.rate;
  return rate->sent * 100 >= rate->target * RATE_USED_PERCENT &&
         rate->target * 100 <= arrives * RATE_HEADROOM_PERCENT;
}

static int64_t growth(const struct rate_control *rate, usec now) { /* per mille a second */
  if (rate->state == RATE_STARTING)
    return RATE_START_GROWTH;
  bool near = capacity_known(rate, now) && rate->target * 100 > rate->capacity * 85;
  return near ? RATE_NEAR_GROWTH : RATE_FREE_GROWTH;
}

/* A proportional and integral control of the queue: grows below the aim, shrinks above it, damped by its change. */
static void steer(struct rate_control *rate, usec now, usec span) {
  usec wanted = aim(rate), queue = rate->delay.queue;
  int64_t offset = clamp((wanted - queue) * 1000 / wanted, -3000, 1000);     /* per mille of the aim */
  int64_t change = growth(rate, now) * offset / 1000 * span / SEC(1) * 1000; /* millionths */
  change -= RATE_DAMPING * (queue - rate->queue_before);
  if (change > 0 && !may_grow(rate))
    return;
  rate->target += rate->target * clamp(change, -200000, 200000) / 1000000;
  if (queue > wanted && rate->state == RATE_STARTING)
    rate->state = RATE_STEADY;
}

/* As a TCP flow would: a packet more a round trip, a part less after a loss. */
static void compete(struct rate_control *rate, usec now, usec span, int lost, usec round_trip) {
  usec trip = round_trip > MS(50) ? round_trip : MS(50);
  if (lost > 0 && now - rate->decreased > trip) {
    rate->decreased = now;
    rate->target = rate->target * RATE_YIELD_PERCENT / 100;
  } else if (lost == 0 && may_grow(rate)) {
    rate->target += (int64_t)1200 * 8 * SEC(1) / trip * span / trip;
  }
}

static void control(struct rate_control *rate, usec now, usec span, int lost, usec round_trip) {
  measure(rate, now);
  watch_wait(rate, now);
  bool gone = rate->delay.latest <= aim(rate);
  if (rate->state == RATE_COMPETING && !gone)
    compete(rate, now, span, lost, round_trip);
  else if (rate->state >= RATE_DRAINING && gone)
    drained(rate, now);
  else if (others_fill_it(rate, now) && way_is_longer(rate))
    take_longer_way(rate, now);
  else if (others_fill_it(rate, now))
    rate->state = RATE_COMPETING;
  else if (rate->state == RATE_DRAINING || overused(rate))
    drain(rate, now);
  else
    steer(rate, now, span);
  rate->queue_before = rate->delay.queue;
}

/* A packet that waited so long found the bottleneck busy: its own transmission is part of its delay. */
static usec busy(const struct rate_control *rate) {
  return RATE_BUSY + (usec)1200 * 8 * SEC(1) / (rate->target > RATE_UNPROVEN ? rate->target : RATE_UNPROVEN);
}

/* Of most repairs feedback does not tell: how many bytes of them were sent beside what it names. */
static int64_t untold(struct rate_control *rate, const struct packet_result *result, int count) {
  int64_t before = rate->resent_told, told = 0;
  for (int i = 0; i < count; i++) {
    told += !result[i].lost && result[i].again ? result[i].size : 0;
    rate->resent_told = result[i].resent > rate->resent_told ? result[i].resent : rate->resent_told;
  }
  return clamp(rate->resent_told - before - told, 0, INT64_MAX);
}

static void deliver(struct rate_control *rate, const struct packet_result *result, int count) {
  int64_t bytes = 0, repairs = untold(rate, result, count);
  usec last = INT64_MIN;
  bool held = false; /* what little sound there is has not filled the bottleneck */
  for (int i = 0; i < count; i++) {
    if (result[i].lost)
      continue;
    bytes += result[i].size;
    held |= hold_covers(&rate->hold, result[i].sent);
    last = result[i].arrived > last ? result[i].arrived : last;
  }
  bool waited = rate->delay.least > busy(rate) && rate->latest_before > RATE_BUSY;
  bool unsure = repairs * 100 > bytes * DELIVERY_UNTOLD_PERCENT;
  if (bytes > 0)
    delivery_input(&rate->delivery, last, (bytes + (unsure ? repairs : 0)) * 8, waited && !held && !unsure);
}

static bool probe_due(const struct rate_control *rate, usec now) {
  bool free = rate->delay.queue < aim(rate) / 2 && rate->loss.state == BWE_LOSS_WATCHING && rate->delivery.rate > 0;
  return rate->state <= RATE_STEADY && free && rate->target < rate->max && rate->probe.state == BWE_PROBE_IDLE &&
         now >= rate->probe.due && rate->before_silence == 0;
}

bps rate_control_probe(struct rate_control *rate, usec now) {
  if (probe_due(rate, now)) {
    int percent = rate->state == RATE_STARTING && rate->target == RATE_START ? PROBE_START_PERCENT : PROBE_PERCENT;
    bps most = rate->max * 110 / 100, wanted = rate->target * percent / 100;
    bwe_probe_start(&rate->probe, now, earlier(wanted > PROBE_RATE_MIN ? wanted : PROBE_RATE_MIN, most));
  }
  return bwe_probe_sending(&rate->probe, now) ? rate->probe.rate : 0;
}

/* What went through has met no bottleneck: one measured before is gone. What was spread measures one, but takes
 * more of it than its share beside others; where it is known already that teaches nothing. */
static void believe(struct rate_control *rate, usec now, bps believed, bool through) {
  if (believed <= rate->target || rate->state > RATE_STEADY || (!through && capacity_known(rate, now)))
    return;
  rate->target = believed;
  if (!through)
    return;
  if (believed > rate->capacity)
    rate->capacity_at = -1;
  bwe_loss_lift(&rate->loss, believed);
}

static void learn(struct rate_control *rate, usec now, const struct packet_result *result, int count) {
  bps carried = bwe_probe_input(&rate->probe, now, result, count);
  if (carried == 0)
    return;
  bool through = carried * 100 >= rate->probe.rate * PROBE_THROUGH_PERCENT;
  bool bounded = rate->loss.bound != BWE_UNBOUND;
  bwe_probe_judge(&rate->probe, now, through, bounded);
  believe(rate, now, carried * PROBE_BELIEVED_PERCENT / 100, through);
  if (!through && rate->state == RATE_STARTING)
    rate->state = RATE_STEADY;
}

static void tell_hold(struct rate_control *rate, usec now, const struct packet_result *result, int count) {
  for (int i = count - 1; i >= 0; i--)
    if (!result[i].lost) {
      hold_told(&rate->hold, now, result[i].sent);
      return;
    }
}

/* Without those of an outage, which are told of after its end. */
static struct bwe_losses losses(const struct rate_control *rate, const struct packet_result *result, int count) {
  struct bwe_losses losses = {0};
  bool before = false;
  for (int i = 0; i < count; i++) {
    if (result[i].sent < rate->resumed)
      continue;
    losses.packets++;
    losses.lost += result[i].lost;
    losses.runs += result[i].lost && !before;
    before = result[i].lost;
  }
  return losses;
}

static bool queueing(const struct rate_control *rate) {
  return rate->delay.queue > aim(rate) + RATE_OVERUSE / 2 || rate->state >= RATE_DRAINING;
}

bool rate_control_congested(const struct rate_control *rate) {
  return queueing(rate) || (rate->loss.state == BWE_LOSS_WATCHING && rate->loss.bound != BWE_UNBOUND);
}

/* Most of it has been lost for a while: whatever loses it, the path carries what arrives. */
static void heed_delivery(struct rate_control *rate, usec now) {
  bps arrives = rate->delivery.rate;
  if (rate->sent < RATE_VAIN * arrives)
    rate->vain_since = now;
  if (now - rate->vain_since < RATE_VAIN_PATIENCE)
    return;
  rate->target = earlier(rate->target, arrives * RATE_HEADROOM_PERCENT / 100);
  rate->vain_since = now;
}

/* Losses decide; what a probe found before they spoke is not asked again soon. */
static void bound(struct rate_control *rate, usec now, bool watched) {
  if (rate->loss.state != BWE_LOSS_WATCHING) {
    rate->state = rate->state == RATE_STARTING ? RATE_STEADY : rate->state;
    if (watched && rate->loss.before_lift != BWE_UNBOUND)
      bwe_probe_judge(&rate->probe, now, false, true);
    bwe_probe_later(&rate->probe, now);
  }
  rate->target = clamp(earlier(rate->target, rate->loss.bound), RATE_MIN, rate->max);
}

/* The path is back: an outage says little of its rate, and what was lost in it nothing. */
static void resume(struct rate_control *rate, usec now) {
  if (rate->target < rate->before_silence / 2)
    rate->target = rate->before_silence / 2;
  rate->before_silence = 0;
  rate->resumed = rate->vain_since = now;
  bwe_loss_forget(&rate->loss, now);
}

void rate_control_input_feedback(struct rate_control *rate, usec now, const struct packet_result *result, int count,
                                 usec round_trip) {
  if (rate->heard < 0 || count == 0)
    return;
  usec span = clamp(now - rate->heard, MS(1), MS(200));
  rate->heard = now;
  rate->sent_bits = 0;
  tell_hold(rate, now, result, count);
  if (rate->before_silence) {
    resume(rate, now);
    return;
  }
  struct bwe_losses lost = losses(rate, result, count);
  rate->latest_before = rate->delay.latest;
  bool telling = bwe_delay_input(&rate->delay, now, result, count);
  deliver(rate, result, count);
  if (telling)
    control(rate, now, span, (int)lost.lost, round_trip);
  learn(rate, now, result, count);
  bool watched = rate->loss.state == BWE_LOSS_WATCHING;
  bwe_loss_input(&rate->loss, now, &lost, queueing(rate), rate->target, round_trip + BWE_LOSS_SETTLE);
  heed_delivery(rate, now);
  bound(rate, now, watched);
}

void rate_control_input_report(struct rate_control *rate, usec now, int fraction_lost) {
  usec span = now - rate->heard;
  int lost = fraction_lost * 1000 / 256;
  if (!rate->reports_alone || rate->heard < 0 || span < RATE_REPORT_SPACING)
    return;
  bool used = rate->sent * 100 >= rate->target * RATE_USED_PERCENT;
  rate->heard = now;
  rate->sent_bits = 0;
  if (rate->before_silence)
    resume(rate, now);
  else if (lost > RATE_REPORT_MANY)
    rate->target -= rate->target * lost / 2000;
  else if (lost <= RATE_REPORT_FEW && (used || rate->target < RATE_UNPROVEN))
    rate->target += rate->target * RATE_REPORT_GROWTH / 1000 * earlier(span, SEC(1)) / SEC(1);
  rate->target = clamp(rate->target, RATE_MIN, rate->max);
}

static void give_up_waiting(struct rate_control *rate, usec now) { /* feedback is lost: so is much else */
  if (now < rate_control_deadline(rate))
    return;
  if (rate->state == RATE_STARTING)
    rate->state = RATE_STEADY;
  if (rate->before_silence == 0)
    rate->before_silence = rate->target;
  rate->target = clamp(rate->target / 2, RATE_MIN, rate->max);
  rate->heard = now;
  rate->sent_bits = 0;
}

int rate_control_repair_percent(const struct rate_control *rate) {
  return RESEND_PERCENT + (int)(rate->loss.usual / 10000);
}

static bps for_video(const struct rate_control *rate, bps audio) { /* its headers: 60 bytes of 1200 */
  bps rest = rate->target - audio - rate->audio_overhead;
  bps late = rate->waiting * SEC(1) / RATE_DRAIN; /* beyond what one frame's spreading leaves waiting */
  bps spread = rest * 30 / 100;
  bps repairs = earlier(rate->resent, rest * rate_control_repair_percent(rate) / 100);
  rest -= repairs + (late > spread ? late - spread : 0);
  return (rest > 0 ? rest : 0) * 95 / (100 + rate->parity_percent);
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
  bps video = for_video(rate, targets.audio);
  rate->video_on = video >= (rate->video_on ? RATE_VIDEO_MIN : RATE_VIDEO_MIN * 5 / 4);
  targets.video = rate->video_on && !rate->hold.held ? video : 0;
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

/* Beyond what the path itself makes feedback late by: long ways, few packets, lost feedback. */
static usec patience(const struct rate_control *rate) {
  usec late = rate->hold.mean + HOLD_SPREADS * rate->hold.spread;
  if (rate->reports_alone)
    return RATE_REPORT_TIMEOUT;
  return clamp(late, RATE_FEEDBACK_TIMEOUT, RATE_FEEDBACK_LATEST);
}

usec rate_control_deadline(const struct rate_control *rate) {
  return rate->heard < 0 || rate->sent_bits == 0 ? USEC_NEVER : rate->heard + patience(rate);
}
