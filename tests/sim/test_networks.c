/* test_networks.c - whole calls over the networks of networks.c: a slice of what `sotto-bench networks` measures,
 * with limits that any call must keep; and the same seed is the same call, on every machine. The synthetic codecs:
 * integers only.
 *
 * golden_calls.h has the hash of each call as it was recorded, of every packet, sample, picture and event and its
 * time. A change of behaviour changes them: `./run golden` records them anew.
 */
#include "golden_calls.h"
#include "networks.h"
#include "unit/unit.h"

enum { SLICE = 8 /* seconds measured of a call that is only to work at all */ };

static struct call_figures figures;

static struct trace trace;
static FILE *recording; /* NULL: not */
static int changed;     /* calls that are not as recorded */

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

static uint64_t golden_of(const char *network, uint64_t seed) {
  for (size_t i = 0; i < sizeof golden_calls / sizeof golden_calls[0]; i++)
    if (strcmp(golden_calls[i].network, network) == 0 && golden_calls[i].seed == seed)
      return golden_calls[i].hash;
  return 0;
}

/* Or, when they are recorded, prints the line of golden_calls.h. */
static void is_golden(const char *network, uint64_t seed, uint64_t hash) {
  if (recording) {
    fprintf(recording, "    {\"%s\", %llu, 0x%016llx},\n", network, (unsigned long long)seed,
            (unsigned long long)hash);
    return;
  }
  if (hash != golden_of(network, seed)) {
    print_error("%s, seed %llu: the call's hash is %016llx, recorded was %016llx; if it was meant to change: ./run "
                "golden\n",
                network, (unsigned long long)seed, (unsigned long long)hash,
                (unsigned long long)golden_of(network, seed));
    changed++;
  }
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
    is_golden(name[i], 5, hash);
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
  is_golden(slice.name, seed, f->hash);
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
    {"outage", FIGURE_AUDIO_P50, MS(120)},     {"far_narrow", FIGURE_CONCEALED, 40000},
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

/* Those above, and the networks that have goals. */
static void every_call_was_as_recorded(void **state) {
  (void)state;
  static const char *const name[] = {"loopback", "loss", "drop", "steady"};
  for (size_t i = 0; i < sizeof name / sizeof name[0]; i++)
    is_golden(name[i], 5, hash_of_a_call(name[i], 5, false));
  assert_int_equal(changed, 0);
}

static int run(int argc, char **argv) {
  const struct CMUnitTest tests[] = {test(the_same_seed_is_the_same_call_to_the_last_packet_and_sample),
                                     test(every_profile_of_a_call_simulator_is_survived),
                                     test(every_hard_path_is_survived), test(calls_keep_within_their_bounds),
                                     test(every_call_was_as_recorded)};
  return unit_main(argc, argv, tests, sizeof tests / sizeof tests[0]);
}

/* `test_networks --record FILE` writes golden_calls.h, in place only when all else went well. */
int main(int argc, char **argv) {
  char fresh[1024];
  if (argc != 3 || strcmp(argv[1], "--record") != 0)
    return run(argc, argv);
  snprintf(fresh, sizeof fresh, "%.1000s.new", argv[2]);
  recording = fopen(fresh, "we");
  if (!recording)
    return 1;
  fputs("/* golden_calls.h - the hash of each call that test_networks.c makes. Written by `./run golden`. */\n"
        "#ifndef GOLDEN_CALLS_H\n#define GOLDEN_CALLS_H\n#include <stdint.h>\n\n"
        "static const struct {\n  const char *network;\n  uint64_t seed, hash;\n} golden_calls[] = {\n",
        recording);
  int failed = run(1, argv);
  fputs("};\n\n#endif\n", recording);
  return fclose(recording) != 0 || failed || rename(fresh, argv[2]) != 0;
}
