#include <stdlib.h>
#include <string.h>

#include "engine/trust/roster.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input as it is; and signed by a root of ours, so that what lies behind the signature is reached too. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct identity identity;
  static struct roster known;
  static const uint8_t seed[KEY_SIZE] = {1};
  if (known.size == 0) {
    crypto_random_seed(seed);
    identity_make(&identity);
    roster_first(&known, &identity, 1000);
  }
  struct roster roster, current = known;
  if (roster_parse(&roster, data, size) && memcmp(roster.encoded, data, size) != 0)
    abort();
  uint8_t bytes[ROSTER_MAX_SIZE];
  if (size + SIGNATURE_SIZE > sizeof bytes)
    return 0;
  if (size)
    memcpy(bytes, data, size);
  if (size >= 7 + KEY_SIZE)
    memcpy(bytes + 7, identity.ik, KEY_SIZE); /* where a canonical one has its ID */
  crypto_ed25519_sign(bytes + size, identity.ik_secret, "roster", bytes, size);
  const struct bytes_view one = {bytes, size + SIGNATURE_SIZE};
  enum roster_verdict verdict = roster_accept(&current, &one, 1, &roster);
  if (verdict == ROSTER_ACCEPTED ? current.seq != known.seq + 1 : memcmp(&current, &known, sizeof known) != 0)
    abort();
  return 0;
}
