#include "codel.h"

static const usec target = MS(5), interval = MS(100);

static int64_t root(int64_t n) { /* the integer square root */
  int64_t r = 0;
  while ((r + 1) * (r + 1) <= n)
    r++;
  return r;
}

/* interval / sqrt(count), section 4.3; the root is taken of a scaled count to keep three digits. */
static usec control_law(usec t, int count) {
  return t + interval * 1000 / root((int64_t)count * 1000000);
}

static bool standing(struct codel *codel, usec now, usec waited, bool last) {
  if (waited < target || last) {
    codel->above_since = 0;
    return false;
  }
  if (codel->above_since == 0) {
    codel->above_since = now + interval;
    return false;
  }
  return now >= codel->above_since;
}

bool codel_drops(struct codel *codel, usec now, usec waited, bool last) {
  bool stands = standing(codel, now, waited, last);
  if (!codel->dropping) {
    if (!stands)
      return false;
    int delta = codel->count - codel->last_count;
    codel->dropping = true;
    codel->count = delta > 1 && now - codel->drop_next < 16 * interval ? delta : 1;
    codel->last_count = codel->count;
    codel->drop_next = control_law(now, codel->count);
    return true;
  }
  codel->dropping = stands;
  if (!stands || now < codel->drop_next)
    return false;
  codel->count++;
  codel->drop_next = control_law(codel->drop_next, codel->count);
  return true;
}
