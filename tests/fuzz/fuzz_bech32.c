#include <stdlib.h>
#include <string.h>

#include "engine/trust/bech32.h"
#include "engine/trust/identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What parses as an ID is written again as the same text, but for its case. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char text[128] = {0}, again[SOTTO_ID_TEXT_SIZE];
  uint8_t ik[KEY_SIZE], bytes[BASE32_MAX];
  size_t room = sizeof bytes;
  memcpy(text, data, size < sizeof text ? size : sizeof text - 1);
  bool valid = bech32m_valid(text);
  if (id_parse(text, ik) == SOTTO_OK) {
    const char *part = strlen(text) > 65 ? text + 8 : text;
    if (id_format(ik, again, sizeof again) != SOTTO_OK || strlen(again) != strlen(part))
      abort();
    for (size_t i = 0; again[i]; i++)
      if ((again[i] | 0x20) != (part[i] | 0x20))
        abort();
  }
  if (bech32m_decode(text, "sotto", bytes, &room) && !valid)
    abort();
  room = sizeof bytes;
  base32_decode((const char *)data, size, "label", bytes, &room);
  return 0;
}
