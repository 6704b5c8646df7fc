#include "picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool picture_side_ok(int side) {
  return side >= PICTURE_SIDE_MIN && side <= PICTURE_SIDE_MAX && side % 2 == 0;
}

size_t picture_size(int width, int height) {
  return (size_t)width * (size_t)height * 3 / 2;
}

bool picture_new(struct picture *picture, int width, int height) {
  *picture = (struct picture){.width = width, .height = height, .stride = {width, width / 2, width / 2}};
  uint8_t *block = calloc(1, picture_size(width, height));
  if (!block)
    return false;
  picture->plane[0] = block;
  picture->plane[1] = block + (size_t)width * (size_t)height;
  picture->plane[2] = picture->plane[1] + (size_t)(width / 2) * (size_t)(height / 2);
  return true;
}

void picture_free(struct picture *picture) {
  free(picture->plane[0]);
  *picture = (struct picture){0};
}

static int plane_width(const struct picture *picture, int plane) {
  return plane ? picture->width / 2 : picture->width;
}

static int plane_height(const struct picture *picture, int plane) {
  return plane ? picture->height / 2 : picture->height;
}

static uint8_t *row(const struct picture *picture, int plane, int y) {
  return picture->plane[plane] + (ptrdiff_t)picture->stride[plane] * y;
}

void picture_copy(struct picture *to, const struct picture *from) {
  for (int plane = 0; plane < 3; plane++)
    for (int y = 0; y < plane_height(from, plane); y++)
      memcpy(row(to, plane, y), row(from, plane, y), (size_t)plane_width(from, plane));
}

enum { UNIT = 256 }; /* of a pixel */

/* The place in `from` pixels of the middle of pixel `i`, in units, of which the first and the last half are flat.
 */
static int place_of(int i, int to, int from) {
  int64_t place = ((int64_t)(2 * i + 1) * from * UNIT / to - UNIT) / 2;
  int last = (from - 1) * UNIT;
  return place < 0 ? 0 : place < last ? (int)place : last;
}

static int between(int a, int b, int part) {
  return a * (UNIT - part) + b * part;
}

void picture_scale(struct picture *to, const struct picture *from) {
  for (int plane = 0; plane < 3; plane++) {
    int width = plane_width(from, plane), height = plane_height(from, plane);
    for (int y = 0; y < plane_height(to, plane); y++) {
      int down = place_of(y, plane_height(to, plane), height), line = down / UNIT;
      const uint8_t *above = row(from, plane, line), *below = row(from, plane, line + (line < height - 1));
      for (int x = 0; x < plane_width(to, plane); x++) {
        int right = place_of(x, plane_width(to, plane), width), at = right / UNIT, next = at + (at < width - 1);
        int upper = between(above[at], above[next], right % UNIT),
            lower = between(below[at], below[next], right % UNIT);
        row(to, plane, y)[x] = (uint8_t)(between(upper, lower, down % UNIT) / (UNIT * UNIT));
      }
    }
  }
}

static uint64_t row_error(const uint8_t *a, const uint8_t *b, int width) {
  uint32_t sum = 0; /* 4096 * 255 * 255 fits */
  for (int x = 0; x < width; x++) {
    int difference = a[x] - b[x];
    sum += (uint32_t)(difference * difference);
  }
  return sum;
}

double picture_psnr(const struct picture *a, const struct picture *b) {
  uint64_t error = 0;
  for (int plane = 0; plane < 3; plane++)
    for (int y = 0; y < plane_height(a, plane); y++)
      error += row_error(row(a, plane, y), row(b, plane, y), plane_width(a, plane));
  if (!error)
    return 100;
  double mean = (double)error / (double)picture_size(a->width, a->height);
  return fmin(100, 10 * log10(255.0 * 255.0 / mean));
}
