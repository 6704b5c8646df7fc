#include "engine/trust/invites.h"
#include "unit.h"

static struct invites invites;

static struct pending_invite *add(const char *name, unsigned flags, int64_t now) {
  struct identity identity;
  struct invite invite;
  struct pending_invite *pending;
  identity_make(&identity);
  invite_make(&invite, &identity, flags, "", now);
  return invites_add(&invites, &invite, name, now, &pending) == SOTTO_OK ? pending : NULL;
}

static void sixteen_at_a_time_and_the_expired_make_room(void **state) {
  (void)state;
  memset(&invites, 0, sizeof invites);
  assert_int_equal(invites_deadline(&invites), INT64_MAX);
  assert_non_null(add("near", SOTTO_INVITE_IN_PERSON, 0));
  for (int i = 1; i < INVITES_MAX; i++)
    assert_non_null(add("far", 0, 0));
  assert_null(add("too many", 0, 0));
  assert_int_equal(invites_deadline(&invites), 120);
  assert_null(add("too many", 0, 119));
  assert_non_null(add("in time", 0, 120));
  assert_int_equal(invites_deadline(&invites), 86400);
  assert_int_equal(invites_expire(&invites, 86400), INVITES_MAX - 1);
  assert_null(add("\n", 0, 86400));
}

static void an_open_invite_lets_a_joiner_try_again(void **state) {
  (void)state;
  memset(&invites, 0, sizeof invites);
  struct pending_invite *pending = add("Bob", 0, 0);
  const uint8_t a[8] = {1}, b[8] = {2};
  assert_int_equal(invite_session(pending, a), INVITE_USE_JOINER);
  assert_int_equal(invite_session(pending, a), INVITE_USE_JOINER);
  assert_int_equal(invite_session(pending, b), INVITE_USE_JOINER);
}

static void using_it_wipes_the_secret_and_keeps_the_rendezvous(void **state) {
  (void)state;
  memset(&invites, 0, sizeof invites);
  struct pending_invite *pending = add("Bob", 0, 0);
  uint8_t rendezvous[INVITE_RENDEZVOUS_SIZE];
  memset(rendezvous, 9, sizeof rendezvous);
  const uint8_t zero[INVITE_SECRET_SIZE] = {0};
  invite_used(pending, rendezvous);
  assert_int_equal(pending->state, INVITE_USED);
  assert_memory_equal(pending->invite.secret, zero, sizeof zero);
  assert_memory_equal(pending->rendezvous, rendezvous, sizeof rendezvous);
  assert_int_equal(invites_expire(&invites, 86399), 0);
  assert_int_equal(invites_expire(&invites, 86400), 1);
  const struct pending_invite none = {0};
  assert_memory_equal(pending, &none, sizeof none);
}

static void a_second_user_is_reported_once_and_a_replay_never(void **state) {
  (void)state;
  memset(&invites, 0, sizeof invites);
  struct pending_invite *pending = add("Bob", 0, 0);
  const uint8_t failed[8] = {1}, joined[8] = {2}, other[8] = {3}, third[8] = {4}, key[64] = {0};
  invite_session(pending, failed); /* an attempt that came to nothing */
  invite_session(pending, joined);
  invite_used(pending, key);
  assert_int_equal(invite_session(pending, joined), INVITE_USE_KNOWN);
  assert_int_equal(invite_session(pending, failed), INVITE_USE_KNOWN);
  assert_int_equal(invite_session(pending, other), INVITE_USE_REUSED);
  assert_int_equal(invite_session(pending, other), INVITE_USE_KNOWN);
  assert_int_equal(invite_session(pending, third), INVITE_USE_IGNORE);
}

static void the_sessions_are_bounded(void **state) {
  (void)state;
  memset(&invites, 0, sizeof invites);
  struct pending_invite *pending = add("Bob", 0, 0);
  const uint8_t key[64] = {0}, late[8] = {99};
  for (uint8_t i = 0; i < INVITE_SESSIONS; i++) {
    const uint8_t session[8] = {i};
    assert_int_equal(invite_session(pending, session), INVITE_USE_JOINER);
  }
  assert_int_equal(invite_session(pending, late), INVITE_USE_IGNORE);
  invite_used(pending, key);
  assert_int_equal(invite_session(pending, late), INVITE_USE_REUSED); /* noticed even when none can be kept */
  assert_int_equal(invite_session(pending, late), INVITE_USE_IGNORE);
}

UNIT_TESTS(test(sixteen_at_a_time_and_the_expired_make_room), test(an_open_invite_lets_a_joiner_try_again),
           test(using_it_wipes_the_secret_and_keeps_the_rendezvous),
           test(a_second_user_is_reported_once_and_a_replay_never), test(the_sessions_are_bounded))
