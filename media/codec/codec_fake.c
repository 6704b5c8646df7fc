/* codec_fake.c - synthetic audio and video frames for the simulator: deterministic, no library, tiny cost.
 *
 * An audio payload has the constant size of its bitrate and carries a frame counter and the loudness of every
 * 2.5 ms; the decoder gives back a tone of that loudness. A video frame has a plausible size for its bitrate
 * and begins like a VP8 frame (RFC 6386, section 9.1), so that the packetizer treats it as one; it carries the
 * size, its number in the chain of references and the first 16 luma bytes, where a test may mark a picture.
 */
#include <stdlib.h>
#include <string.h>

#include "../bytes.h"
#include "codec.h"

/* Audio. Payload: the first byte of an Opus packet that is one frame as long (RFC 6716 section 3.1), for the
 * session reads it; magic u8, counter u32, one level u8 for each 120 samples, padding. With the second magic the
 * levels of the frame before follow: in-band FEC, where that was no silence. */

enum {
  AUDIO_MAGIC = 0xfa,
  AUDIO_MAGIC_FEC = 0xfb,
  BLOCK = 120,
  BLOCKS_MAX = AUDIO_FRAME_MAX / BLOCK,
  AUDIO_HEADER = 6,
  SPOKEN = 10,       /* a level that is more than a room's */
  TONE_PERIOD = 192, /* 250 Hz */
  TOC_10 = 8 << 3,   /* SILK, wide-band, by duration */
  TOC_20 = 9 << 3,
  TOC_60 = 11 << 3,
};

struct audio_encoder {
  struct audio_encoder_config config;
  uint32_t counter;
  int blocks; /* of the frame before; 0: there is none that is worth telling */
  uint8_t level[BLOCKS_MAX];
};

struct audio_decoder {
  uint32_t tone; /* phase */
  int level;
};

static bool audio_config_valid(const struct audio_encoder_config *c) {
  bool duration = c->frame_samples == 480 || c->frame_samples == 960 || c->frame_samples == 2880;
  return duration && c->bitrate >= 6000 && c->bitrate <= 510000;
}

static bool audio_encoder_set(void *encoder, const struct audio_encoder_config *config) {
  struct audio_encoder *e = encoder;
  if (!audio_config_valid(config))
    return false;
  e->config = *config;
  return true;
}

static void *audio_encoder_new(const struct audio_encoder_config *config) {
  struct audio_encoder *e = audio_config_valid(config) ? calloc(1, sizeof *e) : NULL;
  if (e)
    e->config = *config;
  return e;
}

static size_t audio_size(const struct audio_encoder_config *config) {
  int64_t size = config->bitrate * config->frame_samples / (AUDIO_RATE * 8);
  int64_t least = AUDIO_HEADER + (int64_t)config->frame_samples / BLOCK * (config->inband_fec ? 2 : 1);
  size = size < least ? least : size;
  return (size_t)(size < AUDIO_PAYLOAD_MAX ? size : AUDIO_PAYLOAD_MAX);
}

/* Mean magnitude on a square-root scale: 0..181 for 0..32768. */
static unsigned block_level(const int16_t *pcm) {
  int64_t sum = 0;
  for (int i = 0; i < BLOCK; i++)
    sum += pcm[i] < 0 ? -pcm[i] : pcm[i];
  int64_t mean = sum / BLOCK;
  unsigned root = 0;
  while ((int64_t)(root + 1) * (root + 1) <= mean)
    root++;
  return root;
}

static const uint8_t *keep_levels(struct audio_encoder *e, const int16_t *pcm, int blocks) {
  e->blocks = 0;
  for (int i = 0; i < blocks; i++) {
    e->level[i] = (uint8_t)block_level(pcm + i * BLOCK);
    if (e->level[i] >= SPOKEN)
      e->blocks = blocks;
  }
  return e->level;
}

