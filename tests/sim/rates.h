/* rates.h - media sessions that share one bottleneck in simulated time, for what congestion control does of it.
 *
 * Up to RATES_CALLS calls (two sessions each; the first of them is measured towards its second) and perhaps a
 * greedy TCP-like flow send through one link; answers come back over another. Media are synthetic: audio of 80
 * bytes every 20 ms, video at 30 frames a second of the size that the session asked for, give or take a quarter,
 * key frames of three times that. One seed, one run.
 */
#ifndef RATES_H
#define RATES_H
#include "link.h"

enum { RATES_CALLS = 2 };

struct rates_config {
  const char *name;
  struct link_config link; /* towards the measured end; the way back has its delay and loss and no bottleneck */
  int calls;
  usec second_call; /* when it starts */
  bool flow;        /* a greedy flow beside */
  usec flow_start;
  usec span, measure_from;
};

struct rates_result {
  double queue_p50_ms, queue_p95_ms;
  double utilisation;            /* percent of the capacity, all that was delivered; 0: no bottleneck */
  double call_rate[RATES_CALLS]; /* delivered of each call, bit/s, RTP and RTCP on the wire */
  double flow_rate;
  double audio_p50_ms, audio_p95_ms; /* from session to session, the first call */
  int freezes;                       /* gaps above 33 + 150 ms between whole frames */
  double freeze_s, fps;
  double reach_s; /* when the first call's delivered rate first was 2 Mbit/s; 0: never */
  double target;  /* mean of the first call's, bit/s */
  uint64_t hash;  /* of every packet's time and bytes */
};

/* false: no memory. trace: a line each half second to stdout. */
bool rates_run(const struct rates_config *config, uint64_t seed, bool trace, struct rates_result *result);

#endif
