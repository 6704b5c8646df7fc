#include "engine/trust/bech32.h"
#include "unit.h"

/* BIP-350, "Test vectors for Bech32m": valid. */
static const char *const valid[] = {
    "A1LQFN3A",
    "a1lqfn3a",
    "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6",
    "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
    "11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllludsr8",
    "split1checkupstagehandshakeupstreamerranterredcaperredlc445v",
    "?1v759aa",
};
/* The same page: invalid. */
static const char *const invalid[] = {
    "\x20"
    "1xj0phk",
    "\x7f"
    "1g6xzxy",
    "\x80"
    "1vctc34",
    "an84characterslonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11d6pts4",
    "qyrz8wqd2c9m",
    "1qyrz8wqd2c9m",
    "y1b0jsk6g",
    "lt1igcx5c0",
    "in1muywd",
    "mm1crxm3i",
    "au1s5cgom",
    "M1VUXWEZ",
    "16plkw9",
    "1p2gdwpf",
    /* BIP-173's: right in bech32, and so wrong here */
    "A12UEL5L",
    "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
    "?1ezyfcl",
    "",
};

static void the_published_vectors_hold(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof valid / sizeof valid[0]; i++)
    assert_true(bech32m_valid(valid[i]));
  for (size_t i = 0; i < sizeof invalid / sizeof invalid[0]; i++)
    assert_false(bech32m_valid(invalid[i]));
}

static void bytes_of_every_size_come_back(void **state) {
  (void)state;
  uint8_t data[BASE32_MAX], out[BASE32_MAX];
  char text[512];
  for (size_t i = 0; i < sizeof data; i++)
    data[i] = (uint8_t)(i * 37 + 11);
  for (size_t size = 0; size <= 48; size++) {
    size_t got = sizeof out;
    assert_true(bech32m_encode(text, sizeof text, "sotto", data, size));
    assert_true(bech32m_decode(text, "sotto", out, &got));
    assert_int_equal(got, size);
    assert_memory_equal(out, data, size);
  }
  for (size_t size = 0; size <= sizeof data; size++) {
    size_t got = sizeof out;
    assert_true(base32_encode(text, sizeof text, "label", data, size));
    assert_true(base32_decode(text, strlen(text), "label", out, &got));
    assert_int_equal(got, size);
    assert_memory_equal(out, data, size);
    assert_false(base32_decode(text, strlen(text), "babel", out, &got));
  }
}

static void what_does_not_fit_is_refused(void **state) {
  (void)state;
  uint8_t data[BASE32_MAX + 1] = {0};
  char text[512];
  assert_false(bech32m_encode(text, sizeof text, "sotto", data, 49)); /* 5 + 1 + 79 + 6 = 91 characters */
  assert_false(bech32m_encode(text, sizeof text, "", data, 1));
  assert_false(bech32m_encode(text, sizeof text, "a b", data, 1));
  assert_false(bech32m_encode(text, 20, "sotto", data, 5)); /* 5 + 1 + 8 + 6 = 20, and its NUL */
  assert_true(bech32m_encode(text, 21, "sotto", data, 5));
  assert_false(base32_encode(text, sizeof text, "x", data, sizeof data));
  assert_false(base32_encode(text, 14, "x", data, 5));
  assert_true(base32_encode(text, 15, "x", data, 5));
}

static void a_changed_bit_is_found(void **state) {
  (void)state;
  const uint8_t data[33] = {1, 2, 3};
  char text[96];
  uint8_t out[33];
  size_t size = sizeof out;
  assert_true(bech32m_encode(text, sizeof text, "sotto", data, sizeof data));
  size_t length = strlen(text);
  for (size_t i = 0; i < length * 8; i++) {
    text[i / 8] = (char)(text[i / 8] ^ 1 << i % 8);
    assert_false(bech32m_decode(text, "sotto", out, &size));
    text[i / 8] = (char)(text[i / 8] ^ 1 << i % 8);
  }
  for (size_t cut = 0; cut < length; cut++) {
    char shorter[96] = {0};
    memcpy(shorter, text, cut);
    assert_false(bech32m_decode(shorter, "sotto", out, &size));
  }
}

static void padding_is_short_and_zero(void **state) {
  (void)state;
  /* 0xff as groups 31 28; then 31 29, and 31 28 0: made with BIP-350's reference algorithm in Python. */
  static const char good[] = "sotto1luhuw540", dirty[] = "sotto1la226pga", spare[] = "sotto1luqx8fl6w";
  uint8_t out[64];
  size_t size = sizeof out;
  assert_true(bech32m_decode(good, "sotto", out, &size));
  assert_int_equal(size, 1);
  assert_int_equal(out[0], 0xff);
  assert_true(bech32m_valid(dirty) && bech32m_valid(spare));
  size = sizeof out;
  assert_false(bech32m_decode(dirty, "sotto", out, &size));
  size = sizeof out;
  assert_false(bech32m_decode(spare, "sotto", out, &size));
  size = 0;
  assert_false(bech32m_decode(good, "sotto", out, &size)); /* no room */
  size = sizeof out;
  assert_false(bech32m_decode(good, "soto", out, &size));
}

static void text_of_two_cases_is_refused(void **state) {
  (void)state;
  uint8_t out[8];
  size_t size = sizeof out;
  assert_true(bech32m_decode("A1LQFN3A", "a", out, &size));
  assert_false(bech32m_valid("A1lqfn3a"));
  char text[64];
  assert_true(base32_encode(text, sizeof text, "x", (const uint8_t *)"abcdef", 6));
  text[0] = (char)(text[0] | 0x20);
  size = sizeof out;
  assert_false(base32_decode(text, strlen(text), "x", out, &size));
}

UNIT_TESTS(test(the_published_vectors_hold), test(bytes_of_every_size_come_back),
           test(what_does_not_fit_is_refused), test(a_changed_bit_is_found), test(padding_is_short_and_zero),
           test(text_of_two_cases_is_refused))
