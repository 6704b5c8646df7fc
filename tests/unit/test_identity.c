#include "engine/trust/identity.h"
#include "unit.h"

static void keys_are_fresh_and_belong_together(void **state) {
  (void)state;
  struct identity a, b;
  uint8_t public_key[KEY_SIZE], id[DEVICE_ID_SIZE], hash[HASH_SIZE], signature[SIGNATURE_SIZE];
  identity_make(&a);
  identity_make(&b);
  assert_memory_not_equal(a.ik, b.ik, KEY_SIZE);
  assert_memory_not_equal(a.device.dx, b.device.dx, KEY_SIZE);
  assert_memory_not_equal(a.ik, a.device.dk, KEY_SIZE);
  crypto_x25519_public(public_key, a.device.dx_secret);
  assert_memory_equal(public_key, a.device.dx, KEY_SIZE);
  crypto_ed25519_sign(signature, a.ik_secret, "roster", "x", 1);
  assert_true(crypto_ed25519_verify(signature, a.ik, "roster", "x", 1));
  const struct bytes_view parts[] = {{a.device.dk, KEY_SIZE}, {a.device.dx, KEY_SIZE}};
  crypto_sha256(hash, parts, 2);
  device_id(id, a.device.dk, a.device.dx);
  assert_memory_equal(id, hash, DEVICE_ID_SIZE);
  assert_memory_equal(a.device.id, hash, DEVICE_ID_SIZE);
  identity_wipe(&a);
  const struct identity zero = {0};
  assert_memory_equal(&a, &zero, sizeof a);
}

static void an_id_has_a_known_text(void **state) {
  (void)state;
  /* IK of all 0x2a, made with the reference implementation of BIP-350 in Python. */
  static const char known[] = "sotto1qy4z52329g4z52329g4z52329g4z52329g4z52329g4z52329g4z5fuccml";
  uint8_t ik[KEY_SIZE], out[KEY_SIZE];
  char text[SOTTO_ID_TEXT_SIZE], uri[SOTTO_CONTACT_URI_SIZE];
  memset(ik, 0x2a, sizeof ik);
  assert_int_equal(id_format(ik, text, sizeof text), SOTTO_OK);
  assert_string_equal(text, known);
  assert_int_equal(strlen(text), 65);
  assert_int_equal(id_format_uri(ik, uri, sizeof uri), SOTTO_OK);
  assert_memory_equal(uri, "SOTTO:C/SOTTO1", 14);
  assert_int_equal(id_parse(text, out), SOTTO_OK);
  assert_memory_equal(out, ik, KEY_SIZE);
  assert_int_equal(id_parse(uri, out), SOTTO_OK);
  assert_memory_equal(out, ik, KEY_SIZE);
  assert_int_equal(id_format(ik, text, 65), SOTTO_ERR_SPACE);
  assert_int_equal(id_format_uri(ik, uri, 73), SOTTO_ERR_SPACE);
}

static void change_case(char *text) {
  for (; *text; text++)
    if ((*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z'))
      *text = (char)(*text ^ 0x20);
}

static void either_case_is_taken_and_never_both(void **state) {
  (void)state;
  struct identity who;
  uint8_t out[KEY_SIZE];
  char text[SOTTO_ID_TEXT_SIZE], uri[SOTTO_CONTACT_URI_SIZE];
  identity_make(&who);
  id_format(who.ik, text, sizeof text);
  id_format_uri(who.ik, uri, sizeof uri);
  change_case(text);
  change_case(uri);
  assert_int_equal(id_parse(text, out), SOTTO_OK);
  assert_int_equal(id_parse(uri, out), SOTTO_OK);
  assert_memory_equal(out, who.ik, KEY_SIZE);
  change_case(uri + 8); /* "sotto:c/SOTTO1..." */
  assert_int_equal(id_parse(uri, out), SOTTO_ERR_INVALID);
  text[0] = (char)(text[0] ^ 0x20);
  assert_int_equal(id_parse(text, out), SOTTO_ERR_INVALID);
}

static void every_flip_and_cut_is_refused(void **state) {
  (void)state;
  struct identity who;
  uint8_t out[KEY_SIZE];
  char uri[SOTTO_CONTACT_URI_SIZE];
  identity_make(&who);
  id_format_uri(who.ik, uri, sizeof uri);
  size_t length = strlen(uri);
  for (size_t i = 0; i < length * 8; i++) {
    uri[i / 8] = (char)(uri[i / 8] ^ 1 << i % 8);
    assert_int_equal(id_parse(uri, out), SOTTO_ERR_INVALID);
    uri[i / 8] = (char)(uri[i / 8] ^ 1 << i % 8);
  }
  for (size_t cut = 0; cut < length; cut++) {
    char shorter[SOTTO_CONTACT_URI_SIZE] = {0};
    memcpy(shorter, uri, cut);
    assert_int_equal(id_parse(shorter, out), SOTTO_ERR_INVALID);
  }
}

UNIT_TESTS(test(keys_are_fresh_and_belong_together), test(an_id_has_a_known_text),
           test(either_case_is_taken_and_never_both), test(every_flip_and_cut_is_refused))
