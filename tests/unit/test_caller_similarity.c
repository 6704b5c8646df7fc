#include "examples/caller/similarity.h"

#include <math.h>

#include "examples/caller/pattern.h"
#include "unit.h"

enum { WIDTH = 66, HEIGHT = 34 }; /* neither is a multiple of four */

static struct picture a, b;

static void make_pictures(void) {
  need(picture_new(&a, WIDTH, HEIGHT));
  need(picture_new(&b, WIDTH, HEIGHT));
  pattern_draw(&a, 1, 40);
  picture_copy(&b, &a);
}

static void free_pictures(void) {
  picture_free(&a);
  picture_free(&b);
}

static void add_noise(int level) {
  uint64_t seed = 11;
  for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++) {
    int value = a.plane[0][i] + (int)(unit_random(&seed) >> 33) % (2 * level + 1) - level;
    b.plane[0][i] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
  }
}

static void the_same_picture_has_one(void **state) {
  (void)state;
  make_pictures();
  assert_true(fabs(picture_ssim(&a, &b) - 1) < 1e-12);
  free_pictures();
}

/* Flat pictures have no structure: what is left is (2xy + C1) / (x^2 + y^2 + C1), C1 = 2.55^2. */
static void flat_pictures_differ_by_their_luminance_alone(void **state) {
  (void)state;
  make_pictures();
  memset(a.plane[0], 100, (size_t)WIDTH * HEIGHT);
  memset(b.plane[0], 130, (size_t)WIDTH * HEIGHT);
  double expected = (2 * 100.0 * 130 + 6.5025) / (100.0 * 100 + 130.0 * 130 + 6.5025);
  assert_true(fabs(picture_ssim(&a, &b) - expected) < 1e-9);
  free_pictures();
}

/* Variance 64 v^2 / 63 each, covariance its negative: (C2 - 2c) / (C2 + 2c), C2 = 7.65^2; the means are equal. */
static void the_negative_of_a_checkerboard_is_as_the_formula_says(void **state) {
  (void)state;
  make_pictures();
  for (int i = 0; i < WIDTH * HEIGHT; i++) {
    int sign = (i % WIDTH + i / WIDTH) % 2 ? 1 : -1;
    a.plane[0][i] = (uint8_t)(128 + 20 * sign);
    b.plane[0][i] = (uint8_t)(128 - 20 * sign);
  }
  double c = 64.0 / 63 * 400, c2 = 58.5225;
  assert_true(fabs(picture_ssim(&a, &b) - (c2 - 2 * c) / (c2 + 2 * c)) < 1e-9);
  free_pictures();
}

static void the_more_noise_the_less_alike(void **state) {
  (void)state;
  double last = 1;
  make_pictures();
  for (int level = 2; level <= 128; level *= 4) {
    add_noise(level);
    double now = picture_ssim(&a, &b);
    assert_true(now < last);
    last = now;
  }
  assert_true(last < 0.3);
  free_pictures();
}

UNIT_TESTS(test(the_same_picture_has_one), test(flat_pictures_differ_by_their_luminance_alone),
           test(the_negative_of_a_checkerboard_is_as_the_formula_says), test(the_more_noise_the_less_alike))
