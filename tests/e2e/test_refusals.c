/* What must not work, each with its own exit code, within the documented time. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/trust/invite.h"
#include "world.h"

static void make_id(const struct world *world, const char *name) {
  struct person person;
  person_start(&person, world, name, WORDS("id"));
  person_await(&person, "id", NULL, NULL, 20);
  person_ends(&person, EXIT_OK, 10);
}

static void a_wrong_or_empty_passphrase_opens_nothing_and_changes_nothing(void **state) {
  (void)state;
  struct world world;
  struct person person;
  world_open(&world, false);
  make_id(&world, "alice");
  person_start_with(&person, &world, "alice", world.url, "not it", WORDS("id"));
  person_ends(&person, EXIT_PASSPHRASE, 20);
  person_start_with(&person, &world, "alice", world.url, "", WORDS("id"));
  person_ends(&person, EXIT_PASSPHRASE, 20);
  make_id(&world, "alice");
  world_close(&world);
}

static void store_file(const struct world *world, const char *file, char path[WORLD_PATH]) {
  char name[64];
  snprintf(name, sizeof name, "alice/%s", file);
  world_path(world, name, path);
}

static void flip(const char *path, off_t at) {
  uint8_t byte;
  int fd = open(path, O_RDWR);
  assert_true(fd >= 0);
  assert_int_equal(pread(fd, &byte, 1, at), 1);
  byte ^= 1;
  assert_int_equal(pwrite(fd, &byte, 1, at), 1);
  close(fd);
}

static void a_damaged_store_is_refused_whole(void **state) {
  (void)state;
  struct world world;
  struct person person;
  struct stat info;
  char id[WORLD_PATH], contacts[WORLD_PATH];
  world_open(&world, false);
  make_id(&world, "alice");
  store_file(&world, "id.sotto", id);
  store_file(&world, "contacts.db", contacts);
  assert_int_equal(stat(contacts, &info), 0);
  flip(contacts, info.st_size / 2);
  person_start(&person, &world, "alice", WORDS("id"));
  person_ends(&person, EXIT_STORE, 20);
  flip(contacts, info.st_size / 2);
  make_id(&world, "alice");
  flip(id, 0); /* the magic */
  person_start(&person, &world, "alice", WORDS("id"));
  person_ends(&person, EXIT_STORE, 20);
  flip(id, 0);
  assert_int_equal(truncate(id, 40), 0);
  person_start(&person, &world, "alice", WORDS("id"));
  person_ends(&person, EXIT_STORE, 20);
  world_close(&world);
}

static void a_store_in_use_and_wrong_usage_have_their_codes(void **state) {
  (void)state;
  struct world world;
  struct person first, second;
  world_open(&world, true);
  person_start(&first, &world, "alice", WORDS("answer"));
  person_await(&first, "online", NULL, NULL, 20);
  person_start(&second, &world, "alice", WORDS("id"));
  person_ends(&second, EXIT_SYSTEM, 20);
  person_start(&second, &world, "bob", WORDS("call", "nobody"));
  person_ends(&second, EXIT_NO_CONTACT, 20);
  person_start(&second, &world, "bob", WORDS("--audio", "/nonexistent.wav", "call", "nobody"));
  person_ends(&second, EXIT_MEDIA, 20);
  person_start(&second, &world, "bob", WORDS("dance"));
  person_ends(&second, EXIT_USAGE, 20);
  person_start(&second, &world, "bob", WORDS("accept", "x", "SOTTO:I/NONSENSE"));
  person_ends(&second, EXIT_USAGE, 20);
  person_say(&first, "quit");
  person_ends(&first, EXIT_OK, 10);
  world_close(&world);
}

static void an_invite_past_its_date_is_refused_at_once(void **state) {
  (void)state;
  struct world world;
  struct person alice, bob;
  struct invite invite;
  char text[SOTTO_INVITE_TEXT_SIZE];
  world_open(&world, true);
  person_start(&alice, &world, "alice", WORDS("invite", "bob"));
  json_t *line = person_await(&alice, "invite", NULL, NULL, 20);
  assert_int_equal(invite_parse(json_string_value(json_object_get(line, "text")), &invite), SOTTO_OK);
  person_ends(&alice, EXIT_OK, 20);
  invite.expiry = 1000000000; /* 2001 */
  assert_int_equal(invite_format(&invite, text, sizeof text), SOTTO_OK);
  person_start(&bob, &world, "bob", WORDS("accept", "alice", text));
  person_ends(&bob, EXIT_INVITE, 20);
  world_close(&world);
}

/* All of these wait for a time-out of the library: they do it at the same time. */
static void what_nobody_answers_ends_within_its_time(void **state) {
  (void)state;
  struct world world;
  struct person alice, bob, carol, dave, erin, mallory;
  char invite[SOTTO_INVITE_TEXT_SIZE];
  world_open(&world, true);
  world_meet(&world, "carol", "dave"); /* dave lets it ring */
  world_meet(&world, "alice", "erin"); /* erin blocks alice */

  person_start(&alice, &world, "alice", WORDS("invite", "bob", "--wait"));
  snprintf(invite, sizeof invite, "%s",
           json_string_value(json_object_get(person_await(&alice, "invite", NULL, NULL, 20), "text")));
  person_start(&bob, &world, "bob", WORDS("accept", "alice", invite));
  person_ends(&bob, EXIT_OK, 40);
  person_ends(&alice, EXIT_OK, 20);
  person_start(&erin, &world, "erin", WORDS("block", "alice"));
  person_ends(&erin, EXIT_OK, 20);

  person_start(&bob, &world, "bob", WORDS("answer"));   /* idle: nothing may ring here */
  person_start(&erin, &world, "erin", WORDS("answer")); /* alice is blocked: nothing may ring here */
  person_start(&dave, &world, "dave", WORDS("answer", "--once"));
  person_await(&erin, "online", NULL, NULL, 20);
  person_await(&dave, "online", NULL, NULL, 20);
  person_start(&carol, &world, "carol", WORDS("call", "dave"));
  person_start(&alice, &world, "alice", WORDS("call", "erin"));
  person_await(&dave, "incoming", NULL, NULL, 30);
  person_ends(&alice, EXIT_UNREACHABLE, 40);
  assert_null(child_last(&erin.child, "incoming"));

  person_start(&alice, &world, "alice", WORDS("answer")); /* online, so that the second use can be noticed */
  person_await(&alice, "online", NULL, NULL, 20);
  person_start(&mallory, &world, "mallory", WORDS("accept", "alice", invite));
  person_await(&alice, "alarm", "alarm", "invite-reused", 30);
  person_ends(&mallory, EXIT_INVITE, 70);
  person_ends(&carol, EXIT_NO_ANSWER, 70);
  int code = child_wait(&dave.child, within(20)); /* both ends count to 60 s: one of them is first */
  assert_true(code == EXIT_NO_ANSWER || code == EXIT_CANCELED);
  person_stop(&dave);
  struct person *rest[] = {&alice, &bob, &erin};
  for (int i = 0; i < 3; i++) {
    person_say(rest[i], "quit");
    person_ends(rest[i], EXIT_OK, 10);
  }
  world_close(&world);
}

UNIT_TESTS(test(a_wrong_or_empty_passphrase_opens_nothing_and_changes_nothing),
           test(a_damaged_store_is_refused_whole), test(a_store_in_use_and_wrong_usage_have_their_codes),
           test(an_invite_past_its_date_is_refused_at_once), test(what_nobody_answers_ends_within_its_time))
