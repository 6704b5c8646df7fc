#include "media/congestion/pacer.h"

#include "unit.h"

static const bps target = 400000; /* paced: 1 Mbit/s, so 1000 bytes take 8 ms */

static bool push(struct pacer *pacer, usec now, enum pacer_priority priority, int64_t seq) {
  return pacer_input(pacer, now, &(struct pacer_item){.priority = priority, .seq = seq, .size = 1000});
}

static int drain(struct pacer *pacer, usec now) {
  struct pacer_item item;
  int count = 0;
  while (pacer_poll(pacer, now, &item))
    count++;
  return count;
}

static void packets_leave_at_the_paced_rate(void **state) {
  (void)state;
  struct pacer pacer;
  pacer_init(&pacer, target, 250);
  for (int i = 0; i < 50; i++)
    assert_true(push(&pacer, SEC(1), PACE_VIDEO, i));
  int sent = 0;
  usec now = SEC(1);
  for (int wakeups = 0; pacer_deadline(&pacer) != USEC_NEVER; wakeups++) {
    now = pacer_deadline(&pacer) > now ? pacer_deadline(&pacer) : now;
    sent += drain(&pacer, now);
    assert_true(wakeups <= 50); /* each wake-up sends something */
  }
  assert_int_equal(sent, 50);
  assert_in_range(now - SEC(1), MS(380), MS(400)); /* 50 * 8 ms, less the first burst */
}

static void idle_time_earns_a_small_burst_only(void **state) {
  (void)state;
  struct pacer pacer;
  pacer_init(&pacer, target, 250);
  assert_int_equal(drain(&pacer, 0), 0);
  for (int i = 0; i < 10; i++)
    push(&pacer, SEC(100), PACE_VIDEO, i);
  assert_int_equal(drain(&pacer, SEC(100)), 1); /* 5 ms of credit are less than one packet's 8 */
}

static void audio_goes_first_and_at_once_and_retransmissions_before_video(void **state) {
  (void)state;
  struct pacer pacer;
  struct pacer_item item;
  pacer_init(&pacer, target, 250);
  for (int i = 0; i < 3; i++)
    push(&pacer, 0, PACE_VIDEO, i);
  drain(&pacer, 0); /* the credit is gone */
  push(&pacer, 0, PACE_RETRANSMIT, 10);
  push(&pacer, 0, PACE_AUDIO, 20);
  assert_true(pacer_poll(&pacer, 0, &item));
  assert_int_equal(item.seq, 20);
  assert_false(pacer_poll(&pacer, 0, &item)); /* the others wait for the audio's bits, too */
  assert_in_range(pacer_deadline(&pacer), MS(10), MS(17));
  assert_true(pacer_poll(&pacer, pacer_deadline(&pacer), &item));
  assert_int_equal(item.seq, 10);
  assert_true(pacer_poll(&pacer, SEC(1), &item));
  assert_int_equal(item.seq, 1); /* video in its order */
}

static void nothing_leaves_before_its_deadline(void **state) {
  (void)state;
  struct pacer pacer;
  pacer_init(&pacer, target, 250);
  push(&pacer, 0, PACE_VIDEO, 0);
  push(&pacer, 0, PACE_VIDEO, 1);
  drain(&pacer, 0);
  usec deadline = pacer_deadline(&pacer);
  assert_int_equal(drain(&pacer, deadline - 1), 0);
  assert_int_equal(pacer_deadline(&pacer), deadline); /* looking costs nothing */
  assert_int_equal(drain(&pacer, deadline), 1);
  assert_true(pacer_deadline(&pacer) == USEC_NEVER);
}

static void a_full_queue_leaves_within_the_drain_time_at_any_rate(void **state) {
  (void)state;
  struct pacer pacer;
  pacer_init(&pacer, 10000, 250);
  int64_t pushed = 0;
  while (push(&pacer, 0, PACE_VIDEO, pushed))
    pushed++;
  assert_int_equal(pushed, PACER_VIDEO);
  assert_int_equal(pacer_room(&pacer, PACE_VIDEO), 0);
  int sent = 0;
  for (usec now = 0; now < PACER_DRAIN + MS(50); now += MS(1))
    sent += drain(&pacer, now);
  assert_int_equal(sent, PACER_VIDEO);
}

