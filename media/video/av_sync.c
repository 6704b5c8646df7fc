#include "av_sync.h"

enum {
  SLEW = 10,           /* the delay moves by one tenth of real time: too slowly to be seen */
  TRANSIT_WEIGHT = 32, /* packets over which the audio's transit is averaged */
};
#define CLOCK_STEP SEC(1) /* a greater change is a clock that was set, not drift: follow it at once */

static int64_t clamp(int64_t value, int64_t low, int64_t high) {
  return value < low ? low : value > high ? high : value;
}

void av_sync_init(struct av_sync *sync) {
  *sync = (struct av_sync){0};
  sync->clock[AV_SYNC_AUDIO].rate = 48000;
  sync->clock[AV_SYNC_VIDEO].rate = 90000;
}

/* Seconds since 1900 modulo 2^32, so that this also holds beyond 2036. */
static usec unix_time(uint64_t ntp) {
  const uint32_t seconds_1900_to_1970 = 2208988800u;
  uint32_t seconds = (uint32_t)(ntp >> 32) - seconds_1900_to_1970;
  return SEC(seconds) + (usec)((ntp & UINT32_MAX) * 1000000 >> 32);
}

void av_sync_input_report(struct av_sync *sync, enum av_sync_medium medium, uint64_t ntp, int64_t rtp_time) {
  struct av_sync_clock *clock = &sync->clock[medium];
  if (ntp == 0) /* the sender has no clock (RFC 3550 section 6.4.1) */
    return;
  clock->known = true;
  clock->rtp_time = rtp_time;
  clock->wall = unix_time(ntp);
}

static usec wall_of(const struct av_sync_clock *clock, int64_t rtp_time) {
  const int64_t bound = (int64_t)1 << 42; /* over a year at 90 kHz; keeps the product in range */
  int64_t ticks = clamp(rtp_time, -bound, bound) - clamp(clock->rtp_time, -bound, bound);
  return clock->wall + ticks / clock->rate * SEC(1) + ticks % clock->rate * SEC(1) / clock->rate;
}

void av_sync_input_audio(struct av_sync *sync, usec arrival, int64_t rtp_time) {
  const struct av_sync_clock *clock = &sync->clock[AV_SYNC_AUDIO];
  if (!clock->known)
    return;
  usec error = arrival - wall_of(clock, rtp_time) - sync->transit;
  bool follow = !sync->transit_known || error > CLOCK_STEP || error < -CLOCK_STEP;
  sync->transit += follow ? error : error / TRANSIT_WEIGHT;
  sync->transit_known = true;
}

void av_sync_set_playout_delay(struct av_sync *sync, usec delay) {
  sync->playout_delay = clamp(delay, 0, SEC(10));
}

static void slew(struct av_sync *sync, usec now, usec target) {
  usec error = target - sync->shift, most = (now - sync->shift_at) / SLEW;
  bool follow = error > CLOCK_STEP || error < -CLOCK_STEP;
  sync->shift += follow ? error : clamp(error, -most, most);
  sync->shift_at = now;
}

struct av_sync_times av_sync_video(struct av_sync *sync, usec now, int64_t rtp_time) {
  const struct av_sync_clock *clock = &sync->clock[AV_SYNC_VIDEO];
  struct av_sync_times times = {.captured = clock->known ? wall_of(clock, rtp_time) : 0, .render = now};
  if (!clock->known || !sync->transit_known)
    return times;
  if (!sync->shift_known) { /* begin with no delay, and move from there */
    sync->shift_known = true;
    sync->shift = now - times.captured;
    sync->shift_at = now;
  }
  slew(sync, now, sync->transit + sync->playout_delay - AV_SYNC_LEAD);
  usec render = times.captured + sync->shift;
  if (render < sync->last_render) /* in the order of decoding */
    render = sync->last_render;
  times.render = clamp(render, now, now + AV_SYNC_DELAY_MAX);
  sync->last_render = times.render;
  return times;
}
