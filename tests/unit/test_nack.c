#include "media/recovery/nack.h"

#include "unit.h"

static void a_reordered_packet_is_never_requested(void **state) {
  (void)state;
  struct nack nack;
  int64_t seq;
  nack_init(&nack, 0);
  nack_input(&nack, MS(0), 10);
  nack_input(&nack, MS(1), 12);
  assert_false(nack_input(&nack, MS(2), 11)); /* late, but inside the grace */
  assert_int_equal(nack_poll(&nack, MS(50), &seq), NACK_NONE);
  assert_true(nack_deadline(&nack) == USEC_NEVER);
}

static void a_lost_packet_is_requested_once_per_round_trip_then_given_up(void **state) {
  (void)state;
  struct nack nack;
  int64_t seq = -1;
  int requests = 0, given_up = 0;
  nack_init(&nack, 0);
  nack_set_rtt(&nack, MS(40));
  nack_input(&nack, 0, 10);
  nack_input(&nack, 0, 12);
  for (usec now = 0; now != USEC_NEVER; now = nack_deadline(&nack))
    for (enum nack_verdict verdict; (verdict = nack_poll(&nack, now, &seq)) != NACK_NONE;) {
      assert_int_equal(seq, 11);
      if (verdict == NACK_GIVE_UP)
        given_up++;
      else
        assert_int_equal(now, MS(10) + requests++ * MS(40));
    }
  assert_int_equal(requests, NACK_MAX_TRIES);
  assert_int_equal(given_up, 1);
}

static void an_answer_is_told_from_a_late_packet(void **state) {
  (void)state;
  struct nack nack;
  int64_t seq;
  nack_init(&nack, 0);
  nack_set_rtt(&nack, MS(40));
  nack_input(&nack, 0, 10);
  nack_input(&nack, 0, 13);
  assert_int_equal(nack_poll(&nack, MS(10), &seq), NACK_REQUEST);
  assert_int_equal(seq, 11);
  assert_false(nack_input(&nack, MS(11), 12)); /* nobody had asked yet */
  assert_true(nack_input(&nack, MS(50), 11));
  assert_false(nack_input(&nack, MS(51), 11));
  assert_true(nack_deadline(&nack) == USEC_NEVER);
}

/* Where a round trip is shorter than the least time to ask again, an answer is no sign of reordering. */
static void a_quick_answer_is_no_late_packet(void **state) {
  (void)state;
  struct nack nack;
  int64_t seq;
  nack_init(&nack, 0);
  nack_set_rtt(&nack, MS(2));
  nack_input(&nack, 0, 10);
  nack_input(&nack, 0, 12);
  assert_int_equal(nack_poll(&nack, NACK_GRACE_MIN, &seq), NACK_REQUEST);
  assert_true(nack_input(&nack, NACK_GRACE_MIN + MS(2), 11));
  assert_true(nack.grace == NACK_GRACE_MIN);
}

static void many_holes_come_in_order_and_each_at_its_time(void **state) {
  (void)state;
  struct nack nack;
  int64_t seq;
  nack_init(&nack, 0);
  nack_input(&nack, 0, 100);
  nack_input(&nack, 0, 103);
  nack_input(&nack, MS(5), 105);
  assert_true(nack_deadline(&nack) == MS(10));
  for (int64_t expected = 101; expected <= 102; expected++) {
    assert_int_equal(nack_poll(&nack, MS(10), &seq), NACK_REQUEST);
    assert_int_equal(seq, expected);
  }
  assert_int_equal(nack_poll(&nack, MS(10), &seq), NACK_NONE);
  assert_true(nack_deadline(&nack) == MS(15));
  assert_int_equal(nack_poll(&nack, MS(15), &seq), NACK_REQUEST);
  assert_int_equal(seq, 104);
}

