#include "lone_call.h"

static void of_two_who_call_each_other_one_gives_way(void **state) {
  (void)state;
  lone_call(CALL_OFFERED);
  lone.trust.identity.ik[0] = 2;
  lone.contact.id[0] = 1;
  assert_true(call_gives_way(&lone.env, &lone.contact));
  lone.trust.identity.ik[0] = 1;
  lone.contact.id[0] = 2;
  assert_false(call_gives_way(&lone.env, &lone.contact));
  lone_end();
}

static void only_a_call_to_them_that_nobody_answered_crosses_theirs(void **state) {
  (void)state;
  struct contact somebody_else = {0};
  struct call *call = lone_call(CALL_OFFERED);
  call->outgoing = true;
  assert_ptr_equal(call_find_dialing(&lone.env, &lone.contact), call);
  assert_null(call_find_dialing(&lone.env, &somebody_else));
  call->state = CALL_CONNECTING;
  assert_null(call_find_dialing(&lone.env, &lone.contact));
  call->state = CALL_OFFERED;
  call->outgoing = false;
  assert_null(call_find_dialing(&lone.env, &lone.contact));
  lone_end();
}

static void the_call_that_gives_way_goes_on_as_the_callee_of_theirs(void **state) {
  (void)state;
  struct sotto_event event;
  struct call *ours = lone_call(CALL_OFFERED);
  ours->outgoing = true;
  struct call_leg *leg = calloc(1, sizeof *leg);
  if (!leg)
    lone_end();
  need(leg);
  struct call theirs = {
      .env = &lone.env, .contact = &lone.contact, .state = CALL_HELLOED, .legs = 1, .call_id = {9}};
  theirs.leg[0] = leg;
  call_yield(ours, &theirs, SEC(1));
  assert_int_equal(ours->state, CALL_HELLOED);
  assert_false(ours->outgoing);
  assert_true(ours->auto_accept);
  assert_int_equal(ours->legs, 1);
  assert_ptr_equal(ours->leg[0], leg);
  assert_int_equal(ours->call_id[0], 9);
  assert_int_equal(theirs.state, CALL_ENDED);
  assert_int_equal(lone_events(SOTTO_EVENT_CALL_STATE, &event), 0); /* the embedder has one call, as before */
  lone_end();
}

UNIT_TESTS(test(of_two_who_call_each_other_one_gives_way),
           test(only_a_call_to_them_that_nobody_answered_crosses_theirs),
           test(the_call_that_gives_way_goes_on_as_the_callee_of_theirs))
