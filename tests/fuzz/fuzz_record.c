#include <stdlib.h>
#include <string.h>

#include "engine/trust/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A record as it is after decryption: what is loaded is written again as the same bytes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct trust *trust = trust_new_empty();
  uint8_t again[RECORD_MAX];
  size_t written = 0;
  if (!trust)
    return 0;
  if (size <= RECORD_MAX && record_load(trust, data, size) == SOTTO_OK) {
    if (trust->contacts.count)
      written = record_contact(again, trust->contacts.list[0]);
    else if (trust->own.size)
      written = record_own(again, trust);
    else if (trust->links.size)
      written = record_link(again, &(struct bytes_view){trust->links.bytes + 2, trust->links.size - 2});
    else if (trust->statements)
      written = record_statement(again, &trust->statement[0]);
    else
      written = record_invite(again, &trust->invites.slot[0]);
    if (written != size || memcmp(again, data, size) != 0)
      abort();
  }
  trust_free(trust);
  return 0;
}
