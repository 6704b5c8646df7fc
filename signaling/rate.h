/* rate.h - a token bucket: so many a second, so many at once. Told the time. */
#ifndef RATE_H
#define RATE_H
#include <stdbool.h>

#include "../media/units.h"

struct rate {
  int per_second, burst;
  int64_t level; /* millionths; below zero after rate_force() */
  usec at;
};

void rate_init(struct rate *rate, usec now, int per_second, int burst); /* full */
/* Takes `cost`, or nothing and is false. */
bool rate_take(struct rate *rate, usec now, int cost);
/* Takes `cost` down to a debt of `debt`; false when that is reached. */
bool rate_force(struct rate *rate, usec now, int cost, int debt);
/* When `cost` (at most the burst) will be there. */
usec rate_ready_at(const struct rate *rate, int cost);

#endif
