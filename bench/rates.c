#include "tests/sim/rates.h"

#include <stdio.h>

#include "bench.h"

/* What congestion control makes of one bottleneck, in simulated time: how soon a free link is used, and the shares
 * of two calls, or of a call and a greedy flow (tests/sim/rates.h). The goals: 2 Mbit/s within 2 s; nobody has less
 * than a fifth of the link. */
enum { SEEDS = 3, STARVED_PERCENT = 20 };

static const struct link_step free_link[] = {{.delay = MS(25)}};
static const struct link_step shared[] = {{.delay = MS(25), .rate = 2000000}};

static const struct rates_config config[] = {
    {.name = "start on a free link", .link = {.step = free_link, .steps = 1}, .calls = 1, .span = SEC(5)},
    {.name = "two calls",
     .link = {.step = shared, .steps = 1, .queue = MS(200)},
     .calls = 2,
     .second_call = SEC(10),
     .span = SEC(60),
     .measure_from = SEC(20)},
    {.name = "beside a greedy flow",
     .link = {.step = shared, .steps = 1, .queue = MS(200)},
     .calls = 1,
     .flow = true,
     .flow_start = SEC(10),
     .span = SEC(60),
     .measure_from = SEC(20)},
};

static bool reached(const struct rates_config *c, const struct rates_result *result) {
  double least = (double)shared[0].rate * STARVED_PERCENT / 100;
  if (c->link.step == free_link)
    return result->reach_s > 0 && result->reach_s <= 2;
  return result->call_rate[0] >= least && (c->calls < 2 || result->call_rate[1] >= least) &&
         (!c->flow || result->flow_rate >= least);
}

static void print_result(const struct bench_options *options, const struct rates_config *c, int seed,
                         const struct rates_result *r) {
  bool ok = reached(c, r);
  if (options->json)
    printf("{\"bench\":\"rates\",\"case\":\"%s\",\"seed\":%d,\"call_kbps\":%.0f,\"other_call_kbps\":%.0f,"
           "\"flow_kbps\":%.0f,\"two_mbps_after_s\":%.1f,\"queue_p95_ms\":%.1f,\"reached\":%s}\n",
           c->name, seed, r->call_rate[0] / 1e3, r->call_rate[1] / 1e3, r->flow_rate / 1e3, r->reach_s,
           r->queue_p95_ms, ok ? "true" : "false");
  else
    printf("%-22s %4d %8.0f %10.0f %8.0f %14.1f %10.1f  %s\n", c->name, seed, r->call_rate[0] / 1e3,
           r->call_rate[1] / 1e3, r->flow_rate / 1e3, r->reach_s, r->queue_p95_ms, ok ? "reached" : "SHORT");
}

enum bench_result bench_rates(const struct bench_options *options) {
  bool all = true;
  if (!options->json)
    printf("\nOne bottleneck, shared (2 Mbit/s, 50 ms round trip, 200 ms of queue); kbit/s\n%-22s %4s %8s %10s %8s "
           "%14s %10s\n",
           "case", "seed", "call", "other call", "flow", "2 Mbit/s at s", "queue p95");
  for (size_t i = 0; i < sizeof config / sizeof config[0]; i++)
    for (int seed = 1; seed <= (options->quick ? 1 : SEEDS); seed++) {
      struct rates_result result;
      if (!rates_run(&config[i], (uint64_t)seed, false, &result))
        return BENCH_FAILED;
      print_result(options, &config[i], seed, &result);
      all &= reached(&config[i], &result);
    }
  return all ? BENCH_REACHED : BENCH_SHORT;
}
