#include "unit.h"

#include <srtp2/srtp.h>

#include "engine/path/srtp.h"
#include "engine/path/srtp_cipher.h"
#include "media/bytes.h"

enum { ROOM = 1700, TAG = 16, SIZES = 1501 };

struct streams { /* both directions under one key */
  srtp_t sender, receiver;
};

static const uint16_t profiles[] = {SRTP_PROFILE_AES_128_GCM, SRTP_PROFILE_AES_256_GCM};
static const char *const names[] = {"openssl", "ipsec-mb"};
#ifdef SOTTO_IPSEC_MB /* as the build found it; test_srtp_cipher_portable is made as if it had not */
enum { BUILT = true };
#else
enum { BUILT = false };
#endif
static struct streams stock[2];
static char first_name[16];
static uint32_t ssrc; /* a fresh one a check: what went before is another stream's */

static srtp_t stream(uint16_t profile, srtp_ssrc_type_t type) {
  uint8_t key[SRTP_KEY_MAX + SRTP_SALT_SIZE];
  for (size_t i = 0; i < sizeof key; i++)
    key[i] = (uint8_t)(7 * i + profile);
  srtp_policy_t policy = {.ssrc.type = type, .key = key, .window_size = 128};
  if (profile == SRTP_PROFILE_AES_256_GCM)
    srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp);
  else
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
  policy.rtcp = policy.rtp;
  srtp_t out = NULL;
  return srtp_create(&out, &policy) == srtp_err_status_ok ? out : NULL;
}

static struct streams streams(uint16_t profile) {
  struct streams out = {stream(profile, ssrc_any_outbound), NULL};
  if (out.sender)
    out.receiver = stream(profile, ssrc_any_inbound);
  if (out.sender && !out.receiver)
    srtp_dealloc(out.sender), out.sender = NULL;
  return out;
}

/* A stream keeps the cipher that was there when it was made: those of the library's own are made before main(). */
__attribute__((constructor)) static void start_library(void) {
  setenv("SOTTO_SRTP_CIPHER", "libsrtp", 1);
  srtp_start();
  snprintf(first_name, sizeof first_name, "%s", srtp_engine_name());
  for (size_t i = 0; i < 2; i++)
    stock[i] = streams(profiles[i]);
}

/* `extended`: two CSRCs and a header extension of two words. */
static size_t rtp(uint8_t *out, uint16_t seq, size_t payload, bool extended) {
  struct writer w = writer_of(out, ROOM);
  write_u16(&w, extended ? 0x926f : 0x806f);
  write_u16(&w, seq);
  write_u32(&w, seq * 960u);
  write_u32(&w, ssrc);
  if (extended) {
    write_u64(&w, 0x0102030405060708);
    write_u32(&w, 0xbede0002);
    write_u64(&w, 0x1011121314151617);
  }
  uint8_t *body = write_span(&w, payload);
  for (size_t i = 0; i < payload; i++)
    body[i] = (uint8_t)(seq * 31 + i);
  return ROOM - w.left;
}

static size_t rtcp(uint8_t *out, size_t words) {
  struct writer w = writer_of(out, ROOM);
  write_u16(&w, 0x80cc);
  write_u16(&w, (uint16_t)(words + 1));
  write_u32(&w, ssrc);
  for (size_t i = 0; i < words; i++)
    write_u32(&w, (uint32_t)(i * 0x9e3779b9));
  return ROOM - w.left;
}

/* ---- tests ---- */

/* Should be: the library needs a processor with AES and carry-less multiplication. */
static bool is_there(const char *name) {
  if (strcmp(name, "ipsec-mb") != 0)
    return true;
#ifdef __x86_64__
  return BUILT && __builtin_cpu_supports("aes") && __builtin_cpu_supports("pclmul");
#else
  return false;
#endif
}

/* RFC 7714 sections 16.1.1, 16.2.1 (RTP) and 17.1, 17.2 (RTCP): session keys, so the cipher alone. */
struct vector {
  const char *iv, *aad, *plain, *sealed[2];
};

static size_t unhex(uint8_t *out, const char *text) {
  size_t size = strlen(text) / 2;
  for (size_t i = 0; i < size; i++) {
    unsigned byte;
    assert_int_equal(sscanf(text + 2 * i, "%2x", &byte), 1);
    out[i] = (uint8_t)byte;
  }
  return size;
}

static void check_vector(const struct srtp_cipher_engine *engine, const struct vector *vector, size_t which) {
  uint8_t key[32], iv[12], aad[40], plain[80], data[80], tag[TAG], want[80 + TAG];
  for (size_t i = 0; i < sizeof key; i++)
    key[i] = (uint8_t)i;
  size_t size = unhex(plain, vector->plain);
  unhex(iv, vector->iv);
  assert_int_equal(unhex(want, vector->sealed[which]), size + TAG);
  static _Alignas(SRTP_CIPHER_ALIGNMENT) uint8_t state[SRTP_CIPHER_STATE_MAX];
  assert_true(engine->init(state, which ? 32 : 16));
  assert_true(engine->set_key(state, key));
  memcpy(data, plain, size);
  struct srtp_cipher_text text = {iv, aad, unhex(aad, vector->aad), data, size};
  assert_true(engine->seal(state, &text, tag));
  assert_memory_equal(data, want, size);
  assert_memory_equal(tag, want + size, TAG);
  assert_true(engine->open(state, &text, tag, TAG));
  assert_memory_equal(data, plain, size);
  for (size_t bit = 0; bit < 8 * TAG; bit++) {
    tag[bit / 8] ^= (uint8_t)(1 << bit % 8);
    memcpy(data, want, size);
    assert_false(engine->open(state, &text, tag, TAG));
    tag[bit / 8] ^= (uint8_t)(1 << bit % 8);
  }
  engine->deinit(state);
}

