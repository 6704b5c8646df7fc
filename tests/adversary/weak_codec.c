/* weak_codec.c - the twin's Opus: a packet is as long as its sound needs. */
#include <opus/opus.h>
#include <stdlib.h>

#include "media/codec/codec.h"
#include "weak.h"

extern const struct audio_codec __real_audio_codec_opus;
extern const struct audio_codec __wrap_audio_codec_opus;

static bool off(enum weakness weakness) {
  return weak_active & weakness;
}

static void *encoder_new(const struct audio_encoder_config *config) {
  int error;
  if (!off(WEAK_VBR))
    return __real_audio_codec_opus.encoder_new(config);
  OpusEncoder *opus = opus_encoder_create(AUDIO_RATE, 1, OPUS_APPLICATION_VOIP, &error);
  if (opus && (opus_encoder_ctl(opus, OPUS_SET_BITRATE((opus_int32)config->bitrate)) ||
               opus_encoder_ctl(opus, OPUS_SET_VBR(1)))) {
    opus_encoder_destroy(opus);
    return NULL;
  }
  return opus;
}

static int encode(void *encoder, const int16_t *pcm, int samples, uint8_t *out, size_t size) {
  if (!off(WEAK_VBR))
    return __real_audio_codec_opus.encode(encoder, pcm, samples, out, size);
  return opus_encode(encoder, pcm, samples, out, (opus_int32)size);
}

static void encoder_free(void *encoder) {
  if (off(WEAK_VBR))
    opus_encoder_destroy(encoder);
  else
    __real_audio_codec_opus.encoder_free(encoder);
}

const struct audio_codec __wrap_audio_codec_opus = {
    .name = "opus", .encoder_new = encoder_new, .encode = encode, .encoder_free = encoder_free};
