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

/* The newest instructions of those that the processor has; SSE's are AES-NI and carry-less multiplication. */
static IMB_ARCH best_of(uint64_t features) {
  static const struct {
    IMB_ARCH arch;
    uint64_t needed;
  } levels[] = {{IMB_ARCH_AVX512, IMB_CPUFLAGS_AVX512},
                {IMB_ARCH_AVX2, IMB_CPUFLAGS_AVX2},
                {IMB_ARCH_AVX, IMB_CPUFLAGS_AVX},
                {IMB_ARCH_SSE, IMB_CPUFLAGS_SSE}};
  for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
    if ((features & levels[i].needed) == levels[i].needed)
      return levels[i].arch;
  return IMB_ARCH_NONE;
}

/* The manager, half a megabyte of it, is for batches of jobs; of what it found out only the functions are kept. As
 * for a manager that another process has set up, they are looked up without the library's self-test: that runs all
 * of its algorithms, and their 2.5 MB of code would stay in memory for the one that is used. What is used libsrtp
 * tests before it takes it. */
static void find_calls(void) {
  IMB_MGR *manager = alloc_mb_mgr(0);
  if (!manager)
    return;
  manager->used_arch = best_of(manager->features);
  if (manager->used_arch != IMB_ARCH_NONE && imb_set_pointers_mb_mgr(manager, 0, 0)) {
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
