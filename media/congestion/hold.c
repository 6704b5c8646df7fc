#include "hold.h"

enum { MEMORY = 16 }; /* of feedback packets: the mean follows in about a second */

void hold_init(struct hold *hold) {
  *hold = (struct hold){.since = USEC_NEVER, .from = USEC_NEVER, .to = -HOLD_EPISODE};
}

void hold_sent(struct hold *hold, usec now) {
  hold->since = earlier(hold->since, now);
  hold->last = now;
}

static void learn(struct hold *hold, usec age) {
  if (hold->mean == 0) {
    hold->mean = age;
    hold->spread = age / 4;
    return;
  }
  usec most = 2 * hold->mean + HOLD_MORE_MIN; /* one long wait is no new habit */
  age = age < most ? age : most;
  usec off = age > hold->mean ? age - hold->mean : hold->mean - age;
  hold->mean += (age - hold->mean) / MEMORY;
  hold->spread += (off - hold->spread) / MEMORY;
}

void hold_told(struct hold *hold, usec now, usec sent) {
  if (hold->since == USEC_NEVER || sent < hold->since)
    return;
  learn(hold, now - hold->since);
  hold->since = sent < hold->last ? sent : USEC_NEVER;
}

bool hold_untold(const struct hold *hold) {
  return hold->mean == 0;
}

bool hold_due(const struct hold *hold, usec now) {
  if (hold->since == USEC_NEVER)
    return false;
  usec more = HOLD_SPREADS * hold->spread, usual = hold->mean + (more > HOLD_MORE_MIN ? more : HOLD_MORE_MIN);
  usec overdue = now - hold->since - (hold_untold(hold) ? HOLD_FIRST : usual);
  return overdue > 0 && overdue < HOLD_MOST;
}

bool hold_recent(const struct hold *hold, usec now) {
  return now - hold->to < HOLD_EPISODE;
}

void hold_set(struct hold *hold, usec now, bool held) {
  if (held && !hold->held && !hold_recent(hold, now))
    hold->from = now;
  if (held)
    hold->to = now;
  hold->held = held;
}

bool hold_covers(const struct hold *hold, usec sent) {
  return sent >= hold->from && sent <= hold->to;
}
