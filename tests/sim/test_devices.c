/* test_devices.c - several devices of one identity: who rings, who is told, and what a forged or withheld roster
 * does. */
#include "inside.h"
#include "unit/unit.h"

enum { ALICE, BOB, PHONE, TABLET };

static void verify(struct sim *sim, int who, int whom) {
  char number[SOTTO_SAFETY_NUMBER_SIZE];
  sotto_id id;
  sim_id(sim, whom, &id);
  assert_int_equal(core_safety_number(sim->peer[who].core, &id, number, sizeof number), SOTTO_OK);
  assert_int_equal(core_contact_verify_number(sim->peer[who].core, sim->now, &id, number), SOTTO_OK);
}

static struct sim_leg *leg_at(struct sim *sim, int peer) {
  return sim_leg(sim, peer, sim->peer[peer].incoming);
}

static sotto_trust trust_of(struct sim *sim, int who, int whom) {
  sotto_contact contact = SOTTO_CONTACT_INIT;
  sotto_id id;
  sim_id(sim, whom, &id);
  assert_int_equal(core_contact_get(sim->peer[who].core, &id, &contact), SOTTO_OK);
  return contact.trust;
}

static void a_contact_who_is_online_hears_of_a_new_device_before_it_calls(void **state) {
  (void)state;
  struct sim sim;
  sim_quiet_friends(&sim, 12, SOTTO_POLICY_WARN);
  sim_add_device(&sim, BOB, "phone");
  sim_run(&sim, SEC(3));
  assert_true(sim.peer[ALICE].alarms[SOTTO_ALARM_ROSTER_CHANGED] == 1);
  assert_int_equal(sim_contact(&sim, ALICE, BOB)->roster.devices, 2);
  sim_deinit(&sim);
}

static void all_devices_ring_one_answers_and_the_others_stop(void **state) {
  (void)state;
  for (int taker = BOB; taker <= TABLET; taker++) {
    struct sim sim;
    sim_quiet_friends(&sim, 1, SOTTO_POLICY_WARN);
    sim_add_device(&sim, BOB, "phone");
    sim_add_device(&sim, BOB, "tablet");
    sim_run(&sim, SEC(3));
    uint32_t call = sim_ring(&sim, ALICE, BOB); /* Alice knows of bob alone: his HELLO tells her of the others */
    assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_ROSTER_CHANGED], 1);
    for (int p = BOB; p <= TABLET; p++)
      assert_int_equal(leg_at(&sim, p)->state, SOTTO_CALL_RINGING);
    sim_accept(&sim, taker);
    assert_int_equal(sim_leg(&sim, ALICE, call)->state, SOTTO_CALL_OPEN);
    for (int p = BOB; p <= TABLET; p++) {
      assert_int_equal(leg_at(&sim, p)->state, p == taker ? SOTTO_CALL_OPEN : SOTTO_CALL_ENDED);
      if (p != taker)
        assert_int_equal(leg_at(&sim, p)->reason, SOTTO_END_ELSEWHERE);
    }
    core_call_hangup(sim.peer[ALICE].core, sim.now, call);
    sim_run(&sim, SEC(1));
    assert_int_equal(leg_at(&sim, taker)->reason, SOTTO_END_HANGUP);
    sim_deinit(&sim);
  }
}

static void of_two_answers_at_once_exactly_one_wins(void **state) {
  (void)state;
  struct sim sim;
  sim_quiet_friends(&sim, 2, SOTTO_POLICY_WARN);
  sim_add_device(&sim, BOB, "phone");
  sim_run(&sim, SEC(3));
  uint32_t call = sim_ring(&sim, ALICE, BOB);
  assert_int_equal(core_call_accept(sim.peer[BOB].core, sim.now, sim.peer[BOB].incoming, SOTTO_AUDIO), SOTTO_OK);
  sim_accept(&sim, PHONE);
  assert_int_equal(sim_leg(&sim, ALICE, call)->state, SOTTO_CALL_OPEN);
  bool bob = leg_at(&sim, BOB)->state == SOTTO_CALL_OPEN, phone = leg_at(&sim, PHONE)->state == SOTTO_CALL_OPEN;
  assert_true(bob != phone);
  assert_int_equal(leg_at(&sim, bob ? PHONE : BOB)->reason, SOTTO_END_ELSEWHERE);
  sim_deinit(&sim);
}

