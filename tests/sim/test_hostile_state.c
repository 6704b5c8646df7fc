/* test_hostile_state.c - a hostile path, answer, clock or crowd makes no wrong state of a call (protocol D.1). */
#include "inside.h"
#include "unit/unit.h"

enum { ALICE, BOB };

/* A path that is gone stays gone, whatever makes the gate be asked again meanwhile. */
static void a_dead_path_ends_the_call_whatever_happens_meanwhile(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  sotto_id bob;
  sim_friends(&sim, 1, SOTTO_POLICY_WARN);
  sim_id(&sim, BOB, &bob);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  sim_break_path(&sim, true);
  sim_run(&sim, SEC(12));
  assert_int_equal(sim_leg(&sim, ALICE, a)->state, SOTTO_CALL_RECONNECTING);
  assert_int_equal(core_contact_rename(sim.peer[ALICE].core, &bob, "robert"), SOTTO_OK);
  assert_int_equal(core_call_confirm(sim.peer[BOB].core, sim.now, b, true), SOTTO_OK);
  sim_run(&sim, SEC(1));
  assert_int_equal(sim_leg(&sim, ALICE, a)->state, SOTTO_CALL_RECONNECTING);
  assert_int_equal(sim_leg(&sim, BOB, b)->state, SOTTO_CALL_RECONNECTING);
  sim_run(&sim, SEC(30));
  assert_int_equal(sim_leg(&sim, ALICE, a)->reason, SOTTO_END_LOST);
  assert_int_equal(sim_leg(&sim, BOB, b)->reason, SOTTO_END_LOST);
  sim_deinit(&sim);
}

/* Two minutes of unverified sound are two minutes, also when the agent believes that the path is gone. */
static void a_lost_path_does_not_prolong_the_unverified_minutes(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  sim_friends(&sim, 2, SOTTO_POLICY_SAS_FIRST);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  assert_int_equal(core_call_consent(sim.peer[ALICE].core, sim.now, a), SOTTO_OK);
  usec consent = sim.now;
  sim_run(&sim, SEC(105));
  sim_break_path(&sim, true); /* which the agents notice after 10 s */
  sim_run(&sim, SEC(11));
  assert_int_equal(sim_leg(&sim, ALICE, a)->state, SOTTO_CALL_RECONNECTING);
  sim_run(&sim, consent + SEC(121) - sim.now);
  assert_int_equal(sim_leg(&sim, ALICE, a)->state, SOTTO_CALL_ENDED);
  assert_int_equal(sim_leg(&sim, ALICE, a)->reason, SOTTO_END_UNVERIFIED);
  assert_int_equal(sim_leg(&sim, ALICE, a)->gate, SOTTO_GATE_SHUT);
  sim_deinit(&sim);
}

/* The path dies between DTLS and the peer's BIND: the call that opens then has to look for it. */
static void a_path_that_dies_while_binding_is_looked_for(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  sim_friends(&sim, 3, SOTTO_POLICY_WARN);
  a = sim_dial(&sim, ALICE, BOB, SOTTO_AUDIO);
  sim_run(&sim, SEC(3));
  b = sim.peer[BOB].incoming;
  assert_int_equal(core_call_accept(sim.peer[BOB].core, sim.now, b, SOTTO_AUDIO), SOTTO_OK);
  struct call *call = sim_inside(&sim, ALICE, a);
  for (int i = 0; i < 3000 && call->state != CALL_BINDING; i++)
    sim_run(&sim, MS(1));
  assert_int_equal(call->state, CALL_BINDING);
  sim.path_broken = true;
  core_ice_changed(sim.peer[ALICE].core, sim.now, a, CORE_ICE_FAILED, NULL);
  sim_run(&sim, SEC(2));
  assert_true(call->facts.bound);
  assert_int_equal(call->state, CALL_RECONNECTING);
  sim_deinit(&sim);
}

/* Glare that comes late: ours rings already when the other end, whose ID is lower, calls too. */
static void a_call_that_rings_gives_way_to_the_lower_ids_call(void **state) {
  (void)state;
  struct sim sim;
  sim_friends(&sim, 4, SOTTO_POLICY_WARN);
  bool alice_is_higher = memcmp(sim.peer[ALICE].trust->identity.ik, sim.peer[BOB].trust->identity.ik, KEY_SIZE) > 0;
  int high = alice_is_higher ? ALICE : BOB, low = !high;
  uint32_t ours = sim_dial(&sim, high, low, SOTTO_AUDIO);
  do
    sim_run(&sim, MS(10));
  while (sim_leg(&sim, high, ours)->state != SOTTO_CALL_RINGING);
  uint32_t theirs = sim_dial(&sim, low, high, SOTTO_AUDIO); /* the OFFER is on its way and has not rung yet */
  sim_run(&sim, SEC(5));
  uint32_t rang = sim.peer[low].incoming;
  assert_int_not_equal(rang, 0);
  assert_int_equal(sim_leg(&sim, high, ours)->state, SOTTO_CALL_OPEN);
  assert_int_equal(sim_leg(&sim, low, theirs)->state, SOTTO_CALL_OPEN);
  assert_int_equal(sim_leg(&sim, low, rang)->state, SOTTO_CALL_ENDED);
  assert_int_equal(sim_leg(&sim, low, rang)->reason, SOTTO_END_CANCELED);
  assert_int_equal(sim.peer[high].rings, 0);
  sim_deinit(&sim);
}

