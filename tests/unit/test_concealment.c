#include "unit.h"

#include <math.h>

#include "media/audio/concealment.h"
#include "media/audio/time_stretch.h"

static int asked; /* samples that the codec was asked to make up */
static bool refuses;

static int fake_conceal(void *decoder, int16_t *pcm, int samples) {
  (void)decoder;
  asked += samples;
  if (refuses)
    return -1;
  for (int i = 0; i < samples; i++)
    pcm[i] = 10000;
  return samples;
}

static const struct audio_codec codec = {.conceal = fake_conceal};

static struct concealment fresh(void) {
  asked = 0;
  refuses = false;
  return (struct concealment){.codec = &codec};
}

static void the_codec_conceals_first_then_it_fades_then_there_is_silence(void **state) {
  (void)state;
  struct concealment c = fresh();
  int16_t pcm[480];
  int last = 10000;
  for (int at = 0; at < 20000; at += 480) {
    int silent = concealment_fill(&c, pcm, 480);
    for (int i = 0; i < 480; i++) {
      int t = at + i;
      if (t <= CONCEALMENT_FADE_START)
        assert_int_equal(pcm[i], 10000);
      if (t >= CONCEALMENT_FADE_END)
        assert_int_equal(pcm[i], 0);
      assert_true(pcm[i] <= last && last - pcm[i] <= 2);
      last = pcm[i];
    }
    assert_int_equal(silent, at >= CONCEALMENT_FADE_END ? 480 : 0);
  }
  assert_int_equal(asked, CONCEALMENT_FADE_END); /* nothing is made up only to be muted */
}

static void a_fill_across_the_end_of_the_fade_counts_its_silent_part(void **state) {
  (void)state;
  struct concealment c = fresh();
  static int16_t pcm[2880];
  assert_int_equal(concealment_fill(&c, pcm, 2880), 0);
  assert_int_equal(concealment_fill(&c, pcm, 2880), 0);
  assert_int_equal(concealment_fill(&c, pcm, 2880), 0);
  assert_int_equal(concealment_fill(&c, pcm, 2880), 4 * 2880 - CONCEALMENT_FADE_END);
  assert_int_equal(pcm[2879], 0);
}

static void a_codec_that_cannot_conceal_gives_silence(void **state) {
  (void)state;
  struct concealment c = fresh();
  refuses = true;
  int16_t pcm[480] = {7};
  assert_int_equal(concealment_fill(&c, pcm, 480), 480);
  for (int i = 0; i < 480; i++)
    assert_int_equal(pcm[i], 0);
}

static void returning_sound_has_no_click_at_the_seam(void **state) {
  (void)state;
  static int16_t pcm[TIME_STRETCH_HISTORY + 960];
  int16_t *block = pcm + TIME_STRETCH_HISTORY;
  for (int phase = 0; phase < 160; phase += 7) {
    for (int i = 0; i < TIME_STRETCH_HISTORY + 960; i++)
      pcm[i] =
          (int16_t)(10000 * sin(2 * 3.14159265358979 * 300 * (i + (i < TIME_STRETCH_HISTORY ? 0 : phase)) / 48000));
    int16_t untouched = block[CONCEALMENT_SEAM];
    struct concealment c = fresh();
    c.run = 960;
    concealment_end(&c, block, 960);
    assert_int_equal(c.run, 0);
    assert_int_equal(block[CONCEALMENT_SEAM], untouched);
    for (int i = 0; i < 960; i++)
      assert_true(abs(block[i] - block[i - 1]) < 550); /* the sine's steepest is 393 */
  }
}

static void after_silence_sound_fades_in(void **state) {
  (void)state;
  static int16_t pcm[TIME_STRETCH_HISTORY + 100];
  int16_t *block = pcm + TIME_STRETCH_HISTORY;
  for (int i = 0; i < 100; i++)
    block[i] = 20000;
  struct concealment c = fresh();
  concealment_end(&c, block, 100); /* shorter than the seam */
  assert_true(block[0] < 300);
  for (int i = 1; i < 100; i++)
    assert_in_range(block[i] - block[i - 1], 0, 300);
}

UNIT_TESTS(test(the_codec_conceals_first_then_it_fades_then_there_is_silence),
           test(a_fill_across_the_end_of_the_fade_counts_its_silent_part),
           test(a_codec_that_cannot_conceal_gives_silence), test(returning_sound_has_no_click_at_the_seam),
           test(after_silence_sound_fades_in))
