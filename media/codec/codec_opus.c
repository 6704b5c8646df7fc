/* codec_opus.c - Opus (RFC 6716, RFC 7587) by libopus: 48 kHz mono speech.
 *
 * Hard constant bit rate and no DTX, so that neither a packet's size nor its timing tells what is said
 * (RFC 6562, section 3). A packet is refused before decoding when it is longer than AUDIO_FRAME_MAX samples.
 *
 * In-band FEC (LBRR, RFC 6716 section 2.1.7): a coarser copy of the frame before, where somebody speaks, inside the
 * packet's constant size. Asked for it, libopus conceals where there is none and does not say so; so the packet's
 * own bits are asked first.
 *
 * From Opus 1.5 on, if it was built with them, deep redundancy (DRED: each packet tells coarsely of the last 200
 * ms) is sent where packets are lost, and taken; and concealment is the deep one. Whether the installed libopus has
 * them it says itself, at run time: its answers to two requests, and functions that are there or not. Debian
 * 12's 1.3.1 has neither, and nothing is different then.
 */
#include <opus/opus.h>
#include <stdlib.h>
#include <string.h>

#include "codec.h"

enum {
  BITRATE_MIN = 6000,
  BITRATE_MAX = 510000,
  COMPLEXITY = 7,     /* 9 costs twice as much as 5 and is not heard on speech at these rates */
  CONCEAL_UNIT = 120, /* libopus conceals in steps of 2.5 ms */
  DRED_FRAMES = 20,   /* of 10 ms: longer bursts are rare, and each costs sound */
  MAX_FRAMES = 48,    /* in a packet, RFC 6716 section 3.2.5 */
  DEEP = 5,           /* the decoder's complexity from which on it conceals by a neural network */
};

/* Opus 1.5, which may not be there when this is built. */
#ifndef OPUS_SET_DRED_DURATION
#define OPUS_SET_DRED_DURATION(frames) 4050, (opus_int32)(frames)
#endif
typedef struct OpusDREDDecoder OpusDREDDecoder;
typedef struct OpusDRED OpusDRED;
#define IF_THERE __attribute__((weak)) /* else NULL */
IF_THERE int opus_dred_decoder_get_size(void);
IF_THERE int opus_dred_decoder_init(OpusDREDDecoder *decoder);
IF_THERE int opus_dred_get_size(void);
IF_THERE int opus_dred_parse(OpusDREDDecoder *decoder, OpusDRED *dred, const unsigned char *data, opus_int32 len,
                             opus_int32 max_dred_samples, opus_int32 sampling_rate, int *dred_end,
                             int defer_processing);
IF_THERE int opus_decoder_dred_decode(OpusDecoder *decoder, const OpusDRED *dred, opus_int32 dred_offset,
                                      opus_int16 *pcm, opus_int32 frame_size);

struct encoder {
  OpusEncoder *opus;
  struct audio_encoder_config config;
  bool dred; /* it can */
};

static bool config_valid(const struct audio_encoder_config *config) {
  bool duration = config->frame_samples == 480 || config->frame_samples == 960 || config->frame_samples == 2880;
  return duration && config->bitrate >= BITRATE_MIN && config->bitrate <= BITRATE_MAX && config->loss >= 0 &&
         config->loss <= 100;
}

/* The one size that every packet of this configuration has. */
static int packet_size(const struct audio_encoder_config *config) {
  int64_t size = config->bitrate * config->frame_samples / (AUDIO_RATE * 8);
  return (int)(size < AUDIO_PAYLOAD_MAX ? size : AUDIO_PAYLOAD_MAX);
}

/* The packet keeps its size: what redundancy takes, the frame's own sound goes without. With neither kind, loss is
 * no reason to encode otherwise. */
static bool set_redundancy(struct encoder *e, const struct audio_encoder_config *config) {
  int loss = e->dred || config->inband_fec ? config->loss : 0;
  return !opus_encoder_ctl(e->opus, OPUS_SET_INBAND_FEC(config->inband_fec)) &&
         !opus_encoder_ctl(e->opus, OPUS_SET_PACKET_LOSS_PERC(loss)) &&
         (!e->dred || !opus_encoder_ctl(e->opus, OPUS_SET_DRED_DURATION(loss > 0 ? DRED_FRAMES : 0)));
}

static bool encoder_set(void *encoder, const struct audio_encoder_config *config) {
  struct encoder *e = encoder;
  if (!config_valid(config) || opus_encoder_ctl(e->opus, OPUS_SET_BITRATE((opus_int32)config->bitrate)) ||
      !set_redundancy(e, config))
    return false;
  e->config = *config;
  return true;
}

