#include "engine/trust/petname.h"
#include "engine/trust/sas.h"
#include "unit.h"

static void there_are_sixty_four_and_no_two_alike(void **state) {
  (void)state;
  const char *name, *other;
  for (unsigned i = 0; i < SAS_EMOJI; i++) {
    const char *symbol = sas_emoji(i, &name);
    assert_non_null(symbol);
    assert_true(utf8_valid(symbol, strlen(symbol)) && *name);
    for (unsigned j = 0; j < i; j++) {
      assert_string_not_equal(symbol, sas_emoji(j, &other));
      assert_string_not_equal(name, other);
    }
  }
  assert_null(sas_emoji(SAS_EMOJI, &name));
  assert_non_null(sas_emoji(5, NULL));
}

static void they_stand_where_matrix_put_them(void **state) {
  (void)state;
  static const struct {
    unsigned index;
    const char *symbol, *name;
  } some[] = {{0, "\U0001f436", "Dog"},    {15, "\U0001f337", "Flower"}, {22, "\U0001f525", "Fire"},
              {31, "\U0001f916", "Robot"}, {47, "\U0001f511", "Key"},    {63, "\U0001f4cc", "Pin"}};
  for (size_t i = 0; i < sizeof some / sizeof some[0]; i++) {
    const char *name;
    assert_string_equal(sas_emoji(some[i].index, &name), some[i].symbol);
    assert_string_equal(name, some[i].name);
  }
}

UNIT_TESTS(test(there_are_sixty_four_and_no_two_alike), test(they_stand_where_matrix_put_them))
