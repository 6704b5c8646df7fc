#include "trace.h"

#include <stdlib.h>

#include "unit/unit.h"

void trace_begin(struct trace *trace, usec now) {
  *trace = (struct trace){.point = trace->point, .room = trace->room, .from = now, .due = now + TRACE_STEP};
}

static struct trace_point *add_point(struct trace *trace) {
  if (trace->points == trace->room) {
    trace->room = 2 * trace->room + 100;
    trace->point = realloc(trace->point, trace->room * sizeof *trace->point);
    assert_non_null(trace->point);
  }
  return &trace->point[trace->points++];
}

static void note_link(struct trace *trace, struct trace_point *point, const struct link *link, usec now) {
  const struct link_stats *stats = link_stats(link);
  int64_t before = stats->delivered_bytes < trace->bytes ? 0 : trace->bytes; /* it was reset since */
  point->queue = stats->queue_newest;
  point->capacity = link_now(link, now)->rate;
  point->received = (stats->delivered_bytes - before) * 8 * SEC(1) / TRACE_STEP;
  trace->bytes = stats->delivered_bytes;
}

static void note_sound(struct trace *trace, struct trace_point *point, const struct endpoint *to) {
  struct playout_stats stats;
  playout_stats(to->playout, &stats);
  int64_t concealed = stats.concealed_samples - stats.silent_concealed_samples;
  int64_t samples = stats.total_samples_received - trace->samples;
  point->concealed = samples > 0 ? (int)((concealed - trace->concealed) * 1000000 / samples) : 0;
  trace->samples = stats.total_samples_received;
  trace->concealed = concealed;
}

void trace_run(struct trace *trace, usec now, struct link *link, const struct endpoint *from, struct endpoint *to) {
  if (now < trace->due)
    return;
  struct trace_point *point = add_point(trace);
  *point =
      (struct trace_point){.at = trace->due - trace->from, .target = from->audio_bitrate + from->video_bitrate};
  point->audio_delay = to->newest_audio;
  point->video_delay = to->newest_video;
  to->newest_audio = to->newest_video = 0;
  note_link(trace, point, link, now);
  note_sound(trace, point, to);
  trace->due += TRACE_STEP;
}

void trace_free(struct trace *trace) {
  free(trace->point);
  *trace = (struct trace){0};
}
