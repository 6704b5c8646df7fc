/* Several devices of one person, as real processes through the real server: added, rung, and revoked. */
#include "world.h"

static const char *const wait_once[] = {"answer", "--once", NULL};
static const char *const wait_warn[] = {"--policy", "warn", "answer", "--once", NULL};
static const char *const wait_auto[] = {"--policy", "warn", "answer", "--once", "--auto", NULL};

/* `fresh` becomes a device of `owner`. */
static void enroll(const struct world *world, const char *owner, const char *fresh) {
  struct person primary, device;
  person_start(&device, world, fresh, WORDS("device", "show"));
  const char *code = json_string_value(json_object_get(person_await(&device, "device", NULL, NULL, 30), "text"));
  assert_non_null(code);
  person_start(&primary, world, owner, WORDS("device", "add", "-", "--yes"));
  person_await(&primary, "online", NULL, NULL, 30);
  person_say(&primary, code);
  person_ends(&primary, EXIT_OK, 40);
  person_ends(&device, EXIT_OK, 40);
}

/* What `device list` says on that store; the ID of the other of two devices, "" when there is one. */
static size_t list_devices(const struct world *world, const char *name, bool primary, char other[32]) {
  struct person person;
  size_t i;
  json_t *one;
  *other = 0;
  person_start(&person, world, name, WORDS("device", "list"));
  json_t *list = json_object_get(person_await(&person, "devices", NULL, NULL, 30), "devices");
  json_array_foreach(list, i, one) {
    bool here = json_is_true(json_object_get(one, "here"));
    assert_int_equal(json_is_true(json_object_get(one, "primary")), here && primary);
    if (!here)
      snprintf(other, 32, "%s", json_string_value(json_object_get(one, "id")));
  }
  size_t count = json_array_size(list);
  person_ends(&person, EXIT_OK, 10);
  return count;
}

static void call_for_a_second(const struct world *world, struct person *from, const char *name, const char *to) {
  person_start(from, world, name, WORDS("--policy", "warn", "--seconds", "1", "call", to));
}

static void a_second_device_rings_and_takes_the_call_until_it_is_revoked(void **state) {
  (void)state;
  struct world world;
  struct person alice, bob, phone;
  char id[32], none[32];
  world_open(&world, true);
  world_meet(&world, "alice", "bob");
  enroll(&world, "bob", "phone");
  assert_int_equal(list_devices(&world, "phone", false, none), 2);
  assert_int_equal(list_devices(&world, "bob", true, id), 2);

  person_start(&bob, &world, "bob", wait_once);
  person_await(&bob, "online", NULL, NULL, 30);
  person_start(&phone, &world, "phone", wait_warn);
  person_await(&phone, "online", NULL, NULL, 30);
  call_for_a_second(&world, &alice, "alice", "bob");
  person_await(&alice, "alarm", "alarm", "roster-changed", 40);
  person_await(&bob, "incoming", NULL, NULL, 40);
  person_await(&phone, "incoming", NULL, NULL, 40);
  person_say(&phone, "accept"); /* not before both ring: who answers earlier keeps the other from it */
  person_await(&phone, "gate", "gate", "open", 40);
  person_await(&bob, "call-state", "reason", "elsewhere", 40);
  person_stop(&bob);
  person_ends(&alice, EXIT_OK, 40);
  person_ends(&phone, EXIT_OK, 20);

  person_start(&alice, &world, "alice", wait_once); /* she hears of it at once, and the phone as well */
  person_await(&alice, "online", NULL, NULL, 30);
  person_start(&phone, &world, "phone", wait_once);
  person_await(&phone, "online", NULL, NULL, 30);
  person_start(&bob, &world, "bob", WORDS("--seconds", "3", "device", "revoke", id));
  person_await(&alice, "alarm", "alarm", "roster-changed", 40);
  person_await(&phone, "alarm", "alarm", "device-revoked", 40);
  person_ends(&bob, EXIT_OK, 40);
  person_stop(&alice);
  person_stop(&phone);
  assert_int_equal(list_devices(&world, "bob", true, none), 1);

  person_start(&phone, &world, "phone", WORDS("call", "alice"));
  person_ends(&phone, EXIT_TRUST, 30);

  person_start(&phone, &world, "phone", wait_auto); /* nor does it ring */
  person_await(&phone, "online", NULL, NULL, 30);
  person_start(&bob, &world, "bob", wait_auto);
  person_await(&bob, "online", NULL, NULL, 30);
  call_for_a_second(&world, &alice, "alice", "bob");
  person_await(&bob, "gate", "gate", "open", 40);
  person_ends(&alice, EXIT_OK, 40);
  person_ends(&bob, EXIT_OK, 20);
  assert_null(child_last(&phone.child, "incoming"));
  person_stop(&phone);
  world_close(&world);
}

static void a_call_with_a_device_ends_when_it_is_revoked(void **state) {
  (void)state;
  struct world world;
  struct person alice, bob, phone;
  char id[32];
  world_open(&world, true);
  world_meet(&world, "alice", "bob");
  person_start(&alice, &world, "alice", wait_once);
  person_await(&alice, "online", NULL, NULL, 30);
  enroll(&world, "bob", "phone");
  person_await(&alice, "alarm", "alarm", "roster-changed", 20); /* she is online, and so told at once */
  person_stop(&alice);
  list_devices(&world, "bob", true, id);
  person_start(&phone, &world, "phone", wait_auto);
  person_await(&phone, "online", NULL, NULL, 30);
  person_start(&alice, &world, "alice", WORDS("--policy", "warn", "call", "bob"));
  person_await(&alice, "gate", "gate", "open", 40);
  person_start(&bob, &world, "bob", WORDS("--seconds", "3", "device", "revoke", id));
  person_await(&alice, "alarm", "alarm", "device-revoked", 40);
  person_await(&alice, "call-state", "reason", "security", 10);
  person_ends(&alice, EXIT_SECURITY, 20);
  person_ends(&bob, EXIT_OK, 40);
  person_ends(&phone, EXIT_SECURITY, 20);
  world_close(&world);
}

static void only_the_primary_adds_and_revokes_and_nobody_takes_a_used_store(void **state) {
  (void)state;
  struct world world;
  struct person bob, phone;
  char id[32];
  world_open(&world, true);
  world_meet(&world, "alice", "bob");
  person_start(&bob, &world, "bob", WORDS("device", "show"));
  person_ends(&bob, EXIT_TRUST, 30);
  enroll(&world, "bob", "phone");
  list_devices(&world, "phone", false, id);
  person_start(&phone, &world, "phone", WORDS("device", "revoke", id));
  person_ends(&phone, EXIT_TRUST, 30);
  list_devices(&world, "bob", true, id);
  person_start(&bob, &world, "bob", WORDS("device", "revoke", "0123456789abcdef"));
  person_ends(&bob, EXIT_NO_CONTACT, 30);
  person_start(&bob, &world, "bob", WORDS("device", "add", "SOTTO:D/NONSENSE", "--yes"));
  person_ends(&bob, EXIT_USAGE, 30);
  world_close(&world);
}

UNIT_TESTS(test(a_second_device_rings_and_takes_the_call_until_it_is_revoked),
           test(a_call_with_a_device_ends_when_it_is_revoked),
           test(only_the_primary_adds_and_revokes_and_nobody_takes_a_used_store))
