#include "engine/trust/vault.h"
#include "unit.h"

static const uint8_t kek[KEY_SIZE] = {1}, dek[KEY_SIZE] = {2};
static const struct vault_cost cost = {.ops = 3, .memory = 64ull << 20, .salt = {3}};
static struct identity identity, opened;
static uint8_t file[VAULT_MAX_SIZE + 1];

static size_t seal(bool root) {
  identity_make(&identity);
  identity.root = root;
  return vault_seal(file, &cost, kek, dek, &identity, 77);
}

static bool opens(size_t size) {
  uint8_t found[KEY_SIZE];
  uint64_t gen;
  return vault_open(file, size, kek, found, &opened, &gen) && gen == 77 && memcmp(found, dek, KEY_SIZE) == 0;
}

static void the_identity_comes_back_whole(void **state) {
  (void)state;
  struct vault_cost found;
  size_t size = seal(true);
  assert_int_equal(size, VAULT_MAX_SIZE);
  assert_memory_equal(file, "SOTTOK01", 8);
  assert_true(vault_parse_cost(file, size, &found));
  assert_memory_equal(found.salt, cost.salt, sizeof cost.salt);
  assert_int_equal(found.ops, 3);
  assert_true(found.memory == 64ull << 20);
  assert_true(opens(size));
  assert_memory_equal(&opened, &identity, sizeof opened);
}

static void a_device_without_the_root_has_none(void **state) {
  (void)state;
  size_t size = seal(false);
  assert_int_equal(size, VAULT_MAX_SIZE - SIGN_SECRET_SIZE);
  assert_true(opens(size));
  const uint8_t zero[SIGN_SECRET_SIZE] = {0};
  assert_false(opened.root);
  assert_memory_equal(opened.ik_secret, zero, sizeof zero);
  assert_memory_equal(&opened.device, &identity.device, sizeof identity.device);
}

static void every_flip_and_cut_is_refused_and_gives_nothing(void **state) {
  (void)state;
  const struct identity none = {0};
  size_t size = seal(true);
  for (size_t i = 0; i < size * 8; i++) {
    file[i / 8] ^= (uint8_t)(1 << i % 8);
    assert_false(opens(size));
    assert_memory_equal(&opened, &none, sizeof none);
    file[i / 8] ^= (uint8_t)(1 << i % 8);
  }
  for (size_t cut = 0; cut < size; cut++)
    assert_false(opens(cut));
  assert_false(opens(size + 1));
  assert_true(opens(size));
}

static void another_key_does_not_open_it(void **state) {
  (void)state;
  size_t size = seal(true);
  uint8_t other[KEY_SIZE] = {1, 1}, found[KEY_SIZE];
  uint64_t gen;
  assert_false(vault_open(file, size, other, found, &opened, &gen));
}

static void a_cost_out_of_bounds_is_refused_before_it_is_paid(void **state) {
  (void)state;
  assert_true(vault_cost_allowed(3, 64ull << 20));
  assert_true(vault_cost_allowed(16, 1ull << 30));
  assert_false(vault_cost_allowed(2, 64ull << 20));
  assert_false(vault_cost_allowed(17, 64ull << 20));
  assert_false(vault_cost_allowed(3, (64ull << 20) - 1));
  assert_false(vault_cost_allowed(3, (1ull << 30) + 1));
  struct vault_cost weak = cost, found;
  identity_make(&identity);
  weak.ops = 1; /* honestly sealed by somebody who has the key, and still refused */
  size_t size = vault_seal(file, &weak, kek, dek, &identity, 77);
  assert_false(vault_parse_cost(file, size, &found));
  assert_false(opens(size));
}

static void no_two_seals_are_alike(void **state) {
  (void)state;
  uint8_t first[VAULT_MAX_SIZE];
  size_t size = seal(true);
  memcpy(first, file, size);
  vault_seal(file, &cost, kek, dek, &identity, 77);
  assert_memory_equal(first, file, VAULT_HEADER_SIZE - XCHACHA_NONCE_SIZE);
  assert_memory_not_equal(first + VAULT_HEADER_SIZE - XCHACHA_NONCE_SIZE,
                          file + VAULT_HEADER_SIZE - XCHACHA_NONCE_SIZE, XCHACHA_NONCE_SIZE);
}

UNIT_TESTS(test(the_identity_comes_back_whole), test(a_device_without_the_root_has_none),
           test(every_flip_and_cut_is_refused_and_gives_nothing), test(another_key_does_not_open_it),
           test(a_cost_out_of_bounds_is_refused_before_it_is_paid), test(no_two_seals_are_alike))
