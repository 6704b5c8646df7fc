#include "unit.h"

#include <link.h>
#include <openssl/evp.h>
#include <srtp2/srtp.h>

#include "engine/path/srtp.h"
#include "engine/path/srtp_cipher.h"
#include "media/bytes.h"

enum { ROOM = 1600, TAG = 16 };
enum { HERE = 0x11111111, THERE = 0x22222222 };

static const uint16_t profiles[] = {SRTP_PROFILE_AES_128_GCM, SRTP_PROFILE_AES_256_GCM};

/* ---- RFC 3711 key derivation and RFC 7714 packets, written a second time to compare with ---- */

struct session_key {
  size_t size;
  uint8_t key[32], salt[12];
};

/* RFC 3711 section 4.3.3: AES in counter mode over (salt XOR label << 48) << 16. */
static void derive(uint8_t *out, size_t size, const uint8_t *master, size_t master_size, const uint8_t salt[14],
                   uint8_t label) {
  uint8_t counter[16] = {0};
  memcpy(counter, salt, 14);
  counter[7] ^= label;
  memset(out, 0, size);
  int length;
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  EVP_EncryptInit_ex(context, master_size == 16 ? EVP_aes_128_ctr() : EVP_aes_256_ctr(), NULL, master, counter);
  EVP_EncryptUpdate(context, out, &length, out, (int)size);
  EVP_CIPHER_CTX_free(context);
}

static struct session_key session_key(uint16_t profile, const struct srtp_master *master, uint8_t key_label,
                                      uint8_t salt_label) {
  struct session_key key = {.size = srtp_profile_key_size(profile)};
  uint8_t salt[14] = {0}; /* 96 bits, filled up with zeros (RFC 7714 section 11) */
  memcpy(salt, master->salt, SRTP_SALT_SIZE);
  derive(key.key, key.size, master->key, key.size, salt, key_label);
  derive(key.salt, sizeof key.salt, master->key, key.size, salt, salt_label);
  return key;
}

static size_t seal(uint8_t *out, const struct session_key *key, const uint8_t nonce[12], const uint8_t *aad,
                   size_t aad_size, const uint8_t *plain, size_t size) {
  int length;
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  EVP_EncryptInit_ex(context, key->size == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm(), NULL, key->key, nonce);
  EVP_EncryptUpdate(context, NULL, &length, aad, (int)aad_size);
  EVP_EncryptUpdate(context, out, &length, plain, (int)size);
  EVP_EncryptFinal_ex(context, out + size, &length);
  EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG, out + size);
  EVP_CIPHER_CTX_free(context);
  return size + TAG;
}

/* Section 8.1: 00 00 | SSRC | ROC | SEQ, XOR salt; the header is associated data. */
static size_t reference_rtp(uint8_t *out, const struct session_key *key, const uint8_t *packet, size_t size) {
  uint8_t nonce[12] = {0};
  memcpy(nonce + 2, packet + 8, 4);
  memcpy(nonce + 10, packet + 2, 2);
  for (size_t i = 0; i < 12; i++)
    nonce[i] ^= key->salt[i];
  memcpy(out, packet, 12);
  return 12 + seal(out + 12, key, nonce, packet, 12, packet + 12, size - 12);
}

/* Section 9.1: 00 00 | SSRC | 00 00 | index, XOR salt; header and E | index are associated data. */
static size_t reference_rtcp(uint8_t *out, const struct session_key *key, const uint8_t *packet, size_t size,
                             uint32_t index) {
  uint8_t nonce[12] = {0}, aad[12];
  struct writer w = writer_of(nonce + 8, 4);
  write_u32(&w, index);
  memcpy(nonce + 2, packet + 4, 4);
  for (size_t i = 0; i < 12; i++)
    nonce[i] ^= key->salt[i];
  memcpy(aad, packet, 8);
  w = writer_of(aad + 8, 4);
  write_u32(&w, index | 0x80000000u);
  memcpy(out, packet, 8);
  size_t sealed = seal(out + 8, key, nonce, aad, sizeof aad, packet + 8, size - 8);
  memcpy(out + 8 + sealed, aad + 8, 4);
  return 8 + sealed + 4;
}

