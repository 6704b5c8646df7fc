#include "srtp_cipher.h"

#include <srtp2/cipher.h>
#include <stdlib.h>
#include <string.h>

#include "../../signaling/crypto.h"

enum { TAG_SIZE = SRTP_CIPHER_TAG_SIZE, SHORT_TAG_SIZE = 8, SALT_SIZE = 12 }; /* short: libsrtp's self-test alone */
enum { IV_ROOM = 16 };                                                        /* libsrtp's are 12 bytes in 16 */
enum { AAD_MAX = 2048 }; /* in parts: SRTCP that is not encrypted, all of it */

struct gcm {
  _Alignas(SRTP_CIPHER_ALIGNMENT) uint8_t key[SRTP_CIPHER_STATE_MAX];
  srtp_cipher_t cipher; /* what libsrtp holds; freed with this struct */
  const struct srtp_cipher_engine *engine;
  void *block; /* what this struct lies in */
  size_t tag_size, aad_size;
  const uint8_t *aad; /* in the packet, or in parts */
  uint8_t iv[IV_ROOM], tag[TAG_SIZE], parts[AAD_MAX];
};

static const struct srtp_cipher_engine *installed;
static const srtp_cipher_type_t gcm_128, gcm_256;

static struct gcm *aligned_new(void) {
  uint8_t *block = calloc(1, sizeof(struct gcm) + SRTP_CIPHER_ALIGNMENT);
  if (!block)
    return NULL;
  struct gcm *gcm = (void *)(block + SRTP_CIPHER_ALIGNMENT - (uintptr_t)block % SRTP_CIPHER_ALIGNMENT);
  gcm->block = block;
  return gcm;
}

static void wipe_and_free(struct gcm *gcm) {
  void *block = gcm->block;
  crypto_wipe(gcm, sizeof *gcm);
  free(block);
}

static srtp_err_status_t gcm_dealloc(srtp_cipher_t *cipher) {
  struct gcm *gcm = cipher->state;
  gcm->engine->deinit(gcm->key);
  wipe_and_free(gcm);
  return srtp_err_status_ok;
}

static srtp_err_status_t gcm_alloc(srtp_cipher_t **cipher, int key_and_salt, int tag_size) {
  int key_size = key_and_salt - SALT_SIZE;
  if ((key_size != 16 && key_size != 32) || (tag_size != TAG_SIZE && tag_size != SHORT_TAG_SIZE))
    return srtp_err_status_bad_param;
  struct gcm *gcm = aligned_new();
  if (!gcm)
    return srtp_err_status_alloc_fail;
  const srtp_cipher_type_t *type = key_size == 16 ? &gcm_128 : &gcm_256;
  gcm->cipher = (srtp_cipher_t){.type = type, .state = gcm, .key_len = key_and_salt, .algorithm = (int)type->id};
  gcm->engine = installed;
  gcm->tag_size = (size_t)tag_size;
  if (!installed->init(gcm->key, (size_t)key_size)) {
    wipe_and_free(gcm);
    return srtp_err_status_alloc_fail;
  }
  *cipher = &gcm->cipher;
  return srtp_err_status_ok;
}

static srtp_err_status_t gcm_init(void *state, const uint8_t *key) {
  struct gcm *gcm = state;
  return gcm->engine->set_key(gcm->key, key) ? srtp_err_status_ok : srtp_err_status_init_fail;
}

static srtp_err_status_t gcm_set_iv(void *state, uint8_t *iv, srtp_cipher_direction_t direction) {
  (void)direction;
  struct gcm *gcm = state;
  memcpy(gcm->iv, iv, sizeof gcm->iv); /* whole: in parts, the cipher would wait for them to meet in the cache */
  gcm->aad_size = 0;
  return srtp_err_status_ok;
}

static srtp_err_status_t join_aad(struct gcm *gcm, const uint8_t *aad, size_t size) {
  if (gcm->aad_size > AAD_MAX || size > AAD_MAX - gcm->aad_size)
    return srtp_err_status_bad_param;
  if (gcm->aad != gcm->parts)
    memcpy(gcm->parts, gcm->aad, gcm->aad_size);
  memcpy(gcm->parts + gcm->aad_size, aad, size);
  gcm->aad = gcm->parts;
  gcm->aad_size += size;
  return srtp_err_status_ok;
}

