/* An identity rotates and ends, as real processes through the real server: who is told, and what they see. */
#include "world.h"

static void await_names(struct person *person, const char *key, const char *name) {
  json_t *names = json_object_get(person_await(person, "who-knows", NULL, NULL, 30), key);
  assert_int_equal(json_array_size(names), 1);
  assert_string_equal(json_string_value(json_array_get(names, 0)), name);
}

static void a_contact_is_told_of_a_new_key_and_of_the_end(void **state) {
  (void)state;
  struct world world;
  struct person alice, bob;
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
  person_start(&bob, &world, "bob", WORDS("identity", "end", "--yes"));
  await_names(&bob, "told", "alice");
  person_ends(&bob, EXIT_OK, 20);
  person_await(&alice, "contact", "trust", "revoked", 30); /* whom she knows by the key before */
  person_stop(&alice);
  world_close(&world);
}

UNIT_TESTS(test(a_contact_is_told_of_a_new_key_and_of_the_end))
