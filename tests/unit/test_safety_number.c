#include "engine/trust/safety_number.h"
#include "unit.h"

/* libsignal, NumericFingerprintGeneratorTest: the keys of its Alice and Bob (with Signal's type byte), their
 * identifiers, and the number that both display. */
static const uint8_t alice[33] = {0x05, 0x06, 0x86, 0x3b, 0xc6, 0x6d, 0x02, 0xb4, 0x0d, 0x27, 0xb8,
                                  0xd4, 0x9c, 0xa7, 0xc0, 0x9e, 0x92, 0x39, 0x23, 0x6f, 0x9d, 0x7d,
                                  0x25, 0xd6, 0xfc, 0xca, 0x5c, 0xe1, 0x3c, 0x70, 0x64, 0xd8, 0x68};
static const uint8_t bob[33] = {0x05, 0xf7, 0x81, 0xb6, 0xfb, 0x32, 0xfe, 0xd9, 0xba, 0x1c, 0xf2,
                                0xde, 0x97, 0x8d, 0x4d, 0x5d, 0xa2, 0x8d, 0xc3, 0x40, 0x46, 0xae,
                                0x81, 0x44, 0x02, 0xb5, 0xc0, 0xdb, 0xd9, 0x6f, 0xda, 0x90, 0x7b};
static const char displayed[] = "300354477692869396892869876765458257569162576843440918079131";

static void signals_published_number_is_reproduced(void **state) {
  (void)state;
  char a[SAFETY_HALF_DIGITS + 1], b[SAFETY_HALF_DIGITS + 1];
  safety_half(a, alice, sizeof alice, "+14152222222", 12);
  safety_half(b, bob, sizeof bob, "+14153333333", 12);
  assert_memory_equal(a, displayed, SAFETY_HALF_DIGITS);
  assert_memory_equal(b, displayed + SAFETY_HALF_DIGITS, SAFETY_HALF_DIGITS);
}

static void both_people_see_the_same_number(void **state) {
  (void)state;
  uint8_t a[KEY_SIZE], b[KEY_SIZE];
  char ours[SOTTO_SAFETY_NUMBER_SIZE], theirs[SOTTO_SAFETY_NUMBER_SIZE];
  memset(a, 0x11, sizeof a);
  memset(b, 0x22, sizeof b);
  assert_int_equal(safety_number(a, b, ours, sizeof ours), SOTTO_OK);
  assert_int_equal(safety_number(b, a, theirs, sizeof theirs), SOTTO_OK);
  assert_string_equal(ours, theirs);
  /* By an independent implementation of a few lines on Python's hashlib, which gives Signal's vector too. */
  assert_string_equal(ours, "46725 16690 91811 46349 71907 35189 84267 89718 92804 01922 37571 77056");
  b[31] ^= 1;
  assert_int_equal(safety_number(a, b, theirs, sizeof theirs), SOTTO_OK);
  assert_string_not_equal(ours, theirs);
  assert_int_equal(safety_number(a, b, ours, SOTTO_SAFETY_NUMBER_SIZE - 1), SOTTO_ERR_SPACE);
}

static void spaces_do_not_matter_and_everything_else_does(void **state) {
  (void)state;
  static const char number[] = "30035 44776 92869 39689 28698 76765 45825 75691 62576 84344 09180 79131";
  char digits[80];
  assert_true(safety_number_equal(number, displayed));
  assert_true(safety_number_equal(number, "300354477692869396892869876765\n 458257569162576843440918079131 "));
  for (size_t i = 0; i < 60; i++) {
    memcpy(digits, displayed, sizeof displayed);
    digits[i] = digits[i] == '9' ? '0' : (char)(digits[i] + 1);
    assert_false(safety_number_equal(number, digits));
    memcpy(digits, displayed, sizeof displayed);
    digits[i] = 0;
    assert_false(safety_number_equal(number, digits));
    digits[i] = 'x';
    assert_false(safety_number_equal(number, digits));
  }
  assert_false(safety_number_equal(number, "3003544776928693968928698767654582575691625768434409180791310"));
  assert_true(safety_number_ends_with(number, "079131"));
  assert_true(safety_number_ends_with(number, " 0 79131"));
  assert_false(safety_number_ends_with(number, "079132"));
  assert_false(safety_number_ends_with(number, "79131"));
  assert_false(safety_number_ends_with(number, "8079131"));
  assert_false(safety_number_ends_with(number, ""));
}

UNIT_TESTS(test(signals_published_number_is_reproduced), test(both_people_see_the_same_number),
           test(spaces_do_not_matter_and_everything_else_does))
