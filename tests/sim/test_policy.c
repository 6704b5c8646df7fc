/* test_policy.c - what a verification is worth and whose it is (protocol A.4, D.2): sticky, local, remembered. */
#include "engine/trust/record.h"
#include "inside.h"
#include "unit/unit.h"

enum { ALICE, BOB };

static sotto_contact look(struct sim *sim, int who, int whom) {
  sotto_contact contact = SOTTO_CONTACT_INIT;
  sotto_id id;
  sim_id(sim, whom, &id);
  assert_int_equal(core_contact_get(sim->peer[who].core, &id, &contact), SOTTO_OK);
  return contact;
}

/* Her own "equal" is hers: he sees it, and has compared nothing. */
static void what_the_peer_says_of_the_words_is_shown_and_never_adopted(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  sim_friends(&sim, 1, SOTTO_POLICY_SAS_FIRST);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  assert_int_equal(core_call_confirm(sim.peer[ALICE].core, sim.now, a, true), SOTTO_OK);
  sim_run(&sim, SEC(2));
  assert_int_equal(sim_inside(&sim, BOB, b)->sas.remote, SAS_MATCH);
  assert_int_equal(look(&sim, ALICE, BOB).trust, SOTTO_TRUST_VERIFIED);
  assert_int_equal(look(&sim, BOB, ALICE).trust, SOTTO_TRUST_TOFU);
  assert_int_equal(sim_leg(&sim, BOB, b)->gate, SOTTO_GATE_SHUT);
  sim_deinit(&sim);
}

static void a_verification_remembers_how_and_when_and_outlives_a_restart(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  sim_friends(&sim, 2, SOTTO_POLICY_SAS_FIRST);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  int64_t day = core_unix(sim.peer[ALICE].core, sim.now);
  assert_int_equal(core_call_confirm(sim.peer[ALICE].core, sim.now, a, true), SOTTO_OK);
  sim_run(&sim, SEC(1));
  uint8_t record[RECORD_MAX];
  struct trust *loaded = trust_new_empty(); /* what the store keeps */
  assert_non_null(loaded);
  assert_int_equal(record_load(loaded, record, record_contact(record, sim_contact(&sim, ALICE, BOB))), SOTTO_OK);
  sotto_contact shown = look(&sim, ALICE, BOB);
  const struct contact *kept = loaded->contacts.list[0];
  assert_int_equal(shown.trust, SOTTO_TRUST_VERIFIED);
  assert_int_equal(shown.method, SOTTO_METHOD_SAS);
  assert_int_equal(shown.verified_at, day);
  assert_int_equal(kept->state, SOTTO_TRUST_VERIFIED);
  assert_int_equal(kept->method, SOTTO_METHOD_SAS);
  assert_int_equal(kept->verified_at, day);
  assert_true(kept->require_verified);
  trust_free(loaded);
  sim_deinit(&sim);
}

/* Once verified, then changed and accepted anew: the lax policy of everybody else is not theirs. */
static void who_was_verified_once_needs_it_again_whatever_the_policy(void **state) {
  (void)state;
  for (int was_verified = 0; was_verified < 2; was_verified++) {
    struct sim sim;
    uint32_t a, b;
    sim_friends(&sim, 3, SOTTO_POLICY_WARN);
    struct contact *bob = sim_contact(&sim, ALICE, BOB);
    char number[SOTTO_SAFETY_NUMBER_SIZE];
    sotto_id id;
    sim_id(&sim, BOB, &id);
    if (was_verified)
      assert_true(contact_user_compared_number(bob, 1000));
    assert_true(contact_bind_mismatch(bob, 2000));
    assert_int_equal(core_safety_number(sim.peer[ALICE].core, &id, number, sizeof number), SOTTO_OK);
    assert_int_equal(core_contact_reset(sim.peer[ALICE].core, sim.now, &id, number + strlen(number) - 7), SOTTO_OK);
    assert_int_equal(look(&sim, ALICE, BOB).trust, SOTTO_TRUST_TOFU);
    sim_run(&sim, SEC(1));
    sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
    assert_int_equal(sim_leg(&sim, ALICE, a)->gate, was_verified ? SOTTO_GATE_SHUT : SOTTO_GATE_OPEN);
    sim_deinit(&sim);
  }
}

UNIT_TESTS(test(what_the_peer_says_of_the_words_is_shown_and_never_adopted),
           test(a_verification_remembers_how_and_when_and_outlives_a_restart),
           test(who_was_verified_once_needs_it_again_whatever_the_policy))
