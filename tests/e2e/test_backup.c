/* A device is lost and comes back from its backup, as real processes through the real server. */
#include <sys/stat.h>
#include <unistd.h>

#include "world.h"

static void write_text(const char *path, const char *text) {
  FILE *file = fopen(path, "we");
  assert_non_null(file);
  assert_int_equal(fchmod(fileno(file), 0600), 0);
  assert_true(fputs(text, file) >= 0);
  assert_int_equal(fclose(file), 0);
}

static void flip_a_byte(const char *path) {
  FILE *file = fopen(path, "r+e");
  assert_non_null(file);
  assert_int_equal(fseek(file, 200, SEEK_SET), 0);
  int byte = fgetc(file);
  assert_int_equal(fseek(file, 200, SEEK_SET), 0);
  assert_int_equal(fputc(byte ^ 1, file), byte ^ 1);
  assert_int_equal(fclose(file), 0);
}

static void a_lost_device_comes_back_and_is_called(void **state) {
  (void)state;
  struct world world;
  struct person alice, bob;
  struct stat info;
  char file[WORLD_PATH], code[WORLD_PATH], store[WORLD_PATH];
  world_open(&world, true);
  world_path(&world, "backup", file);
  world_path(&world, "code", code);
  world_path(&world, "again", store);
  world_meet(&world, "alice", "bob");
  person_start(&bob, &world, "bob", WORDS("backup", file));
  write_text(code, json_string_value(json_object_get(person_await(&bob, "backup", NULL, NULL, 30), "code")));
  person_ends(&bob, EXIT_OK, 20);
  assert_int_equal(stat(file, &info), 0);
  assert_int_equal(info.st_mode & 07777, 0600);
  person_start(&bob, &world, "bob", WORDS("backup", file)); /* not over another */
  person_ends(&bob, EXIT_DISK, 20);

  person_start(&bob, &world, "again", WORDS("restore", file, "--code-file", code));
  person_ends(&bob, EXIT_OK, 30);
  person_start(&bob, &world, "again", WORDS("restore", file, "--code-file", code)); /* nor into a store */
  person_ends(&bob, EXIT_TRUST, 30);
  person_start(&alice, &world, "alice", WORDS("answer"));
  person_await(&alice, "online", NULL, NULL, 30);
  person_start(&bob, &world, "again", WORDS("--policy", "warn", "answer", "--once", "--auto"));
  person_await(&bob, "online", NULL, NULL, 30);
  person_await(&bob, "linked", NULL, NULL, 40);
  person_await(&alice, "alarm", "alarm", "roster-changed", 30);
  person_stop(&alice);
  person_start(&alice, &world, "alice", WORDS("--policy", "warn", "--seconds", "1", "call", "bob"));
  person_await(&bob, "gate", "gate", "open", 40);
  person_ends(&alice, EXIT_OK, 40);
  person_ends(&bob, EXIT_OK, 20);
  world_close(&world);
}

static void a_wrong_code_or_a_damaged_file_makes_no_store(void **state) {
  (void)state;
  struct world world;
  struct person bob;
  char file[WORLD_PATH], code[WORLD_PATH], store[WORLD_PATH], other[WORLD_PATH];
  world_open(&world, false);
  world_path(&world, "backup", file);
  world_path(&world, "other", other);
  world_path(&world, "code", code);
  world_path(&world, "again", store);
  person_start(&bob, &world, "bob", WORDS("backup", file));
  write_text(code, json_string_value(json_object_get(person_await(&bob, "backup", NULL, NULL, 30), "code")));
  person_ends(&bob, EXIT_OK, 20);
  person_start(&bob, &world, "bob", WORDS("backup", other));
  person_ends(&bob, EXIT_OK, 20);
  person_start(&bob, &world, "again", WORDS("restore", other, "--code-file", code));
  person_ends(&bob, EXIT_PASSPHRASE, 30);
  flip_a_byte(file);
  person_start(&bob, &world, "again", WORDS("restore", file, "--code-file", code));
  person_ends(&bob, EXIT_STORE, 30);
  write_text(code, "QQQQ-QQQQ");
  person_start(&bob, &world, "again", WORDS("restore", file, "--code-file", code));
  person_ends(&bob, EXIT_USAGE, 30);
  assert_int_not_equal(access(store, F_OK), 0);
  world_close(&world);
}

UNIT_TESTS(test(a_lost_device_comes_back_and_is_called), test(a_wrong_code_or_a_damaged_file_makes_no_store))