/* A21: the answer comes when the caller has given up. */
static void an_answer_after_the_end_is_nothing(void **state) {
  (void)state;
  struct sim sim;
  static struct sim_recorder recorder;
  recorder = (struct sim_recorder){.to = -1, .deaf = BOB};
  sim_friends(&sim, 52, SOTTO_POLICY_WARN);
  uint32_t a = sim_dial(&sim, ALICE, BOB, SOTTO_AUDIO);
  sim_run(&sim, SEC(2));
  uint32_t b = sim.peer[BOB].incoming;
  sim.filter = sim_record;
  sim.user = &recorder; /* he does not hear that she cancels */
  sim_run(&sim, SEC(60));
  assert_int_equal(sim_leg(&sim, ALICE, a)->reason, SOTTO_END_NO_ANSWER);
  assert_int_equal(core_call_accept(sim.peer[BOB].core, sim.now, b, SOTTO_AUDIO), SOTTO_OK);
  sim_run(&sim, SEC(30));
  assert_int_equal(sim_leg(&sim, ALICE, a)->state, SOTTO_CALL_ENDED);
  assert_int_equal(sim_leg(&sim, ALICE, a)->reason, SOTTO_END_NO_ANSWER);
  assert_int_equal(sim_leg(&sim, BOB, b)->reason, SOTTO_END_UNREACHABLE);
  assert_int_equal(sim_all_alarms(&sim, ALICE) + sim_all_alarms(&sim, BOB), 0);
  assert_int_equal(sim.datagrams, 0);
  sim_deinit(&sim);
}

/* A52: two days off there is no contact; set right there is; and a call goes on through both. */
static void a_clock_that_lies_makes_no_wrong_state(void **state) {
  (void)state;
  for (int days = -2; days <= 2; days += 4) {
    struct sim sim;
    uint32_t a, b;
    int64_t lie = SEC(INT64_C(86400)) * days;
    sim_friends(&sim, 56, SOTTO_POLICY_SAS_FIRST);
    core_set_wall_offset(sim.peer[ALICE].core, sim.wall + lie);
    a = sim_dial(&sim, ALICE, BOB, SOTTO_AUDIO);
    sim_run(&sim, SEC(31));
    assert_int_equal(sim_leg(&sim, ALICE, a)->reason, SOTTO_END_UNREACHABLE);
    assert_int_equal(sim.peer[BOB].rings, 0);
    core_set_wall_offset(sim.peer[ALICE].core, sim.wall);
    sim_run(&sim, SEC(2));
    sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
    core_set_wall_offset(sim.peer[ALICE].core, sim.wall + lie);
    sim_run(&sim, SEC(5));
    assert_int_equal(core_call_confirm(sim.peer[ALICE].core, sim.now, a, true), SOTTO_OK);
    assert_int_equal(core_call_confirm(sim.peer[BOB].core, sim.now, b, true), SOTTO_OK);
    sim_run(&sim, SEC(5));
    assert_int_equal(sim_leg(&sim, ALICE, a)->gate, SOTTO_GATE_OPEN);
    assert_int_equal(sim_leg(&sim, BOB, b)->gate, SOTTO_GATE_OPEN);
    assert_int_equal(sim_contact(&sim, BOB, ALICE)->state, SOTTO_TRUST_VERIFIED);
    core_call_hangup(sim.peer[ALICE].core, sim.now, a); /* by DTLS: her cells go to another day's mailbox */
    sim_run(&sim, SEC(1));
    assert_int_equal(sim_leg(&sim, BOB, b)->reason, SOTTO_END_HANGUP);
    assert_int_equal(sim_all_alarms(&sim, ALICE) + sim_all_alarms(&sim, BOB), 0);
    sim_deinit(&sim);
  }
}

static void accept_all(struct sim *sim) {
  for (int p = 0; p < sim->peers; p++)
    for (struct call *call = sim->peer[p].core->calls; call; call = call->next)
      if (call->state == CALL_RINGING)
        core_call_accept(sim->peer[p].core, sim->now, call->handle, SOTTO_AUDIO);
}

static struct call *partner_of(struct sim *sim, const struct call *call, int *count) {
  struct call *partner = NULL;
  *count = 0;
  for (int p = 0; p < sim->peers; p++)
    for (struct call *other = sim->peer[p].core->calls; other; other = other->next)
      if (other != call && other->state == CALL_OPEN && memcmp(other->call_id, call->call_id, CALL_ID_SIZE) == 0) {
        partner = other;
        ++*count;
      }
  return partner;
}

