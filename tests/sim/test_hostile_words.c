/* test_hostile_words.c - a contact that cheats, aborts or talks nonsense while two people compare words (protocol
 * C, G). */
#include "engine/trust/record.h"
#include "inside.h"
#include "unit/unit.h"

enum { ALICE, BOB };

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
  sim_friends(&sim, 10, SOTTO_POLICY_SAS_FIRST);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  assert_true(sim_leg(&sim, ALICE, a)->have_sas && sim_leg(&sim, BOB, b)->have_sas);
  struct message request = {.type = MESSAGE_SAS_REQUEST}, commit = sas_message(MESSAGE_SAS_COMMIT, 2);
  for (int i = 0; i < 5; i++) {
    sim_say(&sim, BOB, b, &request); /* while the words are on the screen */
    sim_say(&sim, BOB, b, &commit);  /* and it is the caller who commits */
    sim_say(&sim, ALICE, a, &commit);
  }
  assert_int_equal(core_call_compare(sim.peer[ALICE].core, sim.now, a), SOTTO_ERR_STATE);
  assert_int_equal(sim_contact(&sim, ALICE, BOB)->sas_runs, 0); /* the one that came to its words, neither */
  assert_int_equal(sim_contact(&sim, BOB, ALICE)->sas_runs, 0);
  assert_int_equal(core_call_confirm(sim.peer[ALICE].core, sim.now, a, true), SOTTO_OK); /* the first words count */
  assert_int_equal(core_call_confirm(sim.peer[BOB].core, sim.now, b, true), SOTTO_OK);
  sim_run(&sim, SEC(1));
  assert_int_equal(sim_leg(&sim, ALICE, a)->gate, SOTTO_GATE_OPEN);
  assert_int_equal(sim_leg(&sim, BOB, b)->gate, SOTTO_GATE_OPEN);
  sim_deinit(&sim);
}

/* Who calls somebody unverified all day has words to compare in every call. */
static void calls_that_come_to_their_words_lock_nobody_out(void **state) {
  (void)state;
  struct sim sim;
  sim_friends(&sim, 12, SOTTO_POLICY_SAS_FIRST);
  for (int i = 0; i < 2 * SAS_RUNS_PER_DAY; i++) {
    uint32_t a, b;
    int from = i % 2 ? BOB : ALICE;
    sim_call(&sim, from, !from, SOTTO_AUDIO, &a, &b);
    assert_true(sim_leg(&sim, from, a)->have_sas && sim_leg(&sim, !from, b)->have_sas);
    core_call_hangup(sim.peer[!from].core, sim.now, b);
    sim_run(&sim, SEC(5));
  }
  assert_int_equal(sim_all_alarms(&sim, ALICE) + sim_all_alarms(&sim, BOB), 0);
  sim_deinit(&sim);
}

/* Three runs that were given up are all for a day, also for a program that was started again since. */
static void the_lock_survives_a_restart(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  uint8_t record[RECORD_MAX];
  sim_friends(&sim, 13, SOTTO_POLICY_SAS_FIRST);
  for (int i = 0; i < SAS_RUNS_PER_DAY; i++)
    assert_true(contact_sas_begin(sim_contact(&sim, BOB, ALICE), core_unix(sim.peer[BOB].core, sim.now)));
  struct trust *loaded = trust_new_empty(); /* what the store keeps of her */
  assert_non_null(loaded);
  assert_int_equal(record_load(loaded, record, record_contact(record, sim_contact(&sim, BOB, ALICE))), SOTTO_OK);
  sim_contact(&sim, BOB, ALICE)->sas_runs = loaded->contacts.list[0]->sas_runs;
  sim_contact(&sim, BOB, ALICE)->sas_since = loaded->contacts.list[0]->sas_since;
  trust_free(loaded);
  sim_restart(&sim, BOB);
  sim_run(&sim, SEC(5));
  int aborted = sim.peer[ALICE].alarms[SOTTO_ALARM_SAS_ABORTED];
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  assert_false(sim_leg(&sim, ALICE, a)->have_sas || sim_leg(&sim, BOB, b)->have_sas);
  assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_SAS_ABORTED],
                   aborted + 1); /* she sees that it failed, once */
  sim_run(&sim, SEC(60));
  assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_SAS_ABORTED], aborted + 1);
  assert_int_equal(sim_contact(&sim, ALICE, BOB)->sas_runs, 1);
  assert_int_equal(sim_contact(&sim, BOB, ALICE)->state, SOTTO_TRUST_TOFU);
  sim_deinit(&sim);
}

