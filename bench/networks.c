#include "tests/sim/networks.h"

#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "call_plot.h"
#include "listener.h"

/* Whole calls in simulated time over the networks of tests/sim/networks.c, with Opus over speech. The
 * figures are of all calls and both ends together; the last column of the table is what a well-known engine
 * reached. */
enum { SEEDS = 5, SEEDS_WITHOUT_GOALS = 2 };

static const struct {
  const char *name, *unit;
  double divisor;
} shown[FIGURES] = {
    [FIGURE_AUDIO_P50] = {"mouth to ear p50", "ms", 1e3},
    [FIGURE_AUDIO_P95] = {"mouth to ear p95", "ms", 1e3},
    [FIGURE_CONCEALED] = {"concealed", "%", 1e4},
    [FIGURE_VIDEO_P50] = {"capture to render p50", "ms", 1e3},
    [FIGURE_VIDEO_P95] = {"capture to render p95", "ms", 1e3},
    [FIGURE_FRAMES_LOST] = {"frames lost", "%", 1e4},
    [FIGURE_FREEZES] = {"freezes", "a call", 1e3},
    [FIGURE_FREEZE_TIME] = {"frozen", "s", 1e6},
    [FIGURE_QUEUE_P95] = {"queue p95", "ms", 1e3},
    [FIGURE_UTILISATION] = {"utilisation", "%", 1e4},
    [FIGURE_SENT_RATE] = {"sent", "kbit/s", 1e3},
    [FIGURE_START] = {"start-up p95", "ms", 1e3},
    [FIGURE_SIMILARITY] = {"speech similarity", "%", 1e4},
    [FIGURE_DISTANCE] = {"speech distance", "dB", 1e3},
};

static double in_unit(enum figure figure, int64_t value) {
  return (double)value / shown[figure].divisor;
}

static const struct goal *goal_of(const struct measured_network *measured, enum figure figure) {
  for (int i = 0; i < measured->goals; i++)
    if (measured->goal[i].figure == figure)
      return &measured->goal[i];
  return NULL;
}

static const char *figure_bound(enum figure figure) {
  return figure == FIGURE_UTILISATION ? ">=" : "<=";
}

static void print_row(const struct bench_options *options, const char *network, enum figure figure, int64_t value,
                      const struct goal *goal) {
  const char *verdict = !goal ? "" : goal_reached(goal, value) ? "reached" : "SHORT";
  const char *bound = figure_bound(figure);
  if (options->json) {
    printf("{\"bench\":\"networks\",\"network\":\"%s\",\"figure\":\"%s\",\"unit\":\"%s\",\"value\":%.2f", network,
           shown[figure].name, shown[figure].unit, in_unit(figure, value));
    if (goal)
      printf(",\"bound\":\"%s\",\"goal\":%.2f,\"reached\":%s,\"libwebrtc\":\"%s\"", bound,
             in_unit(figure, goal->limit), goal_reached(goal, value) ? "true" : "false",
             goal->libwebrtc ? goal->libwebrtc : "");
    puts("}");
    return;
  }
  char limit[24] = "";
  if (goal)
    snprintf(limit, sizeof limit, "%s %.4g", bound, in_unit(figure, goal->limit));
  printf("%-25s %-22s %9.2f %-7s %-8s %-8s %s\n", network, shown[figure].name, in_unit(figure, value),
         shown[figure].unit, limit, verdict, goal && goal->libwebrtc ? goal->libwebrtc : "");
}

static bool asked_for(const struct bench_options *options, const struct network *network) {
  if (!options->network[0])
    return true;
  for (int i = 0; i < BENCH_NETWORKS_MAX && options->network[i]; i++)
    if (options->network[i] == network)
      return true;
  return false;
}

static void judged_call(struct listener *listener, const struct network *network, uint64_t seed,
                        struct call_figures *figures) {
  const struct call_media media = listener_media(listener);
  network_call(network, seed, &media, figures);
  if (!listener_judge(listener, figures))
    fputs("sotto-bench: networks: no memory for a judgement of the speech\n", stderr);
}

/* How many goals were missed. */
static int measure(const struct bench_options *options, struct listener *listener, const struct network *network,
                   const struct measured_network *measured) {
  static struct call_figures figures;
  memset(&figures, 0, sizeof figures);
  int missed = 0;
  if (!asked_for(options, network))
    return 0;
  uint64_t seeds = options->quick ? 1 : measured ? SEEDS : SEEDS_WITHOUT_GOALS;
  for (uint64_t seed = 1; seed <= seeds; seed++)
    judged_call(listener, network, seed, &figures);
  if (options->plots && !call_plot_write(options->plots, network, "simulated", &listener->trace))
    missed++;
  for (enum figure figure = 0; figure < FIGURES; figure++) {
    const struct goal *goal = measured ? goal_of(measured, figure) : NULL;
    int64_t value = figure_of(&figures, figure);
    if (value < 0)
      continue;
    print_row(options, network->name, figure, value, goal);
    missed += goal && !goal_reached(goal, value);
  }
  if (options->json)
    printf("{\"bench\":\"networks\",\"network\":\"%s\",\"seeds\":%llu,\"lead\":%g,\"length\":%g,"
           "\"speech\":\"%s\",\"hash\":\"%016llx\"}\n",
           network->name, (unsigned long long)seeds, (double)network->lead / 1e6, (double)network->length / 1e6,
           listener->speech, (unsigned long long)figures.hash);
  return missed;
}

enum bench_result bench_networks(const struct bench_options *options) {
  int missed = 0, goals = 0;
  bool wide = !options->quick || options->network[0]; /* without a name, a quick run keeps to those with goals */
  struct listener listener;
  listener_init(&listener);
  if (!options->json)
    printf("\nWhole calls in simulated time, both ends, %s speech\n%-25s %-22s %9s %-7s %-8s %-8s %s\n",
           listener.speech, "network", "figure", "sotto", "", "must be", "", "libwebrtc M106");
  for (size_t i = 0; i < measured_networks_count; i++) {
    missed += measure(options, &listener, &measured_networks[i].network, &measured_networks[i]);
    goals += asked_for(options, &measured_networks[i].network) ? measured_networks[i].goals : 0;
  }
  for (size_t i = 0; wide && i < call_profiles_count; i++)
    measure(options, &listener, &call_profiles[i], NULL);
  for (size_t i = 0; wide && i < hard_paths_count; i++)
    measure(options, &listener, &hard_paths[i], NULL);
  listener_deinit(&listener);
  if (missed)
    fprintf(stderr, "sotto-bench: networks: %d of %d goals missed\n", missed, goals);
  return missed ? BENCH_SHORT : BENCH_REACHED;
}
