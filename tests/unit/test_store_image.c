#include "engine/trust/store_image.h"
#include "unit.h"

#include <unistd.h>

static struct store_keys keys = {
    .cost = {.ops = 3, .memory = 64ull << 20, .salt = {1}}, .kek = {2}, .dek = {3}, .file_id = {4}};

/* An identity with two contacts and an invite; NULL when memory is refused. */
static struct trust *make_trust(void) {
  struct trust *trust = trust_new(1000);
  struct contact *contact;
  struct pending_invite *pending;
  struct identity other;
  struct invite invite;
  for (int i = 0; i < 2; i++) {
    identity_make(&other);
    if (contacts_add(&trust->contacts, other.ik, i ? "Bob" : "Carol", &contact) != SOTTO_OK)
      goto fail;
    roster_first(&contact->roster, &other, 5);
    contact_met_remote(contact);
  }
  invite_make(&invite, &trust->identity, 0, "wss://x", 1000);
  invites_add(&trust->invites, &invite, "Dave", 1000, &pending);
  return trust;
fail:
  trust_free(trust);
  return NULL;
}

static struct store_files files_of(const struct store_image *vault, const struct store_image *database) {
  return (struct store_files){.vault = {vault->vault, vault->vault_size},
                              .database = {database->database, database->database_size}};
}

static sotto_status open_files(const struct store_files *files, struct trust **out, uint64_t *gen, bool *use_new) {
  struct store_keys found = {.cost = keys.cost};
  memcpy(found.kek, keys.kek, KEY_SIZE);
  *out = NULL;
  sotto_status status = store_image_open(files, &found, out, use_new);
  *gen = found.gen;
  return status;
}

struct pair { /* two generations of one store */
  struct trust *trust;
  struct store_image old, new;
};

static void make_pair(struct pair *pair) {
  pair->trust = NULL;
  need(pair->trust = make_trust());
  keys.gen = 0;
  assert_true(store_image_seal(&pair->old, &keys, pair->trust) == SOTTO_OK || unit_alloc_failed());
  keys.gen = 1;
  contact_rename(pair->trust->contacts.list[0], "Renamed");
  assert_true(store_image_seal(&pair->new, &keys, pair->trust) == SOTTO_OK || unit_alloc_failed());
}

static void free_pair(struct pair *pair) {
  trust_free(pair->trust);
  store_image_free(&pair->old);
  store_image_free(&pair->new);
}

/* Opens and forgets again. */
static sotto_status status_of(const struct store_files *files) {
  struct trust *trust;
  uint64_t gen;
  bool use_new;
  sotto_status status = open_files(files, &trust, &gen, &use_new);
  trust_free(trust);
  if (status == SOTTO_ERR_NOMEM && unit_alloc_failed())
    _exit(0); /* told of the injected failure, and everything was given back */
  return status;
}

static void everything_comes_back(void **state) {
  (void)state;
  struct pair pair;
  struct trust *found;
  uint64_t gen;
  bool use_new;
  make_pair(&pair);
  struct store_files files = files_of(&pair.new, &pair.new);
  sotto_status status = open_files(&files, &found, &gen, &use_new);
  if (unit_alloc_failed()) {
    assert_true(status == SOTTO_OK || status == SOTTO_ERR_NOMEM || !pair.new.database || !pair.old.database);
    trust_free(found);
    free_pair(&pair);
    return;
  }
  assert_int_equal(status, SOTTO_OK);
  assert_int_equal(gen, 2);
  assert_false(use_new || found->rolled_back);
  assert_memory_equal(&found->identity, &pair.trust->identity, sizeof found->identity);
  assert_memory_equal(&found->own, &pair.trust->own, sizeof found->own);
  assert_memory_equal(&found->invites, &pair.trust->invites, sizeof found->invites);
  assert_int_equal(found->contacts.count, 2);
  assert_string_equal(found->contacts.list[0]->name, "Renamed");
  assert_string_equal(found->contacts.list[1]->name, "Bob");
  assert_int_equal(found->contacts.list[1]->state, SOTTO_TRUST_TOFU);
  assert_false(found->contacts.list[1]->head_unconfirmed);
  trust_free(found);
  free_pair(&pair);
}

static void a_wrong_key_is_the_passphrase_and_a_damaged_file_is_not(void **state) {
  (void)state;
  struct pair pair;
  make_pair(&pair);
  if (unit_alloc_failed())
    return free_pair(&pair);
  struct store_files files = files_of(&pair.new, &pair.new);
  keys.kek[0] ^= 1;
  assert_int_equal(status_of(&files), SOTTO_ERR_PASSPHRASE);
  files.database = (struct bytes_view){0};
  files.database_new = (struct bytes_view){pair.new.database, pair.new.database_size};
  assert_int_equal(status_of(&files), SOTTO_ERR_PASSPHRASE);
  keys.kek[0] ^= 1;
  files = files_of(&pair.new, &pair.new);
  for (size_t i = 0; i < pair.new.vault_size; i++) { /* each bit: see the vault's own test */
    pair.new.vault[i] ^= (uint8_t)(1 << i % 8);
    assert_int_equal(status_of(&files), SOTTO_ERR_CORRUPT);
    pair.new.vault[i] ^= (uint8_t)(1 << i % 8);
  }
  for (size_t cut = 0; cut < pair.new.vault_size; cut++) {
    files.vault.size = cut;
    assert_int_equal(status_of(&files), SOTTO_ERR_CORRUPT);
  }
  free_pair(&pair);
}

