/* trace.h - one direction of a call over time: a point each TRACE_STEP of what the callee hears of the caller.
 *
 * Grows as it is filled. Sampled when something else happens anyway, so a traced call is the same call.
 */
#ifndef TRACE_H
#define TRACE_H
#include <stddef.h>

#include "endpoint.h"
#include "link.h"

#define TRACE_STEP MS(100)

struct trace_point {
  usec at;                        /* from the callee's accepting on; the values are of the step before it */
  usec audio_delay, video_delay;  /* of the newest sound and picture; 0: none */
  usec queue;                     /* that the newest packet waited in */
  bps target, received, capacity; /* of the caller's encoders; behind the bottleneck; of it, 0: none */
  int concealed;                  /* millionths of the samples, silence left out */
};

struct trace {
  struct trace_point *point;
  size_t points, room;
  usec from, due;
  int64_t bytes, samples, concealed; /* seen so far */
};

void trace_begin(struct trace *trace, usec now); /* empties it */
void trace_run(struct trace *trace, usec now, struct link *link, const struct endpoint *from,
               struct endpoint *to); /* often: adds a point when it is due */
void trace_free(struct trace *trace);

#endif
