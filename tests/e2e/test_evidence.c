/* Evidence that somebody's key signed two lists of devices, as the program keeps and checks it. */
#include <unistd.h>

#include "engine/trust/store.h"
#include "world.h"

/* A store that knows bob, of whom it was shown two first rosters. */
static void make_store(const struct world *world, const char *name, sotto_id *bob) {
  char path[WORLD_PATH];
  struct trust *trust = trust_new(1000), *theirs = trust_new(1000);
  struct contact *contact;
  struct roster another;
  assert_true(trust && theirs);
  roster_first(&another, &theirs->identity, 2000);
  const struct bytes_view shown[] = {{theirs->own.encoded, theirs->own.size}, {another.encoded, another.size}};
  assert_int_equal(contacts_add(&trust->contacts, theirs->identity.ik, "bob", &contact), SOTTO_OK);
  assert_int_equal(contact_roster(contact, &shown[0], 1, 1000), ROSTER_ACCEPTED);
  contact_met_remote(contact);
  assert_int_equal(contact_roster(contact, &shown[1], 1, 2000), ROSTER_FORK);
  memcpy(bob->bytes, theirs->identity.ik, sizeof bob->bytes);
  world_path(world, name, path);
  assert_int_equal(store_make(path, world_secret(), strlen(world_secret()), trust), SOTTO_OK);
  trust_free(theirs);
}

static void ends(const struct world *world, const char *store, const char *const *words, int code) {
  struct person person;
  person_start(&person, world, store, words);
  person_ends(&person, code, 30);
}

static void damage(const char *path) {
  FILE *file = fopen(path, "r+e");
  assert_non_null(file);
  assert_int_equal(fseek(file, 40, SEEK_SET), 0);
  int byte = fgetc(file);
  assert_int_equal(fseek(file, 40, SEEK_SET), 0);
  assert_int_equal(fputc(byte ^ 1, file), byte ^ 1);
  assert_int_equal(fclose(file), 0);
}

static void two_lists_of_one_key_are_proven_to_who_has_no_store(void **state) {
  (void)state;
  struct world world;
  sotto_id bob, nobody = {{1}};
  char file[WORLD_PATH], id[SOTTO_ID_TEXT_SIZE], other[SOTTO_ID_TEXT_SIZE];
  world_open(&world, false);
  world_path(&world, "evidence", file);
  make_store(&world, "alice", &bob);
  assert_int_equal(sotto_id_format(&bob, id, sizeof id), SOTTO_OK);
  assert_int_equal(sotto_id_format(&nobody, other, sizeof other), SOTTO_OK);
  ends(&world, "alice", WORDS("evidence", "save", "bob", file), EXIT_OK);
  ends(&world, "alice", WORDS("evidence", "save", "bob", file), EXIT_DISK); /* not over another */
  ends(&world, "alice", WORDS("evidence", "save", "carol", file), EXIT_NO_CONTACT);
  ends(&world, "nobody", WORDS("evidence", "check", id, file), EXIT_OK);
  ends(&world, "nobody", WORDS("evidence", "check", other, file), EXIT_TRUST);
  ends(&world, "nobody", WORDS("evidence", "check", "sotto1", file), EXIT_USAGE);
  damage(file);
  ends(&world, "nobody", WORDS("evidence", "check", id, file), EXIT_TRUST);
  world_path(&world, "nobody", file);
  assert_int_not_equal(access(file, F_OK), 0); /* and none was made */
  world_close(&world);
}

UNIT_TESTS(test(two_lists_of_one_key_are_proven_to_who_has_no_store))
