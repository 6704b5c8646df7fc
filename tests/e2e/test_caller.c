/* Two processes of the caller through the real server: what a call does, and how it ends. */
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "world.h"

/* As text, and as JSON. */
static void check_contacts_say_how_and_when(const struct world *world, const char *name, const char *contact) {
  char command[3 * WORLD_PATH], store[WORLD_PATH], line[256] = "", day[16], trust[16], method[16], shown[16];
  time_t now = time(NULL);
  struct person person;
  person_start(&person, world, name, WORDS("contacts"));
  json_t *seen = person_await(&person, "contacts", NULL, NULL, 20);
  json_t *first = json_array_get(json_object_get(seen, "contacts"), 0);
  assert_string_equal(json_string_value(json_object_get(first, "method")), "sas");
  time_t at = json_integer_value(json_object_get(first, "verifiedAt"));
  assert_in_range(at, now - 600, now);
  person_ends(&person, EXIT_OK, 10);

  world_path(world, name, store);
  strftime(day, sizeof day, "%Y-%m-%d", localtime(&at));
  snprintf(command, sizeof command, "echo '%s' | '%s' --store '%s' --passphrase-fd 0 contacts", world_secret(),
           world->sotto, store);
  FILE *output = popen(command, "r");
  assert_non_null(output);
  assert_non_null(fgets(line, sizeof line, output));
  assert_int_equal(pclose(output), 0);
  char known[32];
  assert_int_equal(sscanf(line, "%31s %15s %15s %15s", known, trust, method, shown), 4);
  assert_string_equal(known, contact);
  assert_string_equal(trust, "verified");
  assert_string_equal(method, "sas");
  assert_string_equal(shown, day);
}

static void strangers_meet_call_compare_and_are_verified_from_then_on(void **state) {
  (void)state;
  struct world world;
  struct person alice, bob;
  world_open(&world, true);
  world_meet(&world, "alice", "bob");
  world_ring(&world, &alice, "alice", &bob, "bob", NULL);
  assert_string_equal(person_text(&alice, "secure", "profile"), "AEAD_AES_256_GCM");
  assert_string_equal(person_text(&alice, "secure", "binding"), "ekm");
  assert_false(json_is_true(json_object_get(child_last(&bob.child, "secure"), "verified")));
  world_compare(&alice, &bob);
  person_say(&alice, "stats");
  person_await(&alice, "stats", NULL, NULL, 10);
  assert_string_equal(person_text(&alice, "contact", "trust"), "verified");
  assert_string_equal(person_text(&bob, "contact", "trust"), "verified");
  person_say(&alice, "hangup");
  person_ends(&alice, EXIT_OK, 10);
  person_ends(&bob, EXIT_OK, 10);
  check_contacts_say_how_and_when(&world, "alice", "bob");

  person_start(&bob, &world, "bob", WORDS("answer", "--once", "--auto")); /* again: nobody is asked any more */
  person_await(&bob, "online", NULL, NULL, 30);
  person_start(&alice, &world, "alice", WORDS("--seconds", "2", "call", "bob"));
  person_await(&alice, "gate", "gate", "open", 40);
  person_await(&bob, "gate", "gate", "open", 20);
  person_ends(&alice, EXIT_OK, 20);
  person_ends(&bob, EXIT_OK, 10);
  world_close(&world);
}

static void words_that_differ_end_the_call_and_shut_the_contact(void **state) {
  (void)state;
  struct world world;
  struct person alice, bob;
  world_open(&world, true);
  world_meet(&world, "alice", "bob");
  world_ring(&world, &alice, "alice", &bob, "bob", NULL);
  person_say(&alice, "consent");
  person_say(&bob, "consent");
  person_await(&alice, "sas", NULL, NULL, 30);
  person_say(&alice, "confirm no");
  person_await(&alice, "alarm", "alarm", "sas-mismatch", 10);
  person_ends(&alice, EXIT_SECURITY, 10);
  person_ends(&bob, EXIT_SECURITY, 20);
  person_start(&alice, &world, "alice", WORDS("call", "bob"));
  person_ends(&alice, EXIT_TRUST, 20);
  world_close(&world);
}

