/* An identity rotates and ends, as real processes through the real server: who is told, who may call whom then. */
#include "world.h"

static const char *const wait_auto[] = {"--policy", "warn", "answer", "--once", "--auto", NULL};

static void await_names(struct person *person, const char *key, const char *name) {
  json_t *names = json_object_get(person_await(person, "who-knows", NULL, NULL, 30), key);
  assert_int_equal(json_array_size(names), 1);
  assert_string_equal(json_string_value(json_array_get(names, 0)), name);
}

/* `person` looks at the number that both see now and types its end. */
static void last_digits(const struct world *world, const char *name, const char *of, char digits[8]) {
  struct person person;
  person_start(&person, world, name, WORDS("verify", of));
  const char *number =
      json_string_value(json_object_get(person_await(&person, "safety-number", NULL, NULL, 30), "number"));
  assert_non_null(number);
  snprintf(digits, 8, "%s", number + strlen(number) - 7);
  person_ends(&person, EXIT_OK, 20);
}

static void assert_call_opens(const struct world *world) {
  struct person alice, bob;
  person_start(&bob, world, "bob", wait_auto);
  person_await(&bob, "online", NULL, NULL, 30);
  person_start(&alice, world, "alice", WORDS("--policy", "warn", "--seconds", "1", "call", "bob"));
  person_await(&bob, "gate", "gate", "open", 40);
  person_ends(&alice, EXIT_OK, 40);
  person_ends(&bob, EXIT_OK, 20);
}

static void a_new_key_is_told_reset_and_called_and_then_ends(void **state) {
  (void)state;
  struct world world;
  struct person alice, bob;
  char digits[8];
  world_open(&world, true);
  world_meet(&world, "alice", "bob");
  person_start(&alice, &world, "alice", WORDS("answer"));
  person_await(&alice, "online", NULL, NULL, 30);
  person_start(&bob, &world, "bob", WORDS("identity", "rotate"));
  person_await(&bob, "online", NULL, NULL, 30);
  person_say(&bob, "yes");
  person_await(&alice, "contact", "trust", "changed", 30);
  person_await(&alice, "alarm", "alarm", "identity-changed", 30);
  await_names(&bob, "told", "alice");
  person_ends(&bob, EXIT_OK, 20);
  person_stop(&alice);

  last_digits(&world, "bob", "alice", digits);
  person_start(&alice, &world, "alice", WORDS("reset", "bob", digits));
  person_await(&alice, "contact", "trust", "tofu", 20);
  person_ends(&alice, EXIT_OK, 20);
  assert_call_opens(&world);

  person_start(&bob, &world, "bob", WORDS("identity", "end", "--yes")); /* alice is not there */
  await_names(&bob, "untold", "alice");
  person_ends(&bob, EXIT_OK, 20);
  person_start(&alice, &world, "alice", WORDS("answer")); /* but within a minute */
  person_await(&alice, "contact", "trust", "revoked", 30);
  person_stop(&alice);
  world_close(&world);
}

UNIT_TESTS(test(a_new_key_is_told_reset_and_called_and_then_ends))
