/* test_rotation.c - an identity rotates its root key or ends: what contacts hear, believe and may do then. */
#include "inside.h"
#include "unit/unit.h"

enum { ALICE, BOB, PHONE };

/* What Alice has of Bob, by whatever name he goes now. */
static struct contact *bob_at_alice(struct sim *sim) {
  assert_int_equal(sim->peer[ALICE].trust->contacts.count, 1);
  return sim->peer[ALICE].trust->contacts.list[0];
}

static void rotate(struct sim *sim, int peer) {
  assert_int_equal(core_identity_rotate(sim->peer[peer].core, sim->now), SOTTO_OK);
}

static void verify(struct sim *sim, int who, int whom) {
  char number[SOTTO_SAFETY_NUMBER_SIZE];
  sotto_id id;
  sim_id(sim, whom, &id);
  assert_int_equal(core_safety_number(sim->peer[who].core, &id, number, sizeof number), SOTTO_OK);
  assert_int_equal(core_contact_verify_number(sim->peer[who].core, sim->now, &id, number), SOTTO_OK);
}

/* `who` asks `whom` for the number that they have now, and resets. */
static sotto_status reset(struct sim *sim, int who, struct contact *contact, int whom) {
  char number[SOTTO_SAFETY_NUMBER_SIZE];
  sotto_id old, theirs, ours;
  memcpy(old.bytes, contact->id, KEY_SIZE);
  sim_id(sim, who, &ours);
  sim_id(sim, whom, &theirs);
  assert_int_equal(core_safety_number(sim->peer[whom].core, &ours, number, sizeof number), SOTTO_OK);
  sotto_status status = core_contact_reset(sim->peer[who].core, sim->now, &old, number + strlen(number) - 7);
  if (!status)
    assert_memory_equal(contact->id, theirs.bytes, KEY_SIZE);
  return status;
}

static void assert_calls_open(struct sim *sim) {
  for (int from = ALICE; from <= BOB; from++) {
    uint32_t a, b;
    int to = from == ALICE ? BOB : ALICE;
    sim_call(sim, from, to, SOTTO_AUDIO, &a, &b);
    assert_int_equal(sim_leg(sim, from, a)->state, SOTTO_CALL_OPEN);
    core_call_hangup(sim->peer[from].core, sim->now, a);
    sim_run(sim, SEC(2));
  }
}

static void assert_no_calls(struct sim *sim) {
  sotto_id id;
  uint32_t call;
  int rings = sim->peer[ALICE].rings;
  memcpy(id.bytes, bob_at_alice(sim)->id, KEY_SIZE);
  assert_int_equal(core_call_start(sim->peer[ALICE].core, sim->now, &id, SOTTO_AUDIO, &call), SOTTO_ERR_TRUST);
  sim_id(sim, ALICE, &id);
  if (core_call_start(sim->peer[BOB].core, sim->now, &id, SOTTO_AUDIO, &call) == SOTTO_OK) {
    sim_run(sim, SEC(31));
    assert_int_equal(sim_leg(sim, BOB, call)->reason, SOTTO_END_UNREACHABLE);
  }
  assert_int_equal(sim->peer[ALICE].rings, rings);
}

static void a_contact_who_is_online_hears_is_shut_resets_and_verifies_anew(void **state) {
  (void)state;
  struct sim sim;
  char before[SOTTO_SAFETY_NUMBER_SIZE], after[SOTTO_SAFETY_NUMBER_SIZE], wrong[] = "000000";
  sotto_id alice, old, now;
  sim_quiet_friends(&sim, 1, SOTTO_POLICY_WARN);
  verify(&sim, ALICE, BOB);
  sim_id(&sim, ALICE, &alice);
  sim_id(&sim, BOB, &old);
  assert_int_equal(core_safety_number(sim.peer[BOB].core, &alice, before, sizeof before), SOTTO_OK);
  rotate(&sim, BOB);
  sim_id(&sim, BOB, &now);
  assert_memory_not_equal(now.bytes, old.bytes, KEY_SIZE);
  sim_run(&sim, SEC(3));
  assert_int_equal(sim.peer[BOB].identities, 1);
  assert_int_equal(sim.peer[BOB].told, 1);
  assert_int_equal(sim.peer[BOB].trust->statements, 0);
  assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_IDENTITY_CHANGED], 1);
  assert_int_equal(sim_all_alarms(&sim, ALICE), 1);
  assert_int_equal(sim_all_alarms(&sim, BOB), 0);
  assert_int_equal(bob_at_alice(&sim)->state, SOTTO_TRUST_CHANGED);
  assert_no_calls(&sim);
  assert_int_equal(core_safety_number(sim.peer[BOB].core, &alice, after, sizeof after), SOTTO_OK);
  assert_string_not_equal(before, after);
  wrong[5] = after[strlen(after) - 1] == '0' ? '1' : '0';
  assert_int_equal(core_contact_reset(sim.peer[ALICE].core, sim.now, &old, wrong), SOTTO_ERR_TRUST);
  assert_int_equal(reset(&sim, ALICE, bob_at_alice(&sim), BOB), SOTTO_OK);
  assert_int_equal(bob_at_alice(&sim)->state, SOTTO_TRUST_TOFU);
  assert_true(bob_at_alice(&sim)->require_verified);
  sim_run(&sim, SEC(2));
  sim_restart(&sim, ALICE); /* all of it is in the stores */
  sim_restart(&sim, BOB);
  sim_run(&sim, SEC(2));
  verify(&sim, ALICE, BOB);
  assert_calls_open(&sim);
  sim_deinit(&sim);
}

