#include "demo_table.h"

#include <stdio.h>
#include <string.h>

enum { LABEL = 30, COLUMN = 36 };

static const json_t *field(const json_t *object, const char *group, const char *key) {
  return json_object_get(json_object_get(object, group), key);
}

static double number(const json_t *object, const char *group, const char *key) {
  return json_number_value(field(object, group, key));
}

static const char *text(const json_t *object, const char *group, const char *key) {
  const char *value = json_string_value(field(object, group, key));
  return value && *value ? value : "-";
}

static void row(const char *label, const char *a, const char *b) {
  printf("  %-*s %-*s %s\n", LABEL, label, COLUMN, a, b);
}

/* One row; `write` puts an end's cell into a buffer. */
static void cells(const char *label, const struct demo_end end[DEMO_ENDS],
                  void (*write)(char *cell, size_t size, const struct demo_end *end)) {
  char cell[DEMO_ENDS][160];
  for (int i = 0; i < DEMO_ENDS; i++)
    write(cell[i], sizeof cell[i], &end[i]);
  row(label, cell[0], cell[1]);
}

static void trust_cell(char *cell, size_t size, const struct demo_end *end) {
  snprintf(cell, size, "%s, gate %s", end->trust ? end->trust : "-", end->gate ? end->gate : "-");
}

static void first_setup_cell(char *cell, size_t size, const struct demo_end *end) {
  snprintf(cell, size, "%.0f / %.0f / %.0f / %.0f ms", number(end->after, "setup", "signaling") * 1000,
           number(end->after, "setup", "ice") * 1000, number(end->after, "setup", "dtls") * 1000,
           number(end->after, "setup", "bind") * 1000);
}

static void last_setup_cell(char *cell, size_t size, const struct demo_end *end) {
  snprintf(cell, size, "%.0f / %.0f / %.0f ms", number(end->after, "setup", "open") * 1000,
           number(end->after, "setup", "firstAudio") * 1000, number(end->after, "setup", "firstVideo") * 1000);
}

static void codec_cell(char *cell, size_t size, const struct demo_end *end) {
  snprintf(cell, size, "%s, %s %.0fx%.0f", text(end->after, "inboundAudio", "codec"),
           text(end->after, "inboundVideo", "codec"), number(end->after, "inboundVideo", "frameWidth"),
           number(end->after, "inboundVideo", "frameHeight"));
}

static void profile_cell(char *cell, size_t size, const struct demo_end *end) {
  snprintf(cell, size, "%s (%s)", text(end->after, "transport", "srtpCipher"),
           text(end->after, "transport", "srtpEngine"));
}

static void cipher_cell(char *cell, size_t size, const struct demo_end *end) {
  const char *cipher = text(end->after, "transport", "dtlsCipher");
  snprintf(cell, size, "%s", strncmp(cipher, "TLS_", 4) == 0 ? cipher + 4 : cipher);
}

static void path_cell(char *cell, size_t size, const struct demo_end *end) {
  snprintf(cell, size, "%s to %s, %.1f ms", text(end->after, "transport", "localCandidateType"),
           text(end->after, "transport", "remoteCandidateType"),
           number(end->after, "transport", "currentRoundTripTime") * 1000);
}

/* kbit/s between the two looks at the statistics. */
static double rate(const struct demo_end *end, const char *group) {
  double bytes = number(end->after, group, "bytesSent") - number(end->before, group, "bytesSent");
  double span =
      json_number_value(json_object_get(end->after, "t")) - json_number_value(json_object_get(end->before, "t"));
  return span > 0 ? bytes * 8 / span * 1000 : 0;
}

static void rate_cell(char *cell, size_t size, const struct demo_end *end) {
  snprintf(cell, size, "%.0f, %.0f kbit/s", rate(end, "outboundAudio"), rate(end, "outboundVideo"));
}

static void loss_cell(char *cell, size_t size, const struct demo_end *end) {
  snprintf(cell, size, "%.0f of %.0f, %.0f of %.0f", number(end->after, "inboundAudio", "packetsLost"),
           number(end->after, "inboundAudio", "packetsReceived"), number(end->after, "inboundVideo", "packetsLost"),
           number(end->after, "inboundVideo", "packetsReceived"));
}

static void drop_cell(char *cell, size_t size, const struct demo_end *end) {
  snprintf(cell, size, "%.0f, %.0f, %.0f", number(end->after, "dropped", "packetsGateDropped"),
           number(end->after, "dropped", "packetsAuthFailed"), number(end->after, "dropped", "packetsReplayed"));
}

static void audio_delay_cell(char *cell, size_t size, const struct demo_end *end) {
  snprintf(cell, size, "%.1f ms (95 %%: %.1f ms)", end->audio.delay_ms, end->audio.delay_p95_ms);
}

static void audio_cell(char *cell, size_t size, const struct demo_end *end) {
  snprintf(cell, size, "%.3f (%d of %d windows)", end->audio.correlation, end->audio.matched, end->audio.windows);
}

static void speech_cell(char *cell, size_t size, const struct demo_end *end) {
  snprintf(cell, size, "%.1f %%, %.1f dB", end->speech.similarity * 100, end->speech.distance);
}

static void video_delay_cell(char *cell, size_t size, const struct demo_end *end) {
  snprintf(cell, size, "%.1f ms (95 %%: %.1f ms)", end->video.delay_ms, end->video.delay_p95_ms);
}

