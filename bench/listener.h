/* listener.h - speech for simulated calls, and how like it is what was heard: examples/caller/speech.h on tapes.
 *
 * The speech is the recording that Debian's alsa-utils ships (eight spoken channel names), or where that is not
 * installed the synthetic voice of tests/sim/voice.h.
 */
#ifndef LISTENER_H
#define LISTENER_H
#include "sim/network_call.h"

enum { LISTENER_ENDS = 2 };

struct listener {
  const char *speech; /* "recorded" or "synthetic" */
  int16_t *pcm;       /* NULL: synthetic */
  uint32_t samples;
  struct tape said[LISTENER_ENDS], heard[LISTENER_ENDS];
  struct trace trace; /* of the last call */
};

void listener_init(struct listener *listener);
void listener_deinit(struct listener *listener);
struct call_media listener_media(struct listener *listener); /* for network_call(): all of this, and Opus */
/* Adds the call just made to the figures. false: no memory. */
bool listener_judge(struct listener *listener, struct call_figures *into);

#endif
