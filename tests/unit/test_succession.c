#include "engine/trust/safety_number.h"
#include "engine/trust/trust.h"
#include "unit.h"

static struct identity us, key[5];
static struct contact contact;

static void meet(sotto_trust trust) {
  identity_make(&us);
  for (int i = 0; i < 5; i++)
    identity_make(&key[i]);
  contact = (struct contact){.state = trust, .was_verified_until = 0};
  memcpy(contact.id, key[0].ik, KEY_SIZE);
  memset(contact.ps, 7, KEY_SIZE);
  roster_first(&contact.roster, &key[0], 1000);
}

static void leave(void) {
  free(contact.rotation);
  contact.rotation = NULL;
}

static int say(const struct statement *statement) {
  struct statement_view view;
  assert_true(statement_parse(statement->bytes, statement->size, &view));
  enum statement_verdict verdict = contact_statement(&contact, &view, 2000);
  return (int)verdict;
}

static int rotate(int from, int to) {
  struct statement statement;
  struct roster first;
  roster_first(&first, &key[to], 1500);
  statement_rotate(&statement, &key[from], &key[to], &first);
  return say(&statement);
}

static int end(int who) {
  struct statement statement;
  statement_tombstone(&statement, &key[who]);
  return say(&statement);
}

/* The end of a number may be of our half, and so the same with any key of theirs. */
static sotto_status reset_to(int who, bool wrongly) {
  char number[SOTTO_SAFETY_NUMBER_SIZE];
  safety_number(us.ik, key[who].ik, number, sizeof number);
  char *last = &number[strlen(number) - 1];
  *last = wrongly ? (*last == '0' ? '1' : '0') : *last;
  return contact_user_reset(&contact, us.ik, number + strlen(number) - 7);
}

static void a_rotation_shuts_the_contact_and_verifies_nothing(void **state) {
  (void)state;
  uint8_t id[KEY_SIZE];
  meet(SOTTO_TRUST_VERIFIED);
  contact.require_verified = true;
  need(rotate(0, 1) == STATEMENT_NEWS);
  assert_int_equal(contact.state, SOTTO_TRUST_CHANGED);
  assert_true(contact.cross_signed);
  assert_memory_equal(contact.id, key[0].ik, KEY_SIZE); /* until a person has looked */
  assert_int_equal(contact.was_verified_until, 2000);
  contact_number_id(&contact, id);
  assert_memory_equal(id, key[1].ik, KEY_SIZE);
  assert_int_equal(rotate(0, 1), STATEMENT_KNOWN);
  assert_int_equal(reset_to(1, true), SOTTO_ERR_TRUST);
  assert_int_equal(reset_to(1, false), SOTTO_OK);
  assert_int_equal(contact.state, SOTTO_TRUST_TOFU);
  assert_true(contact.require_verified);
  assert_memory_equal(contact.id, key[1].ik, KEY_SIZE);
  assert_memory_equal(contact.roster.id, key[1].ik, KEY_SIZE);
  assert_null(contact.rotation);
  assert_int_equal(contact.ps[0], 7);
  assert_int_equal(rotate(0, 2), STATEMENT_FOREIGN); /* the old key has no say any more */
  assert_int_equal(end(0), STATEMENT_FOREIGN);
  leave();
}

static void a_stranger_says_nothing_about_them(void **state) {
  (void)state;
  meet(SOTTO_TRUST_TOFU);
  assert_int_equal(rotate(2, 3), STATEMENT_FOREIGN);
  assert_int_equal(end(2), STATEMENT_FOREIGN);
  assert_int_equal(contact.state, SOTTO_TRUST_TOFU);
  assert_null(contact.rotation);
}

static void a_rotation_of_the_successor_follows(void **state) {
  (void)state;
  meet(SOTTO_TRUST_TOFU);
  need(rotate(0, 1) == STATEMENT_NEWS);
  need(rotate(1, 2) == STATEMENT_NEWS);
  assert_int_equal(rotate(0, 1), STATEMENT_KNOWN); /* again, late */
  assert_int_equal(rotate(1, 2), STATEMENT_KNOWN);
  assert_false(contact.disputed);
  assert_int_equal(reset_to(2, true), SOTTO_ERR_TRUST);
  assert_int_equal(reset_to(2, false), SOTTO_OK);
  assert_memory_equal(contact.id, key[2].ik, KEY_SIZE);
  leave();
}

