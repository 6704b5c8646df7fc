#include "pattern.h"

#include <math.h>
#include <string.h>

enum {
  COLUMNS = 8,
  ROWS = 4,
  BLACK = 16,
  WHITE = 235, /* video range (BT.601) */
  SURELY_BLACK = 85,
  SURELY_WHITE = 165,
  DISCS = 5,
};

/* Up and down again with period 2 * top: a gradient without a step where it repeats. */
static int triangle(int64_t at, int top) {
  int phase = (int)(at % (2 * top));
  return phase < top ? phase : 2 * top - phase;
}

static uint8_t limit(int value) {
  return (uint8_t)(value < BLACK ? BLACK : value > WHITE ? WHITE : value);
}

static void fill_row(uint8_t *row, int base, const uint8_t *column, int width) {
  for (int x = 0; x < width; x++)
    row[x] = (uint8_t)(base + column[x]);
}

static void draw_luma(struct picture *p, int variant, int64_t counter) {
  uint8_t column[PICTURE_SIDE_MAX];
  for (int x = 0; x < p->width; x++)
    column[x] = (uint8_t)(70 * triangle(x + 2 * counter + 37 * variant, p->width) / p->width);
  for (int y = 0; y < p->height; y++)
    fill_row(p->plane[0] + (ptrdiff_t)p->stride[0] * y, 60 + 60 * triangle(y + counter, p->height) / p->height,
             column, p->width);
}

static void draw_chroma(struct picture *p, int variant, int64_t counter) {
  uint8_t column[PICTURE_SIDE_MAX / 2];
  int width = p->width / 2, height = p->height / 2;
  for (int x = 0; x < width; x++)
    column[x] = (uint8_t)(64 * triangle(x + counter + 53 * variant, width) / width);
  for (int y = 0; y < height; y++) {
    fill_row(p->plane[1] + (ptrdiff_t)p->stride[1] * y, 96, column, width);
    memset(p->plane[2] + (ptrdiff_t)p->stride[2] * y, 96 + 64 * triangle(y + counter, height) / height,
           (size_t)width);
  }
}

/* A disc with an edge of about three pixels, so that it moves smoothly. */
static void draw_disc(struct picture *p, double cx, double cy, double radius, int level) {
  int top = (int)fmax(0, cy - radius - 2), bottom = (int)fmin(p->height - 1, cy + radius + 2);
  int left = (int)fmax(0, cx - radius - 2), right = (int)fmin(p->width - 1, cx + radius + 2);
  for (int y = top; y <= bottom; y++) {
    uint8_t *luma = p->plane[0] + (ptrdiff_t)p->stride[0] * y;
    for (int x = left; x <= right; x++) {
      double inside = radius - sqrt((x - cx) * (x - cx) + (y - cy) * (y - cy));
      double cover = fmin(1, fmax(0, inside / 3 + 0.5));
      luma[x] = limit((int)(luma[x] + (level - luma[x]) * cover));
    }
  }
}

void pattern_draw(struct picture *p, int variant, int64_t counter) {
  draw_luma(p, variant, counter);
  draw_chroma(p, variant, counter);
  for (int i = 0; i < DISCS; i++) {
    double turn = (double)counter * (0.011 + 0.004 * i) + i * 1.7 + variant;
    double cx = p->width * (0.5 + 0.38 * cos(turn)), cy = p->height * (0.55 + 0.33 * sin(turn * 1.3));
    draw_disc(p, cx, cy, p->height * (0.05 + 0.015 * i), i % 2 ? 40 : 215);
  }
}

static int cell_size(const struct picture *p) {
  int size = p->width / 40;
  return size < 8 ? 8 : size;
}

/* CRC-8 with the polynomial x^8 + x^2 + x + 1 (ITU-T I.432.1), over 24 bits. */
static uint32_t crc8(uint32_t value) {
  uint32_t rest = value << 8;
  for (int bit = 31; bit >= 8; bit--)
    if (rest >> bit & 1)
      rest ^= 0x107u << (bit - 8);
  return (rest ^ 0x55u) & 0xff; /* so that an all-black corner is no mark */
}

void pattern_mark(struct picture *p, int variant, int64_t counter) {
  uint32_t value = (uint32_t)(counter & (PATTERN_COUNTERS - 1)) << 4 | (uint32_t)(variant & 15);
  uint32_t bits = value << 8 | crc8(value);
  int size = cell_size(p);
  for (int y = 0; y < ROWS * size; y++) {
    uint8_t *luma = p->plane[0] + (ptrdiff_t)p->stride[0] * y;
    for (int column = 0; column < COLUMNS; column++) {
      int bit = 31 - (y / size * COLUMNS + column);
      memset(luma + column * size, bits >> bit & 1 ? WHITE : BLACK, (size_t)size);
    }
  }
  for (int plane = 1; plane < 3; plane++)
    for (int y = 0; y < ROWS * size / 2; y++)
      memset(p->plane[plane] + (ptrdiff_t)p->stride[plane] * y, 128, (size_t)(COLUMNS * size / 2));
}

/* The mean of a cell's inner part; its rim is smeared by the codec. */
static int cell_mean(const struct picture *p, int column, int line, int size) {
  int rim = size / 4, sum = 0, count = 0;
  for (int y = line * size + rim; y < (line + 1) * size - rim; y++)
    for (int x = column * size + rim; x < (column + 1) * size - rim; x++, count++)
      sum += p->plane[0][(ptrdiff_t)p->stride[0] * y + x];
  return count ? sum / count : 0;
}

bool pattern_read(const struct picture *p, int *variant, int64_t *counter) {
  if (p->width < PATTERN_WIDTH_MIN || p->height < PATTERN_HEIGHT_MIN)
    return false;
  int size = cell_size(p);
  if (size * ROWS > p->height)
    return false;
  uint32_t bits = 0;
  for (int i = 0; i < COLUMNS * ROWS; i++) {
    int mean = cell_mean(p, i % COLUMNS, i / COLUMNS, size);
    if (mean > SURELY_BLACK && mean < SURELY_WHITE)
      return false;
    bits = bits << 1 | (mean >= SURELY_WHITE);
  }
  if ((bits & 0xff) != crc8(bits >> 8))
    return false;
  *variant = (int)(bits >> 8 & 15);
  *counter = bits >> 12;
  return true;
}

int64_t pattern_unwrap(int64_t counter, int64_t expected) {
  int64_t near = expected - (expected & (PATTERN_COUNTERS - 1)) + counter;
  if (near - expected > PATTERN_COUNTERS / 2)
    return near - PATTERN_COUNTERS;
  if (expected - near > PATTERN_COUNTERS / 2)
    return near + PATTERN_COUNTERS;
  return near;
}
