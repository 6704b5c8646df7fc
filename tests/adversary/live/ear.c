#include "ear.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/caller/media_log.h"
#include "examples/caller/wav.h"
#include "media/codec/codec.h"
#include "media/rtp/rtp.h"
#include "media/session.h"

enum { BLOCK_US = 10000, TAIL_US = 1000000, LATER_US = 750000, LATEST_US = 6000000, PACKET_SAMPLES = 960 };

bool ear_init(struct ear *ear) {
  *ear = (struct ear){.pcm = malloc(EAR_BLOCKS * MEASURE_BLOCK * sizeof *ear->pcm),
                      .at = malloc(EAR_BLOCKS * sizeof *ear->at),
                      .opus = audio_codec_opus.decoder_new()};
  return ear->pcm && ear->at && ear->opus;
}

void ear_deinit(struct ear *ear) {
  free(ear->pcm);
  free(ear->at);
  if (ear->opus)
    audio_codec_opus.decoder_free(ear->opus);
  *ear = (struct ear){0};
}

void ear_hear(struct ear *ear, int64_t at, const int16_t *pcm, size_t samples) {
  for (; samples >= MEASURE_BLOCK && ear->blocks < EAR_BLOCKS; samples -= MEASURE_BLOCK) {
    int64_t before = ear->blocks ? ear->at[ear->blocks - 1] : 0;
    memcpy(ear->pcm + ear->blocks * MEASURE_BLOCK, pcm, MEASURE_BLOCK * sizeof *pcm);
    ear->at[ear->blocks++] = at > before ? at : before;
    pcm += MEASURE_BLOCK;
    at += BLOCK_US;
  }
}

static bool is_sound(const uint8_t *packet, size_t size, struct reader *payload) {
  struct rtp_header header;
  return size > 1 && !rtp_is_rtcp(packet, size) && rtp_parse(packet, size, &header, payload) &&
         header.payload_type == PAYLOAD_TYPE_OPUS;
}

void ear_hear_rtp(struct ear *ear, int64_t at, const uint8_t *packet, size_t size) {
  int16_t pcm[AUDIO_FRAME_MAX];
  struct reader payload;
  if (!is_sound(packet, size, &payload))
    return;
  int samples = audio_codec_opus.decode(ear->opus, payload.at, payload.left, pcm, AUDIO_FRAME_MAX);
  if (samples > 0)
    ear_hear(ear, at, pcm, (size_t)samples);
}

void ear_hear_sealed(struct ear *ear, int64_t at, const uint8_t *packet, size_t size) {
  int16_t pcm[PACKET_SAMPLES];
  struct reader payload;
  if (!is_sound(packet, size, &payload) || payload.left == 0)
    return;
  for (size_t i = 0; i < PACKET_SAMPLES; i++) /* eight bits a sample, held */
    pcm[i] = (int16_t)((payload.at[i * payload.left / PACKET_SAMPLES] - 128) * 64);
  ear_hear(ear, at, pcm, PACKET_SAMPLES);
}

/* As if all had been heard `late` earlier; the measure looks for a match within one second. */
static struct audio_quality compare_at(const struct media_log *said, const struct sound *heard, int64_t late) {
  struct audio_quality quality = {0};
  struct sound sent = media_log_sent_sound(said), earlier = *heard;
  int64_t *at = malloc((heard->blocks + 1) * sizeof *at);
  for (size_t i = 0; at && i < heard->blocks; i++)
    at[i] = heard->at[i] - late;
  earlier.at = at;
  int64_t from = said->opened_at ? said->opened_at : sent.at[0]; /* the gate's opening, or the first sound */
  if (!at || !measure_audio(&sent, &earlier, from, sent.at[sent.blocks - 1] - TAIL_US, &quality))
    quality.windows = 0;
  free(at);
  return quality;
}

/* The best of several delays: on a busy machine what is handed on comes seconds late. */
static struct audio_quality compare(const struct media_log *said, const struct sound *heard) {
  struct audio_quality best = {0};
  for (int64_t late = 0; said->blocks && late <= LATEST_US; late += LATER_US) {
    struct audio_quality quality = compare_at(said, heard, late);
    if (late == 0 || quality.correlation > best.correlation)
      best = quality;
  }
  return best;
}

struct audio_quality ear_compare(const struct ear *ear, const char *report) {
  struct media_log *said = media_log_load(report);
  struct sound heard = {ear->pcm, ear->at, ear->blocks};
  struct audio_quality quality = said ? compare(said, &heard) : (struct audio_quality){0};
  media_log_free(said);
  return quality;
}

struct audio_quality ear_compare_ends(const char *from, const char *to) {
  struct media_log *said = media_log_load(from), *other = media_log_load(to);
  struct audio_quality quality = {0};
  if (said && other) {
    struct sound heard = media_log_heard_sound(other);
    quality = compare(said, &heard);
  }
  media_log_free(said);
  media_log_free(other);
  return quality;
}

int ear_peak(const struct ear *ear) {
  int peak = 0;
  for (size_t i = 0; i < ear->blocks * MEASURE_BLOCK; i++)
    peak = abs(ear->pcm[i]) > peak ? abs(ear->pcm[i]) : peak;
  return peak;
}

bool ear_save(const struct ear *ear, const char *path) {
  uint8_t header[WAV_HEADER_SIZE];
  size_t samples = ear->blocks * MEASURE_BLOCK;
  FILE *file = fopen(path, "we");
  if (!file)
    return false;
  wav_header(header, MEASURE_RATE, (uint32_t)(samples * sizeof *ear->pcm));
  bool ok =
      fwrite(header, sizeof header, 1, file) == 1 && fwrite(ear->pcm, sizeof *ear->pcm, samples, file) == samples;
  return fclose(file) == 0 && ok;
}
