#include "spectrogram.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { SIZE = 512, LOG_SIZE = 9, BINS = SIZE / 2, BANDS = SPECTROGRAM_BANDS };
static const double low_hz = 50, high_hz = 8000;

struct ear {
  float window[SIZE], cosine[BINS], sine[BINS];
  float weight[BANDS][BINS];
};

static double erb_rate(double hz) {
  return 21.4 * log10(1 + 0.00437 * hz);
}

static void make_ear(struct ear *ear) {
  double low = erb_rate(low_hz), step = (erb_rate(high_hz) - low) / (BANDS + 1);
  for (int i = 0; i < SIZE; i++)
    ear->window[i] = (float)(0.5 - 0.5 * cos(2 * M_PI * i / SIZE));
  for (int i = 0; i < BINS; i++) {
    ear->cosine[i] = (float)cos(2 * M_PI * i / SIZE);
    ear->sine[i] = (float)-sin(2 * M_PI * i / SIZE);
    for (int band = 0; band < BANDS; band++) {
      double off = (erb_rate((double)i * SPECTROGRAM_RATE / SIZE) - low) / step - (band + 1);
      ear->weight[band][i] = (float)fmax(0, 1 - fabs(off));
    }
  }
}

static unsigned reversed(unsigned index) {
  unsigned result = 0;
  for (int bit = 0; bit < LOG_SIZE; bit++)
    result |= (index >> bit & 1) << (LOG_SIZE - 1 - bit);
  return result;
}

/* Cooley and Tukey, decimation in time; the input is in bit-reversed order. */
static void transform(const struct ear *ear, float *re, float *im) {
  for (int half = 1; half < SIZE; half *= 2)
    for (int begin = 0; begin < SIZE; begin += 2 * half)
      for (int k = 0; k < half; k++) {
        int a = begin + k, b = a + half, turn = k * (BINS / half);
        float c = ear->cosine[turn], s = ear->sine[turn];
        float x = re[b] * c - im[b] * s, y = re[b] * s + im[b] * c;
        re[b] = re[a] - x;
        im[b] = im[a] - y;
        re[a] += x;
        im[a] += y;
      }
}

static void make_frame(const struct ear *ear, const float *pcm, size_t samples, int64_t centre,
                       float level[BANDS]) {
  float re[SIZE], im[SIZE] = {0}, power[BINS];
  for (int i = 0; i < SIZE; i++) {
    int64_t at = centre - SIZE / 2 + i;
    re[reversed((unsigned)i)] = at >= 0 && at < (int64_t)samples ? pcm[at] * ear->window[i] : 0;
  }
  transform(ear, re, im);
  for (int i = 0; i < BINS; i++)
    power[i] = (re[i] * re[i] + im[i] * im[i]) / SIZE;
  for (int band = 0; band < BANDS; band++) {
    float sum = 1;
    for (int i = 0; i < BINS; i++)
      sum += ear->weight[band][i] * power[i];
    level[band] = 10 * log10f(sum);
  }
}

bool spectrogram_new(struct spectrogram *spectrogram, const float *pcm, size_t samples, int hop) {
  struct ear ear;
  make_ear(&ear);
  spectrogram->frames = samples / (size_t)hop;
  spectrogram->level = malloc((spectrogram->frames + 1) * sizeof *spectrogram->level);
  if (!spectrogram->level)
    return false;
  for (size_t i = 0; i < spectrogram->frames; i++)
    make_frame(&ear, pcm, samples, (int64_t)i * hop, spectrogram->level[i]);
  return true;
}

void spectrogram_free(struct spectrogram *spectrogram) {
  free(spectrogram->level);
  *spectrogram = (struct spectrogram){0};
}
