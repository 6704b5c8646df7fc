/* fuzz_codec_opus.c - any payloads, each behind a length byte, and what they tell of the one before; a length of 0
 * conceals. */
#include <stdlib.h>

#include "media/bytes.h"
#include "media/codec/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static int16_t pcm[AUDIO_FRAME_MAX];
  const struct audio_codec *codec = &audio_codec_opus;
  void *decoder = codec->decoder_new();
  if (!decoder)
    return 0;
  struct reader r = reader_of(data, size);
  while (r.left > 0) {
    size_t length = read_u8(&r);
    length = length < r.left ? length : r.left;
    const uint8_t *payload = read_span(&r, length);
    int promised = codec->packet_samples(payload, length);
    int samples =
        length ? codec->decode(decoder, payload, length, pcm, AUDIO_FRAME_MAX) : codec->conceal(decoder, pcm, 480);
    int told = codec->told_before(payload, length);
    int before = told ? codec->decode_before(decoder, payload, length, pcm, AUDIO_FRAME_MAX) : -1;
    if (samples > AUDIO_FRAME_MAX || promised > AUDIO_FRAME_MAX || told < 0 || (before != told && before != -1))
      abort();
  }
  codec->decoder_free(decoder);
  return 0;
}
