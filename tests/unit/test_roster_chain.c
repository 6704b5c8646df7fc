#include "engine/trust/roster.h"
#include "unit.h"

static struct identity owner, second;
static struct roster link[4]; /* first; second device added; it is revoked; refreshed */

static struct roster after(const struct roster *last) {
  struct roster next = *last;
  next.seq++;
  next.issued++;
  memcpy(next.prev, last->head.hash, HASH_SIZE);
  return next;
}

static void add(struct roster *roster, const struct identity *who) {
  struct roster_device device = {.added_seq = roster->seq};
  memcpy(device.id, who->device.id, DEVICE_ID_SIZE);
  memcpy(device.dk, who->device.dk, KEY_SIZE);
  memcpy(device.dx, who->device.dx, KEY_SIZE);
  roster_accept_sign(&device, owner.ik, who->device.dk_secret);
  int at = memcmp(roster->device[0].id, device.id, DEVICE_ID_SIZE) < 0;
  roster->device[1] = roster->device[0];
  roster->device[at] = device;
  roster->devices = 2;
}

static void drop(struct roster *roster, const struct identity *who, bool revoke) {
  if (memcmp(roster->device[0].id, who->device.id, DEVICE_ID_SIZE) == 0)
    roster->device[0] = roster->device[1];
  roster->devices = 1;
  memset(&roster->device[1], 0, sizeof roster->device[1]);
  if (!revoke)
    return;
  roster->revoked[0] = (struct roster_revoked){.at_seq = roster->seq, .reason = 1};
  memcpy(roster->revoked[0].id, who->device.id, DEVICE_ID_SIZE);
  roster->revocations = 1;
}

static void make_chain(void) {
  identity_make(&owner);
  identity_make(&second);
  roster_first(&link[0], &owner, 1000);
  link[1] = after(&link[0]);
  add(&link[1], &second);
  assert_true(roster_sign(&link[1], owner.ik_secret));
  link[2] = after(&link[1]);
  drop(&link[2], &second, true);
  assert_true(roster_sign(&link[2], owner.ik_secret));
  link[3] = after(&link[2]);
  assert_true(roster_sign(&link[3], owner.ik_secret));
}

static enum roster_verdict accept(struct roster *current, int from, int to, struct roster *proof) {
  struct bytes_view chain[4];
  for (int i = from; i <= to; i++)
    chain[i - from] = (struct bytes_view){link[i].encoded, link[i].size};
  return roster_accept(current, chain, (size_t)(to - from + 1), proof);
}

static void a_contiguous_chain_is_accepted(void **state) {
  (void)state;
  make_chain();
  struct roster current = link[0];
  assert_int_equal(accept(&current, 1, 3, NULL), ROSTER_ACCEPTED);
  assert_int_equal(current.seq, 3);
  current = link[0];
  assert_int_equal(accept(&current, 0, 1, NULL), ROSTER_ACCEPTED); /* what is known may come first */
  assert_int_equal(current.seq, 1);
  assert_int_equal(accept(&current, 0, 2, NULL), ROSTER_ACCEPTED);
  assert_int_equal(current.seq, 2);
  assert_null(roster_find(&current, second.device.id));
  assert_non_null(roster_find_revoked(&current, second.device.id));
}

static void a_gap_an_empty_chain_and_a_stranger_are_bad(void **state) {
  (void)state;
  make_chain();
  struct roster current = link[0], other;
  struct identity stranger;
  assert_int_equal(accept(&current, 2, 3, NULL), ROSTER_BAD);
  assert_int_equal(roster_accept(&current, NULL, 0, NULL), ROSTER_BAD);
  identity_make(&stranger);
  roster_first(&other, &stranger, 1);
  const struct bytes_view one = {other.encoded, other.size};
  assert_int_equal(roster_accept(&current, &one, 1, NULL), ROSTER_BAD);
  const struct bytes_view cut = {link[1].encoded, link[1].size - 1};
  assert_int_equal(roster_accept(&current, &cut, 1, NULL), ROSTER_BAD);
  assert_memory_equal(&current, &link[0], sizeof current);
}

static void what_is_known_is_the_same_and_what_is_older_is_stale(void **state) {
  (void)state;
  make_chain();
  struct roster current = link[2];
  assert_int_equal(accept(&current, 2, 2, NULL), ROSTER_SAME);
  assert_int_equal(accept(&current, 0, 2, NULL), ROSTER_SAME);
  assert_int_equal(accept(&current, 1, 1, NULL), ROSTER_STALE);
  assert_int_equal(accept(&current, 0, 1, NULL), ROSTER_STALE);
  assert_memory_equal(&current, &link[2], sizeof current);
}

