#include "engine/trust/backup_file.h"
#include "engine/trust/store.h"
#include "unit.h"

#include <dirent.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

static char base[] = "/tmp/sotto-backup-XXXXXX", file[64], directory[64]; /* removed by main() */
static char code[BACKUP_CODE_CHARACTERS + 1];
static struct backup_plain plain;

static int files_in(const char *path) {
  int count = 0;
  DIR *dir = opendir(path);
  for (struct dirent *entry; dir && (entry = readdir(dir));)
    count += entry->d_name[0] != '.';
  if (dir)
    closedir(dir);
  return count;
}

static void a_file_is_private_and_never_written_over_unasked(void **state) {
  (void)state;
  struct stat info, again;
  need_ok(backup_file_write(file, false, &plain, code));
  assert_int_equal(stat(file, &info), 0);
  assert_int_equal(info.st_mode & 07777, 0600);
  assert_int_equal(files_in(base), 1); /* nothing is left beside it */
  sotto_status status = backup_file_write(file, false, &plain, code);
  assert_int_equal(status, SOTTO_ERR_STATE);
  assert_int_equal(stat(file, &again), 0);
  assert_int_equal(again.st_ino, info.st_ino);
  status = backup_file_write(file, true, &plain, code);
  assert_true(status == SOTTO_OK || unit_alloc_failed());
  unlink(file);
}

static void what_can_not_be_written_leaves_nothing(void **state) {
  (void)state;
  char nowhere[128];
  snprintf(nowhere, sizeof nowhere, "%s/no/such/folder", base);
  sotto_status status = backup_file_write(nowhere, false, &plain, code);
  assert_true(status == SOTTO_ERR_SYSTEM || unit_alloc_failed());
  assert_int_equal(files_in(base), 0);
}

static void a_restored_store_opens_and_a_used_one_is_left_alone(void **state) {
  (void)state;
  struct trust *trust;
  struct store *store;
  snprintf(directory, sizeof directory, "%s/store", base);
  assert_int_equal(backup_file_read(file, code, &trust), SOTTO_ERR_NOT_FOUND);
  need_ok(backup_file_write(file, false, &plain, code));
  sotto_status status = backup_file_read(file, code, &trust);
  if (!status)
    status = store_make(directory, "secret", 6, trust);
  if (status) {
    assert_true(unit_alloc_failed());
    unlink(file);
    return;
  }
  assert_int_equal(files_in(directory), 2);
  status = backup_file_read(file, code, &trust);
  if (!status)
    status = store_make(directory, "secret", 6, trust);
  assert_true(status == SOTTO_ERR_STATE || unit_alloc_failed());
  status = store_open(directory, "secret", 6, 0, &store);
  assert_true(status == SOTTO_OK || unit_alloc_failed());
  if (!status)
    assert_true(trust_is_restored(store_trust(store)) && !store_trust(store)->rolled_back);
  store_free(store);
  char path[128];
  snprintf(path, sizeof path, "%s/id.sotto", directory);
  unlink(path);
  snprintf(path, sizeof path, "%s/contacts.db", directory);
  unlink(path);
  rmdir(directory);
  unlink(file);
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where) {
  (void)info, (void)kind, (void)where;
  return remove(path);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {test(a_file_is_private_and_never_written_over_unasked),
                                     test(what_can_not_be_written_leaves_nothing),
                                     test(a_restored_store_opens_and_a_used_one_is_left_alone)};
  struct trust *owner = crypto_init() && mkdtemp(base) ? trust_new(1000) : NULL;
  if (!owner || backup_gather(&plain, owner) != SOTTO_OK)
    return 1;
  snprintf(file, sizeof file, "%s/backup", base);
  backup_code_make(code);
  int failed = unit_main(argc, argv, tests, sizeof tests / sizeof tests[0]);
  backup_plain_free(&plain);
  trust_free(owner);
  nftw(base, remove_one, 8, FTW_DEPTH | FTW_PHYS);
  return failed;
}
