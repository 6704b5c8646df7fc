#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "signaling/crypto.h"
#include "sim/networks.h"

static const struct {
  const char *name;
  enum bench_result (*run)(const struct bench_options *options);
  const char *what;
} benches[] = {
    {"packet", bench_packet, "SRTP beside the bare AES-GCM call, and sockets beside stock parts"},
    {"encode", bench_encode, "captured sound and pictures to encrypted packets, stage by stage"},
    {"networks", bench_networks, "whole calls over simulated networks, beside what they must reach"},
    {"rates", bench_rates, "one bottleneck: start-up, and the shares of two calls or a call and a greedy flow"},
};

enum { BENCHES = sizeof benches / sizeof benches[0] };

static int usage(FILE *out, int code) {
  fputs("usage: sotto-bench [BENCHMARK...] [--quick] [--json] [--plots FOLDER] [NETWORK...]\n\n", out);
  for (size_t i = 0; i < BENCHES; i++)
    fprintf(out, "  %-8s %s\n", benches[i].name, benches[i].what);
  fputs("\nWithout a name: all of them. A network's name (jitter, drop, ...): only calls over that one.\n", out);
  return code;
}

static bool add_network(struct bench_options *options, const char *name) {
  const struct network *network = networks_find(name);
  int count = 0;
  while (count < BENCH_NETWORKS_MAX - 1 && options->network[count])
    count++;
  options->network[count] = network ? network : options->network[count];
  return network;
}

int main(int argc, char **argv) {
  struct bench_options options = {0};
  bool wanted[BENCHES] = {0}, any = false;
  for (int i = 1; i < argc; i++) {
    bool known = false;
    for (size_t j = 0; j < BENCHES; j++)
      if (strcmp(argv[i], benches[j].name) == 0)
        known = wanted[j] = any = true;
    if (strcmp(argv[i], "--help") == 0)
      return usage(stdout, 0);
    else if (strcmp(argv[i], "--quick") == 0)
      options.quick = true;
    else if (strcmp(argv[i], "--json") == 0)
      options.json = true;
    else if (strcmp(argv[i], "--plots") == 0 && i + 1 < argc)
      options.plots = argv[++i];
    else if (!known && !add_network(&options, argv[i]))
      return usage(stderr, 2);
  }
  if (!crypto_init()) {
    fputs("sotto-bench: no crypto library\n", stderr);
    return BENCH_FAILED;
  }
  enum bench_result worst = BENCH_REACHED;
  for (size_t i = 0; i < BENCHES; i++)
    if (wanted[i] || !any) {
      enum bench_result result = benches[i].run(&options);
      if (result != BENCH_REACHED)
        fprintf(stderr, "sotto-bench: %s %s\n", benches[i].name,
                result == BENCH_SHORT ? "is short of a goal" : "failed");
      worst = bench_worse(worst, result);
    }
  return (int)worst;
}
