#include "engine/trust/device_code.h"
#include "unit.h"

static struct device_code sample(void) {
  struct device_code code;
  memset(code.dk, 1, sizeof code.dk);
  memset(code.dx, 2, sizeof code.dx);
  memset(code.nonce, 3, sizeof code.nonce);
  return code;
}

static void a_code_comes_back_in_either_case(void **state) {
  (void)state;
  char text[SOTTO_DEVICE_TEXT_SIZE];
  struct device_code code = sample(), out;
  assert_int_equal(device_code_format(&code, text, sizeof text), SOTTO_OK);
  assert_int_equal(strncmp(text, "SOTTO:D/", 8), 0);
  for (int lower = 0; lower < 2; lower++) {
    for (char *c = text; lower && *c; c++)
      if (*c >= 'A' && *c <= 'Z')
        *c = (char)(*c + 32);
    assert_int_equal(device_code_parse(text, &out), SOTTO_OK);
    assert_memory_equal(&out, &code, sizeof out);
  }
}

static void a_changed_or_cut_code_is_none(void **state) {
  (void)state;
  char text[SOTTO_DEVICE_TEXT_SIZE], other[SOTTO_DEVICE_TEXT_SIZE];
  struct device_code code = sample(), out;
  assert_int_equal(device_code_format(&code, text, sizeof text), SOTTO_OK);
  size_t size = strlen(text);
  assert_true(size + 1 <= SOTTO_DEVICE_TEXT_SIZE);
  for (size_t i = 0; i < size; i++) {
    memcpy(other, text, size + 1);
    other[i] = other[i] == 'Q' ? 'P' : 'Q';
    assert_int_equal(device_code_parse(other, &out), SOTTO_ERR_INVALID);
    memcpy(other, text, size + 1);
    other[i] = 0;
    assert_int_equal(device_code_parse(other, &out), SOTTO_ERR_INVALID);
  }
  text[9] = (char)(text[9] | 32); /* mixed case, unless it is a digit */
  text[10] = (char)(text[10] | 32);
  text[11] = (char)(text[11] | 32);
  text[12] = (char)(text[12] | 32);
  assert_int_equal(device_code_parse(text, &out), SOTTO_ERR_INVALID);
  assert_int_equal(device_code_parse("SOTTO:I/QQQQ", &out), SOTTO_ERR_INVALID);
  assert_int_equal(device_code_format(&code, text, 40), SOTTO_ERR_SPACE);
}

UNIT_TESTS(test(a_code_comes_back_in_either_case), test(a_changed_or_cut_code_is_none))