static size_t unhex(uint8_t *out, const char *text) {
  size_t size = strlen(text) / 2;
  for (size_t i = 0; i < size; i++) {
    unsigned byte;
    assert_int_equal(sscanf(text + 2 * i, "%2x", &byte), 1);
    out[i] = (uint8_t)byte;
  }
  return size;
}

/* ---- helpers ---- */

/* Before main(), so that the library's self-tests are not run again for each failing allocation. */
__attribute__((constructor)) static void start_library(void) {
  srtp_start();
}

static struct srtp_master master(uint8_t first) {
  struct srtp_master out;
  for (size_t i = 0; i < SRTP_KEY_MAX; i++)
    out.key[i] = (uint8_t)(first + i);
  for (size_t i = 0; i < SRTP_SALT_SIZE; i++)
    out.salt[i] = (uint8_t)(first + 100 + i);
  return out;
}

struct pair {
  struct srtp_path *a, *b;
};

static struct pair pair_of(uint16_t profile) {
  struct srtp_master one = master(1), two = master(2);
  struct pair pair = {NULL, NULL};
  need(pair.a = srtp_path_new(profile, &one, &two));
  pair.b = srtp_path_new(profile, &two, &one);
  if (!pair.b)
    srtp_path_free(pair.a), pair.a = NULL;
  if (!pair.a && unit_alloc_failed())
    exit(0);
  assert_non_null(pair.b);
  return pair;
}

static void free_pair(struct pair pair) {
  srtp_path_free(pair.a);
  srtp_path_free(pair.b);
}

static size_t rtp(uint8_t *out, uint32_t ssrc, uint16_t seq, size_t payload) {
  struct writer w = writer_of(out, ROOM);
  write_u16(&w, 0x806f);
  write_u16(&w, seq);
  write_u32(&w, (uint32_t)seq * 960);
  write_u32(&w, ssrc);
  uint8_t *body = write_span(&w, payload);
  for (size_t i = 0; i < payload; i++)
    body[i] = (uint8_t)(seq + i);
  return ROOM - w.left;
}

static size_t rtcp(uint8_t *out, uint32_t ssrc) {
  struct writer w = writer_of(out, ROOM);
  write_u32(&w, 0x80c90001); /* an empty receiver report */
  write_u32(&w, ssrc);
  return ROOM - w.left;
}

static enum srtp_result send_rtp(struct srtp_path *path, uint8_t *out, size_t *size, uint32_t ssrc, uint16_t seq) {
  *size = rtp(out, ssrc, seq, 80);
  return srtp_path_protect_rtp(path, out, size, ROOM);
}

#define sends(call)                                                                                                \
  do {                                                                                                             \
    enum srtp_result sends_result = (call);                                                                        \
    if (sends_result == SRTP_FAILED && unit_alloc_failed())                                                        \
      exit(0); /* no memory for a first packet's stream, and told so */                                            \
    assert_int_equal(sends_result, SRTP_OK);                                                                       \
  } while (0)

static int note_loads(struct dl_phdr_info *info, size_t size, void *loads) {
  (void)size;
  *(unsigned long long *)loads = info->dlpi_adds;
  return 1;
}

/* How many libraries this process ever loaded. */
static unsigned long long libraries_loaded(void) {
  unsigned long long loads = 0;
  dl_iterate_phdr(note_loads, &loads);
  return loads;
}

/* ---- tests ---- */

