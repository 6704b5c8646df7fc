#include "media/congestion/feedback.h"

#include "media/congestion/arrivals.h"
#include "unit.h"

static struct feedback feedback;
static const struct packet_result *result;

static void setup(void) {
  feedback_init(&feedback);
}

/* A report of packets begin.. with `arrived` each, or lost where it is negative, made at `now`. */
static int report_of(usec now, int stream, uint16_t begin, int count, const usec *arrived) {
  struct ccfb_report report = {.begin = begin, .count = count};
  for (int i = 0; i < count; i++) {
    uint32_t ticks = (arrivals_timestamp(now) - arrivals_timestamp(arrived[i] < 0 ? now : arrived[i])) / 64;
    report.metric[i] = (uint16_t)(arrived[i] < 0 ? CCFB_LOST : CCFB_RECEIVED | (int)ticks);
  }
  feedback_clock(&feedback, arrivals_timestamp(now));
  feedback_report(&feedback, stream, &report);
  return feedback_take(&feedback, &result);
}

static void arrivals_have_the_spacing_of_the_peers_clock(void **state) {
  (void)state;
  setup();
  for (int i = 0; i < 3; i++)
    feedback_sent(&feedback, SEC(1) + MS(10) * i, 0, 100 + i, 500 + i);
  assert_int_equal(report_of(SEC(9), 0, 100, 3, (usec[]){SEC(8), SEC(8) + MS(20), SEC(8) + MS(50)}), 3);
  for (int i = 0; i < 3; i++) {
    assert_int_equal(result[i].sent, SEC(1) + MS(10) * i);
    assert_int_equal(result[i].size, 500 + i);
    assert_false(result[i].lost || result[i].again);
  }
  assert_in_range(result[1].arrived - result[0].arrived, MS(19), MS(21));
  assert_in_range(result[2].arrived - result[0].arrived, MS(49), MS(51));
  assert_int_equal(report_of(SEC(9), 0, 100, 3, (usec[]){SEC(8), SEC(8), SEC(8)}), 0); /* known already */
}

static void a_packet_is_lost_when_the_reports_have_gone_past_it(void **state) {
  (void)state;
  setup();
  for (int i = 0; i < 4; i++)
    feedback_sent(&feedback, SEC(1) + i, 1, 50 + i, 100);
  assert_int_equal(report_of(SEC(2), 1, 50, 3, (usec[]){SEC(2), -1, SEC(2)}), 2);
  assert_int_equal(report_of(SEC(2), 1, 53, 1, (usec[]){SEC(2)}), 2);
  assert_true(result[0].lost && !result[1].lost);
  assert_int_equal(result[0].sent, SEC(1) + 1);
}

static void a_reordered_packet_is_not_lost(void **state) {
  (void)state;
  setup();
  for (int i = 0; i < 3; i++)
    feedback_sent(&feedback, SEC(1) + i, 0, 50 + i, 100);
  assert_int_equal(report_of(SEC(2), 0, 50, 3, (usec[]){SEC(2), -1, SEC(2)}), 2);
  assert_int_equal(report_of(SEC(3), 0, 50, 3, (usec[]){SEC(2), SEC(3), SEC(2)}), 1);
  assert_false(result[0].lost);
}

static void sent_again_means_lost_before_and_no_delay_after(void **state) {
  (void)state;
  setup();
  feedback_sent(&feedback, SEC(1), 0, 7, 100);
  feedback_sent(&feedback, SEC(2), 0, 7, 100);
  assert_int_equal(report_of(SEC(3), 0, 7, 1, (usec[]){SEC(3)}), 2);
  assert_true(result[0].lost && result[0].sent == SEC(1));
  assert_true(!result[1].lost && result[1].again && result[1].sent == SEC(2));
}

