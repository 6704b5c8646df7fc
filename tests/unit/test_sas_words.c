#include "engine/trust/sas.h"
#include "unit.h"

#include <strings.h>

static void the_published_example_is_spoken_so(void **state) {
  (void)state;
  /* The fingerprint with which the PGP word list is commonly explained (Wikipedia, "PGP word list"). */
  static const uint8_t bytes[] = {0xe5, 0x82, 0x94, 0xf2, 0xe9, 0xa2, 0x27, 0x48, 0x6e, 0x8b,
                                  0x06, 0x1b, 0x31, 0xcc, 0x52, 0x8f, 0xd7, 0xfa, 0x3f, 0x19};
  static const char *const words[] = {"topmost",   "Istanbul",  "Pluto",     "vagabond", "treadmill",
                                      "Pacific",   "brackish",  "dictator",  "goldfish", "Medusa",
                                      "afflict",   "bravado",   "chatter",   "revolver", "Dupont",
                                      "midsummer", "stopwatch", "whimsical", "cowbell",  "bottomless"};
  for (size_t i = 0; i < sizeof bytes; i++)
    assert_string_equal(sas_word(i % 2, bytes[i]), words[i]);
}

static void no_word_is_there_twice(void **state) {
  (void)state;
  for (int a = 0; a < 512; a++)
    for (int b = 0; b < a; b++)
      assert_int_not_equal(strcasecmp(sas_word(a / 256, (uint8_t)a), sas_word(b / 256, (uint8_t)b)), 0);
}

static void five_of_the_longest_fit_on_screen(void **state) {
  (void)state;
  size_t longest[2] = {0};
  for (int a = 0; a < 512; a++) {
    size_t length = strlen(sas_word(a / 256, (uint8_t)a));
    longest[a / 256] = length > longest[a / 256] ? length : longest[a / 256];
  }
  sotto_sas shown;
  assert_true(3 * longest[0] + 2 * longest[1] + 5 <= sizeof shown.words);
}

UNIT_TESTS(test(the_published_example_is_spoken_so), test(no_word_is_there_twice),
           test(five_of_the_longest_fit_on_screen))
