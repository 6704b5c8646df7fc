#include "media/congestion/arrivals.h"

#include "unit.h"

static struct arrivals arrivals;
static struct ccfb_report report;

static void each_packet_is_told_of_twice(void **state) {
  (void)state;
  arrivals_init(&arrivals);
  assert_false(arrivals_report(&arrivals, SEC(1), &report));
  for (int64_t seq = 0x1fffe; seq < 0x20002; seq++)
    arrivals_input(&arrivals, SEC(1), seq);
  assert_true(arrivals_report(&arrivals, SEC(1) + MS(125), &report));
  assert_int_equal(report.begin, 0xfffe);
  assert_int_equal(report.count, 4);
  assert_int_equal(report.metric[3], CCFB_RECEIVED | 128);
  assert_false(arrivals_report(&arrivals, SEC(2), &report)); /* no news */
  arrivals_input(&arrivals, SEC(2), 0x20002);
  assert_true(arrivals_report(&arrivals, SEC(2), &report));
  assert_int_equal(report.begin, 0xfffe);
  assert_int_equal(report.count, 5);
  assert_int_equal(report.metric[4], CCFB_RECEIVED);
  arrivals_input(&arrivals, SEC(3), 0x20003);
  assert_true(arrivals_report(&arrivals, SEC(3), &report));
  assert_int_equal(report.begin, 2);
  assert_int_equal(report.count, 2);
}

static void a_hole_is_told_as_lost_and_its_late_packet_in_the_next_report(void **state) {
  (void)state;
  arrivals_init(&arrivals);
  arrivals_input(&arrivals, SEC(1), 100);
  arrivals_input(&arrivals, SEC(1), 102);
  assert_true(arrivals_report(&arrivals, SEC(1), &report));
  assert_int_equal(report.count, 3);
  assert_int_equal(report.metric[1], CCFB_LOST);
  arrivals_input(&arrivals, SEC(1) + MS(500), 101);
  assert_true(arrivals_report(&arrivals, SEC(2), &report));
  assert_int_equal(report.metric[1], CCFB_RECEIVED | 512);
}

static void what_is_too_old_or_too_long_ago_is_bounded(void **state) {
  (void)state;
  arrivals_init(&arrivals);
  arrivals_input(&arrivals, 0, 1000);
  arrivals_input(&arrivals, SEC(20), 1001);
  assert_true(arrivals_report(&arrivals, SEC(20), &report));
  assert_int_equal(ccfb_offset(report.metric[0]), CCFB_OFFSET_OVER);
  arrivals_input(&arrivals, SEC(21), 1001 + ARRIVALS * 3); /* a jump */
  arrivals_input(&arrivals, SEC(21), 1002);                /* long out of the ring */
  assert_true(arrivals_report(&arrivals, SEC(21), &report));
  assert_int_equal(report.count, CCFB_REPORTS_MAX);
  for (int i = 0; i < CCFB_REPORTS_MAX; i++)
    assert_int_equal(report.metric[i], i == CCFB_REPORTS_MAX - 1 ? CCFB_RECEIVED : CCFB_LOST);
}

static void timestamps_and_offsets_count_the_same_ticks(void **state) {
  (void)state;
  uint64_t random = 5;
  for (int i = 0; i < 1000; i++) {
    usec at = (usec)(unit_random(&random) % 100000000000u), now = at + (usec)(unit_random(&random) % 1000000);
    arrivals_init(&arrivals);
    arrivals_input(&arrivals, at, 5);
    assert_true(arrivals_report(&arrivals, now, &report));
    uint32_t arrived = arrivals_timestamp(now) - (uint32_t)ccfb_offset(report.metric[0]) * 64;
    assert_int_equal(arrived, arrivals_timestamp(at));
  }
}

UNIT_TESTS(test(each_packet_is_told_of_twice), test(a_hole_is_told_as_lost_and_its_late_packet_in_the_next_report),
           test(what_is_too_old_or_too_long_ago_is_bounded), test(timestamps_and_offsets_count_the_same_ticks))