/* RFC 7714 sections 16.1.1, 16.2.1, 17.1 and 17.2 start from session keys: they check the reference above. */
static void the_reference_of_these_tests_agrees_with_rfc_7714(void **state) {
  (void)state;
  static const char *const sealed_rtp[2] = {
      "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27"
      "beb16a9152cf765ee4390cce",
      "8040f17b8041f8d35501a0b232b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b7aa3db36"
      "dfffd6b0f9bb7878d7a76c13"};
  static const char *const sealed_rtcp[2] = {
      "81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275bc84a"
      "a45896cf4d2fc5abf87245d9eade800005d4",
      "81c8000d4d617273d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658c61de0476f1b6fad1d1e"
      "b30c4446839f57ff6f6cb26ac3be800005d4"};
  uint8_t packet[100], want[100], got[100];
  for (size_t i = 0; i < 2; i++) {
    struct session_key key = {.size = i ? 32 : 16};
    for (size_t j = 0; j < key.size; j++)
      key.key[j] = (uint8_t)j;
    memcpy(key.salt, "Quid pro quo", 12);
    size_t size = unhex(packet, "8040f17b8041f8d35501a0b2");
    memcpy(packet + size, "Gallia est omnis divisa in partes tres", 38);
    size_t length = unhex(want, sealed_rtp[i]);
    assert_int_equal(reference_rtp(got, &key, packet, size + 38), length);
    assert_memory_equal(got, want, length);
    size = unhex(packet, "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61"
                         "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef");
    length = unhex(want, sealed_rtcp[i]);
    assert_int_equal(reference_rtcp(got, &key, packet, size, 0x5d4), length);
    assert_memory_equal(got, want, length);
  }
}

/* RFC 3711 appendix B.3 */
static void the_reference_of_these_tests_derives_keys_as_rfc_3711(void **state) {
  (void)state;
  uint8_t key[16], salt[14], want[16], got[16];
  unhex(key, "e1f97a0d3e018be0d64fa32c06de4139");
  unhex(salt, "0ec675ad498afeebb6960b3aabe6");
  unhex(want, "c61e7a93744f39ee10734afe3ff7a087");
  derive(got, 16, key, 16, salt, 0);
  assert_memory_equal(got, want, 16);
  unhex(want, "30cbbc08863d8c85d49db34a9ae1");
  derive(got, 14, key, 16, salt, 2);
  assert_memory_equal(got, want, 14);
}

static void packets_are_those_of_rfc_7714(void **state) {
  (void)state;
  for (size_t p = 0; p < 2; p++) {
    struct srtp_master one = master(1), two = master(2);
    struct session_key key = session_key(profiles[p], &one, 0, 2), control = session_key(profiles[p], &one, 3, 5);
    struct srtp_path *path = NULL;
    need(path = srtp_path_new(profiles[p], &one, &two));
    uint8_t packet[ROOM], want[ROOM];
    for (uint16_t seq = 0; seq <= 1500; seq++) { /* every payload size; libsrtp's own cipher would give the same */
      size_t size = rtp(packet, HERE, seq, seq);
      size_t length = reference_rtp(want, &key, packet, size);
      sends(srtp_path_protect_rtp(path, packet, &size, ROOM));
      assert_int_equal(size, length);
      assert_memory_equal(packet, want, length);
    }
    for (uint32_t index = 1; index < 5; index++) {
      size_t size = rtcp(packet, HERE);
      size_t length = reference_rtcp(want, &control, packet, size, index);
      assert_int_equal(srtp_path_protect_rtcp(path, packet, &size, ROOM), SRTP_OK);
      assert_int_equal(size, length);
      assert_memory_equal(packet, want, length);
    }
    srtp_path_free(path);
  }
}

static void what_one_end_protects_the_other_reads_at_every_size(void **state) {
  (void)state;
  for (size_t p = 0; p < 2; p++) {
    struct pair pair = pair_of(profiles[p]);
    for (uint16_t seq = 0; seq <= 1500; seq++) {
      uint8_t plain[ROOM], packet[ROOM];
      size_t plain_size = rtp(plain, HERE, seq, seq), size = plain_size;
      memcpy(packet, plain, size);
      sends(srtp_path_protect_rtp(pair.a, packet, &size, ROOM));
      assert_int_equal(size, plain_size + SRTP_RTP_OVERHEAD);
      sends(srtp_path_unprotect_rtp(pair.b, packet, &size));
      assert_int_equal(size, plain_size);
      assert_memory_equal(packet, plain, size);
    }
    uint8_t plain[ROOM], packet[ROOM];
    size_t plain_size = rtcp(plain, THERE), size = plain_size;
    memcpy(packet, plain, size);
    sends(srtp_path_protect_rtcp(pair.b, packet, &size, ROOM));
    assert_int_equal(size, plain_size + SRTP_RTCP_OVERHEAD);
    sends(srtp_path_unprotect_rtcp(pair.a, packet, &size));
    assert_int_equal(size, plain_size);
    assert_memory_equal(packet, plain, size);
    free_pair(pair);
  }
}

