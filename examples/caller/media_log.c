#include "media_log.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "source.h"
#include "wav.h"

void media_log_free(struct media_log *log) {
  if (!log)
    return;
  free(log->sent_pcm);
  free(log->heard_pcm);
  free(log->captured_at);
  free(log->heard_at);
  free(log->sent);
  free(log->shown);
  free(log);
}

struct media_log *media_log_new(void) {
  struct media_log *log = calloc(1, sizeof *log);
  if (!log)
    return NULL;
  log->sent_pcm = calloc(MEDIA_LOG_BLOCKS * MEASURE_BLOCK, sizeof *log->sent_pcm);
  log->heard_pcm = calloc(MEDIA_LOG_BLOCKS * MEASURE_BLOCK, sizeof *log->heard_pcm);
  log->captured_at = calloc(MEDIA_LOG_BLOCKS, sizeof *log->captured_at);
  log->heard_at = calloc(MEDIA_LOG_BLOCKS, sizeof *log->heard_at);
  log->sent = calloc(MEDIA_LOG_PICTURES, sizeof *log->sent);
  log->shown = calloc(MEDIA_LOG_PICTURES, sizeof *log->shown);
  if (log->sent_pcm && log->heard_pcm && log->captured_at && log->heard_at && log->sent && log->shown)
    return log;
  media_log_free(log);
  return NULL;
}

void media_log_audio(struct media_log *log, const int16_t *sent, int64_t captured_at, const int16_t *heard,
                     int64_t heard_at) {
  if (log->blocks == MEDIA_LOG_BLOCKS)
    return;
  memcpy(log->sent_pcm + log->blocks * MEASURE_BLOCK, sent, MEASURE_BLOCK * sizeof *sent);
  memcpy(log->heard_pcm + log->blocks * MEASURE_BLOCK, heard, MEASURE_BLOCK * sizeof *heard);
  log->captured_at[log->blocks] = captured_at;
  log->heard_at[log->blocks++] = heard_at;
}

void media_log_sent(struct media_log *log, int64_t counter, int64_t at) {
  if (log->sent_count < MEDIA_LOG_PICTURES)
    log->sent[log->sent_count++] = (struct seen){.counter = counter, .at = at};
}

void media_log_shown(struct media_log *log, int64_t counter, int64_t at, double psnr, double ssim) {
  if (log->shown_count < MEDIA_LOG_PICTURES)
    log->shown[log->shown_count++] = (struct seen){counter, at, psnr, ssim};
}

struct sound media_log_sent_sound(const struct media_log *log) {
  return (struct sound){log->sent_pcm, log->captured_at, log->blocks};
}

struct sound media_log_heard_sound(const struct media_log *log) {
  return (struct sound){log->heard_pcm, log->heard_at, log->blocks};
}

/* ---- as a folder ---- */

static json_t *times_json(const int64_t *at, size_t count) {
  json_t *list = json_array();
  for (size_t i = 0; i < count; i++)
    json_array_append_new(list, json_integer(at[i]));
  return list;
}

static json_t *pictures_json(const struct seen *seen, size_t count) {
  json_t *list = json_array();
  for (size_t i = 0; i < count; i++)
    json_array_append_new(list, json_pack("[I, I, f, f]", (json_int_t)seen[i].counter, (json_int_t)seen[i].at,
                                          seen[i].psnr, seen[i].ssim));
  return list;
}

static int save_wav(const char *dir, const char *name, const int16_t *pcm, size_t samples) {
  char path[1024];
  uint8_t header[WAV_HEADER_SIZE];
  snprintf(path, sizeof path, "%s/%s", dir, name);
  FILE *file = fopen(path, "wbe");
  if (!file)
    return errno;
  wav_header(header, MEASURE_RATE, (uint32_t)(samples * sizeof *pcm));
  bool ok = fwrite(header, sizeof header, 1, file) == 1 && fwrite(pcm, sizeof *pcm, samples, file) == samples;
  return fclose(file) == 0 && ok ? 0 : errno ? errno : EIO;
}