static void declining_on_one_device_is_for_all_of_them(void **state) {
  (void)state;
  struct sim sim;
  sim_quiet_friends(&sim, 3, SOTTO_POLICY_WARN);
  sim_add_device(&sim, BOB, "phone");
  sim_run(&sim, SEC(3));
  uint32_t call = sim_ring(&sim, ALICE, BOB);
  core_call_decline(sim.peer[PHONE].core, sim.now, sim.peer[PHONE].incoming);
  sim_run(&sim, SEC(1));
  assert_int_equal(sim_leg(&sim, ALICE, call)->reason, SOTTO_END_DECLINED);
  assert_int_equal(leg_at(&sim, BOB)->state, SOTTO_CALL_ENDED);

  call = sim_ring(&sim, ALICE, BOB); /* and giving up stops both */
  core_call_hangup(sim.peer[ALICE].core, sim.now, call);
  sim_run(&sim, SEC(1));
  assert_int_equal(leg_at(&sim, BOB)->reason, SOTTO_END_CANCELED);
  assert_int_equal(leg_at(&sim, PHONE)->reason, SOTTO_END_CANCELED);
  sim_deinit(&sim);
}

static void a_device_that_is_off_does_not_keep_the_others_from_ringing(void **state) {
  (void)state;
  struct sim sim;
  sim_quiet_friends(&sim, 4, SOTTO_POLICY_WARN);
  sim_add_device(&sim, BOB, "phone");
  sim_run(&sim, SEC(3));
  sim_ring(&sim, ALICE, BOB);
  sim_accept(&sim, BOB);
  sim_run(&sim, SEC(2));
  core_call_hangup(sim.peer[BOB].core, sim.now, sim.peer[BOB].incoming);
  sim_run(&sim, SEC(2));
  core_free(sim.peer[PHONE].core);
  struct core_config config = {.trust = sim.peer[PHONE].trust, .wall_offset = sim.wall};
  sim.peer[PHONE].core = core_new(&config);
  sim.peer[PHONE].connected = false;
  sim.server_dead = false;
  uint32_t call = sim_ring(&sim, ALICE, BOB);
  sim_accept(&sim, BOB);
  assert_int_equal(sim_leg(&sim, ALICE, call)->state, SOTTO_CALL_OPEN);
  sim_deinit(&sim);
}

static void a_new_device_that_calls_brings_its_proof_along(void **state) {
  (void)state;
  struct sim sim;
  sim_quiet_friends(&sim, 5, SOTTO_POLICY_WARN);
  sim_add_device(&sim, BOB, "phone");
  sim_run(&sim, SEC(3));
  uint32_t call = sim_ring(&sim, PHONE, ALICE);
  assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_ROSTER_CHANGED], 1);
  assert_int_equal(leg_at(&sim, ALICE)->state, SOTTO_CALL_RINGING);
  sim_accept(&sim, ALICE);
  assert_int_equal(sim_leg(&sim, PHONE, call)->state, SOTTO_CALL_OPEN);
  assert_int_equal(sim_contact(&sim, PHONE, ALICE)->told_seq, 1);
  assert_string_equal(sim_leg(&sim, PHONE, call)->sas.words, leg_at(&sim, ALICE)->sas.words);
  sim_deinit(&sim);
}

static bool drop_all_cells(void *user, int from, int to, uint8_t *message, size_t size) {
  (void)user, (void)from, (void)to, (void)message;
  return size != FRAME_PUT_SIZE;
}

/* The server lets no word of a new roster through while nobody calls. */
static void settle_withheld(struct sim *sim) {
  sim->filter = drop_all_cells;
  sim_run(sim, SEC(3));
  sim->filter = NULL;
}

static bool drops_rosters; /* the server can't tell a ROSTER cell by its looks: it drops the first one put */
static bool drop_first_cell(void *user, int from, int to, uint8_t *message, size_t size) {
  int *who = user;
  (void)to, (void)message;
  if (!drops_rosters || from != *who || size != FRAME_PUT_SIZE)
    return true;
  drops_rosters = false;
  return false;
}

static void a_server_that_drops_rosters_stops_calls_and_changes_nothing(void **state) {
  (void)state;
  for (int caller = BOB; caller <= PHONE; caller++) {
    struct sim sim;
    sim_quiet_friends(&sim, 6, SOTTO_POLICY_WARN);
    sim_add_device(&sim, BOB, "phone");
    settle_withheld(&sim);
    drops_rosters = true;
    sim.filter = drop_first_cell;
    sim.user = &caller;
    uint32_t call = sim_ring(&sim, caller, ALICE);
    if (caller == BOB) { /* a device that Alice knows: the links follow in the sealed channel, before it rings */
      assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_ROSTER_CHANGED], 1);
      sim_accept(&sim, ALICE);
      assert_int_equal(sim_leg(&sim, caller, call)->state, SOTTO_CALL_OPEN);
    } else { /* one that she has no signed statement of */
      assert_int_equal(sim.peer[ALICE].incoming, 0);
      sim_run(&sim, SEC(30));
      assert_int_equal(sim_leg(&sim, caller, call)->reason, SOTTO_END_UNREACHABLE);
      assert_int_equal(sim_contact(&sim, ALICE, BOB)->roster.seq, 0);
      sim_ring(&sim, caller, ALICE); /* and the next try brings it again */
      sim_accept(&sim, ALICE);
    }
    sim_deinit(&sim);
  }
}

