#include "crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* Hashes and MACs are libsodium's: their state is on the stack, so they can neither allocate nor fail. AES is
 * OpenSSL's, which has it on every processor. */

static _Atomic(EVP_CIPHER *) aes_gcm; /* fetched once: a fetch a message costs more than the message */

static struct {
  bool on;
  uint64_t drawn; /* calls, each its own part of the stream */
  uint8_t seed[KEY_SIZE];
} seeded;

static void must(bool ok) {
  if (!ok)
    abort();
}

bool crypto_init(void) {
  if (atomic_load(&aes_gcm))
    return true;
  EVP_CIPHER *none = NULL, *fetched = sodium_init() < 0 ? NULL : EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
  if (!fetched)
    return false;
  if (!atomic_compare_exchange_strong(&aes_gcm, &none, fetched)) /* another thread was faster */
    EVP_CIPHER_free(fetched);
  return true;
}

void crypto_wipe(void *data, size_t size) {
  sodium_memzero(data, size);
}

bool crypto_equal(const void *a, const void *b, size_t size) {
  return CRYPTO_memcmp(a, b, size) == 0; /* libsodium's costs a short packet's decryption */
}

void crypto_random(void *out, size_t size) {
  if (!seeded.on) {
    must(crypto_init());
    randombytes_buf(out, size);
    return;
  }
  uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];
  uint64_t drawn = seeded.drawn++;
  for (size_t i = 0; i < sizeof nonce; i++, drawn >>= 8)
    nonce[i] = (uint8_t)drawn;
  crypto_stream_chacha20(out, size, nonce, seeded.seed);
}

void crypto_random_seed(const uint8_t seed[KEY_SIZE]) {
  crypto_wipe(&seeded, sizeof seeded);
  seeded.on = seed != NULL;
  if (seed)
    memcpy(seeded.seed, seed, KEY_SIZE);
}

void crypto_sha256(uint8_t out[HASH_SIZE], const struct bytes_view *parts, size_t count) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  for (size_t i = 0; i < count; i++)
    crypto_hash_sha256_update(&state, parts[i].data, parts[i].size);
  crypto_hash_sha256_final(&state, out);
  crypto_wipe(&state, sizeof state);
}

void crypto_sha512(uint8_t out[SHA512_SIZE], const struct bytes_view *parts, size_t count) {
  crypto_hash_sha512_state state;
  crypto_hash_sha512_init(&state);
  for (size_t i = 0; i < count; i++)
    crypto_hash_sha512_update(&state, parts[i].data, parts[i].size);
  crypto_hash_sha512_final(&state, out);
  crypto_wipe(&state, sizeof state);
}

/* Either hash's, over parts. */
struct hmac {
  size_t size;
  void (*run)(uint8_t *out, const void *key, size_t key_size, const struct bytes_view *parts, size_t count);
};

static void run_hmac_sha256(uint8_t *out, const void *key, size_t key_size, const struct bytes_view *parts,
                            size_t count) {
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, key, key_size);
  for (size_t i = 0; i < count; i++)
    crypto_auth_hmacsha256_update(&state, parts[i].data, parts[i].size);
  crypto_auth_hmacsha256_final(&state, out);
  crypto_wipe(&state, sizeof state);
}

static void run_hmac_sha512(uint8_t *out, const void *key, size_t key_size, const struct bytes_view *parts,
                            size_t count) {
  crypto_auth_hmacsha512_state state;
  crypto_auth_hmacsha512_init(&state, key, key_size);
  for (size_t i = 0; i < count; i++)
    crypto_auth_hmacsha512_update(&state, parts[i].data, parts[i].size);
  crypto_auth_hmacsha512_final(&state, out);
  crypto_wipe(&state, sizeof state);
}

static const struct hmac hmac_sha256 = {HASH_SIZE, run_hmac_sha256}, hmac_sha512 = {SHA512_SIZE, run_hmac_sha512};

void crypto_hmac(uint8_t out[HASH_SIZE], const void *key, size_t key_size, const void *data, size_t size) {
  run_hmac_sha256(out, key, key_size, &(struct bytes_view){data, size}, 1);
}

/* RFC 5869, with no salt (a key of zeros, as HMAC pads an empty one) or one: T(i) = HMAC(PRK, T(i-1) || info || i).
 */
static void run_hkdf(const struct hmac *hmac, uint8_t *out, size_t out_size, const struct bytes_view *ikm,
                     const struct bytes_view *salt, const struct bytes_view *info, size_t info_count) {
  must(out_size <= 255 * hmac->size && info_count <= HKDF_INFO_MAX);
  uint8_t prk[SHA512_SIZE], t[SHA512_SIZE], i = 1;
  struct bytes_view parts[HKDF_INFO_MAX + 2] = {{t, 0}};
  for (size_t part = 0; part < info_count; part++)
    parts[1 + part] = info[part];
  parts[1 + info_count] = (struct bytes_view){&i, 1};
  hmac->run(prk, salt->size ? salt->data : "", salt->size, ikm, 1);
  for (; out_size; i++) {
    hmac->run(t, prk, hmac->size, parts, info_count + 2);
    parts[0].size = hmac->size;
    size_t n = out_size < hmac->size ? out_size : hmac->size;
    memcpy(out, t, n);
    out += n;
    out_size -= n;
  }
  crypto_wipe(prk, sizeof prk);
  crypto_wipe(t, sizeof t);
}

