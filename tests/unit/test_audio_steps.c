#include "media/congestion/audio_steps.h"

#include "media/recovery/copies.h"

#include "unit.h"

enum { PLENTY = 2000000 };

static struct audio_steps steps;

static bool choose(usec now, bps target, bool pictures) {
  const struct audio_path path = {.target = target, .audio = RATE_AUDIO, .shared = pictures, .round_trip = MS(50)};
  return audio_steps_choose(&steps, now, &path);
}

/* `count` packets of which every n-th and the `run` - 1 before it are lost, then a choice. */
static void send_packets(int count, int n, int run) {
  for (int i = 1; i <= count; i++)
    audio_steps_input(&steps, n && i > run && (i % n == 0 || i % n > n - run));
}

/* Whose beginning is over. */
static void grown_up(void) {
  audio_steps_init(&steps, 0, COPIES_MAX);
  for (int i = 1; i <= STEPS_YOUNG; i++)
    assert_int_equal(audio_steps_sent(&steps), i == STEPS_YOUNG);
  assert_false(audio_steps_sent(&steps));
}

static void expect_step(usec now, bps target, bool pictures, int samples, int copies) {
  choose(now, target, pictures);
  assert_int_equal(steps.now.samples, samples);
  assert_int_equal(steps.now.copies, copies);
  assert_false(steps.now.inband);
}

static void a_clean_path_needs_no_copies(void **state) {
  (void)state;
  grown_up();
  expect_step(SEC(1), RATE_START, true, 960, 0);
  for (int i = 2; i < 100; i++) {
    send_packets(50, 0, 0);
    assert_false(choose(SEC(i), RATE_START, true));
  }
  expect_step(SEC(100), RATE_START, true, 960, 0);
}

static void a_call_begins_with_short_frames_on_any_path(void **state) {
  (void)state;
  audio_steps_init(&steps, 0, COPIES_MAX);
  assert_int_equal(steps.now.samples, 480);
  for (int i = 0; i < STEPS_YOUNG; i++, audio_steps_sent(&steps))
    expect_step(SEC(1), 50000, true, 480, 0);
  expect_step(SEC(1), RATE_START, true, 960, 0); /* they do not count as had already */
}

static void frames_are_short_where_their_headers_are_hardly_missed(void **state) {
  (void)state;
  grown_up();
  expect_step(SEC(1), 790000, true, 960, 0);
  expect_step(SEC(2), 810000, true, 480, 0);
  expect_step(SEC(3), 610000, true, 480, 0);
  expect_step(SEC(4), 590000, true, 960, 0);
  expect_step(SEC(5), 790000, false, 960, 0);
  expect_step(SEC(6), PLENTY, false, 480, 0);
}

static void the_first_loss_of_a_call_brings_the_first_copy(void **state) {
  (void)state;
  grown_up();
  send_packets(20, 0, 0);
  audio_steps_input(&steps, true);
  expect_step(SEC(1), RATE_START, true, 960, 0); /* it may be an outage yet */
  audio_steps_input(&steps, false);
  assert_true(choose(SEC(1), PLENTY, true));
  expect_step(SEC(1), PLENTY, true, 480, 1);
}

static void longer_losses_take_more_copies_up_to_three(void **state) {
  (void)state;
  for (int run = 1; run <= 5; run++) {
    grown_up();
    send_packets(400, 50, run);
    expect_step(SEC(4), PLENTY, true, 480, run < 3 ? run : 3);
  }
}

static void one_packet_in_a_thousand_is_not_worth_a_copy(void **state) {
  (void)state;
  grown_up();
  send_packets(2 * STEPS_MEMORY, 0, 0);
  for (int i = 0; i < 20; i++) {
    send_packets(1000, 1000, 1);
    expect_step(SEC(20 * i), PLENTY, true, 480, 0);
  }
}

static void copies_go_one_by_one_long_after_the_losses(void **state) {
  (void)state;
  grown_up();
  send_packets(400, 40, 2);
  expect_step(SEC(4), PLENTY, true, 480, 2);
  send_packets(400, 0, 0);
  expect_step(SEC(8), PLENTY, true, 480, 2);
  send_packets(STEPS_MEMORY, 0, 0);
  expect_step(SEC(8), PLENTY, true, 480, 2);
  expect_step(SEC(15), PLENTY, true, 480, 1);
  expect_step(SEC(20), PLENTY, true, 480, 1);
  expect_step(SEC(26), PLENTY, true, 480, 0);
}

static void an_outage_changes_nothing(void **state) {
  (void)state;
  grown_up();
  send_packets(2000, 0, 0);
  for (int i = 0; i < 200; i++)
    audio_steps_input(&steps, true);
  send_packets(20, 0, 0);
  expect_step(SEC(30), PLENTY, true, 480, 0);
}

static void what_went_before_the_peers_gate_opened_is_no_loss(void **state) {
  (void)state;
  grown_up();
  for (int i = 0; i < 5; i++)
    audio_steps_input(&steps, true);
  send_packets(50, 0, 0);
  expect_step(SEC(2), PLENTY, true, 480, 0);
}

