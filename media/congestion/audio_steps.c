#include "audio_steps.h"

#include <string.h>

#include "../recovery/copies.h"
#include "../rtp/red.h"
#include "../rtp/rtp.h"

enum { RATE = 48000, LONG = 960, SHORT = 480 };

void audio_steps_init(struct audio_steps *steps, int samples, int most) {
  memset(steps, 0, sizeof *steps);
  steps->fixed_samples = samples;
  steps->most = most;
  steps->young = STEPS_YOUNG;
  steps->now = (struct audio_step){.samples = samples ? samples : SHORT};
}

static void note(struct audio_steps *steps, int run) {
  steps->lost[steps->packets++ % STEPS_MEMORY] = (uint8_t)run;
}

void audio_steps_input(struct audio_steps *steps, bool lost) {
  if (lost) {
    steps->run += steps->run <= STEPS_OUTAGE;
    return;
  }
  bool loss = steps->packets > 0 && steps->run <= STEPS_OUTAGE; /* before the first, the peer's gate was shut */
  for (int i = 1; loss && i <= steps->run; i++)
    note(steps, i);
  steps->run = 0;
  note(steps, 0);
}

bool audio_steps_sent(struct audio_steps *steps) {
  return steps->young > 0 && --steps->young == 0;
}

/* Of the last `window` packets, those that `copies` in the packets after them would not have brought. */
static int missing(const struct audio_steps *steps, int copies, int window) {
  int count = 0;
  for (int64_t i = steps->packets - 1; i >= 0 && i >= steps->packets - window; i--)
    count += steps->lost[i % STEPS_MEMORY] > copies;
  return count;
}

/* In a young call the first loss is taken for the path's habit. */
static bool too_few(const struct audio_steps *steps, int copies) {
  int recent = steps->packets < STEPS_MEMORY && copies == 0 ? 1 : STEPS_RECENT_MISSING;
  return missing(steps, copies, STEPS_RECENT) >= recent || missing(steps, copies, STEPS_MEMORY) >= STEPS_MISSING;
}

static void want(struct audio_steps *steps, usec now) {
  int copies = steps->copies;
  while (copies < COPIES_MAX && too_few(steps, copies))
    copies++;
  if (copies == steps->copies && copies > 0 && now - steps->since > STEPS_PATIENCE &&
      missing(steps, copies - 1, STEPS_MEMORY) <= STEPS_FORGIVEN)
    copies--;
  if (copies != steps->copies)
    steps->since = now;
  steps->copies = copies;
}

bps audio_steps_overhead(struct audio_step step, bps audio) {
  int head = PACKET_OVERHEAD + RTP_HEADER_SIZE + (step.copies ? RED_LAST_HEAD + step.copies * RED_HEAD : 0);
  return audio * step.copies + (bps)head * 8 * RATE / step.samples;
}

/* Within its share of the target; what is had already, and not just to begin with, may take a third more. */
static bool fits(const struct audio_steps *steps, struct audio_step step, const struct audio_path *path,
                 int percent) {
  bps overhead = audio_steps_overhead(step, path->audio);
  bool had = steps->chosen && overhead <= audio_steps_overhead(steps->now, path->audio);
  return (path->audio + overhead) * 300 <= path->target * percent * (had ? 4 : 3);
}

/* Where the losses cost more than what it takes of each frame: of one of 10 ms that is too much, and 60 ms are
 * hardly ever told as a whole. At its lower rate the codec has no room for it. */
static bool inband_helps(const struct audio_steps *steps, const struct audio_path *path) {
  int64_t known = steps->packets < STEPS_MEMORY ? steps->packets : STEPS_MEMORY;
  int lost = missing(steps, 0, STEPS_MEMORY), least = steps->now.inband ? STEPS_INBAND_LEAVE : STEPS_INBAND_TAKE;
  bool far = steps->now.inband || path->round_trip >= STEPS_INBAND_RTT_MIN;
  bool room = path->audio > RATE_AUDIO_LOW && (steps->fixed_samples == 0 || steps->fixed_samples == LONG);
  return far && room && steps->copies > 0 && lost >= STEPS_MISSING && lost * 1000 >= least * known;
}

/* As many of the wanted copies as the peer takes and fit: in frames of 10 ms, which bring them sooner, or else in
 * those of 20, which take fewer headers. */
static struct audio_step copied(const struct audio_steps *steps, const struct audio_path *path) {
  int fixed = steps->fixed_samples, percent = path->shared ? STEPS_SHARE_PERCENT : STEPS_ALONE_PERCENT;
  int wanted = steps->copies < steps->most ? steps->copies : steps->most;
  struct audio_step step = {.samples = fixed ? fixed : LONG};
  for (step.copies = wanted; step.copies > 0; step.copies--) {
    const struct audio_step sooner = {.samples = SHORT, .copies = step.copies};
    if (!fixed && fits(steps, sooner, path, percent))
      return sooner;
    if (fits(steps, step, path, percent))
      return step;
  }
  return step;
}

static struct audio_step bare(const struct audio_steps *steps, const struct audio_path *path) {
  const struct audio_step quick = {.samples = SHORT};
  if (inband_helps(steps, path))
    return (struct audio_step){.samples = LONG, .inband = true};
  if (steps->fixed_samples)
    return (struct audio_step){.samples = steps->fixed_samples};
  return steps->young > 0 || fits(steps, quick, path, STEPS_SPARE_PERCENT) ? quick
                                                                           : (struct audio_step){.samples = LONG};
}

bool audio_steps_choose(struct audio_steps *steps, usec now, const struct audio_path *path) {
  want(steps, now);
  struct audio_step step = copied(steps, path), before = steps->now;
  if (step.copies == 0)
    step = bare(steps, path);
  steps->now = step;
  steps->chosen = steps->young == 0;
  return step.samples != before.samples || step.copies != before.copies || step.inband != before.inband;
}
