#include "media/seq.h"

#include "unit.h"

static int64_t take(struct seq *seq, int number, enum seq_verdict expected) {
  int64_t unwrapped = -1;
  assert_int_equal(seq_input(seq, (uint16_t)number, &unwrapped), expected);
  return unwrapped;
}

static void numbers_go_on_over_the_wrap(void **state) {
  (void)state;
  struct seq seq;
  seq_init(&seq);
  int64_t first = take(&seq, 65000, SEQ_NEW);
  for (int i = 1; i < 200000; i++)
    assert_int_equal(take(&seq, 65000 + i, SEQ_NEW), first + i);
}

static void reordering_over_the_wrap_keeps_each_number(void **state) {
  (void)state;
  struct seq seq;
  seq_init(&seq);
  int64_t first = take(&seq, 65534, SEQ_NEW);
  assert_int_equal(take(&seq, 1, SEQ_NEW), first + 3);
  assert_int_equal(take(&seq, 65535, SEQ_NEW), first + 1);
  assert_int_equal(take(&seq, 0, SEQ_NEW), first + 2);
}

static void a_number_before_the_first_is_not_negative(void **state) {
  (void)state;
  struct seq seq;
  seq_init(&seq);
  take(&seq, 0, SEQ_NEW);
  assert_int_equal(take(&seq, 65535, SEQ_NEW), 65535);
}

static void a_duplicate_is_told_from_a_late_packet(void **state) {
  (void)state;
  struct seq seq;
  seq_init(&seq);
  take(&seq, 100, SEQ_NEW);
  take(&seq, 103, SEQ_NEW);
  take(&seq, 103, SEQ_DUPLICATE);
  take(&seq, 101, SEQ_NEW);
  take(&seq, 101, SEQ_DUPLICATE);
  for (int i = 104; i < 103 + SEQ_WINDOW; i++)
    take(&seq, i, SEQ_NEW);
  take(&seq, 103, SEQ_DUPLICATE); /* the oldest number still known */
  take(&seq, 103 + SEQ_WINDOW, SEQ_NEW);
  take(&seq, 104, SEQ_DUPLICATE);
  take(&seq, 103, SEQ_JUMP);
}

static void a_slot_of_the_window_is_clean_when_it_comes_round(void **state) {
  (void)state;
  struct seq seq;
  seq_init(&seq);
  for (int i = 0; i < SEQ_WINDOW; i++)
    take(&seq, i, SEQ_NEW);
  take(&seq, SEQ_WINDOW + 500, SEQ_NEW); /* all between are lost */
  for (int i = SEQ_WINDOW; i < SEQ_WINDOW + 500; i++)
    take(&seq, i, SEQ_NEW); /* and come late */
}

static void one_wild_packet_moves_nothing(void **state) {
  (void)state;
  struct seq seq;
  seq_init(&seq);
  int64_t first = take(&seq, 1000, SEQ_NEW);
  take(&seq, 30000, SEQ_JUMP);
  take(&seq, 50000, SEQ_JUMP);
  assert_int_equal(take(&seq, 1001, SEQ_NEW), first + 1);
  take(&seq, 50001, SEQ_JUMP); /* what went before is forgotten */
}

static void a_jump_that_continues_is_an_outage(void **state) {
  (void)state;
  struct seq seq;
  seq_init(&seq);
  int64_t first = take(&seq, 1000, SEQ_NEW);
  take(&seq, 11000, SEQ_JUMP);
  assert_int_equal(take(&seq, 11001, SEQ_NEW), first + 10001);
  assert_int_equal(take(&seq, 11000, SEQ_NEW), first + 10000); /* sent again, now welcome */
}

static void a_step_back_that_continues_is_a_restart_and_numbers_still_grow(void **state) {
  (void)state;
  struct seq seq;
  seq_init(&seq);
  int64_t first = take(&seq, 20000, SEQ_NEW);
  take(&seq, 5000, SEQ_JUMP);
  int64_t again = take(&seq, 5001, SEQ_RESTART);
  assert_true(again > first);
  assert_int_equal(again & 0xffff, 5001);
  assert_int_equal(take(&seq, 5002, SEQ_NEW), again + 1);
}

static void timestamps_go_on_over_the_wrap_and_back(void **state) {
  (void)state;
  struct timestamp timestamp = {0};
  int64_t first = timestamp_input(&timestamp, 0xfffffff0);
  assert_int_equal(timestamp_input(&timestamp, 0x10), first + 0x20);
  assert_int_equal(timestamp_input(&timestamp, 0xfffffff8), first + 8);
}

static void no_timestamp_is_ever_negative(void **state) {
  (void)state;
  struct timestamp timestamp = {0};
  uint32_t wire = 5;
  for (int i = 0; i < 100; i++, wire -= 0x7fffffff)
    assert_true(timestamp_input(&timestamp, wire) >= 0);
}

UNIT_TESTS(test(numbers_go_on_over_the_wrap), test(reordering_over_the_wrap_keeps_each_number),
           test(a_number_before_the_first_is_not_negative), test(a_duplicate_is_told_from_a_late_packet),
           test(a_slot_of_the_window_is_clean_when_it_comes_round), test(one_wild_packet_moves_nothing),
           test(a_jump_that_continues_is_an_outage),
           test(a_step_back_that_continues_is_a_restart_and_numbers_still_grow),
           test(timestamps_go_on_over_the_wrap_and_back), test(no_timestamp_is_ever_negative))
