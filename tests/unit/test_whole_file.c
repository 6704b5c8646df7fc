#include "engine/trust/whole_file.h"
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static char base[] = "/tmp/sotto-file-XXXXXX"; /* removed by main() */
static int dir;

static void what_is_written_is_read_and_private(void **state) {
  (void)state;
  struct bytes_view out;
  struct stat info;
  assert_true(whole_file_write(dir, "one", "hello", 5));
  assert_int_equal(fstatat(dir, "one", &info, 0), 0);
  assert_int_equal(info.st_mode & 07777, 0600);
  need_ok(whole_file_read(dir, "one", 5, &out));
  assert_int_equal(out.size, 5);
  assert_memory_equal(out.data, "hello", 5);
  free((void *)out.data);
}

static void an_absent_file_is_told_from_an_empty_one(void **state) {
  (void)state;
  struct bytes_view out;
  assert_int_equal(whole_file_read(dir, "none", 5, &out), SOTTO_OK);
  assert_null(out.data);
  assert_true(whole_file_write(dir, "empty", "", 0));
  need_ok(whole_file_read(dir, "empty", 5, &out));
  assert_non_null(out.data);
  assert_int_equal(out.size, 0);
  free((void *)out.data);
}

static void what_is_too_large_or_no_file_is_refused(void **state) {
  (void)state;
  struct bytes_view out;
  assert_true(whole_file_write(dir, "one", "hello", 5));
  assert_int_equal(whole_file_read(dir, "one", 4, &out), SOTTO_ERR_CORRUPT);
  if (faccessat(dir, "link", F_OK, AT_SYMLINK_NOFOLLOW) != 0)
    assert_int_equal(symlinkat("one", dir, "link"), 0);
  assert_int_equal(whole_file_read(dir, "link", 5, &out), SOTTO_ERR_SYSTEM);
  assert_false(whole_file_write(dir, "link", "x", 1));
  if (faccessat(dir, "pipe", F_OK, 0) != 0)
    assert_int_equal(mkfifoat(dir, "pipe", 0600), 0);
  assert_int_equal(whole_file_read(dir, "pipe", 5, &out), SOTTO_ERR_CORRUPT);
}

int main(int argc, char **argv) {
  const struct CMUnitTest tests[] = {test(what_is_written_is_read_and_private),
                                     test(an_absent_file_is_told_from_an_empty_one),
                                     test(what_is_too_large_or_no_file_is_refused)};
  dir = mkdtemp(base) ? open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
  int failed = dir < 0 ? 1 : unit_main(argc, argv, tests, sizeof tests / sizeof tests[0]);
  static const char *const names[] = {"one", "empty", "link", "pipe"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    unlinkat(dir, names[i], 0);
  rmdir(base);
  return failed;
}
