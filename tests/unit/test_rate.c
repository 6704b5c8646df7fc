#include "signaling/rate.h"

#include "unit.h"

static void a_burst_passes_and_then_the_rate(void **state) {
  struct rate rate;
  (void)state;
  rate_init(&rate, SEC(5), 10, 3);
  for (int i = 0; i < 3; i++)
    assert_true(rate_take(&rate, SEC(5), 1));
  assert_false(rate_take(&rate, SEC(5), 1));
  assert_false(rate_take(&rate, SEC(5) + MS(100) - 1, 1));
  assert_true(rate_take(&rate, SEC(5) + MS(100), 1));
}

static void it_is_ready_when_it_says_so_and_not_before(void **state) {
  struct rate rate;
  (void)state;
  for (int per_second = 1; per_second < 40; per_second++) {
    rate_init(&rate, 7, per_second, 20);
    assert_true(rate_take(&rate, 7, 20));
    usec ready = rate_ready_at(&rate, 5);
    assert_false(rate_take(&rate, ready - 1, 5));
    assert_true(rate_take(&rate, ready, 5));
  }
}

static void a_long_pause_fills_no_more_than_the_burst(void **state) {
  struct rate rate;
  (void)state;
  rate_init(&rate, 0, 1000, 2);
  assert_true(rate_take(&rate, INT64_MAX / 2, 2));
  assert_false(rate_take(&rate, INT64_MAX / 2, 1));
}

static void a_clock_that_steps_back_gives_nothing(void **state) {
  struct rate rate;
  (void)state;
  rate_init(&rate, SEC(10), 10, 1);
  assert_true(rate_take(&rate, SEC(10), 1));
  assert_false(rate_take(&rate, SEC(1), 1));
  assert_false(rate_take(&rate, SEC(10), 1));
  assert_true(rate_take(&rate, SEC(10) + MS(100), 1));
}

static void a_debt_has_an_end_and_is_paid_back(void **state) {
  struct rate rate;
  (void)state;
  rate_init(&rate, 0, 10, 1);
  for (int i = 0; i < 6; i++)
    assert_true(rate_force(&rate, 0, 1, 5));
  assert_false(rate_force(&rate, 0, 1, 5));
  assert_false(rate_take(&rate, MS(599), 1));
  assert_true(rate_take(&rate, MS(600), 1));
}

UNIT_TESTS(test(a_burst_passes_and_then_the_rate), test(it_is_ready_when_it_says_so_and_not_before),
           test(a_long_pause_fills_no_more_than_the_burst), test(a_clock_that_steps_back_gives_nothing),
           test(a_debt_has_an_end_and_is_paid_back))
