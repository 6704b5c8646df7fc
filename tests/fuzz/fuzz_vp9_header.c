/* A VP9 frame's header: sizes are within their range, and a key frame has one. */
#include <stdlib.h>

#include "media/codec/vp9_header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct vp9_header header;
  if (!vp9_header_read(data, size, &header))
    return 0;
  bool sized = header.width >= 1 && header.width <= 65536 && header.height >= 1 && header.height <= 65536;
  if (!sized && (header.key || header.width != 0 || header.height != 0))
    abort();
  return 0;
}
