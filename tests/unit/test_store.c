#include "engine/trust/store.h"
#include "unit.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

/* The floor of the cost: each stretching is a good tenth of a second. Damage in all its forms is tested below
 * the stretching, in test_vault, test_database and test_store_image. */
static char base[] = "/tmp/sotto-trust-XXXXXX", directory[64]; /* removed by main(), however a test ends */

static void copy(const char *from_directory, const char *from, const char *to) {
  char a[128], b[128];
  uint8_t bytes[65536];
  snprintf(a, sizeof a, "%s/%s", from_directory, from);
  snprintf(b, sizeof b, "%s/%s", directory, to);
  int in = open(a, O_RDONLY), out = open(b, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ssize_t n = read(in, bytes, sizeof bytes);
  assert_true(n > 0 && write(out, bytes, (size_t)n) == n);
  close(in);
  close(out);
}

static int empty_directory(void **state) {
  (void)state;
  snprintf(directory, sizeof directory, "%s/XXXXXX", base);
  return mkdtemp(directory) ? 0 : -1;
}

/* A store of the second generation, made once by main(). */
static int made_store(void **state) {
  if (empty_directory(state) != 0)
    return -1;
  copy(base, "id.sotto", "id.sotto");
  copy(base, "contacts.db", "contacts.db");
  return 0;
}

static sotto_status open_in(const char *where, const char *passphrase, struct store **out) {
  return store_open_with_limits(where, passphrase, strlen(passphrase), 1000, 3, 64 << 20, out);
}

static sotto_status open_with(const char *passphrase, struct store **out) {
  return open_in(directory, passphrase, out);
}

static bool exists(const char *name) {
  char path[128];
  snprintf(path, sizeof path, "%s/%s", directory, name);
  return access(path, F_OK) == 0;
}

static void forget(const char *name) {
  char path[128];
  snprintf(path, sizeof path, "%s/%s", directory, name);
  unlink(path);
}

static void what_is_saved_is_there_again(void **state) {
  (void)state;
  struct store *store;
  struct contact *contact;
  struct identity other, self;
  identity_make(&other);
  need_ok(open_with("correct horse", &store));
  self = store_trust(store)->identity;
  sotto_status added = contacts_add(&store_trust(store)->contacts, other.ik, "Bob", &contact);
  sotto_status saved = added == SOTTO_OK ? store_save(store) : added;
  store_free(store);
  if (saved != SOTTO_OK) {
    assert_true(unit_alloc_failed());
    return;
  }
  need_ok(open_with("correct horse", &store));
  assert_memory_equal(&store_trust(store)->identity, &self, sizeof self);
  assert_int_equal(store_trust(store)->contacts.count, 1);
  assert_string_equal(store_trust(store)->contacts.list[0]->name, "Bob");
  assert_false(store_trust(store)->rolled_back);
  store_free(store);
}

static void only_its_passphrase_opens_it(void **state) {
  (void)state;
  struct store *store;
  sotto_status status = open_with("Correct horse", &store);
  assert_true(status == SOTTO_ERR_PASSPHRASE || unit_alloc_failed());
  assert_null(store);
}

static void one_process_at_a_time(void **state) {
  (void)state;
  struct store *store, *second;
  need_ok(open_with("correct horse", &store));
  sotto_status status = open_with("correct horse", &second);
  assert_true(status == SOTTO_ERR_STATE || unit_alloc_failed());
  assert_null(second);
  store_free(store);
}

static void a_full_disk_leaves_what_was_saved(void **state) {
  (void)state;
  struct store *store;
  struct rlimit before, little = {.rlim_cur = 100};
  struct identity first;
  need_ok(open_with("correct horse", &store));
  first = store_trust(store)->identity;
  getrlimit(RLIMIT_FSIZE, &before);
  little.rlim_max = before.rlim_max;
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &little);
  sotto_status full = store_save(store);
  setrlimit(RLIMIT_FSIZE, &before);
  assert_true(full == SOTTO_ERR_SYSTEM || (unit_alloc_failed() && full == SOTTO_ERR_NOMEM));
  assert_false(exists("contacts.db.new"));
  assert_false(exists("id.sotto.new"));
  sotto_status later = store_save(store);
  assert_true(later == SOTTO_OK || unit_alloc_failed());
  store_free(store);
  need_ok(open_with("correct horse", &store));
  assert_memory_equal(&store_trust(store)->identity, &first, sizeof first);
  assert_false(store_trust(store)->rolled_back);
  store_free(store);
}

