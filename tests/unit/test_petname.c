#include "engine/trust/petname.h"
#include "unit.h"

static void names_of_all_scripts_are_taken(void **state) {
  (void)state;
  static const char *const good[] = {"Bob", "Zoë", "田中さん", "Ольга", "אבי", "🐶 Rex", "O'Neil, Jr."};
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
    assert_true(petname_valid(good[i]));
}

static void a_name_has_one_to_sixty_three_bytes(void **state) {
  (void)state;
  char name[80];
  memset(name, 'x', sizeof name);
  name[63] = 0;
  assert_true(petname_valid(name));
  name[63] = 'x';
  name[64] = 0;
  assert_false(petname_valid(name));
  assert_false(petname_valid(""));
  assert_false(petname_valid("   "));
}

static void what_could_deceive_is_refused(void **state) {
  (void)state;
  static const char *const bad[] = {
      "Bob\n",
      "\tBob",
      "Bob\x1b[2J",
      "Bob\x7f",
      "\xc2\x85", /* C1 control */
      "\xe2\x80\xae"
      "boB",
      "\xe2\x81\xa6"
      "Bob",
      "\xe2\x80\x8f"
      "Bob",
      "\xd8\x9c"
      "Bob", /* bidirectional */
      "Bob\xe2\x80\xa8"
      "Eve",
      "\xef\xbb\xbf"
      "Bob", /* line separator, byte order mark */
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    assert_false(petname_valid(bad[i]));
}

static void only_well_formed_utf8_is_valid(void **state) {
  (void)state;
  static const char *const bad[] = {
      "\x80",
      "\xc0\xaf",
      "\xc1\x81",
      "\xc3",
      "\xe0\x80\xaf",
      "\xe2\x82",
      "\xed\xa0\x80", /* overlong, cut, surrogate */
      "\xf0\x80\x80\xaf",
      "\xf4\x90\x80\x80",
      "\xf5\x80\x80\x80",
      "\xff",
      "a\xe2\x28\xa1",
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    assert_false(utf8_valid(bad[i], strlen(bad[i])));
  static const char good[] =
      "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf";
  assert_true(utf8_valid(good, sizeof good - 1));
  for (size_t cut = 1; cut < sizeof good - 1; cut++) { /* a cut inside a character is bad, between them good */
    bool inside = ((uint8_t)good[cut] & 0xc0) == 0x80;
    assert_int_equal(utf8_valid(good, cut), !inside);
  }
}

UNIT_TESTS(test(names_of_all_scripts_are_taken), test(a_name_has_one_to_sixty_three_bytes),
           test(what_could_deceive_is_refused), test(only_well_formed_utf8_is_valid))
