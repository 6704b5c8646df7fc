/* time_stretch.h - makes sound last a little shorter or longer without changing its pitch (WSOLA).
 *
 * Looks for the lag at which the waveform resembles itself best (normalised cross-correlation, first on an
 * eighth of the rate), then cuts out or repeats that much across an overlap. So what is removed or inserted
 * is a whole number of pitch periods. Pure functions on 48 kHz samples; work and lag are bounded.
 */
#ifndef TIME_STRETCH_H
#define TIME_STRETCH_H
#include <stdint.h>

enum {
  TIME_STRETCH_LAG_MIN = 120,  /* 2.5 ms: one period of 400 Hz */
  TIME_STRETCH_LAG_MAX = 720,  /* 15 ms: one period of 67 Hz, or several of a higher voice */
  TIME_STRETCH_WINDOW = 480,   /* at most: what is compared, and the overlap */
  TIME_STRETCH_HISTORY = 1200, /* samples that decelerate and period read before the block */
};

/* Removes up to `lag_max` samples from the front of the block, in place, when it resembles itself by at least
 * `percent`. How many were removed; 0: it does not. */
int time_stretch_accelerate(int16_t *block, int samples, int lag_max, int percent);

/* Inserts up to `lag_max` samples at the front of the block, which has room for them behind it and
 * TIME_STRETCH_HISTORY samples of what was played before it. How many were inserted. */
int time_stretch_decelerate(int16_t *block, int samples, int lag_max, int percent);

/* The lag by which what was played before `end` repeats itself best. */
int time_stretch_period(const int16_t *end);

/* to = from fading into to. */
void time_stretch_cross_fade(const int16_t *from, int16_t *to, int samples);

#endif