static bool drop_cells(void *user, int from, int to, uint8_t *message, size_t size) {
  (void)user, (void)from, (void)to, (void)message;
  return size != FRAME_PUT_SIZE;
}

/* The server keeps it from her, or she is not there: she keeps calling where he was, and hears it from him there.
 */
static void who_did_not_hear_is_told_when_it_looks_for_the_old_key(void **state) {
  (void)state;
  for (int knocks = 0; knocks < 2; knocks++) {
    struct sim sim;
    sim_quiet_friends(&sim, 2, SOTTO_POLICY_WARN);
    sim.filter = drop_cells;
    rotate(&sim, BOB);
    sim_run(&sim, SEC(5));
    sim_restart(&sim, BOB);
    sim_run(&sim, SEC(30));
    assert_int_equal(bob_at_alice(&sim)->state, SOTTO_TRUST_TOFU);
    assert_int_equal(sim.peer[BOB].told, 0);
    sim.filter = NULL;
    if (knocks) {
      sotto_id id;
      uint32_t call;
      memcpy(id.bytes, bob_at_alice(&sim)->id, KEY_SIZE);
      assert_int_equal(core_call_start(sim.peer[ALICE].core, sim.now, &id, SOTTO_AUDIO, &call), SOTTO_OK);
      sim_run(&sim, SEC(3));
      assert_int_equal(sim.peer[BOB].rings, 0); /* he does not answer as who he was */
    } else {
      sim_run(&sim, SEC(61)); /* a round a minute */
    }
    assert_int_equal(bob_at_alice(&sim)->state, SOTTO_TRUST_CHANGED);
    assert_int_equal(sim.peer[BOB].told, 1);
    assert_int_equal(reset(&sim, ALICE, bob_at_alice(&sim), BOB), SOTTO_OK);
    sim_run(&sim, SEC(1));
    assert_calls_open(&sim);
    sim_deinit(&sim);
  }
}

static bool keep_from_bob(void *user, int from, int to, uint8_t *message, size_t size) {
  (void)user, (void)from, (void)message;
  return to != BOB || !(size == FRAME_CELL_SIZE);
}

static void an_answer_that_is_withheld_is_asked_for_again_and_the_alarm_is_not(void **state) {
  (void)state;
  struct sim sim;
  sim_quiet_friends(&sim, 3, SOTTO_POLICY_WARN);
  sim.filter = keep_from_bob;
  rotate(&sim, BOB);
  sim_run(&sim, SEC(130));
  assert_int_equal(bob_at_alice(&sim)->state, SOTTO_TRUST_CHANGED);
  assert_int_equal(sim.peer[BOB].told, 0);
  sim.filter = NULL;
  sim_run(&sim, SEC(61));
  assert_int_equal(sim.peer[BOB].told, 1);
  assert_int_equal(sim_all_alarms(&sim, ALICE), 1);
  sim_deinit(&sim);
}

static void whoever_rotates_twice_is_followed_to_the_last_key(void **state) {
  (void)state;
  struct sim sim;
  sim_quiet_friends(&sim, 4, SOTTO_POLICY_WARN);
  sim.filter = drop_cells;
  rotate(&sim, BOB);
  sim_run(&sim, SEC(2));
  rotate(&sim, BOB);
  sim_run(&sim, SEC(2));
  sim.filter = NULL;
  sim_run(&sim, SEC(62));
  assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_IDENTITY_CHANGED], 2);
  assert_int_equal(sim.peer[BOB].told, 1);
  assert_int_equal(reset(&sim, ALICE, bob_at_alice(&sim), BOB), SOTTO_OK);
  sim_run(&sim, SEC(1));
  assert_calls_open(&sim);
  sim_deinit(&sim);
}

