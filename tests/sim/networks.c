#include "networks.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof(table)[0])
#define STEPS(...)                                                                                                 \
  .step = (const struct link_step[]){__VA_ARGS__},                                                                 \
  .steps = (int)(sizeof((const struct link_step[]){__VA_ARGS__}) / sizeof(struct link_step))
#define KBIT(n)    ((bps)(n)*1000)
#define PPM(n)     (n)
#define PERCENT(n) ((n)*10) /* of a link_step's losses */

const struct measured_network measured_networks[] = {
    {.network =
         {.name = "loopback", .what = "0.1 ms, no loss", .forth = {STEPS({.delay = 100})}, .length = SEC(30)},
     .goal = {{FIGURE_AUDIO_P50, MS(40), "48-60"}, {FIGURE_VIDEO_P50, MS(15), "31-39"}},
     .goals = 2},
    {.network = {.name = "jitter",
                 .what = "20 ms each way, +-10 ms that reorders, 2 % loss",
                 .forth = {STEPS({.delay = MS(20), .jitter = MS(10), .loss = PERCENT(2)})},
                 .length = SEC(30)},
     .goal = {{FIGURE_AUDIO_P50, MS(75), "73-113"},
              {FIGURE_AUDIO_P95, MS(95), "79-125"},
              {FIGURE_CONCEALED, PPM(3000), "2.0"},
              {FIGURE_VIDEO_P50, MS(60), "90-166"},
              {FIGURE_VIDEO_P95, MS(120), "188-322"}},
     .goals = 5},
    {.network = {.name = "loss",
                 .what = "50 ms round trip, 10 % random loss",
                 .forth = {STEPS({.delay = MS(25), .loss = PERCENT(10)})},
                 .length = SEC(30)},
     .goal = {{FIGURE_CONCEALED, PPM(5000), "7.0-8.5"},
              {FIGURE_AUDIO_P50, MS(100), "88"},
              {FIGURE_FRAMES_LOST, 0, "0.1"},
              {FIGURE_FREEZES, 0, NULL}},
     .goals = 4},
    {.network = {.name = "drop",
                 .what = "1.7 Mbit/s falls to 500 kbit/s, 200 ms queue, 50 ms round trip",
                 .forth = {STEPS({.delay = MS(25), .rate = KBIT(1700)},
                                 {.from = SEC(15), .delay = MS(25), .rate = KBIT(500)}),
                           .queue = MS(200)},
                 .lead = SEC(15),
                 .length = SEC(30)},
     .goal = {{FIGURE_AUDIO_P50, MS(110), "243"},
              {FIGURE_QUEUE_P95, MS(60), "190-198"},
              {FIGURE_UTILISATION, PPM(900000), "71-85"},
              {FIGURE_FREEZES, 2000, "12-22"},
              {FIGURE_FREEZE_TIME, MS(600), "7-17 s"}},
     .goals = 5},
    {.network = {.name = "steady",
                 .what = "500 kbit/s, 200 ms queue, 50 ms round trip, from the 10th second on",
                 .forth = {STEPS({.delay = MS(25), .rate = KBIT(500)}), .queue = MS(200)},
                 .lead = SEC(10),
                 .length = SEC(30)},
     .goal = {{FIGURE_QUEUE_P95, MS(40), "20"},
              {FIGURE_UTILISATION, PPM(920000), "75-80"},
              {FIGURE_FREEZES, 0, "17-27"}},
     .goals = 3},
};
const size_t measured_networks_count = COUNT(measured_networks);

