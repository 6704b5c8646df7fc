#include "media/congestion/bwe_probe.h"

#include "media/congestion/feedback.h"
#include "unit.h"

enum { PACKETS = 12, SIZE = 1250 }; /* 10000 bits each */

/* A cluster at 5 Mbit/s through a bottleneck, and one packet after it. */
static bps cluster(struct bwe_probe *probe, bps bottleneck, int lost) {
  struct packet_result result[PACKETS + 1];
  usec now = SEC(1), free_at = now;
  bwe_probe_start(probe, now, 5000000);
  for (int i = 0; i <= PACKETS; i++) {
    usec sent = i == PACKETS ? now + PROBE_LENGTH + MS(1) : now + MS(2) * i;
    free_at = (free_at > sent ? free_at : sent) + (usec)SIZE * 8 * SEC(1) / bottleneck;
    result[i] = (struct packet_result){.sent = sent, .arrived = SEC(77) + free_at, .size = SIZE, .lost = i < lost};
  }
  assert_int_equal(bwe_probe_input(probe, now + MS(30), result, PACKETS), 0); /* not over yet */
  return bwe_probe_input(probe, now + MS(50), &result[PACKETS], 1);
}

static void a_cluster_that_goes_through_proves_what_was_sent(void **state) {
  (void)state;
  struct bwe_probe probe;
  bwe_probe_init(&probe);
  assert_in_range(cluster(&probe, 50000000, 0), 4900000, 5000000);
  assert_int_equal(probe.state, BWE_PROBE_IDLE);
}

static void a_cluster_that_is_spread_measures_the_bottleneck(void **state) {
  (void)state;
  struct bwe_probe probe;
  bwe_probe_init(&probe);
  assert_in_range(cluster(&probe, 1000000, 0), 980000, 1020000);
}

static void too_few_packets_tell_nothing(void **state) {
  (void)state;
  struct bwe_probe probe;
  bwe_probe_init(&probe);
  assert_int_equal(cluster(&probe, 50000000, PACKETS - PROBE_PACKETS + 1), 0);
  assert_int_equal(probe.state, BWE_PROBE_IDLE);
}

static void it_sends_for_its_length_and_waits_no_longer_than_its_patience(void **state) {
  (void)state;
  struct bwe_probe probe;
  bwe_probe_init(&probe);
  assert_false(bwe_probe_sending(&probe, 0));
  bwe_probe_start(&probe, SEC(1), 1000000);
  assert_true(bwe_probe_sending(&probe, SEC(1) + PROBE_LENGTH - 1));
  assert_false(bwe_probe_sending(&probe, SEC(1) + PROBE_LENGTH));
  assert_int_equal(probe.state, BWE_PROBE_WAITING);
  assert_int_equal(bwe_probe_input(&probe, SEC(1) + PROBE_LENGTH + PROBE_PATIENCE, NULL, 0), 0);
  assert_int_equal(probe.state, BWE_PROBE_IDLE);
}

static void failures_make_the_next_one_later(void **state) {
  (void)state;
  struct bwe_probe probe;
  bwe_probe_init(&probe);
  bwe_probe_judge(&probe, SEC(1), false, false);
  assert_int_equal(probe.due, SEC(1) + PROBE_WAIT_MIN);
  bwe_probe_judge(&probe, SEC(1), false, false);
  assert_int_equal(probe.due, SEC(1) + 2 * PROBE_WAIT_MIN);
  for (int i = 0; i < 10; i++)
    bwe_probe_judge(&probe, SEC(1), false, false);
  assert_int_equal(probe.due, SEC(1) + PROBE_WAIT_MAX);
  bwe_probe_judge(&probe, SEC(2), true, false);
  assert_int_equal(probe.due, SEC(2));
  assert_int_equal(probe.wait, PROBE_WAIT_MIN);
}

static void where_losses_spoke_the_next_one_gives_them_time(void **state) {
  (void)state;
  struct bwe_probe probe;
  bwe_probe_init(&probe);
  bwe_probe_judge(&probe, SEC(1), false, true);
  bwe_probe_judge(&probe, SEC(2), true, true);
  assert_int_equal(probe.due, SEC(2) + PROBE_WAIT_LOSSY);
  assert_int_equal(probe.wait, 2 * PROBE_WAIT_MIN); /* not proven yet */
  bwe_probe_later(&probe, SEC(3));
  assert_int_equal(probe.due, SEC(3) + PROBE_WAIT_MIN);
  bwe_probe_later(&probe, SEC(1));
  assert_int_equal(probe.due, SEC(3) + PROBE_WAIT_MIN);
}

static void a_path_that_has_changed_is_asked_soon(void **state) {
  (void)state;
  struct bwe_probe probe;
  bwe_probe_init(&probe);
  for (int i = 0; i < 10; i++)
    bwe_probe_judge(&probe, SEC(1), false, false);
  bwe_probe_anew(&probe, SEC(2));
  assert_int_equal(probe.due, SEC(2) + PROBE_WAIT_MIN);
  assert_int_equal(probe.wait, PROBE_WAIT_MIN);
}

UNIT_TESTS(test(a_cluster_that_goes_through_proves_what_was_sent),
           test(a_cluster_that_is_spread_measures_the_bottleneck), test(too_few_packets_tell_nothing),
           test(it_sends_for_its_length_and_waits_no_longer_than_its_patience),
           test(failures_make_the_next_one_later), test(where_losses_spoke_the_next_one_gives_them_time),
           test(a_path_that_has_changed_is_asked_soon))
