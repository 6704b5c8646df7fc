#include "measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "decimate.h"

enum {
  DECIMATION = 12,
  RATE = MEASURE_RATE / DECIMATION, /* 4 kHz */
  BLOCK = MEASURE_BLOCK / DECIMATION,
  BLOCK_US = 10000,
  WINDOW = RATE / 2,
  WINDOW_US = 500000,
  EARLY_US = 20000, /* a match before it was sent would show that the clocks are wrong: look there too */
  FREEZE_MEAN_OF = 30,
  FREEZE_MS = 150,
};
static const double silence_rms = 30, silence_part = 0.05, matched_from = 0.5, cutoff_hz = 1700;

/* Brought down, and without its mean over a while. */
static float *prepare(const struct sound *sound, size_t *count) {
  *count = sound->blocks * BLOCK;
  float *out = decimate(sound->pcm, sound->blocks * MEASURE_BLOCK, DECIMATION, cutoff_hz / MEASURE_RATE);
  double before = 0, level = 0;
  for (size_t i = 0; out && i < *count; i++) {
    level = out[i] - before + 0.98 * level;
    before = out[i];
    out[i] = (float)level;
  }
  return out;
}

static double energy(const float *x) {
  double sum = 0;
  for (int i = 0; i < WINDOW; i++)
    sum += (double)x[i] * x[i];
  return sum;
}

static double product(const float *a, const float *b) {
  float sum[4] = {0}; /* four sums: lets the compiler use vectors */
  for (int i = 0; i < WINDOW; i += 4)
    for (int k = 0; k < 4; k++)
      sum[k] += a[i + k] * b[i + k];
  return (double)sum[0] + (double)sum[1] + (double)sum[2] + (double)sum[3];
}

