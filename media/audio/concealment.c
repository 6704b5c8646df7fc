#include "concealment.h"

#include <string.h>

#include "time_stretch.h"

static void fade(int16_t *pcm, int samples, int run) {
  const int span = CONCEALMENT_FADE_END - CONCEALMENT_FADE_START;
  for (int i = 0; i < samples; i++) {
    int left = CONCEALMENT_FADE_END - run - i;
    if (left < span)
      pcm[i] = (int16_t)(left > 0 ? pcm[i] * left / span : 0);
  }
}

int concealment_fill(struct concealment *concealment, int16_t *pcm, int samples) {
  int left = CONCEALMENT_FADE_END - concealment->run;
  bool silent = left <= 0 || concealment->codec->conceal(concealment->decoder, pcm, samples) != samples;
  if (silent)
    memset(pcm, 0, (size_t)samples * sizeof *pcm);
  else
    fade(pcm, samples, concealment->run);
  concealment->run += samples < left ? samples : left;
  return silent ? samples : samples > left ? samples - left : 0;
}

void concealment_end(struct concealment *concealment, int16_t *block, int samples) {
  int16_t tail[CONCEALMENT_SEAM];
  int count = samples < CONCEALMENT_SEAM ? samples : CONCEALMENT_SEAM, period = time_stretch_period(block);
  for (int i = 0; i < count; i++)
    tail[i] = block[i % period - period];
  time_stretch_cross_fade(tail, block, count);
  concealment->run = 0;
}
