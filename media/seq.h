/* seq.h - 16-bit sequence numbers and 32-bit RTP timestamps unwrapped to int64 (RFC 3550 appendix A.1).
 *
 * Follows one source. A jump beyond SEQ_MAX_DROPOUT, or back beyond SEQ_WINDOW, is not believed until a
 * second packet continues it, so one hostile or stray packet moves nothing. Duplicates within SEQ_WINDOW
 * are told apart. Numbers start one cycle up, so that none is ever negative.
 */
#ifndef SEQ_H
#define SEQ_H
#include <stdbool.h>
#include <stdint.h>

#include "limits.h"

enum seq_verdict {
  SEQ_NEW,       /* first sight of this packet */
  SEQ_DUPLICATE, /* seen before */
  SEQ_JUMP,      /* too far off; not taken unless the next packet follows it */
  SEQ_RESTART,   /* taken: the source began anew, what was before is void */
};

struct seq {
  bool started;
  int64_t highest;
  int32_t expected;               /* after a jump; -1: none is pending */
  uint64_t seen[SEQ_WINDOW / 64]; /* bit of a number: number % SEQ_WINDOW */
};

void seq_init(struct seq *seq);
/* *unwrapped is set for SEQ_NEW, SEQ_DUPLICATE and SEQ_RESTART. */
enum seq_verdict seq_input(struct seq *seq, uint16_t number, int64_t *unwrapped);

/* The number congruent to `wire` that is nearest to `reference`. */
static inline int64_t seq_unwrap(int64_t reference, uint16_t wire) {
  return reference + (int16_t)(uint16_t)(wire - (uint16_t)(uint64_t)reference);
}

struct timestamp {
  bool started;
  int64_t last;
};

/* Nearest to the last one; the first starts one cycle up, and none is ever negative. */
static inline int64_t timestamp_unwrap(const struct timestamp *timestamp, uint32_t wire) {
  if (!timestamp->started)
    return ((int64_t)1 << 32) + wire;
  int64_t unwrapped = timestamp->last + (int32_t)(wire - (uint32_t)(uint64_t)timestamp->last);
  return unwrapped < 0 ? unwrapped + ((int64_t)1 << 32) : unwrapped;
}

static inline int64_t timestamp_input(struct timestamp *timestamp, uint32_t wire) {
  timestamp->last = timestamp_unwrap(timestamp, wire);
  timestamp->started = true;
  return timestamp->last;
}

#endif
