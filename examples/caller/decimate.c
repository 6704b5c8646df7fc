#include "decimate.h"

#include <math.h>
#include <stdlib.h>

enum { TAPS_MAX = 12 * DECIMATE_FACTOR_MAX + 1 };

static void make_taps(double *tap, int taps, double cutoff) {
  double sum = 0;
  for (int i = 0; i < taps; i++) {
    double t = i - taps / 2, x = 2 * cutoff * t;
    tap[i] = (t == 0 ? 1 : sin(M_PI * x) / (M_PI * x)) * (0.54 - 0.46 * cos(2 * M_PI * i / (taps - 1)));
    sum += tap[i];
  }
  for (int i = 0; i < taps; i++)
    tap[i] /= sum;
}

float *decimate(const int16_t *pcm, size_t samples, int factor, double cutoff) {
  double tap[TAPS_MAX];
  int taps = 12 * factor + 1;
  size_t count = samples / (size_t)factor;
  float *out = malloc((count + 1) * sizeof *out);
  if (!out)
    return NULL;
  make_taps(tap, taps, cutoff);
  for (size_t i = 0; i < count; i++) {
    double value = 0;
    for (int k = 0; k < taps; k++) {
      int64_t at = (int64_t)i * factor + k - taps / 2;
      value += at >= 0 && at < (int64_t)samples ? tap[k] * pcm[at] : 0;
    }
    out[i] = (float)value;
  }
  return out;
}
