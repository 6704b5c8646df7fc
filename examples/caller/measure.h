/* measure.h - how close what was heard and seen is to what was sent, and how late it came.
 *
 * Sound: both sides brought to 4 kHz; for every half second of what was sent that is not silent (at least a
 * twentieth of the loudest), the place within the second after it where what was heard matches best. The
 * correlation is that match (-1 to 1, 1: the same wave), the mean of all such windows: one that was lost counts
 * with what little it matches. The delay is from capture of a sample to its being handed to the listener, devices
 * not included; the median of the windows. Pictures: matched by their counter, PSNR over all samples and SSIM of
 * the luma, delay from capture to being handed out. Pure functions; memory as long as what is measured.
 */
#ifndef MEASURE_H
#define MEASURE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MEASURE_WINDOWS = 240 /* two minutes of them */ };
enum { MEASURE_RATE = 48000, MEASURE_BLOCK = 480, MEASURE_LAG_MAX_MS = 1000 };

struct sound { /* blocks of MEASURE_BLOCK samples and when the first sample of each was captured or heard */
  const int16_t *pcm;
  const int64_t *at; /* monotonic, microseconds; never falls */
  size_t blocks;
};

size_t sound_find(const struct sound *sound, int64_t when); /* the first block at or after `when` */

struct audio_quality {
  int windows; /* not silent, sent within the time asked for */
  int matched; /* of them, with a correlation of at least 0.5 */
  double correlation;
  double delay_ms, delay_p95_ms; /* of the matched windows */
  struct {
    int64_t heard; /* when it began to be */
    double delay_ms;
  } window[MEASURE_WINDOWS]; /* the first of those matched */
};

/* Judges what was captured in [from, until). false: no memory. */
bool measure_audio(const struct sound *sent, const struct sound *heard, int64_t from, int64_t until,
                   struct audio_quality *quality);

struct seen { /* one picture sent or shown */
  int64_t counter, at;
  double psnr; /* of one shown; below 0: not comparable (another size, or no readable mark) */
  double ssim; /* of one that is comparable */
};

struct video_quality {
  int sent, shown;  /* different pictures, sent within the time asked for */
  int unreadable;   /* shown without a readable mark */
  int backwards;    /* shown after a later one */
  int overdue;      /* sent within that time, and after the last one that was ever shown */
  int freezes;      /* webrtc-stats freezeCount: a gap of max(3 x mean, mean + 150 ms), mean of the last 30 gaps */
  double freeze_ms; /* together */
  double psnr, psnr_min, ssim;
  double delay_ms, delay_p95_ms;
};

/* `sent` has rising counters. */
bool measure_video(const struct seen *sent, size_t sent_count, const struct seen *shown, size_t shown_count,
                   int64_t from, int64_t until, struct video_quality *quality);

#endif
