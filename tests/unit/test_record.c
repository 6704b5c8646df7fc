#include "engine/trust/record.h"
#include "unit.h"

static uint8_t bytes[RECORD_MAX + 1], again[RECORD_MAX];

static struct trust *empty(void) {
  struct trust *trust = trust_new_empty();
  assert_non_null(trust);
  return trust;
}

/* Loads what was written into a trust that knows nobody; its status. One trust and one list for all of them:
 * the allocation-failure mode runs a test as often as it allocates. */
static struct trust *loaded_into;

static sotto_status load(const void *record, size_t size) {
  struct contacts *contacts = &loaded_into->contacts;
  sotto_status status = record_load(loaded_into, record, size);
  for (; contacts->count; contacts->count--) {
    free(contacts->list[contacts->count - 1]->fork);
    free(contacts->list[contacts->count - 1]->rotation);
    crypto_secret_free(contacts->list[contacts->count - 1]);
  }
  memset(&loaded_into->invites, 0, sizeof loaded_into->invites);
  return status;
}

static int begin(void **state) {
  (void)state;
  loaded_into = empty();
  return 0;
}

static int end(void **state) {
  (void)state;
  trust_free(loaded_into);
  return 0;
}

static void fill(struct contact *contact, const struct identity *identity) {
  contact->state = SOTTO_TRUST_REVOKED;
  contact->state_behind = SOTTO_TRUST_CHANGED;
  contact->blocked = contact->require_verified = contact->cross_signed = contact->head_unconfirmed = true;
  contact->disputed = true;
  contact->method = SOTTO_METHOD_QR;
  contact->verified_at = 1111111111;
  contact->was_verified_until = 2222222222;
  contact->sas_runs = 3;
  contact->sas_since = 3333333333;
  contact->acknowledged_seq = 5;
  contact->told_seq = 6;
  contact->untold = STATEMENTS_MAX + 1;
  memset(contact->named, 0x33, KEY_SIZE);
  memset(contact->ps, 0x5a, KEY_SIZE);
  roster_first(&contact->roster, identity, 4);
}

static void a_contact_comes_back_in_every_field(void **state) {
  (void)state;
  struct identity identity;
  struct contacts contacts;
  struct contact *contact;
  identity_make(&identity);
  contacts_init(&contacts);
  need_ok(contacts_add(&contacts, identity.ik, "Zoë", &contact));
  fill(contact, &identity);
  contact->fork = (uint8_t[]){1, 2, 3, 4, 5};
  contact->fork_size = 3;
  contact->fork_known_size = 2;
  struct identity next;
  struct roster first;
  struct statement rotation;
  identity_make(&next);
  roster_first(&first, &next, 5);
  statement_rotate(&rotation, &identity, &next, &first);
  contact->rotation = rotation.bytes;
  contact->rotation_size = rotation.size;
  size_t size = record_contact(bytes, contact);
  contact->fork = contact->rotation = NULL;
  contacts_deinit(&contacts);

  struct trust *trust = empty();
  sotto_status status = record_load(trust, bytes, size);
  if (status == SOTTO_OK) {
    const struct contact *found = trust->contacts.list[0];
    assert_string_equal(found->name, "Zoë");
    assert_int_equal(found->state, SOTTO_TRUST_REVOKED);
    assert_int_equal(found->state_behind, SOTTO_TRUST_CHANGED);
    assert_true(found->blocked && !found->tombstoned && found->cross_signed && found->head_unconfirmed);
    assert_int_equal(found->verified_at, 1111111111);
    assert_memory_equal(found->roster.encoded, trust->contacts.list[0]->roster.encoded, found->roster.size);
    assert_int_equal(found->fork_size, 3);
    assert_int_equal(found->fork_known_size, 2);
    assert_int_equal(found->acknowledged_seq, 5);
    assert_int_equal(found->told_seq, 6);
    assert_int_equal(found->untold, STATEMENTS_MAX + 1);
    assert_true(found->disputed);
    assert_int_equal(found->rotation_size, rotation.size);
    assert_memory_equal(found->rotation, rotation.bytes, rotation.size);
    assert_int_equal(record_contact(again, found), size); /* and so every field that was written */
    assert_memory_equal(again, bytes, size);
  }
  trust_free(trust);
  assert_true(status == SOTTO_OK || unit_alloc_failed());
}

static size_t write_contact(void) {
  struct identity identity;
  static struct contact contact;
  identity_make(&identity);
  contact = (struct contact){.state = SOTTO_TRUST_VERIFIED, .method = SOTTO_METHOD_SAS, .name = "Bob"};
  memcpy(contact.id, identity.ik, KEY_SIZE);
  roster_first(&contact.roster, &identity, 4);
  return record_contact(bytes, &contact);
}

static void a_cut_record_is_corrupt(void **state) {
  (void)state;
  size_t size = write_contact();
  for (size_t cut = 0; cut < size; cut++)
    assert_true(load(bytes, cut) != SOTTO_OK);
  assert_true(load(bytes, size + 1) != SOTTO_OK);
  assert_true(load(bytes, size) == SOTTO_OK || unit_alloc_failed());
}

