#include "engine/trust/contacts.h"
#include "unit.h"

static void id_of(uint8_t id[KEY_SIZE], int n) {
  memset(id, 0, KEY_SIZE);
  id[0] = (uint8_t)n;
  id[1] = (uint8_t)(n >> 8);
}

static void a_new_contact_is_unknown_and_found_by_what_it_is(void **state) {
  (void)state;
  struct contacts contacts;
  struct contact *bob, *again;
  struct identity identity;
  identity_make(&identity);
  contacts_init(&contacts);
  need_ok(contacts_add(&contacts, identity.ik, "Bob", &bob));
  assert_int_equal(bob->state, SOTTO_TRUST_UNKNOWN);
  assert_int_equal(bob->method, SOTTO_METHOD_NONE);
  roster_first(&bob->roster, &identity, 1);
  const struct roster_device *device = NULL;
  assert_ptr_equal(contacts_find(&contacts, identity.ik), bob);
  assert_ptr_equal(contacts_find_device(&contacts, identity.device.id, &device), bob);
  assert_memory_equal(device->dx, identity.device.dx, KEY_SIZE);
  assert_ptr_equal(contacts_find_name(&contacts, "Bob"), bob);
  assert_null(contacts_find_name(&contacts, "bob"));
  assert_null(contacts_find(&contacts, identity.device.dk));
  assert_int_equal(contacts_add(&contacts, identity.ik, "Eve", &again), SOTTO_ERR_STATE);
  assert_ptr_equal(again, bob);
  assert_string_equal(bob->name, "Bob");
  contacts_deinit(&contacts);
}

static void a_bad_name_is_refused(void **state) {
  (void)state;
  struct contacts contacts;
  struct contact *bob;
  uint8_t id[KEY_SIZE];
  id_of(id, 1);
  contacts_init(&contacts);
  assert_int_equal(contacts_add(&contacts, id, "", &bob), SOTTO_ERR_INVALID);
  assert_int_equal(contacts_add(&contacts, id, "a\x01", &bob), SOTTO_ERR_INVALID);
  assert_int_equal(contacts.count, 0);
  need_ok(contacts_add(&contacts, id, "Robert the long", &bob));
  assert_int_equal(contact_rename(bob, "\xff"), SOTTO_ERR_INVALID);
  assert_string_equal(bob->name, "Robert the long");
  assert_int_equal(contact_rename(bob, "Bo"), SOTTO_OK);
  assert_string_equal(bob->name, "Bo");
  contacts_deinit(&contacts);
}

static void addresses_stay_and_the_number_is_bounded(void **state) {
  (void)state;
  struct contacts contacts;
  struct contact *first, *one;
  uint8_t id[KEY_SIZE];
  id_of(id, 0);
  contacts_init(&contacts);
  need_ok(contacts_add(&contacts, id, "first", &first));
  for (int i = 1; i < CONTACTS_MAX; i++) {
    id_of(id, i);
    sotto_status status = contacts_add(&contacts, id, "more", &one);
    if (status != SOTTO_OK) { /* only an injected failure may stop it, and what was there stays */
      assert_true(unit_alloc_failed());
      assert_int_equal(status, SOTTO_ERR_NOMEM);
      assert_int_equal(contacts.count, (size_t)i);
      contacts_deinit(&contacts);
      return;
    }
  }
  id_of(id, CONTACTS_MAX);
  assert_int_equal(contacts_add(&contacts, id, "too many", &one), SOTTO_ERR_FULL);
  id_of(id, 0);
  assert_ptr_equal(contacts_find(&contacts, id), first);
  contacts_deinit(&contacts);
}

UNIT_TESTS(test(a_new_contact_is_unknown_and_found_by_what_it_is), test(a_bad_name_is_refused),
           test(addresses_stay_and_the_number_is_bounded))
