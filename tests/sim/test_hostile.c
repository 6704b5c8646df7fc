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

static int all_alarms(const struct sim *sim, int peer) {
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
  do
    sim_run(&sim, MS(10));
  while (sim_leg(&sim, high, ours)->state != SOTTO_CALL_RINGING);
  uint32_t theirs = dial(&sim, low, high, SOTTO_AUDIO); /* the OFFER is on its way and has not rung yet */
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

/* ---- tables that a contact, or whoever holds an invite, would fill ---- */

/* A contact that never stops calling rings a few times, and keeps neither others out nor us in. */
static void a_contact_that_calls_and_calls_takes_no_place_of_others(void **state) {
  (void)state;
  struct sim sim;
  set_up(&sim, 20, SOTTO_POLICY_WARN);
  sim_add(&sim, "eve");
  sim_add(&sim, "carol");
  sim_introduce(&sim, BOB, EVE, 0);
  sim_introduce(&sim, BOB, CAROL, 0);
  for (int i = 0; i < 20; i++) {
    dial(&sim, EVE, BOB, SOTTO_AUDIO);
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
  set_up(&sim, 22, SOTTO_POLICY_WARN);
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
  set_up(&sim, 24, SOTTO_POLICY_WARN);
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

/* ---- knocks ---- */

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
  set_up(&sim, 30, SOTTO_POLICY_WARN);
  sim.peer[ALICE].trust->own.head.hash[0] ^= 1;
  sim.filter = only_knocks;
  sim.user = &left;
  dial(&sim, ALICE, BOB, SOTTO_AUDIO);
  sim_run(&sim, SEC(5));
  assert_int_equal(core_count_calls(sim.peer[BOB].core), 1); /* it was answered by the device, and by nobody else */
  assert_int_equal(contact_at(&sim, BOB, ALICE)->state, SOTTO_TRUST_TOFU);
  assert_int_equal(all_alarms(&sim, BOB), 0);
  assert_int_equal(sim.peer[BOB].rings, 0);
  sim_deinit(&sim);
}

/* The same words from who is really there: a forked roster shuts the contact, tells the user, and does not ring. */
static void a_live_callers_forked_roster_shuts_the_contact_without_ringing(void **state) {
  (void)state;
  struct sim sim;
  set_up(&sim, 31, SOTTO_POLICY_WARN);
  sim.peer[ALICE].trust->own.head.hash[0] ^= 1;
  uint32_t a = dial(&sim, ALICE, BOB, SOTTO_AUDIO);
  sim_run(&sim, SEC(5));
  struct contact *alice = contact_at(&sim, BOB, ALICE);
  assert_int_equal(sim.peer[BOB].alarms[SOTTO_ALARM_ROSTER_FORK], 1);
  assert_int_equal(all_alarms(&sim, BOB), 1);
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
  set_up(&sim, 32, SOTTO_POLICY_WARN);
  struct contact *alice = contact_at(&sim, BOB, ALICE);
  alice->head_unconfirmed = true;
  sim.filter = only_knocks;
  sim.user = &left;
  dial(&sim, ALICE, BOB, SOTTO_AUDIO);
  sim_run(&sim, SEC(5));
  assert_true(alice->head_unconfirmed);
  sim.filter = NULL;
  sim_run(&sim, SEC(60));
  uint32_t a, b;
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  assert_false(alice->head_unconfirmed);
  sim_deinit(&sim);
}

/* ---- messages that are the peer's, and out of place ---- */

static struct message candidates_message(int count, uint8_t generation, const uint8_t address[4]) {
  struct message message = {.type = MESSAGE_CAND, .generation = generation, .candidates = count};
  for (int i = 0; i < count; i++) {
    message.candidate[i] = (struct candidate){.type = CANDIDATE_HOST,
                                              .transport = CANDIDATE_UDP,
                                              .family = 4,
                                              .port = (uint16_t)(1000 + i),
                                              .priority = 1,
                                              .foundation = "1"};
    memcpy(message.candidate[i].address, address, 4);
  }
  return message;
}

static const uint8_t global[4] = {11, 1, 1, 1};

static void nothing_is_taken_before_both_descriptions_are(void **state) {
  (void)state;
  struct sim sim;
  struct message candidates = candidates_message(3, 0, global);
  struct message media = {.type = MESSAGE_MEDIA, .generation = 1, .media = MEDIA_VIDEO};
  set_up(&sim, 33, SOTTO_POLICY_WARN);
  uint32_t a = dial(&sim, ALICE, BOB, SOTTO_AUDIO);
  sim_run(&sim, SEC(2));
  uint32_t b = sim.peer[BOB].incoming;
  say(&sim, BOB, b, &candidates);
  say(&sim, BOB, b, &media);
  say(&sim, ALICE, a, &candidates);
  say(&sim, ALICE, a, &media);
  assert_int_equal(call_at(&sim, ALICE, a)->remote.candidates, 0);
  assert_int_equal(call_at(&sim, BOB, b)->remote.candidates, 0);
  assert_int_equal(sim_leg(&sim, ALICE, a)->remote_candidates, 0);
  assert_int_equal(call_at(&sim, BOB, b)->peer_media, SOTTO_AUDIO);
  assert_int_equal(call_at(&sim, ALICE, a)->peer_media, 0);
  sim_deinit(&sim);
}

/* A28: one generation at a time, each answered by our own; a flood restarts our agent as often as it is answered.
 */
static void a_restart_counts_once_and_in_order(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  struct message restart = {.type = MESSAGE_RESTART, .ufrag = "evil", .pwd = "0123456789012345678901"};
  set_up(&sim, 34, SOTTO_POLICY_WARN);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  struct call *alice = call_at(&sim, ALICE, a);
  restart.generation = 2; /* one is left out */
  say(&sim, BOB, b, &restart);
  restart.generation = 0; /* the one in use */
  say(&sim, BOB, b, &restart);
  assert_int_equal(alice->remote.generation, 0);
  assert_string_not_equal(alice->remote.ufrag, "evil");
  int generations = sim_leg(&sim, ALICE, a)->generation;
  for (int i = 1; i <= 30; i++) { /* all at once: our agent is not asked again before it has answered */
    restart.generation = (uint8_t)i;
    call_tell(call_at(&sim, BOB, b), sim.now, &restart, NULL);
  }
  sim_run(&sim, SEC(1));
  assert_int_equal(alice->remote.generation, 1);
  assert_int_equal(alice->local.generation, 1);
  assert_int_equal(sim_leg(&sim, ALICE, a)->generation, generations + 1);
  assert_int_equal(all_alarms(&sim, ALICE), 0);
  assert_int_equal(alice->state, CALL_OPEN); /* DTLS, SRTP and the words are as they were */
  assert_int_equal(alice->transport.associations, 1);
  sim_deinit(&sim);
}

/* A29: a new fingerprint or role in mid-call. */
static void a_late_fingerprint_ends_the_call(void **state) {
  (void)state;
  for (int round = 0; round < 3; round++) {
    struct sim sim;
    uint32_t a, b;
    set_up(&sim, 35, SOTTO_POLICY_WARN);
    sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
    struct call *bob = call_at(&sim, BOB, b), *alice = call_at(&sim, ALICE, a);
    struct message answer = {.type = MESSAGE_ANSWER,
                             .setup = round == 2 ? SETUP_PASSIVE : SETUP_ACTIVE,
                             .profiles = 1,
                             .profile_list = {SRTP_PROFILE_AES_256_GCM},
                             .media = MEDIA_AUDIO,
                             .audio_ssrc = 1,
                             .video_ssrc = 2,
                             .ufrag = "evil",
                             .pwd = "0123456789012345678901",
                             .cname = "cnamecnamecnamec"};
    memcpy(answer.call_id, bob->call_id, sizeof answer.call_id);
    memcpy(answer.offer_hash, bob->leg[0]->offer_hash, sizeof answer.offer_hash);
    memcpy(answer.handshake, bob->leg[0]->channel.h, sizeof answer.handshake);
    memcpy(answer.fingerprint, bob->ours.fingerprint, sizeof answer.fingerprint);
    answer.fingerprint[5] ^= round == 1;
    uint8_t before[HASH_SIZE];
    memcpy(before, alice->theirs.fingerprint, sizeof before);
    say(&sim, BOB, b, &answer);
    struct sim_leg *leg = sim_leg(&sim, ALICE, a);
    if (round == 0) { /* A20: the same once more is nothing */
      assert_int_equal(leg->state, SOTTO_CALL_OPEN);
      assert_int_equal(leg->gate, SOTTO_GATE_OPEN);
      assert_int_equal(all_alarms(&sim, ALICE), 0);
      assert_memory_equal(before, alice->theirs.fingerprint, sizeof before);
      assert_string_not_equal(alice->remote.ufrag, "evil");
    } else {
      assert_int_equal(leg->state, SOTTO_CALL_ENDED);
      assert_int_equal(leg->reason, SOTTO_END_SECURITY);
      assert_int_equal(leg->gate, SOTTO_GATE_SHUT);
      assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_FP_CHANGED], 1);
      assert_int_equal(all_alarms(&sim, ALICE), 1);
    }
    sim_deinit(&sim);
  }
}

