/* fuzz_codec_vpx.c - any frames, each behind a 16-bit length, for both decoders. Sizes beyond 767 pixels are left
 * to the unit test. */
#include <stdlib.h>

#include "media/bytes.h"
#include "media/codec/codec.h"
#include "media/codec/vp9_header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned touch(const struct picture *picture) {
  unsigned sum = 0;
  for (int i = 0; i < 3; i++) {
    int width = i ? (picture->width + 1) / 2 : picture->width,
        height = i ? (picture->height + 1) / 2 : picture->height;
    for (int y = 0; y < height; y++)
      sum += picture->plane[i][y * picture->stride[i]] + picture->plane[i][y * picture->stride[i] + width - 1];
  }
  return sum;
}

static bool small_vp8(const uint8_t *frame, size_t size) {
  bool key = size >= 10 && !(frame[0] & 1);
  return !key || ((frame[7] & 0x3f) <= 2 && (frame[9] & 0x3f) <= 2);
}

static bool small_vp9(const uint8_t *frame, size_t size) {
  struct vp9_header header;
  return !vp9_header_read(frame, size, &header) || (header.width < 768 && header.height < 768);
}

static unsigned decode_all(const struct video_codec *codec, bool (*small)(const uint8_t *, size_t),
                           struct reader frames) {
  void *decoder = codec->decoder_new();
  unsigned sum = 0;
  while (decoder && frames.left > 2) {
    size_t length = read_u16(&frames);
    length = length < frames.left ? length : frames.left;
    const uint8_t *frame = read_span(&frames, length);
    struct picture picture;
    if (!small(frame, length) || !codec->decode(decoder, frame, length, &picture))
      continue;
    if (picture.width < 1 || picture.width > 4096 || picture.height < 1 || picture.height > 4096)
      abort();
    sum += touch(&picture);
  }
  codec->decoder_free(decoder);
  return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  volatile unsigned keep = decode_all(&video_codec_vp8, small_vp8, reader_of(data, size)) +
                           decode_all(&video_codec_vp9, small_vp9, reader_of(data, size));
  (void)keep; /* the reads must happen */
  return 0;
}
