#include "call_plot.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "plot.h"

enum column { SECONDS, SOUND, PICTURES, QUEUE, TARGET, RECEIVED, CAPACITY, CONCEALED, COLUMNS };

static double none_if_zero(int64_t value, double divisor) {
  return value ? (double)value / divisor : NAN;
}

static void fill(double *column[COLUMNS], const struct trace *trace) {
  for (size_t i = 0; i < trace->points; i++) {
    const struct trace_point *p = &trace->point[i];
    column[SECONDS][i] = (double)p->at / 1e6;
    column[SOUND][i] = none_if_zero(p->audio_delay, 1e3);
    column[PICTURES][i] = none_if_zero(p->video_delay, 1e3);
    column[QUEUE][i] = (double)p->queue / 1e3;
    column[TARGET][i] = none_if_zero(p->target, 1e3);
    column[RECEIVED][i] = (double)p->received / 1e3;
    column[CAPACITY][i] = none_if_zero(p->capacity, 1e3);
    column[CONCEALED][i] = p->concealed < 0 ? NAN : (double)p->concealed / 1e4;
  }
}

static bool write(FILE *out, const struct network *network, const char *kind, double *column[COLUMNS],
                  size_t points) {
  char title[200];
  const struct plot_panel panel[] = {
      {"delay, ms", 100, 1000, {{"mouth to ear", column[SOUND], 0}, {"capture to render", column[PICTURES], 0}}},
      {"queue before the bottleneck, ms", 20, 1000, {{"newest packet", column[QUEUE], 0}}},
      {"rate, kbit/s",
       500,
       4000,
       {{"target of the encoders", column[TARGET], 0},
        {"received", column[RECEIVED], 0},
        {"capacity", column[CAPACITY], true}}},
      {"concealed, % of each 100 ms", 10, 100, {{"made up", column[CONCEALED], true}}},
  };
  snprintf(title, sizeof title, "%.40s, %.20s: %.130s", network->name, kind, network->what);
  plot_write(out, title, column[SECONDS], points, panel, (int)(sizeof panel / sizeof panel[0]));
  return fclose(out) == 0;
}

bool call_plot_write(const char *folder, const struct network *network, const char *kind,
                     const struct trace *trace) {
  char path[1024];
  double *column[COLUMNS], *block = calloc(COLUMNS * (trace->points + 1), sizeof *block);
  snprintf(path, sizeof path, "%.900s/%.80s-%.20s.svg", folder, network->name, kind);
  FILE *out = block && (mkdir(folder, 0777) == 0 || errno == EEXIST) ? fopen(path, "we") : NULL;
  bool ok = out != NULL;
  for (size_t i = 0; ok && i < COLUMNS; i++)
    column[i] = block + i * trace->points;
  if (ok) {
    fill(column, trace);
    ok = write(out, network, kind, column, trace->points);
  }
  free(block);
  if (!ok)
    fprintf(stderr, "sotto-bench: %s: %s\n", path, strerror(errno));
  return ok;
}