static void a_changed_bit_is_never_accepted(void **state) {
  (void)state;
  struct pair pair = pair_of(SRTP_PROFILE_AES_256_GCM);
  uint8_t packet[ROOM], copy[ROOM];
  size_t size;
  sends(send_rtp(pair.a, packet, &size, HERE, 1000));
  for (size_t bit = 0; bit < 8 * size; bit++) {
    memcpy(copy, packet, size);
    copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
    size_t length = size;
    assert_int_not_equal(srtp_path_unprotect_rtp(pair.b, copy, &length), SRTP_OK);
  }
  size_t control = rtcp(copy, HERE);
  sends(srtp_path_protect_rtcp(pair.a, copy, &control, ROOM));
  for (size_t bit = 0; bit < 8 * control; bit++) { /* the E flag and the index among them */
    uint8_t changed[ROOM];
    memcpy(changed, copy, control);
    changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    size_t length = control;
    assert_int_not_equal(srtp_path_unprotect_rtcp(pair.b, changed, &length), SRTP_OK);
  }
  size_t length = size; /* and all that did not spoil the true ones */
  sends(srtp_path_unprotect_rtp(pair.b, packet, &length));
  sends(srtp_path_unprotect_rtcp(pair.b, copy, &control));
  free_pair(pair);
}

static void a_forged_packet_leaves_no_plaintext_behind(void **state) {
  (void)state;
  struct pair pair = pair_of(SRTP_PROFILE_AES_128_GCM);
  uint8_t packet[ROOM], plain[ROOM];
  size_t size, plain_size = rtp(plain, HERE, 1, 80);
  sends(send_rtp(pair.a, packet, &size, HERE, 1));
  packet[size - 1] ^= 1;
  assert_int_equal(srtp_path_unprotect_rtp(pair.b, packet, &size), SRTP_AUTH_FAIL);
  static const uint8_t zeros[80];
  assert_memory_equal(packet + 12, zeros, sizeof zeros);
  assert_int_equal(plain_size, 92);
  free_pair(pair);
}

static void no_truncation_of_a_packet_is_accepted(void **state) {
  (void)state;
  struct pair pair = pair_of(SRTP_PROFILE_AES_128_GCM);
  uint8_t packet[ROOM], copy[ROOM];
  size_t size, control = rtcp(packet, HERE);
  sends(srtp_path_protect_rtcp(pair.a, packet, &control, ROOM));
  for (size_t cut = 0; cut < control; cut++) {
    size_t length = cut;
    memcpy(copy, packet, cut);
    assert_int_not_equal(srtp_path_unprotect_rtcp(pair.b, copy, &length), SRTP_OK);
  }
  sends(send_rtp(pair.a, packet, &size, HERE, 1));
  for (size_t cut = 0; cut < size; cut++) {
    size_t length = cut;
    memcpy(copy, packet, cut);
    assert_int_not_equal(srtp_path_unprotect_rtp(pair.b, copy, &length), SRTP_OK);
  }
  free_pair(pair);
}

static void a_packet_is_accepted_once_and_within_a_window_of_1024(void **state) {
  (void)state;
  struct pair pair = pair_of(SRTP_PROFILE_AES_256_GCM);
  static uint8_t packet[2000][112];
  for (uint16_t seq = 0; seq < 2000; seq++) {
    uint8_t out[ROOM];
    size_t size;
    sends(send_rtp(pair.a, out, &size, HERE, seq));
    memcpy(packet[seq], out, sizeof packet[0] < size ? sizeof packet[0] : size);
  }
  enum { SIZE = 12 + 80 + TAG };
  static const struct {
    int seq;
    enum srtp_result want;
  } arrivals[] = {{1500, SRTP_OK},     {1500, SRTP_REPLAY}, {477, SRTP_OK},     {477, SRTP_REPLAY},
                  {476, SRTP_REPLAY},  {1499, SRTP_OK},     {1999, SRTP_OK},    {1000, SRTP_OK},
                  {1499, SRTP_REPLAY}, {900, SRTP_REPLAY},  {1999, SRTP_REPLAY}};
  for (size_t i = 0; i < sizeof arrivals / sizeof arrivals[0]; i++) {
    uint8_t copy[SIZE];
    size_t size = SIZE;
    memcpy(copy, packet[arrivals[i].seq], SIZE);
    enum srtp_result got = srtp_path_unprotect_rtp(pair.b, copy, &size);
    if (got == SRTP_FAILED && unit_alloc_failed())
      exit(0);
    assert_int_equal(got, arrivals[i].want);
  }
  free_pair(pair);
}