/* ---- replays ---- */

enum { KEPT = 40 };

struct recorder { /* the server's memory: the cells it gave to `to`; and what it holds back from `deaf` */
  int to, deaf, count;
  uint8_t frame[KEPT][FRAME_CELL_SIZE];
};

static bool record(void *user, int from, int to, uint8_t *message, size_t size) {
  struct recorder *recorder = user;
  bool cell = from == SIM_SERVER && size == FRAME_CELL_SIZE;
  if (cell && to == recorder->to && recorder->count < KEPT)
    memcpy(recorder->frame[recorder->count++], message, size);
  return !(cell && to == recorder->deaf);
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

/* A18: the knock of a call that is over, to a callee that remembers it. */
static void an_old_knock_rings_nobody_and_is_told_once(void **state) {
  (void)state;
  struct sim sim;
  static struct recorder recorder;
  recorder = (struct recorder){.to = BOB, .deaf = -1};
  set_up(&sim, 40, SOTTO_POLICY_WARN);
  sim.filter = record;
  sim.user = &recorder;
  uint32_t a, b;
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  core_call_hangup(sim.peer[ALICE].core, sim.now, a);
  sim_run(&sim, SEC(1));
  int rings = sim.peer[BOB].rings, kept = recorder.count;
  assert_true(kept >= 3);
  for (int i = 0; i < 3; i++) /* KNOCK, OFFER, CONFIRM */
    replay(&sim, BOB, recorder.frame[i]);
  replay(&sim, BOB, recorder.frame[0]);
  assert_int_equal(sim.peer[BOB].rings, rings);
  assert_int_equal(sim.peer[BOB].alarms[SOTTO_ALARM_REPLAY], 2); /* the knock, twice */
  assert_int_equal(sim_leg(&sim, BOB, b)->state, SOTTO_CALL_ENDED);
  assert_int_equal(contact_at(&sim, BOB, ALICE)->state, SOTTO_TRUST_TOFU);
  sim_deinit(&sim);
}

/* A18 after a restart: it remembers nothing, its device answers once, and still nobody hears of it. */
static void an_old_knock_after_a_restart_is_answered_once_and_rings_nobody(void **state) {
  (void)state;
  struct sim sim;
  static struct recorder recorder;
  recorder = (struct recorder){.to = BOB, .deaf = -1};
  set_up(&sim, 41, SOTTO_POLICY_WARN);
  sim.filter = record;
  sim.user = &recorder;
  uint32_t a, b;
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  core_call_hangup(sim.peer[ALICE].core, sim.now, a);
  sim_run(&sim, SEC(1));
  sim_restart(&sim, BOB);
  sim.peer[BOB].rings = 0;
  sim_run(&sim, SEC(5)); /* the server's own memory of the last minute among it */
  uint64_t heard = client_counters(sim.peer[ALICE].core->client)->cells_received;
  for (int i = 0; i < recorder.count && i < 6; i++)
    core_signaling_input(sim.peer[BOB].core, sim.now, recorder.frame[i], FRAME_CELL_SIZE);
  sim_run(&sim, SEC(40));
  assert_int_equal(sim.peer[BOB].rings, 0);
  assert_int_equal(core_count_calls(sim.peer[BOB].core), 0);
  assert_int_equal(sim.peer[BOB].alarms[SOTTO_ALARM_AUTH_FAIL], 1); /* the old OFFER does not fit the new HELLO */
  assert_int_equal(all_alarms(&sim, BOB), 1);
  assert_true(client_counters(sim.peer[ALICE].core->client)->cells_received - heard <= 1); /* one HELLO */
  assert_int_equal(contact_at(&sim, BOB, ALICE)->state, SOTTO_TRUST_TOFU);
  sim_deinit(&sim);
}

/* A server (or contact) that has many old knocks makes no storm of them. */
static void a_storm_of_replays_is_one_alarm_in_ten_seconds(void **state) {
  (void)state;
  struct sim sim;
  set_up(&sim, 42, SOTTO_POLICY_WARN);
  dial(&sim, ALICE, BOB, SOTTO_AUDIO);
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
  static struct recorder first, second;
  first = second = (struct recorder){.to = BOB, .deaf = -1};
  set_up(&sim, 43, SOTTO_POLICY_WARN);
  sim.filter = record;
  sim.user = &first;
  uint32_t a, b;
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  core_call_hangup(sim.peer[ALICE].core, sim.now, a);
  sim_run(&sim, SEC(1));
  sim.user = &second;
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  sim.filter = NULL;
  struct call *alice = call_at(&sim, ALICE, a), *bob = call_at(&sim, BOB, b);
  uint32_t expected = bob->leg[0]->channel.expected;
  uint8_t fingerprint[HASH_SIZE];
  memcpy(fingerprint, bob->theirs.fingerprint, sizeof fingerprint);
  for (int i = 1; i < first.count; i++) /* OFFER, CONFIRM, ... HANGUP of the first call, as the next of this one */
    reseal(&sim, first.frame[i], alice, expected);
  assert_int_equal(sim.peer[BOB].alarms[SOTTO_ALARM_AUTH_FAIL], first.count - 1);
  assert_int_equal(all_alarms(&sim, BOB), first.count - 1);
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

/* ---- words, once more: commitments ---- */

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
  set_up(&sim, 50, SOTTO_POLICY_SAS_FIRST);
  contact_user_compared_number(contact_at(&sim, ALICE, BOB), 1); /* so that her own core starts no run */
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  struct call *alice = call_at(&sim, ALICE, a);
  struct contact *contact = contact_at(&sim, BOB, ALICE);
  int *bad = &sim.peer[BOB].alarms[SOTTO_ALARM_SAS_COMMIT_BAD];
  struct message open = sas_message(MESSAGE_SAS_OPEN, 1), commit = sas_message(MESSAGE_SAS_COMMIT, 1);
  say(&sim, ALICE, a, &open); /* before any commitment */
  assert_int_equal(*bad, 1);
  assert_int_equal(contact->sas_runs, 0);
  say(&sim, ALICE, a, &commit);
  say(&sim, ALICE, a, &open);
  assert_int_equal(*bad, 2);
  commit.run = open.run = 2;
  commitment_of(commit.commitment, alice, 1, open.random); /* right, in the run before */
  say(&sim, ALICE, a, &commit);
  say(&sim, ALICE, a, &open);
  assert_int_equal(*bad, 3);
  commit.run = 3;
  say(&sim, ALICE, a, &commit);
  sim_run(&sim, SEC(31)); /* never opened */
  assert_int_equal(sim.peer[BOB].alarms[SOTTO_ALARM_SAS_ABORTED], 1);
  commit.run = open.run = 4;
  commitment_of(commit.commitment, alice, 4, open.random);
  say(&sim, ALICE, a, &commit); /* a right one, too late: today's runs are spent */
  say(&sim, ALICE, a, &open);
  assert_false(sim_leg(&sim, BOB, b)->have_sas);
  assert_int_equal(core_call_confirm(sim.peer[BOB].core, sim.now, b, true), SOTTO_ERR_STATE);
  assert_int_equal(contact_sas_runs_left(contact, core_unix(sim.peer[BOB].core, sim.now)), 0);
  assert_int_equal(contact_sas_runs_left(contact, core_unix(sim.peer[BOB].core, sim.now) + 86401), 3);
  assert_int_equal(contact->state, SOTTO_TRUST_TOFU);
  assert_int_equal(sim_leg(&sim, BOB, b)->gate, SOTTO_GATE_SHUT);
  assert_int_equal(call_at(&sim, BOB, b)->transport.stats.gate_dropped_out, 0);
  sim_deinit(&sim);
}

/* A13: our commitment, or our own share, comes back as the peer's. */
static void a_reflected_share_or_commitment_shows_no_words(void **state) {
  (void)state;
  for (int round = 0; round < 2; round++) {
    struct sim sim;
    set_up(&sim, 51, SOTTO_POLICY_SAS_FIRST);
    uint32_t a = dial(&sim, ALICE, BOB, SOTTO_AUDIO);
    sim_run(&sim, SEC(3));
    uint32_t b = sim.peer[BOB].incoming;
    assert_int_equal(core_call_accept(sim.peer[BOB].core, sim.now, b, SOTTO_AUDIO), SOTTO_OK);
    struct call *alice = call_at(&sim, ALICE, a), *bob = call_at(&sim, BOB, b);
    for (int i = 0; i < 3000 && !bob->facts.bound; i++)
      sim_run(&sim, MS(1));
    bob->sas_ready = false; /* his core answers no commitment by itself */
    sim_run(&sim, SEC(1));
    assert_true(sas_under_way(&alice->sas));
    struct message back = sas_message(round ? MESSAGE_SAS_REPLY : MESSAGE_SAS_COMMIT, 1);
    memcpy(back.commitment, alice->sas.commitment, sizeof back.commitment);
    memcpy(back.random, alice->sas.r_i, sizeof back.random);
    say(&sim, BOB, b, &back);
    assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_SAS_COMMIT_BAD], 1);
    assert_int_equal(all_alarms(&sim, ALICE), 1);
    assert_false(sim_leg(&sim, ALICE, a)->have_sas);
    assert_int_equal(sim_leg(&sim, ALICE, a)->gate, SOTTO_GATE_SHUT);
    assert_int_equal(contact_at(&sim, ALICE, BOB)->state, SOTTO_TRUST_TOFU);
    assert_int_equal(contact_at(&sim, ALICE, BOB)->sas_runs, 1);
    sim_deinit(&sim);
  }
}

