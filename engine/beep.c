#include "beep.h"

enum { WAVE = 60, LOUDNESS = 8000, RAMP = 480 }; /* 800 Hz; 10 ms up and down, so that it does not click */

void beep_start(struct beep *beep) {
  *beep = (struct beep){0};
}

/* A triangle between -LOUDNESS and LOUDNESS. */
static int wave(int at) {
  int phase = at % WAVE;
  return LOUDNESS * (phase < WAVE / 2 ? 4 * phase - WAVE : 3 * WAVE - 4 * phase) / WAVE;
}

static int envelope(int at) {
  int edge = at < BEEP_LENGTH - at ? at : BEEP_LENGTH - at;
  return edge < RAMP ? edge : RAMP;
}

static int16_t clipped(int value) {
  return (int16_t)(value > INT16_MAX ? INT16_MAX : value < INT16_MIN ? INT16_MIN : value);
}

void beep_mix(struct beep *beep, int16_t *pcm, int samples) {
  for (int i = 0; i < samples; i++) {
    if (beep->at < BEEP_LENGTH)
      pcm[i] = clipped(pcm[i] + wave(beep->at) * envelope(beep->at) / RAMP);
    beep->at = (beep->at + 1) % BEEP_PERIOD;
  }
}
