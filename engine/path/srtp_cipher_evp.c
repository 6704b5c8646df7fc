#include "srtp_cipher_evp.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <srtp2/cipher.h>
#include <stdlib.h>
#include <string.h>

enum { TAG_SIZE = 16, SHORT_TAG_SIZE = 8, SALT_SIZE = 12 }; /* the short one is for libsrtp's self-test alone */

struct gcm {
  srtp_cipher_t cipher; /* what libsrtp holds; freed with this struct */
  EVP_CIPHER_CTX *context;
  const EVP_CIPHER *algorithm;
  unsigned tag_size;
  uint8_t tag[TAG_SIZE];
  OSSL_PARAM tag_param[2]; /* points at tag: made once, not a packet */
};

static const srtp_cipher_type_t gcm_128, gcm_256;

static srtp_err_status_t gcm_dealloc(srtp_cipher_t *cipher) {
  struct gcm *gcm = cipher->state;
  EVP_CIPHER_CTX_free(gcm->context); /* wipes the key schedule */
  OPENSSL_cleanse(gcm, sizeof *gcm);
  free(gcm);
  return srtp_err_status_ok;
}

static srtp_err_status_t gcm_alloc(srtp_cipher_t **cipher, int key_and_salt, int tag_size) {
  int key_size = key_and_salt - SALT_SIZE;
  if ((key_size != 16 && key_size != 32) || (tag_size != TAG_SIZE && tag_size != SHORT_TAG_SIZE))
    return srtp_err_status_bad_param;
  struct gcm *gcm = calloc(1, sizeof *gcm);
  if (!gcm)
    return srtp_err_status_alloc_fail;
  const srtp_cipher_type_t *type = key_size == 16 ? &gcm_128 : &gcm_256;
  gcm->cipher = (srtp_cipher_t){.type = type, .state = gcm, .key_len = key_and_salt, .algorithm = (int)type->id};
  gcm->algorithm = key_size == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
  gcm->tag_size = (unsigned)tag_size;
  gcm->tag_param[0] = OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, gcm->tag, gcm->tag_size);
  gcm->tag_param[1] = OSSL_PARAM_construct_end();
  gcm->context = EVP_CIPHER_CTX_new();
  if (!gcm->context) {
    gcm_dealloc(&gcm->cipher);
    return srtp_err_status_alloc_fail;
  }
  *cipher = &gcm->cipher;
  return srtp_err_status_ok;
}

static srtp_err_status_t gcm_init(void *state, const uint8_t *key) {
  struct gcm *gcm = state;
  return EVP_EncryptInit_ex2(gcm->context, gcm->algorithm, key, NULL, NULL) ? srtp_err_status_ok
                                                                            : srtp_err_status_init_fail;
}

static srtp_err_status_t gcm_set_iv(void *state, uint8_t *iv, srtp_cipher_direction_t direction) {
  struct gcm *gcm = state;
  int ok = direction == srtp_direction_encrypt ? EVP_EncryptInit_ex2(gcm->context, NULL, NULL, iv, NULL)
                                               : EVP_DecryptInit_ex2(gcm->context, NULL, NULL, iv, NULL);
  return ok ? srtp_err_status_ok : srtp_err_status_init_fail;
}

/* May come in several parts (SRTCP: the header, then the index). */
static srtp_err_status_t gcm_set_aad(void *state, const uint8_t *aad, uint32_t size) {
  struct gcm *gcm = state;
  return EVP_Cipher(gcm->context, NULL, aad, size) < 0 ? srtp_err_status_algo_fail : srtp_err_status_ok;
}

static srtp_err_status_t gcm_encrypt(void *state, uint8_t *data, unsigned *size) {
  struct gcm *gcm = state;
  if (*size > 0 && EVP_Cipher(gcm->context, data, data, *size) < 0)
    return srtp_err_status_cipher_fail;
  if (EVP_Cipher(gcm->context, NULL, NULL, 0) < 0 || !EVP_CIPHER_CTX_get_params(gcm->context, gcm->tag_param))
    return srtp_err_status_cipher_fail;
  return srtp_err_status_ok;
}