static int audio_encode(void *encoder, const int16_t *pcm, int samples, uint8_t *out, size_t size) {
  struct audio_encoder *e = encoder;
  size_t exact = audio_size(&e->config);
  if (samples != e->config.frame_samples || size < exact)
    return -1;
  int blocks = samples / BLOCK;
  bool fec = e->config.inband_fec && e->blocks == blocks;
  uint8_t before[BLOCKS_MAX];
  memcpy(before, e->level, sizeof before);
  memset(out, 0, exact);
  struct writer w = writer_of(out, exact);
  write_u8(&w, samples == 480 ? TOC_10 : samples == 960 ? TOC_20 : TOC_60);
  write_u8(&w, fec ? AUDIO_MAGIC_FEC : AUDIO_MAGIC);
  write_u32(&w, e->counter++);
  write_bytes(&w, keep_levels(e, pcm, blocks), (size_t)blocks);
  if (fec)
    write_bytes(&w, before, (size_t)blocks);
  return (int)exact;
}

static void *audio_decoder_new(void) {
  return calloc(1, sizeof(struct audio_decoder));
}

static int audio_packet_samples(const uint8_t *payload, size_t size) {
  if (size < AUDIO_HEADER || (payload[1] != AUDIO_MAGIC && payload[1] != AUDIO_MAGIC_FEC))
    return -1;
  int samples = payload[0] == TOC_10 ? 480 : payload[0] == TOC_20 ? 960 : payload[0] == TOC_60 ? 2880 : -1;
  int levels = samples / BLOCK * (payload[1] == AUDIO_MAGIC_FEC ? 2 : 1);
  return (int)size >= AUDIO_HEADER + levels ? samples : -1;
}

/* A triangle wave whose mean magnitude is level squared. */
static void make_tone(struct audio_decoder *d, int16_t *pcm, int samples) {
  enum { QUARTER = TONE_PERIOD / 4 };
  int peak = 2 * d->level * d->level;
  peak = peak < INT16_MAX ? peak : INT16_MAX;
  for (int i = 0; i < samples; i++) {
    int phase = (int)(d->tone++ % TONE_PERIOD);
    int ramp = phase < 2 * QUARTER ? phase - QUARTER : 3 * QUARTER - phase; /* -QUARTER..QUARTER */
    pcm[i] = (int16_t)(peak * ramp / QUARTER);
  }
}

static void make_levels(struct audio_decoder *d, const uint8_t *level, int16_t *pcm, int samples) {
  for (int i = 0; i < samples; i += BLOCK) {
    d->level = level[i / BLOCK];
    make_tone(d, pcm + i, BLOCK);
  }
}

static int audio_decode(void *decoder, const uint8_t *payload, size_t size, int16_t *pcm, int samples_max) {
  struct audio_decoder *d = decoder;
  int samples = audio_packet_samples(payload, size);
  if (samples < 0 || samples > samples_max)
    return -1;
  make_levels(d, payload + AUDIO_HEADER, pcm, samples);
  return samples;
}

static int audio_told_before(const uint8_t *payload, size_t size) {
  int samples = audio_packet_samples(payload, size);
  return samples > 0 && payload[1] == AUDIO_MAGIC_FEC ? samples : 0;
}

static int audio_decode_before(void *decoder, const uint8_t *later, size_t size, int16_t *pcm, int samples_max) {
  int samples = audio_told_before(later, size);
  if (samples == 0 || samples > samples_max)
    return -1;
  make_levels(decoder, later + AUDIO_HEADER + samples / BLOCK, pcm, samples);
  return samples;
}

static int audio_conceal(void *decoder, int16_t *pcm, int samples) {
  struct audio_decoder *d = decoder;
  if (samples <= 0 || samples > AUDIO_FRAME_MAX || samples % BLOCK)
    return -1;
  for (int i = 0; i < samples; i += BLOCK) {
    d->level = d->level * 15 / 16;
    make_tone(d, pcm + i, BLOCK);
  }
  return samples;
}

static void fake_free(void *it) {
  free(it);
}

