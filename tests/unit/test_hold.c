#include "media/congestion/hold.h"

#include "unit.h"

enum { STEP = 10 }; /* ms: a packet is sent and, 60 ms later, told of */

/* Runs until `until`; told with that much delay, or not at all. */
static usec run(struct hold *hold, usec from, usec until, usec delay) {
  for (; from < until; from += MS(STEP)) {
    hold_sent(hold, from);
    if (delay)
      hold_told(hold, from, from - delay);
  }
  return until;
}

static void the_first_feedback_is_waited_for_a_while_and_nothing_when_nothing_is_under_way(void **state) {
  (void)state;
  struct hold hold;
  hold_init(&hold);
  assert_false(hold_due(&hold, SEC(1)));
  hold_sent(&hold, SEC(1));
  assert_true(hold_untold(&hold));
  assert_false(hold_due(&hold, SEC(1) + HOLD_FIRST));
  assert_true(hold_due(&hold, SEC(1) + HOLD_FIRST + MS(1)));
  assert_false(hold_due(&hold, SEC(9)));
  hold_told(&hold, SEC(9), SEC(1));
  assert_false(hold_untold(&hold));
  assert_false(hold_due(&hold, SEC(99)));
}

static void overdue_feedback_holds_and_fresh_feedback_lets_go(void **state) {
  (void)state;
  struct hold hold;
  hold_init(&hold);
  usec now = run(&hold, SEC(1), SEC(5), MS(60));
  assert_false(hold_due(&hold, now));
  now = run(&hold, now, now + MS(10), 0);
  assert_false(hold_due(&hold, now));
  now = run(&hold, now, now + MS(50), 0);
  assert_true(hold_due(&hold, now));
  hold_told(&hold, now, now - MS(150)); /* it comes, but speaks of long ago */
  assert_true(hold_due(&hold, now));
  hold_told(&hold, now, now - MS(70));
  assert_false(hold_due(&hold, now));
}

static void a_longer_path_becomes_usual(void **state) {
  (void)state;
  struct hold hold;
  hold_init(&hold);
  usec now = run(&hold, SEC(1), SEC(5), MS(60));
  now = run(&hold, now, now + SEC(1), MS(300));
  assert_false(hold_due(&hold, now));
}

static void feedback_that_comes_seldom_is_waited_for(void **state) {
  (void)state;
  struct hold hold;
  hold_init(&hold);
  usec now = SEC(1);
  for (int i = 0; i < 400; i++)
    now = run(&hold, now, now + MS(STEP), i % 8 == 0 ? MS(60) : 0); /* one in 80 ms */
  assert_false(hold_due(&hold, hold.since + MS(60 + 80 + 20)));
  assert_true(hold_due(&hold, hold.since + MS(60 + 80 + 50)));
}

static void an_outage_is_no_queue(void **state) {
  (void)state;
  struct hold hold;
  hold_init(&hold);
  usec now = run(&hold, SEC(1), SEC(5), MS(60));
  run(&hold, now, now + SEC(2), 0);
  assert_true(hold_due(&hold, now + MS(500)));
  assert_false(hold_due(&hold, now + SEC(1)));
}

static void an_episode_includes_its_breaks(void **state) {
  (void)state;
  struct hold hold;
  hold_init(&hold);
  assert_false(hold_covers(&hold, 0) || hold_recent(&hold, 0));
  hold_set(&hold, SEC(5), true);
  hold_set(&hold, SEC(5) + MS(100), true);
  hold_set(&hold, SEC(5) + MS(150), false);
  hold_set(&hold, SEC(5) + MS(300), true);
  assert_false(hold_covers(&hold, SEC(5) - 1));
  assert_true(hold_covers(&hold, SEC(5)) && hold_covers(&hold, SEC(5) + MS(200)));
  assert_false(hold_covers(&hold, SEC(5) + MS(301)));
  assert_true(hold_recent(&hold, SEC(5) + MS(799)));
  assert_false(hold_recent(&hold, SEC(5) + MS(800)));
  hold_set(&hold, SEC(8), false);
  hold_set(&hold, SEC(9), true);
  assert_false(hold_covers(&hold, SEC(9) - 1));
}

UNIT_TESTS(test(the_first_feedback_is_waited_for_a_while_and_nothing_when_nothing_is_under_way),
           test(overdue_feedback_holds_and_fresh_feedback_lets_go), test(a_longer_path_becomes_usual),
           test(feedback_that_comes_seldom_is_waited_for), test(an_outage_is_no_queue),
           test(an_episode_includes_its_breaks))
