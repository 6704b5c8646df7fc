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

UNIT_TESTS(test(a_new_identity_knows_itself_and_nobody_else))
