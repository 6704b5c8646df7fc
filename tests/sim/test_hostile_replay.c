/* test_hostile_replay.c - old or forged knocks and messages, at once, after a restart, in new cells (protocol B.3,
 * G). */
#include "inside.h"
#include "unit/unit.h"

enum { ALICE, BOB };

static bool only_knocks(void *user, int from, int to, uint8_t *message, size_t size) {
  int *left = user; /* cells that BOB may still get */
  (void)message;
  return !(from == SIM_SERVER && to == BOB && size == FRAME_CELL_SIZE && (*left)-- <= 0);
}

/* A36: the knock alone may be forged (with BOB's stolen key) or old: what it claims about rosters does nothing. */
static void a_knock_alone_changes_nothing_about_a_contact(void **state) {
  (void)state;
  struct sim sim;
  int left = 1;
  sim_friends(&sim, 30, SOTTO_POLICY_WARN);
  sim.peer[ALICE].trust->own.head.hash[0] ^= 1;
  sim.filter = only_knocks;
  sim.user = &left;
  sim_dial(&sim, ALICE, BOB, SOTTO_AUDIO);
  sim_run(&sim, SEC(5));
  assert_int_equal(core_count_calls(sim.peer[BOB].core), 1); /* it was answered by the device, and by nobody else */
  assert_int_equal(sim_contact(&sim, BOB, ALICE)->state, SOTTO_TRUST_TOFU);
  assert_int_equal(sim_all_alarms(&sim, BOB), 0);
  assert_int_equal(sim.peer[BOB].rings, 0);
  sim_deinit(&sim);
}

/* The same words from who is really there: a forked roster shuts the contact, tells the user, and does not ring. */
static void a_live_callers_forked_roster_shuts_the_contact_without_ringing(void **state) {
  (void)state;
  struct sim sim;
  sim_friends(&sim, 31, SOTTO_POLICY_WARN);
  sim.peer[ALICE].trust->own.head.hash[0] ^= 1;
  uint32_t a = sim_dial(&sim, ALICE, BOB, SOTTO_AUDIO);
  sim_run(&sim, SEC(5));
  struct contact *alice = sim_contact(&sim, BOB, ALICE);
  assert_int_equal(sim.peer[BOB].alarms[SOTTO_ALARM_ROSTER_FORK], 1);
  assert_int_equal(sim_all_alarms(&sim, BOB), 1);
  assert_int_equal(alice->state, SOTTO_TRUST_CHANGED);
  assert_int_equal(sim.peer[BOB].rings, 0);
  assert_false(
      sim.peer[BOB].leg[0].used); /* of a call that the embedder never heard of, it hears from the engine */
  sim_run(&sim, SEC(60));
  assert_int_equal(sim_leg(&sim, ALICE, a)->state, SOTTO_CALL_ENDED);
  assert_int_equal(sim.media_datagrams, 0);
  sim_deinit(&sim);
}

/* A store that was rolled back trusts a head again when somebody alive says so, not by an old knock. */
static void a_replayed_knock_confirms_no_roster(void **state) {
  (void)state;
  struct sim sim;
  int left = 1;
  sim_friends(&sim, 32, SOTTO_POLICY_WARN);
  struct contact *alice = sim_contact(&sim, BOB, ALICE);
  alice->head_unconfirmed = true;
  sim.filter = only_knocks;
  sim.user = &left;
  sim_dial(&sim, ALICE, BOB, SOTTO_AUDIO);
  sim_run(&sim, SEC(5));
  assert_true(alice->head_unconfirmed);
  sim.filter = NULL;
  sim_run(&sim, SEC(60));
  uint32_t a, b;
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  assert_false(alice->head_unconfirmed);
  sim_deinit(&sim);
}

