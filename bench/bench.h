/* bench.h - the benchmarks of sotto-bench, each a function that prints its table or its JSON lines. */
#ifndef BENCH_H
#define BENCH_H
#include <stdbool.h>

struct network;

enum { BENCH_NETWORKS_MAX = 32, BENCH_SEED = 1 /* of media sessions */ };

struct bench_options {
  bool quick;                                        /* a tenth of the samples: is it working, not how fast is it */
  bool json;                                         /* one JSON object a line, in place of the table */
  const struct network *network[BENCH_NETWORKS_MAX]; /* only these; the first NULL: all */
  const char *plots;                                 /* the folder for pictures of calls; NULL: none */
};

/* The program's exit codes. FAILED: something did not work, or allocates; said on stderr. */
enum bench_result { BENCH_REACHED, BENCH_SHORT /* of a goal */, BENCH_FAILED };

static inline enum bench_result bench_worse(enum bench_result one, enum bench_result other) {
  return one > other ? one : other;
}

enum bench_result bench_packet(const struct bench_options *options);
enum bench_result bench_encode(const struct bench_options *options);
enum bench_result bench_networks(const struct bench_options *options);
enum bench_result bench_rates(const struct bench_options *options);

#endif