/* A54: four people, twenty calls at random times, among them both ways at once. */
static void twenty_calls_at_once_never_cross(void **state) {
  (void)state;
  struct sim sim;
  struct sim_options options = {.policy = SOTTO_POLICY_WARN};
  sim_init(&sim, 57, &options);
  static const char *const names[] = {"alice", "bob", "eve", "carol"};
  for (int p = 0; p < 4; p++)
    sim_add(&sim, names[p]);
  for (int p = 0; p < 4; p++)
    for (int q = p + 1; q < 4; q++)
      sim_introduce(&sim, p, q, 0);
  struct random random = {99};
  for (int i = 0; i < 20; i++) {
    int from = (int)random_below(&random, 4), to = (from + 1 + (int)random_below(&random, 3)) % 4;
    sim_dial(&sim, from, to, SOTTO_AUDIO);
    for (int k = 0; k < 10; k++) {
      sim_run(&sim, MS(1) + (usec)random_below(&random, 60000));
      accept_all(&sim);
    }
  }
  for (int k = 0; k < 80; k++) {
    sim_run(&sim, MS(50));
    accept_all(&sim);
  }
  int open = 0;
  for (int p = 0; p < 4; p++)
    for (struct call *call = sim.peer[p].core->calls; call; call = call->next) {
      sotto_stats stats = SOTTO_STATS_INIT;
      int partners;
      core_call_stats(sim.peer[p].core, sim.now, call->handle, &stats);
      assert_int_equal(stats.packets_auth_failed, 0);
      if (call->state != CALL_OPEN)
        continue;
      struct call *partner = partner_of(&sim, call, &partners);
      open++;
      assert_int_equal(partners, 1);
      assert_int_not_equal(call->outgoing, partner->outgoing);
      assert_memory_equal(call->leg[0]->channel.h, partner->leg[0]->channel.h, HASH_SIZE);
      assert_memory_equal(call->leg[0]->offer_hash, partner->leg[0]->offer_hash, HASH_SIZE);
      assert_memory_equal(call->answer_hash, partner->answer_hash, HASH_SIZE);
      assert_memory_equal(call->bind_ours.ekm, partner->bind_ours.ekm, HASH_SIZE);
      assert_memory_equal(call->theirs.fingerprint, partner->ours.fingerprint, HASH_SIZE);
      assert_memory_equal(call->leg[0]->channel.them.id, partner->leg[0]->channel.us.id, KEY_SIZE);
      assert_true(stats.audio.packets_received > 20);
      for (struct call *other = call->next; other; other = other->next)
        assert_memory_not_equal(call->bind_ours.ekm, other->bind_ours.ekm, HASH_SIZE);
    }
  assert_true(open >= 20);
  assert_int_equal(
      sim_all_alarms(&sim, 0) + sim_all_alarms(&sim, 1) + sim_all_alarms(&sim, 2) + sim_all_alarms(&sim, 3), 0);
  sim_deinit(&sim);
}

static bool all_zero(const void *data, size_t size) {
  const uint8_t *byte = data;
  uint8_t any = 0;
  for (size_t i = 0; i < size; i++)
    any |= byte[i];
  return any == 0;
}

/* I5: what an embedder still holds of a call that is over has no key in it. */
static void a_call_that_is_over_holds_no_secret(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  sim_friends(&sim, 60, SOTTO_POLICY_WARN);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  core_call_hangup(sim.peer[ALICE].core, sim.now, a);
  sim_run(&sim, SEC(1));
  for (int p = 0; p < 2; p++) {
    struct call *call = sim_inside(&sim, p, p == ALICE ? a : b);
    assert_true(call->gone);
    assert_null(call->certificate);
    assert_null(call->transport.dtls);
    assert_null(call->transport.srtp);
    assert_null(call->transport.session);
    assert_true(all_zero(&call->sas, sizeof call->sas));
    assert_int_equal(call->legs, 0); /* wiped and freed */
    assert_true(all_zero(call->bind_ours.ekm, HASH_SIZE) && all_zero(call->bind_theirs.ekm, HASH_SIZE));
    assert_true(all_zero(call->local.pwd, sizeof call->local.pwd));
    assert_true(all_zero(call->remote.pwd, sizeof call->remote.pwd));
  }
  sim_deinit(&sim);
}

UNIT_TESTS(test(a_dead_path_ends_the_call_whatever_happens_meanwhile),
           test(a_lost_path_does_not_prolong_the_unverified_minutes),
           test(a_path_that_dies_while_binding_is_looked_for),
           test(a_call_that_rings_gives_way_to_the_lower_ids_call), test(an_answer_after_the_end_is_nothing),
           test(a_clock_that_lies_makes_no_wrong_state), test(twenty_calls_at_once_never_cross),
           test(a_call_that_is_over_holds_no_secret))
