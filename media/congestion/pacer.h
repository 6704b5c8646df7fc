/* pacer.h - spreads packets over time so that a frame does not arrive at the bottleneck as a burst.
 *
 * Works by budget, not by one timer a packet: credit grows with time at the rate and each packet costs its bits.
 * Audio leaves at once and costs too; then retransmissions, video and padding, while credit is not negative. Holds
 * names of packets (medium and sequence number), not bytes. Bounded by PACER_AUDIO, _RETRANSMIT and _VIDEO.
 */
#ifndef PACER_H
#define PACER_H
#include <stdbool.h>
#include <stddef.h>

#include "../limits.h"

enum pacer_priority { PACE_AUDIO, PACE_RETRANSMIT, PACE_VIDEO, PACE_PADDING, PACE_PRIORITIES };

struct pacer_item {
  enum pacer_priority priority;
  int medium; /* the session's word */
  int64_t seq;
  size_t size; /* bytes */
};

struct pacer {
  bps rate;       /* at which credit grows */
  bps drain;      /* the same, for what is queued to leave within PACER_DRAIN; 0: nothing is queued */
  int64_t credit; /* millionths of a bit */
  usec at;        /* of credit; -1: not yet running */
  int64_t queued; /* bits that wait for credit */
  usec ahead;     /* what is due within it leaves at once: one batch, and one time to wake */
  bool held;      /* only audio leaves */
  struct pacer_queue {
    int capacity, head, count;
    struct pacer_item *item;
  } queue[PACE_PRIORITIES];
  struct pacer_item audio[PACER_AUDIO], retransmit[PACER_RETRANSMIT], video[PACER_VIDEO], padding[PACER_PADDING];
};

/* Not to be copied: it points into itself. The pace is `percent` of the target. */
void pacer_init(struct pacer *pacer, bps target, int percent);
void pacer_set_target(struct pacer *pacer, usec now, bps target, int percent);
void pacer_set_ahead(struct pacer *pacer, usec ahead);
void pacer_hold(struct pacer *pacer, usec now, bool held); /* lets only audio leave, until told otherwise */
int pacer_room(const struct pacer *pacer, enum pacer_priority priority);
bool pacer_input(struct pacer *pacer, usec now, const struct pacer_item *item); /* false: no room */
bool pacer_poll(struct pacer *pacer, usec now, struct pacer_item *out);
/* The next one at once, whatever the credit: of audio alone, or of the others alone. */
bool pacer_take(struct pacer *pacer, bool audio, struct pacer_item *out);
/* Nothing waits though something could leave: padding would keep the pace. */
bool pacer_wants_padding(struct pacer *pacer, usec now);
usec pacer_padding_deadline(const struct pacer *pacer); /* when that may be so */
usec pacer_deadline(const struct pacer *pacer);         /* in the past: at once */

#endif
