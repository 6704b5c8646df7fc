#include "engine/trust/backup_code.h"
#include "signaling/crypto.h"
#include "unit.h"

static void a_code_is_read_back_in_any_dress(void **state) {
  (void)state;
  char code[BACKUP_CODE_CHARACTERS + 1], again[BACKUP_CODE_CHARACTERS + 1], text[SOTTO_BACKUP_CODE_SIZE],
      dressed[128];
  assert_true(crypto_init());
  backup_code_make(code);
  assert_int_equal(strlen(code), BACKUP_CODE_CHARACTERS);
  assert_int_equal(backup_code_format(code, text, sizeof text - 1), SOTTO_ERR_SPACE);
  assert_int_equal(backup_code_format(code, text, sizeof text), SOTTO_OK);
  assert_int_equal(strlen(text), sizeof text - 1);
  assert_int_equal(backup_code_parse(text, again), SOTTO_OK);
  assert_string_equal(again, code);
  snprintf(dressed, sizeof dressed, "  %.9s %s ", text, text + 10);
  for (char *c = dressed; *c; c++)
    *c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
  assert_int_equal(backup_code_parse(dressed, again), SOTTO_OK);
  assert_string_equal(again, code);
}

static void a_slip_of_one_character_is_found(void **state) {
  (void)state;
  char code[BACKUP_CODE_CHARACTERS + 1], again[BACKUP_CODE_CHARACTERS + 1];
  assert_true(crypto_init());
  backup_code_make(code);
  for (size_t i = 0; i < BACKUP_CODE_CHARACTERS; i++) {
    char was = code[i];
    code[i] = was == 'Q' ? 'P' : 'Q';
    assert_int_equal(backup_code_parse(code, again), SOTTO_ERR_INVALID);
    assert_int_equal(again[0], 0);
    code[i] = was;
  }
  for (size_t i = 0; i < BACKUP_CODE_CHARACTERS; i++) { /* and one that is missing, or too many */
    char cut[BACKUP_CODE_CHARACTERS + 1];
    memcpy(cut, code, sizeof cut);
    cut[i] = 0;
    assert_int_equal(backup_code_parse(cut, again), SOTTO_ERR_INVALID);
  }
  char longer[BACKUP_CODE_CHARACTERS + 2];
  snprintf(longer, sizeof longer, "%sQ", code);
  assert_int_equal(backup_code_parse(longer, again), SOTTO_ERR_INVALID);
}

static void two_codes_are_never_alike(void **state) {
  (void)state;
  char one[BACKUP_CODE_CHARACTERS + 1], other[BACKUP_CODE_CHARACTERS + 1];
  assert_true(crypto_init());
  backup_code_make(one);
  backup_code_make(other);
  assert_string_not_equal(one, other);
}

UNIT_TESTS(test(a_code_is_read_back_in_any_dress), test(a_slip_of_one_character_is_found),
           test(two_codes_are_never_alike))
