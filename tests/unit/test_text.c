#include "unit.h"

#include "../../signaling/text.h"

static bool name(const char *text) {
  return text_is_name(text, strlen(text));
}

static void ice_text_is_letters_digits_plus_and_slash(void **state) {
  (void)state;
  assert_true(text_is_ice("azAZ09+/", 8));
  for (int c = 0; c < 256; c++) {
    char text = (char)c;
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    assert_int_equal(text_is_ice(&text, 1), letter || c == '+' || c == '/');
  }
}

static void names_may_be_in_any_script(void **state) {
  (void)state;
  assert_true(name("Zo\xc3\xab"));
  assert_true(name("\xe5\xb0\x8f\xe6\x9e\x97"));
  assert_true(name("\xf0\x9f\x90\x99 octopus"));
  assert_true(name("\xd7\x90\xd7\x91"));
}

static void broken_utf8_is_refused(void **state) {
  (void)state;
  assert_false(name("\x80"));             /* a continuation alone */
  assert_false(name("a\xc3"));            /* cut short */
  assert_false(name("\xc3("));            /* not a continuation */
  assert_false(name("\xc1\xa1"));         /* overlong 'a' */
  assert_false(name("\xe0\x9f\xbf"));     /* overlong */
  assert_false(name("\xf0\x8f\xbf\xbf")); /* overlong */
  assert_false(name("\xed\xa0\x80"));     /* surrogate */
  assert_false(name("\xf4\x90\x80\x80")); /* above U+10FFFF */
  assert_false(name("\xf8\x88\x80\x80\x80"));
  assert_false(name("\xff"));
}

static void what_would_mislead_a_reader_is_refused(void **state) {
  (void)state;
  assert_false(text_is_name("a\0b", 3));
  assert_false(name("a\nb"));
  assert_false(name("\x1b[31mred"));
  assert_false(name("\x7f"));
  assert_false(name("\xc2\x9b")); /* C1 CSI */
  assert_false(name("\xe2\x80\xae"
                    "boB"));           /* right-to-left override */
  assert_false(name("\xe2\x81\xa6x")); /* isolate */
  assert_false(name("Bo\xe2\x80\x8b"
                    "b"));            /* zero width space */
  assert_false(name("\xe2\x80\xa8")); /* line separator */
  assert_false(name("\xef\xbb\xbf"
                    "Bob")); /* byte order mark */
  assert_false(name("Bo\xc2\xad"
                    "b")); /* soft hyphen */
}

static void a_character_cut_by_the_given_size_is_refused(void **state) {
  (void)state;
  const char octopus[] = "\xf0\x9f\x90\x99";
  for (size_t size = 1; size < 4; size++)
    assert_false(text_is_name(octopus, size));
  assert_true(text_is_name(octopus, 4));
}

UNIT_TESTS(test(ice_text_is_letters_digits_plus_and_slash), test(names_may_be_in_any_script),
           test(broken_utf8_is_refused), test(what_would_mislead_a_reader_is_refused),
           test(a_character_cut_by_the_given_size_is_refused))
