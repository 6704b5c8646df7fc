#include "engine/trust/backup.h"
#include "unit.h"

static char code[BACKUP_CODE_CHARACTERS + 1];
static struct trust *owner;

/* Made once by main(): a person with a contact. */
static bool make_owner(void) {
  struct contact *contact;
  struct identity other;
  if (!crypto_init() || !(owner = trust_new(1000)))
    return false;
  identity_make(&other);
  if (contacts_add(&owner->contacts, other.ik, "Bob", &contact) != SOTTO_OK)
    return false;
  roster_first(&contact->roster, &other, 900);
  contact_met_remote(contact);
  contact_user_scanned_in_person(contact, 950);
  crypto_random(contact->ps, sizeof contact->ps);
  backup_code_make(code);
  return true;
}

static void seal(uint8_t **file, size_t *size) {
  struct backup_plain plain;
  need_ok(backup_gather(&plain, owner));
  sotto_status status = backup_seal(&plain, code, file, size);
  backup_plain_free(&plain);
  need_ok(status);
}

static void what_matters_comes_back_and_the_device_does_not(void **state) {
  (void)state;
  struct trust *back;
  uint8_t *file;
  size_t size;
  seal(&file, &size);
  need_ok(backup_open(file, size, code, &back));
  assert_null(memmem(file, size, owner->identity.ik_secret, 32));
  assert_null(memmem(file, size, owner->identity.ik, KEY_SIZE));
  free(file);
  const struct contact *was = owner->contacts.list[0], *is = back->contacts.list[0];
  assert_memory_equal(back->identity.ik_secret, owner->identity.ik_secret, SIGN_SECRET_SIZE);
  assert_memory_equal(back->identity.ik, owner->identity.ik, KEY_SIZE);
  assert_true(back->identity.root && trust_is_restored(back));
  assert_memory_equal(back->replaces, owner->identity.device.id, DEVICE_ID_SIZE);
  assert_memory_not_equal(back->identity.device.dk_secret, owner->identity.device.dk_secret, SIGN_SECRET_SIZE);
  assert_memory_not_equal(back->identity.device.dx_secret, owner->identity.device.dx_secret, KEY_SIZE);
  assert_null(roster_find(&back->own, back->identity.device.id));
  assert_memory_equal(back->own.head.hash, owner->own.head.hash, HASH_SIZE);
  assert_memory_equal(back->own_secret, owner->own_secret, KEY_SIZE);
  assert_int_equal(back->contacts.count, 1);
  assert_memory_equal(is->ps, was->ps, KEY_SIZE);
  assert_memory_equal(is->roster.head.hash, was->roster.head.hash, HASH_SIZE);
  assert_int_equal(is->state, SOTTO_TRUST_VERIFIED);
  assert_int_equal(is->method, SOTTO_METHOD_QR);
  assert_int_equal(is->verified_at, 950);
  assert_true(is->require_verified && is->head_unconfirmed);
  trust_free(back);
}

static void a_device_without_the_root_has_no_backup(void **state) {
  (void)state;
  struct backup_plain plain;
  const struct identity whole = owner->identity;
  owner->identity.root = false;
  assert_int_equal(backup_gather(&plain, owner), SOTTO_ERR_STATE);
  owner->identity.root = true;
  identity_new_device(&owner->identity); /* nor one that is not yet enrolled itself */
  assert_int_equal(backup_gather(&plain, owner), SOTTO_ERR_STATE);
  owner->identity = whole;
}

/* A changed byte is found by the hash before anything is stretched; one whose hash was made anew by the seal. */
static void every_flip_and_cut_is_refused_and_gives_nothing(void **state) {
  (void)state;
  uint8_t *file;
  size_t size;
  struct trust *back;
  seal(&file, &size);
  for (size_t i = 0; i < size; i++) {
    file[i] ^= 0x10;
    assert_int_equal(backup_open(file, size, code, &back), SOTTO_ERR_CORRUPT);
    assert_null(back);
    file[i] ^= 0x10;
    assert_int_equal(backup_open(file, i, code, &back), SOTTO_ERR_CORRUPT);
  }
  static const size_t places[] = {21, 40, BACKUP_HEADER_SIZE, BACKUP_HEADER_SIZE + 70};
  for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
    const struct bytes_view all = {file, size - HASH_SIZE};
    file[places[i]] ^= 1;
    crypto_sha256(file + size - HASH_SIZE, &all, 1);
    assert_int_equal(backup_open(file, size, code, &back), SOTTO_ERR_PASSPHRASE);
    assert_null(back);
    file[places[i]] ^= 1;
  }
  free(file);
}

static void a_cheaper_or_dearer_stretching_is_refused_unpaid(void **state) {
  (void)state;
  static const struct {
    size_t at;
    uint8_t byte;
  } costs[] = {{12, 2}, {12, 17}, {17, 0}, {16, 0x10}}; /* ops; memory below 64 MiB and above 1 GiB */
  for (size_t i = 0; i < sizeof costs / sizeof costs[0]; i++) {
    uint8_t *file;
    size_t size;
    struct trust *back;
    seal(&file, &size);
    const struct bytes_view all = {file, size - HASH_SIZE};
    file[costs[i].at] = costs[i].byte;
    crypto_sha256(file + size - HASH_SIZE, &all, 1);
    assert_int_equal(backup_open(file, size, code, &back), SOTTO_ERR_CORRUPT);
    free(file);
  }
}

static void another_code_opens_nothing_and_says_so(void **state) {
  (void)state;
  uint8_t *file;
  size_t size;
  struct trust *back;
  char other[BACKUP_CODE_CHARACTERS + 1];
  seal(&file, &size);
  backup_code_make(other);
  assert_int_equal(backup_open(file, size, other, &back), SOTTO_ERR_PASSPHRASE);
  assert_null(back);
  free(file);
}

/* Whoever knows the code may still have written nonsense. */
static void what_does_not_add_up_is_corrupt(void **state) {
  (void)state;
  struct backup_plain plain;
  struct trust *back;
  need_ok(backup_gather(&plain, owner));
  for (size_t cut = 0; cut < plain.size && !unit_alloc_failed(); cut++)
    if (backup_load(plain.bytes, cut, &back) == SOTTO_OK) { /* a contact fewer is a backup too */
      assert_int_equal(back->contacts.count, 0);
      assert_true(back->own.size && back->links.size);
      trust_free(back);
    }
  uint8_t record[RECORD_MAX];
  struct pending_invite pending = {.state = INVITE_OPEN, .name = "Eve"};
  size_t size = record_invite(record, &pending);
  uint8_t longer[8192];
  assert_true(plain.size + 2 + size <= sizeof longer);
  memcpy(longer, plain.bytes, plain.size);
  longer[plain.size] = (uint8_t)(size >> 8), longer[plain.size + 1] = (uint8_t)size;
  memcpy(longer + plain.size + 2, record, size);
  sotto_status status = backup_load(longer, plain.size + 2 + size, &back);
  assert_true(status == SOTTO_ERR_CORRUPT || unit_alloc_failed());
  backup_plain_free(&plain);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {
      test(what_matters_comes_back_and_the_device_does_not), test(a_device_without_the_root_has_no_backup),
      test(every_flip_and_cut_is_refused_and_gives_nothing), test(a_cheaper_or_dearer_stretching_is_refused_unpaid),
      test(another_code_opens_nothing_and_says_so),          test(what_does_not_add_up_is_corrupt)};
  if (!make_owner())
    return 1;
  int failed = unit_main(argc, argv, tests, sizeof tests / sizeof tests[0]);
  trust_free(owner);
  return failed;
}
