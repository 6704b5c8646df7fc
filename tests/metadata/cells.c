#include "cells.h"

#include <stdlib.h>
#include <string.h>

double cells_chi_squared(const uint8_t *bytes, size_t size) {
  double count[256] = {0}, expected = (double)size / 256, sum = 0;
  for (size_t i = 0; i < size; i++)
    count[bytes[i]]++;
  for (int i = 0; i < 256; i++)
    sum += (count[i] - expected) * (count[i] - expected) / expected;
  return sum;
}

static int compare(const void *a, const void *b) {
  return memcmp(a, b, CELLS_BLOCK);
}

size_t cells_repeated(const uint8_t *bytes, size_t size) {
  size_t blocks = size / CELLS_BLOCK, repeated = 0;
  uint8_t *sorted = malloc(size + 1);
  if (!sorted)
    abort();
  memcpy(sorted, bytes, size);
  qsort(sorted, blocks, CELLS_BLOCK, compare);
  for (size_t i = 1; i < blocks; i++)
    repeated += compare(sorted + (i - 1) * CELLS_BLOCK, sorted + i * CELLS_BLOCK) == 0;
  free(sorted);
  return repeated;
}