static void shown_cell(char *cell, size_t size, const struct demo_end *end) {
  snprintf(cell, size, "%d of %d, %d unreadable", end->video.shown, end->video.sent, end->video.unreadable);
}

static void psnr_cell(char *cell, size_t size, const struct demo_end *end) {
  snprintf(cell, size, "%.1f dB (lowest %.1f dB), %.3f", end->video.psnr, end->video.psnr_min, end->video.ssim);
}

static void print_words(const struct demo_end *end) {
  size_t i;
  json_t *one;
  printf("  %-*s %s\n", LABEL, "words, equal at both", json_string_value(json_object_get(end->sas, "words")));
  printf("  %-*s %s\n", LABEL, "digits", json_string_value(json_object_get(end->sas, "digits")));
  printf("  %-*s", LABEL, "emoji");
  json_array_foreach(json_object_get(end->sas, "emoji"), i, one) printf(
      " %s %s", json_string_value(json_object_get(one, "symbol")), json_string_value(json_object_get(one, "name")));
  putchar('\n');
}

void demo_table_print(const struct demo_end end[DEMO_ENDS]) {
  static const struct {
    const char *label;
    void (*write)(char *, size_t, const struct demo_end *);
  } rows[] = {
      {"trust", trust_cell},
      {"signaling/ICE/DTLS/binding", first_setup_cell},
      {"open/first sound/picture", last_setup_cell},
      {"codecs", codec_cell},
      {"SRTP", profile_cell},
      {"DTLS 1.2", cipher_cell},
      {"path, round trip", path_cell},
      {"sent sound, pictures", rate_cell},
      {"lost sound, pictures", loss_cell},
      {"dropped: shut/forged/replayed", drop_cell},
      {"sound: delay", audio_delay_cell},
      {"sound: correlation", audio_cell},
      {"sound: similarity, distance", speech_cell},
      {"pictures: delay", video_delay_cell},
      {"pictures: shown", shown_cell},
      {"pictures: PSNR, SSIM", psnr_cell},
  };
  print_words(&end[0]);
  putchar('\n');
  row("", end[0].name, end[1].name);
  for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
    cells(rows[i].label, end, rows[i].write);
  fflush(stdout);
}

/* [monotonic usec at which it began to be heard, seconds], a window each. */
static json_t *delays_json(const struct audio_quality *audio) {
  json_t *list = json_array();
  for (int i = 0; i < audio->matched && i < MEASURE_WINDOWS; i++)
    json_array_append_new(
        list, json_pack("[I, f]", (json_int_t)audio->window[i].heard, audio->window[i].delay_ms / 1000));
  return list;
}

static json_t *measured_json(const struct demo_end *end) {
  const struct audio_quality *a = &end->audio;
  const struct video_quality *v = &end->video;
  const struct speech_quality *s = &end->speech;
  json_t *audio =
      json_pack("{s:f, s:i, s:i, s:f, s:f, s:f, s:f, s:o}", "correlation", a->correlation, "windows", a->windows,
                "windowsMatched", a->matched, "delay", a->delay_ms / 1000, "delay95", a->delay_p95_ms / 1000,
                "similarity", s->similarity, "distance", s->distance, "delays", delays_json(a));
  json_t *video = json_pack("{s:i, s:i, s:i, s:i, s:i, s:f, s:f, s:f, s:f, s:f, s:i, s:f}", "framesSent", v->sent,
                            "framesShown", v->shown, "framesUnreadable", v->unreadable, "framesBackwards",
                            v->backwards, "framesOverdue", v->overdue, "psnr", v->psnr, "psnrLowest", v->psnr_min,
                            "ssim", v->ssim, "delay", v->delay_ms / 1000, "delay95", v->delay_p95_ms / 1000,
                            "freezeCount", v->freezes, "totalFreezesDuration", v->freeze_ms / 1000);
  return json_pack("{s:o, s:o, s:I}", "audio", audio, "video", video, "stalls", (json_int_t)end->stalls);
}

static json_t *end_json(const struct demo_end *end) {
  json_t *bitrate = json_pack("{s:f, s:f}", "audio", rate(end, "outboundAudio") * 1000, "video",
                              rate(end, "outboundVideo") * 1000);
  return json_pack("{s:O?, s:s?, s:s?, s:O?, s:O?, s:O?, s:o, s:o, s:s?}", "sas", end->sas, "trust", end->trust,
                   "gate", end->gate, "secure", end->secure, "statsBefore", end->before, "stats", end->after,
                   "bitrateSent", bitrate, "measured", measured_json(end), "shortfall", demo_shortfall(end));
}

json_t *demo_table_json(const struct demo_end end[DEMO_ENDS], bool passed) {
  json_t *limits = json_pack("{s:f, s:f, s:f}", "correlation", DEMO_CORRELATION_PERCENT / 100.0, "framesShown",
                             DEMO_SHOWN_PERCENT / 100.0, "psnr", (double)DEMO_PSNR_DB);
  json_t *ends = json_pack("{s:o, s:o}", end[0].name, end_json(&end[0]), end[1].name, end_json(&end[1]));
  return json_pack("{s:b, s:o, s:o}", "passed", passed, "thresholds", limits, "ends", ends);
}