/* ---- set-up ---- */

/* A21: the answer comes when the caller has given up. */
static void an_answer_after_the_end_is_nothing(void **state) {
  (void)state;
  struct sim sim;
  static struct recorder recorder;
  recorder = (struct recorder){.to = -1, .deaf = BOB};
  set_up(&sim, 52, SOTTO_POLICY_WARN);
  uint32_t a = dial(&sim, ALICE, BOB, SOTTO_AUDIO);
  sim_run(&sim, SEC(2));
  uint32_t b = sim.peer[BOB].incoming;
  sim.filter = record;
  sim.user = &recorder; /* he does not hear that she cancels */
  sim_run(&sim, SEC(60));
  assert_int_equal(sim_leg(&sim, ALICE, a)->reason, SOTTO_END_NO_ANSWER);
  assert_int_equal(core_call_accept(sim.peer[BOB].core, sim.now, b, SOTTO_AUDIO), SOTTO_OK);
  sim_run(&sim, SEC(30));
  assert_int_equal(sim_leg(&sim, ALICE, a)->state, SOTTO_CALL_ENDED);
  assert_int_equal(sim_leg(&sim, ALICE, a)->reason, SOTTO_END_NO_ANSWER);
  assert_int_equal(sim_leg(&sim, BOB, b)->reason, SOTTO_END_UNREACHABLE);
  assert_int_equal(all_alarms(&sim, ALICE) + all_alarms(&sim, BOB), 0);
  assert_int_equal(sim.datagrams, 0);
  sim_deinit(&sim);
}