/* A peer that talks nonsense for ever is told about, but not for ever. */
static void a_flood_of_wrong_words_is_a_few_alarms(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  sim_friends(&sim, 11, SOTTO_POLICY_WARN);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  struct message reply = sas_message(MESSAGE_SAS_REPLY, 1);
  for (int i = 0; i < 200; i++) {
    call_tell(sim_inside(&sim, BOB, b), sim.now, &reply, NULL);
    sim_run(&sim, MS(50));
  }
  assert_in_range(sim.peer[ALICE].alarms[SOTTO_ALARM_SAS_COMMIT_BAD], 1, CALL_ALARMS_MAX);
  assert_int_equal(sim_leg(&sim, ALICE, a)->state, SOTTO_CALL_OPEN);
  sim_deinit(&sim);
}

static void commitment_of(uint8_t out[HASH_SIZE], const struct call *call, uint8_t run, const uint8_t random[32]) {
  static const char label[] = "sotto/sas-commit/1";
  const struct bytes_view parts[] = {
      {label, sizeof label - 1}, {call->call_id, CALL_ID_SIZE}, {&run, 1}, {random, 32}};
  crypto_sha256(out, parts, 4);
}

/* A12, A11: an opening that is not of this commitment, not of this run, or before any; and three runs are all. */
static void a_wrong_opening_shows_no_words_and_three_runs_are_all(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  sim_friends(&sim, 50, SOTTO_POLICY_SAS_FIRST);
  contact_user_compared_number(sim_contact(&sim, ALICE, BOB), 1); /* so that her own core starts no run */
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  struct call *alice = sim_inside(&sim, ALICE, a);
  struct contact *contact = sim_contact(&sim, BOB, ALICE);
  int *bad = &sim.peer[BOB].alarms[SOTTO_ALARM_SAS_COMMIT_BAD];
  struct message open = sas_message(MESSAGE_SAS_OPEN, 1), commit = sas_message(MESSAGE_SAS_COMMIT, 1);
  sim_say(&sim, ALICE, a, &open); /* before any commitment */
  assert_int_equal(*bad, 1);
  assert_int_equal(contact->sas_runs, 0);
  sim_say(&sim, ALICE, a, &commit);
  sim_say(&sim, ALICE, a, &open);
  assert_int_equal(*bad, 2);
  commit.run = open.run = 2;
  commitment_of(commit.commitment, alice, 1, open.random); /* right, in the run before */
  sim_say(&sim, ALICE, a, &commit);
  sim_say(&sim, ALICE, a, &open);
  assert_int_equal(*bad, 3);
  commit.run = 3;
  sim_say(&sim, ALICE, a, &commit);
  sim_run(&sim, SEC(31)); /* never opened */
  assert_int_equal(sim.peer[BOB].alarms[SOTTO_ALARM_SAS_ABORTED], 1);
  commit.run = open.run = 4;
  commitment_of(commit.commitment, alice, 4, open.random);
  sim_say(&sim, ALICE, a, &commit); /* a right one, too late: today's runs are spent */
  sim_say(&sim, ALICE, a, &open);
  assert_false(sim_leg(&sim, BOB, b)->have_sas);
  assert_int_equal(core_call_confirm(sim.peer[BOB].core, sim.now, b, true), SOTTO_ERR_STATE);
  assert_int_equal(contact_sas_runs_left(contact, core_unix(sim.peer[BOB].core, sim.now)), 0);
  assert_int_equal(contact_sas_runs_left(contact, core_unix(sim.peer[BOB].core, sim.now) + 86401), 3);
  core_set_wall_offset(sim.peer[BOB].core,
                       sim.wall + SEC(INT64_C(86400)) * 2); /* a clock that jumps ends no lock */
  sim_say(&sim, ALICE, a, &commit);
  assert_false(sas_under_way(&sim_inside(&sim, BOB, b)->sas));
  assert_int_equal(contact->sas_runs, SAS_RUNS_PER_DAY);
  core_set_wall_offset(sim.peer[BOB].core, sim.wall);
  assert_int_equal(contact->state, SOTTO_TRUST_TOFU);
  assert_int_equal(sim_leg(&sim, BOB, b)->gate, SOTTO_GATE_SHUT);
  assert_int_equal(sim_inside(&sim, BOB, b)->transport.stats.gate_dropped_out, 0);
  sim_deinit(&sim);
}

