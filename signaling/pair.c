#include "pair.h"

#include "../media/bytes.h"

#define LABEL(text)                                                                                                \
  { text, sizeof text - 1 }

void pair_call_prologue(uint8_t out[CALL_PROLOGUE_SIZE], const uint8_t id_a[KEY_SIZE],
                        const uint8_t device_a[DEVICE_SIZE], const uint8_t id_b[KEY_SIZE],
                        const uint8_t device_b[DEVICE_SIZE]) {
  struct writer writer = writer_of(out, CALL_PROLOGUE_SIZE);
  write_bytes(&writer, "sotto/call/1", 12);
  write_bytes(&writer, id_a, KEY_SIZE);
  write_bytes(&writer, device_a, DEVICE_SIZE);
  write_bytes(&writer, id_b, KEY_SIZE);
  write_bytes(&writer, device_b, DEVICE_SIZE);
}

void pair_call_psk(uint8_t psk[KEY_SIZE], const uint8_t ps[PAIR_SECRET_SIZE]) {
  const struct bytes_view info = LABEL("sotto/psk/1");
  crypto_hkdf(psk, KEY_SIZE, ps, PAIR_SECRET_SIZE, NULL, 0, &info, 1);
}

void pair_invite_prologue(uint8_t out[INVITE_PROLOGUE_SIZE], const uint8_t inviter[KEY_SIZE],
                          const uint8_t device[DEVICE_SIZE]) {
  struct writer writer = writer_of(out, INVITE_PROLOGUE_SIZE);
  write_bytes(&writer, "sotto/inv/1", 11);
  write_bytes(&writer, inviter, KEY_SIZE);
  write_bytes(&writer, device, DEVICE_SIZE);
}

void pair_invite_psk(uint8_t psk[KEY_SIZE], const uint8_t s[INVITE_TOKEN_SIZE]) {
  const struct bytes_view info = LABEL("psk");
  crypto_hkdf(psk, KEY_SIZE, s, INVITE_TOKEN_SIZE, NULL, 0, &info, 1);
}

void pair_secret(uint8_t ps[PAIR_SECRET_SIZE], const uint8_t joiner[RANDOM_SIZE],
                 const uint8_t inviter[RANDOM_SIZE], const uint8_t h[HASH_SIZE]) {
  uint8_t ikm[2 * RANDOM_SIZE + HASH_SIZE];
  struct writer writer = writer_of(ikm, sizeof ikm);
  write_bytes(&writer, joiner, RANDOM_SIZE);
  write_bytes(&writer, inviter, RANDOM_SIZE);
  write_bytes(&writer, h, HASH_SIZE);
  const struct bytes_view info = LABEL("sotto/ps/1");
  crypto_hkdf(ps, PAIR_SECRET_SIZE, ikm, sizeof ikm, NULL, 0, &info, 1);
  crypto_wipe(ikm, sizeof ikm);
}
