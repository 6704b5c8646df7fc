/* Takes fields by the tags that the input itself names, then ends: nothing is read past the input, and what was
 * taken is canonical. Input: count of wanted tags u8 | the tags | TLV. */
#include "../../signaling/tlv.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static uint8_t again[1 << 16];
  struct reader input = reader_of(data, size);
  size_t wanted = read_u8(&input) % 16;
  const uint8_t *tags = read_span(&input, wanted);
  if (!tags)
    return 0;
  struct tlv tlv = tlv_of(input.at, input.left);
  struct writer writer = writer_of(again, sizeof again);
  for (size_t i = 0; i < wanted; i++) {
    struct reader value;
    if (tlv_take(&tlv, tags[i], &value))
      tlv_write(&writer, tags[i], value.at, value.left);
  }
  size_t written = (size_t)(writer.at - again);
  if (tlv_end(&tlv) && !writer.bad && !tlv_is_canonical(&tlv, again, written))
    abort();
  return 0;
}
