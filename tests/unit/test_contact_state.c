#include "engine/trust/contacts.h"
#include "engine/trust/safety_number.h"
#include "unit.h"

static struct identity us, them;
static char last_digits[7];

static void make_people(void) {
  char number[SOTTO_SAFETY_NUMBER_SIZE], *out = last_digits;
  identity_make(&us);
  identity_make(&them);
  safety_number(us.ik, them.ik, number, sizeof number);
  for (const char *c = number + 64; *c; c++)
    if (*c != ' ')
      *out++ = *c;
  *out = 0;
}

enum { ROWS = 6 }; /* the five states, REVOKED once by a block (from TOFU) and once by a tombstone */

static struct contact in_state(int row) {
  struct contact contact = {.state = (sotto_trust)row};
  memcpy(contact.id, them.ik, KEY_SIZE);
  if (row < SOTTO_TRUST_REVOKED)
    return contact;
  contact.state = SOTTO_TRUST_TOFU;
  if (row == SOTTO_TRUST_REVOKED)
    contact_user_blocked(&contact, true);
  else
    contact_tombstone(&contact);
  return contact;
}

static bool met(struct contact *c) {
  return contact_met_remote(c);
}
static bool scanned(struct contact *c) {
  return contact_user_scanned_in_person(c, 50);
}
static bool confirmed(struct contact *c) {
  return contact_user_confirmed_sas(c, 50);
}
static bool compared(struct contact *c) {
  return contact_user_compared_number(c, 50);
}
static bool mismatch(struct contact *c) {
  return contact_sas_mismatch(c, 50);
}
static bool bind_mismatch(struct contact *c) {
  return contact_bind_mismatch(c, 50);
}
static bool forked(struct contact *c) {
  return contact_roster_forked(c, 50);
}
static bool changed(struct contact *c) {
  return contact_identity_changed(c, false, 50);
}
static bool cross_signed(struct contact *c) {
  return contact_identity_changed(c, true, 50);
}
static bool reset(struct contact *c) {
  return contact_user_reset(c, us.ik, last_digits) == SOTTO_OK;
}
static bool reset_wrongly(struct contact *c) {
  return contact_user_reset(c, us.ik, last_digits[0] == '0' ? "111111" : "000000") == SOTTO_OK;
}
static bool blocked(struct contact *c) {
  return contact_user_blocked(c, true);
}
static bool unblocked(struct contact *c) {
  return contact_user_blocked(c, false);
}
static bool dead(struct contact *c) {
  return contact_tombstone(c);
}

enum {
  U = SOTTO_TRUST_UNKNOWN,
  T = SOTTO_TRUST_TOFU,
  V = SOTTO_TRUST_VERIFIED,
  C = SOTTO_TRUST_CHANGED,
  R = SOTTO_TRUST_REVOKED
};

static const struct {
  const char *name;
  bool (*happen)(struct contact *);
  int after[ROWS]; /* from UNKNOWN, TOFU, VERIFIED, CHANGED, blocked, dead */
} table[] = {
    {"first contact over a link", met, {T, T, V, C, R, R}},
    {"scanned in person", scanned, {V, V, V, C, R, R}},
    {"words equal", confirmed, {U, V, V, C, R, R}},
    {"number equal", compared, {U, V, V, C, R, R}},
    {"words differ", mismatch, {U, C, C, C, R, R}},
    {"bind differs", bind_mismatch, {U, C, C, C, R, R}},
    {"roster forked", forked, {U, C, C, C, R, R}},
    {"another key", changed, {U, C, C, C, R, R}},
    {"another key, cross-signed", cross_signed, {U, C, C, C, R, R}},
    {"reset with the digits", reset, {U, T, V, T, R, R}},
    {"reset with other digits", reset_wrongly, {U, T, V, C, R, R}},
    {"blocked", blocked, {R, R, R, R, R, R}},
    {"unblocked", unblocked, {U, T, V, C, T, R}},
    {"tombstone", dead, {R, R, R, R, R, R}},
};

static void every_trigger_in_every_state_does_what_the_table_says(void **state) {
  (void)state;
  make_people();
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
    for (int row = 0; row < ROWS; row++) {
      struct contact contact = in_state(row);
      sotto_trust before = contact.state;
      bool said = table[i].happen(&contact);
      if ((int)contact.state != table[i].after[row])
        print_error("%s in row %d: %d\n", table[i].name, row, (int)contact.state);
      assert_int_equal(contact.state, table[i].after[row]);
      if (contact.state != before)
        assert_true(said); /* a change is never silent */
    }
}

