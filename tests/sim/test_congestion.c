/* test_congestion.c - what the rate does over a bottleneck, in simulated time: figures of rates.h, seed by seed.
 * The bounds are what must never be left; `sotto-bench` measures how good it is within them. */
#include "rates.h"
#include "unit/unit.h"

enum { SEEDS = 3 };

#define LINK(steps_, queue_)                                                                                       \
  { .step = steps_, .steps = sizeof steps_ / sizeof steps_[0], .queue = queue_ }

static struct rates_result over(const struct rates_config *config, uint64_t seed) {
  struct rates_result result;
  if (!rates_run(config, seed, false, &result))
    fail_msg("no memory");
  print_message("%s, seed %llu: queue p95 %.1f ms, utilisation %.1f %%, calls %.0f and %.0f, flow %.0f kbit/s, "
                "audio p50 %.1f ms, freezes %d, %.2f s\n",
                config->name, (unsigned long long)seed, result.queue_p95_ms, result.utilisation,
                result.call_rate[0] / 1e3, result.call_rate[1] / 1e3, result.flow_rate / 1e3, result.audio_p50_ms,
                result.freezes, result.freeze_s);
  return result;
}

static void a_free_link_is_used_within_two_seconds(void **state) {
  (void)state;
  static const struct link_step step[] = {{.delay = MS(25)}};
  const struct rates_config config = {.name = "start", .link = LINK(step, 0), .calls = 1, .span = SEC(5)};
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    struct rates_result result = over(&config, seed);
    assert_true(result.reach_s > 0 && result.reach_s <= 2);
  }
}

static void a_narrow_link_is_filled_without_a_queue(void **state) {
  (void)state;
  static const struct link_step step[] = {{.delay = MS(25), .rate = 500000}};
  const struct rates_config config = {
      .name = "steady", .link = LINK(step, MS(200)), .calls = 1, .span = SEC(33), .measure_from = SEC(3)};
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    struct rates_result result = over(&config, seed);
    assert_true(result.queue_p95_ms <= 45 && result.utilisation >= 92);
    assert_int_equal(result.freezes, 0);
  }
}

static void a_link_that_narrows_is_followed(void **state) {
  (void)state;
  static const struct link_step step[] = {{.delay = MS(25), .rate = 1700000},
                                          {.from = SEC(10), .delay = MS(25), .rate = 500000}};
  const struct rates_config config = {
      .name = "drop", .link = LINK(step, MS(200)), .calls = 1, .span = SEC(40), .measure_from = SEC(10)};
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    struct rates_result result = over(&config, seed);
    assert_true(result.queue_p95_ms <= 50 && result.utilisation >= 88 && result.audio_p50_ms <= 50);
    assert_true(result.freezes <= 3 && result.freeze_s < 1.2);
  }
}

/* 90 kbit/s have no room for pictures. */
static void a_link_that_widens_is_used_within_seconds_though_there_were_no_pictures(void **state) {
  (void)state;
  static const struct link_step step[] = {{.delay = MS(25), .rate = 1700000},
                                          {.from = SEC(1), .delay = MS(25), .rate = 90000},
                                          {.from = SEC(20), .delay = MS(25)}};
  const struct rates_config config = {
      .name = "wider", .link = LINK(step, MS(200)), .calls = 1, .span = SEC(35), .measure_from = SEC(20)};
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    struct rates_result result = over(&config, seed);
    assert_true(result.reach_s > 20 && result.reach_s <= 32);
  }
}

static void random_loss_is_no_congestion(void **state) {
  (void)state;
  static const struct link_step step[] = {{.delay = MS(25), .loss = 100}};
  const struct rates_config config = {.name = "loss", .link = LINK(step, 0), .calls = 1, .span = SEC(20)};
  for (uint64_t seed = 1; seed <= SEEDS; seed++)
    assert_true(over(&config, seed).call_rate[0] > 1800000);
}

static void two_calls_share_a_link(void **state) {
  (void)state;
  static const struct link_step step[] = {{.delay = MS(25), .rate = 1000000}};
  const struct rates_config config = {.name = "two calls",
                                      .link = LINK(step, MS(200)),
                                      .calls = 2,
                                      .second_call = SEC(10),
                                      .span = SEC(50),
                                      .measure_from = SEC(20)};
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    struct rates_result result = over(&config, seed);
    assert_true(result.call_rate[0] > 300000 && result.call_rate[1] > 300000);
  }
}

static void a_greedy_flow_does_not_starve_a_call_nor_a_call_it(void **state) {
  (void)state;
  static const struct link_step step[] = {{.delay = MS(25), .rate = 2000000}};
  const struct rates_config config = {.name = "greedy flow",
                                      .link = LINK(step, MS(200)),
                                      .calls = 1,
                                      .flow = true,
                                      .flow_start = SEC(10),
                                      .span = SEC(60),
                                      .measure_from = SEC(20)};
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    struct rates_result result = over(&config, seed);
    assert_true(result.call_rate[0] > 200000 && result.flow_rate > 500000);
  }
}

static void the_same_seed_is_the_same_run(void **state) {
  (void)state;
  static const struct link_step step[] = {{.delay = MS(25), .rate = 800000, .loss = 30, .jitter = MS(5)}};
  const struct rates_config config = {.name = "same", .link = LINK(step, MS(200)), .calls = 1, .span = SEC(5)};
  uint64_t hash = over(&config, 1).hash;
  assert_true(over(&config, 1).hash == hash);
  assert_true(over(&config, 2).hash != hash);
}

UNIT_TESTS(test(a_free_link_is_used_within_two_seconds), test(a_narrow_link_is_filled_without_a_queue),
           test(a_link_that_narrows_is_followed),
           test(a_link_that_widens_is_used_within_seconds_though_there_were_no_pictures),
           test(random_loss_is_no_congestion), test(two_calls_share_a_link),
           test(a_greedy_flow_does_not_starve_a_call_nor_a_call_it), test(the_same_seed_is_the_same_run))