/* A24: the HELLO of another call, a version that is none, and an OFFER under another handshake. */
static void an_old_or_another_handshake_makes_no_call(void **state) {
  (void)state;
  for (int round = 0; round < 3; round++) {
    struct sim sim;
    set_up(&sim, 53, SOTTO_POLICY_WARN);
    struct core *alice_core = sim.peer[ALICE].core, *bob_core = sim.peer[BOB].core;
    static struct recorder recorder;
    recorder = (struct recorder){.to = ALICE, .deaf = -1};
    sim.filter = record;
    sim.user = &recorder;
    if (round == 0) {
      uint32_t first = dial(&sim, ALICE, BOB, SOTTO_AUDIO);
      sim_run(&sim, SEC(2));
      core_call_hangup(alice_core, sim.now, first);
      sim_run(&sim, SEC(1));
      recorder.deaf = ALICE;
    }
    sim.peer[BOB].rings = 0;
    uint32_t a = dial(&sim, ALICE, BOB, SOTTO_AUDIO);
    struct call *alice = call_at(&sim, ALICE, a);
    for (int i = 0; i < 500 && core_count_calls(bob_core) <= (round == 0); i++)
      sim_run(&sim, MS(1));
    struct call *bob = bob_core->calls;
    assert_true(bob->hello_pending);
    struct message hello = {.type = MESSAGE_HELLO, .version = 2};
    struct cell cell;
    struct mailbox mailbox;
    switch (round) {
    case 0:
      mailbox_derive(&mailbox, bob->leg[0]->channel.ps, bob->leg[0]->channel.us.id, bob->leg[0]->channel.them.id,
                     bob->leg[0]->channel.them.device, mailbox_epoch(core_unix(bob_core, sim.now)));
      assert_true(cell_open(&cell, mailbox.key, recorder.frame[0] + 1 + MAILBOX_SIZE));
      assert_int_equal(cell.header.type, CELL_HELLO);
      memcpy(cell.header.session, alice->leg[0]->channel.session, SESSION_SIZE);
      assert_int_equal(call_cell(alice, sim.now, &cell), CHANNEL_TAKEN);
      assert_int_equal(alice->leg[0]->channel.rejected, 1);
      assert_false(alice->leg[0]->channel.open);
      break;
    case 1:
      bob->hello_pending = false;
      assert_true(channel_send_handshake(&bob->leg[0]->channel, sim.now, core_unix(bob_core, sim.now), &hello));
      break;
    default:
      while (!alice->leg[0]->channel.open)
        sim_run(&sim, 1);
      alice->leg[0]->channel.h[0] ^= 1; /* as it goes into the OFFER */
    }
    sim_run(&sim, SEC(65));
    assert_int_equal(sim.peer[BOB].rings, 0);
    assert_int_equal(sim_leg(&sim, ALICE, a)->state, SOTTO_CALL_ENDED);
    assert_int_equal(sim_leg(&sim, ALICE, a)->reason, round == 0   ? SOTTO_END_UNREACHABLE
                                                      : round == 1 ? SOTTO_END_SECURITY
                                                                   : SOTTO_END_NO_ANSWER);
    assert_int_equal(all_alarms(&sim, BOB), 0);
    assert_int_equal(sim.datagrams, 0);
    sim_deinit(&sim);
  }
}

