#include "media/congestion/rate_control.h"

#include "media/congestion/feedback.h"
#include "unit.h"

/* A path in a few lines: packets of 1000 bytes at `percent` of the target, a bottleneck, and losses that the rate
 * does not cause. Feedback every 50 ms, at once. */
struct path {
  struct rate_control rate;
  usec now, free_at;
  bps bottleneck; /* 0: none */
  usec delay, limit;
  int percent, loss; /* of the target that is used; of a hundred packets */
  bool repairs;      /* every other packet is one, and its fate is not told */
  int64_t credit;    /* bits, in millionths */
  int64_t resent;    /* bytes */
  uint64_t random;
  usec queue; /* the longest wait of the last batch */
};

enum { SIZE = 1000, DEFAULT_MAX = 0 };

static void path_init(struct path *path) {
  *path = (struct path){
      .now = SEC(1), .delay = MS(25), .limit = MS(200), .percent = 100, .random = 7, .free_at = SEC(1)};
  rate_control_init(&path->rate, DEFAULT_MAX);
}

static struct packet_result send_one(struct path *path, usec at) {
  struct packet_result result = {.sent = at, .size = SIZE, .resent = path->resent};
  rate_control_input_sent(&path->rate, at, SIZE, false);
  if (path->free_at < at || path->bottleneck == 0)
    path->free_at = at;
  usec wait = path->free_at - at;
  result.lost = wait > path->limit || (int)(unit_random(&path->random) % 100) < path->loss;
  if (wait <= path->limit && path->bottleneck)
    path->free_at += (usec)SIZE * 8 * SEC(1) / path->bottleneck;
  result.arrived = path->free_at + path->delay;
  path->queue = wait > path->queue ? wait : path->queue;
  return result;
}

static void batch(struct path *path) {
  struct packet_result result[256];
  int count = 0;
  path->queue = 0;
  for (usec end = path->now + MS(50); path->now < end; path->now += MS(1)) {
    path->credit += path->rate.target * path->percent / 100 * MS(1);
    for (; path->credit > 0 && count < 256; path->credit -= (int64_t)SIZE * 8 * SEC(1)) {
      result[count++] = send_one(path, path->now);
      if (path->repairs) {
        path->resent += send_one(path, path->now).size;
        path->credit -= (int64_t)SIZE * 8 * SEC(1);
      }
    }
  }
  rate_control_input_feedback(&path->rate, path->now, result, count, 2 * path->delay);
}

static void run(struct path *path, usec span) {
  for (usec end = path->now + span; path->now < end;)
    batch(path);
}

static void a_free_path_is_used_up_to_the_maximum(void **state) {
  (void)state;
  struct path path;
  path_init(&path);
  run(&path, SEC(10));
  assert_int_equal(path.rate.target, RATE_MAX);
}

static void packets_leave_in_batches_only_where_nothing_is_in_their_way(void **state) {
  (void)state;
  struct path free, narrow, lossy;
  path_init(&free);
  assert_int_equal(rate_control_ahead(&free.rate, free.now), 0); /* nothing has arrived yet */
  run(&free, SEC(2));
  assert_int_equal(rate_control_ahead(&free.rate, free.now), PACER_AHEAD);
  path_init(&narrow);
  narrow.bottleneck = 800000;
  run(&narrow, SEC(10));
  assert_int_equal(rate_control_ahead(&narrow.rate, narrow.now), 0);
  path_init(&lossy);
  lossy.loss = 10;
  run(&lossy, SEC(10));
  assert_int_equal(rate_control_ahead(&lossy.rate, lossy.now), 0);
}

static void a_bottleneck_is_filled_with_a_short_queue(void **state) {
  (void)state;
  struct path path;
  path_init(&path);
  path.bottleneck = 800000;
  run(&path, SEC(10));
  for (int i = 0; i < 200; i++) {
    batch(&path);
    assert_in_range(path.queue, 0, MS(45));
    assert_in_range(path.rate.target, 640000, 880000);
  }
}

static void a_bottleneck_that_narrows_is_followed_and_its_queue_drained(void **state) {
  (void)state;
  struct path path;
  path_init(&path);
  path.bottleneck = 1700000;
  run(&path, SEC(10));
  path.bottleneck = 500000;
  run(&path, SEC(2));
  assert_in_range(path.rate.target, 350000, 550000);
  assert_true(path.queue < MS(60));
}

