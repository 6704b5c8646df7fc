#include "world.h"

#include <ftw.h>
#include <linux/close_range.h>
#include <sys/stat.h>
#include <unistd.h>

static const char secret[] = "correct horse battery staple";

const char *world_secret(void) {
  return secret;
}

void world_path(const struct world *world, const char *name, char path[WORLD_PATH]) {
  snprintf(path, WORLD_PATH, "%.400s/%.100s", world->dir, name);
}

static void start_server(struct world *world) {
  char *argv[] = {world->signald, "--listen", "127.0.0.1:0", NULL};
  assert_true(child_start(&world->server, argv, NULL, NULL));
  json_t *line = child_await(&world->server, NULL, "text", NULL, NULL, within(20));
  const char *text = json_string_value(json_object_get(line, "text"));
  assert_non_null(text);
  assert_int_equal(strncmp(text, "listening on ", 13), 0);
  snprintf(world->url, sizeof world->url, "ws://%.100s", text + 13);
}

void world_open(struct world *world, bool server) {
  const char *bin = getenv("SOTTO_BIN");
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC); /* what this test inherited is not its programs' */
  *world = (struct world){0};
  snprintf(world->dir, sizeof world->dir, "/tmp/sotto-test-XXXXXX");
  assert_non_null(mkdtemp(world->dir));
  snprintf(world->sotto, sizeof world->sotto, "%.400s/sotto", bin ? bin : ".");
  snprintf(world->signald, sizeof world->signald, "%.400s/sotto-signald", bin ? bin : ".");
  snprintf(world->url, sizeof world->url, "ws://127.0.0.1:9"); /* discard: nobody is there */
  if (server)
    start_server(world);
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *where) {
  (void)info;
  (void)kind;
  (void)where;
  return remove(path);
}

void world_close(struct world *world) {
  child_end(&world->server);
  nftw(world->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void person_start_with(struct person *person, const struct world *world, const char *name, const char *url,
                       const char *passphrase, const char *const *words) {
  char store[WORLD_PATH], *argv[WORLD_WORDS] = {0};
  int n = 0;
  world_path(world, name, store);
  const char *fixed[] = {world->sotto, "--json-events", "--lan", "--local", "127.0.0.1", "--passphrase-fd",
                         "3",          "--store",       store,   "--size",  "160x120",   "--fps",
                         "15",         "--server",      url};
  for (unsigned i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
    argv[n++] = (char *)fixed[i];
  for (; *words && n < WORLD_WORDS - 1; words++)
    argv[n++] = (char *)*words;
  *person = (struct person){.world = world, .name = name};
  assert_true(child_start(&person->child, argv, passphrase ? passphrase : secret, NULL));
}

void person_start(struct person *person, const struct world *world, const char *name, const char *const *words) {
  person_start_with(person, world, name, world->url, NULL, words);
}

static void show_seen(const struct person *person) {
  char *text = json_dumps(person->child.seen, JSON_INDENT(1));
  print_error("%s has seen: %s\n", person->name, text ? text : "?");
  free(text);
}

json_t *person_await(struct person *person, const char *event, const char *key, const char *value, int seconds) {
  json_t *line = child_await(&person->child, &person->read_to, event, key, value, within(seconds));
  if (!line) {
    show_seen(person);
    fail_msg("%s: no %s %s %s within %d s", person->name, event, key ? key : "", value ? value : "", seconds);
  }
  return line;
}

void person_say(struct person *person, const char *line) {
  assert_true(child_send(&person->child, line));
}

const char *person_text(struct person *person, const char *event, const char *key) {
  const char *text = json_string_value(json_object_get(child_last(&person->child, event), key));
  return text ? text : "";
}

void person_ends(struct person *person, int code, int seconds) {
  int got = child_wait(&person->child, within(seconds));
  const char *text = person_text(person, "exit", "text");
  if (got != code)
    show_seen(person);
  assert_int_equal(got, code);
  assert_int_equal(json_integer_value(json_object_get(child_last(&person->child, "exit"), "code")), code);
  if (code)
    assert_true(*text); /* it says why */
  child_end(&person->child);
}

void person_stop(struct person *person) {
  child_end(&person->child);
}

void world_meet(const struct world *world, const char *a, const char *b) {
  struct person inviter, joiner;
  person_start(&inviter, world, a, WORDS("invite", b, "--wait"));
  const char *invite = json_string_value(json_object_get(person_await(&inviter, "invite", NULL, NULL, 30), "text"));
  assert_non_null(invite);
  person_start(&joiner, world, b, WORDS("accept", a, "-"));
  person_await(&joiner, "online", NULL, NULL, 30);
  person_say(&joiner, invite);
  person_await(&joiner, "contact", "trust", "tofu", 30);
  person_await(&inviter, "contact", "trust", "tofu", 30);
  person_ends(&joiner, EXIT_OK, 20);
  person_ends(&inviter, EXIT_OK, 20);
}

void world_ring(const struct world *world, struct person *a, const char *a_name, struct person *b,
                const char *b_name, const char *const *more) {
  const char *words[WORLD_WORDS] = {0};
  int n = 0;
  for (; more && more[n]; n++)
    words[n] = more[n];
  words[n++] = "call";
  words[n] = b_name;
  person_start(b, world, b_name, WORDS("answer", "--once", "--auto"));
  person_await(b, "online", NULL, NULL, 30);
  person_start(a, world, a_name, words);
  person_await(a, "secure", NULL, NULL, 40);
  person_await(b, "secure", NULL, NULL, 20);
  person_await(a, "consent", NULL, NULL, 20);
  person_await(b, "consent", NULL, NULL, 20);
}

void world_compare(struct person *a, struct person *b) {
  person_say(a, "consent");
  person_say(b, "consent");
  json_t *mine = person_await(a, "sas", NULL, NULL, 30), *theirs = person_await(b, "sas", NULL, NULL, 30);
  assert_string_equal(json_string_value(json_object_get(mine, "words")),
                      json_string_value(json_object_get(theirs, "words")));
  person_say(a, "confirm yes");
  person_say(b, "confirm yes");
  person_await(a, "gate", "gate", "open", 30);
  person_await(b, "gate", "gate", "open", 30);
}