/* ---- media and candidates ---- */

/* A49: forged RTP from the first second on, then the true SRTP of a peer whose own gate stands open. */
static void media_before_the_gate_is_not_even_decrypted(void **state) {
  (void)state;
  struct sim sim;
  sotto_stats stats = SOTTO_STATS_INIT;
  int injected = 0;
  set_up(&sim, 54, SOTTO_POLICY_WARN);
  sim.peer[BOB].core->env.policy = SOTTO_POLICY_SAS_FIRST;
  uint32_t a = dial(&sim, ALICE, BOB, SOTTO_AUDIO | SOTTO_VIDEO);
  sim_run(&sim, SEC(2));
  uint32_t b = sim.peer[BOB].incoming;
  assert_int_equal(core_call_accept(sim.peer[BOB].core, sim.now, b, SOTTO_AUDIO | SOTTO_VIDEO), SOTTO_OK);
  struct call *bob = call_at(&sim, BOB, b);
  for (int i = 0; i < 1000; i++) {
    uint8_t rtp[80] = {0x80, 111, 0, (uint8_t)i}, rtcp[80] = {0x80, 200};
    core_datagram(sim.peer[BOB].core, sim.now, b, rtp, sizeof rtp);
    core_datagram(sim.peer[BOB].core, sim.now, b, rtcp, sizeof rtcp);
    injected += 2;
    sim_run(&sim, MS(1));
    assert_null(bob->transport.srtp);
  }
  sim_run(&sim, SEC(5));
  assert_int_equal(sim_leg(&sim, ALICE, a)->gate, SOTTO_GATE_OPEN);
  assert_int_equal(sim_leg(&sim, BOB, b)->gate, SOTTO_GATE_SHUT);
  assert_null(bob->transport.srtp);
  assert_null(bob->transport.session);
  core_call_stats(sim.peer[BOB].core, sim.now, b, &stats);
  assert_true(stats.packets_gate_dropped > injected + 250);
  assert_int_equal(stats.packets_auth_failed + stats.packets_replayed, 0);
  assert_int_equal(stats.audio.packets_received + stats.video.packets_received, 0);
  assert_int_equal(stats.audio.packets_sent + stats.video.packets_sent, 0);
  assert_int_equal(sim_leg(&sim, BOB, b)->samples_heard, 0);
  assert_int_equal(all_alarms(&sim, BOB), 0);
  sim_deinit(&sim);
}

