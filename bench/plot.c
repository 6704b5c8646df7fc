#include "plot.h"

#include <math.h>
#include <string.h>

enum { WIDTH = 900, LEFT = 58, RIGHT = 16, TOP = 44, PANEL = 130, GAP = 44, BOTTOM = 30, LINES = 4 };
static const double plot_width = WIDTH - LEFT - RIGHT;

static const char style[] =
    "<style>\n"
    "svg{font:12px "
    "sans-serif}.title{font-size:15px;font-weight:bold}.right{text-anchor:end}.middle{text-anchor:middle}\n"
    "path{fill:none}.s0,.s1,.s2{stroke-width:1.5;stroke-linejoin:round;stroke-linecap:round}.s2{stroke-dasharray:5 "
    "3}\n"
    "text{fill:#24292f}rect{fill:#ffffff}.grid{stroke:#d0d7de}.s0{stroke:#0969da}.s1{stroke:#bc4c00}.s2{stroke:#"
    "57606a}\n"
    "@media (prefers-color-scheme:dark){\n"
    "text{fill:#e6edf3}rect{fill:#0d1117}.grid{stroke:#30363d}.s0{stroke:#58a6ff}.s1{stroke:#f0883e}.s2{stroke:#"
    "8b949e}\n"
    "}\n"
    "</style>\n";

static bool shows(const struct plot_series *series, size_t points) {
  for (size_t i = 0; series->value && i < points; i++)
    if (!isnan(series->value[i]))
      return true;
  return false;
}

static double top_of(const struct plot_panel *panel, size_t points) {
  double most = panel->least_top;
  for (int s = 0; s < PLOT_SERIES; s++)
    for (size_t i = 0; panel->series[s].value && i < points; i++)
      most = fmax(most, panel->series[s].value[i]); /* which ignores what is none */
  return fmin(most, panel->most_top);
}

/* 1, 2, 2.5 or 5 times a power of ten, so that LINES of them reach `most`. */
static double line_step(double most) {
  double power = pow(10, floor(log10(most / LINES)));
  static const double times[] = {1, 2, 2.5, 5};
  for (int i = 0; i < 4; i++)
    if (power * times[i] * LINES >= most)
      return power * times[i];
  return power * 10;
}

static double place(double seconds, double last) {
  return LEFT + seconds / last * plot_width;
}

static void write_grid(FILE *out, double y, double step, double last) {
  for (int i = 0; i <= LINES; i++) {
    double at = y + PANEL - (double)PANEL * i / LINES;
    fprintf(out, "<path class=\"grid\" d=\"M%d %.1fH%d\"/><text class=\"right\" x=\"%d\" y=\"%.1f\">%g</text>\n",
            LEFT, at, WIDTH - RIGHT, LEFT - 6, at + 4, step * i);
  }
  for (int s = 0; s <= last; s += last > 60 ? 10 : 5)
    fprintf(out,
            "<path class=\"grid\" d=\"M%.1f %.1fv%d\"/><text class=\"middle\" x=\"%.1f\" y=\"%.1f\">%d</text>\n",
            place(s, last), y, PANEL, place(s, last), y + PANEL + 14, s);
}

/* Above the scale is at its top. */
static double down(double value, double y, double top) {
  return y + PANEL - fmin(value / top, 1) * PANEL;
}

static void write_series(FILE *out, const struct plot_series *series, int number, const double *seconds,
                         size_t points, double y, double top) {
  bool drawn = false;
  fprintf(out, "<path class=\"s%d\" d=\"", number);
  for (size_t i = 0; i < points; i++) {
    double x = place(seconds[i], seconds[points - 1]), value = series->value[i];
    if (isnan(value)) {
      drawn = false;
      continue;
    }
    if (drawn && series->steps)
      fprintf(out, "V%.1f", down(value, y, top));
    fprintf(out, drawn ? "L%.1f %.1f" : "M%.1f %.1fh0", x, down(value, y, top));
    drawn = true;
  }
  fputs("\"/>\n", out);
}

/* Title, then a dash of each curve's colour and its name. */
static void write_legend(FILE *out, const struct plot_panel *panel, size_t points, double y) {
  fprintf(out, "<text x=\"%d\" y=\"%.1f\">%s</text>\n", LEFT, y - 8, panel->title);
  double x = WIDTH - RIGHT;
  for (int s = PLOT_SERIES - 1; s >= 0; s--)
    if (shows(&panel->series[s], points)) {
      fprintf(out, "<text class=\"right\" x=\"%.1f\" y=\"%.1f\">%s</text>", x, y - 8, panel->series[s].name);
      x -= 10 + 7 * (double)strlen(panel->series[s].name);
      fprintf(out, "<path class=\"s%d\" d=\"M%.1f %.1fh22\"/>\n", s, x - 22, y - 12);
      x -= 40;
    }
}

static void write_panel(FILE *out, const struct plot_panel *panel, const double *seconds, size_t points, double y) {
  double step = line_step(top_of(panel, points));
  write_grid(out, y, step, seconds[points - 1]);
  write_legend(out, panel, points, y);
  for (int s = PLOT_SERIES - 1; s >= 0; s--)
    if (shows(&panel->series[s], points))
      write_series(out, &panel->series[s], s, seconds, points, y, step * LINES);
}

static bool shows_any(const struct plot_panel *panel, size_t points) {
  for (int s = 0; s < PLOT_SERIES; s++)
    if (shows(&panel->series[s], points))
      return true;
  return false;
}

void plot_write(FILE *out, const char *title, const double *seconds, size_t points, const struct plot_panel *panel,
                int panels) {
  int drawn = 0;
  for (int i = 0; i < panels; i++)
    drawn += shows_any(&panel[i], points);
  int height = TOP + drawn * (PANEL + GAP) + BOTTOM - 14;
  fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\">\n", WIDTH, height,
          WIDTH);
  fputs(style, out);
  fprintf(out, "<rect width=\"%d\" height=\"%d\"/>\n", WIDTH, height);
  fprintf(out, "<text class=\"title\" x=\"%d\" y=\"22\">%s</text>\n", LEFT, title);
  double y = TOP + 16;
  for (int i = 0; i < panels; i++)
    if (shows_any(&panel[i], points)) {
      write_panel(out, &panel[i], seconds, points, y);
      y += PANEL + GAP;
    }
  fprintf(out, "<text class=\"right\" x=\"%d\" y=\"%d\">seconds</text>\n</svg>\n", WIDTH - RIGHT, height - 6);
}
