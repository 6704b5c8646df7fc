#include "arrivals.h"

enum { UNITS = 1024, FINE = 64 }; /* offsets a second; the timestamp's units in one of them */

static int64_t units(usec time) {
  return time / SEC(1) * UNITS + time % SEC(1) * UNITS / SEC(1);
}

void arrivals_init(struct arrivals *arrivals) {
  arrivals->started = arrivals->news = false;
}

static void start(struct arrivals *arrivals, int64_t seq) {
  arrivals->started = true;
  arrivals->begin = arrivals->fresh = seq;
  arrivals->highest = seq - 1;
}

static void forget_between(struct arrivals *arrivals, int64_t seq) { /* the slots up to seq are others' so far */
  int64_t first = seq - arrivals->highest > ARRIVALS ? seq - ARRIVALS + 1 : arrivals->highest + 1;
  for (int64_t i = first; i <= seq; i++)
    arrivals->at[i % ARRIVALS] = USEC_NEVER;
  arrivals->highest = seq;
}

void arrivals_input(struct arrivals *arrivals, usec now, int64_t seq) {
  if (!arrivals->started)
    start(arrivals, seq);
  if (seq > arrivals->highest)
    forget_between(arrivals, seq);
  else if (seq < arrivals->begin || seq <= arrivals->highest - ARRIVALS)
    return;
  arrivals->at[seq % ARRIVALS] = now;
  arrivals->news = true;
}

static uint16_t metric(usec now, usec at) {
  if (at == USEC_NEVER)
    return CCFB_LOST;
  int64_t offset = units(now) - units(at);
  return (uint16_t)(CCFB_RECEIVED | (offset > CCFB_OFFSET_MAX ? CCFB_OFFSET_OVER : offset));
}

bool arrivals_run(struct arrivals *arrivals, int most, int64_t *begin, int *count) {
  if (!arrivals->news)
    return false;
  arrivals->news = false;
  *begin = arrivals->begin;
  if (arrivals->highest - *begin >= most)
    *begin = arrivals->highest - most + 1;
  *count = (int)(arrivals->highest - *begin + 1);
  arrivals->begin = arrivals->fresh > *begin ? arrivals->fresh : *begin;
  arrivals->fresh = arrivals->highest + 1;
  return true;
}

bool arrivals_report(struct arrivals *arrivals, usec now, struct ccfb_report *report) {
  int64_t begin;
  if (!arrivals_run(arrivals, CCFB_REPORTS_MAX, &begin, &report->count))
    return false;
  report->begin = (uint16_t)begin;
  for (int i = 0; i < report->count; i++)
    report->metric[i] = metric(now, arrivals_at(arrivals, begin + i));
  return true;
}

uint32_t arrivals_timestamp(usec now) {
  return (uint32_t)(units(now) * FINE);
}