static void a_changed_bit_is_corrupt_or_means_itself(void **state) {
  (void)state;
  size_t size = write_contact();
  struct contacts *contacts = &loaded_into->contacts;
  for (size_t i = 0; i < size * 8; i += 3) {
    bytes[i / 8] ^= (uint8_t)(1 << i % 8);
    if (record_load(loaded_into, bytes, size) == SOTTO_OK) {
      assert_int_equal(record_contact(again, contacts->list[0]), size);
      assert_memory_equal(again, bytes, size);
    }
    if (contacts->count)
      crypto_secret_free(contacts->list[0]);
    contacts->count = 0;
    bytes[i / 8] ^= (uint8_t)(1 << i % 8);
  }
}

static void states_that_cannot_be_are_corrupt(void **state) {
  (void)state;
  const struct contact bad[] = {
      {.state = SOTTO_TRUST_REVOKED, .name = "a"},               /* by nobody */
      {.state = SOTTO_TRUST_TOFU, .blocked = true, .name = "a"}, /* blocked and open */
      {.state = (sotto_trust)9, .name = "a"},                    /* unknown */
      {.state = SOTTO_TRUST_TOFU, .method = (sotto_method)9, .name = "a"},
      {.state = SOTTO_TRUST_TOFU, .sas_runs = 4, .name = "a"},
      {.state = SOTTO_TRUST_REVOKED, .tombstoned = true, .state_behind = SOTTO_TRUST_REVOKED, .name = "a"},
      {.state = SOTTO_TRUST_TOFU, .name = "\n"},
      {.state = SOTTO_TRUST_TOFU, .name = "a", .untold = STATEMENTS_MAX + 2},
      {.state = SOTTO_TRUST_CHANGED, .name = "a", .rotation = (uint8_t[]){STATEMENT_ROTATE}, .rotation_size = 1},
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    size_t size = record_contact(bytes, &bad[i]);
    sotto_status status = load(bytes, size);
    assert_true(status == SOTTO_ERR_CORRUPT || unit_alloc_failed());
  }
}

static void one_person_is_there_once(void **state) {
  (void)state;
  size_t size = write_contact();
  struct trust *trust = empty();
  sotto_status first = record_load(trust, bytes, size), second = record_load(trust, bytes, size);
  trust_free(trust);
  assert_true((first == SOTTO_OK && second == SOTTO_ERR_CORRUPT) || unit_alloc_failed());
}

static void our_roster_must_be_ours_and_single(void **state) {
  (void)state;
  struct trust *trust = trust_new(5), *other = trust_new(6), *loaded = empty();
  size_t size = record_own(bytes, trust);
  loaded->identity = trust->identity;
  assert_int_equal(record_load(loaded, bytes, size), SOTTO_OK);
  assert_memory_equal(&loaded->own, &trust->own, sizeof loaded->own);
  assert_int_equal(record_load(loaded, bytes, size), SOTTO_ERR_CORRUPT);
  memset(&loaded->own, 0, sizeof loaded->own);
  size = record_own(bytes, other);
  assert_int_equal(record_load(loaded, bytes, size), SOTTO_ERR_CORRUPT);
  memset(&loaded->own, 0, sizeof loaded->own);
  memset(&loaded->identity, 0, sizeof loaded->identity); /* a secondary device learns the IK from the roster */
  assert_int_equal(record_load(loaded, bytes, size), SOTTO_OK);
  assert_memory_equal(loaded->identity.ik, other->identity.ik, KEY_SIZE);
  trust_free(trust);
  trust_free(other);
  trust_free(loaded);
}

static void our_older_rosters_come_back_as_one_chain(void **state) {
  (void)state;
  struct trust *trust = trust_new(5), *loaded = empty();
  struct roster next;
  struct bytes_view link[ROSTER_LINKS_MAX];
  for (uint64_t i = 0; i < 3; i++) {
    roster_next(&next, &trust->own, 6 + i);
    assert_true(roster_sign(&next, trust->identity.ik_secret));
    trust_adopt_roster(trust, &next);
  }
  size_t count = roster_links_split(trust->links.bytes, trust->links.size, link);
  assert_int_equal(count, 4);
  for (size_t i = 0; i < count; i++)
    assert_int_equal(record_load(loaded, bytes, record_link(bytes, &link[i])), SOTTO_OK);
  assert_memory_equal(&loaded->links, &trust->links, sizeof loaded->links);
  assert_int_equal(record_load(loaded, bytes, record_link(bytes, &link[1])),
                   SOTTO_ERR_CORRUPT); /* does not follow */
  trust_free(trust);
  trust_free(loaded);
}