static srtp_err_status_t gcm_get_tag(void *state, uint8_t *tag, uint32_t *size) {
  struct gcm *gcm = state;
  memcpy(tag, gcm->tag, gcm->tag_size);
  *size = gcm->tag_size;
  return srtp_err_status_ok;
}

static srtp_err_status_t gcm_decrypt(void *state, uint8_t *data, unsigned *size) {
  struct gcm *gcm = state;
  if (*size < gcm->tag_size)
    return srtp_err_status_bad_param;
  unsigned plain = *size - gcm->tag_size;
  memcpy(gcm->tag, data + plain, gcm->tag_size);
  bool ok = EVP_CIPHER_CTX_set_params(gcm->context, gcm->tag_param) &&
            (plain == 0 || EVP_Cipher(gcm->context, data, data, plain) >= 0) &&
            EVP_Cipher(gcm->context, NULL, NULL, 0) >= 0; /* compares the tags, in constant time */
  if (!ok) {
    OPENSSL_cleanse(data, plain);
    return srtp_err_status_auth_fail;
  }
  *size = plain;
  return srtp_err_status_ok;
}

/* Test cases 4 and 16 of McGrew and Viega, "The Galois/Counter Mode of Operation (GCM)", appendix B. */
static const uint8_t test_key[32] = {0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65, 0x73, 0x1c, 0x6d, 0x6a, 0x8f,
                                     0x94, 0x67, 0x30, 0x83, 0x08, 0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65,
                                     0x73, 0x1c, 0x6d, 0x6a, 0x8f, 0x94, 0x67, 0x30, 0x83, 0x08};
static uint8_t test_iv[12] = {0xca, 0xfe, 0xba, 0xbe, 0xfa, 0xce, 0xdb, 0xad, 0xde, 0xca, 0xf8, 0x88};
static const uint8_t test_aad[20] = {0xfe, 0xed, 0xfa, 0xce, 0xde, 0xad, 0xbe, 0xef, 0xfe, 0xed,
                                     0xfa, 0xce, 0xde, 0xad, 0xbe, 0xef, 0xab, 0xad, 0xda, 0xd2};
static const uint8_t test_plain[60] = {0xd9, 0x31, 0x32, 0x25, 0xf8, 0x84, 0x06, 0xe5, 0xa5, 0x59, 0x09, 0xc5,
                                       0xaf, 0xf5, 0x26, 0x9a, 0x86, 0xa7, 0xa9, 0x53, 0x15, 0x34, 0xf7, 0xda,
                                       0x2e, 0x4c, 0x30, 0x3d, 0x8a, 0x31, 0x8a, 0x72, 0x1c, 0x3c, 0x0c, 0x95,
                                       0x95, 0x68, 0x09, 0x53, 0x2f, 0xcf, 0x0e, 0x24, 0x49, 0xa6, 0xb5, 0x25,
                                       0xb1, 0x6a, 0xed, 0xf5, 0xaa, 0x0d, 0xe6, 0x57, 0xba, 0x63, 0x7b, 0x39};
static const uint8_t test_sealed_128[76] = {
    0x42, 0x83, 0x1e, 0xc2, 0x21, 0x77, 0x74, 0x24, 0x4b, 0x72, 0x21, 0xb7, 0x84, 0xd0, 0xd4, 0x9c,
    0xe3, 0xaa, 0x21, 0x2f, 0x2c, 0x02, 0xa4, 0xe0, 0x35, 0xc1, 0x7e, 0x23, 0x29, 0xac, 0xa1, 0x2e,
    0x21, 0xd5, 0x14, 0xb2, 0x54, 0x66, 0x93, 0x1c, 0x7d, 0x8f, 0x6a, 0x5a, 0xac, 0x84, 0xaa, 0x05,
    0x1b, 0xa3, 0x0b, 0x39, 0x6a, 0x0a, 0xac, 0x97, 0x3d, 0x58, 0xe0, 0x91, 0x5b, 0xc9, 0x4f, 0xbc,
    0x32, 0x21, 0xa5, 0xdb, 0x94, 0xfa, 0xe9, 0x5a, 0xe7, 0x12, 0x1a, 0x47};
