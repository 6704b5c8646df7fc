/* vault.h - the format of id.sotto: the keys of this device under a passphrase (protocol A.3). Pure.
 *
 *   "SOTTOK01" | kdf = 1 u8 | opslimit u32 | memlimit u64 | salt 16 | nonce 24 | ct
 *   ct = XChaCha20-Poly1305(KEK, nonce, DEK || IK_sk? || DK_sk || DX_sk || gen u64; AAD = all before ct)
 *
 * KEK = Argon2id(passphrase, salt, opslimit, memlimit), made by the caller, so that opening many damaged files
 * costs one stretching. IK_sk is there on the primary device only. Costs outside the bounds are refused.
 */
#ifndef VAULT_H
#define VAULT_H
#include "identity.h"

enum {
  VAULT_OPS_MIN = 3,
  VAULT_OPS_MAX = 16,
  VAULT_HEADER_SIZE = 8 + 1 + 4 + 8 + PWHASH_SALT_SIZE + XCHACHA_NONCE_SIZE,
  VAULT_PLAIN_MAX = KEY_SIZE + 2 * SIGN_SECRET_SIZE + KEY_SIZE + 8,
  VAULT_MAX_SIZE = VAULT_HEADER_SIZE + VAULT_PLAIN_MAX + AEAD_TAG_SIZE,
};
#define VAULT_MEMORY_MIN (64ull << 20)
#define VAULT_MEMORY_MAX (1024ull << 20)

struct vault_cost {
  uint32_t ops;
  uint64_t memory;
  uint8_t salt[PWHASH_SALT_SIZE];
};

bool vault_cost_allowed(uint32_t ops, uint64_t memory);
/* What to stretch the passphrase with; false: not a vault, or a cost out of bounds. */
bool vault_parse_cost(const void *file, size_t size, struct vault_cost *out) __attribute__((warn_unused_result));
/* Returns the size of the file; a fresh nonce each time. */
size_t vault_seal(uint8_t out[VAULT_MAX_SIZE], const struct vault_cost *cost, const uint8_t kek[KEY_SIZE],
                  const uint8_t dek[KEY_SIZE], const struct identity *identity, uint64_t gen);
/* false: wrong key, or not one bit as it was sealed; everything is then wiped. Without IK_sk, identity->ik is
 * left zero: the own roster tells it. */
bool vault_open(const void *file, size_t size, const uint8_t kek[KEY_SIZE], uint8_t dek[KEY_SIZE],
                struct identity *identity, uint64_t *gen) __attribute__((warn_unused_result));

#endif
