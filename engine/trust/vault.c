#include "vault.h"

#include <string.h>

#include "../../media/bytes.h"

static const uint8_t magic[9] = "SOTTOK01\1"; /* and the kdf: Argon2id13 */
enum { PLAIN_WITHOUT_ROOT = VAULT_PLAIN_MAX - SIGN_SECRET_SIZE };

bool vault_cost_allowed(uint32_t ops, uint64_t memory) {
  return ops >= VAULT_OPS_MIN && ops <= VAULT_OPS_MAX && memory >= VAULT_MEMORY_MIN && memory <= VAULT_MEMORY_MAX;
}

bool vault_parse_cost(const void *file, size_t size, struct vault_cost *out) {
  struct reader r = reader_of(file, size);
  const uint8_t *found = read_span(&r, sizeof magic);
  out->ops = read_u32(&r);
  out->memory = read_u64(&r);
  read_bytes(&r, out->salt, sizeof out->salt);
  return !r.bad && memcmp(found, magic, sizeof magic) == 0 && vault_cost_allowed(out->ops, out->memory) &&
         (size == VAULT_MAX_SIZE || size == VAULT_MAX_SIZE - SIGN_SECRET_SIZE);
}

static size_t write_plain(uint8_t plain[VAULT_PLAIN_MAX], const uint8_t dek[KEY_SIZE],
                          const struct identity *identity, uint64_t gen) {
  struct writer w = writer_of(plain, VAULT_PLAIN_MAX);
  write_bytes(&w, dek, KEY_SIZE);
  if (identity->root)
    write_bytes(&w, identity->ik_secret, SIGN_SECRET_SIZE);
  write_bytes(&w, identity->device.dk_secret, SIGN_SECRET_SIZE);
  write_bytes(&w, identity->device.dx_secret, KEY_SIZE);
  write_u64(&w, gen);
  return (size_t)(w.at - plain);
}

size_t vault_seal(uint8_t out[VAULT_MAX_SIZE], const struct vault_cost *cost, const uint8_t kek[KEY_SIZE],
                  const uint8_t dek[KEY_SIZE], const struct identity *identity, uint64_t gen) {
  uint8_t plain[VAULT_PLAIN_MAX], nonce[XCHACHA_NONCE_SIZE];
  struct writer w = writer_of(out, VAULT_HEADER_SIZE);
  crypto_random(nonce, sizeof nonce);
  write_bytes(&w, magic, sizeof magic);
  write_u32(&w, cost->ops);
  write_u64(&w, cost->memory);
  write_bytes(&w, cost->salt, sizeof cost->salt);
  write_bytes(&w, nonce, sizeof nonce);
  size_t size = write_plain(plain, dek, identity, gen);
  crypto_xchacha_seal(out + VAULT_HEADER_SIZE, kek, nonce, out, VAULT_HEADER_SIZE, plain, size);
  crypto_wipe(plain, sizeof plain);
  return VAULT_HEADER_SIZE + size + AEAD_TAG_SIZE;
}

/* A signing secret of libsodium's ends in its public key. */
static void read_signing(struct reader *r, uint8_t public_key[KEY_SIZE], uint8_t secret[SIGN_SECRET_SIZE]) {
  read_bytes(r, secret, SIGN_SECRET_SIZE);
  memcpy(public_key, secret + SIGN_SECRET_SIZE - KEY_SIZE, KEY_SIZE);
}

bool vault_open(const void *file, size_t size, const uint8_t kek[KEY_SIZE], uint8_t dek[KEY_SIZE],
                struct identity *identity, uint64_t *gen) {
  uint8_t plain[VAULT_PLAIN_MAX];
  struct vault_cost cost;
  const uint8_t *bytes = file;
  memset(dek, 0, KEY_SIZE);
  *identity = (struct identity){0};
  *gen = 0;
  if (!vault_parse_cost(file, size, &cost))
    return false;
  size_t sealed = size - VAULT_HEADER_SIZE;
  if (!crypto_xchacha_open(plain, kek, bytes + VAULT_HEADER_SIZE - XCHACHA_NONCE_SIZE, bytes, VAULT_HEADER_SIZE,
                           bytes + VAULT_HEADER_SIZE, sealed))
    return false;
  struct reader r = reader_of(plain, sealed - AEAD_TAG_SIZE);
  read_bytes(&r, dek, KEY_SIZE);
  identity->root = r.left > PLAIN_WITHOUT_ROOT - KEY_SIZE;
  if (identity->root)
    read_signing(&r, identity->ik, identity->ik_secret);
  read_signing(&r, identity->device.dk, identity->device.dk_secret);
  read_bytes(&r, identity->device.dx_secret, KEY_SIZE);
  *gen = read_u64(&r);
  crypto_x25519_public(identity->device.dx, identity->device.dx_secret);
  device_id(identity->device.id, identity->device.dk, identity->device.dx);
  crypto_wipe(plain, sizeof plain);
  return true;
}
