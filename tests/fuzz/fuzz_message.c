/* A message either does not parse or is the one encoding of what was parsed (extensions apart). */
#include "../../signaling/message.h"

#include <stdlib.h>
#include <string.h>

#include "../../signaling/tlv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static uint8_t again[MESSAGE_MAX];
  struct message message;
  if (!message_parse(data, size, &message))
    return 0;
  size_t written = message_encode(&message, again, sizeof again);
  if (!written || written > size || memcmp(again, data, written) != 0)
    abort();
  if (written < size && data[written] < TLV_EXTENSION)
    abort();
  for (int i = 0; i < message.candidates; i++)
    candidate_allowed(&message.candidate[i], true);
  return 0;
}