/* A51: a contact that points us at our own machine, our network and the world. */
static void candidates_of_a_contact_are_few_and_global(void **state) {
  (void)state;
  static const uint8_t inside[][4] = {{127, 0, 0, 1}, {169, 254, 169, 254}, {224, 0, 0, 1}, {255, 255, 255, 255},
                                      {10, 0, 0, 1},  {192, 168, 1, 1},     {0, 0, 0, 0},   {100, 64, 0, 1}};
  struct sim sim;
  uint32_t a, b;
  set_up(&sim, 55, SOTTO_POLICY_WARN);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  struct call *alice = call_at(&sim, ALICE, a);
  int before = sim_leg(&sim, ALICE, a)->remote_candidates;
  for (size_t i = 0; i < sizeof inside / sizeof inside[0]; i++) {
    struct message message = candidates_message(CANDIDATES_MAX, 0, inside[i]);
    say(&sim, BOB, b, &message);
  }
  assert_int_equal(sim_leg(&sim, ALICE, a)->remote_candidates, before);
  for (int i = 0; i < 64; i++) { /* a thousand good ones */
    struct message message = candidates_message(CANDIDATES_MAX, 0, global);
    say(&sim, BOB, b, &message);
  }
  assert_int_equal(alice->remote.candidates, CANDIDATES_MAX);
  assert_int_equal(sim_leg(&sim, ALICE, a)->remote_candidates, CANDIDATES_MAX);
  for (int i = 0; i < alice->remote.candidates; i++)
    assert_true(candidate_allowed(&alice->remote.candidate[i], false));
  assert_int_equal(sim_leg(&sim, ALICE, a)->state, SOTTO_CALL_OPEN);
  assert_int_equal(all_alarms(&sim, ALICE), 0);
  sim_deinit(&sim);
}

