/* plot.h - curves over time as an SVG picture: panels under each other over one axis of seconds.
 *
 * The same numbers are the same bytes. Readable on a light and on a dark ground: the colours follow the reader's
 * (CSS prefers-color-scheme). SVG 1.1 (W3C, 2011).
 */
#ifndef PLOT_H
#define PLOT_H
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { PLOT_SERIES = 3 };

struct plot_series {
  const char *name;
  const double *value; /* one a point of the axis; NAN: none there. NULL: no such series */
  bool steps;          /* a value holds from the point before up to its own */
};

struct plot_panel {
  const char *title; /* with the unit */
  double least_top,
      most_top; /* the scale reaches at least and at most so far, both above 0; what is above it is at its top */
  struct plot_series series[PLOT_SERIES];
};

/* `seconds` rises from above 0. A panel in which no series has a value is left out. */
void plot_write(FILE *out, const char *title, const double *seconds, size_t points, const struct plot_panel *panel,
                int panels);

#endif
