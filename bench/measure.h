/* measure.h - samples of one duration, and the heap allocations of the process.
 *
 * Times are of the monotonic clock. Allocations are counted by interposing malloc, in the whole process and so in
 * the libraries too; a sanitizer's build counts none, since its own malloc is in the way.
 */
#ifndef MEASURE_H
#define MEASURE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SAMPLES_MAX = 20000 };

struct samples {
  size_t count;
  double ns[SAMPLES_MAX];     /* beyond that many they are dropped */
  int64_t allocations, items; /* in all of them: packets or frames */
  int64_t allocating;         /* samples that had any */
};

struct stopwatch {
  int64_t started, allocations;
};

int64_t measure_now(void); /* ns */
struct stopwatch measure_start(void);
/* One sample: the time since the start, for each of `items`. */
void measure_stop(struct samples *samples, struct stopwatch watch, int items);
void measure_add(struct samples *samples, double ns, int64_t allocations, int items);
double measure_percentile(struct samples *samples, double percent); /* sorts them; 0 when there are none */
double measure_mean(const struct samples *samples);
bool measure_counts_allocations(void);
double measure_allocations(const struct samples *samples); /* an item; -1: not counted in this build */
int64_t measure_allocations_now(void);
/* In a hundredth of the samples at most, which are those of timers, or not counted in this build. */
bool measure_allocates_nothing(const struct samples *samples);

#endif