/* ---- clocks ---- */

/* A52: two days off there is no contact; set right there is; and a call goes on through both. */
static void a_clock_that_lies_makes_no_wrong_state(void **state) {
  (void)state;
  for (int days = -2; days <= 2; days += 4) {
    struct sim sim;
    uint32_t a, b;
    int64_t lie = SEC(INT64_C(86400)) * days;
    set_up(&sim, 56, SOTTO_POLICY_SAS_FIRST);
    core_set_wall_offset(sim.peer[ALICE].core, sim.wall + lie);
    a = dial(&sim, ALICE, BOB, SOTTO_AUDIO);
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
    assert_int_equal(contact_at(&sim, BOB, ALICE)->state, SOTTO_TRUST_VERIFIED);
    core_call_hangup(sim.peer[ALICE].core, sim.now, a); /* by DTLS: her cells go to another day's mailbox */
    sim_run(&sim, SEC(1));
    assert_int_equal(sim_leg(&sim, BOB, b)->reason, SOTTO_END_HANGUP);
    assert_int_equal(all_alarms(&sim, ALICE) + all_alarms(&sim, BOB), 0);
    sim_deinit(&sim);
  }
}

/* ---- many at once ---- */

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
    dial(&sim, from, to, SOTTO_AUDIO);
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
  assert_int_equal(all_alarms(&sim, 0) + all_alarms(&sim, 1) + all_alarms(&sim, 2) + all_alarms(&sim, 3), 0);
  sim_deinit(&sim);
}

