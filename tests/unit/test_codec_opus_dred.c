/* test_codec_opus_dred.c - the codec over a libopus that has deep redundancy, which is played here, and over the
 * one that is installed, which may have none: the linker gives its requests and the codec's to what is below. */
#include "unit.h"

#include <opus/opus.h>
#include <stdarg.h>

#include "media/codec/codec.h"

enum { DRED_DURATION = 4050, STATE = 16, TOLD = 1920 };

static bool modern; /* libopus knows deep redundancy */
static int loss, duration, complexity, parsed, recovered_before;

int __real_opus_encoder_ctl(OpusEncoder *encoder, int request, ...);
int __wrap_opus_encoder_ctl(OpusEncoder *encoder, int request, ...);
int __real_opus_decoder_ctl(OpusDecoder *decoder, int request, ...);
int __wrap_opus_decoder_ctl(OpusDecoder *decoder, int request, ...);

static opus_int32 value_of(va_list arguments) {
  return va_arg(arguments, opus_int32);
}

int __wrap_opus_encoder_ctl(OpusEncoder *encoder, int request, ...) {
  va_list arguments;
  va_start(arguments, request);
  opus_int32 value = value_of(arguments);
  va_end(arguments);
  if (request == OPUS_SET_PACKET_LOSS_PERC_REQUEST)
    loss = value;
  if (request == DRED_DURATION && modern) {
    duration = value;
    return OPUS_OK;
  }
  return __real_opus_encoder_ctl(encoder, request, value);
}

int __wrap_opus_decoder_ctl(OpusDecoder *decoder, int request, ...) {
  va_list arguments;
  va_start(arguments, request);
  opus_int32 value = value_of(arguments);
  va_end(arguments);
  if (request == OPUS_SET_COMPLEXITY_REQUEST && modern) {
    complexity = value;
    return OPUS_OK;
  }
  return __real_opus_decoder_ctl(decoder, request, value);
}

typedef struct OpusDREDDecoder OpusDREDDecoder;
typedef struct OpusDRED OpusDRED;
int opus_dred_decoder_get_size(void);
int opus_dred_decoder_init(OpusDREDDecoder *decoder);
int opus_dred_get_size(void);
int opus_dred_parse(OpusDREDDecoder *decoder, OpusDRED *dred, const unsigned char *data, opus_int32 len,
                    opus_int32 max_dred_samples, opus_int32 sampling_rate, int *dred_end, int defer_processing);
int opus_decoder_dred_decode(OpusDecoder *decoder, const OpusDRED *dred, opus_int32 dred_offset, opus_int16 *pcm,
                             opus_int32 frame_size);

/* As of a libopus that was built without. */
int opus_dred_decoder_get_size(void) {
  return modern ? STATE : 0;
}

int opus_dred_decoder_init(OpusDREDDecoder *decoder) {
  memset(decoder, 1, STATE);
  return OPUS_OK;
}

int opus_dred_get_size(void) {
  return modern ? STATE : 0;
}

int opus_dred_parse(OpusDREDDecoder *decoder, OpusDRED *dred, const unsigned char *data, opus_int32 len,
                    opus_int32 max_dred_samples, opus_int32 sampling_rate, int *dred_end, int defer_processing) {
  assert_int_equal(*(const uint8_t *)(const void *)decoder, 1);
  assert_true(len > 0 && max_dred_samples >= TOLD && sampling_rate == AUDIO_RATE && !defer_processing);
  memset(dred, data[len - 1], STATE);
  *dred_end = 0;
  parsed++;
  return TOLD;
}

int opus_decoder_dred_decode(OpusDecoder *decoder, const OpusDRED *dred, opus_int32 dred_offset, opus_int16 *pcm,
                             opus_int32 frame_size) {
  assert_non_null(decoder);
  assert_int_equal(frame_size, AUDIO_RECOVERED);
  recovered_before = dred_offset;
  for (int i = 0; i < frame_size; i++)
    pcm[i] = *(const uint8_t *)(const void *)dred;
  return frame_size;
}

static const struct audio_codec *const opus = &audio_codec_opus;

static void begin(bool is_modern) {
  modern = is_modern;
  loss = duration = complexity = parsed = recovered_before = -1;
}

