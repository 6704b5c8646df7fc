/* fuzz_codec_vpx.c - any frames, each behind a 16-bit length. Sizes beyond 640x640 are left to the unit test. */
#include <stdlib.h>

#include "media/bytes.h"
#include "media/codec/codec.h"

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const struct video_codec *codec = &video_codec_vp8;
  void *decoder = codec->decoder_new();
  if (!decoder)
    return 0;
  struct reader r = reader_of(data, size);
  unsigned sum = 0;
  while (r.left > 2) {
    size_t length = read_u16(&r);
    length = length < r.left ? length : r.left;
    const uint8_t *frame = read_span(&r, length);
    bool key = length >= 10 && !(frame[0] & 1);
    if (key && ((frame[7] & 0x3f) > 2 || (frame[9] & 0x3f) > 2))
      continue;
    struct picture picture;
    if (!codec->decode(decoder, frame, length, &picture))
      continue;
    if (picture.width < 1 || picture.width > 4096 || picture.height < 1 || picture.height > 4096)
      abort();
    sum += touch(&picture);
  }
  codec->decoder_free(decoder);
  volatile unsigned keep = sum; /* the reads must happen */
  (void)keep;
  return 0;
}
