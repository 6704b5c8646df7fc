/* test_hostile_contact.c - who fills tables, holds invites that are over or takes names that are taken (protocol
 * B.6, G). */
#include "inside.h"
#include "unit/unit.h"

enum { ALICE, BOB, EVE, CAROL };

/* A contact that never stops calling rings a few times, and keeps neither others out nor us in. */
static void a_contact_that_calls_and_calls_takes_no_place_of_others(void **state) {
  (void)state;
  struct sim sim;
  sim_friends(&sim, 20, SOTTO_POLICY_WARN);
  sim_add(&sim, "eve");
  sim_add(&sim, "carol");
  sim_introduce(&sim, BOB, EVE, 0);
  sim_introduce(&sim, BOB, CAROL, 0);
  for (int i = 0; i < 20; i++) {
    sim_dial(&sim, EVE, BOB, SOTTO_AUDIO);
    sim_run(&sim, MS(1200));
  }
  assert_int_equal(sim.peer[BOB].rings, UNANSWERED_MAX);
  assert_true(core_count_calls(sim.peer[BOB].core) <= UNANSWERED_MAX);
  uint32_t carol, bob;
  sim_call(&sim, CAROL, BOB, SOTTO_AUDIO, &carol, &bob);
  assert_int_equal(sim_leg(&sim, CAROL, carol)->state, SOTTO_CALL_OPEN);
  sim_deinit(&sim);
}

struct joiner { /* a hostile holder of an invite, who answers when it likes */
  struct first_contact contact;
  bool answered;
  uint8_t answer[CELL_SIZE];
};

static void hold_invite(struct sim *sim, int peer, struct joiner *joiner, const char *text) {
  struct invite invite;
  struct first_contact_env env = core_first_contact_env(sim->peer[peer].core);
  assert_int_equal(invite_parse(text, &invite), SOTTO_OK);
  assert_true(first_contact_join(&joiner->contact, &env, sim->now, &invite, "victim"));
}

/* Who holds one invite can spoil that one alone. */
static void one_invite_opened_often_blocks_no_other(void **state) {
  (void)state;
  struct sim sim;
  char to_eve[SOTTO_INVITE_TEXT_SIZE], to_carol[SOTTO_INVITE_TEXT_SIZE], from_bob[SOTTO_INVITE_TEXT_SIZE];
  static struct joiner joiner[INVITE_SESSIONS];
  sim_init(&sim, 21, NULL);
  sim_add(&sim, "alice");
  sim_add(&sim, "bob");
  sim_add(&sim, "eve");
  sim_add(&sim, "carol");
  sim_run(&sim, SEC(3));
  struct core *alice = sim.peer[ALICE].core;
  assert_int_equal(core_invite_create(alice, sim.now, "eve", 0, "", to_eve, sizeof to_eve), SOTTO_OK);
  assert_int_equal(core_invite_create(alice, sim.now, "carol", 0, "", to_carol, sizeof to_carol), SOTTO_OK);
  assert_int_equal(core_invite_create(sim.peer[BOB].core, sim.now, "alice", 0, "", from_bob, sizeof from_bob),
                   SOTTO_OK);
  for (int i = 0; i < INVITE_SESSIONS; i++)
    hold_invite(&sim, EVE, &joiner[i], to_eve);
  sim_run(&sim, SEC(2));
  assert_int_equal(core_invite_accept(alice, sim.now, "bob", from_bob), SOTTO_OK);
  assert_int_equal(core_invite_accept(sim.peer[CAROL].core, sim.now, "alice", to_carol), SOTTO_OK);
  sim_run(&sim, SEC(5));
  assert_int_equal(core_contacts(alice, NULL, 0), 2);
  assert_int_equal(core_contacts(sim.peer[CAROL].core, NULL, 0), 1);
  assert_int_equal(core_contacts(sim.peer[BOB].core, NULL, 0), 1);
  for (int i = 0; i < INVITE_SESSIONS; i++)
    first_contact_deinit(&joiner[i].contact);
  sim_deinit(&sim);
}

/* Keeps the inviter's answer from the wire. */
static bool keep_answer(void *user, int from, int to, uint8_t *message, size_t size) {
  struct joiner *joiner = user;
  if (from == SIM_SERVER && to == EVE && size == FRAME_CELL_SIZE &&
      memcmp(message + 1, joiner->contact.in.address, MAILBOX_SIZE) == 0) {
    memcpy(joiner->answer, message + 1 + MAILBOX_SIZE, CELL_SIZE);
    joiner->answered = true;
  }
  return true;
}