/* Feedback on `span` in which packets that waited arrived at a rate. */
static void feed(struct path *path, usec wait, bps arrives, usec span) {
  struct packet_result result[256];
  int count = 0;
  for (usec end = path->now + span; path->now < end; path->now += (usec)SIZE * 8 * SEC(1) / arrives)
    result[count++] = (struct packet_result){
        .sent = path->now - wait - path->delay, .arrived = path->now, .size = SIZE, .resent = path->resent};
  rate_control_input_feedback(&path->rate, path->now, result, count, wait + 2 * path->delay);
}

/* What it carries is told as late as all else comes. */
static void the_first_measure_counts_while_a_queue_drains_however_late_it_comes(void **state) {
  (void)state;
  struct path path;
  path_init(&path);
  rate_control_input_sent(&path.rate, path.now, SIZE, false);
  for (int i = 0; i < 4; i++)
    feed(&path, i < 2 ? 0 : MS(200), 600000, MS(100));
  assert_int_equal(path.rate.state, RATE_DRAINING);
  assert_true(path.rate.target > 250000);
  path.now += MS(500);
  for (int i = 0; i < 2; i++) {
    path.rate.hold.mean = SEC(1);
    feed(&path, MS(900), 48000, MS(300));
  }
  assert_in_range(path.rate.target, RATE_MIN, 60000);
}

static void many_repairs_do_not_hide_what_the_bottleneck_carries(void **state) {
  (void)state;
  struct path path;
  path_init(&path);
  path.bottleneck = 1700000;
  run(&path, SEC(10));
  path.bottleneck = 500000;
  path.repairs = true;
  for (int i = 0; i < 20; i++) {
    batch(&path);
    assert_true(path.rate.capacity > 450000);
  }
}

static void the_peer_may_want_less_and_never_more_than_we_do(void **state) {
  (void)state;
  struct path path;
  path_init(&path);
  rate_control_set_max(&path.rate, 1000000);
  rate_control_set_peer_max(&path.rate, 700000);
  run(&path, SEC(10));
  assert_int_equal(path.rate.target, 700000);
  rate_control_set_peer_max(&path.rate, 5000000);
  run(&path, SEC(10));
  assert_int_equal(path.rate.target, 1000000);
  rate_control_set_peer_max(&path.rate, 0);
  assert_int_equal(path.rate.target, RATE_MIN);
}

static void random_loss_does_not_shrink_the_rate_for_long(void **state) {
  (void)state;
  struct path path;
  path_init(&path);
  path.loss = 10;
  run(&path, SEC(20));
  assert_true(path.rate.target > 1500000);
  assert_in_range(path.rate.loss.usual, 50000, 150000);
}

static void loss_that_the_rate_causes_does(void **state) {
  (void)state;
  struct path path;
  path_init(&path);
  path.bottleneck = 600000;
  path.limit = MS(1); /* no queue worth the name: a policer */
  run(&path, SEC(20));
  assert_in_range(path.rate.target, 350000, 700000);
}

static void far_too_much_is_found_out_though_a_fifth_less_is_too_much_as_well(void **state) {
  (void)state;
  struct path path;
  path_init(&path);
  path.bottleneck = 60000;
  path.limit = MS(1);
  run(&path, SEC(20));
  assert_in_range(path.rate.target, RATE_MIN, RATE_VAIN * 60000 + 10000);
}

static void a_longer_way_is_not_taken_for_a_queue_for_ever(void **state) {
  (void)state;
  struct path path;
  path_init(&path);
  run(&path, SEC(10));
  path.delay = MS(200);
  path.free_at = path.now;
  run(&path, SEC(2));
  assert_true(path.rate.target < RATE_MAX);
  run(&path, SEC(40));
  assert_int_equal(path.rate.target, RATE_MAX);
}

/* Three seconds show that the wait does not depend on the rate. */
static void a_wait_that_stays_with_half_of_the_rate_is_a_longer_way(void **state) {
  (void)state;
  struct path path;
  path_init(&path);
  run(&path, SEC(10));
  path.delay += MS(50);
  run(&path, SEC(1));
  assert_int_equal(path.rate.state, RATE_DRAINING);
  run(&path, SEC(3));
  assert_int_equal(path.rate.state, RATE_STEADY);
  assert_int_equal(path.rate.delay.queue, 0);
  assert_true(path.rate.probe.due <= path.now);
  path.delay -= MS(40); /* and back */
  run(&path, MS(100));
  path.delay += MS(60);
  run(&path, SEC(1));
  assert_int_equal(path.rate.state, RATE_DRAINING);
}

static void what_is_not_used_does_not_grow(void **state) {
  (void)state;
  struct path path;
  path_init(&path);
  path.percent = 20;
  run(&path, SEC(20));
  assert_int_equal(path.rate.target, RATE_START);
}

