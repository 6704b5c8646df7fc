#include "time_stretch.h"

#include <stdbool.h>
#include <string.h>

enum {
  DECIMATE = 8,
  COARSE_MAX = (TIME_STRETCH_LAG_MAX + TIME_STRETCH_WINDOW) / DECIMATE,
  QUIET = 32, /* root mean square, -60 dBFS: any cut goes unheard */
};

struct match {
  int lag;
  double likeness; /* -1..1 */
};

static int64_t product(const int16_t *a, const int16_t *b, int samples) {
  int64_t sum = 0;
  for (int i = 0; i < samples; i++)
    sum += (int32_t)a[i] * b[i];
  return sum;
}

static bool is_quiet(const int16_t *pcm, int samples) {
  return product(pcm, pcm, samples) < (int64_t)samples * QUIET * QUIET;
}

/* How well b resembles a: the squared correlation over b's energy, so a's energy need not be divided by. */
static double score(const int16_t *a, const int16_t *b, int samples) {
  double cross = (double)product(a, b, samples), energy = (double)product(b, b, samples) + 1;
  return cross > 0 ? cross * cross / energy : 0;
}

/* The best lag among first, first + step...: b is at a + direction * lag. */
static int best_lag(const int16_t *a, int direction, int first, int last, int samples) {
  double best = -1;
  int lag = first;
  for (int i = first; i <= last; i++) {
    double s = score(a, a + direction * i, samples);
    if (s > best) {
      best = s;
      lag = i;
    }
  }
  return lag;
}

/* Averages of eight: enough to find the lag roughly, at a sixty-fourth of the work. */
static void decimate(const int16_t *pcm, int16_t *out, int count) {
  for (int i = 0; i < count; i++) {
    int sum = 0;
    for (int j = 0; j < DECIMATE; j++)
      sum += pcm[i * DECIMATE + j];
    out[i] = (int16_t)(sum / DECIMATE);
  }
}

static int coarse_lag(const int16_t *a, int direction, int lag_max, int samples) {
  int16_t coarse[COARSE_MAX];
  int lags = lag_max / DECIMATE, window = samples / DECIMATE;
  const int16_t *from = direction > 0 ? a : a - lags * DECIMATE;
  decimate(from, coarse, lags + window);
  const int16_t *centre = direction > 0 ? coarse : coarse + lags;
  return DECIMATE * best_lag(centre, direction, TIME_STRETCH_LAG_MIN / DECIMATE, lags, window);
}

/* Where a[0..samples) is found again, `lag` later (direction 1) or earlier (-1). */
static struct match find(const int16_t *a, int direction, int lag_max, int samples) {
  int near = coarse_lag(a, direction, lag_max, samples);
  int first = near - DECIMATE < TIME_STRETCH_LAG_MIN ? TIME_STRETCH_LAG_MIN : near - DECIMATE;
  int last = near + DECIMATE > lag_max ? lag_max : near + DECIMATE;
  struct match match = {.lag = best_lag(a, direction, first, last, samples)};
  double own = (double)product(a, a, samples) + 1;
  match.likeness = score(a, a + direction * match.lag, samples) / own; /* squared */
  return match;
}

static bool good_enough(const struct match *match, int percent) {
  return match->likeness * 10000 >= (double)percent * percent;
}

void time_stretch_cross_fade(const int16_t *from, int16_t *to, int samples) {
  for (int i = 0; i < samples; i++)
    to[i] = (int16_t)((from[i] * (samples - i) + to[i] * i) / samples);
}

static int smaller(int a, int b) {
  return a < b ? a : b;
}

int time_stretch_accelerate(int16_t *block, int samples, int lag_max, int percent) {
  lag_max = smaller(smaller(lag_max, TIME_STRETCH_LAG_MAX), samples * 3 / 4);
  int window = smaller(TIME_STRETCH_WINDOW, samples - lag_max);
  if (lag_max < TIME_STRETCH_LAG_MIN || window < TIME_STRETCH_LAG_MIN)
    return 0;
  struct match match = {.lag = lag_max, .likeness = 1};
  if (!is_quiet(block, window + lag_max))
    match = find(block, 1, lag_max, window);
  if (!good_enough(&match, percent))
    return 0;
  int16_t from[TIME_STRETCH_WINDOW];
  memcpy(from, block, (size_t)window * sizeof *from);
  memmove(block, block + match.lag, (size_t)(samples - match.lag) * sizeof *block);
  time_stretch_cross_fade(from, block, window);
  return match.lag;
}

int time_stretch_decelerate(int16_t *block, int samples, int lag_max, int percent) {
  int window = smaller(TIME_STRETCH_WINDOW, samples);
  lag_max = smaller(lag_max, TIME_STRETCH_LAG_MAX);
  if (lag_max < TIME_STRETCH_LAG_MIN || window < TIME_STRETCH_LAG_MIN)
    return 0;
  struct match match = {.lag = lag_max, .likeness = 1};
  if (!is_quiet(block - lag_max, window + lag_max))
    match = find(block, -1, lag_max, window);
  if (!good_enough(&match, percent))
    return 0;
  int16_t from[TIME_STRETCH_WINDOW];
  memcpy(from, block, (size_t)window * sizeof *from);
  memmove(block, block - match.lag, (size_t)(samples + match.lag) * sizeof *block);
  time_stretch_cross_fade(from, block, window);
  return match.lag;
}

int time_stretch_period(const int16_t *end) {
  return find(end - TIME_STRETCH_WINDOW, -1, TIME_STRETCH_LAG_MAX, TIME_STRETCH_WINDOW).lag;
}