/* ---- the end ---- */

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
  set_up(&sim, 60, SOTTO_POLICY_WARN);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  core_call_hangup(sim.peer[ALICE].core, sim.now, a);
  sim_run(&sim, SEC(1));
  for (int p = 0; p < 2; p++) {
    struct call *call = call_at(&sim, p, p == ALICE ? a : b);
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

/* The peer's user found them different: whatever run that was of, it is over. */
static void a_mismatch_of_the_peers_shuts_the_gate_at_any_time(void **state) {
  (void)state;
  for (int round = 0; round < 2; round++) {
    struct sim sim;
    uint32_t a, b;
    set_up(&sim, 61, SOTTO_POLICY_WARN);
    sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
    struct message result = sas_message(MESSAGE_SAS_RESULT, 1);
    result.result = RESULT_MATCH;
    say(&sim, BOB, b, &result);
    assert_int_equal(sim_leg(&sim, ALICE, a)->gate, SOTTO_GATE_OPEN);
    result.result = RESULT_MISMATCH; /* of the same run, after all; of one that we gave up */
    if (round)
      call_at(&sim, ALICE, a)->sas.state = SAS_FAILED;
    say(&sim, BOB, b, &result);
    assert_int_equal(sim_leg(&sim, ALICE, a)->state, SOTTO_CALL_ENDED);
    assert_int_equal(sim_leg(&sim, ALICE, a)->gate, SOTTO_GATE_SHUT);
    assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_SAS_MISMATCH], 1);
    assert_int_equal(contact_at(&sim, ALICE, BOB)->state, SOTTO_TRUST_TOFU); /* shown, not adopted */
    sim_deinit(&sim);
  }
}

/* A live contact that greets with nonsense all day, and never rings. */
static void a_contact_that_never_rings_makes_no_storm_of_alarms(void **state) {
  (void)state;
  struct sim sim;
  set_up(&sim, 62, SOTTO_POLICY_WARN);
  sim.peer[ALICE].trust->own.head.seq = 7; /* devices that BOB has no statement of */
  for (int i = 0; i < 20; i++) {
    uint32_t a = dial(&sim, ALICE, BOB, SOTTO_AUDIO);
    sim_run(&sim, MS(1000));
    core_call_forget(sim.peer[ALICE].core, sim.now, a);
    sim_run(&sim, MS(200));
  }
  assert_in_range(sim.peer[BOB].alarms[SOTTO_ALARM_ROSTER_CHANGED], 1, 3);
  assert_int_equal(sim.peer[BOB].rings, 0);
  assert_int_equal(contact_at(&sim, BOB, ALICE)->state, SOTTO_TRUST_TOFU);
  sim_deinit(&sim);
}

UNIT_TESTS(
    test(a_dead_path_ends_the_call_whatever_happens_meanwhile),
    test(a_lost_path_does_not_prolong_the_unverified_minutes), test(a_path_that_dies_while_binding_is_looked_for),
    test(a_call_that_rings_gives_way_to_the_lower_ids_call), test(what_begins_no_run_costs_no_run),
    test(a_flood_of_wrong_words_is_a_few_alarms), test(a_contact_that_calls_and_calls_takes_no_place_of_others),
    test(one_invite_opened_often_blocks_no_other), test(a_late_joiner_neither_gets_in_nor_spends_the_next_invite),
    test(an_invite_in_person_that_lives_for_ever_is_refused), test(a_name_under_way_is_taken),
    test(a_knock_alone_changes_nothing_about_a_contact),
    test(a_live_callers_forked_roster_shuts_the_contact_without_ringing), test(a_replayed_knock_confirms_no_roster),
    test(nothing_is_taken_before_both_descriptions_are), test(a_restart_counts_once_and_in_order),
    test(a_late_fingerprint_ends_the_call), test(an_old_knock_rings_nobody_and_is_told_once),
    test(an_old_knock_after_a_restart_is_answered_once_and_rings_nobody),
    test(a_storm_of_replays_is_one_alarm_in_ten_seconds), test(old_messages_in_new_cells_change_nothing),
    test(a_wrong_opening_shows_no_words_and_three_runs_are_all),
    test(a_reflected_share_or_commitment_shows_no_words), test(an_answer_after_the_end_is_nothing),
    test(an_old_or_another_handshake_makes_no_call), test(media_before_the_gate_is_not_even_decrypted),
    test(candidates_of_a_contact_are_few_and_global), test(a_clock_that_lies_makes_no_wrong_state),
    test(twenty_calls_at_once_never_cross), test(a_call_that_is_over_holds_no_secret),
    test(a_mismatch_of_the_peers_shuts_the_gate_at_any_time),
    test(a_contact_that_never_rings_makes_no_storm_of_alarms))
