#include <stdlib.h>
#include <string.h>

#include "engine/trust/bech32.h"
#include "engine/trust/invite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse(const char *text) {
  struct invite invite, same;
  char again[SOTTO_INVITE_TEXT_SIZE];
  if (invite_parse(text, &invite) != SOTTO_OK)
    return;
  if (invite_format(&invite, again, sizeof again) != SOTTO_OK || invite_parse(again, &same) != SOTTO_OK ||
      memcmp(&invite, &same, sizeof same) != 0)
    abort();
}

/* As text; and as the bytes of an invite under a right checksum. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char text[1200] = {0};
  memcpy(text, data, size < sizeof text ? size : sizeof text - 1);
  parse(text);
  memcpy(text, "SOTTO:I/", 8);
  if (base32_encode(text + 8, sizeof text - 8, "sotto-invite", data, size))
    parse(text);
  return 0;
}
