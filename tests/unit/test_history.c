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
    history_sent(packet, now);
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
  history_sent(packet, SEC(1));
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

UNIT_TESTS(test(an_empty_history_has_nothing), test(the_newest_packets_are_kept_and_the_oldest_give_way),
           test(a_packet_still_in_the_pacer_is_not_resent),
           test(a_repeated_request_within_the_spacing_crossed_the_answer), test(no_packet_is_resent_for_ever),
           test(a_new_packet_in_the_slot_starts_afresh))