static void a_repair_that_the_reports_are_past_is_not_lost_once_more(void **state) {
  (void)state;
  setup();
  for (int i = 0; i < 3; i++)
    feedback_sent(&feedback, SEC(1) + i, 0, 7 + i, 100);
  assert_int_equal(report_of(SEC(2), 0, 7, 2, (usec[]){-1, SEC(2)}), 1);
  feedback_sent(&feedback, SEC(2), 0, 7, 100);
  assert_int_equal(report_of(SEC(3), 0, 9, 1, (usec[]){SEC(3)}), 2);
  assert_true(result[1].sent == SEC(1) + 2 && result[1].resent == 0);
  assert_true(result[0].lost && result[0].sent == SEC(1));
  feedback_sent(&feedback, SEC(3), 0, 10, 100);
  assert_int_equal(report_of(SEC(4), 0, 10, 1, (usec[]){SEC(4)}), 1);
  assert_int_equal(result[0].resent, 100); /* whatever became of it */
}

static void what_the_reports_told_as_lost_is_not_lost_once_more_when_it_is_sent_again(void **state) {
  (void)state;
  setup();
  for (int i = 0; i < 3; i++)
    feedback_sent(&feedback, SEC(1) + i, 0, 7 + i, 100);
  assert_int_equal(report_of(SEC(2), 0, 7, 2, (usec[]){-1, SEC(2)}), 1);
  assert_int_equal(report_of(SEC(2), 0, 8, 2, (usec[]){SEC(2), SEC(2)}), 2);
  assert_true(result[0].lost && !result[1].lost);
  feedback_sent(&feedback, SEC(3), 0, 7, 100);
  feedback_sent(&feedback, SEC(3), 0, 10, 100);
  assert_int_equal(report_of(SEC(4), 0, 10, 1, (usec[]){SEC(4)}), 1);
  assert_false(result[0].lost);
}

/* A queue that is full but for a small packet has none for a large one. */
static void a_stream_of_which_nothing_comes_is_lost_as_the_other_goes_by(void **state) {
  (void)state;
  setup();
  for (int i = 0; i < 10; i++) {
    feedback_sent(&feedback, SEC(1) + MS(100) * i, 0, 7 + i, 100);
    feedback_sent(&feedback, SEC(1) + MS(100) * i, 1, 70 + i, 1200);
  }
  feedback_clock(&feedback, arrivals_timestamp(SEC(3)));
  feedback_report(&feedback, 0,
                  &(struct ccfb_report){.begin = 15, .count = 1, .metric = {CCFB_RECEIVED}}); /* sent at 1.8 s */
  feedback_all_told(&feedback);
  int lost[2] = {0}, results = feedback_take(&feedback, &result);
  for (int i = 0; i < results; i++)
    lost[result[i].size > 100] += result[i].lost;
  assert_int_equal(lost[0], 8); /* before the one that came */
  assert_int_equal(lost[1], 3); /* half a second before it */
}

static void both_streams_come_in_the_order_of_sending(void **state) {
  (void)state;
  setup();
  for (int i = 0; i < 20; i++)
    feedback_sent(&feedback, SEC(1) + i, i % 2, 10 + i / 2, i);
  struct ccfb_report report = {.begin = 10, .count = 10};
  for (int i = 0; i < 10; i++)
    report.metric[i] = CCFB_RECEIVED;
  feedback_clock(&feedback, 0);
  feedback_report(&feedback, 1, &report);
  feedback_report(&feedback, 0, &report);
  assert_int_equal(feedback_take(&feedback, &result), 20);
  for (int i = 0; i < 20; i++)
    assert_int_equal(result[i].size, i);
}

static void the_peers_clock_may_wrap(void **state) {
  (void)state;
  setup();
  const usec wrap = SEC(65536);
  feedback_sent(&feedback, SEC(1), 0, 1, 100);
  feedback_sent(&feedback, SEC(1), 0, 2, 100);
  assert_int_equal(report_of(wrap - MS(10), 0, 1, 1, (usec[]){wrap - MS(10)}), 1);
  usec before = result[0].arrived;
  assert_int_equal(report_of(wrap + MS(10), 0, 2, 1, (usec[]){wrap + MS(10)}), 1);
  assert_in_range(result[0].arrived - before, MS(19), MS(21));
}

