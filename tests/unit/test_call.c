/* What a call does by itself; whole calls are in tests/sim. */
#include "lone_call.h"

static void a_transition_that_there_is_not_ends_the_call(void **state) {
  (void)state;
  struct call *call = lone_call(CALL_RINGING);
  call_enter(call, SEC(1), CALL_OPEN);
  assert_int_equal(call->state, CALL_ENDED);
  assert_int_equal(call->reason, SOTTO_END_INTERNAL);
  lone_end();
}

static void a_state_is_told_when_the_embedder_sees_another_one(void **state) {
  (void)state;
  struct sotto_event event;
  struct call *call = lone_call(CALL_RINGING);
  call_enter(call, SEC(1), CALL_ANSWERED);
  assert_int_equal(lone_events(SOTTO_EVENT_CALL_STATE, &event), 1);
  assert_int_equal(event.state, SOTTO_CALL_CONNECTING);
  call_enter(call, SEC(2), CALL_CONNECTING);
  assert_int_equal(lone_events(SOTTO_EVENT_CALL_STATE, &event), 1);
  assert_int_equal(call->deadline, SEC(22));
  lone_end();
}

static void a_peer_does_not_flood_the_screen_with_alarms(void **state) {
  (void)state;
  struct sotto_event event;
  struct call *call = lone_call(CALL_OPEN);
  for (int i = 0; i < 3 * CALL_ALARMS_MAX; i++)
    call_alarm(call, SEC(i), SOTTO_ALARM_AUTH_FAIL);
  assert_int_equal(lone_events(SOTTO_EVENT_ALARM, &event), CALL_ALARMS_MAX);
  call_alarm(call, SEC(99), SOTTO_ALARM_FP_MISMATCH);
  assert_int_equal(lone_events(SOTTO_EVENT_ALARM, &event), CALL_ALARMS_MAX + 1);
  assert_int_equal(event.alarm, SOTTO_ALARM_FP_MISMATCH);
  lone_end();
}

static void a_knock_that_never_rang_leaves_no_trace_but_alarms_of_its_contact(void **state) {
  (void)state;
  struct sotto_event event;
  struct call *call = lone_call(CALL_HELLOED);
  call_alarm(call, SEC(20), SOTTO_ALARM_AUTH_FAIL);
  call_alarm(call, SEC(21), SOTTO_ALARM_FP_MISMATCH); /* too soon after the other */
  call_alarm(call, SEC(22), SOTTO_ALARM_SIGNALING_GAP);
  call_alarm(call, SEC(23), SOTTO_ALARM_ROSTER_FORK);
  assert_int_equal(lone_events(SOTTO_EVENT_ALARM, &event), 2);
  assert_int_equal(event.alarm, SOTTO_ALARM_ROSTER_FORK);
  call_finish(call, SEC(24), SOTTO_END_CANCELED);
  assert_int_equal(lone_events(SOTTO_EVENT_CALL_STATE, &event), 0);
  lone_end();
}

static void hanging_up_is_called_by_what_it_does(void **state) {
  (void)state;
  static const struct {
    enum call_state state;
    bool outgoing;
    sotto_end_reason reason;
  } row[] = {{CALL_KNOCKING, true, SOTTO_END_CANCELED},
             {CALL_OFFERED, true, SOTTO_END_CANCELED},
             {CALL_RINGING, false, SOTTO_END_DECLINED},
             {CALL_OPEN, false, SOTTO_END_HANGUP}};
  for (size_t i = 0; i < sizeof row / sizeof row[0]; i++) {
    struct call *call = lone_call(row[i].state);
    call->outgoing = row[i].outgoing;
    call_end(call, SEC(1), SOTTO_END_HANGUP);
    assert_int_equal(call->reason, row[i].reason);
    lone_end();
  }
}

static void the_end_shuts_the_gate_first(void **state) {
  (void)state;
  struct sotto_event event;
  struct call *call = lone_call(CALL_OPEN);
  call->gate = SOTTO_GATE_OPEN;
  call_finish(call, SEC(1), SOTTO_END_LOST);
  assert_int_equal(lone_events(SOTTO_EVENT_GATE, &event), 1);
  assert_int_equal(event.gate, SOTTO_GATE_SHUT);
  assert_int_equal(lone_events(SOTTO_EVENT_CALL_STATE, &event), 1);
  assert_int_equal(event.reason, SOTTO_END_LOST);
  lone_end();
}

static void a_state_that_lasts_too_long_ends_the_call_for_its_own_reason(void **state) {
  (void)state;
  struct core_output out;
  struct call *call = lone_call(CALL_RINGING);
  call_enter(call, SEC(1), CALL_ANSWERED);
  assert_int_equal(call_deadline(call), SEC(21));
  call_poll(call, SEC(21) - 1, &out);
  assert_int_equal(call->state, CALL_ANSWERED);
  call_poll(call, SEC(21), &out);
  assert_int_equal(call->state, CALL_ENDED);
  assert_int_equal(call->reason, SOTTO_END_UNREACHABLE);
  lone_end();
}

UNIT_TESTS(test(a_transition_that_there_is_not_ends_the_call),
           test(a_state_is_told_when_the_embedder_sees_another_one),
           test(a_peer_does_not_flood_the_screen_with_alarms),
           test(a_knock_that_never_rang_leaves_no_trace_but_alarms_of_its_contact),
           test(hanging_up_is_called_by_what_it_does), test(the_end_shuts_the_gate_first),
           test(a_state_that_lasts_too_long_ends_the_call_for_its_own_reason))
