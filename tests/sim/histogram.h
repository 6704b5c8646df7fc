/* histogram.h - spans counted in steps of 0.1 ms, for percentiles that are the same on every machine.
 *
 * Bounded: what is longer than HISTOGRAM_STEPS counts as that long. Two of them add up.
 */
#ifndef HISTOGRAM_H
#define HISTOGRAM_H
#include "media/units.h"

enum { HISTOGRAM_STEP = 100 /* usec */, HISTOGRAM_STEPS = 30000 /* 3 s */ };

struct histogram {
  int64_t count;
  uint32_t bin[HISTOGRAM_STEPS];
};

void histogram_add(struct histogram *histogram, usec span, int times);
void histogram_merge(struct histogram *into, const struct histogram *from);
/* The least span that `percent` of all do not exceed; 0 when there are none. */
usec histogram_percentile(const struct histogram *histogram, int percent);

#endif