/* The losses of bursts are simple Gilbert channels with the mean lengths 1.5, 2, 3 and 4. */
const struct network call_profiles[] = {
    {.name = "default", .what = "nothing in the way", .forth = {STEPS({.delay = MS(1)})}, .length = SEC(30)},
    {.name = "moderate",
     .what = "100 +- 25 ms with a long tail, 5 % loss",
     .forth = {STEPS({.delay = MS(100), .jitter = MS(25), .jitter_shape = LINK_PARETO, .loss = PERCENT(5)})},
     .length = SEC(30)},
    {.name = "international",
     .what = "250 +- 100 ms with a long tail, 11 % loss in bursts of 4, 300 kbit/s, duplicates, overtaking",
     .forth = {STEPS({.delay = MS(250),
                      .jitter = MS(100),
                      .jitter_shape = LINK_PARETO,
                      .loss = 107,
                      .burst = 40,
                      .duplicate = PERCENT(2),
                      .hurry = PERCENT(5),
                      .rate = KBIT(300)}),
               .queue_bytes = 36000},
     .length = SEC(30)},
    {.name = "spiky_loss",
     .what = "0, 30, 0 % loss in bursts of 4 for 10 s each, 50 +- 10 ms, within 100 +- 20 ms",
     .forth = {STEPS(
         {.delay = MS(50), .jitter = MS(10), .jitter_memory = 50},
         {.from = SEC(10), .delay = MS(100), .jitter = MS(20), .jitter_memory = 50, .loss = 305, .burst = 40},
         {.from = SEC(20), .delay = MS(50), .jitter = MS(10), .jitter_memory = 50})},
     .length = SEC(30)},
    {.name = "simple_loss_10",
     .what = "10 % loss, one by one",
     .forth = {STEPS({.delay = MS(1), .loss = PERCENT(10)})},
     .length = SEC(30)},
    {.name = "simple_loss_30",
     .what = "30 % loss, one by one",
     .forth = {STEPS({.delay = MS(1), .loss = PERCENT(30)})},
     .length = SEC(30)},
    {.name = "bursty_loss_20_short",
     .what = "20 % loss in bursts of 1.5",
     .forth = {STEPS({.delay = MS(1), .loss = PERCENT(20), .burst = 15})},
     .length = SEC(30)},
    {.name = "bursty_loss_20_very_long",
     .what = "20 % loss in bursts of 4",
     .forth = {STEPS({.delay = MS(1), .loss = PERCENT(20), .burst = 40})},
     .length = SEC(30)},
    {.name = "limited_bandwidth_2000",
     .what = "2 Mbit/s with 100 ms of queue",
     .forth = {STEPS({.delay = MS(1), .rate = KBIT(2000)}), .queue = MS(100)},
     .length = SEC(30)},
    {.name = "limited_bandwidth_300",
     .what = "300 kbit/s with a queue of four packets",
     .forth = {STEPS({.delay = MS(1), .rate = KBIT(300)}), .queue_bytes = 6000},
     .length = SEC(30)},
    {.name = "limited_bandwidth_50",
     .what = "50 kbit/s with a queue of four packets",
     .forth = {STEPS({.delay = MS(1), .rate = KBIT(50)}), .queue_bytes = 6000},
     .length = SEC(30)},
    {.name = "deterministic_loss_20",
     .what = "the same 20 of each 100 packets",
     .forth = {STEPS({.delay = MS(1)}), .bitmap = "0010000100010000000110000010000000001000100000101000"
                                                  "010000000010100000011000000100000010000100010000"},
     .length = SEC(30)},
};
const size_t call_profiles_count = COUNT(call_profiles);

/* Mobile traces. Their levels are WebPageTest's connectivity profiles (2G 280/256 kbit/s, 800 ms round trip; 3G 1.6
 * Mbit/s/768 kbit/s, 300 ms; 4G 9 Mbit/s, 170 ms), half of the round trip each way; the fading about them is drawn
 * by hand: cells fade to a third within seconds, a handover is a gap of some 100 ms with the packets queued behind
 * it. */
