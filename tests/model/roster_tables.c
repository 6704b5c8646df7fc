/* roster_tables.c - prints as Promela what the code says of six signed rosters of one person, for roster.pml.
 *
 *   FIRST --- OWN1 --- OWN2       what the owner signs: two changes of its devices
 *     |         '----- EVIL2      what a thief of the root key signs over them, each with a device of his own
 *     '------ EVIL1 -- EVIL1_2
 *
 *   gossip(ours, theirs)  roster_compare() of the two heads
 *   accept(ours, theirs)  roster_accept() of all links of theirs that follow the first
 *
 * Real rosters with real signatures go through the real functions. To show that a wrong rule is found:
 *   --ignore links  a newer roster need not follow on ours     --ignore age  an older one will do
 */
#include <stdio.h>
#include <string.h>

#include "engine/trust/roster.h"

enum { FIRST, OWN1, OWN2, EVIL2, EVIL1, EVIL1_2, ROSTERS };
static const char *const name[] = {"FIRST", "OWN1", "OWN2", "EVIL2", "EVIL1", "EVIL1_2"};
static const int parent[] = {FIRST, FIRST, OWN1, OWN1, FIRST, EVIL1};
static struct roster roster[ROSTERS];
static const char *ignored = "";

static bool add_device(struct roster *next, const struct identity *owner) {
  struct identity fresh;
  identity_make(&fresh);
  struct roster_device device = {.added_seq = next->seq};
  memcpy(device.id, fresh.device.id, DEVICE_ID_SIZE);
  memcpy(device.dk, fresh.device.dk, KEY_SIZE);
  memcpy(device.dx, fresh.device.dx, KEY_SIZE);
  roster_accept_sign(&device, owner->ik, fresh.device.dk_secret);
  size_t at = next->devices++;
  for (; at > 0 && memcmp(next->device[at - 1].id, device.id, DEVICE_ID_SIZE) > 0; at--)
    next->device[at] = next->device[at - 1];
  next->device[at] = device;
  identity_wipe(&fresh);
  return roster_sign(next, owner->ik_secret);
}

static bool sign_all(void) {
  struct identity owner;
  bool ok = true;
  identity_make(&owner);
  roster_first(&roster[FIRST], &owner, 1000);
  for (int i = 1; i < ROSTERS; i++) {
    roster[i] = roster[parent[i]];
    roster[i].seq++;
    memcpy(roster[i].prev, roster[parent[i]].head.hash, HASH_SIZE);
    ok = ok && add_device(&roster[i], &owner);
  }
  identity_wipe(&owner);
  return ok;
}

static enum roster_verdict compare(int ours, int theirs) {
  return roster_compare(&roster[ours].head, &roster[theirs].head);
}

static enum roster_verdict accept(int ours, int theirs) {
  struct bytes_view chain[2];
  struct roster current = roster[ours];
  size_t count = roster[theirs].seq;
  for (int i = theirs; i != FIRST; i = parent[i])
    chain[roster[i].seq - 1] = (struct bytes_view){roster[i].encoded, roster[i].size};
  if (strcmp(ignored, "links") == 0 && roster[theirs].seq > roster[ours].seq)
    return ROSTER_ACCEPTED;
  if (strcmp(ignored, "age") == 0 && roster[theirs].seq < roster[ours].seq)
    return ROSTER_ACCEPTED;
  return count > 0 ? roster_accept(&current, chain, count, NULL) : compare(ours, theirs);
}

static void print_table(const char *table, enum roster_verdict verdict(int, int)) {
  printf("#define %s(ours, theirs) (", table);
  for (int ours = 0; ours < ROSTERS; ours++) {
    printf("(ours) == %s -> (", name[ours]);
    for (int theirs = 0; theirs < ROSTERS; theirs++)
      printf("(theirs) == %s -> %d : %s", name[theirs], (int)verdict(ours, theirs),
             theirs + 1 < ROSTERS ? "(" : "BAD");
    printf("%s : \\\n  %s", "))))))", ours + 1 < ROSTERS ? "(" : "BAD");
  }
  printf("))))))\n");
}

int main(int argc, char **argv) {
  if (argc == 3 && strcmp(argv[1], "--ignore") == 0)
    ignored = argv[2];
  else if (argc != 1) {
    fprintf(stderr, "usage: %s [--ignore links|age]\n", argv[0]);
    return 2;
  }
  if (!sign_all())
    return 1;
  printf("/* made by roster_tables.c from engine/trust: not to be edited */\n");
  for (int i = 0; i < ROSTERS; i++)
    printf("#define %s %d\n", name[i], i);
  printf("#define seq(roster) (");
  for (int i = 0; i < ROSTERS; i++)
    printf("((roster) == %s -> %u : 0)%s", name[i], roster[i].seq, i + 1 < ROSTERS ? " + " : ")\n");
  printf("#define ACCEPTED %d\n#define SAME %d\n#define STALE %d\n#define FORK %d\n#define BAD %d\n",
         ROSTER_ACCEPTED, ROSTER_SAME, ROSTER_STALE, ROSTER_FORK, ROSTER_BAD);
  print_table("gossip", compare);
  print_table("accept", accept);
  return 0;
}
