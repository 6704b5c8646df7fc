/* networks.h - the networks that calls are measured over: tables, for the tests and for `sotto-bench networks`. */
#ifndef NETWORKS_H
#define NETWORKS_H
#include "network_call.h"

enum figure {                   /* in the unit of figure_of() */
              FIGURE_AUDIO_P50, /* usec, mouth to ear */
              FIGURE_AUDIO_P95,
              FIGURE_CONCEALED, /* millionths of the samples */
              FIGURE_VIDEO_P50, /* usec, capture to render */
              FIGURE_VIDEO_P95,
              FIGURE_FRAMES_LOST, /* millionths of those sent */
              FIGURE_FREEZES,     /* thousandths, a call and end */
              FIGURE_FREEZE_TIME, /* usec, a call and end */
              FIGURE_QUEUE_P95,   /* usec, of the packets */
              FIGURE_UTILISATION, /* millionths of the bottleneck's capacity; -1: there is none */
              FIGURE_SENT_RATE,   /* bit/s on the wire, an end */
              FIGURE_START,       /* usec from accepting to the first sound, p95 */
              FIGURE_SIMILARITY,  /* millionths, of the speech heard to the speech said; -1: not judged */
              FIGURE_DISTANCE,    /* thousandths of a dB, between the two; -1: not judged */
              FIGURES
};

struct goal {
  enum figure figure;
  int64_t limit;         /* to be reached: at least for the utilisation, at most for the others */
  const char *libwebrtc; /* what its milestone 106 reached over such a network; NULL: not measured */
};

enum { GOALS = 6 };

struct measured_network {
  struct network network;
  struct goal goal[GOALS];
  int goals;
};

extern const struct measured_network measured_networks[]; /* those with goals */
extern const size_t measured_networks_count;
extern const struct network call_profiles[]; /* after RingRTC's call simulator */
extern const size_t call_profiles_count;
extern const struct network hard_paths[]; /* traces, changes of route, competition */
extern const size_t hard_paths_count;

const struct network *networks_find(const char *name); /* in all of the tables; NULL: there is none */

int64_t figure_of(const struct call_figures *figures, enum figure figure);
bool goal_reached(const struct goal *goal, int64_t value);

#endif
