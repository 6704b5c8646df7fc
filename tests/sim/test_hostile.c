/* test_hostile.c - attacks of a server, a network and a contact (protocol G) on whole calls in simulated time. The
 * hostile contact is a peer whose call is made to say what the protocol does not allow it to say. */
#include "engine/call/call_parts.h"
#include "engine/core_parts.h"
#include "sim.h"
#include "unit/unit.h"

enum { ALICE, BOB, EVE, CAROL };

static void set_up(struct sim *sim, uint64_t seed, sotto_policy policy) {
  struct sim_options options = {.policy = policy};
  sim_init(sim, seed, &options);
  sim_add(sim, "alice");
  sim_add(sim, "bob");
  sim_introduce(sim, ALICE, BOB, 0);
}

static struct call *call_at(struct sim *sim, int peer, uint32_t handle) {
  struct call *call = core_find_call(sim->peer[peer].core, handle);
  assert_non_null(call);
  return call;
}

/* The hostile end's words, authenticated as its own. */
static void say(struct sim *sim, int peer, uint32_t handle, const struct message *message) {
  call_tell(call_at(sim, peer, handle), sim->now, message, NULL);
  sim_run(sim, MS(200));
}

static struct contact *contact_at(struct sim *sim, int peer, int who) {
  struct contact *contact = contacts_find(&sim->peer[peer].trust->contacts, sim->peer[who].trust->identity.ik);
  assert_non_null(contact);
  return contact;
}

static uint32_t dial(struct sim *sim, int from, int to, unsigned media) {
  sotto_id id;
  uint32_t call;
  sim_id(sim, to, &id);
  assert_int_equal(core_call_start(sim->peer[from].core, sim->now, &id, media, &call), SOTTO_OK);
  return call;
}

__attribute__((unused)) static int all_alarms(const struct sim *sim, int peer) {
  int count = 0;
  for (int i = 0; i < 32; i++)
    count += sim->peer[peer].alarms[i];
  return count;
}

/* ---- the state machine ---- */

/* A path that is gone stays gone, whatever makes the gate be asked again meanwhile. */
static void a_dead_path_ends_the_call_whatever_happens_meanwhile(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  sotto_id bob;
  set_up(&sim, 1, SOTTO_POLICY_WARN);
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
  set_up(&sim, 2, SOTTO_POLICY_SAS_FIRST);
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
  set_up(&sim, 3, SOTTO_POLICY_WARN);
  a = dial(&sim, ALICE, BOB, SOTTO_AUDIO);
  sim_run(&sim, SEC(3));
  b = sim.peer[BOB].incoming;
  assert_int_equal(core_call_accept(sim.peer[BOB].core, sim.now, b, SOTTO_AUDIO), SOTTO_OK);
  struct call *call = call_at(&sim, ALICE, a);
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
  set_up(&sim, 4, SOTTO_POLICY_WARN);
  bool alice_is_higher = memcmp(sim.peer[ALICE].trust->identity.ik, sim.peer[BOB].trust->identity.ik, KEY_SIZE) > 0;
  int high = alice_is_higher ? ALICE : BOB, low = !high;
  uint32_t ours = dial(&sim, high, low, SOTTO_AUDIO);
  sim_run(&sim, SEC(2));
  uint32_t rang = sim.peer[low].incoming;
  assert_int_not_equal(rang, 0);
  uint32_t theirs = dial(&sim, low, high, SOTTO_AUDIO);
  sim_run(&sim, SEC(5));
  assert_int_equal(sim_leg(&sim, high, ours)->state, SOTTO_CALL_OPEN);
  assert_int_equal(sim_leg(&sim, low, theirs)->state, SOTTO_CALL_OPEN);
  assert_int_equal(sim_leg(&sim, low, rang)->state, SOTTO_CALL_ENDED);
  assert_int_equal(sim_leg(&sim, low, rang)->reason, SOTTO_END_CANCELED);
  assert_int_equal(sim.peer[high].rings, 0);
  sim_deinit(&sim);
}

/* ---- words ---- */

static struct message sas_message(enum message_type type, uint8_t run) {
  struct message message = {.type = (uint8_t)type, .run = run, .result = RESULT_MATCH};
  memset(message.commitment, 0x5c, sizeof message.commitment);
  memset(message.random, 0x5a, sizeof message.random);
  return message;
}

/* Only a run that began counts against the three a day, so nobody can lock a contact's words by talk alone. */
static void what_begins_no_run_costs_no_run(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  set_up(&sim, 10, SOTTO_POLICY_SAS_FIRST);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  assert_true(sim_leg(&sim, ALICE, a)->have_sas && sim_leg(&sim, BOB, b)->have_sas);
  struct message request = {.type = MESSAGE_SAS_REQUEST}, commit = sas_message(MESSAGE_SAS_COMMIT, 2);
  for (int i = 0; i < 5; i++) {
    say(&sim, BOB, b, &request); /* while the words are on the screen */
    say(&sim, BOB, b, &commit);  /* and it is the caller who commits */
    say(&sim, ALICE, a, &commit);
  }
  assert_int_equal(core_call_compare(sim.peer[ALICE].core, sim.now, a), SOTTO_ERR_STATE);
  assert_int_equal(contact_at(&sim, ALICE, BOB)->sas_runs, 1);
  assert_int_equal(contact_at(&sim, BOB, ALICE)->sas_runs, 1);
  assert_int_equal(core_call_confirm(sim.peer[ALICE].core, sim.now, a, true), SOTTO_OK); /* the first words count */
  assert_int_equal(core_call_confirm(sim.peer[BOB].core, sim.now, b, true), SOTTO_OK);
  sim_run(&sim, SEC(1));
  assert_int_equal(sim_leg(&sim, ALICE, a)->gate, SOTTO_GATE_OPEN);
  assert_int_equal(sim_leg(&sim, BOB, b)->gate, SOTTO_GATE_OPEN);
  sim_deinit(&sim);
}

/* A peer that talks nonsense for ever is told about, but not for ever. */
static void a_flood_of_wrong_words_is_a_few_alarms(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  set_up(&sim, 11, SOTTO_POLICY_WARN);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  struct message reply = sas_message(MESSAGE_SAS_REPLY, 1);
  for (int i = 0; i < 200; i++) {
    call_tell(call_at(&sim, BOB, b), sim.now, &reply, NULL);
    sim_run(&sim, MS(50));
  }
  assert_in_range(sim.peer[ALICE].alarms[SOTTO_ALARM_SAS_COMMIT_BAD], 1, CALL_ALARMS_MAX);
  assert_int_equal(sim_leg(&sim, ALICE, a)->state, SOTTO_CALL_OPEN);
  sim_deinit(&sim);
}

UNIT_TESTS(test(a_dead_path_ends_the_call_whatever_happens_meanwhile),
           test(a_lost_path_does_not_prolong_the_unverified_minutes),
           test(a_path_that_dies_while_binding_is_looked_for),
           test(a_call_that_rings_gives_way_to_the_lower_ids_call), test(what_begins_no_run_costs_no_run),
           test(a_flood_of_wrong_words_is_a_few_alarms))
