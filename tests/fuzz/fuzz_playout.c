/* fuzz_playout.c - any sequence of packets and reads, with the synthetic codec; 16 bytes of input each. */
#include <stdlib.h>

#include "media/audio/playout.h"
#include "media/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static int16_t pcm[AUDIO_FRAME_MAX];
  static const uint8_t durations[] = {8 << 3, 9 << 3, 11 << 3, 10 << 3}; /* Opus' 10, 20 and 60 ms, and 40 */
  struct playout *playout = playout_new(&audio_codec_fake);
  if (!playout)
    return 0;
  struct reader r = reader_of(data, size);
  usec now = SEC(1);
  while (r.left >= 16) {
    unsigned flags = read_u8(&r), scale = read_u8(&r);
    now += read_u16(&r) * 4;
    int64_t seq = (int16_t)read_u16(&r);
    int64_t rtp_time = (int32_t)read_u32(&r);
    if (scale & 1)
      rtp_time = (int64_t)((uint64_t)rtp_time << (scale >> 2));
    uint8_t payload[40] = {durations[flags & 3], flags & 32 ? 0xfb : 0xfa}; /* or with word of the frame before */
    payload[6] = read_u8(&r);
    size_t length = read_u8(&r) % sizeof payload;
    int samples = 1 + read_u16(&r) % AUDIO_FRAME_MAX;
    read_u16(&r);
    if (flags & 4)
      playout_input(playout, now, seq, rtp_time, payload, flags & 16 ? sizeof payload : length);
    if (flags & 8)
      playout_read(playout, now, pcm, samples);
    struct playout_stats stats;
    playout_stats(playout, &stats);
    if (stats.concealed_samples < stats.silent_concealed_samples)
      abort();
  }
  playout_free(playout);
  return 0;
}