static void a_long_outage_stays_in_bounds(void **state) {
  (void)state;
  struct nack nack;
  nack_init(&nack, 0);
  nack_input(&nack, 0, 0);
  nack_input(&nack, SEC(5), 1000000);
  assert_int_equal(nack.holes, NACK_WINDOW);
  assert_int_equal(nack.hole[0].seq, 1000000 - NACK_WINDOW);
  nack_input(&nack, SEC(5), 1000002); /* one more: the oldest makes room */
  assert_int_equal(nack.holes, NACK_WINDOW);
  assert_int_equal(nack.hole[0].seq, 1000001 - NACK_WINDOW);
  assert_int_equal(nack.hole[NACK_WINDOW - 1].seq, 1000001);
}

static void what_is_forgotten_is_not_asked_for(void **state) {
  (void)state;
  struct nack nack;
  int64_t seq;
  nack_init(&nack, 0);
  nack_input(&nack, 0, 10);
  nack_input(&nack, 0, 20);
  nack_forget(&nack);
  assert_true(nack_deadline(&nack) == USEC_NEVER);
  nack_input(&nack, 0, 22);
  assert_int_equal(nack_poll(&nack, MS(10), &seq), NACK_REQUEST);
  assert_int_equal(seq, 21);
}

static void what_is_skipped_is_no_hole(void **state) {
  (void)state;
  struct nack nack;
  int64_t seq;
  nack_init(&nack, 0);
  nack_input(&nack, 0, 10);
  nack_input(&nack, 0, 12);
  nack_skip(&nack, 500);
  nack_input(&nack, 0, 500);
  assert_true(nack_deadline(&nack) == USEC_NEVER);
  nack_input(&nack, 0, 502);
  assert_int_equal(nack_poll(&nack, MS(10), &seq), NACK_REQUEST);
  assert_int_equal(seq, 501);
}

static void what_is_passed_is_no_hole_and_the_rest_stays(void **state) {
  (void)state;
  struct nack nack;
  int64_t seq;
  nack_init(&nack, 0);
  nack_input(&nack, 0, 10);
  nack_input(&nack, 0, 20);
  nack_passed(&nack, 18);
  for (int64_t expected = 18; expected <= 19; expected++) {
    assert_int_equal(nack_poll(&nack, MS(10), &seq), NACK_REQUEST);
    assert_int_equal(seq, expected);
  }
  assert_int_equal(nack_poll(&nack, MS(10), &seq), NACK_NONE);
  nack_passed(&nack, 30);
  assert_true(nack_deadline(&nack) == USEC_NEVER);
}

static void where_much_is_lost_requests_do_not_wait_for_answers(void **state) {
  (void)state;
  struct nack nack;
  int64_t seq;
  int requests = 0;
  nack_init(&nack, 0);
  nack_set_rtt(&nack, MS(60));
  nack_set_lossy(&nack, true);
  nack_input(&nack, 0, 10);
  nack_input(&nack, 0, 12);
  for (; nack_poll(&nack, nack_deadline(&nack), &seq) == NACK_REQUEST; requests++)
    assert_true(nack.hole[0].due - MS(10) == (requests + 1) * MS(60) / NACK_AT_ONCE);
  assert_int_equal(requests, NACK_AT_ONCE * NACK_MAX_TRIES);
}

static void patience_gives_up_nothing_sooner(void **state) {
  (void)state;
  struct nack nack;
  int64_t seq;
  nack_init(&nack, NACK_PATIENCE);
  nack_set_rtt(&nack, NACK_RTT_MIN);
  nack_input(&nack, 0, 10);
  nack_input(&nack, 0, 12);
  usec now = 0;
  while (nack_poll(&nack, now = nack_deadline(&nack), &seq) == NACK_REQUEST) {
  }
  assert_in_range(now, NACK_PATIENCE, NACK_PATIENCE + NACK_RTT_MIN);
}