/* Each hears of the other's where it was before. */
static void two_who_rotate_at_once_find_each_other_again(void **state) {
  (void)state;
  struct sim sim;
  char number[SOTTO_SAFETY_NUMBER_SIZE];
  sotto_id old;
  sim_quiet_friends(&sim, 5, SOTTO_POLICY_WARN);
  rotate(&sim, ALICE);
  rotate(&sim, BOB);
  sim_run(&sim, SEC(5));
  for (int who = ALICE; who <= BOB; who++) {
    const struct contact *contact = sim.peer[who].trust->contacts.list[0];
    assert_int_equal(contact->state, SOTTO_TRUST_CHANGED);
    memcpy(old.bytes, contact->id, KEY_SIZE);
    assert_int_equal(core_safety_number(sim.peer[who].core, &old, number, sizeof number), SOTTO_OK);
    assert_int_equal(core_contact_reset(sim.peer[who].core, sim.now, &old, number + strlen(number) - 7), SOTTO_OK);
  }
  sim_run(&sim, SEC(2));
  assert_calls_open(&sim);
  sim_run(&sim, SEC(120));
  assert_int_equal(sim.peer[ALICE].trust->statements + sim.peer[BOB].trust->statements, 0); /* the calls told */
  assert_int_equal(bob_at_alice(&sim)->state, SOTTO_TRUST_TOFU);
  sim_deinit(&sim);
}

static void the_end_is_heard_by_all_and_nobody_comes_back(void **state) {
  (void)state;
  struct sim sim;
  char text[SOTTO_INVITE_TEXT_SIZE], code[SOTTO_DEVICE_TEXT_SIZE];
  uint32_t a, b;
  sim_quiet_friends(&sim, 6, SOTTO_POLICY_WARN);
  assert_int_equal(sim_add_device(&sim, BOB, "phone"), PHONE);
  memcpy(sim.peer[PHONE].trust->own_secret, sim.peer[BOB].trust->own_secret, KEY_SIZE); /* as a link does */
  sim_restart(&sim, PHONE);
  sim_run(&sim, SEC(3));
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  assert_int_equal(core_identity_rotate(sim.peer[BOB].core, sim.now), SOTTO_ERR_STATE);
  assert_int_equal(core_identity_end(sim.peer[PHONE].core, sim.now), SOTTO_ERR_STATE);
  assert_int_equal(core_identity_end(sim.peer[BOB].core, sim.now), SOTTO_OK);
  sim_run(&sim, SEC(3));
  assert_int_equal(sim_leg(&sim, BOB, b)->state, SOTTO_CALL_ENDED);
  assert_int_equal(sim_leg(&sim, ALICE, a)->state, SOTTO_CALL_ENDED);
  assert_int_equal(bob_at_alice(&sim)->state, SOTTO_TRUST_REVOKED);
  assert_int_equal(sim_all_alarms(&sim, ALICE), 1); /* of the phone */
  assert_int_equal(sim.peer[BOB].told, 1);
  assert_int_equal(sim.peer[PHONE].identities, 1);
  assert_true(trust_is_dead(sim.peer[PHONE].trust));
  assert_no_calls(&sim);
  for (int p = BOB; p <= PHONE; p++) {
    sotto_id alice;
    uint32_t call;
    sim_id(&sim, ALICE, &alice);
    sim_restart(&sim, p);
    sim_run(&sim, SEC(3));
    struct core *core = sim.peer[p].core;
    assert_int_equal(core_call_start(core, sim.now, &alice, SOTTO_AUDIO, &call), SOTTO_ERR_TRUST);
    assert_int_equal(core_invite_create(core, sim.now, "eve", 0, "", text, sizeof text), SOTTO_ERR_STATE);
    assert_int_equal(core_device_show(core, sim.now, code, sizeof code), SOTTO_ERR_STATE);
    assert_int_equal(core_identity_rotate(core, sim.now), SOTTO_ERR_STATE);
    assert_int_equal(core_identity_end(core, sim.now), SOTTO_ERR_STATE);
  }
  sotto_id bob;
  memcpy(bob.bytes, bob_at_alice(&sim)->id, KEY_SIZE);
  core_contact_block(sim.peer[ALICE].core, sim.now, &bob, true);
  core_contact_block(sim.peer[ALICE].core, sim.now, &bob, false);
  assert_int_equal(bob_at_alice(&sim)->state, SOTTO_TRUST_REVOKED);
  sim_deinit(&sim);
}

