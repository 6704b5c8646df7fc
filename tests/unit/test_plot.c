#include "bench/plot.h"

#include <math.h>

#include "unit.h"

enum { POINTS = 4 };

static const double seconds[POINTS] = {1, 2, 3, 4};
static char text[8192];

static const char *drawn(const double *value, bool steps) {
  const struct plot_panel panel = {
      .title = "of it, ms", .least_top = 1, .most_top = 100, .series = {{"a curve", value, steps}}};
  FILE *out = fmemopen(text, sizeof text, "w");
  assert_non_null(out);
  plot_write(out, "a plot", seconds, POINTS, &panel, 1);
  fclose(out);
  return text;
}

/* The panel is 130 high and begins at 60, its axis is 826 long and begins at 58. */
static void a_value_is_at_its_place(void **state) {
  (void)state;
  static const double value[POINTS] = {0, 10, 20, 40};
  assert_non_null(strstr(drawn(value, false), "M264.5 190.0h0L471.0 157.5L677.5 125.0L884.0 60.0\""));
  assert_non_null(strstr(text, ">40</text>")); /* the top line's label */
}

static void steps_hold_and_gaps_stay_open(void **state) {
  (void)state;
  static const double value[POINTS] = {40, 20, NAN, 40};
  assert_non_null(strstr(drawn(value, true), "M264.5 60.0h0V125.0L471.0 125.0M884.0 60.0h0\""));
}

static void what_is_beyond_the_scale_is_at_its_top(void **state) {
  (void)state;
  static const double value[POINTS] = {0, 50, 100, 100000};
  assert_non_null(strstr(drawn(value, false), "L677.5 60.0L884.0 60.0\""));
}

static void a_curve_without_values_is_not_in_the_legend(void **state) {
  (void)state;
  static const double value[POINTS] = {NAN, NAN, NAN, NAN}, some[POINTS] = {1, 1, 1, 1};
  assert_null(strstr(drawn(value, false), "a curve"));
  assert_non_null(strstr(drawn(some, false), "a curve"));
}

UNIT_TESTS(test(a_value_is_at_its_place), test(steps_hold_and_gaps_stay_open),
           test(what_is_beyond_the_scale_is_at_its_top), test(a_curve_without_values_is_not_in_the_legend))
