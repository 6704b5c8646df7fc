#include "unit.h"

#include <math.h>

#include "media/audio/time_stretch.h"

enum { BEFORE = TIME_STRETCH_HISTORY, BLOCK = 960, ROOM = BEFORE + BLOCK + TIME_STRETCH_LAG_MAX };

static int16_t pcm[ROOM];
static int16_t *const block = pcm + BEFORE;

static void fill_sine(double hertz, double amplitude) {
  for (int i = 0; i < ROOM; i++)
    pcm[i] = (int16_t)(amplitude * sin(2 * 3.14159265358979 * hertz * i / 48000));
}

static int largest_jump(const int16_t *from, const int16_t *end) {
  int largest = 0;
  for (; from < end; from++)
    if (abs(from[0] - from[-1]) > largest)
      largest = abs(from[0] - from[-1]);
  return largest;
}

static int rising_crossings(const int16_t *from, const int16_t *end) {
  int count = 0;
  for (; from < end; from++)
    count += from[-1] < 0 && from[0] >= 0;
  return count;
}

/* The steepest a sine of this pitch gets from one sample to the next, and a tenth more. */
static int steepest(double hertz, double amplitude) {
  return (int)(amplitude * 2 * 3.14159265358979 * hertz / 48000 * 1.1) + 2;
}

static void a_shortened_tone_keeps_its_pitch_and_has_no_click(void **state) {
  (void)state;
  for (double hertz = 110; hertz < 3000; hertz *= 1.13) {
    fill_sine(hertz, 12000);
    int removed = time_stretch_accelerate(block, BLOCK, TIME_STRETCH_LAG_MAX, 90);
    assert_in_range(removed, TIME_STRETCH_LAG_MIN, TIME_STRETCH_LAG_MAX);
    double periods = removed * hertz / 48000; /* whole ones */
    assert_true(fabs(periods - round(periods)) < 0.08);
    const int16_t *end = block + BLOCK - removed;
    assert_true(largest_jump(block, end) <= steepest(hertz, 12000));
    double expected = (double)(end - pcm - 1) * hertz / 48000;
    assert_true(fabs(rising_crossings(pcm + 1, end) - expected) <= 1.1);
  }
}

static void a_lengthened_tone_keeps_its_pitch_and_has_no_click(void **state) {
  (void)state;
  for (double hertz = 80; hertz < 3000; hertz *= 1.13) {
    fill_sine(hertz, 12000);
    int16_t last = block[BLOCK - 1];
    int inserted = time_stretch_decelerate(block, BLOCK, TIME_STRETCH_LAG_MAX, 90);
    assert_in_range(inserted, TIME_STRETCH_LAG_MIN, TIME_STRETCH_LAG_MAX);
    const int16_t *end = block + BLOCK + inserted;
    assert_int_equal(end[-1], last); /* nothing of the sound is lost */
    assert_true(largest_jump(block, end) <= steepest(hertz, 12000));
    double expected = (double)(end - pcm - 1) * hertz / 48000;
    assert_true(fabs(rising_crossings(pcm + 1, end) - expected) <= 1.1);
  }
}

static void no_more_is_moved_than_asked_for(void **state) {
  (void)state;
  for (int most = 0; most <= TIME_STRETCH_LAG_MAX; most += 40) {
    fill_sine(400, 8000);
    int removed = time_stretch_accelerate(block, BLOCK, most, 90);
    assert_true(removed <= most);
    assert_true(most < 130 || removed >= TIME_STRETCH_LAG_MIN);
    fill_sine(400, 8000);
    assert_true(time_stretch_decelerate(block, BLOCK, most, 90) <= most);
  }
}

static void short_blocks_are_stretched_within_themselves(void **state) {
  (void)state;
  for (int samples = 0; samples <= 480; samples += 60) {
    fill_sine(400, 8000);
    int removed = time_stretch_accelerate(block, samples, TIME_STRETCH_LAG_MAX, 90);
    assert_true(removed == 0 || (samples >= 240 && removed <= samples * 3 / 4));
    fill_sine(400, 8000);
    int inserted = time_stretch_decelerate(block, samples, TIME_STRETCH_LAG_MAX, 90);
    assert_int_equal(inserted > 0, samples >= TIME_STRETCH_LAG_MIN);
  }
}

static void noise_is_left_alone_unless_in_a_hurry(void **state) {
  (void)state;
  uint64_t seed = 21;
  int cut = 0, hurried = 0;
  for (int n = 0; n < 50; n++) {
    for (int i = 0; i < ROOM; i++)
      pcm[i] = (int16_t)(unit_random(&seed) % 16000 - 8000);
    cut += time_stretch_accelerate(block, BLOCK, TIME_STRETCH_LAG_MAX, 90) > 0;
    cut += time_stretch_decelerate(block, BLOCK, TIME_STRETCH_LAG_MAX, 90) > 0;
    hurried += time_stretch_accelerate(block, BLOCK, TIME_STRETCH_LAG_MAX, 0) > 0;
  }
  assert_int_equal(cut, 0);
  assert_int_equal(hurried, 50);
}

static void silence_is_moved_by_all_that_was_asked_for(void **state) {
  (void)state;
  fill_sine(440, 20);
  assert_int_equal(time_stretch_accelerate(block, BLOCK, 480, 90), 480);
  fill_sine(440, 20);
  assert_int_equal(time_stretch_decelerate(block, BLOCK, 700, 90), 700);
  memset(pcm, 0, sizeof pcm);
  assert_int_equal(time_stretch_accelerate(block, BLOCK, 480, 90), 480);
}

static void full_scale_square_waves_do_not_overflow(void **state) {
  (void)state;
  for (int i = 0; i < ROOM; i++)
    pcm[i] = i / 100 % 2 ? INT16_MAX : INT16_MIN;
  int removed = time_stretch_accelerate(block, BLOCK, TIME_STRETCH_LAG_MAX, 90);
  assert_int_equal(removed % 200, 0);
  assert_true(removed > 0);
  for (int i = 0; i < ROOM; i++)
    pcm[i] = INT16_MIN;
  assert_true(time_stretch_decelerate(block, BLOCK, TIME_STRETCH_LAG_MAX, 90) > 0);
  assert_int_equal(block[0], INT16_MIN);
}

static void the_period_of_a_tone_is_found(void **state) {
  (void)state;
  for (double hertz = 90; hertz < 400; hertz += 17) {
    fill_sine(hertz, 10000);
    double periods = time_stretch_period(block) * hertz / 48000;
    assert_true(fabs(periods - round(periods)) < 0.05 && periods > 0.5);
  }
}

UNIT_TESTS(test(a_shortened_tone_keeps_its_pitch_and_has_no_click),
           test(a_lengthened_tone_keeps_its_pitch_and_has_no_click), test(no_more_is_moved_than_asked_for),
           test(short_blocks_are_stretched_within_themselves), test(noise_is_left_alone_unless_in_a_hurry),
           test(silence_is_moved_by_all_that_was_asked_for), test(full_scale_square_waves_do_not_overflow),
           test(the_period_of_a_tone_is_found))