static const uint8_t test_sealed_256[76] = {
    0x52, 0x2d, 0xc1, 0xf0, 0x99, 0x56, 0x7d, 0x07, 0xf4, 0x7f, 0x37, 0xa3, 0x2a, 0x84, 0x42, 0x7d,
    0x64, 0x3a, 0x8c, 0xdc, 0xbf, 0xe5, 0xc0, 0xc9, 0x75, 0x98, 0xa2, 0xbd, 0x25, 0x55, 0xd1, 0xaa,
    0x8c, 0xb0, 0x8e, 0x48, 0x59, 0x0d, 0xbb, 0x3d, 0xa7, 0xb0, 0x8b, 0x10, 0x56, 0x82, 0x88, 0x38,
    0xc5, 0xf6, 0x1e, 0x63, 0x93, 0xba, 0x7a, 0x0a, 0xbc, 0xc9, 0xf6, 0x62, 0x76, 0xfc, 0x6e, 0xce,
    0x0f, 0x4e, 0x17, 0x68, 0xcd, 0xdf, 0x88, 0x53, 0xbb, 0x2d, 0x55, 0x1b};
static const srtp_cipher_test_case_t test_128 = {
    .key_length_octets = SRTP_AES_GCM_128_KEY_LEN_WSALT,
    .key = test_key,
    .idx = test_iv,
    .plaintext_length_octets = sizeof test_plain,
    .plaintext = test_plain,
    .ciphertext_length_octets = sizeof test_sealed_128,
    .ciphertext = test_sealed_128,
    .aad_length_octets = sizeof test_aad,
    .aad = test_aad,
    .tag_length_octets = TAG_SIZE,
};
static const srtp_cipher_test_case_t test_256 = {
    .key_length_octets = SRTP_AES_GCM_256_KEY_LEN_WSALT,
    .key = test_key,
    .idx = test_iv,
    .plaintext_length_octets = sizeof test_plain,
    .plaintext = test_plain,
    .ciphertext_length_octets = sizeof test_sealed_256,
    .ciphertext = test_sealed_256,
    .aad_length_octets = sizeof test_aad,
    .aad = test_aad,
    .tag_length_octets = TAG_SIZE,
};

static const srtp_cipher_type_t gcm_128 = {
    .alloc = gcm_alloc,
    .dealloc = gcm_dealloc,
    .init = gcm_init,
    .set_aad = gcm_set_aad,
    .encrypt = gcm_encrypt,
    .decrypt = gcm_decrypt,
    .set_iv = gcm_set_iv,
    .get_tag = gcm_get_tag,
    .description = "AES-128-GCM, OpenSSL EVP",
    .test_data = &test_128,
    .id = SRTP_AES_GCM_128,
};
static const srtp_cipher_type_t gcm_256 = {
    .alloc = gcm_alloc,
    .dealloc = gcm_dealloc,
    .init = gcm_init,
    .set_aad = gcm_set_aad,
    .encrypt = gcm_encrypt,
    .decrypt = gcm_decrypt,
    .set_iv = gcm_set_iv,
    .get_tag = gcm_get_tag,
    .description = "AES-256-GCM, OpenSSL EVP",
    .test_data = &test_256,
    .id = SRTP_AES_GCM_256,
};

bool srtp_cipher_evp_install(void) {
  return srtp_replace_cipher_type(&gcm_128, SRTP_AES_GCM_128) == srtp_err_status_ok &&
         srtp_replace_cipher_type(&gcm_256, SRTP_AES_GCM_256) == srtp_err_status_ok;
}
