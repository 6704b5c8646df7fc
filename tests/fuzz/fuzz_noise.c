/* A handshake message for any pattern and step. One that fails leaves the state as it was. Keys are fixed, so the
 * corpus holds real messages and their neighbours. Input: pattern u8 | step u8 | message. */
#include "../../signaling/noise.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 1 << 16 };

static void begin(struct noise *noise, enum noise_pattern pattern, bool initiator) {
  uint8_t secret[2][KEY_SIZE], public_key[2][KEY_SIZE], psk[KEY_SIZE], ephemeral[KEY_SIZE];
  memset(psk, 3, KEY_SIZE);
  for (int i = 0; i < 2; i++) {
    memset(secret[i], 1 + i, KEY_SIZE);
    crypto_x25519_public(public_key[i], secret[i]);
  }
  noise_init(noise, &(struct noise_config){pattern, initiator, "fuzz", 4, secret[!initiator],
                                           public_key[!initiator], public_key[initiator], psk});
  memset(ephemeral, initiator ? 4 : 5, KEY_SIZE);
  noise_fix_ephemeral(noise, ephemeral);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static uint8_t message[ROOM], payload[ROOM];
  if (size < 2)
    return 0;
  enum noise_pattern pattern = data[0] % (NOISE_XKPSK3 + 1);
  struct noise side[2]; /* the initiator is the second */
  begin(&side[0], pattern, false);
  begin(&side[1], pattern, true);
  size_t got;
  int step = data[1] % 3, next = 1;
  for (int i = 0; i < step && !noise_finished(&side[0]); i++, next = !next) {
    size_t written = noise_write(&side[next], message, sizeof message, NULL, 0);
    if (!written || !noise_read(&side[!next], message, written, payload, sizeof payload, &got))
      abort();
  }
  struct noise before = side[!next];
  bool ok = noise_read(&side[!next], data + 2, size - 2, payload, sizeof payload, &got);
  if (ok != (memcmp(&before, &side[!next], sizeof before) != 0) || (ok && got >= size))
    abort();
  return 0;
}