static void leaving_verified_is_remembered_with_its_date(void **state) {
  (void)state;
  make_people();
  struct contact contact = in_state(T);
  contact_user_confirmed_sas(&contact, 100);
  assert_true(contact_sas_mismatch(&contact, 200));
  assert_int_equal(contact.was_verified_until, 200);
  assert_int_equal(contact.method, SOTTO_METHOD_NONE);
  assert_true(contact.require_verified);
  assert_int_equal(contact_user_reset(&contact, us.ik, last_digits), SOTTO_OK);
  assert_int_equal(contact.was_verified_until, 200);
  assert_true(contact.require_verified); /* sticky: a laxer policy does not apply to them */
  assert_true(contact_user_waived_verification(&contact));
  assert_false(contact.require_verified);
  assert_false(contact_user_waived_verification(&contact));
}

static void a_cross_signed_change_is_still_a_change(void **state) {
  (void)state;
  make_people();
  struct contact contact = in_state(V);
  assert_true(contact_identity_changed(&contact, true, 5));
  assert_int_equal(contact.state, SOTTO_TRUST_CHANGED);
  assert_true(contact.cross_signed);
  assert_false(contact_callable(&contact));
}

static void what_is_bad_while_blocked_shows_when_the_block_is_lifted(void **state) {
  (void)state;
  make_people();
  struct contact contact = in_state(V);
  assert_true(contact_user_blocked(&contact, true));
  assert_false(contact_user_blocked(&contact, true));
  assert_true(contact_roster_forked(&contact, 7));
  assert_int_equal(contact.state, SOTTO_TRUST_REVOKED);
  assert_true(contact_user_blocked(&contact, false));
  assert_int_equal(contact.state, SOTTO_TRUST_CHANGED);
  assert_int_equal(contact.was_verified_until, 7);
}

static void a_tombstone_is_for_good(void **state) {
  (void)state;
  make_people();
  struct contact contact = in_state(T);
  contact_user_blocked(&contact, true);
  assert_true(contact_tombstone(&contact));
  assert_false(contact_tombstone(&contact));
  contact_user_blocked(&contact, false);
  assert_int_equal(contact.state, SOTTO_TRUST_REVOKED);
}

static void only_tofu_and_verified_can_be_called(void **state) {
  (void)state;
  static const bool callable[] = {false, true, true, false, false};
  for (int i = 0; i < 5; i++) {
    struct contact contact = {.state = (sotto_trust)i};
    assert_int_equal(contact_callable(&contact), callable[i]);
  }
}

static void three_runs_a_day_and_then_a_lock(void **state) {
  (void)state;
  struct contact contact = {0};
  const int64_t day = 86400;
  assert_int_equal(contact_sas_runs_left(&contact, 100), 3);
  assert_true(contact_sas_begin(&contact, 100));
  assert_true(contact_sas_begin(&contact, 200));
  assert_int_equal(contact_sas_runs_left(&contact, 200), 1);
  assert_true(contact_sas_begin(&contact, 100 + day - 1));
  assert_false(contact_sas_begin(&contact, 100 + day - 1));
  assert_false(contact_sas_begin(&contact, 100 + day)); /* the lock counts from the third */
  assert_false(contact_sas_begin(&contact, 0));         /* and no clock set back ends it */
  assert_false(contact_sas_begin(&contact, 100 + 2 * day - 2));
  assert_true(contact_sas_begin(&contact, 100 + 2 * day - 1));
  assert_int_equal(contact_sas_runs_left(&contact, 100 + 2 * day), 2);
  assert_int_equal(contact_sas_runs_left(&contact, 100 + 3 * day - 1), 3);
  contact_sas_shown(&contact); /* that run was no silent one */
  assert_int_equal(contact.sas_runs, 0);
  contact_sas_shown(&contact);
  assert_int_equal(contact.sas_runs, 0);
}