const struct network hard_paths[] = {
    {.name = "trace_2g",
     .what = "280/256 kbit/s, 400 ms each way, fading and handovers",
     .forth = {STEPS({.delay = MS(400), .rate = KBIT(280), .jitter = MS(40), .jitter_shape = LINK_IN_ORDER},
                     {.from = SEC(6),
                      .delay = MS(420),
                      .rate = KBIT(140),
                      .jitter = MS(60),
                      .loss = 10,
                      .jitter_shape = LINK_IN_ORDER},
                     {.from = SEC(11), .delay = MS(700), .rate = KBIT(40), .jitter_shape = LINK_IN_ORDER},
                     {.from = SEC(12),
                      .delay = MS(400),
                      .rate = KBIT(240),
                      .jitter = MS(40),
                      .jitter_shape = LINK_IN_ORDER}),
               .period = SEC(20), .queue = SEC(1)},
     .length = SEC(40)},
    {.name = "trace_3g",
     .what = "1600/768 kbit/s, 150 ms each way, fading and handovers",
     .forth = {STEPS({.delay = MS(150), .rate = KBIT(1600), .jitter = MS(20), .jitter_shape = LINK_IN_ORDER},
                     {.from = SEC(8),
                      .delay = MS(160),
                      .rate = KBIT(700),
                      .jitter = MS(30),
                      .loss = 5,
                      .jitter_shape = LINK_IN_ORDER},
                     {.from = SEC(13),
                      .delay = MS(180),
                      .rate = KBIT(350),
                      .jitter = MS(40),
                      .loss = 10,
                      .jitter_shape = LINK_IN_ORDER},
                     {.from = SEC(15), .delay = MS(400), .rate = KBIT(100), .jitter_shape = LINK_IN_ORDER},
                     {.from = 15400000,
                      .delay = MS(150),
                      .rate = KBIT(1200),
                      .jitter = MS(20),
                      .jitter_shape = LINK_IN_ORDER}),
               .period = SEC(20), .queue = MS(600)},
     .back = {STEPS({.delay = MS(150), .rate = KBIT(768), .jitter = MS(20), .jitter_shape = LINK_IN_ORDER},
                    {.from = SEC(13),
                     .delay = MS(180),
                     .rate = KBIT(250),
                     .jitter = MS(40),
                     .loss = 10,
                     .jitter_shape = LINK_IN_ORDER},
                    {.from = 15400000,
                     .delay = MS(150),
                     .rate = KBIT(768),
                     .jitter = MS(20),
                     .jitter_shape = LINK_IN_ORDER}),
              .period = SEC(20), .queue = MS(600)},
     .length = SEC(40)},
    {.name = "trace_4g",
     .what = "9 Mbit/s, 85 ms each way, fading and handovers",
     .forth = {STEPS({.delay = MS(85), .rate = KBIT(9000), .jitter = MS(10), .jitter_shape = LINK_IN_ORDER},
                     {.from = SEC(10),
                      .delay = MS(90),
                      .rate = KBIT(3000),
                      .jitter = MS(15),
                      .loss = 3,
                      .jitter_shape = LINK_IN_ORDER},
                     {.from = SEC(14),
                      .delay = MS(90),
                      .rate = KBIT(1000),
                      .jitter = MS(20),
                      .loss = 10,
                      .jitter_shape = LINK_IN_ORDER},
                     {.from = SEC(16), .delay = MS(200), .rate = KBIT(500), .jitter_shape = LINK_IN_ORDER},
                     {.from = 16150000,
                      .delay = MS(85),
                      .rate = KBIT(9000),
                      .jitter = MS(10),
                      .jitter_shape = LINK_IN_ORDER}),
               .period = SEC(25), .queue = MS(300)},
     .length = SEC(50)},
    {.name = "wifi_walk_out",
     .what = "20 Mbit/s at the door, then each 3 s half of it and twice the loss, then back",
     .forth =
         {STEPS({.delay = MS(8), .rate = KBIT(20000), .jitter = MS(2), .loss = 2},
                {.from = SEC(10), .delay = MS(8), .rate = KBIT(8000), .jitter = MS(4), .loss = 5, .burst = 20},
                {.from = SEC(13), .delay = MS(10), .rate = KBIT(3000), .jitter = MS(8), .loss = 10, .burst = 20},
                {.from = SEC(16), .delay = MS(12), .rate = KBIT(1000), .jitter = MS(10), .loss = 30, .burst = 30},
                {.from = SEC(19), .delay = MS(15), .rate = KBIT(500), .jitter = MS(12), .loss = 80, .burst = 40},
                {.from = SEC(22), .delay = MS(15), .rate = KBIT(250), .jitter = MS(12), .loss = 150, .burst = 50},
                {.from = SEC(25), .delay = MS(8), .rate = KBIT(20000), .jitter = MS(2), .loss = 2}),
          .queue = MS(200)},
     .length = SEC(40)},
    {.name = "route_change",
     .what = "20 ms each way, from the 10th second on 120, from the 20th on 20",
     .forth = {STEPS({.delay = MS(20)}, {.from = SEC(10), .delay = MS(120)}, {.from = SEC(20), .delay = MS(20)})},
     .length = SEC(30)},
    {.name = "outage",
     .what = "nothing for 2 s, from the 10th second on",
     .forth = {STEPS({.delay = MS(25)}, {.from = SEC(10), .loss = 1000}, {.from = SEC(12), .delay = MS(25)})},
     .length = SEC(30)},
    {.name = "far_narrow",
     .what = "150 kbit/s, 100 ms each way, 5 % loss: room for neither a copy of sound nor asking again",
     .forth = {STEPS({.delay = MS(100), .rate = KBIT(150), .loss = PERCENT(5)}), .queue = MS(200)},
     .lead = SEC(15),
     .length = SEC(30)},
    {.name = "asymmetric",
     .what = "5 Mbit/s forth, 300 kbit/s back",
     .forth = {STEPS({.delay = MS(20), .rate = KBIT(5000)}), .queue = MS(100)},
     .back = {STEPS({.delay = MS(20), .rate = KBIT(300)}), .queue = MS(200)},
     .length = SEC(30)},
    {.name = "skew",
     .what = "sound cards 200 ppm apart, for two minutes",
     .forth = {STEPS({.delay = MS(20), .jitter = MS(2)})},
     .skew = 200,
     .length = SEC(120)},
    {.name = "beside_tcp",
     .what = "2 Mbit/s shared with a greedy TCP flow each way, 200 ms of queue",
     .forth = {STEPS({.delay = MS(25), .rate = KBIT(2000)}), .queue = MS(200)},
     .flows = 1,
     .lead = SEC(10),
     .length = SEC(30)},
    {.name = "beside_tcp_codel",
     .what = "the same with CoDel in the queue",
     .forth = {STEPS({.delay = MS(25), .rate = KBIT(2000)}), .queue = MS(200), .codel = true},
     .flows = 1,
     .lead = SEC(10),
     .length = SEC(30)},
    {.name = "two_calls",
     .what = "1 Mbit/s shared by two calls, 200 ms of queue",
     .forth = {STEPS({.delay = MS(25), .rate = KBIT(1000)}), .queue = MS(200)},
     .second = true,
     .lead = SEC(10),
     .length = SEC(30)},
};
const size_t hard_paths_count = COUNT(hard_paths);