void crypto_hkdf(uint8_t *out, size_t out_size, const void *ikm, size_t ikm_size, const void *salt,
                 size_t salt_size, const struct bytes_view *info, size_t info_count) {
  run_hkdf(&hmac_sha256, out, out_size, &(struct bytes_view){ikm, ikm_size}, &(struct bytes_view){salt, salt_size},
           info, info_count);
}

void crypto_hkdf_sha512(uint8_t *out, size_t out_size, const void *ikm, size_t ikm_size, const void *salt,
                        size_t salt_size, const struct bytes_view *info, size_t info_count) {
  run_hkdf(&hmac_sha512, out, out_size, &(struct bytes_view){ikm, ikm_size}, &(struct bytes_view){salt, salt_size},
           info, info_count);
}

void crypto_x25519_keypair(uint8_t public_key[KEY_SIZE], uint8_t secret[KEY_SIZE]) {
  crypto_random(secret, KEY_SIZE);
  crypto_x25519_public(public_key, secret);
}

void crypto_x25519_public(uint8_t public_key[KEY_SIZE], const uint8_t secret[KEY_SIZE]) {
  must(crypto_scalarmult_base(public_key, secret) == 0);
}

bool crypto_x25519(uint8_t out[KEY_SIZE], const uint8_t secret[KEY_SIZE], const uint8_t public_key[KEY_SIZE]) {
  if (crypto_scalarmult(out, secret, public_key) == 0)
    return true;
  crypto_wipe(out, KEY_SIZE);
  return false;
}

void crypto_ed25519_keypair(uint8_t public_key[KEY_SIZE], uint8_t secret[SIGN_SECRET_SIZE]) {
  uint8_t seed[crypto_sign_SEEDBYTES];
  crypto_random(seed, sizeof seed);
  crypto_sign_seed_keypair(public_key, secret, seed);
  crypto_wipe(seed, sizeof seed);
}

/* libsodium signs one piece of memory: what is signed, put together here. 0: too long. */
static size_t join_signed(uint8_t out[SIGN_MESSAGE_MAX + 64], const char *context, const void *message,
                          size_t size) {
  static const char prefix[] = "sotto/v1/";
  size_t context_size = strlen(context) + 1; /* its NUL is the 0x00 */
  if (size > SIGN_MESSAGE_MAX || sizeof prefix - 1 + context_size > 64)
    return 0;
  size_t head = sizeof prefix - 1;
  memcpy(out, prefix, head);
  memcpy(out + head, context, context_size);
  if (size)
    memcpy(out + head + context_size, message, size);
  return head + context_size + size;
}

void crypto_ed25519_sign(uint8_t signature[SIGNATURE_SIZE], const uint8_t secret[SIGN_SECRET_SIZE],
                         const char *context, const void *message, size_t size) {
  uint8_t joined[SIGN_MESSAGE_MAX + 64];
  size_t joined_size = join_signed(joined, context, message, size);
  must(joined_size && crypto_sign_detached(signature, NULL, joined, joined_size, secret) == 0);
}

bool crypto_ed25519_verify(const uint8_t signature[SIGNATURE_SIZE], const uint8_t public_key[KEY_SIZE],
                           const char *context, const void *message, size_t size) {
  uint8_t joined[SIGN_MESSAGE_MAX + 64];
  size_t joined_size = join_signed(joined, context, message, size);
  return joined_size && crypto_sign_verify_detached(signature, joined, joined_size, public_key) == 0;
}

bool crypto_gcm_init(struct crypto_gcm *gcm, const void *key, size_t key_size) {
  must(crypto_init() && (key_size == 16 || key_size == KEY_SIZE));
  EVP_CIPHER_CTX *context = gcm->context = EVP_CIPHER_CTX_new();
  if (!context)
    return false;
  EVP_CIPHER *fetched = NULL, *cipher = atomic_load(&aes_gcm);
  if (key_size == 16)
    must((cipher = fetched = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL)));
  must(EVP_EncryptInit_ex2(context, cipher, key, NULL, NULL) == 1);
  EVP_CIPHER_free(fetched); /* the context has a reference of its own */
  return true;
}

void crypto_gcm_deinit(struct crypto_gcm *gcm) {
  EVP_CIPHER_CTX_free(gcm->context); /* wipes the key schedule */
  gcm->context = NULL;
}

static void gcm_begin(EVP_CIPHER_CTX *context, const uint8_t nonce[GCM_NONCE_SIZE], const struct bytes_view *ad,
                      size_t ad_count, int encrypt) {
  int written;
  must(EVP_CipherInit_ex2(context, NULL, NULL, nonce, encrypt, NULL) == 1);
  for (size_t i = 0; i < ad_count; i++)
    if (ad[i].size)
      must(ad[i].size <= INT32_MAX && EVP_CipherUpdate(context, NULL, &written, ad[i].data, (int)ad[i].size) == 1);
}

