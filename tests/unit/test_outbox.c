#include "engine/call/outbox.h"
#include "unit.h"

static void entries_come_out_in_order_and_whole(void **state) {
  (void)state;
  struct outbox outbox;
  struct core_output out;
  sotto_id peer = {{7}};
  need(outbox_init(&outbox));
  assert_false(outbox_take(&outbox, &out));
  outbox_add(&outbox, CORE_ICE_START, 3)->controlling = true;
  outbox_alarm(&outbox, 3, &peer, SOTTO_ALARM_REPLAY);
  assert_true(outbox_take(&outbox, &out));
  assert_int_equal(out.type, CORE_ICE_START);
  assert_true(out.controlling);
  assert_int_equal(out.call, 3);
  assert_true(outbox_take(&outbox, &out));
  assert_int_equal(out.event.type, SOTTO_EVENT_ALARM);
  assert_int_equal(out.event.alarm, SOTTO_ALARM_REPLAY);
  assert_int_equal(out.event.size, sizeof out.event);
  assert_memory_equal(&out.event.peer, &peer, sizeof peer);
  assert_false(outbox_take(&outbox, &out));
  outbox_deinit(&outbox);
}

static void what_does_not_fit_is_counted_and_ends_still_fit(void **state) {
  (void)state;
  struct outbox outbox;
  struct core_output out;
  int candidates = 0, ends = 0;
  need(outbox_init(&outbox));
  for (int i = 0; i < 2 * OUTBOX_SIZE; i++)
    outbox_add(&outbox, CORE_ICE_CANDIDATE, 1);
  assert_true(outbox.lost > OUTBOX_SIZE);
  for (int i = 0; i < 32; i++) {
    outbox_event(&outbox, SOTTO_EVENT_CALL_STATE, 1, NULL)->state = SOTTO_CALL_ENDED;
    outbox_add(&outbox, CORE_CALL_GONE, 1);
  }
  while (outbox_take(&outbox, &out)) {
    candidates += out.type == CORE_ICE_CANDIDATE;
    ends += out.type == CORE_CALL_GONE;
  }
  assert_int_equal(ends, 32);
  assert_true(candidates > 100);
  outbox_deinit(&outbox);
}

static void a_forgotten_call_leaves_no_events_and_keeps_its_commands(void **state) {
  (void)state;
  struct outbox outbox;
  struct core_output out;
  need(outbox_init(&outbox));
  outbox_event(&outbox, SOTTO_EVENT_CALL_STATE, 1, NULL);
  outbox_event(&outbox, SOTTO_EVENT_CALL_STATE, 2, NULL);
  outbox_add(&outbox, CORE_CALL_GONE, 1);
  outbox_forget(&outbox, 1);
  assert_true(outbox_take(&outbox, &out));
  assert_int_equal(out.call, 2);
  assert_true(outbox_take(&outbox, &out));
  assert_int_equal(out.type, CORE_CALL_GONE);
  assert_false(outbox_take(&outbox, &out));
  outbox_deinit(&outbox);
}

UNIT_TESTS(test(entries_come_out_in_order_and_whole), test(what_does_not_fit_is_counted_and_ends_still_fit),
           test(a_forgotten_call_leaves_no_events_and_keeps_its_commands))