static int save_json(const struct media_log *log, const char *dir) {
  char path[1024];
  snprintf(path, sizeof path, "%s/report.json", dir);
  json_t *root = json_pack(
      "{s:I, s:I, s:o, s:o, s:o, s:o}", "openedAt", (json_int_t)log->opened_at, "stalls", (json_int_t)log->stalls,
      "capturedAt", times_json(log->captured_at, log->blocks), "heardAt", times_json(log->heard_at, log->blocks),
      "sent", pictures_json(log->sent, log->sent_count), "shown", pictures_json(log->shown, log->shown_count));
  int status = root ? json_dump_file(root, path, JSON_COMPACT) : -1;
  json_decref(root);
  return status == 0 ? 0 : errno ? errno : EIO;
}

int media_log_save(const struct media_log *log, const char *dir) {
  errno = 0;
  if (mkdir(dir, 0700) != 0 && errno != EEXIST)
    return errno;
  errno = 0;
  int error = save_wav(dir, "sent.wav", log->sent_pcm, log->blocks * MEASURE_BLOCK);
  if (!error)
    error = save_wav(dir, "heard.wav", log->heard_pcm, log->blocks * MEASURE_BLOCK);
  return error ? error : save_json(log, dir);
}

static bool load_wav(const char *dir, const char *name, int16_t *pcm, size_t samples) {
  char path[1024], why[SOURCE_WHY_SIZE];
  struct audio_source source;
  snprintf(path, sizeof path, "%s/%s", dir, name);
  if (!samples)
    return true;
  if (!audio_source_open(&source, path, 0, why))
    return false;
  bool ok = source.samples == samples;
  if (ok)
    memcpy(pcm, source.pcm, samples * sizeof *pcm);
  audio_source_close(&source);
  return ok;
}

static bool load_times(const json_t *list, int64_t *at, size_t max, size_t *count) {
  *count = json_array_size(list);
  if (*count > max)
    return false;
  for (size_t i = 0; i < *count; i++)
    at[i] = json_integer_value(json_array_get(list, i));
  return true;
}

static bool load_pictures(const json_t *list, struct seen *seen, size_t *count) {
  *count = json_array_size(list);
  if (*count > MEDIA_LOG_PICTURES)
    return false;
  for (size_t i = 0; i < *count; i++) {
    const json_t *one = json_array_get(list, i);
    seen[i] = (struct seen){json_integer_value(json_array_get(one, 0)), json_integer_value(json_array_get(one, 1)),
                            json_number_value(json_array_get(one, 2)), json_number_value(json_array_get(one, 3))};
  }
  return true;
}

static bool load(struct media_log *log, const json_t *root, const char *dir) {
  size_t heard_blocks;
  log->opened_at = json_integer_value(json_object_get(root, "openedAt"));
  log->stalls = (long)json_integer_value(json_object_get(root, "stalls"));
  return load_times(json_object_get(root, "capturedAt"), log->captured_at, MEDIA_LOG_BLOCKS, &log->blocks) &&
         load_times(json_object_get(root, "heardAt"), log->heard_at, MEDIA_LOG_BLOCKS, &heard_blocks) &&
         heard_blocks == log->blocks && load_pictures(json_object_get(root, "sent"), log->sent, &log->sent_count) &&
         load_pictures(json_object_get(root, "shown"), log->shown, &log->shown_count) &&
         load_wav(dir, "sent.wav", log->sent_pcm, log->blocks * MEASURE_BLOCK) &&
         load_wav(dir, "heard.wav", log->heard_pcm, log->blocks * MEASURE_BLOCK);
}

struct media_log *media_log_load(const char *dir) {
  char path[1024];
  snprintf(path, sizeof path, "%s/report.json", dir);
  json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
  struct media_log *log = root ? media_log_new() : NULL;
  if (log && !load(log, root, dir)) {
    media_log_free(log);
    log = NULL;
  }
  json_decref(root);
  return log;
}
