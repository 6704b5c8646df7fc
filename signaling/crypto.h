/* crypto.h - every primitive of sotto, in one place (crypto.c alone names libsodium and OpenSSL's EVP).
 *
 * Nothing here allocates for its caller or keeps state, but for a crypto_gcm. Keys are fixed-size arrays; what is
 * secret is wiped by its owner with crypto_wipe(). No name here is one of libsodium's own. A failure of the
 * system's crypto or random source aborts: there is no safe way on.
 */
#ifndef CRYPTO_H
#define CRYPTO_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  KEY_SIZE = 32, /* X25519, Ed25519 public, AES-256, psk */
  SIGN_SECRET_SIZE = 64,
  SIGNATURE_SIZE = 64,
  HASH_SIZE = 32, /* SHA-256 */
  SHA512_SIZE = 64,
  SIGN_MESSAGE_MAX = 8192,
  HKDF_INFO_MAX = 8, /* parts */
  AEAD_TAG_SIZE = 16,
  GCM_NONCE_SIZE = 12,
  XCHACHA_NONCE_SIZE = 24,
  PWHASH_SALT_SIZE = 16,
};

struct bytes_view { /* one part of a hash or HKDF input */
  const void *data;
  size_t size;
};

/* Once a process, before anything else; true when the libraries are usable. */
bool crypto_init(void);
void crypto_wipe(void *data, size_t size);
bool crypto_equal(const void *a, const void *b, size_t size); /* constant time */
void crypto_random(void *out, size_t size);
/* Tests only: from now on crypto_random() is a stream made from `seed`; NULL goes back to the system's. */
void crypto_random_seed(const uint8_t seed[KEY_SIZE]);

void crypto_sha256(uint8_t out[HASH_SIZE], const struct bytes_view *parts, size_t count);
void crypto_sha512(uint8_t out[SHA512_SIZE], const struct bytes_view *parts, size_t count);
void crypto_hmac(uint8_t out[HASH_SIZE], const void *key, size_t key_size, const void *data, size_t size);
/* RFC 5869 with SHA-256; out_size <= 255 * 32. salt may be NULL. info is the concatenation of parts. */
void crypto_hkdf(uint8_t *out, size_t out_size, const void *ikm, size_t ikm_size, const void *salt,
                 size_t salt_size, const struct bytes_view *info, size_t info_count);
/* The same with SHA-512; out_size <= 255 * 64. */
void crypto_hkdf_sha512(uint8_t *out, size_t out_size, const void *ikm, size_t ikm_size, const void *salt,
                        size_t salt_size, const struct bytes_view *info, size_t info_count);

/* RFC 7748. x25519 is false for an all-zero result (low-order point), and out is then zero. */
void crypto_x25519_keypair(uint8_t public_key[KEY_SIZE], uint8_t secret[KEY_SIZE]);
void crypto_x25519_public(uint8_t public_key[KEY_SIZE], const uint8_t secret[KEY_SIZE]);
bool crypto_x25519(uint8_t out[KEY_SIZE], const uint8_t secret[KEY_SIZE], const uint8_t public_key[KEY_SIZE])
    __attribute__((warn_unused_result));

/* Ed25519 (RFC 8032) over "sotto/v1/" || context || 0x00 || message (protocol A.1).
 * context is one of "roster", "roster-accept", "rotate", "tombstone", "heard", "group".
 * A message is at most SIGN_MESSAGE_MAX bytes: a longer one does not verify, and must not be signed. */
void crypto_ed25519_keypair(uint8_t public_key[KEY_SIZE], uint8_t secret[SIGN_SECRET_SIZE]);
void crypto_ed25519_sign(uint8_t signature[SIGNATURE_SIZE], const uint8_t secret[SIGN_SECRET_SIZE],
                         const char *context, const void *message, size_t size);
bool crypto_ed25519_verify(const uint8_t signature[SIGNATURE_SIZE], const uint8_t public_key[KEY_SIZE],
                           const char *context, const void *message, size_t size)
    __attribute__((warn_unused_result));

/* AES-256-GCM. out holds size + AEAD_TAG_SIZE (seal) or size - AEAD_TAG_SIZE (open) bytes; in == out is
 * allowed. open is false when the tag is wrong, and out is then wiped. */
void crypto_gcm_seal(uint8_t *out, const uint8_t key[KEY_SIZE], const uint8_t nonce[GCM_NONCE_SIZE], const void *ad,
                     size_t ad_size, const void *plain, size_t size);
bool crypto_gcm_open(uint8_t *out, const uint8_t key[KEY_SIZE], const uint8_t nonce[GCM_NONCE_SIZE], const void *ad,
                     size_t ad_size, const void *sealed, size_t size) __attribute__((warn_unused_result));

/* The same under a key of 16 or 32 bytes that is scheduled once, for what comes often: nothing is allocated a
 * message. The associated data is the concatenation of parts. init is false when there is no memory. */
struct crypto_gcm {
  void *context;
};
bool crypto_gcm_init(struct crypto_gcm *gcm, const void *key, size_t key_size) __attribute__((warn_unused_result));
void crypto_gcm_deinit(struct crypto_gcm *gcm); /* wipes; a zeroed one too */
void crypto_gcm_seal_keyed(struct crypto_gcm *gcm, uint8_t *out, const uint8_t nonce[GCM_NONCE_SIZE],
                           const struct bytes_view *ad, size_t ad_count, const void *plain, size_t size);
bool crypto_gcm_open_keyed(struct crypto_gcm *gcm, uint8_t *out, const uint8_t nonce[GCM_NONCE_SIZE],
                           const struct bytes_view *ad, size_t ad_count, const void *sealed, size_t size)
    __attribute__((warn_unused_result));

/* XChaCha20-Poly1305, for what is at rest. */
void crypto_xchacha_seal(uint8_t *out, const uint8_t key[KEY_SIZE], const uint8_t nonce[XCHACHA_NONCE_SIZE],
                         const void *ad, size_t ad_size, const void *plain, size_t size);
bool crypto_xchacha_open(uint8_t *out, const uint8_t key[KEY_SIZE], const uint8_t nonce[XCHACHA_NONCE_SIZE],
                         const void *ad, size_t ad_size, const void *sealed, size_t size)
    __attribute__((warn_unused_result));

/* Argon2id13; false when the memory can't be had. */
bool crypto_argon2id(uint8_t key[KEY_SIZE], const char *passphrase, size_t passphrase_size,
                     const uint8_t salt[PWHASH_SALT_SIZE], uint32_t opslimit, uint64_t memlimit)
    __attribute__((warn_unused_result));
/* libsodium's crypto_kdf: a subkey of a 32-byte key. context is exactly 8 characters. */
void crypto_subkey(uint8_t out[KEY_SIZE], const uint8_t key[KEY_SIZE], uint64_t id, const char context[8]);

/* Locked memory with guard pages, for keys that live long (NULL when it can't be had). Freeing wipes. */
void *crypto_secret_new(size_t size);
void crypto_secret_free(void *secret);

#endif
