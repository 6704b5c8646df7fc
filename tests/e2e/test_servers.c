/* Servers that close, stall, flood and talk nonsense: no crash, no hang, a message and an exit code. */
#include "fake_server.h"
#include "world.h"

enum { CALLS_MAX_S = 60, NAME_SIZE = 32 };

/* Never online: told so after ten seconds. */
static bool never_online(enum misbehaviour kind) {
  return kind <= FAKE_GARBAGE;
}

/* The same person again: each talks to a server of its own. */
static void copy_store(const struct world *world, char name[NAME_SIZE], int i) {
  char command[4 * WORLD_PATH];
  snprintf(name, NAME_SIZE, "alice%d", i);
  snprintf(command, sizeof command, "cp -r %s/alice %s/%s", world->dir, world->dir, name);
  assert_int_equal(system(command), 0);
}

static void a_call_through_a_server_that_misbehaves_ends_within_its_time(void **state) {
  (void)state;
  struct world world;
  struct fake_server fake[FAKE_KINDS];
  struct person caller[FAKE_KINDS];
  char name[FAKE_KINDS][NAME_SIZE];
  world_open(&world, true);
  world_meet(&world, "alice", "bob");
  for (int i = 0; i < FAKE_KINDS; i++) {
    copy_store(&world, name[i], i);
    fake_start(&fake[i], (enum misbehaviour)i);
    person_start_with(&caller[i], &world, name[i], fake[i].url, NULL, WORDS("call", "bob"));
  }
  for (int i = 0; i < FAKE_KINDS; i++) {
    int code = child_wait(&caller[i].child, within(CALLS_MAX_S));
    print_message("server kind %d: exit %d, %ld connections, %lu bytes: %s\n", i, code,
                  atomic_load(&fake[i].connections), (unsigned long)atomic_load(&fake[i].sent),
                  person_text(&caller[i], "exit", "text"));
    assert_true(code == EXIT_NO_SERVER || (!never_online((enum misbehaviour)i) && code == EXIT_UNREACHABLE));
    assert_true(atomic_load(&fake[i].connections) > 0);
    assert_true(atomic_load(&fake[i].connections) < 40); /* it backs off */
    person_stop(&caller[i]);
  }
  for (int i = 0; i < FAKE_KINDS; i++)
    fake_stop(&fake[i]);
  world_close(&world);
}

static int64_t time_of(const json_t *event) {
  return json_integer_value(json_object_get(event, "t"));
}

static void no_server_at_all_is_said_after_ten_seconds(void **state) {
  (void)state;
  struct world world;
  struct person alice;
  world_open(&world, false);
  person_start(&alice, &world, "alice", WORDS("answer"));
  int64_t refused = time_of(person_await(&alice, "offline", NULL, NULL, 30));
  int64_t given_up = time_of(person_await(&alice, "exit", NULL, NULL, 30));
  assert_in_range(given_up - refused, 9000000, 12000000);
  person_ends(&alice, EXIT_NO_SERVER, 20);
  world_close(&world);
}

UNIT_TESTS(test(no_server_at_all_is_said_after_ten_seconds),
           test(a_call_through_a_server_that_misbehaves_ends_within_its_time))