static void a_new_device_of_someone_verified_waits_for_the_user(void **state) {
  (void)state;
  for (int show = 0; show < 2; show++) {
    struct sim sim;
    struct sim_options options = {.policy = SOTTO_POLICY_WARN,
                                  .no_media = true,
                                  .new_device = show ? SOTTO_NEW_DEVICE_SHOW : SOTTO_NEW_DEVICE_ASK};
    sim_init(&sim, 7, &options);
    sim_add(&sim, "alice");
    sim_add(&sim, "bob");
    sim_introduce(&sim, ALICE, BOB, 0);
    verify(&sim, ALICE, BOB);
    sim_add_device(&sim, BOB, "phone");
    sim_run(&sim, SEC(3));
    sim_ring(&sim, PHONE, ALICE);
    sim_accept(&sim, ALICE);
    assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_ROSTER_CHANGED], 1);
    assert_int_equal(leg_at(&sim, ALICE)->wants_acknowledgement, !show);
    assert_int_equal(leg_at(&sim, ALICE)->gate, show ? SOTTO_GATE_OPEN : SOTTO_GATE_SHUT);
    sotto_status status = core_call_acknowledge(sim.peer[ALICE].core, sim.now, sim.peer[ALICE].incoming);
    assert_int_equal(status, show ? SOTTO_ERR_STATE : SOTTO_OK);
    sim_run(&sim, SEC(1));
    assert_int_equal(leg_at(&sim, ALICE)->gate, SOTTO_GATE_OPEN);
    core_call_hangup(sim.peer[ALICE].core, sim.now, sim.peer[ALICE].incoming);
    sim_run(&sim, SEC(2));
    sim_ring(&sim, PHONE, ALICE); /* asked once, not again */
    sim_accept(&sim, ALICE);
    assert_int_equal(leg_at(&sim, ALICE)->gate, SOTTO_GATE_OPEN);
    assert_false(leg_at(&sim, ALICE)->wants_acknowledgement);
    sim_deinit(&sim);
  }
}

static void the_old_device_of_someone_verified_needs_no_question(void **state) {
  (void)state;
  struct sim sim;
  sim_quiet_friends(&sim, 8, SOTTO_POLICY_WARN);
  verify(&sim, ALICE, BOB);
  sim_add_device(&sim, BOB, "phone");
  sim_run(&sim, SEC(3));
  sim_ring(&sim, BOB, ALICE);
  sim_accept(&sim, ALICE);
  assert_int_equal(leg_at(&sim, ALICE)->gate, SOTTO_GATE_OPEN);
  sim_deinit(&sim);
}

static void a_revoked_device_does_not_ring_and_is_hung_up_on(void **state) {
  (void)state;
  struct sim sim;
  sim_quiet_friends(&sim, 9, SOTTO_POLICY_WARN);
  sim_add_device(&sim, BOB, "phone");
  sim_run(&sim, SEC(3));
  uint32_t call = sim_ring(&sim, PHONE, ALICE);
  sim_accept(&sim, ALICE);
  struct sim_leg *with_phone = leg_at(&sim, ALICE);
  assert_int_equal(with_phone->state, SOTTO_CALL_OPEN);

  sim_revoke(&sim, BOB, PHONE);
  sim_ring(&sim, BOB, ALICE); /* brings the revocation: the call with the phone is over at once */
  assert_int_equal(with_phone->state, SOTTO_CALL_ENDED);
  assert_int_equal(with_phone->reason, SOTTO_END_SECURITY);
  assert_int_equal(sim_leg(&sim, PHONE, call)->state, SOTTO_CALL_ENDED);
  assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_DEVICE_REVOKED], 1);
  sim_accept(&sim, ALICE);
  assert_int_equal(leg_at(&sim, ALICE)->state, SOTTO_CALL_OPEN);
  core_call_hangup(sim.peer[ALICE].core, sim.now, sim.peer[ALICE].incoming);
  sim_run(&sim, SEC(5));

  call = sim_ring(&sim, PHONE, ALICE);
  assert_int_equal(sim.peer[ALICE].incoming, 0);
  assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_DEVICE_REVOKED], 2);
  sim_run(&sim, SEC(30));
  assert_int_equal(sim_leg(&sim, PHONE, call)->reason, SOTTO_END_UNREACHABLE);
  sim_ring(&sim, ALICE, BOB);
  assert_int_equal(sim.peer[PHONE].incoming, 0); /* nor is it rung */
  assert_int_not_equal(sim.peer[BOB].incoming, 0);
  sim_deinit(&sim);
}

