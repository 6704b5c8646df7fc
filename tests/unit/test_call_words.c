#include "lone_call.h"

static struct call *bound(bool outgoing) {
  struct call *call = lone_call(CALL_GATED);
  call->outgoing = outgoing;
  call_prepare_sas(call);
  return call;
}

static void no_word_is_compared_before_the_keys_are_bound(void **state) {
  (void)state;
  struct call *call = lone_call(CALL_SECURING);
  assert_int_equal(call_compare(call, SEC(1)), SOTTO_ERR_STATE);
  assert_int_equal(call_confirm(call, SEC(1), true), SOTTO_ERR_STATE);
  lone_end();
}

static void a_run_has_half_a_minute_to_come_to_its_words(void **state) {
  (void)state;
  struct call *call = bound(true);
  assert_true(call_sas_start(call, SEC(1)));
  assert_true(sas_under_way(&call->sas));
  assert_int_equal(call->sas_deadline, SEC(31));
  assert_int_equal(lone.contact.sas_runs, 1);
  assert_true(call_sas_start(call, SEC(2))); /* it is under way */
  assert_int_equal(lone.contact.sas_runs, 1);
  lone_end();
}

static void a_commitment_before_the_keys_are_bound_is_none(void **state) {
  (void)state;
  const struct message commit = {.type = MESSAGE_SAS_COMMIT, .run = 1, .commitment = {1}};
  struct call *call = lone_call(CALL_BINDING);
  call_sas_message(call, SEC(1), &commit);
  call_prepare_sas(call);
  assert_false(sas_under_way(&call->sas));
  call_sas_message(call, SEC(2), &commit);
  assert_true(sas_under_way(&call->sas));
  lone_end();
}

static void runs_that_come_to_no_words_are_locked_after_three(void **state) {
  (void)state;
  struct sotto_event event;
  struct call *call = bound(true);
  for (int i = 1; i <= SAS_RUNS_PER_DAY; i++) {
    assert_int_equal(call_compare(call, SEC(40 * i)), SOTTO_OK);
    call_sas_timer(call, SEC(40 * i + 30)); /* nobody answers */
    assert_int_equal(lone_events(SOTTO_EVENT_ALARM, &event), i);
    assert_int_equal(event.alarm, SOTTO_ALARM_SAS_ABORTED);
  }
  assert_int_equal(call_compare(call, SEC(200)), SOTTO_ERR_STATE);
  lone_end();
}

static void words_that_differ_at_the_peer_end_the_call_of_any_run(void **state) {
  (void)state;
  struct sotto_event event;
  struct call *call = bound(false);
  call_sas_message(call, SEC(1),
                   &(struct message){.type = MESSAGE_SAS_RESULT, .run = 9, .result = RESULT_MISMATCH});
  assert_int_equal(call->state, CALL_ENDED);
  assert_int_equal(call->reason, SOTTO_END_SECURITY);
  assert_int_equal(lone_events(SOTTO_EVENT_ALARM, &event), 1);
  assert_int_equal(event.alarm, SOTTO_ALARM_SAS_MISMATCH);
  assert_int_equal(lone.contact.state, SOTTO_TRUST_TOFU); /* what we think of them is our user's */
  lone_end();
}

UNIT_TESTS(test(no_word_is_compared_before_the_keys_are_bound), test(a_run_has_half_a_minute_to_come_to_its_words),
           test(a_commitment_before_the_keys_are_bound_is_none),

           test(runs_that_come_to_no_words_are_locked_after_three),
           test(words_that_differ_at_the_peer_end_the_call_of_any_run))
