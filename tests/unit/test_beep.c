#include "engine/beep.h"

#include "unit.h"

enum { BLOCK = 480, SECOND = 48000 };

/* The loudest sample of a second in which silence is heard. */
static int listen_second(struct beep *beep) {
  int loudest = 0;
  for (int block = 0; block < SECOND / BLOCK; block++) {
    int16_t pcm[BLOCK] = {0};
    beep_mix(beep, pcm, BLOCK);
    for (int i = 0; i < BLOCK; i++)
      loudest = abs(pcm[i]) > loudest ? abs(pcm[i]) : loudest;
  }
  return loudest;
}

static void it_is_heard_at_once_and_every_ten_seconds(void **state) {
  (void)state;
  struct beep beep;
  beep_start(&beep);
  for (int second = 0; second < 40; second++) {
    int loudest = listen_second(&beep);
    if (second % 10 == 0)
      assert_in_range(loudest, 4000, 12000);
    else
      assert_int_equal(loudest, 0);
  }
}

static void it_is_mixed_in_without_a_wrap_or_a_click(void **state) {
  (void)state;
  struct beep beep;
  int last = 32000;
  beep_start(&beep);
  for (int i = 0; i < BEEP_LENGTH + BLOCK; i++) {
    int16_t pcm = 32000;
    beep_mix(&beep, &pcm, 1);
    assert_in_range(pcm, 20000, INT16_MAX);
    assert_true(abs(pcm - last) < 1000);
    last = pcm;
  }
  assert_int_equal(last, 32000);
}

UNIT_TESTS(test(it_is_heard_at_once_and_every_ten_seconds), test(it_is_mixed_in_without_a_wrap_or_a_click))