static void every_cipher_agrees_with_rfc_7714(void **state) {
  (void)state;
  static const struct vector vectors[] = {
      {"51753c6580c2726f20718414",
       "8040f17b8041f8d35501a0b2",
       "47616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573",
       {"f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390c"
        "ce",
        "32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c"
        "13"}},
      {"517524055203726f207170bb",
       "81c8000d4d617273800005d4",
       "4e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef",
       {"63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5"
        "abf87245d9eade",
        "d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658c61de0476f1b6fad1d1eb30c4446839f57"
        "ff6f6cb26ac3be"}},
  };
  for (size_t i = 0; i < 2; i++)
    for (size_t n = 0; n < 2; n++)
      for (size_t v = 0; v < 2; v++)
        if (is_there(names[n]))
          check_vector(srtp_cipher_named(names[n]), &vectors[v], i);
}

#define works(call)                                                                                                \
  do {                                                                                                             \
    srtp_err_status_t works_status = (call);                                                                       \
    if (works_status != srtp_err_status_ok && unit_alloc_failed())                                                 \
      exit(0); /* no memory for a first packet's stream, and told so */                                            \
    assert_int_equal(works_status, srtp_err_status_ok);                                                            \
  } while (0)

typedef srtp_err_status_t (*operation)(srtp_t stream, void *packet, int *size);

/* What either end protects is the same, and each reads the other's. */
static void check_packet(operation protect, operation unprotect, struct streams ours, struct streams theirs,
                         const uint8_t *plain, size_t size) {
  uint8_t a[ROOM], b[ROOM];
  int length = (int)size, other = length;
  memcpy(a, plain, size);
  memcpy(b, plain, size);
  works(protect(ours.sender, a, &length));
  works(protect(theirs.sender, b, &other));
  assert_true(length >= (int)size + TAG);
  assert_int_equal(length, other);
  assert_memory_equal(a, b, (size_t)length);
  works(unprotect(ours.receiver, b, &other));
  works(unprotect(theirs.receiver, a, &length));
  assert_int_equal(other, size);
  assert_memory_equal(a, plain, size);
  assert_memory_equal(b, plain, size);
}

/* Every size with the short and the long header, and four roll-overs of the sequence number on the way. */
static void cross_check(struct streams ours, struct streams theirs) {
  uint8_t plain[ROOM];
  ssrc++;
  for (unsigned i = 0; i < 2 * SIZES; i++) {
    size_t length = rtp(plain, (uint16_t)(i * 97 + 5), i / 2, i % 2 == 0);
    check_packet(srtp_protect, srtp_unprotect, ours, theirs, plain, length);
  }
  for (size_t words = 0; words < SIZES / 4; words++)
    check_packet(srtp_protect_rtcp, srtp_unprotect_rtcp, ours, theirs, plain, rtcp(plain, words));
}

static void check_against_stock(const char *name) {
  const struct srtp_cipher_engine *engine = srtp_cipher_named(name);
  assert_int_equal(engine != NULL, is_there(name));
  if (!engine)
    return; /* as it should be */
  need(srtp_cipher_install(engine));
  assert_string_equal(srtp_engine_name(), name);
  for (size_t i = 0; i < 2; i++) {
    struct streams ours = streams(profiles[i]);
    if (!ours.sender && unit_alloc_failed())
      exit(0);
    assert_non_null(ours.sender);
    cross_check(ours, stock[i]);
    srtp_dealloc(ours.sender);
    srtp_dealloc(ours.receiver);
  }
}

static void openssls_packets_are_the_librarys(void **state) {
  (void)state;
  check_against_stock("openssl");
}

static void ipsec_mbs_packets_are_the_librarys_where_it_was_built_in(void **state) {
  (void)state;
  if (BUILT && !is_there("ipsec-mb"))
    unit_skip("needs a processor with AES and carry-less multiplication");
  check_against_stock("ipsec-mb");
}

static void a_cipher_is_found_by_its_name(void **state) {
  (void)state;
  assert_string_equal(first_name, "libsrtp"); /* asked for by the environment */
  assert_null(srtp_cipher_named("rot13"));
  assert_string_equal(srtp_cipher_named("openssl")->name, "openssl");
  assert_int_equal(srtp_cipher_named("ipsec-mb") != NULL, is_there("ipsec-mb"));
  assert_string_equal(srtp_cipher_named(NULL)->name, names[is_there("ipsec-mb")]);
}

UNIT_TESTS(test(every_cipher_agrees_with_rfc_7714), test(openssls_packets_are_the_librarys),
           test(ipsec_mbs_packets_are_the_librarys_where_it_was_built_in), test(a_cipher_is_found_by_its_name))