static void copies_take_what_the_rate_has_room_for(void **state) {
  (void)state;
  static const struct {
    bps target;
    bool pictures;
    int samples, copies;
  } expected[] = {
      {50000, true, 960, 0},   {50000, false, 960, 0},  {190000, true, 960, 0},  {210000, true, 960, 1},
      {265000, true, 480, 1},  {300000, true, 960, 2},  {340000, true, 480, 2},  {380000, true, 960, 3},
      {420000, true, 480, 3},  {145000, false, 960, 0}, {155000, false, 960, 1}, {200000, false, 480, 1},
      {230000, false, 960, 2}, {255000, false, 480, 2}, {300000, false, 960, 3}, {320000, false, 480, 3},
  };
  for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
    grown_up();
    send_packets(400, 20, 4);
    expect_step(SEC(4), expected[i].target, expected[i].pictures, expected[i].samples, expected[i].copies);
    bps sound = RATE_AUDIO + audio_steps_overhead(steps.now, RATE_AUDIO);
    assert_true(steps.now.copies == 0 || sound * 100 <= expected[i].target * STEPS_ALONE_PERCENT);
  }
}

static void a_step_near_the_edge_of_its_room_stays(void **state) {
  (void)state;
  grown_up();
  send_packets(400, 40, 1);
  expect_step(SEC(4), 400000, true, 480, 1);
  expect_step(SEC(5), 250000, true, 480, 1);
  expect_step(SEC(6), 190000, true, 960, 1);
  expect_step(SEC(7), 250000, true, 960, 1);
}

static void frames_of_a_length_that_was_asked_for_keep_it(void **state) {
  (void)state;
  audio_steps_init(&steps, 2880, COPIES_MAX);
  send_packets(400, 40, 1);
  expect_step(SEC(4), PLENTY, true, 2880, 1);
  expect_step(SEC(4), 60000, true, 2880, 0);
}

static void without_room_for_copies_the_codec_tells_of_the_frame_before(void **state) {
  (void)state;
  static const struct {
    int loss_of_100, fixed, most;
    bps target, audio;
    usec round_trip;
    bool inband;
  } expected[] = {
      {5, 0, COPIES_MAX, 150000, RATE_AUDIO, MS(100), true},
      {2, 0, COPIES_MAX, 150000, RATE_AUDIO, MS(100), false},    /* costs more than it brings */
      {5, 480, COPIES_MAX, 150000, RATE_AUDIO, MS(100), false},  /* too large a part of such a frame */
      {5, 960, COPIES_MAX, 150000, RATE_AUDIO, MS(100), true},   /* the length that it takes anyway */
      {5, 2880, COPIES_MAX, 50000, RATE_AUDIO, MS(100), false},  /* too long */
      {5, 0, COPIES_MAX, PLENTY, RATE_AUDIO, MS(100), false},    /* a copy is better */
      {5, 0, 0, PLENTY, RATE_AUDIO, MS(100), true},              /* but not taken by every peer */
      {5, 0, COPIES_MAX, 60000, RATE_AUDIO_LOW, MS(100), false}, /* no room for it in the packet */
      {5, 0, COPIES_MAX, 150000, RATE_AUDIO, MS(50), false},     /* what is asked for again comes in time */
  };
  for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
    const struct audio_path path = {.target = expected[i].target,
                                    .audio = expected[i].audio,
                                    .shared = true,
                                    .round_trip = expected[i].round_trip};
    audio_steps_init(&steps, expected[i].fixed, expected[i].most);
    send_packets(400, 100 / expected[i].loss_of_100, 1);
    audio_steps_choose(&steps, SEC(4), &path);
    assert_int_equal(steps.now.inband, expected[i].inband);
    assert_true(!steps.now.inband || (steps.now.samples == 960 && steps.now.copies == 0));
  }
}

static void in_band_fec_stays_until_half_of_the_loss_is_gone(void **state) {
  (void)state;
  struct audio_path path = {.target = 150000, .audio = RATE_AUDIO, .shared = true, .round_trip = MS(100)};
  audio_steps_init(&steps, 0, COPIES_MAX);
  send_packets(400, 25, 1);
  assert_true(audio_steps_choose(&steps, SEC(8), &path));
  path.round_trip = MS(40); /* not to and fro with it */
  send_packets(1100, 50, 1);
  assert_false(audio_steps_choose(&steps, SEC(28), &path));
  assert_true(steps.now.inband);
  send_packets(1100, 100, 1);
  assert_true(audio_steps_choose(&steps, SEC(50), &path));
  assert_false(steps.now.inband);
}

static void headers_and_copies_are_counted(void **state) {
  (void)state;
  const struct audio_step plain = {960, 0, false}, quick = {480, 2, false};
  assert_int_equal(audio_steps_overhead(plain, RATE_AUDIO), RATE_AUDIO_OVERHEAD);
  assert_int_equal(audio_steps_overhead(quick, RATE_AUDIO), 2 * RATE_AUDIO + 100 * 8 * (60 + 9));
}

UNIT_TESTS(test(a_clean_path_needs_no_copies), test(a_call_begins_with_short_frames_on_any_path),
           test(frames_are_short_where_their_headers_are_hardly_missed),
           test(the_first_loss_of_a_call_brings_the_first_copy), test(longer_losses_take_more_copies_up_to_three),
           test(one_packet_in_a_thousand_is_not_worth_a_copy), test(copies_go_one_by_one_long_after_the_losses),
           test(an_outage_changes_nothing), test(what_went_before_the_peers_gate_opened_is_no_loss),
           test(copies_take_what_the_rate_has_room_for), test(a_step_near_the_edge_of_its_room_stays),
           test(frames_of_a_length_that_was_asked_for_keep_it),
           test(without_room_for_copies_the_codec_tells_of_the_frame_before),
           test(in_band_fec_stays_until_half_of_the_loss_is_gone), test(headers_and_copies_are_counted))
