#include "media/recovery/history.h"

#include "unit.h"

enum { SLOTS = 16 };
static struct sent_packet slot[SLOTS];

static struct history filled(int64_t first, int count, usec now) {
  struct history history;
  history_init(&history, slot, SLOTS);
  for (int64_t seq = first; seq < first + count; seq++) {
    struct sent_packet *packet = history_add(&history, seq);
    packet->size = 2;
    packet->data[0] = (uint8_t)seq;
    history_sent(&history, packet, now);
  }
  return history;
}

static void an_empty_history_has_nothing(void **state) {
  (void)state;
  struct history history = filled(0, 0, 0);
  for (int64_t seq = -2; seq < 2 * SLOTS; seq++)
    assert_null(history_find(&history, seq));
}

static void the_newest_packets_are_kept_and_the_oldest_give_way(void **state) {
  (void)state;
  struct history history = filled(100, 40, 0);
  for (int64_t seq = 100; seq < 140 - SLOTS; seq++)
    assert_null(history_find(&history, seq));
  for (int64_t seq = 140 - SLOTS; seq < 140; seq++)
    assert_int_equal(history_find(&history, seq)->data[0], (uint8_t)seq);
  assert_null(history_find(&history, 140));
}

static void a_packet_still_in_the_pacer_is_not_resent(void **state) {
  (void)state;
  struct history history = filled(0, 0, 0);
  struct sent_packet *packet = history_add(&history, 5);
  assert_null(history_resend(&history, SEC(1), 5, MS(20)));
  history_sent(&history, packet, SEC(1));
  assert_ptr_equal(history_resend(&history, SEC(1), 5, MS(20)), packet);
}

static void a_repeated_request_within_the_spacing_crossed_the_answer(void **state) {
  (void)state;
  struct history history = filled(0, 8, 0);
  assert_non_null(history_resend(&history, MS(30), 3, MS(20)));
  assert_null(history_resend(&history, MS(31), 3, MS(20)));
  assert_null(history_resend(&history, MS(49), 3, MS(20)));
  assert_non_null(history_resend(&history, MS(50), 3, MS(20)));
  assert_non_null(history_resend(&history, MS(50), 4, MS(20))); /* another packet is another matter */
}

static void no_packet_is_resent_for_ever(void **state) {
  (void)state;
  struct history history = filled(0, 8, 0);
  int resends = 0;
  for (int i = 1; i < 100; i++)
    resends += history_resend(&history, SEC(i), 3, MS(20)) != NULL;
  assert_int_equal(resends, RESENDS_MAX);
}

static void a_new_packet_in_the_slot_starts_afresh(void **state) {
  (void)state;
  struct history history = filled(0, 8, 0);
  assert_non_null(history_resend(&history, SEC(1), 3, 0));
  struct sent_packet *packet = history_add(&history, 3 + SLOTS);
  assert_int_equal(packet->resends, 0);
  assert_null(history_resend(&history, SEC(1), 3, 0));
}

static void send(struct history *history, int64_t seq, usec now) {
  history_sent(history, history_add(history, seq), now);
}

static void what_was_sent_long_ago_gives_its_memory_to_the_newest(void **state) {
  (void)state;
  struct history history = filled(100, 2, 0);
  const struct sent_packet *oldest = history_find(&history, 100);
  send(&history, 102, SENT_AGE - 1);
  assert_non_null(history_find(&history, 100));
  send(&history, 103, SENT_AGE);
  assert_ptr_equal(history_add(&history, 104), oldest);
  assert_null(history_find(&history, 100));
  assert_non_null(history_find(&history, 101));
}

static void a_slow_stream_needs_few_slots(void **state) {
  (void)state;
  struct history history = filled(100, 0, 0);
  for (int i = 0; i < 10 * SLOTS; i++)
    send(&history, 100 + i, i * SENT_AGE / 4);
  assert_int_equal(history.used, 5); /* those of the last SENT_AGE */
  for (int64_t seq = 100 + 10 * SLOTS - 4; seq < 100 + 10 * SLOTS; seq++)
    assert_non_null(history_find(&history, seq));
}

static void what_has_not_left_or_was_asked_for_is_kept_however_old(void **state) {
  (void)state;
  struct history history = filled(100, 0, 0);
  struct sent_packet *waiting = history_add(&history, 100);
  send(&history, 101, 0);
  send(&history, 102, 2 * SENT_AGE);
  send(&history, 103, 2 * SENT_AGE);
  assert_ptr_equal(history_find(&history, 100), waiting);
  history_sent(&history, waiting, 2 * SENT_AGE);
  assert_non_null(history_resend(&history, 3 * SENT_AGE, 100, 0));
  send(&history, 104, 3 * SENT_AGE);
  send(&history, 105, 3 * SENT_AGE);
  assert_ptr_equal(history_find(&history, 100), waiting);
}

static void slow_or_fast_the_newest_are_kept(void **state) {
  (void)state;
  struct history history = filled(100, 3, 0);
  for (int64_t seq = 103; seq < 400; seq++) {
    usec now = seq < 200 ? (seq - 103) * SENT_AGE / 2 : 100 * SENT_AGE; /* and then all at once */
    history_sent(&history, history_add(&history, seq), now);
    history_find(&history, seq)->data[0] = (uint8_t)seq;
  }
  for (int64_t seq = 400 - SLOTS; seq < 400; seq++)
    assert_int_equal(history_find(&history, seq)->data[0], (uint8_t)seq);
  assert_null(history_find(&history, 400 - SLOTS - 1));
  assert_int_equal(history.used, SLOTS);
}

UNIT_TESTS(test(an_empty_history_has_nothing), test(the_newest_packets_are_kept_and_the_oldest_give_way),
           test(a_packet_still_in_the_pacer_is_not_resent),
           test(a_repeated_request_within_the_spacing_crossed_the_answer), test(no_packet_is_resent_for_ever),
           test(a_new_packet_in_the_slot_starts_afresh),
           test(what_was_sent_long_ago_gives_its_memory_to_the_newest), test(a_slow_stream_needs_few_slots),
           test(what_has_not_left_or_was_asked_for_is_kept_however_old), test(slow_or_fast_the_newest_are_kept))
