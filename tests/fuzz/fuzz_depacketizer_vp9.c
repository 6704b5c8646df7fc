/* A VP9 payload descriptor: what is taken lies within the payload and the fields' ranges. */
#include <stdlib.h>

#include "media/rtp/depacketizer_vp9.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct video_packet packet;
  if (!depacketizer_vp9(data, size, &packet))
    return 0;
  if ((packet.size > 0 && packet.payload + packet.size != data + size) || packet.picture_id > 0x7fff ||
      packet.tl0picidx > 255 || packet.tid > 7 || (packet.size == 0 && packet.begins_frame) ||
      (packet.key && !packet.begins_frame))
    abort();
  return 0;
}
