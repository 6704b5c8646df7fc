/* rate_control.h - how much to send, and how it is shared between audio and video.
 *
 * From the peer's receiver reports: loss as in libwebrtc's loss-based controller (grow below 2 %, hold, shrink
 * above 10 %) and a guard on the round trip's growth; a fast start until the first sign of congestion. Audio keeps
 * its constant rate, in two coarse steps that follow the network and never speech (protocol F); video has the rest.
 * Targets stay within RATE_MIN and the maximum, whatever a report says.
 */
#ifndef RATE_CONTROL_H
#define RATE_CONTROL_H
#include <stdbool.h>
#include <stddef.h>

#include "../limits.h"

struct rate_targets {
  bps audio, video; /* for the encoders; video 0: send none */
};

struct rate_control {
  bps target, max; /* of all that is sent */
  bool starting;   /* no sign of congestion yet */
  bool audio_low, video_on;
  struct rate_targets given;      /* the last ones polled */
  usec reported;                  /* the last report, then the first packet after it; -1: nothing was sent */
  usec decreased;                 /* the last time the target shrank */
  int64_t sent_bits;              /* since `reported` */
  int delayed;                    /* reports in a row with a long round trip */
  usec least_rtt[2], least_since; /* of the current and the last RATE_RTT_WINDOW; USEC_NEVER: none */
};

void rate_control_init(struct rate_control *rate, bps max);
void rate_control_set_max(struct rate_control *rate, bps max);
void rate_control_input_sent(struct rate_control *rate, usec now, size_t size);
/* loss: 0..1, of both media since the last report; rtt: -1 when the report has none. */
void rate_control_input_report(struct rate_control *rate, usec now, double loss, usec rtt);
bool rate_control_poll(struct rate_control *rate, usec now, struct rate_targets *out); /* false: as before */
usec rate_control_deadline(const struct rate_control *rate);

#endif
