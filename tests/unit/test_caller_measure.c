#include "examples/caller/measure.h"

#include <math.h>

#include "unit.h"

enum { BLOCKS = 400, SAMPLES = BLOCKS * MEASURE_BLOCK };

static int16_t said[SAMPLES], heard[SAMPLES];
static int64_t said_at[BLOCKS], heard_at[BLOCKS];

/* Noise through a one-pole low-pass, in syllables: something like speech, and nowhere like itself. */
static void babble(int16_t *pcm, uint64_t seed) {
  double low = 0;
  for (int i = 0; i < SAMPLES; i++) {
    double noise = (double)(unit_random(&seed) >> 40) / (1 << 23) - 1;
    low += 0.08 * (noise - low);
    pcm[i] = (int16_t)(low * 40000 * (0.6 + 0.4 * sin(i / 4000.0)));
  }
}

static void clocks(void) {
  for (int i = 0; i < BLOCKS; i++) {
    said_at[i] = 1000000 + i * 10000;
    heard_at[i] = 1003000 + i * 10000; /* the listener's loop began 3 ms later */
  }
}

static struct audio_quality judge(void) {
  struct sound a = {said, said_at, BLOCKS}, b = {heard, heard_at, BLOCKS};
  struct audio_quality q = {0};
  need(measure_audio(&a, &b, 1000000, 1000000 + 3000000, &q));
  return q;
}

static void a_delayed_copy_is_found_at_its_delay(void **state) {
  (void)state;
  babble(said, 7);
  clocks();
  memset(heard, 0, sizeof heard);
  memcpy(heard + 3600, said, sizeof said - 3600 * 2); /* 75 ms */
  struct audio_quality q = judge();
  assert_int_equal(q.windows, 6);
  assert_int_equal(q.matched, 6);
  assert_true(q.correlation > 0.999);
  assert_true(fabs(q.delay_ms - 78) < 0.6); /* 75 + 3 */
  assert_true(fabs(q.delay_p95_ms - 78) < 0.6);
}

static void noise_lowers_the_correlation_as_theory_says(void **state) {
  (void)state;
  babble(said, 7);
  babble(heard, 8);
  clocks();
  for (int i = SAMPLES - 1; i >= 2400; i--)
    heard[i] = (int16_t)(said[i - 2400] / 2 + heard[i] / 2); /* equal power: 1 / sqrt 2 */
  struct audio_quality q = judge();
  assert_int_equal(q.matched, 6);
  assert_true(fabs(q.correlation - 0.707) < 0.05);
}

static void another_speaker_or_silence_does_not_match(void **state) {
  (void)state;
  babble(said, 7);
  babble(heard, 9);
  clocks();
  struct audio_quality q = judge();
  assert_true(q.windows == 6 && q.correlation < 0.4);
  memset(heard, 0, sizeof heard);
  q = judge();
  assert_true(q.windows == 6 && q.matched == 0 && q.correlation == 0 && q.delay_ms == 0);
}

static void half_of_it_lost_halves_the_correlation(void **state) {
  (void)state;
  babble(said, 7);
  clocks();
  memcpy(heard, said, sizeof said);
  memset(heard + SAMPLES * 3 / 8, 0, SAMPLES * 2 / 8 * 2 + SAMPLES * 2 / 8 * 2);
  struct audio_quality q = judge();
  assert_int_equal(q.windows, 6);
  assert_int_equal(q.matched, 3);
  assert_true(fabs(q.correlation - 0.5) < 0.1);
}

static void silence_that_was_sent_is_not_judged(void **state) {
  (void)state;
  clocks();
  memset(said, 0, sizeof said);
  memset(heard, 0, sizeof heard);
  struct audio_quality q = judge();
  assert_int_equal(q.windows, 0);
  assert_true(q.correlation == 0);
}

