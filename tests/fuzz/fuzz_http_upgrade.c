/* Whatever is decided of a whole request is not decided differently of its beginning, unless that waits for more
 * or is refused early; and an accepted one has a key of the right form. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "signaling/server/http_upgrade.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char answer[256];
  struct http_upgrade upgrade, part;
  enum http_upgrade_status status = http_upgrade_parse(&upgrade, data, size);
  if (status == HTTP_UPGRADE_OK)
    for (size_t cut = 0; cut < size; cut++)
      if (http_upgrade_parse(&part, data, cut) != HTTP_UPGRADE_MORE)
        abort();
  if (status == HTTP_UPGRADE_OK && (strlen(upgrade.key) != HTTP_UPGRADE_KEY_SIZE || !strstr(upgrade.key, "==")))
    abort();
  if (status != HTTP_UPGRADE_MORE && !http_upgrade_answer(answer, sizeof answer, status, &upgrade))
    abort();
  return 0;
}
