#include "engine/trust/roster.h"
#include "unit.h"

static struct identity owner;

static struct roster_device device_of(const struct identity *who, uint32_t seq) {
  struct roster_device device = {.added_seq = seq};
  memcpy(device.id, who->device.id, DEVICE_ID_SIZE);
  memcpy(device.dk, who->device.dk, KEY_SIZE);
  memcpy(device.dx, who->device.dx, KEY_SIZE);
  roster_accept_sign(&device, owner.ik, who->device.dk_secret);
  return device;
}

/* Signs, and a peer that knew `last` accepts it. */
static void accepted_after(const struct roster *last, struct roster *next) {
  struct roster peer = *last;
  assert_true(roster_sign(next, owner.ik_secret));
  const struct bytes_view link = {next->encoded, next->size};
  assert_int_equal(roster_accept(&peer, &link, 1, NULL), ROSTER_ACCEPTED);
}

static void devices_come_and_go_and_peers_follow(void **state) {
  (void)state;
  struct roster last, next;
  struct identity who[ROSTER_MAX_DEVICES];
  identity_make(&owner);
  roster_first(&last, &owner, 1000);
  for (int i = 0; i < ROSTER_MAX_DEVICES; i++) {
    identity_make(&who[i]);
    roster_next(&next, &last, 2000);
    struct roster_device device = device_of(&who[i], next.seq);
    bool room = i < ROSTER_MAX_DEVICES - 1; /* the owner's own is there too */
    assert_int_equal(roster_add_device(&next, &device), room);
    if (!room)
      break;
    assert_false(roster_add_device(&next, &device)); /* twice */
    accepted_after(&last, &next);
    last = next;
  }
  for (int i = 0; i < ROSTER_MAX_DEVICES - 1; i++) {
    roster_next(&next, &last, 3000);
    assert_true(roster_revoke_device(&next, who[i].device.id, 1));
    assert_false(roster_revoke_device(&next, who[i].device.id, 1));
    accepted_after(&last, &next);
    last = next;
    struct roster_device again = device_of(&who[i], next.seq + 1);
    roster_next(&next, &last, 3000);
    assert_false(roster_add_device(&next, &again)); /* for good */
  }
  assert_int_equal(last.devices, 1);
  assert_int_equal(last.revocations, ROSTER_MAX_DEVICES - 1);
}

static void a_full_list_of_revocations_forgets_the_oldest(void **state) {
  (void)state;
  struct roster last, next;
  struct identity who, first = {0};
  identity_make(&owner);
  roster_first(&last, &owner, 1000);
  for (int i = 0; i < ROSTER_MAX_REVOKED + 2; i++) {
    identity_make(&who);
    if (i == 0)
      first = who;
    roster_next(&next, &last, 2000);
    struct roster_device device = device_of(&who, next.seq);
    assert_true(roster_add_device(&next, &device));
    accepted_after(&last, &next);
    last = next;
    roster_next(&next, &last, 2000);
    assert_true(roster_revoke_device(&next, who.device.id, 0));
    accepted_after(&last, &next);
    last = next;
  }
  assert_int_equal(last.revocations, ROSTER_MAX_REVOKED);
  assert_null(roster_find_revoked(&last, first.device.id));
  assert_non_null(roster_find_revoked(&last, who.device.id));
}

static void a_contradiction_is_proven_by_its_bytes_alone(void **state) {
  (void)state;
  struct roster first, one, other, later, third;
  struct identity stranger;
  identity_make(&owner);
  identity_make(&stranger);
  roster_first(&first, &owner, 1000);
  roster_next(&one, &first, 2000);
  roster_next(&other, &first, 3000);
  assert_true(roster_sign(&one, owner.ik_secret) && roster_sign(&other, owner.ik_secret));
  roster_next(&later, &other, 4000);
  assert_true(roster_sign(&later, owner.ik_secret));
  roster_next(&third, &later, 5000);
  assert_true(roster_sign(&third, owner.ik_secret));
#define VIEW(r) (&(struct bytes_view){(r).encoded, (r).size})
  assert_true(roster_fork_proven(owner.ik, VIEW(one), VIEW(other)));
  assert_true(roster_fork_proven(owner.ik, VIEW(other), VIEW(one)));
  assert_true(roster_fork_proven(owner.ik, VIEW(one), VIEW(later)));
  assert_false(roster_fork_proven(owner.ik, VIEW(one), VIEW(third))); /* what lies between may lead there */
  assert_false(roster_fork_proven(owner.ik, VIEW(other), VIEW(later)));
  assert_false(roster_fork_proven(owner.ik, VIEW(one), VIEW(one)));
  assert_false(roster_fork_proven(stranger.ik, VIEW(one), VIEW(other)));
  other.encoded[60] ^= 1;
  assert_false(roster_fork_proven(owner.ik, VIEW(one), VIEW(other)));
#undef VIEW
}

UNIT_TESTS(test(devices_come_and_go_and_peers_follow), test(a_full_list_of_revocations_forgets_the_oldest),
           test(a_contradiction_is_proven_by_its_bytes_alone))
