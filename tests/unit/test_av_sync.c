#include "unit.h"

#include "media/video/av_sync.h"

enum { AUDIO_EPOCH = 123456, VIDEO_EPOCH = 9000000 }; /* RTP times of the sender's wall clock `wall_start` */
#define WALL_START ((usec)1795000000 * 1000000)       /* Unix time, 2026 */

static uint64_t ntp_of(usec wall) {
  uint64_t seconds = (uint64_t)(wall / 1000000) + 2208988800u;
  return seconds << 32 | ((uint64_t)(wall % 1000000) << 32) / 1000000;
}

/* t: since the sender's start. */
static int64_t audio_rtp(usec t) {
  return AUDIO_EPOCH + t * 48 / 1000;
}
static int64_t video_rtp(usec t) {
  return VIDEO_EPOCH + t * 9 / 100;
}

static void report_both(struct av_sync *sync, usec t) {
  av_sync_input_report(sync, AV_SYNC_AUDIO, ntp_of(WALL_START + t), audio_rtp(t));
  av_sync_input_report(sync, AV_SYNC_VIDEO, ntp_of(WALL_START + t), video_rtp(t));
}

#define OUR_START SEC(77) /* our clock at the sender's start */

/* Sends for a while: audio takes `audio`, video `video` from capture to us. The last frame's times. */
static struct av_sync_times run(struct av_sync *sync, usec from, usec to, usec audio, usec video) {
  struct av_sync_times times = {0};
  for (usec t = from; t < to; t += MS(20)) {
    av_sync_input_audio(sync, OUR_START + t + audio, audio_rtp(t));
    if (t % MS(40) == 0)
      times = av_sync_video(sync, OUR_START + t + video, video_rtp(t));
  }
  return times;
}

static void without_reports_a_frame_is_shown_at_once(void **state) {
  (void)state;
  struct av_sync sync;
  av_sync_init(&sync);
  av_sync_set_playout_delay(&sync, MS(200));
  struct av_sync_times times = run(&sync, 0, SEC(1), MS(30), MS(50));
  assert_int_equal(times.render, OUR_START + MS(960) + MS(50));
  assert_int_equal(times.captured, 0);
  av_sync_input_report(&sync, AV_SYNC_VIDEO, ntp_of(WALL_START), video_rtp(0));
  times = run(&sync, SEC(1), SEC(2), MS(30), MS(50));
  assert_int_equal(times.render, OUR_START + MS(1960) + MS(50)); /* audio has none yet */
  assert_in_range(times.captured, WALL_START + MS(1960) - 20, WALL_START + MS(1960) + 20);
}

static void a_frame_is_shown_shortly_before_its_sound_is_heard(void **state) {
  (void)state;
  struct av_sync sync;
  av_sync_init(&sync);
  av_sync_set_playout_delay(&sync, MS(120));
  report_both(&sync, 0);
  struct av_sync_times times = run(&sync, 0, SEC(5), MS(30), MS(50));
  usec heard = OUR_START + MS(4960) + MS(30) + MS(120), due = heard - AV_SYNC_LEAD;
  assert_in_range(times.render, due - MS(2), due + MS(2));
  assert_in_range(times.captured, WALL_START + MS(4960) - 20, WALL_START + MS(4960) + 20);
}

static void the_delay_moves_smoothly_and_in_order(void **state) {
  (void)state;
  struct av_sync sync;
  av_sync_init(&sync);
  report_both(&sync, 0);
  usec last = 0;
  for (usec t = 0; t < SEC(30); t += MS(20)) {
    av_sync_set_playout_delay(&sync, t < SEC(5) ? MS(40) : t < SEC(15) ? MS(300) : MS(60));
    av_sync_input_audio(&sync, OUR_START + t + MS(30), audio_rtp(t));
    if (t % MS(40))
      continue;
    struct av_sync_times times = av_sync_video(&sync, OUR_START + t + MS(50), video_rtp(t));
    assert_true(times.render >= OUR_START + t + MS(50));
    if (last)
      assert_in_range(times.render - last, MS(35), MS(45));
    last = times.render;
  }
  usec heard = OUR_START + MS(29960) + MS(90), due = heard - AV_SYNC_LEAD;
  assert_in_range(last, due - MS(2), due + MS(2));
}

