/* constant_rate.h - when which packet leaves in the constant-rate mode: a clock that knows nothing of the media.
 *
 * Every CONSTANT_TICK one audio slot and a number of video slots fall due, whether there is something to send or
 * not; the session fills them. Video has slots from the first time it may be sent on, and never loses them again.
 * Their number follows the network's rate in steps of one slot, at most once in CONSTANT_STEP. After a stall the
 * ticks of CONSTANT_CATCH_UP are made up for, older ones are left out.
 */
#ifndef CONSTANT_RATE_H
#define CONSTANT_RATE_H
#include <stdbool.h>
#include <stdint.h>

#include "../limits.h"

enum constant_slot { CONSTANT_NONE, CONSTANT_AUDIO, CONSTANT_VIDEO };

struct constant_rate {
  bool on, video;
  usec due;                   /* the next tick; -1: not yet running */
  uint32_t ticks;             /* begun so far */
  uint32_t step_tick;         /* the number of slots is chosen again with this one */
  int video_slots;            /* of each tick */
  int audio_left, video_left; /* of this tick, still to be polled */
};

void constant_rate_init(struct constant_rate *constant, bool on);
void constant_rate_begin_video(struct constant_rate *constant); /* from the next tick on */
/* The next slot that is due. `target`: what the network carries, of all that is sent. */
enum constant_slot constant_rate_poll(struct constant_rate *constant, usec now, bps target);
usec constant_rate_deadline(const struct constant_rate *constant); /* USEC_NEVER when off */

#endif
