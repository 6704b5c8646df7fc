#include "engine/trust/contacts.h"
#include "unit.h"

typedef bool verified_by(struct contact *contact, int64_t now_unix);

static void each_way_is_recorded_with_its_time(void **state) {
  (void)state;
  static const struct {
    verified_by *act;
    sotto_method method;
  } ways[] = {{contact_user_scanned_in_person, SOTTO_METHOD_QR},
              {contact_user_compared_number, SOTTO_METHOD_SAFETY_NUMBER},
              {contact_user_confirmed_sas, SOTTO_METHOD_SAS}};
  for (size_t i = 0; i < 3; i++) {
    struct contact contact = {.state = SOTTO_TRUST_TOFU};
    assert_true(ways[i].act(&contact, 1000));
    assert_int_equal(contact.state, SOTTO_TRUST_VERIFIED);
    assert_int_equal(contact.method, ways[i].method);
    assert_int_equal(contact.verified_at, 1000);
    assert_true(contact.require_verified);
  }
}

static void a_stranger_is_verified_only_in_person(void **state) {
  (void)state;
  struct contact contact = {.state = SOTTO_TRUST_UNKNOWN};
  assert_false(contact_user_confirmed_sas(&contact, 1));
  assert_false(contact_user_compared_number(&contact, 1));
  assert_int_equal(contact.state, SOTTO_TRUST_UNKNOWN);
  assert_int_equal(contact.verified_at, 0);
  assert_true(contact_user_scanned_in_person(&contact, 1));
  assert_int_equal(contact.state, SOTTO_TRUST_VERIFIED);
}

static void a_shut_contact_is_not_verified_by_any_way(void **state) {
  (void)state;
  static verified_by *const ways[] = {contact_user_scanned_in_person, contact_user_compared_number,
                                      contact_user_confirmed_sas};
  for (size_t i = 0; i < 3; i++)
    for (int shut = SOTTO_TRUST_CHANGED; shut <= SOTTO_TRUST_REVOKED; shut++) {
      struct contact contact = {.state = (sotto_trust)shut};
      assert_false(ways[i](&contact, 1));
      assert_int_equal(contact.state, shut);
      assert_false(contact.require_verified);
    }
}

static void equal_words_end_the_count_of_runs(void **state) {
  (void)state;
  struct contact contact = {.state = SOTTO_TRUST_TOFU};
  for (int i = 0; i < SAS_RUNS_PER_DAY; i++)
    assert_true(contact_sas_begin(&contact, 10));
  assert_int_equal(contact_sas_runs_left(&contact, 10), 0);
  assert_true(contact_user_compared_number(&contact, 10));
  assert_int_equal(contact_sas_runs_left(&contact, 10), 0);
  assert_true(contact_user_confirmed_sas(&contact, 10));
  assert_int_equal(contact_sas_runs_left(&contact, 10), SAS_RUNS_PER_DAY);
}

UNIT_TESTS(test(each_way_is_recorded_with_its_time), test(a_stranger_is_verified_only_in_person),
           test(a_shut_contact_is_not_verified_by_any_way), test(equal_words_end_the_count_of_runs))