static void nothing_rotates_while_it_would_leave_somebody_behind(void **state) {
  (void)state;
  struct sim sim;
  char text[SOTTO_INVITE_TEXT_SIZE];
  sim_quiet_friends(&sim, 7, SOTTO_POLICY_WARN);
  uint32_t call = sim_dial(&sim, BOB, ALICE, SOTTO_AUDIO);
  assert_int_equal(core_identity_rotate(sim.peer[BOB].core, sim.now), SOTTO_ERR_STATE); /* a call */
  core_call_hangup(sim.peer[BOB].core, sim.now, call);
  core_call_forget(sim.peer[BOB].core, sim.now, call);
  sim_run(&sim, SEC(2));
  int carol = sim_add(&sim, "carol");
  sim_run(&sim, SEC(1));
  assert_int_equal(core_invite_create(sim.peer[carol].core, sim.now, "bob", 0, "", text, sizeof text), SOTTO_OK);
  sim.filter = drop_cells;
  assert_int_equal(core_invite_accept(sim.peer[BOB].core, sim.now, "carol", text), SOTTO_OK);
  assert_int_equal(core_identity_rotate(sim.peer[BOB].core, sim.now), SOTTO_ERR_STATE); /* a first contact */
  sim_run(&sim, SEC(65));
  sim.filter = NULL;
  int phone = sim_add_device(&sim, BOB, "phone");
  assert_int_equal(core_identity_rotate(sim.peer[BOB].core, sim.now), SOTTO_ERR_STATE); /* another device */
  sim_revoke(&sim, BOB, phone);
  rotate(&sim, BOB);
  sim_deinit(&sim);
}

/* ---- A31: what somebody who has the pair's secret, and not the root keys, can send ---- */

static void send(struct sim *sim, const struct statement *statement) {
  const struct identity *alice = &sim->peer[ALICE].trust->identity, *bob = &sim->peer[BOB].trust->identity;
  const struct message message = {
      .type = MESSAGE_STATEMENT, .roster = statement->bytes, .roster_size = statement->size};
  struct cell_header header = {.type = CELL_ROSTER};
  struct mailbox mailbox;
  uint8_t body[CELL_BODY_MAX];
  mailbox_derive(&mailbox, bob_at_alice(sim)->ps, bob->ik, alice->ik, alice->device.id,
                 mailbox_epoch(core_unix(sim->peer[ALICE].core, sim->now)));
  size_t size = message_encode(&message, body, sizeof body);
  assert_true(size && post_message(sim->peer[BOB].core->client, sim->now, &mailbox, &header, body, size));
  sim_drain(sim, BOB);
  sim_run(sim, SEC(11)); /* AUTH_FAIL is told once in ten seconds */
}

static void what_only_one_key_signed_changes_nothing(void **state) {
  (void)state;
  struct sim sim;
  struct identity thief, mixed;
  struct roster first;
  struct statement statement;
  sim_quiet_friends(&sim, 8, SOTTO_POLICY_WARN);
  const struct identity *bob = &sim.peer[BOB].trust->identity;
  identity_make(&thief);
  roster_first(&first, &thief, 1);
  mixed = *bob;
  memcpy(mixed.ik_secret, thief.ik_secret, sizeof mixed.ik_secret);
  statement_rotate(&statement, &mixed, &thief, &first); /* Bob's key did not sign */
  send(&sim, &statement);
  statement_tombstone(&statement, &mixed);
  send(&sim, &statement);
  mixed = thief;
  memcpy(mixed.ik_secret, bob->ik_secret, sizeof mixed.ik_secret);
  statement_rotate(&statement, bob, &mixed, &first); /* the successor did not: he is given somebody else's key */
  send(&sim, &statement);
  statement_rotate(&statement, &thief, bob, &sim.peer[BOB].trust->own); /* of a stranger */
  send(&sim, &statement);
  statement_tombstone(&statement, &thief);
  send(&sim, &statement);
  assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_AUTH_FAIL], 5);
  assert_int_equal(sim_all_alarms(&sim, ALICE), 5);
  assert_int_equal(bob_at_alice(&sim)->state, SOTTO_TRUST_TOFU);
  assert_null(bob_at_alice(&sim)->rotation);
  assert_calls_open(&sim);
  sim_deinit(&sim);
}