static void our_statements_come_back_in_order_and_end_with_our_end(void **state) {
  (void)state;
  struct trust *trust = trust_new(5), *loaded = empty();
  struct identity contact;
  struct contact *bob;
  identity_make(&contact);
  if (contacts_add(&trust->contacts, contact.ik, "Bob", &bob) == SOTTO_OK) {
    assert_int_equal(trust_rotate(trust, 6), SOTTO_OK);
    assert_int_equal(trust_rotate(trust, 7), SOTTO_OK);
    assert_int_equal(trust_end(trust), SOTTO_OK);
    for (size_t i = 0; i < 3; i++)
      assert_int_equal(record_load(loaded, bytes, record_statement(bytes, &trust->statement[i])), SOTTO_OK);
    assert_int_equal(loaded->statements, 3);
    assert_memory_equal(loaded->statement, trust->statement, sizeof loaded->statement);
    assert_true(trust_is_dead(loaded));
    size_t size = record_statement(bytes, &trust->statement[0]);
    assert_int_equal(record_load(loaded, bytes, size), SOTTO_ERR_CORRUPT); /* nothing follows the end */
    loaded->statements = 0;
    bytes[size - 1] ^= 1;
    assert_int_equal(record_load(loaded, bytes, size), SOTTO_ERR_CORRUPT);
    bytes[size - 1] ^= 1;
    for (size_t cut = 0; cut < size; cut++)
      assert_int_equal(record_load(loaded, bytes, cut), SOTTO_ERR_CORRUPT);
    for (int i = 0; i < STATEMENTS_MAX; i++)
      assert_int_equal(record_load(loaded, bytes, size), SOTTO_OK);
    assert_int_equal(record_load(loaded, bytes, size), SOTTO_ERR_CORRUPT);
  } else {
    assert_true(unit_alloc_failed());
  }
  trust_free(trust);
  trust_free(loaded);
}

static void an_invite_comes_back_in_every_field(void **state) {
  (void)state;
  struct pending_invite pending = {.state = INVITE_USED, .name = "Bob", .sessions = 3, .reuse_reported = true};
  struct identity identity;
  identity_make(&identity);
  invite_make(&pending.invite, &identity, SOTTO_INVITE_IN_PERSON, "wss://x", 9);
  memset(pending.rendezvous, 7, sizeof pending.rendezvous);
  memset(pending.session, 6, 3 * INVITE_SESSION_SIZE);
  size_t size = record_invite(bytes, &pending);
  struct trust *trust = empty();
  assert_int_equal(record_load(trust, bytes, size), SOTTO_OK);
  assert_memory_equal(&trust->invites.slot[0], &pending, sizeof pending);
  for (int i = 1; i < INVITES_MAX; i++)
    assert_int_equal(record_load(trust, bytes, size), SOTTO_OK);
  assert_int_equal(record_load(trust, bytes, size), SOTTO_ERR_CORRUPT);
  trust_free(trust);
  for (size_t cut = 0; cut < size; cut++)
    assert_int_equal(load(bytes, cut), SOTTO_ERR_CORRUPT);
  bytes[2] = 7; /* a state that is none */
  assert_int_equal(load(bytes, size), SOTTO_ERR_CORRUPT);
}

static void the_largest_records_fit(void **state) {
  (void)state;
  static struct contact contact = {.name = "x"};
  uint8_t fork[2 * ROSTER_MAX_SIZE] = {0};
  memset(contact.name, 'n', PETNAME_SIZE - 1);
  contact.roster.size = ROSTER_MAX_SIZE;
  contact.fork = fork;
  contact.fork_size = contact.fork_known_size = ROSTER_MAX_SIZE;
  contact.rotation = fork;
  contact.rotation_size = STATEMENT_MAX;
  size_t size = record_contact(bytes, &contact);
  assert_true(size > 3 * ROSTER_MAX_SIZE + STATEMENT_MAX && size <= RECORD_MAX);
  assert_int_equal(bytes[size - 1], 0);
  assert_true(sizeof(struct pending_invite) < RECORD_MAX);
}

UNIT_TESTS(cmocka_unit_test_setup_teardown(a_contact_comes_back_in_every_field, begin, end),
           cmocka_unit_test_setup_teardown(a_cut_record_is_corrupt, begin, end),
           cmocka_unit_test_setup_teardown(a_changed_bit_is_corrupt_or_means_itself, begin, end),
           cmocka_unit_test_setup_teardown(states_that_cannot_be_are_corrupt, begin, end),
           cmocka_unit_test_setup_teardown(one_person_is_there_once, begin, end),
           cmocka_unit_test_setup_teardown(our_roster_must_be_ours_and_single, begin, end),
           cmocka_unit_test_setup_teardown(our_older_rosters_come_back_as_one_chain, begin, end),
           cmocka_unit_test_setup_teardown(our_statements_come_back_in_order_and_end_with_our_end, begin, end),
           cmocka_unit_test_setup_teardown(an_invite_comes_back_in_every_field, begin, end),
           cmocka_unit_test_setup_teardown(the_largest_records_fit, begin, end))
