/* test_networks.c - whole calls over the networks of networks.c: a slice of what `sotto-bench networks` measures,
 * with limits that any call must keep; and the same seed is the same call. The synthetic codecs: integers only.
 */
#include "networks.h"
#include "unit/unit.h"

enum { SLICE = 8 /* seconds measured of a call that is only to work at all */ };

static struct call_figures figures;

static struct trace trace;

static const struct call_figures *figures_over(const struct network *network, uint64_t seed, bool traced) {
  const struct call_media media = {.audio = &audio_codec_fake, .trace = traced ? &trace : NULL};
  memset(&figures, 0, sizeof figures);
  network_call(network, seed, &media, &figures);
  return &figures;
}

static const struct network *named(const char *name) {
  for (size_t i = 0; i < measured_networks_count; i++)
    if (strcmp(measured_networks[i].network.name, name) == 0)
      return &measured_networks[i].network;
  for (size_t i = 0; i < hard_paths_count; i++)
    if (strcmp(hard_paths[i].name, name) == 0)
      return &hard_paths[i];
  for (size_t i = 0; i < call_profiles_count; i++)
    if (strcmp(call_profiles[i].name, name) == 0)
      return &call_profiles[i];
  fail_msg("no network %s", name);
  return NULL;
}

static uint64_t hash_of_a_call(const char *name, uint64_t seed, bool traced) {
  struct network network = *named(name);
  network.length = SEC(5);
  return figures_over(&network, seed, traced)->hash;
}

static void the_same_seed_is_the_same_call_to_the_last_packet_and_sample(void **state) {
  (void)state;
  static const char *const name[] = {"jitter", "wifi_walk_out", "beside_tcp"};
  for (size_t i = 0; i < 3; i++) {
    uint64_t hash = hash_of_a_call(name[i], 5, false);
    assert_true(hash == hash_of_a_call(name[i], 5, true)); /* being watched changes nothing */
    assert_true(trace.points >= 50);
    assert_true(hash != hash_of_a_call(name[i], 6, false));
  }
  trace_free(&trace);
}

/* Sound gets through whatever the network, and pictures where there is room for them. */
static void is_heard(const struct network *network, uint64_t seed) {
  struct network slice = *network;
  slice.length = slice.length < SEC(SLICE) ? slice.length : SEC(SLICE);
  const struct call_figures *f = figures_over(&slice, seed, false);
  int64_t concealed = figure_of(f, FIGURE_CONCEALED);
  if (f->start.count != 2 || f->media.audio.count < 20 || concealed > 300000)
    fail_msg("%s, seed %llu: %lld of 2 ends heard something, %lld blocks of it, %lld millionths made up",
             slice.name, (unsigned long long)seed, (long long)f->start.count, (long long)f->media.audio.count,
             (long long)concealed);
}

static void every_profile_of_a_call_simulator_is_survived(void **state) {
  (void)state;
  assert_int_equal(call_profiles_count, 12);
  for (size_t i = 0; i < call_profiles_count; i++)
    is_heard(&call_profiles[i], 1);
}

static void every_hard_path_is_survived(void **state) {
  (void)state;
  for (size_t i = 0; i < hard_paths_count; i++)
    is_heard(&hard_paths[i], 2);
}

/* Not goals (those are in networks.c) but bounds: beyond them something is broken. */
static const struct {
  const char *network;
  enum figure figure;
  int64_t most;
} bound[] = {
    {"loopback", FIGURE_AUDIO_P95, MS(60)},    {"loopback", FIGURE_CONCEALED, 0},
    {"loopback", FIGURE_FRAMES_LOST, 0},       {"loopback", FIGURE_FREEZES, 0},
    {"loopback", FIGURE_VIDEO_P95, MS(30)},    {"jitter", FIGURE_CONCEALED, 40000},
    {"jitter", FIGURE_FRAMES_LOST, 10000},     {"drop", FIGURE_FRAMES_LOST, 10000},
    {"drop", FIGURE_FREEZE_TIME, MS(800)},     {"drop", FIGURE_QUEUE_P95, MS(50)},
    {"skew", FIGURE_CONCEALED, 1000},          {"skew", FIGURE_FREEZES, 0},
    {"route_change", FIGURE_CONCEALED, 30000}, {"outage", FIGURE_FREEZE_TIME, MS(4000)},
    {"outage", FIGURE_AUDIO_P50, MS(120)},
};

static void calls_keep_within_their_bounds(void **state) {
  (void)state;
  const uint64_t seed = 3;
  const char *last = "";
  int broken = 0;
  for (size_t i = 0; i < sizeof bound / sizeof bound[0]; i++) {
    if (strcmp(last, bound[i].network) != 0)
      figures_over(named(last = bound[i].network), seed, false);
    int64_t value = figure_of(&figures, bound[i].figure);
    if (value > bound[i].most) {
      print_error("%s, seed %llu: figure %d is %lld, at most %lld\n", last, (unsigned long long)seed,
                  (int)bound[i].figure, (long long)value, (long long)bound[i].most);
      broken++;
    }
  }
  assert_int_equal(broken, 0);
}

UNIT_TESTS(test(the_same_seed_is_the_same_call_to_the_last_packet_and_sample),
           test(every_profile_of_a_call_simulator_is_survived), test(every_hard_path_is_survived),
           test(calls_keep_within_their_bounds))
