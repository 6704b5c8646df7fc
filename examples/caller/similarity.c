#include "similarity.h"

enum { BLOCK = 4, BLOCKS_MAX = PICTURE_SIDE_MAX / BLOCK, WINDOW = 64 /* pixels: 2 x 2 blocks */ };
static const double c1 = 0.01 * 255 * 0.01 * 255, c2 = 0.03 * 255 * 0.03 * 255;

struct sums {
  uint32_t a, b, squares, product; /* squares: of both */
};

static struct sums block_sums(const struct picture *a, const struct picture *b, int x, int y) {
  struct sums sums = {0};
  for (int row = y; row < y + BLOCK; row++) {
    const uint8_t *p = a->plane[0] + (ptrdiff_t)a->stride[0] * row + x;
    const uint8_t *q = b->plane[0] + (ptrdiff_t)b->stride[0] * row + x;
    for (int i = 0; i < BLOCK; i++) {
      sums.a += p[i];
      sums.b += q[i];
      sums.squares += (uint32_t)(p[i] * p[i] + q[i] * q[i]);
      sums.product += (uint32_t)(p[i] * q[i]);
    }
  }
  return sums;
}

static void add(struct sums *to, const struct sums *from) {
  to->a += from->a;
  to->b += from->b;
  to->squares += from->squares;
  to->product += from->product;
}

static double window_ssim(const struct sums *upper, const struct sums *lower) {
  struct sums all = {0};
  for (int i = 0; i < 2; i++) {
    add(&all, &upper[i]);
    add(&all, &lower[i]);
  }
  double ma = (double)all.a / WINDOW, mb = (double)all.b / WINDOW, means = ma * ma + mb * mb;
  double variances = ((double)all.squares / WINDOW - means) * WINDOW / (WINDOW - 1);
  double covariance = ((double)all.product / WINDOW - ma * mb) * WINDOW / (WINDOW - 1);
  return (2 * ma * mb + c1) * (2 * covariance + c2) / ((means + c1) * (variances + c2));
}

double picture_ssim(const struct picture *a, const struct picture *b) {
  struct sums line[2][BLOCKS_MAX];
  int columns = a->width / BLOCK, lines = a->height / BLOCK;
  double sum = 0;
  for (int y = 0; y < lines; y++) {
    for (int x = 0; x < columns; x++)
      line[y % 2][x] = block_sums(a, b, x * BLOCK, y * BLOCK);
    for (int x = 0; y && x + 1 < columns; x++)
      sum += window_ssim(&line[1 - y % 2][x], &line[y % 2][x]);
  }
  return sum / ((double)(columns - 1) * (lines - 1));
}
