#include "media/congestion/rate_control.h"

#include "unit.h"

/* One second of sending at `rate` percent of the target, then a report. */
static usec second(struct rate_control *rate, usec now, int percent, double loss, usec rtt) {
  int64_t bytes = rate->target * percent / 100 / 8;
  for (int i = 0; i < 100; i++)
    rate_control_input_sent(rate, now + MS(10 * i), (size_t)bytes / 100);
  rate_control_input_report(rate, now + SEC(1), loss, rtt);
  return now + SEC(1);
}

static void a_clean_path_is_used_up_to_the_maximum(void **state) {
  (void)state;
  struct rate_control rate;
  rate_control_init(&rate, 1000000);
  usec now = 0;
  for (int i = 0; i < 20; i++)
    now = second(&rate, now, 95, 0, MS(40));
  assert_int_equal(rate.target, 1000000);
}

static void the_start_is_fast_until_the_first_sign_of_congestion(void **state) {
  (void)state;
  struct rate_control rate;
  rate_control_init(&rate, 0);
  usec now = second(&rate, 0, 95, 0, MS(40));
  assert_true(rate.target > RATE_START * 14 / 10);
  now = second(&rate, now, 95, 0.05, MS(40)); /* a sign: hold */
  bps held = rate.target;
  assert_int_equal(second(&rate, now, 95, 0, MS(40)), now + SEC(1));
  assert_in_range(rate.target, held * 105 / 100, held * 110 / 100);
}

static void loss_in_between_holds_and_high_loss_shrinks(void **state) {
  (void)state;
  struct rate_control rate;
  rate_control_init(&rate, 0);
  usec now = second(&rate, 0, 95, 0.05, MS(40));
  assert_int_equal(rate.target, RATE_START);
  second(&rate, now, 95, 0.20, MS(40));
  assert_int_equal(rate.target, RATE_START * 9 / 10);
}

static void one_congestion_shrinks_once(void **state) {
  (void)state;
  struct rate_control rate;
  rate_control_init(&rate, 0);
  second(&rate, 0, 95, 0.20, MS(40));
  bps once = rate.target;
  rate_control_input_report(&rate, SEC(1) + MS(100), 0.20, MS(40));
  assert_int_equal(rate.target, once);
}

static void a_growing_round_trip_shrinks_without_loss(void **state) {
  (void)state;
  struct rate_control rate;
  rate_control_init(&rate, 0);
  usec now = second(&rate, 0, 95, 0, MS(40));
  bps before = rate.target;
  now = second(&rate, now, 95, 0, MS(160)); /* once may be chance: hold */
  assert_int_equal(rate.target, before);
  second(&rate, now, 95, 0, MS(160));
  assert_true(rate.target <= before * 85 / 100);
}

static void a_longer_path_is_not_taken_for_a_queue_for_ever(void **state) {
  (void)state;
  struct rate_control rate;
  rate_control_init(&rate, 0);
  usec now = second(&rate, 0, 95, 0, MS(40));
  for (int i = 0; i < 25; i++)
    now = second(&rate, now, 95, 0, MS(400));
  bps settled = rate.target;
  second(&rate, now, 95, 0, MS(400));
  assert_true(rate.target > settled);
}

static void what_is_not_used_does_not_grow(void **state) {
  (void)state;
  struct rate_control rate;
  rate_control_init(&rate, 0);
  usec now = 0;
  for (int i = 0; i < 20; i++)
    now = second(&rate, now, 10, 0, MS(40));
  assert_int_equal(rate.target, RATE_START);
}

static void no_report_leaves_the_bounds(void **state) {
  (void)state;
  struct rate_control rate;
  uint64_t random = 9;
  rate_control_init(&rate, 0);
  usec now = 0;
  for (int i = 0; i < 500; i++) {
    double loss = (double)(unit_random(&random) % 101) / 100;
    now = second(&rate, now, (int)(unit_random(&random) % 200), loss, (usec)(unit_random(&random) % RTT_MAX));
    assert_in_range(rate.target, RATE_MIN, RATE_MAX);
  }
  rate_control_set_max(&rate, 1);
  assert_int_equal(rate.target, RATE_MIN);
  rate_control_set_max(&rate, INT64_MAX);
  assert_int_equal(rate.max, RATE_CEILING);
}

static void silence_from_the_peer_halves_the_rate(void **state) {
  (void)state;
  struct rate_control rate;
  struct rate_targets targets;
  rate_control_init(&rate, 0);
  assert_true(rate_control_poll(&rate, 0, &targets));
  assert_true(rate_control_deadline(&rate) == USEC_NEVER); /* nothing sent, nothing to hear of */
  rate_control_input_sent(&rate, SEC(60), 1000);
  assert_true(rate_control_deadline(&rate) == SEC(60) + RATE_REPORT_TIMEOUT);
  assert_false(rate_control_poll(&rate, SEC(60) + RATE_REPORT_TIMEOUT - 1, &targets));
  assert_true(rate_control_poll(&rate, SEC(60) + RATE_REPORT_TIMEOUT, &targets));
  assert_int_equal(rate.target, RATE_START / 2);
  assert_true(rate_control_deadline(&rate) == USEC_NEVER);
}

static void audio_comes_first_and_steps_down_only_when_little_is_left(void **state) {
  (void)state;
  struct rate_control rate;
  struct rate_targets targets;
  rate_control_init(&rate, 0);
  assert_true(rate_control_poll(&rate, 0, &targets));
  assert_int_equal(targets.audio, RATE_AUDIO);
  assert_true(targets.video > RATE_VIDEO_MIN);
  assert_true(targets.audio + RATE_AUDIO_OVERHEAD + targets.video <= rate.target);
  rate_control_set_max(&rate, 100000);
  assert_true(rate_control_poll(&rate, 0, &targets));
  assert_int_equal(targets.audio, RATE_AUDIO);
  assert_int_equal(targets.video, 0); /* too little for a picture */
  rate_control_set_max(&rate, RATE_MIN);
  assert_true(rate_control_poll(&rate, 0, &targets));
  assert_int_equal(targets.audio, RATE_AUDIO_LOW);
  assert_false(rate_control_poll(&rate, 0, &targets));
}

static void a_small_change_is_not_worth_telling(void **state) {
  (void)state;
  struct rate_control rate;
  struct rate_targets targets;
  rate_control_init(&rate, 0);
  rate_control_poll(&rate, 0, &targets);
  rate.target += rate.target / 100;
  assert_false(rate_control_poll(&rate, 0, &targets));
  rate.target += rate.target / 20;
  assert_true(rate_control_poll(&rate, 0, &targets));
}

UNIT_TESTS(test(a_clean_path_is_used_up_to_the_maximum), test(the_start_is_fast_until_the_first_sign_of_congestion),
           test(loss_in_between_holds_and_high_loss_shrinks), test(one_congestion_shrinks_once),
           test(a_growing_round_trip_shrinks_without_loss), test(a_longer_path_is_not_taken_for_a_queue_for_ever),
           test(what_is_not_used_does_not_grow), test(no_report_leaves_the_bounds),
           test(silence_from_the_peer_halves_the_rate),
           test(audio_comes_first_and_steps_down_only_when_little_is_left),
           test(a_small_change_is_not_worth_telling))
