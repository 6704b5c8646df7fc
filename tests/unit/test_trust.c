#include "engine/trust/trust.h"
#include "unit.h"

static void a_new_identity_knows_itself_and_nobody_else(void **state) {
  (void)state;
  struct trust *trust = trust_new(1000);
  assert_non_null(trust);
  struct roster parsed;
  assert_true(trust->identity.root);
  assert_true(roster_parse(&parsed, trust->own.encoded, trust->own.size));
  assert_memory_equal(parsed.id, trust->identity.ik, KEY_SIZE);
  assert_non_null(roster_find(&parsed, trust->identity.device.id));
  assert_int_equal(parsed.issued, 1000);
  assert_int_equal(trust->contacts.count, 0);
  assert_false(trust->rolled_back);
  struct contact *bob;
  if (contacts_add(&trust->contacts, parsed.id, "Bob", &bob) != SOTTO_OK)
    assert_true(unit_alloc_failed());
  trust_free(trust);
  trust_free(NULL);
}

static struct trust *trust;
static struct contact *bob;

/* Of somebody who knows Bob. */
static bool with_bob(void) {
  struct identity identity;
  identity_make(&identity);
  trust = trust_new(1000);
  assert_non_null(trust);
  if (contacts_add(&trust->contacts, identity.ik, "Bob", &bob) == SOTTO_OK) {
    roster_first(&bob->roster, &identity, 1000);
    bob->told_seq = 5;
    return true;
  }
  assert_true(unit_alloc_failed());
  trust_free(trust);
  return false;
}

static void a_rotation_leaves_nothing_of_the_old_keys_but_the_contacts(void **state) {
  (void)state;
  if (!with_bob())
    return;
  struct trust before = *trust;
  trust->invites.slot[0].state = INVITE_OPEN;
  assert_int_equal(trust_rotate(trust, 2000), SOTTO_OK);
  const struct identity *old = &before.identity, *now = &trust->identity;
  assert_true(now->root && memcmp(now->ik, old->ik, KEY_SIZE) != 0);
  assert_memory_not_equal(now->ik_secret, old->ik_secret, SIGN_SECRET_SIZE);
  assert_memory_not_equal(now->device.dk_secret, old->device.dk_secret, SIGN_SECRET_SIZE);
  assert_memory_not_equal(now->device.dx_secret, old->device.dx_secret, KEY_SIZE);
  assert_memory_not_equal(trust->own_secret, before.own_secret, KEY_SIZE);
  assert_true(trust_links_lead_to_us(trust));
  assert_int_equal(trust->own.seq, 0);
  assert_memory_equal(trust->own.id, now->ik, KEY_SIZE);
  assert_int_equal(trust->invites.slot[0].state, INVITE_NONE);
  assert_int_equal(bob->told_seq, 0);
  struct statement_view view;
  const struct statement *untold = trust_untold(trust, bob);
  assert_non_null(untold);
  assert_true(statement_parse(untold->bytes, untold->size, &view));
  assert_memory_equal(view.ik, old->ik, KEY_SIZE);
  assert_memory_equal(view.next, now->ik, KEY_SIZE);
  assert_memory_equal(untold->device, old->device.id, DEVICE_ID_SIZE);
  trust_free(trust);
}

static void only_a_primary_without_others_rotates_and_the_dead_do_not(void **state) {
  (void)state;
  if (!with_bob())
    return;
  trust->own.devices = 2;
  assert_int_equal(trust_rotate(trust, 2000), SOTTO_ERR_STATE);
  trust->own.devices = 1;
  trust->identity.root = false;
  assert_int_equal(trust_rotate(trust, 2000), SOTTO_ERR_STATE);
  assert_int_equal(trust_end(trust), SOTTO_ERR_STATE);
  trust->identity.root = true;
  trust->replaces[0] = 1; /* back from a backup, and not enrolled */
  assert_int_equal(trust_rotate(trust, 2000), SOTTO_ERR_STATE);
  assert_int_equal(trust_end(trust), SOTTO_ERR_STATE);
  trust->replaces[0] = 0;
  assert_int_equal(trust->statements, 0);
  trust->own.devices = 2;
  assert_int_equal(trust_end(trust), SOTTO_OK);
  assert_true(trust_is_dead(trust));
  trust->own.devices = 1;
  assert_int_equal(trust_end(trust), SOTTO_ERR_STATE);
  assert_int_equal(trust_rotate(trust, 2000), SOTTO_ERR_STATE);
  trust_free(trust);
}

static void what_everybody_has_heard_is_forgotten_but_for_the_end(void **state) {
  (void)state;
  if (!with_bob())
    return;
  const uint8_t *device = bob->roster.device[0].id;
  assert_int_equal(trust_rotate(trust, 2000), SOTTO_OK);
  assert_int_equal(trust_rotate(trust, 2000), SOTTO_OK);
  struct statement second = trust->statement[1];
  assert_ptr_equal(trust_untold(trust, bob), &trust->statement[0]); /* one after the other */
  assert_true(contact_acknowledged(bob, device));
  trust_forget_told(trust);
  assert_int_equal(trust->statements, 1);
  assert_memory_equal(trust_untold(trust, bob), &second, sizeof second);
  assert_int_equal(trust_end(trust), SOTTO_OK);
  assert_true(contact_acknowledged(bob, device) && contact_acknowledged(bob, device));
  trust_forget_told(trust);
  assert_null(trust_untold(trust, bob));
  assert_int_equal(trust->statements, 1);
  assert_true(trust_is_dead(trust));
  trust_free(trust);
}

static void whoever_missed_too_many_is_not_told_the_rest(void **state) {
  (void)state;
  if (!with_bob())
    return;
  for (int i = 0; i < STATEMENTS_MAX; i++)
    assert_int_equal(trust_rotate(trust, 2000), SOTTO_OK);
  assert_ptr_equal(trust_untold(trust, bob), &trust->statement[0]);
  for (int i = 0; i < 300; i++)
    assert_int_equal(trust_rotate(trust, 2000), SOTTO_OK);
  assert_null(trust_untold(trust, bob)); /* what follows proves nothing to him */
  assert_true(trust->statements <= STATEMENTS_MAX);
  trust_free(trust);
}

static void nobody_to_tell_is_nothing_to_keep(void **state) {
  (void)state;
  trust = trust_new(1000);
  assert_non_null(trust);
  assert_int_equal(trust_rotate(trust, 2000), SOTTO_OK);
  assert_int_equal(trust->statements, 0);
  assert_int_equal(trust_end(trust), SOTTO_OK);
  assert_true(trust_is_dead(trust));
  trust_free(trust);
}

UNIT_TESTS(test(a_new_identity_knows_itself_and_nobody_else),
           test(a_rotation_leaves_nothing_of_the_old_keys_but_the_contacts),
           test(only_a_primary_without_others_rotates_and_the_dead_do_not),
           test(what_everybody_has_heard_is_forgotten_but_for_the_end),
           test(whoever_missed_too_many_is_not_told_the_rest), test(nobody_to_tell_is_nothing_to_keep))
