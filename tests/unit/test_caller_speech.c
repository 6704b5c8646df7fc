#include "examples/caller/speech.h"

#include <math.h>

#include "examples/caller/spectrogram.h"
#include "unit.h"

enum { BLOCKS = 130, SAMPLES = BLOCKS * MEASURE_BLOCK };

static int16_t said[SAMPLES], heard[SAMPLES];
static int64_t at[BLOCKS];

static double noise(uint64_t *state) {
  return (double)(unit_random(state) >> 40) / (1 << 23) - 1;
}

/* Harmonics of a gliding pitch under a moving formant, in syllables, with hiss between them. */
static void speak(int16_t *pcm, uint64_t seed) {
  double phase = 0;
  for (int i = 0; i < SAMPLES; i++) {
    double t = (double)i / MEASURE_RATE, pitch = 120 + 30 * sin(2 * t + (double)seed);
    double formant = 800 + 500 * sin(5 * t + (double)seed), syllable = 0.5 + 0.5 * sin(25 * t), sum = 0;
    phase += 2 * M_PI * pitch / MEASURE_RATE;
    for (int h = 1; h <= 12; h++)
      sum += sin(h * phase) * exp(-pow((h * pitch - formant) / 400, 2));
    pcm[i] = (int16_t)(3000 * syllable * sum + 700 * (1 - syllable) * noise(&seed));
  }
}

static struct speech_quality judge(void) {
  struct sound a = {said, at, BLOCKS}, b = {heard, at, BLOCKS};
  struct speech_quality q = {0};
  for (int i = 0; i < BLOCKS; i++)
    at[i] = 1000000 + i * 10000;
  need(measure_speech(&a, &b, 1000000, 1000000 + 1000000, &q));
  return q;
}

static void the_same_sound_is_perfect(void **state) {
  (void)state;
  speak(said, 7);
  memcpy(heard, said, sizeof said);
  struct speech_quality q = judge();
  assert_int_equal(q.windows, 2);
  assert_true(fabs(q.similarity - 1) < 1e-9);
  assert_true(q.distance == 0);
}

static void a_delay_changes_next_to_nothing(void **state) {
  (void)state;
  speak(said, 7);
  memset(heard, 0, sizeof heard);
  memcpy(heard + 3600, said, sizeof said - 3600 * 2); /* 75 ms: a frame's place */
  struct speech_quality q = judge();
  assert_true(q.similarity > 0.9999 && q.distance < 0.001);
  memcpy(heard + 3660, said, sizeof said - 3660 * 2); /* halfway between two frames */
  q = judge();
  assert_true(q.similarity > 0.98 && q.distance < 1);
}

/* Each band is lower by 20 log10 2. Gray and Markel: a gain's distance is the gain. */
static void half_the_amplitude_is_six_decibels_away(void **state) {
  (void)state;
  uint64_t seed = 3;
  for (int i = 0; i < SAMPLES; i++) {
    heard[i] = (int16_t)(4000 * noise(&seed));
    said[i] = (int16_t)(2 * heard[i]);
  }
  struct speech_quality q = judge();
  assert_int_equal(q.windows, 2);
  assert_true(fabs(q.distance - 20 * log10(2)) < 0.01);
}

static void the_more_noise_the_worse_it_is(void **state) {
  (void)state;
  speak(said, 7);
  double similarity = 1, distance = 0;
  for (int level = 60; level < 3000; level *= 6) {
    uint64_t seed = 5;
    for (int i = 0; i < SAMPLES; i++)
      heard[i] = (int16_t)(said[i] + level * noise(&seed));
    struct speech_quality q = judge();
    if (unit_alloc_failed())
      return;
    if (q.similarity >= similarity || q.distance <= distance)
      fail_msg("with noise of %d: %f, %f dB; with less: %f, %f dB", level, q.similarity, q.distance, similarity,
               distance);
    similarity = q.similarity;
    distance = q.distance;
  }
  assert_true(similarity < 0.85 && distance > 4);
}

/* From 0.2 s on everything comes 15 ms later, from 0.6 s on 10 ms sooner. */
static void stretching_costs_little_and_a_gap_of_that_length_more(void **state) {
  (void)state;
  speak(said, 7);
  for (int i = 0; i < SAMPLES; i++)
    heard[i] = i < 9600 ? said[i] : i < 28800 ? said[i - 720] : said[i - 240];
  double stretched = judge().similarity;
  memcpy(heard, said, sizeof said);
  for (int window = 0; window < 2; window++)
    memset(heard + 9600 + window * 24000, 0, 60 * 48 * sizeof *heard); /* 60 ms of each half second */
  double gaps = judge().similarity;
  if (!unit_alloc_failed() && (stretched < 0.93 || gaps > stretched - 0.1))
    fail_msg("stretched: %f; with gaps: %f", stretched, gaps);
}

static void another_voice_or_silence_is_far_away(void **state) {
  (void)state;
  speak(said, 7);
  speak(heard, 9);
  struct speech_quality other = judge();
  memset(heard, 0, sizeof heard);
  struct speech_quality silent = judge();
  assert_true(other.windows == 2 && other.similarity < 0.9 && other.distance > 2);
  assert_true(silent.windows == 2 && silent.similarity < other.similarity && silent.distance > 10);
}

static void silence_that_was_said_is_not_judged(void **state) {
  (void)state;
  memset(said, 0, sizeof said);
  memset(heard, 0, sizeof heard);
  assert_int_equal(judge().windows, 0);
}

/* The third of 21 bands, at 1.42 of the ERB-rate scale apart from 1.84 on, is centred on 206 Hz. */
static void a_tone_is_loudest_in_its_band(void **state) {
  (void)state;
  static float tone[1600];
  struct spectrogram s;
  for (int i = 0; i < 1600; i++)
    tone[i] = 10000 * sinf(2 * (float)M_PI * 206 * (float)i / SPECTROGRAM_RATE);
  need(spectrogram_new(&s, tone, 1600, 160));
  assert_int_equal(s.frames, 10);
  for (int band = 0; band < SPECTROGRAM_BANDS; band++)
    assert_true(band == 2 || s.level[5][band] < s.level[5][2]);
  spectrogram_free(&s);
}

UNIT_TESTS(test(the_same_sound_is_perfect), test(a_delay_changes_next_to_nothing),
           test(half_the_amplitude_is_six_decibels_away), test(the_more_noise_the_worse_it_is),
           test(stretching_costs_little_and_a_gap_of_that_length_more), test(another_voice_or_silence_is_far_away),
           test(silence_that_was_said_is_not_judged), test(a_tone_is_loudest_in_its_band))
