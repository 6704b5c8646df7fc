/* fuzz_frame_buffer.c - any sequence of packets, times and givings-up; 16 bytes of input each. */
#include <stdlib.h>

#include "media/bytes.h"
#include "media/video/frame_buffer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static uint8_t payload[FRAME_BUFFER_PAYLOAD_MAX + 1];
  struct frame_buffer *fb = frame_buffer_new();
  if (!fb)
    return 0;
  struct reader r = reader_of(data, size);
  usec now = 0;
  while (r.left >= 16) {
    unsigned flags = read_u8(&r), scale = read_u8(&r);
    now += read_u16(&r) * 10;
    int64_t seq = (int64_t)((uint64_t)(int16_t)read_u16(&r) << (scale & 1 ? scale >> 2 : 0));
    struct video_packet packet = {.seq = seq,
                                  .rtp_time = (int32_t)read_u32(&r),
                                  .marker = flags & 1,
                                  .begins_frame = flags & 2,
                                  .key = flags & 4,
                                  .layer_sync = flags & 8,
                                  .tid = flags >> 4 & 3,
                                  .picture_id = read_u8(&r) - 1,
                                  .tl0picidx = (int16_t)read_u16(&r),
                                  .payload = payload,
                                  .size = (size_t)(read_u16(&r) + read_u8(&r)) % (sizeof payload + 1),
                                  .arrival = now};
    if (flags & 64)
      frame_buffer_give_up(fb, seq);
    else
      frame_buffer_input(fb, now, &packet);
    struct video_frame out;
    while (frame_buffer_poll(fb, now, &out))
      if (out.size > FRAME_BUFFER_FRAME_MAX)
        abort();
    if (frame_buffer_deadline(fb) <= now)
      abort(); /* it would be polled for ever */
  }
  frame_buffer_free(fb);
  return 0;
}
