#include "audio_steps.h"

#include <string.h>

#include "../recovery/copies.h"
#include "../rtp/red.h"
#include "../rtp/rtp.h"

enum { RATE = 48000, LONG = 960, SHORT = 480 };

void audio_steps_init(struct audio_steps *steps, int samples) {
  memset(steps, 0, sizeof *steps);
  steps->fixed_samples = samples;
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

/* Within so many percent of the target; what is had already, and was not just there to begin with, may take a third
 * more. */
static bool fits(const struct audio_steps *steps, struct audio_step step, bps target, bps audio, int percent) {
  bps overhead = audio_steps_overhead(step, audio);
  bool had = steps->chosen && overhead <= audio_steps_overhead(steps->now, audio);
  return (audio + overhead) * 300 <= target * percent * (had ? 4 : 3);
}

static struct audio_step plain(const struct audio_steps *steps, bps target, bps audio) {
  const struct audio_step quick = {.samples = SHORT};
  return steps->young > 0 || fits(steps, quick, target, audio, STEPS_SPARE_PERCENT)
             ? quick
             : (struct audio_step){.samples = LONG};
}

bool audio_steps_choose(struct audio_steps *steps, usec now, bps target, bps audio, bool shared) {
  want(steps, now);
  int fixed = steps->fixed_samples, percent = shared ? STEPS_SHARE_PERCENT : STEPS_ALONE_PERCENT;
  struct audio_step step = {.samples = fixed ? fixed : SHORT, .copies = steps->copies};
  while (step.copies > 0 && !fits(steps, step, target, audio, percent))
    step.copies--;
  if (step.copies == 0 && steps->copies > 0 && !fixed) {
    step = (struct audio_step){.samples = LONG, .copies = 1};
    step.copies = fits(steps, step, target, audio, percent);
  }
  if (step.copies == 0 && !fixed)
    step = plain(steps, target, audio);
  bool changed = step.samples != steps->now.samples || step.copies != steps->now.copies;
  steps->now = step;
  steps->chosen = steps->young == 0;
  return changed;
}