/* A13: our commitment, or our own share, comes back as the peer's. */
static void a_reflected_share_or_commitment_shows_no_words(void **state) {
  (void)state;
  for (int round = 0; round < 2; round++) {
    struct sim sim;
    sim_friends(&sim, 51, SOTTO_POLICY_SAS_FIRST);
    uint32_t a = sim_dial(&sim, ALICE, BOB, SOTTO_AUDIO);
    sim_run(&sim, SEC(3));
    uint32_t b = sim.peer[BOB].incoming;
    assert_int_equal(core_call_accept(sim.peer[BOB].core, sim.now, b, SOTTO_AUDIO), SOTTO_OK);
    struct call *alice = sim_inside(&sim, ALICE, a), *bob = sim_inside(&sim, BOB, b);
    for (int i = 0; i < 3000 && !bob->facts.bound; i++)
      sim_run(&sim, MS(1));
    bob->sas_ready = false; /* his core answers no commitment by itself */
    sim_run(&sim, SEC(1));
    assert_true(sas_under_way(&alice->sas));
    struct message back = sas_message(round ? MESSAGE_SAS_REPLY : MESSAGE_SAS_COMMIT, 1);
    memcpy(back.commitment, alice->sas.commitment, sizeof back.commitment);
    memcpy(back.random, alice->sas.r_i, sizeof back.random);
    sim_say(&sim, BOB, b, &back);
    assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_SAS_COMMIT_BAD], 1);
    assert_int_equal(sim_all_alarms(&sim, ALICE), 1);
    assert_false(sim_leg(&sim, ALICE, a)->have_sas);
    assert_int_equal(sim_leg(&sim, ALICE, a)->gate, SOTTO_GATE_SHUT);
    assert_int_equal(sim_contact(&sim, ALICE, BOB)->state, SOTTO_TRUST_TOFU);
    assert_int_equal(sim_contact(&sim, ALICE, BOB)->sas_runs, 1);
    sim_deinit(&sim);
  }
}

/* The peer's user found them different: whatever run that was of, it is over. */
static void a_mismatch_of_the_peers_shuts_the_gate_at_any_time(void **state) {
  (void)state;
  for (int round = 0; round < 2; round++) {
    struct sim sim;
    uint32_t a, b;
    sim_friends(&sim, 61, SOTTO_POLICY_WARN);
    sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
    struct message result = sas_message(MESSAGE_SAS_RESULT, 1);
    result.result = RESULT_MATCH;
    sim_say(&sim, BOB, b, &result);
    assert_int_equal(sim_leg(&sim, ALICE, a)->gate, SOTTO_GATE_OPEN);
    result.result = RESULT_MISMATCH; /* of the same run, after all; of one that we gave up */
    if (round)
      sim_inside(&sim, ALICE, a)->sas.state = SAS_FAILED;
    sim_say(&sim, BOB, b, &result);
    assert_int_equal(sim_leg(&sim, ALICE, a)->state, SOTTO_CALL_ENDED);
    assert_int_equal(sim_leg(&sim, ALICE, a)->gate, SOTTO_GATE_SHUT);
    assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_SAS_MISMATCH], 1);
    assert_int_equal(sim_contact(&sim, ALICE, BOB)->state, SOTTO_TRUST_TOFU); /* shown, not adopted */
    sim_deinit(&sim);
  }
}

UNIT_TESTS(test(calls_that_come_to_their_words_lock_nobody_out), test(the_lock_survives_a_restart),
           test(what_begins_no_run_costs_no_run), test(a_flood_of_wrong_words_is_a_few_alarms),
           test(a_wrong_opening_shows_no_words_and_three_runs_are_all),
           test(a_reflected_share_or_commitment_shows_no_words),
           test(a_mismatch_of_the_peers_shuts_the_gate_at_any_time))
