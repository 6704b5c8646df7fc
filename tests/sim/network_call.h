/* network_call.h - a whole call, signaling and all, over a network of links, and what came of it.
 *
 * Two cores and their endpoints (endpoint.h), the caller's and the callee's; each direction is a link (link.h) of
 * its own. A second call or greedy flows may share the links. Time 0 of the schedules is when the callee accepts.
 * The figures of many calls over one network add up.
 */
#ifndef NETWORK_CALL_H
#define NETWORK_CALL_H
#include "endpoint.h"
#include "link.h"
#include "trace.h"

struct network {
  const char *name, *what;
  struct link_config forth, back; /* caller to callee; back without steps: the same */
  usec lead, length;              /* not measured; measured */
  bool no_video;
  int flows;   /* greedy ones each way, from SEC(5) on */
  bool second; /* a second call over the same links, like the first */
  int skew;    /* of the caller's device clocks against the callee's, millionths */
};

struct call_media { /* what goes through a call, and what is kept of it */
  const struct audio_codec *audio;
  const int16_t *speech; /* as endpoint_config's */
  uint32_t speech_samples;
  struct tape *said, *heard; /* of both ends, caller first; NULL: not kept */
  struct trace *trace;       /* from the callee's accepting on; NULL: none */
};

struct call_figures {
  struct endpoint_figures media; /* of both ends, added */
  struct histogram queue, start; /* of each packet in both directions; from accepting to the first sound */
  int64_t sent_bits, delivered_bits, capacity_bits;
  int64_t ends;  /* how many were measured: two a call */
  usec time;     /* measured, of all ends together */
  uint64_t hash; /* of everything that anybody heard, saw or was told, and when */
  /* Judged by whoever has the tapes; sums over the judged half seconds: */
  int64_t speech_windows, similarity, distance; /* of speech_windows; millionths; thousandths of a dB */
};

/* Adds one call's figures to `into`. The second call of a network is not measured. */
void network_call(const struct network *network, uint64_t seed, const struct call_media *media,
                  struct call_figures *into);

#endif
