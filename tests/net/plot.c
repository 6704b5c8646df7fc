/* plot.c - sotto-plot: a real call over time as a picture.
 *
 *   sotto-plot NETWORK FOLDER < POINTS
 *
 * A point a line, the fields of struct trace_point in their order: usec, bit/s, millionths; -1 for a concealment
 * that is not known. Writes FOLDER/NETWORK-real.svg.
 */
#include <inttypes.h>
#include <stdio.h>

#include "bench/call_plot.h"
#include "sim/networks.h"

enum { POINTS_MAX = 20000 };

static bool read_point(FILE *in, struct trace_point *p) {
  return fscanf(in, "%" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64 " %" SCNd64 " %d",
                &p->at, &p->audio_delay, &p->video_delay, &p->queue, &p->target, &p->received, &p->capacity,
                &p->concealed) == 8;
}

int main(int argc, char **argv) {
  static struct trace_point point[POINTS_MAX];
  struct trace trace = {.point = point};
  const struct network *network = argc == 3 ? networks_find(argv[1]) : NULL;
  if (!network) {
    fputs("usage: sotto-plot NETWORK FOLDER < POINTS\n", stderr);
    return 2;
  }
  while (trace.points < POINTS_MAX && read_point(stdin, &point[trace.points]))
    trace.points++;
  return call_plot_write(argv[2], network, "real", &trace) ? 0 : 1;
}
