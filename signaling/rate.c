#include "rate.h"

enum { UNIT = 1000000 };

void rate_init(struct rate *rate, usec now, int per_second, int burst) {
  *rate = (struct rate){.per_second = per_second, .burst = burst, .level = (int64_t)burst * UNIT, .at = now};
}

static void refill(struct rate *rate, usec now) {
  int64_t full = (int64_t)rate->burst * UNIT;
  usec passed = now - rate->at;
  if (passed <= 0) /* a clock that stands still or steps back gives nothing */
    return;
  rate->at = now;
  if (passed >= (full - rate->level) / rate->per_second)
    rate->level = full;
  else
    rate->level += passed * rate->per_second;
}

bool rate_take(struct rate *rate, usec now, int cost) {
  refill(rate, now);
  if (rate->level < (int64_t)cost * UNIT)
    return false;
  rate->level -= (int64_t)cost * UNIT;
  return true;
}

bool rate_force(struct rate *rate, usec now, int cost, int debt) {
  refill(rate, now);
  rate->level -= (int64_t)cost * UNIT;
  if (rate->level >= -(int64_t)debt * UNIT)
    return true;
  rate->level = -(int64_t)debt * UNIT;
  return false;
}

usec rate_ready_at(const struct rate *rate, int cost) {
  int64_t missing = (int64_t)cost * UNIT - rate->level;
  return missing <= 0 ? rate->at : rate->at + (missing + rate->per_second - 1) / rate->per_second;
}
