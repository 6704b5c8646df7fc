/* An RTP packet: its header and extension, then an Opus payload's shape, or a slot of the constant-rate mode. */
#include <stdlib.h>

#include "media/rtp/depacketizer_opus.h"
#include "media/rtp/rtp_ext.h"
#include "media/rtp/slot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct rtp_header header;
  struct reader payload;
  if (!rtp_parse(data, size, &header, &payload))
    return 0;
  struct reader value;
  for (int id = 0; id <= RTP_EXT_ID_MAX; id++)
    if (rtp_ext_find(header.extension, id, &value) &&
        (value.left == 0 || value.at < data || value.at + value.left > payload.at))
      abort();
  int samples = depacketizer_opus_samples(payload.at, payload.left);
  if (samples != -1 && (samples < 120 || samples > 5760))
    abort();
  struct reader slot = payload;
  if (slot_unwrap(&header, &slot, PAYLOAD_TYPE_OPUS) && slot.left > 0 &&
      (slot.at < payload.at || slot.at + slot.left > payload.at + payload.left))
    abort();
  return 0;
}
