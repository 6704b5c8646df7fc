#include "unit.h"

#include "media/video/scaler.h"

enum { SIDE = 320 };

static uint8_t source[SIDE * SIDE], target[SIDE * SIDE];

static void shrink(int width, int height, int to_width, int to_height) {
  struct scaler_plane from = {source, SIDE, width, height}, to = {target, SIDE, to_width, to_height};
  memset(target, 0xee, sizeof target);
  scaler_shrink(&from, &to);
}

static void a_half_is_the_mean_of_four(void **state) {
  (void)state;
  const uint8_t rows[2][4] = {{10, 20, 0, 255}, {30, 41, 255, 255}};
  for (int y = 0; y < 2; y++)
    memcpy(source + y * SIDE, rows[y], 4);
  shrink(4, 2, 2, 1);
  assert_int_equal(target[0], 25);
  assert_int_equal(target[1], 191);
  assert_int_equal(target[2], 0xee); /* nothing beyond it */
  assert_int_equal(target[SIDE], 0xee);
}

/* Against the definition in floating point: the mean of the area that the pixel covers. */
static double mean_of(int x, int y, int width, int height, int to_width, int to_height) {
  double left = (double)x * width / to_width, right = (double)(x + 1) * width / to_width;
  double top = (double)y * height / to_height, bottom = (double)(y + 1) * height / to_height, sum = 0;
  for (int row = (int)top; row < height && row < bottom; row++)
    for (int column = (int)left; column < width && column < right; column++) {
      double wide = (right < column + 1 ? right : column + 1) - (left > column ? left : column);
      double high = (bottom < row + 1 ? bottom : row + 1) - (top > row ? top : row);
      sum += source[row * SIDE + column] * wide * high;
    }
  return sum / ((right - left) * (bottom - top));
}

static void any_ratio_is_the_mean_of_what_a_pixel_covers(void **state) {
  (void)state;
  static const int sizes[][4] = {{160, 90, 120, 68}, {160, 90, 80, 45}, {100, 100, 37, 38},
                                 {17, 33, 16, 16},   {64, 48, 64, 48},  {320, 2, 1, 1}};
  for (int i = 0; i < SIDE * SIDE; i++)
    source[i] = (uint8_t)((uint32_t)i * 2654435761u >> 24);
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    const int *s = sizes[i];
    shrink(s[0], s[1], s[2], s[3]);
    for (int y = 0; y < s[3]; y++)
      for (int x = 0; x < s[2]; x++) {
        double wanted = mean_of(x, y, s[0], s[1], s[2], s[3]), got = target[y * SIDE + x];
        assert_true(got - wanted <= 0.51 && wanted - got <= 0.51);
      }
  }
}

static void the_largest_and_brightest_does_not_overflow(void **state) {
  (void)state;
  uint8_t *large = malloc((size_t)SCALER_SIDE_MAX * SCALER_SIDE_MAX);
  need(large);
  memset(large, 255, (size_t)SCALER_SIDE_MAX * SCALER_SIDE_MAX);
  struct scaler_plane from = {large, SCALER_SIDE_MAX, SCALER_SIDE_MAX, SCALER_SIDE_MAX}, to = {target, SIDE, 1, 1};
  scaler_shrink(&from, &to);
  assert_int_equal(target[0], 255);
  free(large);
}

UNIT_TESTS(test(a_half_is_the_mean_of_four), test(any_ratio_is_the_mean_of_what_a_pixel_covers),
           test(the_largest_and_brightest_does_not_overflow))