/* The owner and a thief of the root key: she takes neither, and hears the end. */
static void of_two_successors_she_takes_neither(void **state) {
  (void)state;
  struct sim sim;
  struct identity thief;
  struct roster first;
  struct statement statement, end;
  sim_quiet_friends(&sim, 9, SOTTO_POLICY_WARN);
  const struct identity bob = sim.peer[BOB].trust->identity;
  identity_make(&thief);
  roster_first(&first, &thief, 1);
  statement_rotate(&statement, &bob, &thief, &first);
  statement_tombstone(&end, &bob);
  send(&sim, &statement);
  rotate(&sim, BOB);
  sim_run(&sim, SEC(3));
  assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_IDENTITY_CHANGED], 2);
  assert_true(reset(&sim, ALICE, bob_at_alice(&sim), BOB) != SOTTO_OK);
  assert_int_equal(bob_at_alice(&sim)->state, SOTTO_TRUST_CHANGED);
  sim_deinit(&sim);
}

/* A thief of Bob's root key has named itself: he hears of it from the first contact that he speaks to. */
static void the_owner_hears_of_a_successor_that_is_not_his(void **state) {
  (void)state;
  struct sim sim;
  struct identity thief;
  struct roster first;
  struct statement statement;
  sim_quiet_friends(&sim, 11, SOTTO_POLICY_WARN);
  identity_make(&thief);
  roster_first(&first, &thief, 1);
  statement_rotate(&statement, &sim.peer[BOB].trust->identity, &thief, &first);
  send(&sim, &statement);
  assert_int_equal(bob_at_alice(&sim)->state, SOTTO_TRUST_CHANGED);
  int alarms = sim_all_alarms(&sim, BOB);
  assert_int_equal(sim.peer[BOB].alarms[SOTTO_ALARM_SELF_ROSTER_FORK], 0);
  assert_no_calls(&sim);
  assert_int_equal(sim.peer[BOB].alarms[SOTTO_ALARM_SELF_ROSTER_FORK], 1);
  assert_int_equal(sim_all_alarms(&sim, BOB), alarms + 1);
  assert_int_equal(core_identity_end(sim.peer[BOB].core, sim.now), SOTTO_OK);
  sim_run(&sim, SEC(3));
  assert_int_equal(bob_at_alice(&sim)->state, SOTTO_TRUST_REVOKED);
  sim_deinit(&sim);
}

/* The server brings the same cells again. */
static void what_is_replayed_tells_nobody_twice(void **state) {
  (void)state;
  struct sim sim;
  static struct sim_recorder recorder;
  recorder = (struct sim_recorder){.to = ALICE, .deaf = -1};
  sim_quiet_friends(&sim, 10, SOTTO_POLICY_WARN);
  sim.filter = sim_record;
  sim.user = &recorder;
  rotate(&sim, BOB);
  sim_run(&sim, SEC(3));
  sim.filter = NULL;
  assert_true(recorder.count > 0);
  for (int again = 0; again < 5; again++)
    for (int i = 0; i < recorder.count; i++) {
      core_signaling_input(sim.peer[ALICE].core, sim.now, recorder.frame[i], FRAME_CELL_SIZE);
      sim_drain(&sim, ALICE);
      sim_run(&sim, SEC(2));
    }
  assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_IDENTITY_CHANGED], 1);
  assert_int_equal(sim.peer[BOB].told, 1);
  assert_int_equal(sim_all_alarms(&sim, BOB), 0); /* nor is she heard twice */
  assert_int_equal(reset(&sim, ALICE, bob_at_alice(&sim), BOB), SOTTO_OK);
  int alarms = sim_all_alarms(&sim, ALICE);
  for (int i = 0; i < recorder.count; i++)
    core_signaling_input(sim.peer[ALICE].core, sim.now, recorder.frame[i], FRAME_CELL_SIZE);
  sim_drain(&sim, ALICE);
  sim_run(&sim, SEC(2));
  assert_int_equal(sim_all_alarms(&sim, ALICE), alarms);
  assert_int_equal(bob_at_alice(&sim)->state, SOTTO_TRUST_TOFU);
  assert_calls_open(&sim);
  sim_deinit(&sim);
}

UNIT_TESTS(test(a_contact_who_is_online_hears_is_shut_resets_and_verifies_anew),
           test(who_did_not_hear_is_told_when_it_looks_for_the_old_key),
           test(an_answer_that_is_withheld_is_asked_for_again_and_the_alarm_is_not),
           test(whoever_rotates_twice_is_followed_to_the_last_key),
           test(two_who_rotate_at_once_find_each_other_again), test(the_end_is_heard_by_all_and_nobody_comes_back),
           test(nothing_rotates_while_it_would_leave_somebody_behind),
           test(what_only_one_key_signed_changes_nothing), test(of_two_successors_she_takes_neither),
           test(the_owner_hears_of_a_successor_that_is_not_his), test(what_is_replayed_tells_nobody_twice))