static void a_fork_makes_them_changed_and_keeps_the_evidence(void **state) {
  (void)state;
  make_people();
  struct contacts contacts;
  struct contact *contact;
  struct roster ours, theirs, check;
  contacts_init(&contacts);
  need_ok(contacts_add(&contacts, them.ik, "Bob", &contact));
  roster_first(&ours, &them, 1000);
  roster_first(&theirs, &them, 2000);
  const struct bytes_view one = {ours.encoded, ours.size}, other = {theirs.encoded, theirs.size};
  assert_int_equal(contact_roster(contact, NULL, 0, 1), ROSTER_BAD);
  assert_int_equal(contact_roster(contact, &one, 1, 1), ROSTER_ACCEPTED);
  assert_int_equal(contact_roster(contact, &one, 1, 1), ROSTER_SAME);
  contact_met_remote(contact);
  assert_int_equal(contact_roster(contact, &other, 1, 9), ROSTER_FORK);
  assert_int_equal(contact->state, SOTTO_TRUST_CHANGED);
  assert_memory_equal(contact->roster.head.hash, ours.head.hash, HASH_SIZE);
  if (!unit_alloc_failed()) {
    assert_true(roster_parse(&check, contact->fork, contact->fork_size));
    assert_memory_equal(check.head.hash, theirs.head.hash, HASH_SIZE);
    const struct bytes_view known = {contact->fork + contact->fork_size, contact->fork_known_size};
    assert_true(roster_fork_proven(them.ik, &other, &known));
  }
  contacts_deinit(&contacts);
}

/* Three devices: the first, one that comes while they are TOFU, one after they were VERIFIED. */
static void only_devices_that_come_after_the_verification_wait_for_the_user(void **state) {
  (void)state;
  make_people();
  struct contact contact = in_state(T);
  struct roster roster, next;
  struct identity more[2];
  memcpy(contact.id, them.ik, KEY_SIZE);
  roster_first(&roster, &them, 1000);
  struct bytes_view one = {roster.encoded, roster.size};
  assert_int_equal(contact_roster(&contact, &one, 1, 1), ROSTER_ACCEPTED);
  for (int i = 0; i < 2; i++) {
    identity_make(&more[i]);
    struct roster_device device = {.added_seq = roster.seq + 1};
    memcpy(device.id, more[i].device.id, DEVICE_ID_SIZE);
    memcpy(device.dk, more[i].device.dk, KEY_SIZE);
    memcpy(device.dx, more[i].device.dx, KEY_SIZE);
    roster_accept_sign(&device, them.ik, more[i].device.dk_secret);
    roster_next(&next, &roster, 2000);
    assert_true(roster_add_device(&next, &device) && roster_sign(&next, them.ik_secret));
    one = (struct bytes_view){next.encoded, next.size};
    assert_int_equal(contact_roster(&contact, &one, 1, 1), ROSTER_ACCEPTED);
    roster = next;
    contact_user_compared_number(&contact, 5);
  }
  assert_true(contact_device_acknowledged(&contact, them.device.id));
  assert_true(contact_device_acknowledged(&contact, more[0].device.id));
  assert_false(contact_device_acknowledged(&contact, more[1].device.id));
  assert_false(contact_device_acknowledged(&contact, us.device.id)); /* not theirs at all */
  assert_true(contact_user_acknowledged(&contact));
  assert_false(contact_user_acknowledged(&contact));
  assert_true(contact_device_acknowledged(&contact, more[1].device.id));
}

static void somebody_elses_roster_is_not_theirs(void **state) {
  (void)state;
  make_people();
  struct contact contact = in_state(T);
  struct roster roster;
  roster_first(&roster, &us, 1);
  const struct bytes_view one = {roster.encoded, roster.size};
  assert_int_equal(contact_roster(&contact, &one, 1, 1), ROSTER_BAD);
  assert_int_equal(contact.roster.size, 0);
}

static void after_a_rollback_the_same_head_must_be_heard(void **state) {
  (void)state;
  make_people();
  struct contact contact = in_state(T);
  roster_first(&contact.roster, &them, 1);
  struct roster_head heard = contact.roster.head;
  assert_false(contact_head_confirmed(&contact, &heard));
  contact.head_unconfirmed = true;
  heard.hash[0] ^= 1;
  assert_false(contact_head_confirmed(&contact, &heard));
  assert_true(contact.head_unconfirmed);
  heard.hash[0] ^= 1;
  assert_true(contact_head_confirmed(&contact, &heard));
  assert_false(contact.head_unconfirmed);
}

UNIT_TESTS(test(every_trigger_in_every_state_does_what_the_table_says),
           test(leaving_verified_is_remembered_with_its_date), test(a_cross_signed_change_is_still_a_change),
           test(what_is_bad_while_blocked_shows_when_the_block_is_lifted), test(a_tombstone_is_for_good),
           test(only_tofu_and_verified_can_be_called), test(three_runs_a_day_and_then_a_lock),
           test(a_fork_makes_them_changed_and_keeps_the_evidence),
           test(only_devices_that_come_after_the_verification_wait_for_the_user),
           test(somebody_elses_roster_is_not_theirs), test(after_a_rollback_the_same_head_must_be_heard))
