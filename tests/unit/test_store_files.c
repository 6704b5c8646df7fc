#include "engine/trust/store_files.h"
#include "unit.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

static char base[] = "/tmp/sotto-trust-XXXXXX", directory[64]; /* removed by main(), however a test ends */
static int dir;

static int make_directory(void **state) {
  (void)state;
  snprintf(directory, sizeof directory, "%s/XXXXXX", base);
  return mkdtemp(directory) && store_files_lock(directory, &dir) == SOTTO_OK ? 0 : -1;
}

static int close_directory(void **state) {
  (void)state;
  return close(dir);
}

/* Bytes that only these tests tell apart: the generation in each of them. */
static struct store_image image_of(uint8_t generation, uint8_t *database, size_t size) {
  struct store_image image = {.vault_size = 100, .database = database, .database_size = size};
  memset(image.vault, generation, image.vault_size);
  memset(database, generation, size);
  return image;
}

static void put(const struct store_image *image, int steps) {
  assert_int_equal(store_files_commit(dir, image, 0, steps), steps);
}

static bool has(const struct bytes_view *file, uint8_t generation) {
  return file->data && file->size > 0 && ((const uint8_t *)file->data)[file->size - 1] == generation;
}

static void an_empty_directory_has_no_files(void **state) {
  (void)state;
  struct store_files files;
  assert_int_equal(store_files_read(dir, &files), SOTTO_OK);
  assert_null(files.vault.data);
  assert_null(files.database.data);
  assert_null(files.database_new.data);
}

static void a_cut_at_any_step_leaves_one_whole_pair(void **state) {
  (void)state;
  uint8_t database[300];
  for (int cut = 0; cut <= STORE_STEPS; cut++) {
    struct store_files files;
    struct store_image image = image_of(1, database, sizeof database);
    put(&image, STORE_STEPS);
    image = image_of(2, database, sizeof database);
    put(&image, cut);
    need_ok(store_files_read(dir, &files));
    bool renamed = cut > STORE_STEP_RENAME, finished = cut >= 6;
    assert_true(has(&files.vault, renamed ? 2 : 1));
    assert_true(has(&files.database, finished ? 2 : 1));
    if (renamed && !finished)
      assert_true(has(&files.database_new, 2)); /* what belongs to the new vault is there */
    if (finished)
      assert_null(files.database_new.data);
    store_files_free(&files);
    store_files_discard(dir);
  }
}

static void a_step_that_fails_is_named_and_the_old_pair_stays(void **state) {
  (void)state;
  uint8_t database[300];
  struct store_files files;
  struct store_image image = image_of(1, database, sizeof database);
  put(&image, STORE_STEPS);
  image = image_of(2, database, sizeof database);
  assert_int_equal(mkdirat(dir, "id.sotto.new", 0700), 0); /* in the way */
  assert_int_equal(store_files_commit(dir, &image, 0, STORE_STEPS), 1);
  need_ok(store_files_read(dir, &files));
  assert_true(has(&files.vault, 1) && has(&files.database, 1));
  store_files_free(&files);
  assert_int_equal(unlinkat(dir, "id.sotto.new", AT_REMOVEDIR), 0);
}

static void files_are_the_owners_alone_whatever_the_umask(void **state) {
  (void)state;
  static const mode_t masks[] = {0, 0777};
  uint8_t database[10];
  struct store_image image = image_of(1, database, sizeof database);
  struct stat info;
  for (int i = 0; i < 2; i++) {
    mode_t before = umask(masks[i]);
    put(&image, STORE_STEPS);
    umask(before);
    assert_int_equal(fstatat(dir, "id.sotto", &info, 0), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    assert_int_equal(fstatat(dir, "contacts.db", &info, 0), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
  }
}

static void a_new_directory_is_the_owners_alone(void **state) {
  (void)state;
  char inner[80];
  int fd;
  struct stat info;
  snprintf(inner, sizeof inner, "%s/store", directory);
  mode_t before = umask(0777);
  assert_int_equal(store_files_lock(inner, &fd), SOTTO_OK);
  umask(before);
  assert_int_equal(fstat(fd, &info), 0);
  assert_int_equal(info.st_mode & 07777, 0700);
  close(fd);
  rmdir(inner);
  snprintf(inner, sizeof inner, "%s/a/b", directory);
  assert_int_equal(store_files_lock(inner, &fd), SOTTO_ERR_SYSTEM);
}

static void one_at_a_time(void **state) {
  (void)state;
  int second = 0;
  assert_int_equal(store_files_lock(directory, &second), SOTTO_ERR_STATE);
  assert_int_equal(second, -1);
}

static void what_is_no_plain_small_file_is_refused(void **state) {
  (void)state;
  struct store_files files;
  int fd = openat(dir, "id.sotto", O_CREAT | O_WRONLY, 0600);
  assert_int_equal(ftruncate(fd, VAULT_MAX_SIZE + 1), 0);
  assert_int_equal(store_files_read(dir, &files), SOTTO_ERR_CORRUPT);
  assert_null(files.vault.data);
  assert_int_equal(ftruncate(fd, 0), 0); /* an empty file is there, and empty */
  close(fd);
  need_ok(store_files_read(dir, &files));
  assert_non_null(files.vault.data);
  assert_int_equal(files.vault.size, 0);
  store_files_free(&files);
  unlinkat(dir, "id.sotto", 0);
  assert_int_equal(symlinkat("/dev/zero", dir, "id.sotto"), 0);
  assert_int_equal(store_files_read(dir, &files), SOTTO_ERR_SYSTEM);
  unlinkat(dir, "id.sotto", 0);
  assert_int_equal(mkfifoat(dir, "contacts.db", 0600), 0); /* must not hang */
  assert_int_equal(store_files_read(dir, &files), SOTTO_ERR_CORRUPT);
}

#define in_directory(name) cmocka_unit_test_setup_teardown(name, make_directory, close_directory)

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *walk) {
  (void)info, (void)type, (void)walk;
  return remove(path);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {in_directory(an_empty_directory_has_no_files),
                                     in_directory(a_cut_at_any_step_leaves_one_whole_pair),
                                     in_directory(a_step_that_fails_is_named_and_the_old_pair_stays),
                                     in_directory(files_are_the_owners_alone_whatever_the_umask),
                                     in_directory(a_new_directory_is_the_owners_alone),
                                     in_directory(one_at_a_time),
                                     in_directory(what_is_no_plain_small_file_is_refused)};
  if (!mkdtemp(base))
    return 1;
  int failed = unit_main(argc, argv, tests, sizeof tests / sizeof tests[0]);
  nftw(base, remove_one, 8, FTW_DEPTH | FTW_PHYS);
  return failed;
}