size_t sound_find(const struct sound *sound, int64_t when) {
  size_t low = 0, high = sound->blocks;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (sound->at[middle] < when)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

struct match {
  double correlation;
  size_t at;
};

static struct match best_match(const float *window, const float *heard, size_t count, size_t first, size_t last) {
  struct match best = {0, first};
  double own = energy(window), theirs = 0;
  for (size_t at = first; at < last && at + WINDOW <= count; at++) {
    if (at == first || at % WINDOW == 0) /* the running sum is renewed now and then against rounding */
      theirs = energy(heard + at);
    else
      theirs += (double)heard[at + WINDOW - 1] * heard[at + WINDOW - 1] - (double)heard[at - 1] * heard[at - 1];
    if (theirs < WINDOW) /* nothing there; also keeps the quotient finite */
      continue;
    double correlation = product(window, heard + at) / sqrt(own * theirs);
    if (correlation > best.correlation)
      best = (struct match){correlation, at};
  }
  return best;
}

static int compare_doubles(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double quantile(const double *sorted, int count, double part) {
  return count ? sorted[(int)(part * (count - 1) + 0.5)] : 0;
}

static void summarize(double *delay, int count, double *median, double *p95) {
  qsort(delay, (size_t)count, sizeof *delay, compare_doubles);
  *median = quantile(delay, count, 0.5);
  *p95 = quantile(delay, count, 0.95);
}

static int64_t time_of(const struct sound *sound, size_t at) {
  return sound->at[at / BLOCK] + (int64_t)(at % BLOCK) * BLOCK_US / BLOCK;
}

static double loudness(const float *window) {
  return sqrt(energy(window) / WINDOW);
}

/* Below it a window is silence: a codec spends nothing on the noise between words. */
static double silence_below(const float *said, size_t count) {
  double loudest = 0;
  for (size_t at = 0; at + WINDOW <= count; at += WINDOW)
    loudest = fmax(loudest, loudness(said + at));
  return fmax(silence_rms, loudest * silence_part);
}

static double note_match(struct audio_quality *quality, int64_t captured, int64_t heard) {
  double delay_ms = (double)(heard - captured) / 1000;
  if (quality->matched < MEASURE_WINDOWS) {
    quality->window[quality->matched].heard = heard;
    quality->window[quality->matched].delay_ms = delay_ms;
  }
  return delay_ms;
}

bool measure_audio(const struct sound *sent, const struct sound *heard, int64_t from, int64_t until,
                   struct audio_quality *quality) {
  size_t said_count, heard_count;
  *quality = (struct audio_quality){0};
  float *said = prepare(sent, &said_count), *ear = prepare(heard, &heard_count);
  double *delay = malloc((sent->blocks + 1) * sizeof *delay);
  bool ok = said && ear && delay;
  double silence = ok ? silence_below(said, said_count) : 0;
  for (size_t at = 0; ok && at + WINDOW <= said_count; at += WINDOW) {
    int64_t captured = time_of(sent, at);
    if (captured < from || captured + WINDOW_US > until || loudness(said + at) < silence)
      continue;
    size_t first = sound_find(heard, captured - EARLY_US) * BLOCK;
    size_t last = sound_find(heard, captured + MEASURE_LAG_MAX_MS * 1000) * BLOCK;
    struct match match = best_match(said + at, ear, heard_count, first, last);
    quality->windows++;
    quality->correlation += match.correlation;
    if (match.correlation >= matched_from)
      delay[quality->matched++] = note_match(quality, captured, time_of(heard, match.at));
  }
  if (quality->windows)
    quality->correlation /= quality->windows;
  if (ok)
    summarize(delay, quality->matched, &quality->delay_ms, &quality->delay_p95_ms);
  free(said);
  free(ear);
  free(delay);
  return ok;
}

static int compare_seen(const void *key, const void *entry) {
  const struct seen *a = key, *b = entry;
  return (a->counter > b->counter) - (a->counter < b->counter);
}

static bool in_time(const struct seen *sent, int64_t from, int64_t until) {
  return sent && sent->at >= from && sent->at < until;
}

struct gaps { /* between what is shown */
  int64_t last;
  double newest[FREEZE_MEAN_OF], sum;
  int count;
};

static void note_gap(struct gaps *gaps, int64_t at, struct video_quality *quality) {
  double now = (double)(at - gaps->last) / 1000;
  bool first = !gaps->last;
  gaps->last = at;
  if (first)
    return;
  double mean = gaps->count ? gaps->sum / (gaps->count < FREEZE_MEAN_OF ? gaps->count : FREEZE_MEAN_OF) : now;
  if (now >= fmax(3 * mean, mean + FREEZE_MS)) {
    quality->freezes++;
    quality->freeze_ms += now;
  }
  double *oldest = &gaps->newest[gaps->count % FREEZE_MEAN_OF];
  gaps->sum += now - (gaps->count >= FREEZE_MEAN_OF ? *oldest : 0);
  gaps->count++;
  *oldest = now;
}

/* Of what is shown from `from` to `until`; also one that goes on then. */
static void count_freezes(const struct seen *shown, size_t count, int64_t from, int64_t until,
                          struct video_quality *quality) {
  struct gaps gaps = {0};
  for (size_t i = 0; i < count && shown[i].at < until; i++)
    if (shown[i].at >= from)
      note_gap(&gaps, shown[i].at, quality);
  if (gaps.last)
    note_gap(&gaps, until, quality);
}

bool measure_video(const struct seen *sent, size_t sent_count, const struct seen *shown, size_t shown_count,
                   int64_t from, int64_t until, struct video_quality *quality) {
  *quality = (struct video_quality){.psnr_min = 100};
  double *delay = malloc((shown_count + 1) * sizeof *delay);
  if (!delay)
    return false;
  for (size_t i = 0; i < sent_count; i++)
    quality->sent += in_time(&sent[i], from, until);
  int64_t newest = -1;
  for (size_t i = 0; i < shown_count; i++) {
    if (shown[i].psnr < 0) {
      quality->unreadable++;
      continue;
    }
    const struct seen *origin = bsearch(&shown[i], sent, sent_count, sizeof *sent, compare_seen);
    if (shown[i].counter <= newest) {
      quality->backwards++;
      continue;
    }
    newest = shown[i].counter;
    if (!in_time(origin, from, until))
      continue;
    delay[quality->shown++] = (double)(shown[i].at - origin->at) / 1000;
    quality->psnr += shown[i].psnr;
    quality->ssim += shown[i].ssim;
    quality->psnr_min = fmin(quality->psnr_min, shown[i].psnr);
  }
  if (quality->shown) {
    quality->psnr /= quality->shown;
    quality->ssim /= quality->shown;
  } else
    quality->psnr_min = 0;
  for (size_t i = 0; i < sent_count; i++)
    quality->overdue += in_time(&sent[i], from, until) && sent[i].counter > newest;
  summarize(delay, quality->shown, &quality->delay_ms, &quality->delay_p95_ms);
  count_freezes(shown, shown_count, from, until, quality);
  free(delay);
  return true;
}
