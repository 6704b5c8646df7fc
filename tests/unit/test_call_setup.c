#include "lone_call.h"

/* Both descriptions are there. */
static struct call *described(enum call_state state, bool server) {
  struct call *call = lone_call(state);
  call->certificate = dtls_certificate_new(NULL);
  if (!call->certificate)
    lone_end();
  need(call->certificate);
  call->leg[0]->server = server;
  call->ours.profile[0] = call->theirs.profile[0] = SRTP_PROFILE_AES_256_GCM;
  call->ours.profiles = call->theirs.profiles = 1;
  return call;
}

/* Of an allocation that failed there is one outcome: the call ends. */
static void need_going_on(const struct call *call) {
  if (call->state == CALL_ENDED) {
    assert_int_equal(call->reason, SOTTO_END_INTERNAL);
    lone_end();
    need(false);
  }
}

static void only_a_call_that_rings_is_accepted(void **state) {
  (void)state;
  struct core_output out;
  struct call *call = lone_call(CALL_HELLOED);
  assert_int_equal(call_accept(call, SEC(3), SOTTO_AUDIO), SOTTO_ERR_STATE);
  call->state = CALL_RINGING;
  call->remote.candidates = 2;
  assert_int_equal(call_accept(call, SEC(3), SOTTO_AUDIO), SOTTO_OK);
  assert_int_equal(call->state, CALL_ANSWERED);
  assert_int_equal(call->started, SEC(3)); /* set-up counts from here */
  assert_int_equal(lone_outputs(CORE_ICE_START, &out), 1);
  assert_int_equal(lone_outputs(CORE_ICE_REMOTE, &out), 1);
  assert_int_equal(lone_outputs(CORE_ICE_CANDIDATE, &out), 2);
  assert_int_equal(call_accept(call, SEC(4), SOTTO_AUDIO), SOTTO_ERR_STATE);
  lone_end();
}

static void the_server_listens_at_once_and_the_client_waits_for_a_pair(void **state) {
  (void)state;
  struct call *call = described(CALL_OFFERED, true);
  call_connect(call, SEC(1));
  need_going_on(call);
  assert_int_equal(call->state, CALL_CONNECTING);
  assert_non_null(call->transport.dtls);
  lone_end();
  call = described(CALL_ANSWERED, false);
  call_connect(call, SEC(1));
  need_going_on(call);
  assert_int_equal(call->state, CALL_CONNECTING);
  assert_null(call->transport.dtls);
  call_ice_changed(call, SEC(2), CORE_ICE_CONNECTED, NULL);
  need_going_on(call);
  assert_int_equal(call->state, CALL_SECURING);
  assert_non_null(call->transport.dtls);
  assert_int_equal(call->facts.dtls_associations, 1);
  lone_end();
}

static void a_pair_that_was_found_before_the_confirmation_is_used_with_it(void **state) {
  (void)state;
  struct call *call = described(CALL_ANSWERED, false);
  call_ice_changed(call, SEC(1), CORE_ICE_CONNECTED, NULL);
  assert_int_equal(call->state, CALL_ANSWERED);
  call_connect(call, SEC(2));
  need_going_on(call);
  assert_int_equal(call->state, CALL_SECURING);
  lone_end();
}

static void without_a_profile_in_common_there_is_no_association(void **state) {
  (void)state;
  struct call *call = described(CALL_OFFERED, true);
  call->theirs.profiles = 0;
  call_connect(call, SEC(1));
  assert_int_equal(call->state, CALL_ENDED);
  assert_int_equal(call->reason, SOTTO_END_INTERNAL);
  lone_end();
}

UNIT_TESTS(test(only_a_call_that_rings_is_accepted),
           test(the_server_listens_at_once_and_the_client_waits_for_a_pair),
           test(a_pair_that_was_found_before_the_confirmation_is_used_with_it),
           test(without_a_profile_in_common_there_is_no_association))