static bool encoder_prepare(OpusEncoder *opus) {
  return opus_encoder_ctl(opus, OPUS_SET_VBR(0)) == OPUS_OK && opus_encoder_ctl(opus, OPUS_SET_DTX(0)) == OPUS_OK &&
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
  if (!e->opus || opus_encoder_init(e->opus, AUDIO_RATE, 1, OPUS_APPLICATION_VOIP) || !encoder_prepare(e->opus)) {
    encoder_free(e);
    return NULL;
  }
  e->dred = opus_encoder_ctl(e->opus, OPUS_SET_DRED_DURATION(0)) == OPUS_OK;
  if (!encoder_set(e, config)) {
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

struct decoder {
  OpusDecoder *opus;
  bool celt; /* what was decoded last was CELT's alone: what a packet tells of the frame before it can't follow */
  OpusDREDDecoder *reader; /* NULL: there is no deep redundancy */
  OpusDRED *dred;          /* what the packet `later` tells */
  int told;                /* samples before it */
  size_t later_size;
  uint8_t later[AUDIO_PAYLOAD_MAX];
};

static void decoder_free(void *decoder) {
  struct decoder *d = decoder;
  if (!d)
    return;
  free(d->dred);
  free(d->reader);
  free(d->opus);
  free(d);
}

/* false: no memory. */
static bool prepare_redundancy(struct decoder *d) {
  if (!opus_dred_decoder_get_size || !opus_dred_decoder_init || !opus_dred_get_size || !opus_dred_parse ||
      !opus_decoder_dred_decode || opus_dred_decoder_get_size() <= 0 || opus_dred_get_size() <= 0)
    return true; /* not there, or built without */
  d->reader = calloc(1, (size_t)opus_dred_decoder_get_size());
  d->dred = calloc(1, (size_t)opus_dred_get_size());
  if (!d->reader || !d->dred)
    return false;
  if (opus_dred_decoder_init(d->reader) != OPUS_OK) {
    free(d->reader);
    d->reader = NULL;
  }
  return true;
}

static void *decoder_new(void) {
  struct decoder *d = calloc(1, sizeof *d);
  if (!d)
    return NULL;
  d->opus = malloc((size_t)opus_decoder_get_size(1));
  if (!d->opus || opus_decoder_init(d->opus, AUDIO_RATE, 1) || !prepare_redundancy(d)) {
    decoder_free(d);
    return NULL;
  }
  opus_decoder_ctl(d->opus, OPUS_SET_COMPLEXITY(DEEP)); /* before 1.5 decoders know no such request */
  return d;
}

static int packet_samples(const uint8_t *payload, size_t size) {
  if (size == 0 || size > AUDIO_PAYLOAD_MAX)
    return -1;
  int samples = opus_packet_get_nb_samples(payload, (opus_int32)size, AUDIO_RATE);
  return samples > 0 && samples <= AUDIO_FRAME_MAX ? samples : -1;
}

static bool is_celt(const uint8_t *payload) { /* configurations 16 to 31, RFC 6716 section 3.1 */
  return payload[0] & 0x80;
}

static int decode(void *decoder, const uint8_t *payload, size_t size, int16_t *pcm, int samples_max) {
  struct decoder *d = decoder;
  int samples = packet_samples(payload, size);
  if (samples < 0 || samples > samples_max)
    return -1;
  int decoded = opus_decode(d->opus, payload, (opus_int32)size, pcm, samples_max, 0);
  if (decoded <= 0)
    return -1;
  d->celt = is_celt(payload);
  return decoded;
}

/* The SILK layer begins with a bit for each 20 ms and channel, and behind those of a channel one that says whether
 * LBRR frames follow (RFC 6716 sections 4.2.3 and 4.2.4): of even odds, so they lie open in the first byte. Of
 * frames of 40 and 60 ms at least one part is told, and which ones is not asked. */
static int told_before(const uint8_t *payload, size_t size) {
  const unsigned char *frame[MAX_FRAMES];
  opus_int16 frame_size[MAX_FRAMES];
  unsigned char toc;
  if (packet_samples(payload, size) < 0 || is_celt(payload) ||
      opus_packet_parse(payload, (opus_int32)size, &toc, frame, frame_size, NULL) <= 0 || frame_size[0] == 0)
    return 0;
  int samples = opus_packet_get_samples_per_frame(payload, AUDIO_RATE), parts = samples > 960 ? samples / 960 : 1;
  bool told = frame[0][0] & 0x80 >> parts;
  if (opus_packet_get_nb_channels(payload) == 2)
    told |= (frame[0][0] & 0x40 >> 2 * parts) != 0;
  return told ? samples : 0;
}

static int decode_before(void *decoder, const uint8_t *later, size_t size, int16_t *pcm, int samples_max) {
  struct decoder *d = decoder;
  int samples = told_before(later, size);
  if (samples == 0 || samples > samples_max || d->celt)
    return -1;
  return opus_decode(d->opus, later, (opus_int32)size, pcm, samples, 1) == samples ? samples : -1;
}

static int conceal(void *decoder, int16_t *pcm, int samples) {
  struct decoder *d = decoder;
  if (samples <= 0 || samples > AUDIO_FRAME_MAX || samples % CONCEAL_UNIT)
    return -1;
  int made = opus_decode(d->opus, NULL, 0, pcm, samples, 0);
  return made > 0 ? made : -1;
}

/* Read once for all that is taken of it: that is what costs. */
static void read_redundancy(struct decoder *d, const uint8_t *later, size_t size) {
  int silence;
  if (size == d->later_size && memcmp(later, d->later, size) == 0)
    return;
  d->told = opus_dred_parse(d->reader, d->dred, later, (opus_int32)size, AUDIO_RATE, AUDIO_RATE, &silence, 0);
  d->later_size = size;
  memcpy(d->later, later, size);
}

static int recover(void *decoder, const uint8_t *later, size_t size, int before, int16_t pcm[AUDIO_RECOVERED]) {
  struct decoder *d = decoder;
  if (!d->reader || before < AUDIO_RECOVERED || packet_samples(later, size) < 0)
    return -1;
  read_redundancy(d, later, size);
  if (before > d->told)
    return -1;
  int made = opus_decoder_dred_decode(d->opus, d->dred, before, pcm, AUDIO_RECOVERED);
  return made == AUDIO_RECOVERED ? made : -1;
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
    .told_before = told_before,
    .decode_before = decode_before,
    .recover = recover,
    .decoder_free = decoder_free,
};
