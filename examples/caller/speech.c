#include "speech.h"

#include <math.h>
#include <stdlib.h>

#include "decimate.h"
#include "spectrogram.h"

enum {
  DECIMATION = MEASURE_RATE / SPECTROGRAM_RATE,
  BANDS = SPECTROGRAM_BANDS,
  HOP = MEASURE_BLOCK / DECIMATION,
  FINE = 4, /* frames of what was heard for each of what was said */
  WINDOW = 50,
  SEGMENT = 10,
  SEGMENTS = WINDOW / SEGMENT,
  SHIFT_MAX = 16, /* fine frames: 40 ms */
  WINDOW_US = 500000,
  EARLY_US = 20000,
};
static const double silence_rms = 30, silence_part = 0.05;
static const float range = 50;

typedef float frame[BANDS];

/* Levels above the floor, which is `range` below the loudest of what was said. */
static void set_floor(struct spectrogram *s, float floor) {
  for (size_t i = 0; i < s->frames; i++)
    for (int band = 0; band < BANDS; band++)
      s->level[i][band] = fmaxf(0, s->level[i][band] - floor);
}

static float loudest_level(const struct spectrogram *s) {
  float loudest = 0;
  for (size_t i = 0; i < s->frames; i++)
    for (int band = 0; band < BANDS; band++)
      loudest = fmaxf(loudest, s->level[i][band]);
  return loudest;
}

/* How much the difference in level varies: a gain alone is none. */
static float difference(const frame *said, int frames, const frame *heard) {
  float sum = 0, squares = 0;
  for (int i = 0; i < frames; i++)
    for (int band = 0; band < BANDS; band++) {
      float d = said[i][band] - heard[(ptrdiff_t)i * FINE][band];
      sum += d;
      squares += d * d;
    }
  return squares - sum * sum / (float)(frames * BANDS);
}

/* Where in [first, last) the frames of `said` differ least from what was heard. */
static size_t align_window(const frame *said, const struct spectrogram *heard, size_t first, size_t last) {
  size_t best = first, span = (size_t)FINE * WINDOW;
  float least = INFINITY;
  for (size_t at = first; at < last && at + span <= heard->frames; at++) {
    float now = difference(said, WINDOW, (const frame *)heard->level + at);
    if (now < least) {
      least = now;
      best = at;
    }
  }
  return best;
}

/* The same near `about`; of equals the nearest. */
static size_t align_segment(const frame *said, const struct spectrogram *heard, size_t about) {
  size_t best = about, span = (size_t)FINE * SEGMENT;
  float least = INFINITY;
  for (int i = 0; i <= 2 * SHIFT_MAX; i++) {
    int64_t at = (int64_t)about + (i % 2 ? (i + 1) / 2 : -i / 2);
    if (at < 0 || (size_t)at + span > heard->frames)
      continue;
    float now = difference(said, SEGMENT, (const frame *)heard->level + at);
    if (now < least) {
      least = now;
      best = (size_t)at;
    }
  }
  return best;
}

/* What was heard of a window, frame by frame; what lies behind the end is silence. */
static void align(const frame *said, const struct spectrogram *heard, size_t first, size_t last, frame *aligned) {
  size_t window = align_window(said, heard, first, last);
  for (int segment = 0; segment < SEGMENTS; segment++) {
    size_t from = window + (size_t)segment * SEGMENT * FINE;
    size_t at = align_segment(said + (ptrdiff_t)segment * SEGMENT, heard, from);
    for (int i = 0; i < SEGMENT; i++, at += FINE)
      for (int band = 0; band < BANDS; band++)
        aligned[segment * SEGMENT + i][band] = at < heard->frames ? heard->level[at][band] : 0;
  }
}

static double window_distance(const frame *said, const frame *heard) {
  double sum = 0;
  for (int i = 0; i < WINDOW; i++) {
    double square = 0;
    for (int band = 0; band < BANDS; band++)
      square += (double)(said[i][band] - heard[i][band]) * (said[i][band] - heard[i][band]);
    sum += sqrt(square / BANDS);
  }
  return sum / WINDOW;
}

