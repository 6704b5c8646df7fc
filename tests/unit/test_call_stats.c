#include "lone_call.h"

static void a_call_without_a_path_has_names_for_nothing(void **state) {
  (void)state;
  struct call *call = lone_call(CALL_RINGING);
  sotto_stats stats;
  call_stats(call, SEC(1), &stats);
  assert_string_equal(stats.local_candidate_type, "");
  assert_string_equal(stats.binding, "");
  assert_string_equal(stats.srtp_profile, "");
  assert_false(stats.relayed);
  lone_end();
}

static void a_pair_is_relayed_when_either_end_of_it_is(void **state) {
  (void)state;
  struct call *call = lone_call(CALL_OPEN);
  sotto_stats stats;
  call->pair = (struct core_ice_pair){.local = CANDIDATE_HOST, .remote = CANDIDATE_PRFLX};
  call_stats(call, SEC(1), &stats);
  assert_string_equal(stats.local_candidate_type, "host");
  assert_string_equal(stats.remote_candidate_type, "prflx");
  assert_false(stats.relayed);
  call->pair.remote = CANDIDATE_RELAY;
  call_stats(call, SEC(1), &stats);
  assert_true(stats.relayed);
  lone_end();
}

static void what_was_refused_is_summed_over_all_causes_and_legs(void **state) {
  (void)state;
  struct call *call = lone_call(CALL_OPEN);
  sotto_stats stats;
  call->leg[0]->channel.rejected = 3;
  call->transport.stats.not_demuxed = 2;
  call->transport.stats.malformed = 5;
  for (int i = 0; i < DTLS_DROP_REASONS; i++)
    call->transport.firewall.dropped[i] = 1;
  call_stats(call, SEC(1), &stats);
  assert_int_equal(stats.cells_rejected, 3);
  assert_int_equal(stats.packets_not_demuxed, 7);
  assert_int_equal(stats.dtls_blocked, DTLS_DROP_REASONS);
  lone_end();
}

static void a_call_that_is_gone_keeps_its_last_numbers(void **state) {
  (void)state;
  struct call *call = lone_call(CALL_ENDED);
  sotto_stats stats;
  call->stats.setup_open_us = 35000;
  call->stats.cells_rejected = 4;
  call->gone = true;
  call_stats(call, SEC(1), &stats);
  assert_int_equal(stats.setup_open_us, 35000);
  assert_int_equal(stats.cells_rejected, 4);
  lone_end();
}

UNIT_TESTS(test(a_call_without_a_path_has_names_for_nothing), test(a_pair_is_relayed_when_either_end_of_it_is),
           test(what_was_refused_is_summed_over_all_causes_and_legs),
           test(a_call_that_is_gone_keeps_its_last_numbers))