static void jitter_and_drift_stay_within_forty_milliseconds(void **state) {
  (void)state;
  struct av_sync sync;
  av_sync_init(&sync);
  av_sync_set_playout_delay(&sync, MS(80));
  uint64_t seed = 9;
  for (usec t = 0; t < SEC(120); t += MS(20)) {
    usec drifted = t + t / 5000; /* the sender's clock, 200 ppm fast */
    if (t % SEC(1) == 0)
      report_both(&sync, drifted);
    usec jitter = (usec)(unit_random(&seed) % 20000);
    av_sync_input_audio(&sync, OUR_START + t + MS(30) + jitter, audio_rtp(drifted));
    if (t % MS(40))
      continue;
    usec now = OUR_START + t + MS(40) + (usec)(unit_random(&seed) % 20000);
    struct av_sync_times times = av_sync_video(&sync, now, video_rtp(drifted));
    usec heard = OUR_START + t + MS(40) + MS(80), due = heard - AV_SYNC_LEAD; /* on average */
    if (t > SEC(5))
      assert_in_range(times.render, due - MS(15), due + MS(15));
  }
}

static void a_late_frame_is_shown_at_once(void **state) {
  (void)state;
  struct av_sync sync;
  av_sync_init(&sync);
  av_sync_set_playout_delay(&sync, MS(20));
  report_both(&sync, 0);
  struct av_sync_times times = run(&sync, 0, SEC(5), MS(30), MS(150));
  assert_int_equal(times.render, OUR_START + MS(4960) + MS(150));
}

static void a_lying_report_delays_no_frame_beyond_the_bound(void **state) {
  (void)state;
  const uint64_t lies[] = {1, UINT64_MAX, 1ull << 63, ntp_of(WALL_START + SEC(3600)), ntp_of(WALL_START - SEC(9))};
  const int64_t rtp[] = {0, INT64_MAX, INT64_MIN, 1ll << 33, -1};
  for (int i = 0; i < 5; i++)
    for (int j = 0; j < 5; j++)
      for (int medium = 0; medium < AV_SYNC_MEDIA; medium++) {
        struct av_sync sync;
        av_sync_init(&sync);
        av_sync_set_playout_delay(&sync, i % 2 ? INT64_MAX : INT64_MIN);
        report_both(&sync, 0);
        run(&sync, 0, SEC(1), MS(30), MS(50));
        av_sync_input_report(&sync, (enum av_sync_medium)medium, lies[i], rtp[j]);
        for (usec t = SEC(1); t < SEC(3); t += MS(20)) {
          usec now = OUR_START + t + MS(50);
          av_sync_input_audio(&sync, now, audio_rtp(t));
          struct av_sync_times times = av_sync_video(&sync, now, video_rtp(t));
          assert_true(times.render >= now && times.render <= now + AV_SYNC_DELAY_MAX);
        }
        report_both(&sync, SEC(3)); /* the truth heals it */
        av_sync_set_playout_delay(&sync, MS(60));
        struct av_sync_times times = run(&sync, SEC(3), SEC(15), MS(30), MS(40));
        usec heard = OUR_START + MS(14960) + MS(90), due = heard - AV_SYNC_LEAD;
        assert_in_range(times.render, due - MS(3), due + MS(3));
      }
}

static void a_report_without_a_clock_is_ignored(void **state) {
  (void)state;
  struct av_sync sync;
  av_sync_init(&sync);
  av_sync_input_report(&sync, AV_SYNC_VIDEO, 0, video_rtp(0));
  struct av_sync_times times = av_sync_video(&sync, OUR_START, video_rtp(0));
  assert_int_equal(times.captured, 0);
}

UNIT_TESTS(test(without_reports_a_frame_is_shown_at_once), test(a_frame_is_shown_shortly_before_its_sound_is_heard),
           test(the_delay_moves_smoothly_and_in_order), test(jitter_and_drift_stay_within_forty_milliseconds),
           test(a_late_frame_is_shown_at_once), test(a_lying_report_delays_no_frame_beyond_the_bound),
           test(a_report_without_a_clock_is_ignored))