/* NSIM of one neighbourhood, whose corner is `band` of the first of three frames. */
static double similarity_at(const frame *x, const frame *y, int band) {
  static const double weight[3][3] = {{0.0113, 0.0838, 0.0113}, {0.0838, 0.6196, 0.0838}, {0.0113, 0.0838, 0.0113}};
  const double c1 = 0.01 * 0.01 * range * range, c3 = 0.03 * 0.03 * range * range / 2;
  double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
  for (int i = 0; i < 3; i++)
    for (int k = 0; k < 3; k++) {
      double a = x[i][band + k], b = y[i][band + k], w = weight[i][k];
      mx += w * a;
      my += w * b;
      xx += w * a * a;
      yy += w * b * b;
      xy += w * a * b;
    }
  double deviations = sqrt(fmax(0, xx - mx * mx) * fmax(0, yy - my * my));
  return (2 * mx * my + c1) / (mx * mx + my * my + c1) * (xy - mx * my + c3) / (deviations + c3);
}

static double window_similarity(const frame *said, const frame *heard) {
  double sum = 0;
  for (int i = 0; i + 2 < WINDOW; i++)
    for (int band = 0; band + 2 < BANDS; band++)
      sum += similarity_at(said + i, heard + i, band);
  return sum / ((WINDOW - 2) * (BANDS - 2));
}

static double loudness(const struct sound *sound, size_t block) {
  double sum = 0;
  for (size_t i = block * MEASURE_BLOCK; i < (block + WINDOW) * MEASURE_BLOCK; i++)
    sum += (double)sound->pcm[i] * sound->pcm[i];
  return sqrt(sum / (WINDOW * MEASURE_BLOCK));
}

static double silence_below(const struct sound *said) {
  double loudest = 0;
  for (size_t block = 0; block + WINDOW <= said->blocks; block += WINDOW)
    loudest = fmax(loudest, loudness(said, block));
  return fmax(silence_rms, loudest * silence_part);
}

static bool make_spectrogram(struct spectrogram *s, const struct sound *sound, int hop) {
  size_t samples = sound->blocks * MEASURE_BLOCK;
  float *pcm = decimate(sound->pcm, samples, DECIMATION, 0.46 / DECIMATION);
  bool ok = pcm && spectrogram_new(s, pcm, samples / DECIMATION, hop);
  free(pcm);
  return ok;
}

static void judge_window(const struct spectrogram *said, size_t block, const struct spectrogram *ear,
                         const struct sound *heard, int64_t captured, struct speech_quality *quality) {
  frame aligned[WINDOW];
  const frame *window = (const frame *)said->level + block;
  size_t first = sound_find(heard, captured - EARLY_US) * FINE;
  size_t last = sound_find(heard, captured + MEASURE_LAG_MAX_MS * 1000) * FINE;
  align(window, ear, first, last, aligned);
  quality->windows++;
  quality->similarity += window_similarity(window, (const frame *)aligned);
  quality->distance += window_distance(window, (const frame *)aligned);
}

bool measure_speech(const struct sound *said, const struct sound *heard, int64_t from, int64_t until,
                    struct speech_quality *quality) {
  struct spectrogram mouth = {0}, ear = {0};
  *quality = (struct speech_quality){0};
  bool ok = make_spectrogram(&mouth, said, HOP) && make_spectrogram(&ear, heard, HOP / FINE);
  if (ok) {
    float floor = loudest_level(&mouth) - range;
    set_floor(&mouth, floor);
    set_floor(&ear, floor);
  }
  double silence = silence_below(said);
  for (size_t block = 0; ok && block + WINDOW <= said->blocks; block += WINDOW)
    if (said->at[block] >= from && said->at[block] + WINDOW_US <= until && loudness(said, block) >= silence)
      judge_window(&mouth, block, &ear, heard, said->at[block], quality);
  if (quality->windows) {
    quality->similarity /= quality->windows;
    quality->distance /= quality->windows;
  }
  spectrogram_free(&mouth);
  spectrogram_free(&ear);
  return ok;
}