static srtp_err_status_t gcm_set_aad(void *state, const uint8_t *aad, uint32_t size) {
  struct gcm *gcm = state;
  if (gcm->aad_size > 0) /* a further part: of SRTCP, the index behind the header */
    return join_aad(gcm, aad, size);
  gcm->aad = aad;
  gcm->aad_size = size;
  return srtp_err_status_ok;
}

static srtp_err_status_t gcm_encrypt(void *state, uint8_t *data, unsigned *size) {
  struct gcm *gcm = state;
  struct srtp_cipher_text text = {gcm->iv, gcm->aad, gcm->aad_size, data, *size};
  return gcm->engine->seal(gcm->key, &text, gcm->tag) ? srtp_err_status_ok : srtp_err_status_cipher_fail;
}

static srtp_err_status_t gcm_get_tag(void *state, uint8_t *tag, uint32_t *size) {
  struct gcm *gcm = state;
  if (gcm->tag_size == TAG_SIZE)
    memcpy(tag, gcm->tag, TAG_SIZE); /* two moves and no call */
  else
    memcpy(tag, gcm->tag, SHORT_TAG_SIZE);
  *size = (uint32_t)gcm->tag_size;
  return srtp_err_status_ok;
}

/* The plaintext is there before the tag is known to be right: nobody sees it when it is wrong. */
static srtp_err_status_t gcm_decrypt(void *state, uint8_t *data, unsigned *size) {
  struct gcm *gcm = state;
  if (*size < gcm->tag_size)
    return srtp_err_status_bad_param;
  size_t plain = *size - gcm->tag_size;
  struct srtp_cipher_text text = {gcm->iv, gcm->aad, gcm->aad_size, data, plain};
  if (!gcm->engine->open(gcm->key, &text, data + plain, gcm->tag_size)) {
    crypto_wipe(data, plain);
    return srtp_err_status_auth_fail;
  }
  *size = (unsigned)plain;
  return srtp_err_status_ok;
}

/* Test cases 4 and 16 of McGrew and Viega, "The Galois/Counter Mode of Operation (GCM)", appendix B. */
static const uint8_t test_key[32] = {0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65, 0x73, 0x1c, 0x6d, 0x6a, 0x8f,
                                     0x94, 0x67, 0x30, 0x83, 0x08, 0xfe, 0xff, 0xe9, 0x92, 0x86, 0x65,
                                     0x73, 0x1c, 0x6d, 0x6a, 0x8f, 0x94, 0x67, 0x30, 0x83, 0x08};
static uint8_t test_iv[IV_ROOM] = {0xca, 0xfe, 0xba, 0xbe, 0xfa, 0xce, 0xdb, 0xad, 0xde, 0xca, 0xf8, 0x88};
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
    .description = "AES-128-GCM of sotto",
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
    .description = "AES-256-GCM of sotto",
    .test_data = &test_256,
    .id = SRTP_AES_GCM_256,
};

const struct srtp_cipher_engine *srtp_cipher_named(const char *name) {
  static const struct srtp_cipher_engine *const engines[] = {
#ifdef SOTTO_IPSEC_MB
      &srtp_cipher_ipsec_mb,
#endif
      &srtp_cipher_evp,
  };
  for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++)
    if ((!name || strcmp(engines[i]->name, name) == 0) && engines[i]->start())
      return engines[i];
  return NULL;
}

bool srtp_cipher_install(const struct srtp_cipher_engine *engine) {
  const struct srtp_cipher_engine *before = installed;
  installed = engine;
  if (srtp_replace_cipher_type(&gcm_128, SRTP_AES_GCM_128) == srtp_err_status_ok &&
      srtp_replace_cipher_type(&gcm_256, SRTP_AES_GCM_256) == srtp_err_status_ok)
    return true;
  installed = before;
  return false;
}

const struct srtp_cipher_engine *srtp_cipher_installed(void) {
  return installed;
}