static void a_stale_roster_is_ignored_and_its_device_is_told(void **state) {
  (void)state;
  struct sim sim;
  sim_quiet_friends(&sim, 10, SOTTO_POLICY_WARN);
  sim_add_device(&sim, BOB, "phone");
  sim_add_device(&sim, BOB, "tablet"); /* of which the phone has not heard */
  sim_run(&sim, SEC(3));
  sim_ring(&sim, BOB, ALICE);
  core_call_hangup(sim.peer[BOB].core, sim.now, 1);
  sim_run(&sim, SEC(5));
  assert_int_equal(sim_contact(&sim, ALICE, BOB)->roster.seq, 2);
  uint32_t call = sim_ring(&sim, PHONE, ALICE);
  assert_true(sim.peer[ALICE].alarms[SOTTO_ALARM_ROSTER_STALE] >= 1);
  assert_int_equal(sim.peer[PHONE].alarms[SOTTO_ALARM_SELF_ROSTER_ROLLBACK], 2); /* in the call, and with proof */
  assert_int_equal(sim_contact(&sim, ALICE, BOB)->roster.seq, 2);
  sim_accept(&sim, ALICE); /* its device stands in the newer roster too */
  assert_int_equal(sim_leg(&sim, PHONE, call)->state, SOTTO_CALL_OPEN);
  assert_string_equal(sim_leg(&sim, PHONE, call)->sas.words, leg_at(&sim, ALICE)->sas.words);
  sim_deinit(&sim);
}

/* After a roll-back (A.3) an older roster than ours is no agreement with it: the device may be one that was
 * revoked. */
static void a_stale_roster_is_no_agreement_after_a_rollback(void **state) {
  (void)state;
  for (int alice_calls = 0; alice_calls < 2; alice_calls++) {
    struct sim sim;
    sim_quiet_friends(&sim, 15, SOTTO_POLICY_WARN);
    int phone = sim_add_device(&sim, BOB, "phone");
    sim_run(&sim, SEC(3));
    struct trust *trust = sim.peer[phone].trust;
    struct roster own = trust->own;
    struct roster_links links = trust->links;
    sim_add_device(&sim, BOB, "tablet");
    sim_run(&sim, SEC(3));
    sim_unplug(&sim, BOB);
    sim_unplug(&sim, TABLET);
    struct contact *bob = sim_contact(&sim, ALICE, BOB);
    trust->own = own, trust->links = links;
    assert_int_equal(bob->roster.seq, 2);
    bob->head_unconfirmed = true;

    uint32_t call = alice_calls ? sim_ring(&sim, ALICE, BOB) : sim_ring(&sim, phone, ALICE);
    int caller = alice_calls ? ALICE : phone, callee = alice_calls ? phone : ALICE;
    assert_true(bob->head_unconfirmed);
    assert_true(sim.peer[ALICE].alarms[SOTTO_ALARM_ROSTER_STALE] >= 1);
    assert_true(alice_calls || sim.peer[phone].alarms[SOTTO_ALARM_SELF_ROSTER_ROLLBACK] >= 1);
    assert_int_equal(sim.peer[callee].incoming, 0);
    sim_run(&sim, SEC(60));
    assert_int_equal(sim_leg(&sim, caller, call)->state, SOTTO_CALL_ENDED);
    assert_int_equal(sim.media_datagrams, 0);

    trust->own = sim.peer[BOB].trust->own, trust->links = sim.peer[BOB].trust->links; /* as its own kind tells it */
    call = sim_ring(&sim, caller, alice_calls ? BOB : ALICE);
    assert_false(bob->head_unconfirmed);
    sim_accept(&sim, callee);
    assert_int_equal(sim_leg(&sim, caller, call)->state, SOTTO_CALL_OPEN);
    sim_deinit(&sim);
  }
}

