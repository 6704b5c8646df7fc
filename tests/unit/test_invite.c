#include "engine/trust/invite.h"
#include "unit.h"

static struct identity identity;

static struct invite make(unsigned flags, const char *hint) {
  struct invite invite;
  identity_make(&identity);
  assert_int_equal(invite_make(&invite, &identity, flags, hint, 1000), SOTTO_OK);
  return invite;
}

static void an_invite_comes_back_from_its_text(void **state) {
  (void)state;
  struct invite invite = make(0, "wss://signal.example:8443/x"), parsed;
  char text[SOTTO_INVITE_TEXT_SIZE];
  assert_int_equal(invite_format(&invite, text, sizeof text), SOTTO_OK);
  assert_memory_equal(text, "SOTTO:I/", 8);
  assert_int_equal(invite_parse(text, &parsed), SOTTO_OK);
  assert_memory_equal(&parsed, &invite, sizeof parsed);
  assert_memory_equal(parsed.dx, identity.device.dx, KEY_SIZE);
  for (char *c = text; *c; c++) /* a QR code is upper case: the alphanumeric mode */
    assert_true((*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == ':' || *c == '/');
}

static void a_link_and_lower_case_are_taken_too(void **state) {
  (void)state;
  struct invite invite = make(SOTTO_INVITE_IN_PERSON, ""), parsed;
  char text[SOTTO_INVITE_TEXT_SIZE], link[512], small[SOTTO_INVITE_TEXT_SIZE];
  invite_format(&invite, text, sizeof text);
  for (size_t i = 0; i < sizeof small; i++)
    small[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 32 : text[i]);
  assert_int_equal(invite_parse(small, &parsed), SOTTO_OK);
  assert_memory_equal(&parsed, &invite, sizeof parsed);
  snprintf(link, sizeof link, "https://sotto.example/#%s", text);
  assert_int_equal(invite_parse(link, &parsed), SOTTO_OK);
  snprintf(link, sizeof link, "https://sotto.example/call#%s", small);
  assert_int_equal(invite_parse(link, &parsed), SOTTO_OK);
  snprintf(link, sizeof link, "https://sotto.example/%s", text); /* not in the fragment: a server saw it */
  assert_int_equal(invite_parse(link, &parsed), SOTTO_ERR_INVALID);
  snprintf(link, sizeof link, "http://sotto.example/#%s", text);
  assert_int_equal(invite_parse(link, &parsed), SOTTO_ERR_INVALID);
  snprintf(link, sizeof link, "sotto:i/%s", text + 8);
  assert_int_equal(invite_parse(link, &parsed), SOTTO_ERR_INVALID);
}

static void it_lives_a_day_or_two_minutes(void **state) {
  (void)state;
  struct invite remote = make(0, ""), near = make(SOTTO_INVITE_IN_PERSON, "");
  assert_int_equal(remote.expiry, 1000 + 24 * 3600);
  assert_int_equal(near.expiry, 1000 + 120);
  assert_false(invite_expired(&near, 1119));
  assert_true(invite_expired(&near, 1120));
  assert_false(invite_is_too_new(&near, 1000 - INVITE_CLOCK_SKEW)); /* made by a clock that is ahead */
  assert_true(invite_is_too_new(&near, 999 - INVITE_CLOCK_SKEW));
  assert_memory_not_equal(remote.secret, near.secret, INVITE_SECRET_SIZE);
}

static void every_flip_and_cut_is_refused(void **state) {
  (void)state;
  struct invite invite = make(0, "ws://127.0.0.1:9"), parsed;
  const struct invite zero = {0};
  char text[SOTTO_INVITE_TEXT_SIZE];
  invite_format(&invite, text, sizeof text);
  size_t length = strlen(text);
  for (size_t i = 0; i < length * 8; i++) {
    text[i / 8] = (char)(text[i / 8] ^ 1 << i % 8);
    assert_int_equal(invite_parse(text, &parsed), SOTTO_ERR_INVALID);
    assert_memory_equal(&parsed, &zero, sizeof zero);
    text[i / 8] = (char)(text[i / 8] ^ 1 << i % 8);
  }
  for (size_t cut = 0; cut < length; cut++) {
    char shorter[SOTTO_INVITE_TEXT_SIZE] = {0};
    memcpy(shorter, text, cut);
    assert_int_equal(invite_parse(shorter, &parsed), SOTTO_ERR_INVALID);
  }
  text[length] = 'Q';
  text[length + 1] = 0;
  assert_int_equal(invite_parse(text, &parsed), SOTTO_ERR_INVALID);
}

static void the_longest_hint_fits_and_a_longer_one_is_refused(void **state) {
  (void)state;
  char hint[INVITE_HINT_SIZE + 1] = {0}, text[SOTTO_INVITE_TEXT_SIZE], huge[2000];
  memset(hint, 'h', INVITE_HINT_SIZE - 1);
  struct invite invite = make(0, hint), parsed;
  assert_int_equal(invite_format(&invite, text, sizeof text), SOTTO_OK);
  assert_int_equal(invite_parse(text, &parsed), SOTTO_OK);
  assert_string_equal(parsed.hint, hint);
  assert_int_equal(invite_format(&invite, text, strlen(text)), SOTTO_ERR_SPACE);
  hint[INVITE_HINT_SIZE - 1] = 'h';
  assert_int_equal(invite_make(&invite, &identity, 0, hint, 1), SOTTO_ERR_INVALID);
  assert_int_equal(invite_make(&invite, &identity, 0, "ws://a b", 1), SOTTO_ERR_INVALID);
  assert_int_equal(invite_make(&invite, &identity, 2, "", 1), SOTTO_ERR_INVALID);
  assert_int_equal(invite_make(&invite, &identity, 0, "", 5000000000), SOTTO_ERR_INVALID);
  memset(huge, 'Q', sizeof huge);
  memcpy(huge, "SOTTO:I/", 8);
  huge[sizeof huge - 1] = 0;
  assert_int_equal(invite_parse(huge, &parsed), SOTTO_ERR_INVALID);
}

UNIT_TESTS(test(an_invite_comes_back_from_its_text), test(a_link_and_lower_case_are_taken_too),
           test(it_lives_a_day_or_two_minutes), test(every_flip_and_cut_is_refused),
           test(the_longest_hint_fits_and_a_longer_one_is_refused))