static void a_pause_with_a_little_noise_counts_as_silence(void **state) {
  (void)state;
  babble(said, 7);
  clocks();
  for (int i = SAMPLES / 4; i < SAMPLES / 2; i++) /* the second of four seconds */
    said[i] = (int16_t)(said[i] / 50);
  memcpy(heard, said, sizeof said);
  memset(heard + SAMPLES / 4, 0, SAMPLES / 4 * sizeof *heard);
  struct audio_quality q = judge();
  assert_int_equal(q.windows, 4);
  assert_true(q.correlation > 0.99);
}

static void a_listener_that_reads_in_bursts_is_charged_for_it(void **state) {
  (void)state;
  babble(said, 7);
  clocks();
  memcpy(heard, said, sizeof said);
  for (int i = 0; i < BLOCKS; i++)
    heard_at[i] = 1000000 + (i / 20 + 1) * 200000; /* 20 blocks at once, when they have all passed */
  struct audio_quality q = judge();
  assert_true(q.delay_ms > 150);
}

static void pictures_are_matched_by_their_counter(void **state) {
  (void)state;
  static const struct seen sent[] = {
      {10, 1000, 0, 0}, {11, 34000, 0, 0}, {12, 67000, 0, 0}, {13, 100000, 0, 0}, {14, 900000, 0, 0}};
  static const struct seen shown[] = {{10, 51000, 40, 0.9}, {12, 117000, 30, 0.7}, {11, 118000, 50, 1},
                                      {12, 119000, 30, 1},  {13, 150000, -1, 0},   {14, 950000, 50, 1},
                                      {99, 960000, 50, 1}};
  struct video_quality q;
  need(measure_video(sent, 5, shown, 7, 0, 500000, &q));
  assert_int_equal(q.sent, 4);
  assert_int_equal(q.shown, 2);
  assert_int_equal(q.unreadable, 1);
  assert_int_equal(q.backwards, 2);
  assert_true(fabs(q.psnr - 35) < 1e-9 && fabs(q.psnr_min - 30) < 1e-9);
  assert_true(fabs(q.ssim - 0.8) < 1e-9);
  assert_true(fabs(q.delay_ms - 50) < 1e-9);
}

static void a_picture_that_stays_is_a_freeze_and_what_comes_behind_it_is_overdue(void **state) {
  (void)state;
  struct seen sent[60], shown[40];
  struct video_quality q;
  for (int i = 0; i < 60; i++)
    sent[i] = (struct seen){.counter = i, .at = 1000 + 33000 * i};
  for (int i = 0; i < 40; i++)
    shown[i] = (struct seen){.counter = i, .at = 31000 + 33000 * i, .psnr = 40};
  need(measure_video(sent, 60, shown, 40, 0, 2000000, &q));
  assert_int_equal(q.shown, 40);
  assert_int_equal(q.overdue, 20);
  assert_int_equal(q.freezes, 1);
  assert_true(fabs(q.freeze_ms - (2000000 - 31000 - 33000 * 39) / 1000.0) < 1e-9);
  need(measure_video(sent, 60, shown, 40, 0, 33000 * 40, &q)); /* until the last one was not late yet */
  assert_int_equal(q.overdue, 0);
  assert_int_equal(q.freezes, 0);
}

static void nothing_shown_is_no_quality(void **state) {
  (void)state;
  static const struct seen sent[] = {{1, 1000, 0, 0}};
  struct video_quality q;
  need(measure_video(sent, 1, NULL, 0, 0, 500000, &q));
  assert_int_equal(q.sent, 1);
  assert_int_equal(q.shown, 0);
  assert_true(q.psnr == 0 && q.psnr_min == 0 && q.ssim == 0 && q.delay_ms == 0);
}

UNIT_TESTS(test(a_delayed_copy_is_found_at_its_delay), test(noise_lowers_the_correlation_as_theory_says),
           test(another_speaker_or_silence_does_not_match), test(half_of_it_lost_halves_the_correlation),
           test(silence_that_was_sent_is_not_judged), test(a_pause_with_a_little_noise_counts_as_silence),
           test(a_listener_that_reads_in_bursts_is_charged_for_it), test(pictures_are_matched_by_their_counter),
           test(a_picture_that_stays_is_a_freeze_and_what_comes_behind_it_is_overdue),
           test(nothing_shown_is_no_quality))
