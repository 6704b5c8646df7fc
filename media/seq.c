#include "seq.h"

#include <string.h>

void seq_init(struct seq *seq) {
  *seq = (struct seq){.expected = -1};
}

static uint64_t *word_of(struct seq *seq, int64_t number) {
  return &seq->seen[number % SEQ_WINDOW / 64];
}

static bool mark(struct seq *seq, int64_t number) { /* false: it was marked already */
  uint64_t bit = (uint64_t)1 << number % 64;
  bool fresh = !(*word_of(seq, number) & bit);
  *word_of(seq, number) |= bit;
  return fresh;
}

static void advance(struct seq *seq, int64_t number) {
  if (number - seq->highest >= SEQ_WINDOW)
    memset(seq->seen, 0, sizeof seq->seen);
  else
    for (int64_t i = seq->highest + 1; i < number; i++)
      *word_of(seq, i) &= ~((uint64_t)1 << i % 64);
  *word_of(seq, number) &= ~((uint64_t)1 << number % 64);
  seq->highest = number;
}

static enum seq_verdict take(struct seq *seq, int64_t number) {
  if (number > seq->highest)
    advance(seq, number);
  seq->expected = -1;
  return mark(seq, number) ? SEQ_NEW : SEQ_DUPLICATE;
}

static enum seq_verdict restart(struct seq *seq, int64_t number) {
  memset(seq->seen, 0, sizeof seq->seen);
  seq->highest = number;
  seq->expected = -1;
  mark(seq, number);
  return SEQ_RESTART;
}

enum seq_verdict seq_input(struct seq *seq, uint16_t number, int64_t *unwrapped) {
  if (!seq->started) {
    seq->started = true;
    *unwrapped = 0x10000 + number;
    restart(seq, *unwrapped);
    return SEQ_NEW;
  }
  *unwrapped = seq_unwrap(seq->highest, number);
  int64_t ahead = *unwrapped - seq->highest;
  if (ahead < SEQ_MAX_DROPOUT && ahead > -SEQ_WINDOW)
    return take(seq, *unwrapped);
  if (number != seq->expected) {
    seq->expected = (uint16_t)(number + 1);
    return SEQ_JUMP;
  }
  if (ahead > 0) /* a long outage: all between is lost */
    return take(seq, *unwrapped);
  *unwrapped += 0x10000; /* numbers only ever grow */
  return restart(seq, *unwrapped);
}
