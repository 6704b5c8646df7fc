/* An RTP packet: its header, then an Opus payload's shape, or a slot of the constant-rate mode. */
#include <stdlib.h>

#include "media/rtp/depacketizer_opus.h"
#include "media/rtp/rtp.h"
#include "media/rtp/slot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct rtp_header header;
  struct reader payload;
  if (!rtp_parse(data, size, &header, &payload))
    return 0;
  int samples = depacketizer_opus_samples(payload.at, payload.left);
  if (samples != -1 && (samples < 120 || samples > 5760))
    abort();
  struct reader slot = payload;
  if (slot_unwrap(&header, &slot, PAYLOAD_TYPE_OPUS) && slot.left > 0 &&
      (slot.at < payload.at || slot.at + slot.left > payload.at + payload.left))
    abort();
  return 0;
}
