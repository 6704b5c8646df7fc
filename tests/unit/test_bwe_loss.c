#include "media/congestion/bwe_loss.h"

#include "unit.h"

static const bps rate = 1000000;

/* Windows of a hundred packets of which `lost` were, one a second; `congested`: fewer below the test's rate. */
static void windows(struct bwe_loss *loss, usec *now, int count, int lost, bool congested, bool queueing) {
  for (int i = 0; i < 2 * count; i++) {
    bool lowered = congested && loss->bound < rate;
    *now += MS(500);
    int missing = lowered ? 0 : lost / 2;
    bwe_loss_input(loss, *now, &(struct bwe_losses){50, missing, missing}, queueing, rate, MS(300));
  }
}

static void loss_that_a_lower_rate_does_not_change_is_the_paths_own(void **state) {
  (void)state;
  struct bwe_loss loss;
  usec now = 0;
  bwe_loss_init(&loss);
  windows(&loss, &now, 2, 0, false, false);
  windows(&loss, &now, 1, 20, false, false);
  assert_int_equal(loss.state, BWE_LOSS_SETTLING);
  assert_int_equal(loss.bound, rate * BWE_LOSS_TEST_PERCENT / 100);
  windows(&loss, &now, 3, 20, false, false);
  assert_true(loss.bound == BWE_UNBOUND);
  assert_int_equal(loss.usual, 200000);
  windows(&loss, &now, 10, 20, false, false); /* known now: no more tests */
  assert_true(loss.bound == BWE_UNBOUND);
}

static void loss_that_falls_with_the_rate_is_a_bound(void **state) {
  (void)state;
  struct bwe_loss loss;
  usec now = 0;
  bwe_loss_init(&loss);
  windows(&loss, &now, 1, 20, true, false);
  bps bound = loss.bound;
  assert_int_equal(bound, rate * BWE_LOSS_TEST_PERCENT / 100);
  windows(&loss, &now, 3, 20, true, false);
  assert_in_range(loss.bound, bound, bound * 11 / 10); /* stays, and grows slowly */
  assert_true(loss.usual < 10000);
}

static void a_queue_explains_losses_and_they_teach_nothing(void **state) {
  (void)state;
  struct bwe_loss loss;
  usec now = 0;
  bwe_loss_init(&loss);
  windows(&loss, &now, 5, 20, false, true);
  assert_true(loss.bound == BWE_UNBOUND);
  assert_int_equal(loss.usual, 0);
}

static void a_few_losses_are_chance(void **state) {
  (void)state;
  struct bwe_loss loss;
  usec now = 0;
  bwe_loss_init(&loss);
  windows(&loss, &now, 20, 4, false, false);
  assert_true(loss.bound == BWE_UNBOUND);
  assert_in_range(loss.usual, 30000, 40000);
}

static void two_bursts_are_less_of_a_sign_than_as_many_single_losses(void **state) {
  (void)state;
  for (int runs = 2; runs <= 12; runs += 10) {
    struct bwe_loss loss;
    bwe_loss_init(&loss);
    bwe_loss_input(&loss, SEC(1), &(struct bwe_losses){100, 12, runs}, false, rate, MS(300));
    assert_int_equal(loss.bound == BWE_UNBOUND, runs == 2);
  }
}

static void a_lifted_bound_is_back_at_once_when_losses_are(void **state) {
  (void)state;
  struct bwe_loss loss;
  usec now = 0;
  bwe_loss_init(&loss);
  bwe_loss_lift(&loss, 2 * rate);
  assert_true(loss.bound == BWE_UNBOUND); /* there is none to lift */
  windows(&loss, &now, 4, 20, true, false);
  bps before = loss.bound;
  bwe_loss_lift(&loss, before / 2);
  assert_int_equal(loss.bound, before);
  bwe_loss_lift(&loss, 2 * rate);
  assert_int_equal(loss.bound, 2 * rate);
  windows(&loss, &now, 1, 20, true, false);
  assert_int_equal(loss.bound, before * BWE_LOSS_TEST_PERCENT / 100);
}

static void what_an_outage_lost_can_be_forgotten(void **state) {
  (void)state;
  struct bwe_loss loss;
  bwe_loss_init(&loss);
  bwe_loss_input(&loss, MS(10), &(struct bwe_losses){100, 100, 1}, false, rate, MS(300));
  bwe_loss_forget(&loss, MS(20));
  bwe_loss_input(&loss, SEC(2), &(struct bwe_losses){100, 0, 0}, false, rate, MS(300));
  assert_true(loss.bound == BWE_UNBOUND);
}

UNIT_TESTS(test(loss_that_a_lower_rate_does_not_change_is_the_paths_own),
           test(loss_that_falls_with_the_rate_is_a_bound), test(a_queue_explains_losses_and_they_teach_nothing),
           test(a_few_losses_are_chance), test(two_bursts_are_less_of_a_sign_than_as_many_single_losses),
           test(a_lifted_bound_is_back_at_once_when_losses_are), test(what_an_outage_lost_can_be_forgotten))
