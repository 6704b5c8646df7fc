#include "media/congestion/fec_steps.h"

#include "unit.h"

enum { PLENTY = 2000000 };

static struct fec_steps steps;

/* `count` packets of which every n-th and the `run` - 1 before it are lost. */
static void send_packets(int count, int n, int run) {
  for (int i = 1; i <= count; i++)
    fec_steps_input(&steps, n && (i % n == 0 || i % n > n - run));
}

static void expect_step(usec now, usec round_trip, bps video, int percent) {
  bool changed = steps.percent != percent;
  assert_int_equal(fec_steps_choose(&steps, now, round_trip, video), changed);
  assert_int_equal(steps.percent, percent);
}

static void a_clean_path_has_no_parity(void **state) {
  (void)state;
  fec_steps_init(&steps);
  expect_step(0, MS(50), PLENTY, 0);
  send_packets(10000, 0, 0);
  expect_step(SEC(1), MS(50), PLENTY, 0);
  send_packets(10000, 100, 1); /* 1 % */
  expect_step(SEC(2), MS(50), PLENTY, 0);
}

static void more_losses_take_more_parity_in_coarse_steps(void **state) {
  (void)state;
  static const struct {
    int n, percent;
  } cases[] = {{50, FEC_LITTLE}, {25, FEC_LITTLE}, {15, FEC_SOME}, {10, FEC_SOME}, {5, FEC_MUCH}, {3, FEC_MUCH}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    fec_steps_init(&steps);
    send_packets(600, cases[i].n, 1);
    expect_step(SEC(1), MS(50), PLENTY, cases[i].percent);
  }
}

static void long_runs_of_losses_take_little(void **state) {
  (void)state;
  fec_steps_init(&steps);
  send_packets(600, 20, 4); /* 20 % */
  expect_step(SEC(1), MS(50), PLENTY, FEC_LITTLE);
}

static void where_asking_again_is_quick_there_is_none(void **state) {
  (void)state;
  fec_steps_init(&steps);
  send_packets(600, 10, 1);
  expect_step(SEC(1), 0, PLENTY, 0); /* not known yet */
  expect_step(SEC(1), FEC_ROUND_TRIP_MIN - 1, PLENTY, 0);
  expect_step(SEC(1), FEC_ROUND_TRIP_MIN, PLENTY, FEC_SOME);
}

static void where_pictures_have_little_there_is_none_at_once(void **state) {
  (void)state;
  fec_steps_init(&steps);
  send_packets(600, 10, 1);
  expect_step(SEC(1), MS(50), FEC_RATE_MIN * 5 / 4, 0);
  expect_step(SEC(1), MS(50), PLENTY, FEC_SOME);
  expect_step(SEC(1), MS(50), FEC_RATE_MIN * 5 / 4, FEC_SOME); /* what there is need not end so soon */
  expect_step(SEC(1), MS(50), FEC_RATE_MIN - 1, 0);
}

static void a_few_packets_tell_nothing(void **state) {
  (void)state;
  fec_steps_init(&steps);
  send_packets(FEC_PACKETS_MIN - 1, 5, 1);
  expect_step(SEC(1), MS(50), PLENTY, 0);
}

static void up_at_once_and_down_after_a_while(void **state) {
  (void)state;
  fec_steps_init(&steps);
  send_packets(600, 5, 1);
  expect_step(SEC(1), MS(50), PLENTY, FEC_MUCH);
  send_packets(3000, 0, 0);
  expect_step(SEC(2), MS(50), PLENTY, FEC_MUCH);
  expect_step(SEC(1) + FEC_PATIENCE, MS(50), PLENTY, FEC_MUCH);
  expect_step(SEC(1) + FEC_PATIENCE + 1, MS(50), PLENTY, 0);
}

static bool layered_after(int packets, int n) {
  fec_steps_init(&steps);
  send_packets(packets, n, 1);
  fec_steps_choose(&steps, SEC(1), MS(50), PLENTY);
  return steps.layered;
}

static void layers_are_for_what_parity_cannot_bring_back(void **state) {
  (void)state;
  assert_false(layered_after(600, 0));
  assert_false(layered_after(600, 10));
  assert_false(layered_after(600, 5));
  assert_true(layered_after(600, 3));
  assert_false(layered_after(LAYERS_PACKETS_MIN - 1, 3));
  assert_true(layered_after(LAYERS_PACKETS_MIN, 3));
}

static void layers_end_after_a_while_and_with_parity_at_once(void **state) {
  (void)state;
  assert_true(layered_after(600, 3));
  send_packets(600, 6, 1); /* parity stays as it is for a while, and layers for as long */
  assert_false(fec_steps_choose(&steps, SEC(1) + FEC_PATIENCE, MS(50), PLENTY));
  assert_true(steps.layered);
  assert_true(fec_steps_choose(&steps, SEC(1) + FEC_PATIENCE + 1, MS(50), PLENTY));
  assert_false(steps.layered);
  assert_true(layered_after(600, 3));
  assert_true(fec_steps_choose(&steps, SEC(2), MS(50), FEC_RATE_MIN - 1));
  assert_false(steps.layered);
}

UNIT_TESTS(test(a_clean_path_has_no_parity), test(more_losses_take_more_parity_in_coarse_steps),
           test(long_runs_of_losses_take_little), test(where_asking_again_is_quick_there_is_none),
           test(where_pictures_have_little_there_is_none_at_once), test(a_few_packets_tell_nothing),
           test(up_at_once_and_down_after_a_while), test(layers_are_for_what_parity_cannot_bring_back),
           test(layers_end_after_a_while_and_with_parity_at_once))
