#include "engine/call/call_state.h"
#include "unit.h"

static void every_state_reaches_the_end_and_the_end_is_final(void **state) {
  (void)state;
  for (int from = 0; from < CALL_ENDED; from++)
    assert_true(call_may_go((enum call_state)from, CALL_ENDED));
  for (int to = 0; to < CALL_STATE_COUNT; to++)
    assert_false(call_may_go(CALL_ENDED, (enum call_state)to));
}

static void open_and_gated_are_entered_by_way_of_binding_alone(void **state) {
  (void)state;
  for (int from = 0; from < CALL_BINDING; from++) {
    assert_false(call_may_go((enum call_state)from, CALL_OPEN));
    assert_false(call_may_go((enum call_state)from, CALL_GATED));
    assert_false(call_may_go((enum call_state)from, CALL_RECONNECTING));
  }
  assert_true(call_may_go(CALL_BINDING, CALL_OPEN));
  assert_true(call_may_go(CALL_BINDING, CALL_GATED));
  /* And once bound there is no way back to another handshake. */
  for (int from = CALL_GATED; from < CALL_ENDED; from++)
    for (int to = 0; to <= CALL_BINDING; to++)
      assert_false(call_may_go((enum call_state)from, (enum call_state)to));
}

/* Walks every path there is: DTLS comes after both descriptions, binding after DTLS. */
static void walk(enum call_state at, unsigned seen, int *paths) {
  if (at == CALL_SECURING)
    assert_true(seen & 1u << CALL_CONNECTING);
  if (at == CALL_BINDING)
    assert_true(seen & 1u << CALL_SECURING);
  if (at == CALL_CONNECTING)
    assert_true(seen & (1u << CALL_OFFERED | 1u << CALL_ANSWERED));
  if (at == CALL_ENDED) {
    ++*paths;
    return;
  }
  for (int to = 0; to < CALL_STATE_COUNT; to++)
    if (call_may_go(at, (enum call_state)to) && !(seen & 1u << to))
      walk((enum call_state)to, seen | 1u << at, paths);
}

static void every_path_goes_through_description_path_dtls_and_binding(void **state) {
  (void)state;
  int paths = 0;
  walk(CALL_KNOCKING, 0, &paths);
  walk(CALL_HELLOED, 0, &paths);
  assert_true(paths > 10);
}

static void every_state_but_open_and_the_end_ends_by_itself_and_says_why(void **state) {
  (void)state;
  for (int i = 0; i < CALL_STATE_COUNT; i++) {
    bool lasts = i == CALL_OPEN || i == CALL_ENDED;
    assert_int_equal(call_state_deadline((enum call_state)i, SEC(5)) == USEC_NEVER, lasts);
    assert_int_equal(call_state_reason((enum call_state)i) == SOTTO_END_NONE, lasts);
  }
  assert_int_equal(call_state_deadline(CALL_KNOCKING, SEC(5)), SEC(35));
  assert_int_equal(call_state_reason(CALL_RECONNECTING), SOTTO_END_LOST);
}

static void a_knock_that_has_not_rung_is_nothing_to_see(void **state) {
  (void)state;
  for (int i = 0; i < CALL_STATE_COUNT; i++)
    assert_int_equal(call_state_seen((enum call_state)i) == 0, i == CALL_HELLOED);
  assert_int_equal(call_state_seen(CALL_RINGING), SOTTO_CALL_RINGING);
}

UNIT_TESTS(test(every_state_reaches_the_end_and_the_end_is_final),
           test(open_and_gated_are_entered_by_way_of_binding_alone),
           test(every_path_goes_through_description_path_dtls_and_binding),
           test(every_state_but_open_and_the_end_ends_by_itself_and_says_why),
           test(a_knock_that_has_not_rung_is_nothing_to_see))
