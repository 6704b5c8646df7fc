/* A datagram of RTCP: what is valid can be walked to its end, every block and request of it. */
#include <stdlib.h>

#include "media/rtp/rtcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (!rtcp_valid(data, size))
    return 0;
  struct reader r = reader_of(data, size);
  struct rtcp_packet packet;
  struct rtcp_block block;
  uint16_t pid, mask;
  uint32_t ssrc;
  bps bitrate;
  while (rtcp_next(&r, &packet)) {
    int blocks = packet.blocks;
    while (rtcp_read_block(&packet, &block))
      blocks--;
    while (rtcp_read_nack(&packet, &pid, &mask))
      ;
    while (rtcp_read_fir(&packet, &ssrc))
      ;
    if (packet.type == RTCP_REMB) {
      if (rtcp_read_remb(&packet, &bitrate) && bitrate < 0)
        abort();
      continue;
    }
    if (blocks != 0 || packet.body.bad)
      abort();
  }
  if (r.left != 0)
    abort();
  return 0;
}
