#include "scaler.h"

#include <stddef.h>
#include <string.h>

static int min(int a, int b) {
  return a < b ? a : b;
}

static int max(int a, int b) {
  return a > b ? a : b;
}

/* How much of source cell `i` lies in target cell `j`: cells are `to` and `from` units long. */
static uint32_t overlap(int i, int from, int j, int to) {
  return (uint32_t)(min((i + 1) * to, (j + 1) * from) - max(i * to, j * from));
}

/* The source rows that target row `y` covers, each column's sum; the weights add up to from->height. */
static void add_rows(const struct scaler_plane *from, int to_height, int y, uint32_t *sum) {
  memset(sum, 0, (size_t)from->width * sizeof *sum);
  for (int row = y * from->height / to_height; row * to_height < (y + 1) * from->height; row++) {
    uint32_t weight = overlap(row, from->height, y, to_height);
    const uint8_t *pixel = from->data + (ptrdiff_t)row * from->stride;
    for (int x = 0; x < from->width; x++)
      sum[x] += weight * pixel[x];
  }
}

/* 255 times width times height of the source fits into 32 bits, and so does rounding. */
static void add_columns(const uint32_t *sum, const struct scaler_plane *from, int to_width, uint8_t *out) {
  uint32_t area = (uint32_t)from->width * (uint32_t)from->height;
  for (int x = 0; x < to_width; x++) {
    uint32_t total = area / 2;
    for (int column = x * from->width / to_width; column * to_width < (x + 1) * from->width; column++)
      total += overlap(column, from->width, x, to_width) * sum[column];
    out[x] = (uint8_t)(total / area);
  }
}

void scaler_shrink(const struct scaler_plane *from, const struct scaler_plane *to) {
  uint32_t sum[SCALER_SIDE_MAX];
  for (int y = 0; y < to->height; y++) {
    add_rows(from, to->height, y, sum);
    add_columns(sum, from, to->width, to->data + (ptrdiff_t)y * to->stride);
  }
}
