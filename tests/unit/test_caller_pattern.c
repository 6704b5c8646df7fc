#include "examples/caller/pattern.h"
#include "unit.h"

static void draw(struct picture *p, int variant, int64_t counter) {
  pattern_draw(p, variant, counter);
  pattern_mark(p, variant, counter);
}

static void the_mark_is_read_back_at_every_size(void **state) {
  (void)state;
  static const int sizes[][2] = {{64, 32}, {160, 120}, {320, 180}, {640, 360}, {1280, 720}};
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    struct picture p;
    need(picture_new(&p, sizes[i][0], sizes[i][1]));
    for (int64_t counter = 0; counter < PATTERN_COUNTERS; counter = counter * 3 + 1) {
      int variant;
      int64_t read;
      draw(&p, (int)(counter % PATTERN_VARIANTS), counter);
      assert_true(pattern_read(&p, &variant, &read));
      assert_int_equal(read, counter);
      assert_int_equal(variant, counter % PATTERN_VARIANTS);
    }
    picture_free(&p);
  }
}

/* What a codec does: coarser levels, blur over the edges, noise. */
static void the_mark_survives_blur_and_noise(void **state) {
  (void)state;
  struct picture p;
  uint64_t seed = 1;
  need(picture_new(&p, 640, 360));
  draw(&p, 1, 77777);
  for (int y = 0; y < 360; y++)
    for (int x = 2; x < 638; x++) {
      uint8_t *at = p.plane[0] + y * p.stride[0] + x;
      int mean = (at[-2] + at[-1] + at[0] + at[1] + at[2]) / 5 + (int)(unit_random(&seed) % 41) - 20;
      *at = (uint8_t)(mean < 0 ? 0 : mean > 255 ? 255 : mean);
    }
  int variant;
  int64_t counter;
  assert_true(pattern_read(&p, &variant, &counter));
  assert_int_equal(counter, 77777);
  picture_free(&p);
}

static void a_wrong_cell_or_no_mark_is_noticed(void **state) {
  (void)state;
  struct picture p;
  int variant;
  int64_t counter;
  need(picture_new(&p, 640, 360));
  assert_false(pattern_read(&p, &variant, &counter)); /* black */
  memset(p.plane[0], 255, 640 * 360);
  assert_false(pattern_read(&p, &variant, &counter));
  pattern_draw(&p, 0, 5);
  assert_false(pattern_read(&p, &variant, &counter));
  for (int cell = 0; cell < 32; cell++) {
    draw(&p, 3, 12345);
    for (int y = 0; y < 16; y++)
      for (int x = 0; x < 16; x++) {
        uint8_t *at = p.plane[0] + (cell / 8 * 16 + y) * 640 + cell % 8 * 16 + x;
        *at = *at > 128 ? 16 : 235;
      }
    assert_false(pattern_read(&p, &variant, &counter));
  }
  picture_free(&p);
}

static void the_same_number_draws_the_same_and_another_one_differs(void **state) {
  (void)state;
  struct picture a, b;
  need(picture_new(&a, 320, 180));
  need(picture_new(&b, 320, 180));
  draw(&a, 0, 100);
  draw(&b, 0, 100);
  assert_true(picture_psnr(&a, &b) == 100);
  draw(&b, 0, 101);
  assert_true(picture_psnr(&a, &b) < 40);
  draw(&b, 0, 130);
  assert_true(picture_psnr(&a, &b) < 25); /* so the demo's threshold tells a second's lag */
  draw(&b, 1, 100);
  assert_true(picture_psnr(&a, &b) < 25);
  picture_free(&a);
  picture_free(&b);
}

/* Every sample off by 5: 10 log10(255 * 255 / 25) = 34.15 dB. */
static void psnr_is_that_of_the_textbook(void **state) {
  (void)state;
  struct picture a, b;
  need(picture_new(&a, 64, 32));
  need(picture_new(&b, 64, 32));
  memset(a.plane[0], 100, picture_size(64, 32));
  memset(b.plane[0], 105, picture_size(64, 32));
  double psnr = picture_psnr(&a, &b);
  assert_true(psnr > 34.14 && psnr < 34.16);
  picture_free(&a);
  picture_free(&b);
}

static void a_counter_is_unwrapped_to_the_nearest(void **state) {
  (void)state;
  assert_int_equal(pattern_unwrap(5, 7), 5);
  assert_int_equal(pattern_unwrap(5, PATTERN_COUNTERS - 2), PATTERN_COUNTERS + 5);
  assert_int_equal(pattern_unwrap(PATTERN_COUNTERS - 1, PATTERN_COUNTERS + 3), PATTERN_COUNTERS - 1);
  assert_int_equal(pattern_unwrap(9, 3 * (int64_t)PATTERN_COUNTERS), 3 * (int64_t)PATTERN_COUNTERS + 9);
}

static void a_picture_made_smaller_and_large_again_is_the_same_but_softer(void **state) {
  (void)state;
  static const int sizes[][2] = {{240, 136}, {160, 90}, {640, 360}};
  struct picture whole, again;
  need(picture_new(&whole, 640, 360));
  if (!picture_new(&again, 640, 360)) {
    picture_free(&whole);
    need(false);
  }
  draw(&whole, 1, 4242);
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    struct picture small;
    int variant;
    int64_t counter;
    if (!picture_new(&small, sizes[i][0], sizes[i][1]))
      break;
    picture_scale(&small, &whole);
    picture_scale(&again, &small);
    assert_true(pattern_read(&again, &variant, &counter));
    assert_int_equal(counter, 4242);
    assert_true(picture_psnr(&whole, &again) > (sizes[i][0] == 640 ? 99 : 22));
    picture_free(&small);
  }
  picture_free(&whole);
  picture_free(&again);
}

UNIT_TESTS(test(a_picture_made_smaller_and_large_again_is_the_same_but_softer),
           test(the_mark_is_read_back_at_every_size), test(the_mark_survives_blur_and_noise),
           test(a_wrong_cell_or_no_mark_is_noticed), test(the_same_number_draws_the_same_and_another_one_differs),
           test(psnr_is_that_of_the_textbook), test(a_counter_is_unwrapped_to_the_nearest))
