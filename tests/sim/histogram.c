#include "histogram.h"

void histogram_add(struct histogram *histogram, usec span, int times) {
  usec step = span < 0 ? 0 : (span + HISTOGRAM_STEP / 2) / HISTOGRAM_STEP;
  histogram->bin[step < HISTOGRAM_STEPS ? step : HISTOGRAM_STEPS - 1] += (uint32_t)times;
  histogram->count += times;
}

void histogram_merge(struct histogram *into, const struct histogram *from) {
  for (int i = 0; i < HISTOGRAM_STEPS; i++)
    into->bin[i] += from->bin[i];
  into->count += from->count;
}

usec histogram_percentile(const struct histogram *histogram, int percent) {
  int64_t below = 0;
  for (int i = 0; i < HISTOGRAM_STEPS; i++) {
    below += histogram->bin[i];
    if (below > 0 && below * 100 >= histogram->count * percent)
      return (usec)i * HISTOGRAM_STEP;
  }
  return 0;
}
