#include "media/congestion/audio_steps.h"

#include "unit.h"

enum { PLENTY = 2000000 };

static struct audio_steps steps;

/* `count` packets of which every n-th and the `run` - 1 before it are lost, then a choice. */
static void send_packets(int count, int n, int run) {
  for (int i = 1; i <= count; i++)
    audio_steps_input(&steps, n && i > run && (i % n == 0 || i % n > n - run));
}

/* Whose beginning is over. */
static void grown_up(void) {
  audio_steps_init(&steps, 0);
  for (int i = 1; i <= STEPS_YOUNG; i++)
    assert_int_equal(audio_steps_sent(&steps), i == STEPS_YOUNG);
  assert_false(audio_steps_sent(&steps));
}

static void expect_step(usec now, bps target, bool pictures, int samples, int copies) {
  audio_steps_choose(&steps, now, target, RATE_AUDIO, pictures);
  assert_int_equal(steps.now.samples, samples);
  assert_int_equal(steps.now.copies, copies);
}

static void a_clean_path_needs_no_copies(void **state) {
  (void)state;
  grown_up();
  expect_step(SEC(1), RATE_START, true, 960, 0);
  for (int i = 2; i < 100; i++) {
    send_packets(50, 0, 0);
    assert_false(audio_steps_choose(&steps, SEC(i), RATE_START, RATE_AUDIO, true));
  }
  expect_step(SEC(100), RATE_START, true, 960, 0);
}

static void a_call_begins_with_short_frames_on_any_path(void **state) {
  (void)state;
  audio_steps_init(&steps, 0);
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
  assert_true(audio_steps_choose(&steps, SEC(1), PLENTY, RATE_AUDIO, true));
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
      {50000, true, 960, 0},   {50000, false, 960, 0},  {200000, true, 960, 0},  {300000, true, 960, 1},
      {400000, true, 480, 1},  {520000, true, 480, 2},  {800000, true, 480, 3},  {150000, false, 960, 1},
      {200000, false, 480, 1}, {260000, false, 480, 2}, {400000, false, 480, 3},
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
  expect_step(SEC(5), 330000, true, 480, 1);
  expect_step(SEC(6), 250000, true, 960, 1);
  expect_step(SEC(7), 330000, true, 960, 1);
}

static void frames_of_a_length_that_was_asked_for_keep_it(void **state) {
  (void)state;
  audio_steps_init(&steps, 2880);
  send_packets(400, 40, 1);
  expect_step(SEC(4), PLENTY, true, 2880, 1);
  expect_step(SEC(4), 60000, true, 2880, 0);
}

static void headers_and_copies_are_counted(void **state) {
  (void)state;
  const struct audio_step plain = {960, 0}, quick = {480, 2};
  assert_int_equal(audio_steps_overhead(plain, RATE_AUDIO), RATE_AUDIO_OVERHEAD);
  assert_int_equal(audio_steps_overhead(quick, RATE_AUDIO), 2 * RATE_AUDIO + 100 * 8 * (60 + 9));
}

UNIT_TESTS(test(a_clean_path_needs_no_copies), test(a_call_begins_with_short_frames_on_any_path),
           test(frames_are_short_where_their_headers_are_hardly_missed),
           test(the_first_loss_of_a_call_brings_the_first_copy), test(longer_losses_take_more_copies_up_to_three),
           test(one_packet_in_a_thousand_is_not_worth_a_copy), test(copies_go_one_by_one_long_after_the_losses),
           test(an_outage_changes_nothing), test(what_went_before_the_peers_gate_opened_is_no_loss),
           test(copies_take_what_the_rate_has_room_for), test(a_step_near_the_edge_of_its_room_stays),
           test(frames_of_a_length_that_was_asked_for_keep_it), test(headers_and_copies_are_counted))
