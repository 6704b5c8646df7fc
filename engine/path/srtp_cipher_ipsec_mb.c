/* srtp_cipher_ipsec_mb.c - AES-GCM of intel-ipsec-mb: one call a packet, on AES-NI, VAES or AVX-512 as there is.
 *
 * Only built where the library is found, and used only where the processor has AES and carry-less multiplication:
 * the library's emulation of them is neither fast nor free of timing. It holds no state between calls.
 */
#include <intel-ipsec-mb.h>
#include <pthread.h>

#include "../../signaling/crypto.h"
#include "srtp_cipher.h"

struct key {
  struct gcm_key_data schedule;
  struct gcm_context_data context;
  size_t size;
};
_Static_assert(sizeof(struct key) <= SRTP_CIPHER_STATE_MAX, "its place");

static struct {
  aes_gcm_pre_t expand_128, expand_256;
  aes_gcm_enc_dec_t seal_128, seal_256, open_128, open_256;
} calls;

/* The manager, half a megabyte of it, is for batches of jobs; of what it found out only the functions are kept. */
static void find_calls(void) {
  IMB_MGR *manager = alloc_mb_mgr(0); /* all that the processor has, found out by itself */
  IMB_ARCH arch = IMB_ARCH_NONE;
  const uint64_t needed = IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ | IMB_FEATURE_SELF_TEST_PASS;
  if (!manager)
    return;
  init_mb_mgr_auto(manager, &arch);
  if (arch >= IMB_ARCH_SSE && (manager->features & needed) == needed) {
    calls.expand_128 = manager->gcm128_pre;
    calls.expand_256 = manager->gcm256_pre;
    calls.seal_128 = manager->gcm128_enc;
    calls.seal_256 = manager->gcm256_enc;
    calls.open_128 = manager->gcm128_dec;
    calls.open_256 = manager->gcm256_dec;
  }
  free_mb_mgr(manager);
}

static bool mb_start(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, find_calls);
  return calls.seal_128 != NULL;
}

static bool mb_init(void *state, size_t key_size) {
  struct key *key = state;
  key->size = key_size;
  return true;
}

static void mb_deinit(void *state) {
  crypto_wipe(state, sizeof(struct key));
}

static bool mb_set_key(void *state, const uint8_t *bytes) {
  struct key *key = state;
  (key->size == 16 ? calls.expand_128 : calls.expand_256)(bytes, &key->schedule);
  return true;
}

static bool mb_seal(void *state, const struct srtp_cipher_text *text, uint8_t *tag) {
  struct key *key = state;
  (key->size == 16 ? calls.seal_128 : calls.seal_256)(&key->schedule, &key->context, text->data, text->data,
                                                      text->size, text->iv, text->aad, text->aad_size, tag,
                                                      SRTP_CIPHER_TAG_SIZE);
  return true;
}

static bool mb_open(void *state, const struct srtp_cipher_text *text, const uint8_t *tag, size_t tag_size) {
  struct key *key = state;
  uint8_t own[SRTP_CIPHER_TAG_SIZE];
  (key->size == 16 ? calls.open_128 : calls.open_256)(&key->schedule, &key->context, text->data, text->data,
                                                      text->size, text->iv, text->aad, text->aad_size, own,
                                                      sizeof own);
  if (crypto_equal(own, tag, tag_size))
    return true;
  crypto_wipe(own, sizeof own); /* the true tag of a forged packet is a secret */
  return false;
}

const struct srtp_cipher_engine srtp_cipher_ipsec_mb = {"ipsec-mb", mb_start, mb_init, mb_deinit,
                                                        mb_set_key, mb_seal,  mb_open};