/* A handshake begun in time and finished after the invite has expired must not use up the next invite. */
static void a_late_joiner_neither_gets_in_nor_spends_the_next_invite(void **state) {
  (void)state;
  struct sim sim;
  char first[SOTTO_INVITE_TEXT_SIZE], second[SOTTO_INVITE_TEXT_SIZE];
  static struct joiner joiner;
  sim_friends(&sim, 22, SOTTO_POLICY_WARN);
  sim_add(&sim, "eve");
  sim_run(&sim, SEC(3));
  struct core *alice = sim.peer[ALICE].core;
  struct first_contact_env env = core_first_contact_env(sim.peer[EVE].core);
  assert_int_equal(core_invite_create(alice, sim.now, "eve", SOTTO_INVITE_IN_PERSON, "", first, sizeof first),
                   SOTTO_OK);
  sim_run(&sim, SEC(100));
  joiner.answered = false;
  hold_invite(&sim, EVE, &joiner, first);
  client_listen(sim.peer[EVE].core->client, sim.now, joiner.contact.in.read_token);
  sim.filter = keep_answer;
  sim.user = &joiner;
  sim_run(&sim, SEC(25)); /* it has expired */
  assert_true(joiner.answered);
  assert_int_equal(core_invite_create(alice, sim.now, "dora", 0, "", second, sizeof second), SOTTO_OK);
  struct cell cell;
  assert_true(cell_open(&cell, joiner.contact.in.key, joiner.answer));
  first_contact_cell(&joiner.contact, &env, sim.now, core_unix(sim.peer[EVE].core, sim.now), &cell);
  sim_run(&sim, SEC(5));
  assert_int_equal(core_contacts(alice, NULL, 0), 1); /* bob */
  assert_int_equal(core_invite_accept(sim.peer[EVE].core, sim.now, "alice", second), SOTTO_OK);
  sim_run(&sim, SEC(5));
  assert_int_equal(core_contacts(alice, NULL, 0), 2);
  first_contact_deinit(&joiner.contact);
  sim_deinit(&sim);
}

/* "In person" is two minutes old at most: a text that came from afar and says so for ever verifies nobody. */
static void an_invite_in_person_that_lives_for_ever_is_refused(void **state) {
  (void)state;
  struct sim sim;
  struct invite invite;
  char text[SOTTO_INVITE_TEXT_SIZE];
  sim_init(&sim, 23, NULL);
  sim_add(&sim, "alice");
  sim_add(&sim, "bob");
  sim_run(&sim, SEC(3));
  assert_int_equal(
      core_invite_create(sim.peer[ALICE].core, sim.now, "bob", SOTTO_INVITE_IN_PERSON, "", text, sizeof text),
      SOTTO_OK);
  assert_int_equal(invite_parse(text, &invite), SOTTO_OK);
  invite.expiry += 24 * 3600;
  assert_int_equal(invite_format(&invite, text, sizeof text), SOTTO_OK);
  assert_int_equal(core_invite_accept(sim.peer[BOB].core, sim.now, "alice", text), SOTTO_ERR_INVALID);
  sim_deinit(&sim);
}

/* Two invites accepted at once under one name would make two people of that name. */
static void a_name_under_way_is_taken(void **state) {
  (void)state;
  struct sim sim;
  char alice[SOTTO_INVITE_TEXT_SIZE], eve[SOTTO_INVITE_TEXT_SIZE];
  sim_friends(&sim, 24, SOTTO_POLICY_WARN);
  sim_add(&sim, "eve");
  sim_add(&sim, "carol");
  sim_run(&sim, SEC(3));
  assert_int_equal(core_invite_create(sim.peer[ALICE].core, sim.now, "carol", 0, "", alice, sizeof alice),
                   SOTTO_OK);
  assert_int_equal(core_invite_create(sim.peer[EVE].core, sim.now, "carol", 0, "", eve, sizeof eve), SOTTO_OK);
  assert_int_equal(core_invite_accept(sim.peer[CAROL].core, sim.now, "friend", alice), SOTTO_OK);
  assert_int_equal(core_invite_accept(sim.peer[CAROL].core, sim.now, "friend", eve), SOTTO_ERR_STATE);
  sim_run(&sim, SEC(5));
  assert_int_equal(core_contacts(sim.peer[CAROL].core, NULL, 0), 1);
  sim_deinit(&sim);
}

/* A live contact that greets with nonsense all day, and never rings. */
static void a_contact_that_never_rings_makes_no_storm_of_alarms(void **state) {
  (void)state;
  struct sim sim;
  sim_friends(&sim, 62, SOTTO_POLICY_WARN);
  sim.peer[ALICE].trust->own.head.seq = 7; /* devices that BOB has no statement of */
  for (int i = 0; i < 20; i++) {
    uint32_t a = sim_dial(&sim, ALICE, BOB, SOTTO_AUDIO);
    sim_run(&sim, MS(1000));
    core_call_forget(sim.peer[ALICE].core, sim.now, a);
    sim_run(&sim, MS(200));
  }
  assert_in_range(sim.peer[BOB].alarms[SOTTO_ALARM_ROSTER_CHANGED], 1, 3);
  assert_int_equal(sim.peer[BOB].rings, 0);
  assert_int_equal(sim_contact(&sim, BOB, ALICE)->state, SOTTO_TRUST_TOFU);
  sim_deinit(&sim);
}

UNIT_TESTS(test(a_contact_that_calls_and_calls_takes_no_place_of_others),
           test(one_invite_opened_often_blocks_no_other),
           test(a_late_joiner_neither_gets_in_nor_spends_the_next_invite),
           test(an_invite_in_person_that_lives_for_ever_is_refused), test(a_name_under_way_is_taken),
           test(a_contact_that_never_rings_makes_no_storm_of_alarms))
