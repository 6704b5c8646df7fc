#include "engine/call/gate.h"
#include "unit.h"

static struct gate_facts good(sotto_trust trust, sotto_policy policy) {
  return (struct gate_facts){
      .bound = true, .dtls_associations = 1, .trust = trust, .policy = policy, .device_acknowledged = true};
}

static void the_gate_is_shut_unless_bound_to_exactly_one_association(void **state) {
  (void)state;
  for (int trust = 0; trust <= SOTTO_TRUST_REVOKED; trust++)
    for (int policy = 0; policy <= SOTTO_POLICY_WARN; policy++)
      for (int consent = 0; consent < 2; consent++) {
        struct gate_facts facts = good((sotto_trust)trust, (sotto_policy)policy);
        facts.user_consented = consent;
        facts.bound = false;
        assert_int_equal(gate_evaluate(&facts).gate, SOTTO_GATE_SHUT);
        facts.bound = true;
        facts.dtls_associations = 2;
        assert_int_equal(gate_evaluate(&facts).gate, SOTTO_GATE_SHUT);
        assert_int_equal(gate_evaluate(&facts).want, GATE_REFUSES); /* not something to wait for */
        facts.dtls_associations = 0;
        assert_int_equal(gate_evaluate(&facts).gate, SOTTO_GATE_SHUT);
        facts.dtls_associations = 1;
        facts.ended = true;
        assert_int_equal(gate_evaluate(&facts).gate, SOTTO_GATE_SHUT);
      }
}

static void a_verified_contact_opens_under_every_policy(void **state) {
  (void)state;
  for (int policy = 0; policy <= SOTTO_POLICY_WARN; policy++) {
    struct gate_facts facts = good(SOTTO_TRUST_VERIFIED, (sotto_policy)policy);
    struct gate_verdict verdict = gate_evaluate(&facts);
    assert_int_equal(verdict.gate, SOTTO_GATE_OPEN);
    assert_false(verdict.warn);
    facts.device_acknowledged = false;
    verdict = gate_evaluate(&facts);
    assert_int_equal(verdict.gate, SOTTO_GATE_SHUT);
    assert_int_equal(verdict.want, GATE_WANTS_DEVICE_ACK);
  }
}

static void a_contact_of_the_first_sight_gets_what_the_policy_says(void **state) {
  (void)state;
  struct gate_facts facts = good(SOTTO_TRUST_TOFU, SOTTO_POLICY_SAS_FIRST);
  assert_int_equal(gate_evaluate(&facts).gate, SOTTO_GATE_SHUT);
  assert_int_equal(gate_evaluate(&facts).want, GATE_WANTS_CONSENT);
  facts.user_consented = true;
  assert_int_equal(gate_evaluate(&facts).gate, SOTTO_GATE_AUDIO_UNVERIFIED);
  facts.consent_expired = true;
  assert_int_equal(gate_evaluate(&facts).gate, SOTTO_GATE_SHUT);

  facts = good(SOTTO_TRUST_TOFU, SOTTO_POLICY_REQUIRE_VERIFIED);
  facts.user_consented = true;
  assert_int_equal(gate_evaluate(&facts).gate, SOTTO_GATE_SHUT);

  facts = good(SOTTO_TRUST_TOFU, SOTTO_POLICY_WARN);
  assert_int_equal(gate_evaluate(&facts).gate, SOTTO_GATE_OPEN);
  assert_true(gate_evaluate(&facts).warn);
}

static void once_verified_a_laxer_policy_does_not_help(void **state) {
  (void)state;
  struct gate_facts facts = good(SOTTO_TRUST_TOFU, SOTTO_POLICY_WARN);
  facts.require_verified = true;
  facts.user_consented = true;
  assert_int_equal(gate_evaluate(&facts).gate, SOTTO_GATE_SHUT);
  assert_int_equal(gate_evaluate(&facts).want, GATE_WANTS_VERIFICATION);
}

static void unknown_changed_and_revoked_never_open(void **state) {
  (void)state;
  const sotto_trust bad[] = {SOTTO_TRUST_UNKNOWN, SOTTO_TRUST_CHANGED, SOTTO_TRUST_REVOKED};
  for (int i = 0; i < 3; i++)
    for (int policy = 0; policy <= SOTTO_POLICY_WARN; policy++) {
      struct gate_facts facts = good(bad[i], (sotto_policy)policy);
      facts.user_consented = true;
      assert_int_equal(gate_evaluate(&facts).gate, SOTTO_GATE_SHUT);
      assert_int_equal(gate_evaluate(&facts).want, GATE_REFUSES);
    }
}

UNIT_TESTS(test(the_gate_is_shut_unless_bound_to_exactly_one_association),
           test(a_verified_contact_opens_under_every_policy),
           test(a_contact_of_the_first_sight_gets_what_the_policy_says),
           test(once_verified_a_laxer_policy_does_not_help), test(unknown_changed_and_revoked_never_open))
