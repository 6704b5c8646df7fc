#include "pair.h"

#include <string.h>

#define LABEL(text)                                                                                                \
  { text, sizeof text - 1 }

/* Every part has a fixed size, so `out` has too. */
static void join(uint8_t *out, const struct bytes_view *parts, size_t count) {
  for (size_t i = 0; i < count; i++) {
    memcpy(out, parts[i].data, parts[i].size);
    out += parts[i].size;
  }
}

void pair_call_prologue(uint8_t out[CALL_PROLOGUE_SIZE], const uint8_t id_a[KEY_SIZE],
                        const uint8_t device_a[DEVICE_SIZE], const uint8_t id_b[KEY_SIZE],
                        const uint8_t device_b[DEVICE_SIZE]) {
  const struct bytes_view parts[] = {
      LABEL("sotto/call/1"), {id_a, KEY_SIZE}, {device_a, DEVICE_SIZE}, {id_b, KEY_SIZE}, {device_b, DEVICE_SIZE}};
  join(out, parts, sizeof parts / sizeof parts[0]);
}

void pair_call_psk(uint8_t psk[KEY_SIZE], const uint8_t ps[PAIR_SECRET_SIZE]) {
  const struct bytes_view info = LABEL("sotto/psk/1");
  crypto_hkdf(psk, KEY_SIZE, ps, PAIR_SECRET_SIZE, NULL, 0, &info, 1);
}

void pair_invite_prologue(uint8_t out[INVITE_PROLOGUE_SIZE], const uint8_t inviter[KEY_SIZE],
                          const uint8_t device[DEVICE_SIZE]) {
  const struct bytes_view parts[] = {LABEL("sotto/inv/1"), {inviter, KEY_SIZE}, {device, DEVICE_SIZE}};
  join(out, parts, sizeof parts / sizeof parts[0]);
}

void pair_invite_psk(uint8_t psk[KEY_SIZE], const uint8_t s[INVITE_TOKEN_SIZE]) {
  const struct bytes_view info = LABEL("psk");
  crypto_hkdf(psk, KEY_SIZE, s, INVITE_TOKEN_SIZE, NULL, 0, &info, 1);
}

void pair_link_prologue(uint8_t out[LINK_PROLOGUE_SIZE], const uint8_t dk[KEY_SIZE], const uint8_t dx[KEY_SIZE]) {
  const struct bytes_view parts[] = {LABEL("sotto/dev/1"), {dk, KEY_SIZE}, {dx, KEY_SIZE}};
  join(out, parts, sizeof parts / sizeof parts[0]);
}

void pair_secret(uint8_t ps[PAIR_SECRET_SIZE], const uint8_t joiner[RANDOM_SIZE],
                 const uint8_t inviter[RANDOM_SIZE], const uint8_t h[HASH_SIZE]) {
  uint8_t ikm[2 * RANDOM_SIZE + HASH_SIZE];
  const struct bytes_view parts[] = {{joiner, RANDOM_SIZE}, {inviter, RANDOM_SIZE}, {h, HASH_SIZE}};
  join(ikm, parts, sizeof parts / sizeof parts[0]);
  const struct bytes_view info = LABEL("sotto/ps/1");
  crypto_hkdf(ps, PAIR_SECRET_SIZE, ikm, sizeof ikm, NULL, 0, &info, 1);
  crypto_wipe(ikm, sizeof ikm);
}
