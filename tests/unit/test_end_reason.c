#include "engine/call/end_reason.h"
#include "unit.h"

static void every_reason_that_goes_out_comes_in_as_the_same(void **state) {
  (void)state;
  for (int reason = SOTTO_END_NONE; reason <= SOTTO_END_INTERNAL; reason++) {
    enum wire_reason wire = end_reason_to_wire((sotto_end_reason)reason);
    assert_in_range(wire, REASON_HANGUP, REASON_LAST);
    if (reason != SOTTO_END_NONE && reason != SOTTO_END_ELSEWHERE)
      assert_int_equal(end_reason_from_wire((uint8_t)wire), reason);
  }
}

static void a_caller_is_not_told_that_another_device_answered(void **state) {
  (void)state;
  assert_int_equal(end_reason_to_wire(SOTTO_END_ELSEWHERE), REASON_CANCELED);
  assert_int_equal(end_reason_from_wire(REASON_ANSWERED_ELSEWHERE), SOTTO_END_ELSEWHERE);
}

static void what_is_not_known_is_a_hangup(void **state) {
  (void)state;
  assert_int_equal(end_reason_from_wire(0), SOTTO_END_HANGUP);
  assert_int_equal(end_reason_from_wire(REASON_LAST + 1), SOTTO_END_HANGUP);
  assert_int_equal(end_reason_from_wire(255), SOTTO_END_HANGUP);
}

UNIT_TESTS(test(every_reason_that_goes_out_comes_in_as_the_same),
           test(a_caller_is_not_told_that_another_device_answered), test(what_is_not_known_is_a_hangup))