/* A thief of the root key names a successor too, before its owner or after, and hides behind one of its own. */
static void of_two_successors_nobody_takes_the_place(void **state) {
  (void)state;
  meet(SOTTO_TRUST_VERIFIED);
  need(rotate(0, 1) == STATEMENT_NEWS);
  assert_int_equal(rotate(0, 2), STATEMENT_NEWS);
  assert_int_equal(rotate(0, 2), STATEMENT_KNOWN);
  assert_true(contact.disputed);
  assert_int_equal(reset_to(1, false), SOTTO_ERR_STATE);
  assert_true(reset_to(2, false) != SOTTO_OK);
  leave();
  meet(SOTTO_TRUST_VERIFIED);
  need(rotate(0, 1) == STATEMENT_NEWS);
  need(rotate(1, 2) == STATEMENT_NEWS);
  assert_int_equal(rotate(0, 3), STATEMENT_NEWS);
  assert_int_equal(reset_to(2, false), SOTTO_ERR_STATE);
  assert_int_equal(end(0), STATEMENT_NEWS); /* the owner can still end it */
  assert_int_equal(contact.state, SOTTO_TRUST_REVOKED);
  leave();
}

static void the_end_is_for_good_and_is_heard_in_any_state(void **state) {
  (void)state;
  for (int by = 0; by < 2; by++) {
    meet(SOTTO_TRUST_TOFU);
    if (by)
      need(rotate(0, 1) == STATEMENT_NEWS);
    assert_int_equal(end(by), STATEMENT_NEWS);
    assert_int_equal(end(by), STATEMENT_KNOWN);
    assert_int_equal(rotate(by, 2), STATEMENT_KNOWN);
    assert_int_equal(contact.state, SOTTO_TRUST_REVOKED);
    assert_int_equal(reset_to(by, false), SOTTO_ERR_STATE);
    leave();
  }
}

static void a_block_hides_a_rotation_and_does_not_lose_it(void **state) {
  (void)state;
  meet(SOTTO_TRUST_VERIFIED);
  contact_user_blocked(&contact, true);
  need(rotate(0, 1) == STATEMENT_NEWS);
  assert_int_equal(contact.state, SOTTO_TRUST_REVOKED);
  contact_user_blocked(&contact, false);
  assert_int_equal(contact.state, SOTTO_TRUST_CHANGED);
  leave();
}

static void all_devices_must_have_heard(void **state) {
  (void)state;
  struct roster next;
  struct roster_device device = {.added_seq = 1};
  meet(SOTTO_TRUST_TOFU);
  memcpy(device.id, key[1].device.id, DEVICE_ID_SIZE);
  memcpy(device.dk, key[1].device.dk, KEY_SIZE);
  memcpy(device.dx, key[1].device.dx, KEY_SIZE);
  roster_accept_sign(&device, key[0].ik, key[1].device.dk_secret);
  roster_next(&next, &contact.roster, 1001);
  assert_true(roster_add_device(&next, &device) && roster_sign(&next, key[0].ik_secret));
  contact.roster = next;
  contact.untold = 2;
  assert_false(contact_acknowledged(&contact, key[0].device.id));
  assert_false(contact_acknowledged(&contact, key[0].device.id));
  assert_false(contact_acknowledged(&contact, key[2].device.id)); /* nobody's */
  assert_true(contact_acknowledged(&contact, key[1].device.id));
  assert_int_equal(contact.untold, 1);
  assert_false(contact_knows_us(&contact, key[1].device.id));
  assert_true(contact_knows_us(&contact, key[0].device.id));
  assert_int_equal(contact.untold, 0);
  assert_false(contact_knows_us(&contact, key[0].device.id));
}

UNIT_TESTS(test(a_rotation_shuts_the_contact_and_verifies_nothing), test(a_stranger_says_nothing_about_them),
           test(a_rotation_of_the_successor_follows), test(of_two_successors_nobody_takes_the_place),
           test(the_end_is_for_good_and_is_heard_in_any_state), test(a_block_hides_a_rotation_and_does_not_lose_it),
           test(all_devices_must_have_heard))
