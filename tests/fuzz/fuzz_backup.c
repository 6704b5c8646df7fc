#include <stdlib.h>

#include "engine/trust/backup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* First a file, which opens with no code that we know; then what a file holds once it is open: it loads whole, or
 * not at all. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char code[BACKUP_CODE_CHARACTERS + 1] = "QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ";
  struct trust *trust;
  if (backup_open(data, size, code, &trust) == SOTTO_OK || trust)
    abort();
  if (backup_load(data, size, &trust) != SOTTO_OK) {
    if (trust)
      abort();
    return 0;
  }
  if (!trust->own.size || !trust->identity.root || !trust_links_lead_to_us(trust) ||
      roster_find(&trust->own, trust->identity.device.id))
    abort();
  trust_free(trust);
  return 0;
}