static void a_save_that_was_cut_is_finished(void **state) {
  (void)state;
  struct store *store;
  copy(base, "contacts.db", "contacts.db.new"); /* as when the second rename did not happen */
  copy(base, "contacts.old", "contacts.db");
  need_ok(open_with("correct horse", &store));
  assert_false(store_trust(store)->rolled_back);
  assert_false(exists("contacts.db.new"));
  store_free(store);
}

static void an_old_file_put_back_is_noticed_until_the_next_save(void **state) {
  (void)state;
  struct store *store;
  copy(base, "contacts.old", "contacts.db");
  need_ok(open_with("correct horse", &store));
  assert_true(store_trust(store)->rolled_back);
  sotto_status saved = store_save(store);
  store_free(store);
  assert_true(saved == SOTTO_OK || unit_alloc_failed());
  if (saved != SOTTO_OK)
    return;
  need_ok(open_with("correct horse", &store));
  assert_false(store_trust(store)->rolled_back);
  store_free(store);
}

static void contacts_without_keys_and_keys_without_contacts_are_corrupt(void **state) {
  (void)state;
  struct store *store;
  forget("id.sotto");
  sotto_status status = open_with("correct horse", &store);
  assert_true(status == SOTTO_ERR_CORRUPT || unit_alloc_failed());
  assert_false(exists("id.sotto")); /* no new identity over somebody's contacts */
  copy(base, "id.sotto", "id.sotto");
  forget("contacts.db");
  status = open_with("correct horse", &store);
  assert_true(status == SOTTO_ERR_CORRUPT || unit_alloc_failed());
}

static void what_makes_no_sense_is_invalid(void **state) {
  (void)state;
  struct store *store;
  assert_int_equal(open_with("", &store), SOTTO_ERR_INVALID);
  assert_int_equal(store_open("", "x", 1, 1, &store), SOTTO_ERR_INVALID);
  assert_int_equal(store_open(NULL, "x", 1, 1, &store), SOTTO_ERR_INVALID);
  assert_int_equal(store_open_with_limits(directory, "x", 1, 1, 2, 64 << 20, &store), SOTTO_ERR_INVALID);
  assert_int_equal(store_open_with_limits(directory, "x", 1, 1, 3, 1 << 20, &store), SOTTO_ERR_INVALID);
  sotto_status status = store_open("/nonexistent/a", "x", 1, 1, &store);
  assert_true(status == SOTTO_ERR_SYSTEM || unit_alloc_failed());
  assert_null(store);
  store_free(NULL);
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk) {
  (void)info, (void)type, (void)walk;
  return remove(path);
}

static bool make_base(void) {
  struct store *store;
  if (!mkdtemp(base) || open_in(base, "correct horse", &store) != SOTTO_OK)
    return false;
  memcpy(directory, base, sizeof base);
  copy(base, "contacts.db", "contacts.old");
  bool ok = store_save(store) == SOTTO_OK;
  store_free(store);
  return ok;
}

#define on_nothing(name) cmocka_unit_test_setup(name, empty_directory)
#define on_a_store(name) cmocka_unit_test_setup(name, made_store)

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {on_nothing(what_is_saved_is_there_again),
                                     on_a_store(only_its_passphrase_opens_it),
                                     on_a_store(one_process_at_a_time),
                                     on_a_store(a_full_disk_leaves_what_was_saved),
                                     on_a_store(a_save_that_was_cut_is_finished),
                                     on_a_store(an_old_file_put_back_is_noticed_until_the_next_save),
                                     on_a_store(contacts_without_keys_and_keys_without_contacts_are_corrupt),
                                     on_nothing(what_makes_no_sense_is_invalid)};
  int failed = 1;
  if (make_base())
    failed = unit_main(argc, argv, tests, sizeof tests / sizeof tests[0]);
  nftw(base, remove_one, 8, FTW_DEPTH | FTW_PHYS);
  return failed;
}
