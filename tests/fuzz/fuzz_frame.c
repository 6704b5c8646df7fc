/* Both directions; whatever parses is canonical. */
#include <stdlib.h>
#include <string.h>

#include "signaling/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static uint8_t again[FRAME_CLIENT_MAX];
  struct frame frame;
  for (int from_client = 0; from_client < 2; from_client++)
    if (frame_parse(&frame, from_client, data, size) &&
        (frame_write(again, sizeof again, &frame) != size || memcmp(again, data, size)))
      abort();
  return 0;
}