const struct audio_codec audio_codec_fake = {
    .name = "opus",
    .encoder_new = audio_encoder_new,
    .encoder_set = audio_encoder_set,
    .encode = audio_encode,
    .encoder_free = fake_free,
    .decoder_new = audio_decoder_new,
    .packet_samples = audio_packet_samples,
    .decode = audio_decode,
    .conceal = audio_conceal,
    .told_before = audio_told_before,
    .decode_before = audio_decode_before,
    .decoder_free = fake_free,
};

/* Video. Frame: VP8 tag 3, (key: start code 3, width u16le, height u16le), magic u32, width u16, height u16,
 * key number u32, number of the newest base frame after the key u32, with UPPER where this one is none, 16 luma
 * bytes, filling. */

enum {
  VIDEO_MAGIC = 0x534f5446,
  SIDE_MIN = 16,
  SIDE_MAX = 4096,
  MARK = 16,
  KEY_FACTOR = 6, /* a key frame costs this many others */
  QUANTIZER = 40, /* neither fine nor coarse */
  VIDEO_SIZE_MIN = 64,
  VIDEO_SIZE_MAX = 256 * 1024,
};
#define UPPER 0x80000000u

struct video_encoder {
  struct video_encoder_config config;
  uint32_t key_number, number; /* of the newest key frame; of the newest base frame after it */
  bool begun;                  /* false: the next frame is a key frame */
  bool upper_next;             /* with layers */
  int64_t debt;                /* bytes of key frames not yet saved again */
  uint8_t data[VIDEO_SIZE_MAX];
};

struct video_decoder {
  uint32_t key_number, number;
  int width, height;
  bool synced;
  uint8_t *planes; /* I420 of width and height */
};

struct video_header {
  bool key, upper;
  int width, height;
  uint32_t key_number, number;
  uint8_t mark[MARK];
};

static bool video_config_valid(const struct video_encoder_config *c) {
  return c->width >= SIDE_MIN && c->width <= SIDE_MAX && c->width % 2 == 0 && c->height >= SIDE_MIN &&
         c->height <= SIDE_MAX && c->height % 2 == 0 && c->fps >= 1 && c->fps <= 60 && c->threads >= 1 &&
         c->threads <= 8 && c->bitrate >= 1000 && c->bitrate <= 100000000 && c->speed >= 0 &&
         c->speed <= VIDEO_SPEED_MAX;
}

static void *video_encoder_new(const struct video_encoder_config *config) {
  struct video_encoder *e = video_config_valid(config) ? calloc(1, sizeof *e) : NULL;
  if (e)
    e->config = *config;
  return e;
}

static bool video_encoder_set(void *encoder, const struct video_encoder_config *config) {
  struct video_encoder *e = encoder;
  if (!video_config_valid(config))
    return false;
  if (config->width != e->config.width || config->height != e->config.height ||
      config->layered != e->config.layered)
    e->begun = false;
  e->config = *config;
  return true;
}

/* An average frame, six for a key frame; what a key frame costs too much, the next ones save by a quarter. */
static size_t video_size(struct video_encoder *e, bool key) {
  int64_t average = e->config.bitrate / (8 * e->config.fps), size = average;
  if (key)
    size = average * KEY_FACTOR;
  else if (e->debt > 0)
    size = average - average / 4;
  size = size < VIDEO_SIZE_MIN ? VIDEO_SIZE_MIN : size < VIDEO_SIZE_MAX ? size : VIDEO_SIZE_MAX;
  e->debt += size - average;
  e->debt = e->debt < 0 ? 0 : e->debt;
  return (size_t)size;
}

static void write_u16le(struct writer *w, unsigned value) {
  write_u8(w, value & 0xff);
  write_u8(w, value >> 8);
}

static void write_header(struct writer *w, const struct video_header *h, size_t size) {
  enum { SHOW = 1 << 4 };
  unsigned part = size < 0x7ffff ? (unsigned)size : 0x7ffff; /* of the first partition, 19 bits */
  unsigned tag = (h->key ? 0 : 1) | SHOW | part << 5;
  write_u16le(w, tag & 0xffff);
  write_u8(w, tag >> 16);
  if (h->key) {
    write_u24(w, 0x9d012a);
    write_u16le(w, (unsigned)h->width);
    write_u16le(w, (unsigned)h->height);
  }
  write_u32(w, VIDEO_MAGIC);
  write_u16(w, (unsigned)h->width);
  write_u16(w, (unsigned)h->height);
  write_u32(w, h->key_number);
  write_u32(w, h->number | (h->upper ? UPPER : 0));
  write_bytes(w, h->mark, MARK);
}