static void two_statements_of_one_number_are_a_fork(void **state) {
  (void)state;
  make_chain();
  struct roster current = link[1], other = after(&link[0]), proof;
  other.issued += 5;
  assert_true(roster_sign(&other, owner.ik_secret));
  const struct bytes_view one = {other.encoded, other.size};
  assert_int_equal(roster_accept(&current, &one, 1, &proof), ROSTER_FORK);
  assert_memory_equal(proof.head.hash, other.head.hash, HASH_SIZE);
  assert_memory_equal(&current, &link[1], sizeof current);
  /* the next number over another history is the same lie */
  struct roster next = after(&other);
  assert_true(roster_sign(&next, owner.ik_secret));
  const struct bytes_view two = {next.encoded, next.size};
  assert_int_equal(roster_accept(&current, &two, 1, &proof), ROSTER_FORK);
  assert_memory_equal(proof.head.hash, next.head.hash, HASH_SIZE);
}

static void heads_compare_as_their_rosters_do(void **state) {
  (void)state;
  make_chain();
  assert_int_equal(roster_compare(&link[1].head, &link[1].head), ROSTER_SAME);
  assert_int_equal(roster_compare(&link[1].head, &link[0].head), ROSTER_STALE);
  assert_int_equal(roster_compare(&link[1].head, &link[2].head), ROSTER_ACCEPTED);
  struct roster_head forked = link[1].head;
  forked.hash[31] ^= 1;
  assert_int_equal(roster_compare(&link[1].head, &forked), ROSTER_FORK);
}

static enum roster_verdict follow(const struct roster *last, struct roster *next) {
  struct roster current = *last;
  assert_true(roster_sign(next, owner.ik_secret));
  const struct bytes_view one = {next->encoded, next->size};
  return roster_accept(&current, &one, 1, NULL);
}

static void nobody_comes_or_goes_unseen(void **state) {
  (void)state;
  make_chain();
  struct roster next = after(&link[1]); /* leaves without a revocation */
  drop(&next, &second, false);
  assert_int_equal(follow(&link[1], &next), ROSTER_BAD);
  next = after(&link[2]); /* comes back although revoked */
  next.revocations = 0;
  memset(next.revoked, 0, sizeof next.revoked);
  add(&next, &second);
  assert_int_equal(follow(&link[2], &next), ROSTER_BAD);
  next = after(&link[2]); /* a revocation is forgotten */
  next.revocations = 0;
  memset(next.revoked, 0, sizeof next.revoked);
  assert_int_equal(follow(&link[2], &next), ROSTER_BAD);
  next = after(&link[0]); /* comes, and claims to have been there before */
  next.seq = 0;
  add(&next, &second);
  next.seq = 1;
  assert_int_equal(follow(&link[0], &next), ROSTER_BAD);
}

static void fill_revoked(struct roster *roster, uint8_t first) {
  for (size_t i = 0; i < ROSTER_MAX_REVOKED; i++)
    roster->revoked[i] = (struct roster_revoked){.id = {0, 0, 0, 0, 0, 0, 0, (uint8_t)(first + i)}, .at_seq = 1};
  roster->revocations = ROSTER_MAX_REVOKED;
}

static void a_full_list_may_forget_but_the_forgotten_do_not_return_with_it(void **state) {
  (void)state;
  make_chain();
  struct roster full = after(&link[0]), next;
  fill_revoked(&full, 1);
  memcpy(full.revoked[ROSTER_MAX_REVOKED - 1].id, second.device.id, DEVICE_ID_SIZE);
  assert_true(roster_sign(&full, owner.ik_secret));
  next = after(&full);
  fill_revoked(&next, 2);
  assert_int_equal(follow(&full, &next), ROSTER_ACCEPTED);
  add(&next, &second);
  assert_int_equal(follow(&full, &next), ROSTER_BAD);
}

UNIT_TESTS(test(a_contiguous_chain_is_accepted), test(a_gap_an_empty_chain_and_a_stranger_are_bad),
           test(what_is_known_is_the_same_and_what_is_older_is_stale),
           test(two_statements_of_one_number_are_a_fork), test(heads_compare_as_their_rosters_do),
           test(nobody_comes_or_goes_unseen), test(a_full_list_may_forget_but_the_forgotten_do_not_return_with_it))