/* A06: whoever stole the root key shows Alice a ghost; Bob, who added a device himself, calls her, or she him. */
static void two_histories_of_one_root_are_proven_and_shut(void **state) {
  (void)state;
  for (int alice_calls = 0; alice_calls < 2; alice_calls++) {
    struct sim sim;
    sim_quiet_friends(&sim, 11, SOTTO_POLICY_WARN);
    struct trust *bob = sim.peer[BOB].trust;
    struct roster own = bob->own;
    struct roster_links links = bob->links;
    int ghost = sim_add_device(&sim, BOB, "ghost");
    bob->own = own, bob->links = links;
    sim_add_device(&sim, BOB, "tablet");
    settle_withheld(&sim);
    sim_ring(&sim, ghost, ALICE);
    assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_ROSTER_CHANGED], 1);
    sim_accept(&sim, ALICE);
    struct sim_leg *with_ghost = leg_at(&sim, ALICE);
    assert_int_equal(with_ghost->state, SOTTO_CALL_OPEN);

    uint32_t call = alice_calls ? sim_ring(&sim, ALICE, BOB) : sim_ring(&sim, BOB, ALICE);
    assert_true(sim.peer[ALICE].alarms[SOTTO_ALARM_ROSTER_FORK] >= 1);
    if (alice_calls)
      assert_int_equal(sim.peer[BOB].alarms[SOTTO_ALARM_SELF_ROSTER_FORK], 1);
    assert_int_equal(trust_of(&sim, ALICE, BOB), SOTTO_TRUST_CHANGED);
    assert_int_equal(with_ghost->gate, SOTTO_GATE_SHUT);
    if (alice_calls)
      assert_int_equal(sim_leg(&sim, ALICE, call)->reason, SOTTO_END_SECURITY);

    uint8_t evidence[SOTTO_EVIDENCE_SIZE];
    size_t size = sizeof evidence;
    sotto_id id, other;
    sim_id(&sim, BOB, &id);
    sim_id(&sim, ALICE, &other);
    assert_int_equal(core_contact_evidence(sim.peer[ALICE].core, &id, evidence, &size), SOTTO_OK);
    assert_int_equal(sotto_evidence_check(&id, evidence, size), SOTTO_OK);
    assert_int_equal(sotto_evidence_check(&other, evidence, size), SOTTO_ERR_TRUST);
    evidence[size / 2] ^= 1;
    assert_int_equal(sotto_evidence_check(&id, evidence, size), SOTTO_ERR_TRUST);
    sim_deinit(&sim);
  }
}

static void both_call_with_two_devices_each_and_one_call_comes_of_it(void **state) {
  (void)state;
  for (uint64_t seed = 20; seed < 24; seed++) {
    struct sim sim;
    sim_quiet_friends(&sim, seed, SOTTO_POLICY_WARN);
    sim_add_device(&sim, BOB, "phone");
    sim_run(&sim, SEC(3));
    sotto_id alice, bob;
    uint32_t a, b;
    sim_id(&sim, ALICE, &alice);
    sim_id(&sim, BOB, &bob);
    assert_int_equal(core_call_start(sim.peer[ALICE].core, sim.now, &bob, SOTTO_AUDIO, &a), SOTTO_OK);
    assert_int_equal(core_call_start(sim.peer[BOB].core, sim.now, &alice, SOTTO_AUDIO, &b), SOTTO_OK);
    sim_run(&sim, SEC(10));
    assert_int_equal(sim_leg(&sim, ALICE, a)->state, SOTTO_CALL_OPEN);
    assert_int_equal(sim_leg(&sim, BOB, b)->state, SOTTO_CALL_OPEN);
    if (sim.peer[PHONE].incoming)
      assert_int_equal(leg_at(&sim, PHONE)->state, SOTTO_CALL_ENDED);
    sim_deinit(&sim);
  }
}

UNIT_TESTS(test(a_contact_who_is_online_hears_of_a_new_device_before_it_calls),
           test(all_devices_ring_one_answers_and_the_others_stop), test(of_two_answers_at_once_exactly_one_wins),
           test(declining_on_one_device_is_for_all_of_them),
           test(a_device_that_is_off_does_not_keep_the_others_from_ringing),
           test(a_new_device_that_calls_brings_its_proof_along),
           test(a_server_that_drops_rosters_stops_calls_and_changes_nothing),
           test(a_new_device_of_someone_verified_waits_for_the_user),
           test(the_old_device_of_someone_verified_needs_no_question),
           test(a_revoked_device_does_not_ring_and_is_hung_up_on),
           test(a_stale_roster_is_ignored_and_its_device_is_told),
           test(a_stale_roster_is_no_agreement_after_a_rollback),
           test(two_histories_of_one_root_are_proven_and_shut),
           test(both_call_with_two_devices_each_and_one_call_comes_of_it))
