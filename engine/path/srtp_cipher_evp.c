/* srtp_cipher_evp.c - AES-GCM of OpenSSL's EVP, with all that can be made ahead made once a key. */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <string.h>

#include "srtp_cipher.h"

struct key {
  EVP_CIPHER_CTX *context;
  const EVP_CIPHER *algorithm;
  uint8_t tag[SRTP_CIPHER_TAG_SIZE];
  OSSL_PARAM tag_param[2]; /* points at tag: made once, not a packet */
};

_Static_assert(sizeof(struct key) <= SRTP_CIPHER_STATE_MAX, "its place");

static bool evp_start(void) {
  return true;
}

static bool evp_init(void *state, size_t key_size) {
  struct key *key = state;
  *key = (struct key){.algorithm = key_size == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm(),
                      .context = EVP_CIPHER_CTX_new()};
  key->tag_param[0] = OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, key->tag, sizeof key->tag);
  key->tag_param[1] = OSSL_PARAM_construct_end();
  return key->context != NULL;
}

static void evp_deinit(void *state) {
  struct key *key = state;
  EVP_CIPHER_CTX_free(key->context); /* wipes the key schedule */
  OPENSSL_cleanse(key, sizeof *key);
}

static bool evp_set_key(void *state, const uint8_t *bytes) {
  struct key *key = state;
  return EVP_EncryptInit_ex2(key->context, key->algorithm, bytes, NULL, NULL);
}

/* EVP_Cipher() is the provider's own function: the checks of EVP_EncryptUpdate() cost as much as a short packet. */
static bool evp_run(struct key *key, const struct srtp_cipher_text *text) {
  return EVP_Cipher(key->context, NULL, text->aad, (unsigned)text->aad_size) >= 0 &&
         (text->size == 0 || EVP_Cipher(key->context, text->data, text->data, (unsigned)text->size) >= 0) &&
         EVP_Cipher(key->context, NULL, NULL, 0) >= 0; /* decrypting: compares the tags, in constant time */
}

static bool evp_seal(void *state, const struct srtp_cipher_text *text, uint8_t *tag) {
  struct key *key = state;
  key->tag_param[0].data_size = sizeof key->tag;
  bool ok = EVP_EncryptInit_ex2(key->context, NULL, NULL, text->iv, NULL) && evp_run(key, text) &&
            EVP_CIPHER_CTX_get_params(key->context, key->tag_param);
  memcpy(tag, key->tag, sizeof key->tag);
  return ok;
}

static bool evp_open(void *state, const struct srtp_cipher_text *text, const uint8_t *tag, size_t tag_size) {
  struct key *key = state;
  memcpy(key->tag, tag, tag_size);
  key->tag_param[0].data_size = tag_size;
  return EVP_DecryptInit_ex2(key->context, NULL, NULL, text->iv, NULL) &&
         EVP_CIPHER_CTX_set_params(key->context, key->tag_param) && evp_run(key, text);
}

const struct srtp_cipher_engine srtp_cipher_evp = {"openssl",   evp_start, evp_init, evp_deinit,
                                                   evp_set_key, evp_seal,  evp_open};