static bool read_header(const uint8_t *data, size_t size, struct video_header *h) {
  struct reader r = reader_of(data, size);
  h->key = !(read_u8(&r) & 1);
  read_u16(&r);
  if (h->key && read_u24(&r) != 0x9d012a)
    return false;
  if (h->key)
    read_u32(&r);
  if (read_u32(&r) != VIDEO_MAGIC)
    return false;
  h->width = read_u16(&r);
  h->height = read_u16(&r);
  h->key_number = read_u32(&r);
  h->number = read_u32(&r);
  h->upper = h->number & UPPER;
  h->number &= ~UPPER;
  read_bytes(&r, h->mark, MARK);
  return !r.bad && h->width >= SIDE_MIN && h->width <= SIDE_MAX && h->width % 2 == 0 && h->height >= SIDE_MIN &&
         h->height <= SIDE_MAX && h->height % 2 == 0;
}

static bool video_encode(void *encoder, const struct picture *picture, bool key, struct encoded_frame *out) {
  struct video_encoder *e = encoder;
  if (picture->width != e->config.width || picture->height != e->config.height)
    return false;
  struct video_header h = {.key = key || !e->begun, .width = picture->width, .height = picture->height};
  h.upper = e->config.layered && e->upper_next && !h.key;
  e->begun = true;
  e->upper_next = !h.upper;
  e->key_number += h.key;
  e->number = h.key ? 0 : e->number + !h.upper;
  h.key_number = e->key_number;
  h.number = e->number;
  memcpy(h.mark, picture->plane[0], MARK);
  size_t size = video_size(e, h.key);
  memset(e->data, (int)(h.number & 0xff), size);
  struct writer w = writer_of(e->data, size);
  write_header(&w, &h, size);
  *out = (struct encoded_frame){
      .data = e->data, .size = size, .key = h.key, .temporal_id = h.upper, .quantizer = QUANTIZER};
  return true;
}

static void *video_decoder_new(void) {
  return calloc(1, sizeof(struct video_decoder));
}

static bool resize(struct video_decoder *d, int width, int height) {
  if (d->planes && d->width == width && d->height == height)
    return true;
  free(d->planes);
  d->planes = calloc(1, (size_t)width * (size_t)height * 3 / 2);
  d->width = width;
  d->height = height;
  return d->planes != NULL;
}

static bool follows(const struct video_decoder *d, const struct video_header *h) {
  return h->key || (d->synced && h->width == d->width && h->height == d->height && h->key_number == d->key_number &&
                    h->number == d->number + !h->upper);
}

static bool video_decode(void *decoder, const uint8_t *data, size_t size, struct picture *out) {
  struct video_decoder *d = decoder;
  struct video_header h;
  d->synced = read_header(data, size, &h) && follows(d, &h) && resize(d, h.width, h.height);
  if (!d->synced)
    return false;
  d->key_number = h.key_number;
  d->number = h.number;
  memcpy(d->planes, h.mark, MARK);
  size_t luma = (size_t)h.width * (size_t)h.height;
  *out = (struct picture){.width = h.width,
                          .height = h.height,
                          .stride = {h.width, h.width / 2, h.width / 2},
                          .plane = {d->planes, d->planes + luma, d->planes + luma + luma / 4}};
  return true;
}

static void video_decoder_free(void *decoder) {
  struct video_decoder *d = decoder;
  if (d)
    free(d->planes);
  free(d);
}

const struct video_codec video_codec_fake = {
    .name = "VP8",
    .encoder_new = video_encoder_new,
    .encoder_set = video_encoder_set,
    .encode = video_encode,
    .encoder_free = fake_free,
    .decoder_new = video_decoder_new,
    .decode = video_decode,
    .decoder_free = video_decoder_free,
};