static void gcm_run(EVP_CIPHER_CTX *context, uint8_t *out, const void *in, size_t size) {
  int written;
  must(size <= INT32_MAX);
  if (size)
    must(EVP_CipherUpdate(context, out, &written, in, (int)size) == 1);
}

void crypto_gcm_seal_keyed(struct crypto_gcm *gcm, uint8_t *out, const uint8_t nonce[GCM_NONCE_SIZE],
                           const struct bytes_view *ad, size_t ad_count, const void *plain, size_t size) {
  int written;
  gcm_begin(gcm->context, nonce, ad, ad_count, 1);
  gcm_run(gcm->context, out, plain, size);
  must(EVP_CipherFinal_ex(gcm->context, out + size, &written) == 1);
  must(EVP_CIPHER_CTX_ctrl(gcm->context, EVP_CTRL_AEAD_GET_TAG, AEAD_TAG_SIZE, out + size) == 1);
}

bool crypto_gcm_open_keyed(struct crypto_gcm *gcm, uint8_t *out, const uint8_t nonce[GCM_NONCE_SIZE],
                           const struct bytes_view *ad, size_t ad_count, const void *sealed, size_t size) {
  if (size < AEAD_TAG_SIZE)
    return false;
  size -= AEAD_TAG_SIZE;
  uint8_t tag[AEAD_TAG_SIZE], none[1];
  int written;
  memcpy(tag, (const uint8_t *)sealed + size, sizeof tag);
  gcm_begin(gcm->context, nonce, ad, ad_count, 0);
  gcm_run(gcm->context, out, sealed, size);
  must(EVP_CIPHER_CTX_ctrl(gcm->context, EVP_CTRL_AEAD_SET_TAG, sizeof tag, tag) == 1);
  bool ok = EVP_CipherFinal_ex(gcm->context, none, &written) == 1;
  if (!ok && size)
    crypto_wipe(out, size);
  return ok;
}

void crypto_gcm_seal(uint8_t *out, const uint8_t key[KEY_SIZE], const uint8_t nonce[GCM_NONCE_SIZE], const void *ad,
                     size_t ad_size, const void *plain, size_t size) {
  struct crypto_gcm gcm;
  must(crypto_gcm_init(&gcm, key, KEY_SIZE));
  crypto_gcm_seal_keyed(&gcm, out, nonce, &(struct bytes_view){ad, ad_size}, 1, plain, size);
  crypto_gcm_deinit(&gcm);
}

bool crypto_gcm_open(uint8_t *out, const uint8_t key[KEY_SIZE], const uint8_t nonce[GCM_NONCE_SIZE], const void *ad,
                     size_t ad_size, const void *sealed, size_t size) {
  struct crypto_gcm gcm;
  must(crypto_gcm_init(&gcm, key, KEY_SIZE));
  bool ok = crypto_gcm_open_keyed(&gcm, out, nonce, &(struct bytes_view){ad, ad_size}, 1, sealed, size);
  crypto_gcm_deinit(&gcm);
  return ok;
}

void crypto_xchacha_seal(uint8_t *out, const uint8_t key[KEY_SIZE], const uint8_t nonce[XCHACHA_NONCE_SIZE],
                         const void *ad, size_t ad_size, const void *plain, size_t size) {
  must(crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, plain, size, ad, ad_size, NULL, nonce, key) == 0);
}

bool crypto_xchacha_open(uint8_t *out, const uint8_t key[KEY_SIZE], const uint8_t nonce[XCHACHA_NONCE_SIZE],
                         const void *ad, size_t ad_size, const void *sealed, size_t size) {
  if (size < AEAD_TAG_SIZE)
    return false;
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, sealed, size, ad, ad_size, nonce, key) == 0)
    return true;
  if (size > AEAD_TAG_SIZE)
    crypto_wipe(out, size - AEAD_TAG_SIZE);
  return false;
}

bool crypto_argon2id(uint8_t key[KEY_SIZE], const char *passphrase, size_t passphrase_size,
                     const uint8_t salt[PWHASH_SALT_SIZE], uint32_t opslimit, uint64_t memlimit) {
  return crypto_pwhash_argon2id(key, KEY_SIZE, passphrase, passphrase_size, salt, opslimit, memlimit,
                                crypto_pwhash_ALG_ARGON2ID13) == 0;
}

void crypto_subkey(uint8_t out[KEY_SIZE], const uint8_t key[KEY_SIZE], uint64_t id, const char context[8]) {
  must(crypto_kdf_derive_from_key(out, KEY_SIZE, id, context, key) == 0);
}

void *crypto_secret_new(size_t size) {
  return crypto_init() ? sodium_malloc(size) : NULL;
}

void crypto_secret_free(void *secret) {
  sodium_free(secret);
}
