/* codec.h - what the media workers ask of a codec. One foreign library a file: codec_opus.c, codec_vpx.c;
 * codec_fake.c makes synthetic frames for the simulator.
 *
 * Encoders and decoders are owned by one thread. *_new allocates (NULL: out of memory or a parameter out of
 * its range); the per-frame calls allocate nothing in steady state and read no clock.
 */
#ifndef CODEC_H
#define CODEC_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../units.h"

enum {
  AUDIO_RATE = 48000,       /* samples a second, mono */
  AUDIO_FRAME_MAX = 2880,   /* samples: 60 ms */
  AUDIO_PAYLOAD_MAX = 1000, /* bytes of one encoded audio frame */
  AUDIO_RECOVERED = 480,    /* samples that are recovered at once: 10 ms */
  VIDEO_SPEED_MAX = 2,
};

struct audio_encoder_config {
  int frame_samples; /* 480, 960 or 2880: 10, 20 or 60 ms */
  bps bitrate;       /* 6000..510000, hard constant rate */
  int loss;          /* per cent of packets, 0..100: for redundancy that the codec has itself, within the rate */
  bool inband_fec;   /* with it each packet tells of the frame before it, coarsely and where somebody speaks */
};

struct audio_codec {
  const char *name; /* as in SDP: "opus" */
  void *(*encoder_new)(const struct audio_encoder_config *config);
  bool (*encoder_set)(void *encoder, const struct audio_encoder_config *config);
  /* `samples` is the configured frame_samples. Bytes written, or -1. */
  int (*encode)(void *encoder, const int16_t *pcm, int samples, uint8_t *out, size_t size);
  void (*encoder_free)(void *encoder);
  void *(*decoder_new)(void);
  int (*packet_samples)(const uint8_t *payload, size_t size); /* duration at 48 kHz, or -1 */
  int (*decode)(void *decoder, const uint8_t *payload, size_t size, int16_t *pcm, int samples_max);
  int (*conceal)(void *decoder, int16_t *pcm, int samples); /* the codec's own loss concealment */
  /* How many samples before itself the packet tells of (in-band FEC); 0: none, or malformed. NULL: the codec has no
   * such redundancy. */
  int (*told_before)(const uint8_t *payload, size_t size);
  /* Decodes those samples, when they were lost. How many; -1: they can't follow what was decoded last. */
  int (*decode_before)(void *decoder, const uint8_t *later, size_t size, int16_t *pcm, int samples_max);
  /* What was lost, from `before` samples before the packet `later` on, by what that one tells of it:
   * AUDIO_RECOVERED samples, or -1: nothing. The sound must follow what was decoded last. NULL: the codec has no
   * such redundancy. */
  int (*recover)(void *decoder, const uint8_t *later, size_t size, int before, int16_t pcm[AUDIO_RECOVERED]);
  void (*decoder_free)(void *decoder);
};

struct picture { /* I420; planes belong to whoever made it, see the call */
  int width, height;
  int stride[3];
  uint8_t *plane[3];
  usec captured; /* capture time; on the receiving side, the sender's capture clock */
};

struct video_encoder_config {
  int width, height; /* 16..4096, even */
  int fps;           /* 1..60, nominal */
  int threads;       /* 1..8 */
  bps bitrate;
  bool screen;  /* text and still pictures: sharp rather than often */
  bool layered; /* two temporal layers */
  int speed; /* 0..VIDEO_SPEED_MAX: how much the encoder looks for is left out to save time; 0: what a call needs */
};

struct encoded_frame {
  const uint8_t *data; /* the encoder's memory, valid until its next call */
  size_t size;         /* 0: the rate control dropped this picture */
  bool key;
  int temporal_id; /* 0: base layer; 1: no later frame leans on this one */
  int quantizer;   /* 0..63, 63 the coarsest; VP8's, and of other formats the one that looks alike */
};

struct video_codec {
  const char *name; /* "VP8", "VP9" */
  void *(*encoder_new)(const struct video_encoder_config *config);
  /* Another rate; or a new size or other layers, which begin with a key frame. false: the configuration is bad, or
   * there is no memory, and the encoder is of no use any more. */
  bool (*encoder_set)(void *encoder, const struct video_encoder_config *config);
  bool (*encode)(void *encoder, const struct picture *picture, bool key, struct encoded_frame *out);
  void (*encoder_free)(void *encoder);
  void *(*decoder_new)(void);
  /* out's planes are the decoder's memory, valid until its next call; false: not decodable. */
  bool (*decode)(void *decoder, const uint8_t *data, size_t size, struct picture *out);
  void (*decoder_free)(void *decoder);
};

extern const struct audio_codec audio_codec_opus, audio_codec_fake;
extern const struct video_codec video_codec_vp8, video_codec_vp9, video_codec_fake;

#endif