static void transport_wide_feedback_comes_to_the_same_results(void **state) {
  (void)state;
  setup();
  for (int i = 0; i < 3; i++)
    feedback_sent(&feedback, SEC(1) + MS(10) * i, 0, 100 + i, 500);
  usec reference = feedback_reference(&feedback, 0xffffff);
  feedback_past(&feedback, 0, 100, true);
  feedback_arrived(&feedback, 0, 100, reference + MS(5));
  feedback_arrived(&feedback, 0, 100, reference + MS(50)); /* known already */
  assert_int_equal(feedback_take(&feedback, &result), 1);
  assert_true(result[0].arrived == reference + MS(5) && !result[0].lost);
  assert_int_equal(feedback_held(&feedback, result[0].arrived), 0);
  usec later = feedback_reference(&feedback, 1); /* its 24 bits have wrapped */
  assert_int_equal(later - reference, MS(128));
  feedback_past(&feedback, 0, 102, true);
  feedback_arrived(&feedback, 0, 102, later - MS(1));
  assert_int_equal(feedback_take(&feedback, &result), 2);
  assert_true(result[0].lost && result[0].sent == SEC(1) + MS(10));
  assert_true(!result[1].lost && result[1].arrived == later - MS(1));
}

static void where_a_report_is_missing_nothing_is_known_of_what_it_told(void **state) {
  (void)state;
  setup();
  for (int i = 0; i < 4; i++)
    feedback_sent(&feedback, SEC(1) + i, 0, 10 + i, 100);
  usec reference = feedback_reference(&feedback, 5);
  feedback_past(&feedback, 0, 12, false);
  feedback_arrived(&feedback, 0, 10, reference); /* too late for that */
  feedback_arrived(&feedback, 0, 12, reference);
  assert_int_equal(feedback_take(&feedback, &result), 1);
  assert_true(!result[0].lost && result[0].sent == SEC(1) + 2);
  feedback_past(&feedback, 0, 14, true);
  assert_int_equal(feedback_take(&feedback, &result), 1);
  assert_true(result[0].lost && result[0].sent == SEC(1) + 3);
  static const enum packet_fate fate[] = {PACKET_UNTOLD, PACKET_UNTOLD, PACKET_ARRIVED, PACKET_LOST,
                                          PACKET_UNDECIDED};
  for (int i = 0; i < 5; i++)
    assert_int_equal(feedback_fate(&feedback, 0, 10 + i), fate[i]);
}

static void what_was_never_sent_is_ignored(void **state) {
  (void)state;
  setup();
  const usec arrived[4] = {SEC(1), SEC(1), SEC(1), SEC(1)};
  assert_int_equal(report_of(SEC(1), 0, 0, 4, arrived), 0);
  feedback_sent(&feedback, SEC(1), 0, 1, 100);
  assert_int_equal(report_of(SEC(1), 0, 2, 4, arrived), 1); /* gone past it: lost */
  assert_true(result[0].lost);
  assert_int_equal(report_of(SEC(1), 0, 0x9000, 4, arrived), 0);
  uint64_t random = 3;
  for (int i = 0; i < 20000; i++) { /* a peer that says anything */
    struct ccfb_report report = {.begin = (uint16_t)unit_random(&random), .count = CCFB_REPORTS_MAX};
    for (int j = 0; j < CCFB_REPORTS_MAX; j++)
      report.metric[j] = (uint16_t)unit_random(&random);
    feedback_sent(&feedback, SEC(2) + i, i % 2, i * 3, 100);
    feedback_clock(&feedback, (uint32_t)unit_random(&random));
    feedback_report(&feedback, i % 2, &report);
    int results = feedback_take(&feedback, &result);
    assert_in_range(results, 0, FEEDBACK_RESULTS);
  }
}

UNIT_TESTS(test(arrivals_have_the_spacing_of_the_peers_clock),
           test(a_packet_is_lost_when_the_reports_have_gone_past_it), test(a_reordered_packet_is_not_lost),
           test(sent_again_means_lost_before_and_no_delay_after),
           test(a_repair_that_the_reports_are_past_is_not_lost_once_more),
           test(what_the_reports_told_as_lost_is_not_lost_once_more_when_it_is_sent_again),
           test(a_stream_of_which_nothing_comes_is_lost_as_the_other_goes_by),
           test(both_streams_come_in_the_order_of_sending), test(the_peers_clock_may_wrap),
           test(transport_wide_feedback_comes_to_the_same_results),
           test(where_a_report_is_missing_nothing_is_known_of_what_it_told), test(what_was_never_sent_is_ignored))
