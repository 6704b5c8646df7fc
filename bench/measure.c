#include "measure.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define INTERPOSE 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define INTERPOSE 0
#endif
#endif
#ifndef INTERPOSE
#define INTERPOSE 1
#endif

static int64_t allocations;

#if INTERPOSE
/* glibc's own names for what is behind malloc: no dlsym(), which allocates itself. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static void count(void) {
  __atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED);
}

/* Seen by the libraries too, which a program built to hide its names would keep them from. */
#pragma GCC visibility push(default)
void *malloc(size_t size) {
  count();
  return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
  count();
  return __libc_calloc(number, size);
}

void *realloc(void *old, size_t size) {
  count();
  return __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  count();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size) {
  count();
  *out = __libc_memalign(alignment, size);
  return *out ? 0 : ENOMEM;
}
#pragma GCC visibility pop
#endif

int64_t measure_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

int64_t measure_allocations_now(void) {
  return __atomic_load_n(&allocations, __ATOMIC_RELAXED);
}

struct stopwatch measure_start(void) {
  struct stopwatch watch = {.allocations = measure_allocations_now()};
  watch.started = measure_now();
  return watch;
}

void measure_stop(struct samples *samples, struct stopwatch watch, int items) {
  int64_t took = measure_now() - watch.started;
  measure_add(samples, (double)took / items, measure_allocations_now() - watch.allocations, items);
}

void measure_add(struct samples *samples, double ns, int64_t allocated, int items) {
  samples->allocations += allocated;
  samples->items += items;
  samples->allocating += allocated > 0;
  if (samples->count < SAMPLES_MAX)
    samples->ns[samples->count++] = ns;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double measure_percentile(struct samples *samples, double percent) {
  if (samples->count == 0)
    return 0;
  qsort(samples->ns, samples->count, sizeof samples->ns[0], compare);
  return samples->ns[(size_t)(percent / 100 * (double)(samples->count - 1) + 0.5)];
}

double measure_mean(const struct samples *samples) {
  double sum = 0;
  for (size_t i = 0; i < samples->count; i++)
    sum += samples->ns[i];
  return samples->count ? sum / (double)samples->count : 0;
}

bool measure_counts_allocations(void) {
  return INTERPOSE;
}

double measure_allocations(const struct samples *samples) {
  return INTERPOSE && samples->items ? (double)samples->allocations / (double)samples->items : -1;
}

bool measure_allocates_nothing(const struct samples *samples) {
  return !INTERPOSE || 100 * samples->allocating <= (int64_t)samples->count;
}