static void what_is_before_the_first_packet_is_asked_for_when_told(void **state) {
  (void)state;
  struct nack nack;
  int64_t seq;
  nack_init(&nack, 0);
  nack_input(&nack, 0, 100);
  nack_input(&nack, 0, 102);
  nack_before(&nack, 0, 100);
  for (int64_t expected = 100 - NACK_BEFORE; expected <= 101; expected += expected == 99 ? 2 : 1) {
    assert_int_equal(nack_poll(&nack, MS(10), &seq), NACK_REQUEST);
    assert_int_equal(seq, expected);
  }
  assert_int_equal(nack_poll(&nack, MS(10), &seq), NACK_NONE);
  assert_true(nack_input(&nack, MS(100), 98)); /* nor is that the first */
  nack_before(&nack, MS(100), 98);
  assert_int_equal(nack.hole[0].seq, 98 - NACK_BEFORE);
  assert_int_equal(nack.holes, NACK_BEFORE + 2); /* and 99, and 101 */
}

static void the_first_numbers_have_nothing_before_them(void **state) {
  (void)state;
  struct nack nack;
  nack_init(&nack, 0);
  nack_input(&nack, 0, 2);
  nack_before(&nack, 0, 2);
  assert_int_equal(nack.holes, 2);
}

static void a_tiny_round_trip_is_not_a_flood(void **state) {
  (void)state;
  struct nack nack;
  int64_t seq;
  nack_init(&nack, 0);
  nack_set_rtt(&nack, 1);
  nack_input(&nack, 0, 10);
  nack_input(&nack, 0, 12);
  assert_int_equal(nack_poll(&nack, MS(10), &seq), NACK_REQUEST);
  assert_true(nack_deadline(&nack) == MS(10) + NACK_RTT_MIN);
}

static void the_grace_follows_what_the_path_reorders_and_forgets_it(void **state) {
  (void)state;
  struct nack nack;
  int64_t seq;
  nack_init(&nack, 0);
  nack_set_rtt(&nack, MS(100));
  nack_input(&nack, 0, 10);
  nack_input(&nack, 0, 12);
  assert_int_equal(nack_poll(&nack, NACK_GRACE_MIN, &seq), NACK_REQUEST);
  assert_false(nack_input(&nack, MS(20), 11)); /* too soon for an answer: it was never lost */
  nack_input(&nack, MS(20), 14);
  assert_true(nack_deadline(&nack) == MS(20) + MS(20) * 5 / 4);
  assert_false(nack_input(&nack, MS(44), 13));
  for (int64_t number = 15; number < 15 + 8 * NACK_GRACE_MEMORY; number++)
    nack_input(&nack, MS(50), number);
  assert_true(nack.grace == NACK_GRACE_MIN);
}

static void no_lateness_puts_a_request_off_for_long(void **state) {
  (void)state;
  struct nack nack;
  nack_init(&nack, 0);
  nack_input(&nack, 0, 10);
  nack_input(&nack, 0, 12);
  nack_input(&nack, SEC(5), 11);
  assert_true(nack.grace == NACK_GRACE_MAX);
  nack_input(&nack, SEC(5), 14);
  assert_true(nack_deadline(&nack) <= SEC(5) + NACK_GRACE_MAX);
}

UNIT_TESTS(test(a_reordered_packet_is_never_requested),
           test(a_lost_packet_is_requested_once_per_round_trip_then_given_up),
           test(an_answer_is_told_from_a_late_packet), test(a_quick_answer_is_no_late_packet),
           test(many_holes_come_in_order_and_each_at_its_time), test(a_long_outage_stays_in_bounds),
           test(what_is_forgotten_is_not_asked_for), test(what_is_skipped_is_no_hole),
           test(what_is_passed_is_no_hole_and_the_rest_stays),
           test(where_much_is_lost_requests_do_not_wait_for_answers), test(patience_gives_up_nothing_sooner),
           test(what_is_before_the_first_packet_is_asked_for_when_told),
           test(the_first_numbers_have_nothing_before_them), test(a_tiny_round_trip_is_not_a_flood),
           test(the_grace_follows_what_the_path_reorders_and_forgets_it),
           test(no_lateness_puts_a_request_off_for_long))
