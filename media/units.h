/* units.h - the two scalar types every module shares. Signed, so differences are safe. */
#ifndef UNITS_H
#define UNITS_H
#include <stdint.h>

typedef int64_t usec; /* a monotonic instant or a span, microseconds */
typedef int64_t bps;  /* bits per second */

#define USEC_NEVER INT64_MAX
#define MS(n)      ((usec)(n)*1000)
#define SEC(n)     ((usec)(n)*1000000)

static inline usec earlier(usec a, usec b) {
  return a < b ? a : b;
}
#endif
