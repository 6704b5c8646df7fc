/* media_log.h - what one end sent and received and when, kept during a call for the measurement after it.
 *
 * Filled by the media thread, without allocating; MEDIA_LOG_S seconds at most, later things are left out. Saved
 * as a folder (sent.wav, heard.wav, report.json), which the other end's measurement reads.
 */
#ifndef MEDIA_LOG_H
#define MEDIA_LOG_H
#include <stdbool.h>

#include "measure.h"

enum {
  MEDIA_LOG_S = 120,
  MEDIA_LOG_BLOCKS = MEDIA_LOG_S * 100,
  MEDIA_LOG_PICTURES = MEDIA_LOG_S * 125,
};

struct media_log {
  int16_t *sent_pcm, *heard_pcm;
  int64_t *captured_at, *heard_at;
  size_t blocks;
  struct seen *sent, *shown;
  size_t sent_count, shown_count;
  int64_t opened_at; /* when this end's gate was open; 0: never */
  long stalls;       /* times that the media thread itself was late by more than half a second */
};

struct media_log *media_log_new(void);
void media_log_free(struct media_log *log);
void media_log_audio(struct media_log *log, const int16_t *sent, int64_t captured_at, const int16_t *heard,
                     int64_t heard_at);
void media_log_sent(struct media_log *log, int64_t counter, int64_t at);
void media_log_shown(struct media_log *log, int64_t counter, int64_t at, double psnr, double ssim);
/* 0, or an errno. */
int media_log_save(const struct media_log *log, const char *dir);
struct media_log *media_log_load(const char *dir); /* NULL: not there, or not whole */
struct sound media_log_sent_sound(const struct media_log *log);
struct sound media_log_heard_sound(const struct media_log *log);

#endif
