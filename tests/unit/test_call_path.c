#include "lone_call.h"

static struct candidate candidate(enum candidate_type type, uint8_t last) {
  struct candidate candidate = {.type = (uint8_t)type,
                                .transport = CANDIDATE_UDP,
                                .family = 4,
                                .port = 4000,
                                .priority = 1,
                                .foundation = "1"};
  memcpy(candidate.address, (uint8_t[]){9, 9, 9, last}, 4);
  return candidate;
}

static void a_hidden_call_keeps_no_address_but_relayed_ones(void **state) {
  (void)state;
  struct core_output out = {0};
  const struct candidate host = candidate(CANDIDATE_HOST, 1), relay = candidate(CANDIDATE_RELAY, 2);
  struct call *call = lone_call(CALL_ANSWERED);
  lone.env.relay = true;
  call_start_ice(call);
  call_start_ice(call); /* one agent a call */
  assert_int_equal(lone_outputs(CORE_ICE_START, &out), 1);
  assert_true(out.relay_only);
  call_ice_local_candidate(call, SEC(1), &host);
  assert_int_equal(call->local.candidates, 0);
  call_ice_local_candidate(call, SEC(1), &relay);
  assert_int_equal(call->local.candidates, 1);
  lone_end();
}

static void what_the_peer_offers_goes_to_the_agent_once_there_is_one(void **state) {
  (void)state;
  struct core_output out = {0};
  const struct candidate early = candidate(CANDIDATE_HOST, 1), late = candidate(CANDIDATE_HOST, 2);
  struct call *call = lone_call(CALL_RINGING);
  call_add_remote(call, &early, 1);
  assert_int_equal(lone_outputs(CORE_ICE_CANDIDATE, &out), 0);
  assert_int_equal(call->remote.candidates, 1);
  call_start_ice(call);
  call_add_remote(call, &late, 1);
  assert_int_equal(lone_outputs(CORE_ICE_CANDIDATE, &out), 1);
  assert_int_equal(out.candidate.address[3], 2);
  lone_end();
}

static void addresses_of_nowhere_and_more_than_the_most_are_dropped(void **state) {
  (void)state;
  struct candidate loopback = candidate(CANDIDATE_HOST, 1);
  loopback.address[0] = 127;
  struct call *call = lone_call(CALL_CONNECTING);
  call_add_remote(call, &loopback, 1);
  assert_int_equal(call->remote.candidates, 0);
  for (int i = 0; i < 2 * CANDIDATES_MAX; i++) {
    const struct candidate host = candidate(CANDIDATE_HOST, (uint8_t)i);
    call_add_remote(call, &host, 1);
    call_ice_local_candidate(call, SEC(1), &host);
  }
  assert_int_equal(call->remote.candidates, CANDIDATES_MAX);
  assert_int_equal(call->local.candidates, CANDIDATES_MAX);
  lone_end();
}

static void one_restart_at_a_time_and_none_before_the_keys_are_bound(void **state) {
  (void)state;
  struct core_output out = {0};
  struct call *call = lone_call(CALL_CONNECTING);
  assert_int_equal(call_restart_ice(call, SEC(1)), SOTTO_ERR_STATE);
  call->state = CALL_OPEN;
  assert_int_equal(call_restart_ice(call, SEC(1)), SOTTO_OK);
  assert_int_equal(call_restart_ice(call, SEC(2)), SOTTO_OK);
  assert_int_equal(lone_outputs(CORE_ICE_RESTART, &out), 1);
  assert_int_equal(call->local.generation, 1);
  lone_end();
}

static void a_lost_path_is_looked_for_and_does_not_prolong_the_time_to_compare(void **state) {
  (void)state;
  struct core_output out = {0};
  struct call *call = lone_call(CALL_GATED);
  call->gated_until = SEC(9);
  call_ice_changed(call, SEC(5), CORE_ICE_DISCONNECTED, NULL);
  assert_int_equal(call->state, CALL_RECONNECTING);
  assert_int_equal(call->deadline, SEC(9));
  assert_int_equal(lone_outputs(CORE_ICE_RESTART, &out), 1);
  lone_end();
}

static void the_relay_is_left_when_the_peer_is_verified_and_not_before(void **state) {
  (void)state;
  struct core_output out = {0};
  struct call *call = lone_call(CALL_OPEN);
  lone.env.relay = true;
  lone.env.new_device = SOTTO_NEW_DEVICE_SHOW;
  call->hidden = call->ice_connected = true;
  call_leave_relay(call, SEC(1));
  assert_int_equal(lone_outputs(CORE_ICE_RESTART, &out), 0);
  lone.contact.state = SOTTO_TRUST_VERIFIED;
  lone.env.relay_only = true;
  call_leave_relay(call, SEC(1));
  assert_int_equal(lone_outputs(CORE_ICE_RESTART, &out), 0);
  lone.env.relay_only = false;
  call_leave_relay(call, SEC(1));
  assert_int_equal(lone_outputs(CORE_ICE_RESTART, &out), 1);
  assert_false(out.relay_only);
  assert_false(call->hidden);
  lone_end();
}

static void a_relay_that_leads_nowhere_is_given_up_with_a_verified_peer_alone(void **state) {
  (void)state;
  struct call *call = lone_call(CALL_ANSWERED);
  lone.env.relay = true;
  lone.env.new_device = SOTTO_NEW_DEVICE_SHOW;
  call->hidden = true;
  call_enter(call, SEC(10), CALL_CONNECTING);
  assert_int_equal(call_relay_given_up(call), USEC_NEVER);
  lone.contact.state = SOTTO_TRUST_VERIFIED;
  assert_int_equal(call_relay_given_up(call), SEC(10) + CALL_RELAY_PATIENCE);
  call->ice_connected = true;
  assert_int_equal(call_relay_given_up(call), USEC_NEVER);
  lone_end();
}

UNIT_TESTS(test(a_hidden_call_keeps_no_address_but_relayed_ones),
           test(what_the_peer_offers_goes_to_the_agent_once_there_is_one),
           test(addresses_of_nowhere_and_more_than_the_most_are_dropped),
           test(one_restart_at_a_time_and_none_before_the_keys_are_bound),
           test(a_lost_path_is_looked_for_and_does_not_prolong_the_time_to_compare),
           test(the_relay_is_left_when_the_peer_is_verified_and_not_before),
           test(a_relay_that_leads_nowhere_is_given_up_with_a_verified_peer_alone))
