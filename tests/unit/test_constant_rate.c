#include "media/congestion/constant_rate.h"

#include "unit.h"

static int poll_all(struct constant_rate *constant, usec now, bps target, int *video) {
  int audio = 0;
  *video = 0;
  for (enum constant_slot slot; (slot = constant_rate_poll(constant, now, target)) != CONSTANT_NONE;)
    *(slot == CONSTANT_AUDIO ? &audio : video) += 1;
  return audio;
}

static void each_tick_has_one_audio_slot_and_video_slots_once_video_began(void **state) {
  (void)state;
  struct constant_rate constant;
  int video;
  constant_rate_init(&constant, true);
  for (int tick = 0; tick < 10; tick++) {
    usec now = SEC(1) + tick * CONSTANT_TICK;
    if (tick == 5)
      constant_rate_begin_video(&constant);
    assert_int_equal(poll_all(&constant, now, RATE_START, &video), 1);
    assert_int_equal(video, tick < 5 ? 0 : 2);
    assert_int_equal(constant_rate_deadline(&constant), now + CONSTANT_TICK);
    assert_int_equal(poll_all(&constant, now + CONSTANT_TICK - 1, RATE_START, &video), 0);
  }
}

static void the_rate_changes_every_60_seconds_at_most(void **state) {
  (void)state;
  struct constant_rate constant;
  int video, before = 0, changes = 0;
  constant_rate_init(&constant, true);
  constant_rate_begin_video(&constant);
  for (int tick = 0; tick < 6500; tick++) {
    bps target = tick % 2 ? RATE_MAX : RATE_START + tick * 200; /* jumps up and down all the time */
    poll_all(&constant, SEC(1) + tick * CONSTANT_TICK, target, &video);
    if (video != before) {
      assert_int_equal(tick % 3000, 0);
      changes++;
    }
    before = video;
  }
  assert_int_equal(changes, 3);
}

static void one_video_slot_remains_however_bad_the_network(void **state) {
  (void)state;
  struct constant_rate constant;
  int video;
  constant_rate_init(&constant, true);
  constant_rate_begin_video(&constant);
  poll_all(&constant, 0, RATE_MIN, &video);
  assert_int_equal(video, 1);
}

static void a_short_stall_is_made_up_for_and_a_long_one_left_out(void **state) {
  (void)state;
  struct constant_rate constant;
  int video;
  constant_rate_init(&constant, true);
  assert_int_equal(poll_all(&constant, 0, RATE_START, &video), 1);
  assert_int_equal(poll_all(&constant, 4 * CONSTANT_TICK, RATE_START, &video), 4);
  assert_int_equal(poll_all(&constant, SEC(3), RATE_START, &video), 1);
  assert_int_equal(constant_rate_deadline(&constant), SEC(3) + CONSTANT_TICK);
}

static void switched_off_it_never_falls_due(void **state) {
  (void)state;
  struct constant_rate constant;
  int video;
  constant_rate_init(&constant, false);
  constant_rate_begin_video(&constant);
  assert_int_equal(poll_all(&constant, SEC(9), RATE_START, &video) + video, 0);
  assert_int_equal(constant_rate_deadline(&constant), USEC_NEVER);
}

UNIT_TESTS(test(each_tick_has_one_audio_slot_and_video_slots_once_video_began),
           test(the_rate_changes_every_60_seconds_at_most), test(one_video_slot_remains_however_bad_the_network),
           test(a_short_stall_is_made_up_for_and_a_long_one_left_out), test(switched_off_it_never_falls_due))