/* The server makes the client forget which cells it has seen, and gives it an old one again. */
static void replay(struct sim *sim, int peer, const uint8_t *frame) {
  static uint8_t garbage[FRAME_CELL_SIZE];
  struct core *core = sim->peer[peer].core;
  memcpy(garbage, frame, sizeof garbage);
  for (int i = 0; i < CLIENT_NONCES; i++) {
    for (int k = 0; k < CELL_NONCE_SIZE; k++)
      garbage[1 + MAILBOX_SIZE + k] = (uint8_t)random_next(&sim->random);
    core_signaling_input(core, sim->now, garbage, sizeof garbage);
    sim_run(sim, MS(6)); /* what the client takes without closing the connection */
  }
  core_signaling_input(core, sim->now, frame, FRAME_CELL_SIZE);
  sim_run(sim, SEC(1));
}

/* Alice called Bob and hung up; the server kept what it gave to him. Returns his call. */
static uint32_t record_a_call(struct sim *sim, uint64_t seed, struct sim_recorder *recorder) {
  uint32_t a, b;
  *recorder = (struct sim_recorder){.to = BOB, .deaf = -1};
  sim_friends(sim, seed, SOTTO_POLICY_WARN);
  sim->filter = sim_record;
  sim->user = recorder;
  sim_call(sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  core_call_hangup(sim->peer[ALICE].core, sim->now, a);
  sim_run(sim, SEC(1));
  return b;
}

/* A18: the knock of a call that is over, to a callee that remembers it. */
static void an_old_knock_rings_nobody_and_is_told_once(void **state) {
  (void)state;
  struct sim sim;
  static struct sim_recorder recorder;
  uint32_t b = record_a_call(&sim, 40, &recorder);
  int rings = sim.peer[BOB].rings, kept = recorder.count;
  assert_true(kept >= 3);
  for (int i = 0; i < 3; i++) /* KNOCK, OFFER, CONFIRM */
    replay(&sim, BOB, recorder.frame[i]);
  replay(&sim, BOB, recorder.frame[0]);
  assert_int_equal(sim.peer[BOB].rings, rings);
  assert_int_equal(sim.peer[BOB].alarms[SOTTO_ALARM_REPLAY], 2); /* the knock, twice */
  assert_int_equal(sim_leg(&sim, BOB, b)->state, SOTTO_CALL_ENDED);
  assert_int_equal(sim_contact(&sim, BOB, ALICE)->state, SOTTO_TRUST_TOFU);
  sim_deinit(&sim);
}

/* A18 after a restart: it remembers nothing, its device answers once, and still nobody hears of it. */
static void an_old_knock_after_a_restart_is_answered_once_and_rings_nobody(void **state) {
  (void)state;
  struct sim sim;
  static struct sim_recorder recorder;
  record_a_call(&sim, 41, &recorder);
  sim_restart(&sim, BOB);
  sim.peer[BOB].rings = 0;
  sim_run(&sim, SEC(5)); /* the server's own memory of the last minute among it */
  uint64_t heard = client_counters(sim.peer[ALICE].core->client)->cells_received;
  for (int i = 0; i < recorder.count && i < 6; i++)
    core_signaling_input(sim.peer[BOB].core, sim.now, recorder.frame[i], FRAME_CELL_SIZE);
  sim_run(&sim, SEC(40));
  assert_int_equal(sim.peer[BOB].rings, 0);
  assert_int_equal(core_count_calls(sim.peer[BOB].core), 0);
  assert_int_equal(sim_all_alarms(&sim, BOB), 0); /* the old OFFER does not fit the new HELLO, and need not */
  assert_true(client_counters(sim.peer[ALICE].core->client)->cells_received - heard <= 1); /* one HELLO */
  assert_int_equal(sim_contact(&sim, BOB, ALICE)->state, SOTTO_TRUST_TOFU);
  sim_deinit(&sim);
}

/* The server shows a knock for a minute: to a process that has just begun, it is as good as new. */
static void an_old_knock_stops_no_call_of_ours(void **state) {
  (void)state;
  for (uint64_t seed = 44; seed < 48; seed++) {
    struct sim sim;
    sim_quiet_friends(&sim, seed, SOTTO_POLICY_WARN);
    for (int us = ALICE; us <= BOB; us++) { /* one of them has the higher ID, whose calls give way */
      uint32_t theirs = sim_ring(&sim, !us, us);
      core_call_hangup(sim.peer[!us].core, sim.now, theirs);
      sim_run(&sim, MS(500));
      sim_restart(&sim, us);
      uint32_t ours = sim_ring(&sim, us, !us);
      sim_accept(&sim, !us);
      assert_int_equal(sim_leg(&sim, us, ours)->state, SOTTO_CALL_OPEN);
      assert_int_equal(sim.peer[us].incoming, 0);
      assert_int_equal(sim_all_alarms(&sim, us), 0);
      core_call_hangup(sim.peer[us].core, sim.now, ours);
      sim_run(&sim, SEC(1));
    }
    sim_deinit(&sim);
  }
}

/* Knocks of a minute that the server shows at once take nothing from the one that lives. */
static void a_callee_that_begins_anew_for_each_call_rings_each_time(void **state) {
  (void)state;
  struct sim sim;
  sim_quiet_friends(&sim, 48, SOTTO_POLICY_WARN);
  for (int i = 0; i < 12; i++) {
    sim_restart(&sim, BOB);
    uint32_t a = sim_ring(&sim, ALICE, BOB);
    assert_int_not_equal(sim.peer[BOB].incoming, 0);
    assert_int_equal(core_count_calls(sim.peer[BOB].core), 1); /* of those that are over, nothing is left */
    core_call_hangup(sim.peer[ALICE].core, sim.now, a);
    sim_run(&sim, MS(500));
  }
  assert_int_equal(sim_all_alarms(&sim, BOB), 0);
  sim_deinit(&sim);
}

static void who_called_in_vain_rings_once_somebody_is_there(void **state) {
  (void)state;
  struct sim sim;
  static struct sim_recorder deaf = {.to = -1, .deaf = BOB};
  sim_quiet_friends(&sim, 49, SOTTO_POLICY_WARN);
  sim.filter = sim_record;
  sim.user = &deaf;
  for (int i = 0; i < 12; i++) {
    uint32_t a = sim_ring(&sim, ALICE, BOB);
    core_call_hangup(sim.peer[ALICE].core, sim.now, a);
  }
  sim.filter = NULL;
  sim_restart(&sim, BOB);
  sim_ring(&sim, ALICE, BOB);
  assert_int_not_equal(sim.peer[BOB].incoming, 0);
  assert_int_equal(sim.peer[BOB].rings, 1);
  sim_deinit(&sim);
}

/* A server (or contact) that has many old knocks makes no storm of them. */
static void a_storm_of_replays_is_one_alarm_in_ten_seconds(void **state) {
  (void)state;
  struct sim sim;
  sim_friends(&sim, 42, SOTTO_POLICY_WARN);
  sim_dial(&sim, ALICE, BOB, SOTTO_AUDIO);
  sim_run(&sim, SEC(2));
  struct core *alice = sim.peer[ALICE].core;
  struct channel *channel = &alice->calls->leg[0]->channel;
  struct cell_header header = {.type = CELL_KNOCK};
  struct mailbox mailbox;
  uint8_t body[100] = {7};
  mailbox_derive(&mailbox, channel->ps, channel->us.id, channel->them.id, channel->them.device,
                 mailbox_epoch(core_unix(alice, sim.now)));
  for (int i = 0; i < 60; i++) { /* the same ephemeral, sealed again and again */
    header.session[0] = (uint8_t)i;
    assert_true(post_message(alice->client, sim.now, &mailbox, &header, body, sizeof body));
    sim_run(&sim, MS(100));
  }
  assert_in_range(sim.peer[BOB].alarms[SOTTO_ALARM_REPLAY], 1, 2);
  assert_in_range(sim.peer[BOB].alarms[SOTTO_ALARM_AUTH_FAIL], 0, 1);
  sim_deinit(&sim);
}

/* The peer itself, or whoever has its pair secret, seals an old message into a new cell of another session. */
static void reseal(struct sim *sim, const uint8_t *frame, struct call *to, uint32_t n) {
  struct cell cell;
  struct mailbox mailbox;
  struct core *core = sim->peer[ALICE].core;
  const struct channel *channel = &to->leg[0]->channel;
  mailbox_derive(&mailbox, channel->ps, channel->us.id, channel->them.id, channel->them.device,
                 mailbox_epoch(core_unix(core, sim->now)));
  assert_true(cell_open(&cell, mailbox.key, frame + 1 + MAILBOX_SIZE));
  memcpy(cell.header.session, channel->session, SESSION_SIZE);
  cell.header.n = n;
  assert_true(post_message(core->client, sim->now, &mailbox, &cell.header, cell.body, cell.size));
  sim_run(sim, SEC(11)); /* past the rate limit of alarms */
}

/* A19: messages of another call and of this one, in new cells. */
static void old_messages_in_new_cells_change_nothing(void **state) {
  (void)state;
  struct sim sim;
  static struct sim_recorder first, second;
  first = second = (struct sim_recorder){.to = BOB, .deaf = -1};
  sim_friends(&sim, 43, SOTTO_POLICY_WARN);
  sim.filter = sim_record;
  sim.user = &first;
  uint32_t a, b;
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  core_call_hangup(sim.peer[ALICE].core, sim.now, a);
  sim_run(&sim, SEC(1));
  sim.user = &second;
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  sim.filter = NULL;
  struct call *alice = sim_inside(&sim, ALICE, a), *bob = sim_inside(&sim, BOB, b);
  uint32_t expected = bob->leg[0]->channel.expected;
  uint8_t fingerprint[HASH_SIZE];
  memcpy(fingerprint, bob->theirs.fingerprint, sizeof fingerprint);
  for (int i = 1; i < first.count; i++) /* OFFER, CONFIRM, ... HANGUP of the first call, as the next of this one */
    reseal(&sim, first.frame[i], alice, expected);
  assert_int_equal(sim.peer[BOB].alarms[SOTTO_ALARM_AUTH_FAIL], first.count - 1);
  assert_int_equal(sim_all_alarms(&sim, BOB), first.count - 1);
  for (int i = 1; i < second.count; i++) /* and of this call once more */
    reseal(&sim, second.frame[i], alice, (uint32_t)i - 1);
  assert_int_equal(sim.peer[BOB].alarms[SOTTO_ALARM_REPLAY], second.count - 1);
  assert_int_equal(sim.peer[BOB].alarms[SOTTO_ALARM_AUTH_FAIL], first.count - 1);
  assert_int_equal(sim_leg(&sim, BOB, b)->state, SOTTO_CALL_OPEN);
  assert_int_equal(sim_leg(&sim, BOB, b)->gate, SOTTO_GATE_OPEN);
  assert_int_equal(bob->leg[0]->channel.expected, expected);
  assert_memory_equal(fingerprint, bob->theirs.fingerprint, sizeof fingerprint);
  sim_deinit(&sim);
}

UNIT_TESTS(test(a_knock_alone_changes_nothing_about_a_contact),
           test(a_live_callers_forked_roster_shuts_the_contact_without_ringing),
           test(a_replayed_knock_confirms_no_roster), test(an_old_knock_rings_nobody_and_is_told_once),
           test(an_old_knock_after_a_restart_is_answered_once_and_rings_nobody),
           test(an_old_knock_stops_no_call_of_ours), test(a_callee_that_begins_anew_for_each_call_rings_each_time),
           test(who_called_in_vain_rings_once_somebody_is_there),
           test(a_storm_of_replays_is_one_alarm_in_ten_seconds), test(old_messages_in_new_cells_change_nothing))