static void the_peers_own_packets_reflected_are_refused(void **state) {
  (void)state;
  struct pair pair = pair_of(SRTP_PROFILE_AES_256_GCM);
  uint8_t packet[ROOM];
  size_t size;
  sends(send_rtp(pair.a, packet, &size, HERE, 1));
  assert_int_equal(srtp_path_unprotect_rtp(pair.a, packet, &size), SRTP_AUTH_FAIL);
  free_pair(pair);
}

static void sequence_numbers_wrap(void **state) {
  (void)state;
  struct pair pair = pair_of(SRTP_PROFILE_AES_128_GCM);
  for (unsigned i = 0; i < 3 * 65536; i += 500) {
    uint8_t packet[ROOM];
    size_t size;
    sends(send_rtp(pair.a, packet, &size, HERE, (uint16_t)i));
    sends(srtp_path_unprotect_rtp(pair.b, packet, &size));
  }
  free_pair(pair);
}

static void a_retransmission_is_the_same_ciphertext(void **state) {
  (void)state;
  struct pair pair = pair_of(SRTP_PROFILE_AES_256_GCM);
  uint8_t first[ROOM], again[ROOM];
  size_t size;
  sends(send_rtp(pair.a, first, &size, HERE, 7));
  for (uint16_t seq = 8; seq < 1000; seq++)
    sends(send_rtp(pair.a, again, &size, HERE, seq));
  sends(send_rtp(pair.a, again, &size, HERE, 7));
  assert_memory_equal(first, again, size);
  free_pair(pair);
}

static void another_packet_under_a_used_sequence_number_does_not_leave(void **state) {
  (void)state;
  struct pair pair = pair_of(SRTP_PROFILE_AES_256_GCM);
  uint8_t packet[ROOM];
  size_t size;
  sends(send_rtp(pair.a, packet, &size, HERE, 7));
  sends(send_rtp(pair.a, packet, &size, HERE, 8));
  size = rtp(packet, HERE, 7, 80);
  packet[50] ^= 1;
  static const uint8_t zeros[12 + 80 + TAG];
  assert_int_equal(srtp_path_protect_rtp(pair.a, packet, &size, ROOM), SRTP_REPLAY);
  assert_memory_equal(packet, zeros, sizeof zeros);
  free_pair(pair);
}

static void more_than_8_ssrcs_are_refused_and_the_first_8_go_on(void **state) {
  (void)state;
  struct pair pair = pair_of(SRTP_PROFILE_AES_128_GCM);
  struct srtp_master one = master(1), two = master(2);
  struct srtp_path *other = srtp_path_new(SRTP_PROFILE_AES_128_GCM, &one, &two);
  if (!other && unit_alloc_failed())
    exit(0);
  uint8_t packet[ROOM];
  size_t size;
  for (uint32_t ssrc = 1; ssrc <= SRTP_SSRCS_MAX; ssrc++) {
    sends(send_rtp(pair.a, packet, &size, ssrc, 1));
    sends(srtp_path_unprotect_rtp(pair.b, packet, &size));
  }
  assert_int_equal(send_rtp(pair.a, packet, &size, 100, 1), SRTP_UNKNOWN);
  sends(send_rtp(other, packet, &size, 100, 1));
  assert_int_equal(srtp_path_unprotect_rtp(pair.b, packet, &size), SRTP_UNKNOWN);
  sends(send_rtp(pair.a, packet, &size, 3, 2));
  sends(srtp_path_unprotect_rtp(pair.b, packet, &size));
  srtp_path_free(other);
  free_pair(pair);
}

