/* codec_opus.c - Opus (RFC 6716, RFC 7587) by libopus: 48 kHz mono speech.
 *
 * Hard constant bit rate and no DTX, so that neither a packet's size nor its timing tells what is said
 * (RFC 6562, section 3). A packet is refused before decoding when it is longer than AUDIO_FRAME_MAX samples.
 */
#include <opus/opus.h>
#include <stdlib.h>

#include "codec.h"

enum {
  BITRATE_MIN = 6000,
  BITRATE_MAX = 510000,
  COMPLEXITY = 7,     /* 9 costs twice as much as 5 and is not heard on speech at these rates */
  CONCEAL_UNIT = 120, /* libopus conceals in steps of 2.5 ms */
};

struct encoder {
  OpusEncoder *opus;
  struct audio_encoder_config config;
};

static bool config_valid(const struct audio_encoder_config *config) {
  bool duration = config->frame_samples == 480 || config->frame_samples == 960 || config->frame_samples == 2880;
  return duration && config->bitrate >= BITRATE_MIN && config->bitrate <= BITRATE_MAX;
}

/* The one size that every packet of this configuration has. */
static int packet_size(const struct audio_encoder_config *config) {
  int64_t size = config->bitrate * config->frame_samples / (AUDIO_RATE * 8);
  return (int)(size < AUDIO_PAYLOAD_MAX ? size : AUDIO_PAYLOAD_MAX);
}

static bool encoder_set(void *encoder, const struct audio_encoder_config *config) {
  struct encoder *e = encoder;
  if (!config_valid(config) || opus_encoder_ctl(e->opus, OPUS_SET_BITRATE((opus_int32)config->bitrate)))
    return false;
  e->config = *config;
  return true;
}

static bool encoder_prepare(OpusEncoder *opus) {
  return opus_encoder_ctl(opus, OPUS_SET_VBR(0)) == OPUS_OK && opus_encoder_ctl(opus, OPUS_SET_DTX(0)) == OPUS_OK &&
         opus_encoder_ctl(opus, OPUS_SET_INBAND_FEC(0)) == OPUS_OK &&
         opus_encoder_ctl(opus, OPUS_SET_FORCE_CHANNELS(1)) == OPUS_OK &&
         opus_encoder_ctl(opus, OPUS_SET_COMPLEXITY(COMPLEXITY)) == OPUS_OK;
}

static void encoder_free(void *encoder) {
  struct encoder *e = encoder;
  if (!e)
    return;
  free(e->opus);
  free(e);
}

static void *encoder_new(const struct audio_encoder_config *config) {
  struct encoder *e = calloc(1, sizeof *e);
  if (!e)
    return NULL;
  e->opus = malloc((size_t)opus_encoder_get_size(1));
  if (!e->opus || opus_encoder_init(e->opus, AUDIO_RATE, 1, OPUS_APPLICATION_VOIP) || !encoder_prepare(e->opus) ||
      !encoder_set(e, config)) {
    encoder_free(e);
    return NULL;
  }
  return e;
}

static int encode(void *encoder, const int16_t *pcm, int samples, uint8_t *out, size_t size) {
  struct encoder *e = encoder;
  int exact = packet_size(&e->config);
  if (samples != e->config.frame_samples || size < (size_t)exact)
    return -1;
  int written = opus_encode(e->opus, pcm, samples, out, exact);
  if (written > 0 && written < exact && opus_packet_pad(out, written, exact) == OPUS_OK)
    written = exact;                      /* 60 ms are three frames of one size, and a rest of up to two bytes */
  return written == exact ? written : -1; /* another size would tell something */
}

static void *decoder_new(void) {
  OpusDecoder *opus = malloc((size_t)opus_decoder_get_size(1));
  if (opus && opus_decoder_init(opus, AUDIO_RATE, 1)) {
    free(opus);
    return NULL;
  }
  return opus;
}

static int packet_samples(const uint8_t *payload, size_t size) {
  if (size == 0 || size > AUDIO_PAYLOAD_MAX)
    return -1;
  int samples = opus_packet_get_nb_samples(payload, (opus_int32)size, AUDIO_RATE);
  return samples > 0 && samples <= AUDIO_FRAME_MAX ? samples : -1;
}

static int decode(void *decoder, const uint8_t *payload, size_t size, int16_t *pcm, int samples_max) {
  int samples = packet_samples(payload, size);
  if (samples < 0 || samples > samples_max)
    return -1;
  int decoded = opus_decode(decoder, payload, (opus_int32)size, pcm, samples_max, 0);
  return decoded > 0 ? decoded : -1;
}

static int conceal(void *decoder, int16_t *pcm, int samples) {
  if (samples <= 0 || samples > AUDIO_FRAME_MAX || samples % CONCEAL_UNIT)
    return -1;
  int made = opus_decode(decoder, NULL, 0, pcm, samples, 0);
  return made > 0 ? made : -1;
}

static void decoder_free(void *decoder) {
  free(decoder);
}

const struct audio_codec audio_codec_opus = {
    .name = "opus",
    .encoder_new = encoder_new,
    .encoder_set = encoder_set,
    .encode = encode,
    .encoder_free = encoder_free,
    .decoder_new = decoder_new,
    .packet_samples = packet_samples,
    .decode = decode,
    .conceal = conceal,
    .decoder_free = decoder_free,
};