static void a_flood_of_audio_leaves_a_bounded_debt(void **state) {
  (void)state;
  struct pacer pacer;
  pacer_init(&pacer, target, 250);
  for (int i = 0; i < 1000; i++) {
    assert_true(push(&pacer, 0, PACE_AUDIO, i));
    assert_int_equal(drain(&pacer, 0), 1);
  }
  push(&pacer, 0, PACE_VIDEO, 0);
  assert_in_range(pacer_deadline(&pacer), 1, PACER_DEBT);
}

static void a_new_target_changes_the_pace(void **state) {
  (void)state;
  struct pacer pacer;
  pacer_init(&pacer, target, 250);
  push(&pacer, 0, PACE_VIDEO, 0);
  push(&pacer, 0, PACE_VIDEO, 1);
  drain(&pacer, 0);
  usec slow = pacer_deadline(&pacer);
  pacer_set_target(&pacer, 0, 10 * target, 250);
  assert_in_range(pacer_deadline(&pacer), slow / 10, slow / 10 + 1);
}

static void what_is_due_soon_leaves_in_one_batch_at_the_same_pace(void **state) {
  (void)state;
  struct pacer pacer;
  pacer_init(&pacer, target, 250);
  pacer_set_ahead(&pacer, MS(20));
  for (int i = 0; i < 50; i++)
    assert_true(push(&pacer, SEC(1), PACE_VIDEO, i));
  int sent = 0, wakeups = 0;
  usec now = SEC(1);
  for (; pacer_deadline(&pacer) != USEC_NEVER; wakeups++) {
    now = pacer_deadline(&pacer) > now ? pacer_deadline(&pacer) : now;
    sent += drain(&pacer, now);
  }
  assert_int_equal(sent, 50);
  assert_in_range(wakeups, 10, 20);                /* three packets each, of 8 ms */
  assert_in_range(now - SEC(1), MS(360), MS(400)); /* as without */
  pacer_set_ahead(&pacer, 0);
  push(&pacer, now, PACE_VIDEO, 50);
  assert_int_equal(drain(&pacer, now), 0); /* what left early is owed */
}

static void padding_is_wanted_only_while_nothing_waits(void **state) {
  (void)state;
  struct pacer pacer;
  pacer_init(&pacer, target, 250);
  assert_true(pacer_wants_padding(&pacer, 0));
  assert_true(push(&pacer, 0, PACE_PADDING, 0));
  assert_false(push(&pacer, 0, PACE_PADDING, 1)); /* one at a time */
  push(&pacer, 0, PACE_VIDEO, 2);
  struct pacer_item item;
  assert_true(pacer_poll(&pacer, 0, &item));
  assert_int_equal(item.seq, 2); /* video goes first */
  assert_int_equal(drain(&pacer, SEC(1)), 1);
  assert_false(pacer_wants_padding(&pacer, SEC(1)));
  assert_false(pacer_wants_padding(&pacer, pacer_padding_deadline(&pacer) - 1));
  assert_true(pacer_wants_padding(&pacer, pacer_padding_deadline(&pacer)));
}

static void held_only_audio_leaves(void **state) {
  (void)state;
  struct pacer pacer;
  struct pacer_item item;
  pacer_init(&pacer, target, 250);
  pacer_hold(&pacer, SEC(1), true);
  assert_false(pacer_wants_padding(&pacer, SEC(1)));
  push(&pacer, SEC(1), PACE_VIDEO, 1);
  push(&pacer, SEC(1), PACE_RETRANSMIT, 2);
  assert_true(pacer_deadline(&pacer) == USEC_NEVER);
  push(&pacer, SEC(1), PACE_AUDIO, 3);
  assert_true(pacer_deadline(&pacer) <= SEC(1));
  assert_true(pacer_poll(&pacer, SEC(1), &item));
  assert_int_equal(item.seq, 3);
  assert_int_equal(drain(&pacer, SEC(2)), 0);
  pacer_hold(&pacer, SEC(2), false);
  assert_int_equal(drain(&pacer, SEC(2) + MS(10)) + drain(&pacer, SEC(2) + MS(20)), 2);
}

UNIT_TESTS(test(what_is_due_soon_leaves_in_one_batch_at_the_same_pace), test(held_only_audio_leaves),
           test(padding_is_wanted_only_while_nothing_waits), test(packets_leave_at_the_paced_rate),
           test(idle_time_earns_a_small_burst_only),
           test(audio_goes_first_and_at_once_and_retransmissions_before_video),
           test(nothing_leaves_before_its_deadline), test(a_full_queue_leaves_within_the_drain_time_at_any_rate),
           test(a_flood_of_audio_leaves_a_bounded_debt), test(a_new_target_changes_the_pace))