static void no_feedback_leaves_the_bounds(void **state) {
  (void)state;
  struct rate_control rate;
  uint64_t random = 9;
  rate_control_init(&rate, DEFAULT_MAX);
  for (usec now = SEC(1); now < SEC(100); now += MS(20)) {
    struct packet_result result[8];
    for (int i = 0; i < 8; i++)
      result[i] = (struct packet_result){.sent = now - (usec)(unit_random(&random) % 1000000),
                                         .arrived = (usec)(unit_random(&random) % SEC(65536)),
                                         .size = (int)(unit_random(&random) % 1500),
                                         .lost = unit_random(&random) % 3 == 0,
                                         .again = unit_random(&random) % 3 == 0};
    rate_control_input_sent(&rate, now, 1000, false);
    rate_control_input_feedback(&rate, now, result, 8, (usec)(unit_random(&random) % RTT_MAX));
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
  rate_control_init(&rate, DEFAULT_MAX);
  assert_true(rate_control_poll(&rate, 0, &targets));
  assert_true(rate_control_deadline(&rate) == USEC_NEVER); /* nothing sent, nothing to hear of */
  rate_control_input_sent(&rate, SEC(60), 1000, false);
  assert_true(rate_control_deadline(&rate) == SEC(60) + RATE_FEEDBACK_TIMEOUT);
  assert_false(rate_control_poll(&rate, SEC(60) + RATE_FEEDBACK_TIMEOUT - 1, &targets));
  assert_true(rate_control_poll(&rate, SEC(60) + RATE_FEEDBACK_TIMEOUT, &targets));
  assert_int_equal(rate.target, RATE_START / 2);
  assert_true(rate_control_deadline(&rate) == USEC_NEVER);
}

static void after_an_outage_the_rate_is_soon_back(void **state) {
  (void)state;
  struct path path;
  struct rate_targets targets;
  path_init(&path);
  run(&path, SEC(10));
  for (usec end = path.now + SEC(8); path.now < end; path.now += MS(100)) {
    rate_control_input_sent(&path.rate, path.now, SIZE, false);
    rate_control_poll(&path.rate, path.now, &targets);
  }
  assert_int_equal(path.rate.target, RATE_MIN);
  run(&path, MS(200));
  assert_true(path.rate.target >= RATE_MAX / 2);
}

/* They are told once something comes after them, which is behind the first feedback. */
static void what_an_outage_lost_says_nothing_of_the_rate(void **state) {
  (void)state;
  struct path path;
  struct packet_result result[200];
  struct rate_targets targets;
  path_init(&path);
  run(&path, SEC(10));
  for (usec end = path.now + SEC(2); path.now < end; path.now += MS(10)) {
    int i = (int)((end - path.now) / MS(10)) - 1;
    result[199 - i] = (struct packet_result){.sent = path.now, .size = SIZE, .lost = true};
    rate_control_input_sent(&path.rate, path.now, SIZE, false);
    rate_control_poll(&path.rate, path.now, &targets);
  }
  batch(&path);
  rate_control_input_feedback(&path.rate, path.now, result, 200, 2 * path.delay);
  run(&path, SEC(2));
  assert_true(path.rate.loss.bound == BWE_UNBOUND);
  assert_int_equal(path.rate.loss.usual, 0);
}

static void audio_comes_first_and_steps_down_only_when_little_is_left(void **state) {
  (void)state;
  struct rate_control rate;
  struct rate_targets targets;
  rate_control_init(&rate, DEFAULT_MAX);
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

static void video_makes_room_for_what_waits_and_for_repairs(void **state) {
  (void)state;
  struct rate_control rate;
  struct rate_targets targets, less;
  rate_control_init(&rate, DEFAULT_MAX);
  assert_true(rate_control_poll(&rate, 0, &targets));
  rate_control_set_waiting(&rate, 200000);
  assert_true(rate_control_poll(&rate, 0, &less));
  assert_true(less.video < targets.video * 3 / 4);
  rate_control_set_waiting(&rate, 0);
  for (usec now = SEC(1); now < SEC(1) + MS(900); now += MS(20))
    rate_control_input_sent(&rate, now, 300, true);
  assert_true(rate_control_poll(&rate, SEC(1) + MS(900), &less));
  assert_in_range(targets.video - less.video, 100000, 130000);
}

static void a_small_change_is_not_worth_telling(void **state) {
  (void)state;
  struct rate_control rate;
  struct rate_targets targets;
  rate_control_init(&rate, DEFAULT_MAX);
  rate_control_poll(&rate, 0, &targets);
  rate.target += rate.target / 100;
  assert_false(rate_control_poll(&rate, 0, &targets));
  rate.target += rate.target / 20;
  assert_true(rate_control_poll(&rate, 0, &targets));
}

/* Sends at the target for a second, and hears of it once. */
static void reported_second(struct rate_control *rate, usec *now, int fraction_lost) {
  for (usec end = *now + SEC(1); *now < end; *now += MS(10))
    rate_control_input_sent(rate, *now, (int)(rate->target / 800), false);
  rate_control_input_report(rate, *now, fraction_lost);
}

static void where_reports_are_all_there_is_their_losses_decide(void **state) {
  (void)state;
  struct rate_control rate;
  usec now = SEC(1);
  rate_control_init(&rate, DEFAULT_MAX);
  rate.reports_alone = true;
  for (int i = 0; i < 10; i++)
    reported_second(&rate, &now, 0);
  assert_in_range(rate.target, RATE_START * 2, RATE_START * 22 / 10); /* 8 percent a second */
  bps before = rate.target;
  reported_second(&rate, &now, 256 * 5 / 100);
  assert_int_equal(rate.target, before);
  reported_second(&rate, &now, 256 * 20 / 100);
  assert_in_range(rate.target, before * 89 / 100, before * 91 / 100); /* by half of what was lost */
  rate_control_input_report(&rate, now + MS(1), 128);                 /* the other medium's, of the same second */
  assert_in_range(rate.target, before * 89 / 100, before * 91 / 100);
  for (int i = 0; i < 100; i++)
    reported_second(&rate, &now, 0);
  assert_int_equal(rate.target, RATE_MAX);
  for (int i = 0; i < 100; i++)
    reported_second(&rate, &now, 256);
  assert_int_equal(rate.target, RATE_MIN);
}

static void reports_that_stay_away_halve_the_rate_later_than_feedback_does(void **state) {
  (void)state;
  struct rate_control rate;
  struct rate_targets targets;
  rate_control_init(&rate, DEFAULT_MAX);
  rate.reports_alone = true;
  rate_control_input_sent(&rate, SEC(1), SIZE, false);
  assert_int_equal(rate_control_deadline(&rate), SEC(1) + RATE_REPORT_TIMEOUT);
  rate_control_poll(&rate, SEC(1) + RATE_REPORT_TIMEOUT - 1, &targets);
  assert_int_equal(rate.target, RATE_START);
  rate_control_poll(&rate, SEC(1) + RATE_REPORT_TIMEOUT, &targets);
  assert_int_equal(rate.target, RATE_START / 2);
}

static void who_gives_feedback_is_not_judged_by_reports(void **state) {
  (void)state;
  struct path path;
  path_init(&path);
  run(&path, SEC(1));
  bps before = path.rate.target;
  rate_control_input_report(&path.rate, path.now + SEC(1), 256);
  assert_int_equal(path.rate.target, before);
}

UNIT_TESTS(test(a_free_path_is_used_up_to_the_maximum),
           test(packets_leave_in_batches_only_where_nothing_is_in_their_way),
           test(a_bottleneck_is_filled_with_a_short_queue),
           test(a_bottleneck_that_narrows_is_followed_and_its_queue_drained),
           test(the_peer_may_want_less_and_never_more_than_we_do),
           test(the_first_measure_counts_while_a_queue_drains_however_late_it_comes),
           test(many_repairs_do_not_hide_what_the_bottleneck_carries),
           test(random_loss_does_not_shrink_the_rate_for_long), test(loss_that_the_rate_causes_does),
           test(far_too_much_is_found_out_though_a_fifth_less_is_too_much_as_well),
           test(a_longer_way_is_not_taken_for_a_queue_for_ever),
           test(a_wait_that_stays_with_half_of_the_rate_is_a_longer_way), test(what_is_not_used_does_not_grow),
           test(no_feedback_leaves_the_bounds), test(silence_from_the_peer_halves_the_rate),
           test(after_an_outage_the_rate_is_soon_back), test(what_an_outage_lost_says_nothing_of_the_rate),
           test(audio_comes_first_and_steps_down_only_when_little_is_left),
           test(video_makes_room_for_what_waits_and_for_repairs), test(a_small_change_is_not_worth_telling),
           test(where_reports_are_all_there_is_their_losses_decide),
           test(reports_that_stay_away_halve_the_rate_later_than_feedback_does),
           test(who_gives_feedback_is_not_judged_by_reports))
