#include "signaling/putting.h"

#include "unit.h"

static struct putting box;
static uint8_t mailbox[MAILBOX_SIZE], cell[CELL_SIZE];

static bool put(usec now, int ttl, uint8_t mark) {
  cell[0] = mark;
  return putting_put(&box, now, mailbox, ttl, cell);
}

static void cells_leave_in_the_order_in_which_they_came(void **state) {
  (void)state;
  putting_init(&box);
  for (uint8_t i = 0; i < 200; i++) {
    assert_true(put(0, 60, i));
    assert_true(putting_due(&box));
    struct putting_cell *next = putting_next(&box, 0);
    assert_int_equal(next->cell[0], i);
    putting_sent(next, 0);
  }
  assert_null(putting_next(&box, 0));
  assert_false(putting_due(&box));
}

static void nothing_unsent_is_ever_overwritten(void **state) {
  (void)state;
  putting_init(&box);
  for (uint8_t i = 0; i < PUTTING_SIZE; i++)
    assert_true(put(0, 60, i));
  assert_false(put(0, 60, 99));
  putting_sent(putting_next(&box, 0), 0);
  assert_true(put(0, 60, 99));
  for (uint8_t i = 1; i < PUTTING_SIZE; i++) {
    assert_int_equal(putting_next(&box, 0)->cell[0], i);
    putting_sent(putting_next(&box, 0), 0);
  }
  assert_int_equal(putting_next(&box, 0)->cell[0], 99);
}

static void the_ttl_runs_from_the_putting(void **state) {
  (void)state;
  putting_init(&box);
  assert_true(put(SEC(100), 30, 1));
  assert_int_equal(putting_ttl(putting_next(&box, SEC(100)), SEC(100)), 30);
  assert_int_equal(putting_ttl(putting_next(&box, SEC(120)), SEC(120)), 10);
  assert_int_equal(putting_ttl(putting_next(&box, SEC(130) - 1), SEC(130) - 1), 1);
  assert_null(putting_next(&box, SEC(130)));
  assert_int_equal(box.expired, 1);
}

static void what_was_sent_within_the_span_is_sent_again_oldest_first(void **state) {
  (void)state;
  putting_init(&box);
  for (uint8_t i = 0; i < 3; i++) {
    assert_true(put(SEC(i), 60, i));
    putting_sent(putting_next(&box, SEC(i)), SEC(i));
  }
  putting_again(&box, SEC(11), SEC(10));
  assert_int_equal(putting_next(&box, SEC(11))->cell[0], 1);
  putting_sent(putting_next(&box, SEC(11)), SEC(11));
  assert_int_equal(putting_next(&box, SEC(11))->cell[0], 2);
  putting_sent(putting_next(&box, SEC(11)), SEC(11));
  assert_null(putting_next(&box, SEC(11)));
}

static void again_has_an_end(void **state) {
  (void)state;
  putting_init(&box);
  assert_true(put(0, 60, 1));
  int sent = 0;
  for (int i = 0; i < 20; i++) {
    struct putting_cell *next = putting_next(&box, 0);
    if (next)
      putting_sent(next, 0), sent++;
    putting_again(&box, 0, SEC(10));
  }
  assert_int_equal(sent, PUTTING_TRIES);
}

static void a_cell_that_had_been_sent_does_not_count_as_expired(void **state) {
  (void)state;
  putting_init(&box);
  assert_true(put(0, 5, 1));
  putting_sent(putting_next(&box, 0), 0);
  putting_again(&box, SEC(1), SEC(10));
  assert_null(putting_next(&box, SEC(6)));
  assert_int_equal(box.expired, 0);
}

UNIT_TESTS(test(cells_leave_in_the_order_in_which_they_came), test(nothing_unsent_is_ever_overwritten),
           test(the_ttl_runs_from_the_putting), test(what_was_sent_within_the_span_is_sent_again_oldest_first),
           test(again_has_an_end), test(a_cell_that_had_been_sent_does_not_count_as_expired))