/* Half a second of a rising hum, with this loss told; all packets after one another. */
static size_t encode_with(int percent, uint8_t *out, size_t size) {
  struct audio_encoder_config config = {.frame_samples = 960, .bitrate = 32000, .loss = percent};
  void *encoder = opus->encoder_new(&config);
  size_t used = 0;
  if (!encoder)
    return 0;
  int16_t pcm[960];
  for (int n = 0; n < 25; n++) {
    for (int i = 0; i < 960; i++)
      pcm[i] = (int16_t)((n * 960 + i) % (240 - n) * 60);
    int written = opus->encode(encoder, pcm, 960, out + used, size - used);
    assert_int_equal(written, 80);
    used += (size_t)written;
  }
  opus->encoder_free(encoder);
  return used;
}

static void redundancy_is_sent_where_packets_are_lost(void **state) {
  (void)state;
  struct audio_encoder_config config = {.frame_samples = 960, .bitrate = 32000};
  begin(true);
  void *encoder = opus->encoder_new(&config);
  need(encoder);
  assert_int_equal(duration, 0);
  config.loss = 10;
  assert_true(opus->encoder_set(encoder, &config));
  assert_int_equal(duration, 20);
  assert_int_equal(loss, 10);
  config.loss = 0;
  assert_true(opus->encoder_set(encoder, &config));
  assert_int_equal(duration, 0);
  assert_int_equal(loss, 0);
  opus->encoder_free(encoder);
}

static void with_an_opus_that_has_none_loss_changes_nothing(void **state) {
  (void)state;
  static uint8_t plain[2000], lossy[2000];
  begin(false);
  size_t size;
  need((size = encode_with(0, plain, sizeof plain)) > 0);
  need(encode_with(20, lossy, sizeof lossy) == size);
  assert_memory_equal(plain, lossy, size);
  assert_int_equal(loss, 0);
}

static void a_gap_is_recovered_from_the_packet_behind_it(void **state) {
  (void)state;
  uint8_t packet[4] = {0xf8, 0xff, 0xfe, 42};
  int16_t pcm[AUDIO_RECOVERED] = {0};
  begin(true);
  void *decoder = opus->decoder_new();
  need(decoder);
  assert_int_equal(complexity, 5); /* deep concealment */
  parsed = 0;
  for (int before = TOLD; before > 0; before -= AUDIO_RECOVERED) {
    assert_int_equal(opus->recover(decoder, packet, sizeof packet, before, pcm), AUDIO_RECOVERED);
    assert_int_equal(recovered_before, before);
    assert_int_equal(pcm[AUDIO_RECOVERED - 1], 42);
  }
  assert_int_equal(parsed, 1); /* once for all of the gap */
  packet[3] = 43;
  assert_int_equal(opus->recover(decoder, packet, sizeof packet, 960, pcm), AUDIO_RECOVERED);
  assert_int_equal(pcm[0], 43);
  assert_int_equal(parsed, 2);
  assert_int_equal(opus->recover(decoder, packet, sizeof packet, TOLD + AUDIO_RECOVERED, pcm), -1);
  assert_int_equal(opus->recover(decoder, packet, sizeof packet, AUDIO_RECOVERED - 1, pcm), -1);
  assert_int_equal(opus->recover(decoder, packet, 0, 960, pcm), -1);
  opus->decoder_free(decoder);
}

static void with_an_opus_that_has_none_nothing_is_recovered(void **state) {
  (void)state;
  const uint8_t packet[4] = {0xf8, 0xff, 0xfe, 42};
  int16_t pcm[AUDIO_RECOVERED];
  begin(false);
  void *decoder = opus->decoder_new();
  need(decoder);
  assert_int_equal(opus->recover(decoder, packet, sizeof packet, 960, pcm), -1);
  assert_int_equal(parsed, -1);
  assert_int_equal(opus->conceal(decoder, pcm, AUDIO_RECOVERED), AUDIO_RECOVERED); /* as ever */
  opus->decoder_free(decoder);
}

UNIT_TESTS(test(redundancy_is_sent_where_packets_are_lost), test(with_an_opus_that_has_none_loss_changes_nothing),
           test(a_gap_is_recovered_from_the_packet_behind_it),
           test(with_an_opus_that_has_none_nothing_is_recovered))
