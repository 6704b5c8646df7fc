#include "constant_rate.h"

static const uint32_t step_ticks = (uint32_t)(CONSTANT_STEP / CONSTANT_TICK);

void constant_rate_init(struct constant_rate *constant, bool on) {
  *constant = (struct constant_rate){.on = on, .due = -1};
}

void constant_rate_begin_video(struct constant_rate *constant) {
  if (constant->video)
    return;
  constant->video = true;
  constant->step_tick = constant->ticks;
}

/* One slot at least: with none, no report would ever say that the network has become better. */
static int choose_slots(bps target) {
  bps slots = (target - RATE_AUDIO - RATE_AUDIO_OVERHEAD) / CONSTANT_SLOT_RATE;
  return slots < 1 ? 1 : (int)slots;
}

static void begin_tick(struct constant_rate *constant, usec now, bps target) {
  if (constant->due < 0 || now - constant->due > CONSTANT_CATCH_UP)
    constant->due = now;
  if (constant->video && constant->ticks == constant->step_tick) {
    constant->video_slots = choose_slots(target);
    constant->step_tick += step_ticks;
  }
  constant->due += CONSTANT_TICK;
  constant->ticks++;
  constant->audio_left = 1;
  constant->video_left = constant->video_slots;
}

enum constant_slot constant_rate_poll(struct constant_rate *constant, usec now, bps target) {
  if (!constant->on)
    return CONSTANT_NONE;
  if (constant->audio_left + constant->video_left == 0) {
    if (now < constant->due)
      return CONSTANT_NONE;
    begin_tick(constant, now, target);
  }
  if (constant->audio_left > 0) {
    constant->audio_left--;
    return CONSTANT_AUDIO;
  }
  constant->video_left--;
  return CONSTANT_VIDEO;
}

usec constant_rate_deadline(const struct constant_rate *constant) {
  if (!constant->on)
    return USEC_NEVER;
  return constant->audio_left + constant->video_left > 0 ? 0 : constant->due;
}