static void every_flip_and_cut_of_the_contacts_is_corrupt(void **state) {
  (void)state;
  struct pair pair;
  make_pair(&pair);
  if (unit_alloc_failed())
    return free_pair(&pair);
  struct store_files files = files_of(&pair.new, &pair.new);
  for (size_t i = 0; i < pair.new.database_size; i += 31) { /* each bit: the database's own test */
    pair.new.database[i] ^= (uint8_t)(1 << i % 8);
    assert_int_equal(status_of(&files), SOTTO_ERR_CORRUPT);
    pair.new.database[i] ^= (uint8_t)(1 << i % 8);
  }
  for (size_t cut = 0; cut < pair.new.database_size; cut += 61) {
    files.database.size = cut;
    assert_int_equal(status_of(&files), SOTTO_ERR_CORRUPT);
  }
  files.database = (struct bytes_view){0};
  assert_int_equal(status_of(&files), SOTTO_ERR_CORRUPT);
  free_pair(&pair);
}

static void assert_rolled_back(const struct store_files *files, const char *name) {
  struct trust *trust;
  uint64_t gen;
  bool use_new;
  need_ok(open_files(files, &trust, &gen, &use_new));
  assert_true(trust->rolled_back);
  assert_false(use_new);
  assert_int_equal(gen, 2); /* the next save is newer than either */
  assert_string_equal(trust->contacts.list[0]->name, name);
  for (size_t i = 0; i < trust->contacts.count; i++)
    assert_true(trust->contacts.list[i]->head_unconfirmed);
  trust_free(trust);
}

static void either_file_older_than_the_other_is_a_rollback(void **state) {
  (void)state;
  struct pair pair;
  make_pair(&pair);
  if (unit_alloc_failed())
    return free_pair(&pair);
  struct store_files files = files_of(&pair.new, &pair.old);
  assert_rolled_back(&files, "Carol");
  files = files_of(&pair.old, &pair.new);
  assert_rolled_back(&files, "Renamed");
  free_pair(&pair);
}

static void a_save_cut_between_its_renames_is_finished_and_no_rollback(void **state) {
  (void)state;
  struct pair pair;
  struct trust *trust;
  uint64_t gen;
  bool use_new;
  make_pair(&pair);
  if (unit_alloc_failed())
    return free_pair(&pair);
  struct store_files files = files_of(&pair.new, &pair.old);
  files.database_new = (struct bytes_view){pair.new.database, pair.new.database_size};
  need_ok(open_files(&files, &trust, &gen, &use_new));
  assert_true(use_new);
  assert_false(trust->rolled_back);
  assert_string_equal(trust->contacts.list[0]->name, "Renamed");
  trust_free(trust);
  files = files_of(&pair.old, &pair.old); /* cut before them: the old pair is whole, what was begun is ignored */
  files.database_new = (struct bytes_view){pair.new.database, pair.new.database_size};
  need_ok(open_files(&files, &trust, &gen, &use_new));
  assert_false(use_new || trust->rolled_back);
  assert_string_equal(trust->contacts.list[0]->name, "Carol");
  trust_free(trust);
  free_pair(&pair);
}

static void another_stores_contacts_are_corrupt(void **state) {
  (void)state;
  struct pair pair, other;
  make_pair(&pair);
  keys.dek[0] ^= 1;
  make_pair(&other);
  keys.dek[0] ^= 1;
  if (!unit_alloc_failed()) {
    struct store_files files = files_of(&pair.new, &other.new);
    assert_int_equal(status_of(&files), SOTTO_ERR_CORRUPT);
  }
  free_pair(&pair);
  free_pair(&other);
}

static void no_secret_is_in_the_files_in_clear(void **state) {
  (void)state;
  struct pair pair;
  make_pair(&pair);
  if (unit_alloc_failed())
    return free_pair(&pair);
  const struct contact *contact = pair.trust->contacts.list[1];
  const void *needles[] = {contact->name, contact->id, pair.trust->identity.ik, pair.trust->identity.device.dx};
  const size_t sizes[] = {3, 8, 8, 8};
  for (size_t i = 0; i < 4; i++) {
    assert_null(memmem(pair.new.database, pair.new.database_size, needles[i], sizes[i]));
    assert_null(memmem(pair.new.vault, pair.new.vault_size, needles[i], sizes[i]));
  }
  free_pair(&pair);
}

UNIT_TESTS(test(everything_comes_back), test(a_wrong_key_is_the_passphrase_and_a_damaged_file_is_not),
           test(every_flip_and_cut_of_the_contacts_is_corrupt),
           test(either_file_older_than_the_other_is_a_rollback),
           test(a_save_cut_between_its_renames_is_finished_and_no_rollback),
           test(another_stores_contacts_are_corrupt), test(no_secret_is_in_the_files_in_clear))