static void mute_video_restart_and_a_new_comparison_work_in_mid_call(void **state) {
  (void)state;
  struct world world;
  struct person alice, bob;
  world_open(&world, true);
  world_meet(&world, "alice", "bob");
  world_ring(&world, &alice, "alice", &bob, "bob", NULL);
  world_compare(&alice, &bob);
  bob.read_to = json_array_size(bob.child.seen);
  person_say(&alice, "video off");
  person_await(&bob, "peer-media", NULL, NULL, 10);
  person_say(&alice, "video on");
  person_await(&bob, "peer-media", NULL, NULL, 10);
  person_say(&alice, "restart");
  person_say(&alice, "compare");
  json_t *mine = person_await(&alice, "sas", NULL, NULL, 30), *theirs = person_await(&bob, "sas", NULL, NULL, 30);
  assert_string_equal(json_string_value(json_object_get(mine, "words")),
                      json_string_value(json_object_get(theirs, "words")));
  person_say(&bob, "quit");
  person_ends(&bob, EXIT_OK, 10);
  person_ends(&alice, EXIT_OK, 10);
  world_close(&world);
}

static void a_signal_in_mid_call_hangs_up(void **state) {
  (void)state;
  struct world world;
  struct person alice, bob;
  world_open(&world, true);
  world_meet(&world, "alice", "bob");
  world_ring(&world, &alice, "alice", &bob, "bob", NULL);
  world_compare(&alice, &bob);
  kill(alice.child.pid, SIGTERM);
  person_ends(&alice, EXIT_SIGNAL + SIGTERM, 5);
  person_await(&bob, "call-state", "reason", "hangup", 10);
  person_ends(&bob, EXIT_OK, 5);
  world_close(&world);
}

/* A disk of 1 MiB where that can be mounted; otherwise the device that is always full. */
static bool make_full_disk(const struct world *world, char path[WORLD_PATH]) {
  char file[WORLD_PATH + 32];
  world_path(world, "disk", path);
  assert_int_equal(mkdir(path, 0700), 0);
  if (mount("tmpfs", path, "tmpfs", 0, "size=1m") == 0)
    return true;
  snprintf(file, sizeof file, "%s/received-audio.wav", path);
  assert_int_equal(symlink("/dev/full", file), 0);
  return false;
}

static void a_full_disk_ends_the_recording_with_a_message_and_the_call_with_a_hang_up(void **state) {
  (void)state;
  struct world world;
  struct person alice, bob;
  char disk[WORLD_PATH], file[WORLD_PATH + 32];
  world_open(&world, true);
  bool mounted = make_full_disk(&world, disk);
  world_meet(&world, "alice", "bob");
  world_ring(&world, &alice, "alice", &bob, "bob", WORDS("--record", disk));
  world_compare(&alice, &bob);
  person_ends(&alice, EXIT_DISK, 40);
  person_await(&bob, "call-state", "reason", "hangup", 10);
  person_ends(&bob, EXIT_OK, 10);
  if (mounted) { /* what was written before is whole */
    struct stat info;
    snprintf(file, sizeof file, "%s/received-audio.wav", disk);
    assert_int_equal(stat(file, &info), 0);
    assert_true(info.st_size > 44 && info.st_size % 2 == 0);
    umount2(disk, MNT_DETACH);
  }
  world_close(&world);
}

UNIT_TESTS(test(strangers_meet_call_compare_and_are_verified_from_then_on),
           test(words_that_differ_end_the_call_and_shut_the_contact),
           test(mute_video_restart_and_a_new_comparison_work_in_mid_call), test(a_signal_in_mid_call_hangs_up),
           test(a_full_disk_ends_the_recording_with_a_message_and_the_call_with_a_hang_up))