/* For what a call's set-up takes: the round trip is in the name. */
static const struct network round_trips[] = {
    {.name = "rtt20", .what = "20 ms round trip", .forth = {STEPS({.delay = MS(10)})}, .length = SEC(5)},
    {.name = "rtt50", .what = "50 ms round trip", .forth = {STEPS({.delay = MS(25)})}, .length = SEC(5)},
    {.name = "rtt100", .what = "100 ms round trip", .forth = {STEPS({.delay = MS(50)})}, .length = SEC(5)},
    {.name = "rtt200", .what = "200 ms round trip", .forth = {STEPS({.delay = MS(100)})}, .length = SEC(5)},
};

static const struct network *find(const struct network *table, size_t count, const char *name) {
  for (size_t i = 0; i < count; i++)
    if (strcmp(table[i].name, name) == 0)
      return &table[i];
  return NULL;
}

const struct network *networks_find(const char *name) {
  for (size_t i = 0; i < measured_networks_count; i++)
    if (strcmp(measured_networks[i].network.name, name) == 0)
      return &measured_networks[i].network;
  const struct network *profile = find(call_profiles, call_profiles_count, name);
  const struct network *path = profile ? profile : find(hard_paths, hard_paths_count, name);
  return path ? path : find(round_trips, COUNT(round_trips), name);
}

static int64_t share(int64_t part, int64_t whole) {
  return whole ? part * 1000000 / whole : 0;
}

int64_t figure_of(const struct call_figures *figures, enum figure figure) {
  const struct endpoint_figures *media = &figures->media;
  switch (figure) {
  case FIGURE_AUDIO_P50:
    return histogram_percentile(&media->audio, 50);
  case FIGURE_AUDIO_P95:
    return histogram_percentile(&media->audio, 95);
  case FIGURE_CONCEALED:
    return share(media->concealed - media->silent, media->samples);
  case FIGURE_VIDEO_P50:
    return histogram_percentile(&media->video, 50);
  case FIGURE_VIDEO_P95:
    return histogram_percentile(&media->video, 95);
  case FIGURE_FRAMES_LOST:
    return share(media->frames_lost, media->frames_sent);
  case FIGURE_FREEZES:
    return media->freezes * 1000 / figures->ends;
  case FIGURE_FREEZE_TIME:
    return media->freeze_time / figures->ends;
  case FIGURE_QUEUE_P95:
    return histogram_percentile(&figures->queue, 95);
  case FIGURE_UTILISATION:
    return figures->capacity_bits ? share(figures->delivered_bits, figures->capacity_bits) : -1;
  case FIGURE_SENT_RATE:
    return figures->sent_bits * SEC(1) / figures->time;
  case FIGURE_START:
    return histogram_percentile(&figures->start, 95);
  case FIGURE_SIMILARITY:
    return figures->speech_windows ? figures->similarity / figures->speech_windows : -1;
  case FIGURE_DISTANCE:
    return figures->speech_windows ? figures->distance / figures->speech_windows : -1;
  case FIGURES:
    break;
  }
  return 0;
}

bool goal_reached(const struct goal *goal, int64_t value) {
  return goal->figure == FIGURE_UTILISATION ? value >= goal->limit : value <= goal->limit;
}