static void forged_ssrcs_take_no_place(void **state) {
  (void)state;
  struct pair pair = pair_of(SRTP_PROFILE_AES_128_GCM);
  uint8_t packet[ROOM];
  size_t size;
  for (uint32_t ssrc = 1; ssrc <= 100; ssrc++) {
    size = rtp(packet, ssrc, 1, 80 + TAG);
    assert_int_equal(srtp_path_unprotect_rtp(pair.b, packet, &size), SRTP_AUTH_FAIL);
  }
  sends(send_rtp(pair.a, packet, &size, HERE, 1));
  sends(srtp_path_unprotect_rtp(pair.b, packet, &size));
  free_pair(pair);
}

static void a_packet_without_room_for_its_tag_is_refused_untouched(void **state) {
  (void)state;
  struct pair pair = pair_of(SRTP_PROFILE_AES_128_GCM);
  uint8_t packet[ROOM], copy[ROOM];
  size_t size = rtp(packet, HERE, 1, 80), was = size;
  memcpy(copy, packet, size);
  assert_int_equal(srtp_path_protect_rtp(pair.a, packet, &size, was + SRTP_RTP_OVERHEAD - 1), SRTP_MALFORMED);
  assert_int_equal(size, was);
  assert_memory_equal(packet, copy, was);
  sends(srtp_path_protect_rtp(pair.a, packet, &size, was + SRTP_RTP_OVERHEAD));
  size = was = rtcp(packet, HERE);
  assert_int_equal(srtp_path_protect_rtcp(pair.a, packet, &size, was + SRTP_RTCP_OVERHEAD - 1), SRTP_MALFORMED);
  sends(srtp_path_protect_rtcp(pair.a, packet, &size, was + SRTP_RTCP_OVERHEAD));
  free_pair(pair);
}

static void only_the_two_gcm_profiles_exist(void **state) {
  (void)state;
  struct srtp_master one = master(1);
  for (unsigned profile = 0; profile < 0x10000; profile++)
    if (profile != 7 && profile != 8) {
      assert_null(srtp_path_new((uint16_t)profile, &one, &one));
      assert_null(srtp_profile_name((uint16_t)profile));
    }
  assert_string_equal(srtp_profile_name(8), "AEAD_AES_256_GCM");
  assert_string_equal(srtp_profile_name(7), "AEAD_AES_128_GCM");
}

static void the_cipher_in_use_is_the_one_asked_for_or_the_fastest(void **state) {
  (void)state;
  const char *asked = getenv("SOTTO_SRTP_CIPHER");
  assert_string_equal(srtp_engine_name(), asked ? asked : srtp_cipher_named(NULL)->name);
}

static void a_call_opens_without_loading_a_library(void **state) {
  (void)state;
  unsigned long long before = libraries_loaded();
  for (int call = 0; call < 3; call++)
    free_pair(pair_of(SRTP_PROFILE_AES_256_GCM));
  assert_true(libraries_loaded() == before);
}

UNIT_TESTS(test(the_reference_of_these_tests_agrees_with_rfc_7714),
           test(the_reference_of_these_tests_derives_keys_as_rfc_3711), test(packets_are_those_of_rfc_7714),
           test(what_one_end_protects_the_other_reads_at_every_size), test(a_changed_bit_is_never_accepted),
           test(a_forged_packet_leaves_no_plaintext_behind), test(no_truncation_of_a_packet_is_accepted),
           test(a_packet_is_accepted_once_and_within_a_window_of_1024),
           test(the_peers_own_packets_reflected_are_refused), test(sequence_numbers_wrap),
           test(a_retransmission_is_the_same_ciphertext),
           test(another_packet_under_a_used_sequence_number_does_not_leave),
           test(more_than_8_ssrcs_are_refused_and_the_first_8_go_on), test(forged_ssrcs_take_no_place),
           test(a_packet_without_room_for_its_tag_is_refused_untouched), test(only_the_two_gcm_profiles_exist),
           test(the_cipher_in_use_is_the_one_asked_for_or_the_fastest),
           test(a_call_opens_without_loading_a_library))
