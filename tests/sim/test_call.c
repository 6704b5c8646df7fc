/* test_call.c - whole calls under simulated time: two cores, the real server core, a seeded link. */
#include "sim.h"
#include "unit/unit.h"

enum { ALICE, BOB, EVE };

static void set_up(struct sim *sim, uint64_t seed, sotto_policy policy) {
  struct sim_options options = {.policy = policy};
  sim_init(sim, seed, &options);
  sim_add(sim, "alice");
  sim_add(sim, "bob");
  sim_introduce(sim, ALICE, BOB, 0);
}

static void confirm_both(struct sim *sim, uint32_t a, uint32_t b) {
  struct sim_leg *alice = sim_leg(sim, ALICE, a), *bob = sim_leg(sim, BOB, b);
  assert_true(alice->have_sas && bob->have_sas);
  assert_string_equal(alice->sas.words, bob->sas.words);
  assert_string_equal(alice->sas.digits, bob->sas.digits);
  assert_memory_equal(alice->sas.emoji, bob->sas.emoji, sizeof alice->sas.emoji);
  assert_int_equal(core_call_confirm(sim->peer[ALICE].core, sim->now, a, true), SOTTO_OK);
  assert_int_equal(core_call_confirm(sim->peer[BOB].core, sim->now, b, true), SOTTO_OK);
  sim_run(sim, SEC(1));
  assert_int_equal(alice->gate, SOTTO_GATE_OPEN);
  assert_int_equal(bob->gate, SOTTO_GATE_OPEN);
}

static void both_hear_and_see(struct sim *sim, uint32_t a, uint32_t b, double share) {
  struct sim_leg *leg[2] = {sim_leg(sim, ALICE, a), sim_leg(sim, BOB, b)};
  for (int i = 0; i < 2; i++) {
    assert_true(leg[i]->samples_heard > (int64_t)(share * (double)leg[i]->samples_read));
    assert_true(leg[i]->video_frames_shown > (int64_t)(share * (double)leg[1 - i]->video_frames_sent));
  }
}

static void strangers_meet_compare_words_and_talk(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  set_up(&sim, 1, SOTTO_POLICY_SAS_FIRST);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO | SOTTO_VIDEO, &a, &b);
  assert_int_equal(sim_leg(&sim, ALICE, a)->state, SOTTO_CALL_GATED);
  assert_int_equal(sim_leg(&sim, BOB, b)->state, SOTTO_CALL_GATED);
  assert_int_equal(sim.media_datagrams, 0); /* nothing before a person said so */
  confirm_both(&sim, a, b);
  sim_run(&sim, SEC(10));
  both_hear_and_see(&sim, a, b, 0.9);

  sotto_contact contact = SOTTO_CONTACT_INIT;
  sotto_id bob;
  sim_id(&sim, BOB, &bob);
  assert_int_equal(core_contact_get(sim.peer[ALICE].core, &bob, &contact), SOTTO_OK);
  assert_int_equal(contact.trust, SOTTO_TRUST_VERIFIED);
  assert_int_equal(contact.method, SOTTO_METHOD_SAS);

  core_call_hangup(sim.peer[ALICE].core, sim.now, a);
  sim_run(&sim, SEC(1));
  assert_int_equal(sim_leg(&sim, BOB, b)->state, SOTTO_CALL_ENDED);
  assert_int_equal(sim_leg(&sim, BOB, b)->reason, SOTTO_END_HANGUP);
  assert_true(sim_leg(&sim, ALICE, a)->gone && sim_leg(&sim, BOB, b)->gone);
  sim_deinit(&sim);
}

/* BINDs and commitments overtake the Finished. */
static void words_come_where_signaling_is_faster_than_the_path(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 5; seed++) {
    struct sim sim;
    uint32_t a, b;
    set_up(&sim, seed, SOTTO_POLICY_SAS_FIRST);
    sim.link = (struct sim_link){.delay = MS(150), .jitter = MS(20), .loss = 0.1};
    sim.signaling = (struct sim_link){.delay = MS(2)};
    sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
    sim_run(&sim, SEC(3));
    confirm_both(&sim, a, b);
    sim_deinit(&sim);
  }
}

static uint64_t hash_of_a_call(uint64_t seed) {
  struct sim sim;
  uint32_t a, b;
  set_up(&sim, seed, SOTTO_POLICY_WARN);
  sim.link = (struct sim_link){.delay = MS(30), .jitter = MS(10), .loss = 0.03, .duplicate = 0.01};
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO | SOTTO_VIDEO, &a, &b);
  sim_run(&sim, SEC(5));
  uint64_t hash = sim_hash(&sim) ^ (uint64_t)sim.datagrams;
  sim_deinit(&sim);
  return hash;
}

static void the_same_seed_gives_the_same_call(void **state) {
  (void)state;
  assert_true(hash_of_a_call(7) == hash_of_a_call(7));
  assert_true(hash_of_a_call(7) != hash_of_a_call(8));
}

static void a_lossy_link_is_mended(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 3; seed++) {
    struct sim sim;
    uint32_t a, b;
    set_up(&sim, seed, SOTTO_POLICY_WARN);
    sim.link = (struct sim_link){.delay = MS(20), .jitter = MS(10), .loss = 0.05, .duplicate = 0.02};
    sim_call(&sim, ALICE, BOB, SOTTO_AUDIO | SOTTO_VIDEO, &a, &b);
    sim_run(&sim, SEC(10));
    assert_true(sim_leg(&sim, ALICE, a)->warned);
    both_hear_and_see(&sim, a, b, 0.85);
    sim_deinit(&sim);
  }
}

static void in_person_the_scanner_has_verified_and_the_other_compares(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  struct sim_options options = {.policy = SOTTO_POLICY_REQUIRE_VERIFIED};
  sim_init(&sim, 3, &options);
  sim_add(&sim, "alice");
  sim_add(&sim, "bob");
  sim_introduce(&sim, ALICE, BOB, SOTTO_INVITE_IN_PERSON);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  assert_int_equal(sim_leg(&sim, BOB, b)->gate, SOTTO_GATE_OPEN);
  assert_int_equal(sim_leg(&sim, ALICE, a)->gate, SOTTO_GATE_SHUT);
  assert_true(sim_leg(&sim, ALICE, a)->have_sas);
  assert_int_equal(core_call_confirm(sim.peer[ALICE].core, sim.now, a, true), SOTTO_OK);
  sim_run(&sim, SEC(1));
  assert_int_equal(sim_leg(&sim, ALICE, a)->gate, SOTTO_GATE_OPEN);
  sim_deinit(&sim);
}

static void consent_gives_audio_only_and_two_minutes(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  set_up(&sim, 4, SOTTO_POLICY_SAS_FIRST);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO | SOTTO_VIDEO, &a, &b);
  struct sim_leg *alice = sim_leg(&sim, ALICE, a), *bob = sim_leg(&sim, BOB, b);
  assert_true(alice->consent_asked == 1 && bob->consent_asked == 1);
  assert_int_equal(core_call_consent(sim.peer[ALICE].core, sim.now, a), SOTTO_OK);
  assert_int_equal(core_call_consent(sim.peer[BOB].core, sim.now, b), SOTTO_OK);
  assert_int_equal(core_call_consent(sim.peer[ALICE].core, sim.now, a), SOTTO_ERR_STATE); /* nobody asks any more */
  assert_int_equal(core_call_restart_ice(sim.peer[ALICE].core, sim.now, a), SOTTO_OK);
  sim_run(&sim, SEC(10));
  assert_int_equal(alice->gate, SOTTO_GATE_AUDIO_UNVERIFIED);
  assert_true(alice->samples_heard > alice->samples_read / 2);
  assert_int_equal(alice->video_frames_sent, 0);
  assert_int_equal(alice->video_frames_shown, 0);
  sim_run(&sim, SEC(112));
  assert_int_equal(alice->state, SOTTO_CALL_ENDED);
  assert_int_equal(alice->reason, SOTTO_END_UNVERIFIED);
  assert_int_equal(bob->state, SOTTO_CALL_ENDED);
  assert_true(alice->consent_asked == 1 && bob->consent_asked == 1); /* once, whatever came after */
  assert_int_equal(alice->video_frames_sent + bob->video_frames_sent, 0);
  sim_deinit(&sim);
}

static void different_words_end_the_call_and_shut_the_contact(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  sotto_id bob;
  sotto_contact contact = SOTTO_CONTACT_INIT;
  set_up(&sim, 5, SOTTO_POLICY_SAS_FIRST);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  assert_int_equal(core_call_confirm(sim.peer[ALICE].core, sim.now, a, false), SOTTO_OK);
  sim_run(&sim, SEC(2));
  for (int p = 0; p < 2; p++) {
    struct sim_leg *leg = sim_leg(&sim, p, p == ALICE ? a : b);
    assert_int_equal(leg->state, SOTTO_CALL_ENDED);
    assert_int_equal(leg->reason, SOTTO_END_SECURITY);
    assert_int_equal(sim.peer[p].alarms[SOTTO_ALARM_SAS_MISMATCH], 1);
  }
  sim_id(&sim, BOB, &bob);
  core_contact_get(sim.peer[ALICE].core, &bob, &contact);
  assert_int_equal(contact.trust, SOTTO_TRUST_CHANGED);
  uint32_t again;
  assert_int_equal(core_call_start(sim.peer[ALICE].core, sim.now, &bob, SOTTO_AUDIO, &again), SOTTO_ERR_TRUST);
  assert_int_equal(sim.media_datagrams, 0);
  sim_deinit(&sim);
}

static void a_call_is_declined_canceled_or_not_answered(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a;
  sotto_id bob;
  set_up(&sim, 6, SOTTO_POLICY_WARN);
  sim_id(&sim, BOB, &bob);
  assert_int_equal(core_call_start(sim.peer[ALICE].core, sim.now, &bob, SOTTO_AUDIO, &a), SOTTO_OK);
  sim_run(&sim, SEC(2));
  assert_int_equal(sim_leg(&sim, ALICE, a)->state, SOTTO_CALL_RINGING);
  assert_int_equal(core_call_decline(sim.peer[BOB].core, sim.now, sim.peer[BOB].incoming), SOTTO_OK);
  sim_run(&sim, SEC(1));
  assert_int_equal(sim_leg(&sim, ALICE, a)->reason, SOTTO_END_DECLINED);

  assert_int_equal(core_call_start(sim.peer[ALICE].core, sim.now, &bob, SOTTO_AUDIO, &a), SOTTO_OK);
  sim_run(&sim, SEC(2));
  core_call_hangup(sim.peer[ALICE].core, sim.now, a);
  sim_run(&sim, SEC(1));
  assert_int_equal(sim_leg(&sim, BOB, sim.peer[BOB].incoming)->reason, SOTTO_END_CANCELED);
  assert_int_equal(sim_leg(&sim, ALICE, a)->reason, SOTTO_END_CANCELED);

  assert_int_equal(core_call_start(sim.peer[ALICE].core, sim.now, &bob, SOTTO_AUDIO, &a), SOTTO_OK);
  sim_run(&sim, SEC(70));
  assert_int_equal(sim_leg(&sim, ALICE, a)->reason, SOTTO_END_NO_ANSWER);
  assert_int_equal(sim_leg(&sim, BOB, sim.peer[BOB].incoming)->state, SOTTO_CALL_ENDED);
  sim_deinit(&sim);
}

static void the_peer_that_is_not_there_is_unreachable(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a;
  sotto_id bob;
  set_up(&sim, 9, SOTTO_POLICY_WARN);
  sim_id(&sim, BOB, &bob);
  sim.server_dead = true;
  assert_int_equal(core_call_start(sim.peer[ALICE].core, sim.now, &bob, SOTTO_AUDIO, &a), SOTTO_OK);
  sim_run(&sim, SEC(31));
  assert_int_equal(sim_leg(&sim, ALICE, a)->reason, SOTTO_END_UNREACHABLE);
  sim_deinit(&sim);
}

static void a_stranger_and_a_blocked_contact_do_not_ring(void **state) {
  (void)state;
  struct sim sim;
  uint32_t call;
  sotto_id alice, bob;
  set_up(&sim, 10, SOTTO_POLICY_WARN);
  sim_id(&sim, ALICE, &alice);
  sim_id(&sim, BOB, &bob);
  sim_add(&sim, "eve");
  sim_run(&sim, SEC(3));
  assert_int_equal(core_call_start(sim.peer[EVE].core, sim.now, &bob, SOTTO_AUDIO, &call), SOTTO_ERR_NOT_FOUND);
  assert_int_equal(core_contact_block(sim.peer[BOB].core, sim.now, &alice, true), SOTTO_OK);
  assert_int_equal(core_call_start(sim.peer[ALICE].core, sim.now, &bob, SOTTO_AUDIO, &call), SOTTO_OK);
  sim_run(&sim, SEC(31));
  assert_int_equal(sim.peer[BOB].incoming, 0);
  assert_int_equal(sim_leg(&sim, ALICE, call)->reason, SOTTO_END_UNREACHABLE);
  sim_deinit(&sim);
}

static void an_invite_works_once(void **state) {
  (void)state;
  struct sim sim;
  char invite[SOTTO_INVITE_TEXT_SIZE];
  sim_init(&sim, 11, NULL);
  sim_add(&sim, "alice");
  sim_add(&sim, "bob");
  sim_add(&sim, "eve");
  sim_run(&sim, SEC(3));
  assert_int_equal(core_invite_create(sim.peer[ALICE].core, sim.now, "bob", 0, "", invite, sizeof invite),
                   SOTTO_OK);
  assert_int_equal(core_invite_accept(sim.peer[BOB].core, sim.now, "alice", invite), SOTTO_OK);
  sim_run(&sim, SEC(3));
  assert_int_equal(core_contacts(sim.peer[BOB].core, NULL, 0), 1);
  assert_int_equal(core_invite_accept(sim.peer[EVE].core, sim.now, "alice", invite), SOTTO_OK);
  sim_run(&sim, SEC(65));
  assert_int_equal(sim.peer[EVE].invite_failures, 1);
  assert_int_equal(sim.peer[EVE].invite_status, SOTTO_ERR_NOT_FOUND);
  assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_INVITE_REUSED], 1);
  assert_int_equal(core_contacts(sim.peer[ALICE].core, NULL, 0), 1);
  sim_deinit(&sim);
}

static void an_invite_expires(void **state) {
  (void)state;
  struct sim sim;
  char invite[SOTTO_INVITE_TEXT_SIZE];
  sim_init(&sim, 12, NULL);
  sim_add(&sim, "alice");
  sim_add(&sim, "bob");
  sim_run(&sim, SEC(3));
  assert_int_equal(
      core_invite_create(sim.peer[ALICE].core, sim.now, "bob", SOTTO_INVITE_IN_PERSON, "", invite, sizeof invite),
      SOTTO_OK);
  sim_run(&sim, SEC(121));
  assert_int_equal(core_invite_accept(sim.peer[BOB].core, sim.now, "alice", invite), SOTTO_ERR_EXPIRED);
  sim_deinit(&sim);
}

static void video_goes_off_and_on_and_mute_stays_quiet(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  set_up(&sim, 13, SOTTO_POLICY_WARN);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  struct sim_leg *alice = sim_leg(&sim, ALICE, a), *bob = sim_leg(&sim, BOB, b);
  sim_run(&sim, SEC(2));
  assert_int_equal(bob->video_frames_shown, 0);
  assert_int_equal(core_call_set_media(sim.peer[ALICE].core, sim.now, a, SOTTO_AUDIO | SOTTO_VIDEO), SOTTO_OK);
  sim_run(&sim, SEC(3));
  assert_int_equal(bob->peer_media, SOTTO_AUDIO | SOTTO_VIDEO);
  assert_true(bob->video_frames_shown > 60);
  assert_int_equal(core_call_set_media(sim.peer[ALICE].core, sim.now, a, SOTTO_AUDIO), SOTTO_OK);
  sim_run(&sim, SEC(1));
  int64_t shown = bob->video_frames_shown, sent = alice->video_frames_sent;
  sim_run(&sim, SEC(2));
  assert_int_equal(bob->video_frames_shown, shown);
  assert_int_equal(alice->video_frames_sent, sent);
  assert_int_equal(core_call_set_media(sim.peer[ALICE].core, sim.now, a, SOTTO_AUDIO | SOTTO_VIDEO), SOTTO_OK);
  sim_run(&sim, SEC(2));
  assert_true(bob->video_frames_shown > shown + 40);
  sim_deinit(&sim);
}

static void what_changes_while_it_rings_is_known_when_connected(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a;
  sotto_id bob;
  set_up(&sim, 17, SOTTO_POLICY_WARN);
  sim_id(&sim, BOB, &bob);
  assert_int_equal(core_call_start(sim.peer[ALICE].core, sim.now, &bob, SOTTO_AUDIO, &a), SOTTO_OK);
  sim_run(&sim, SEC(2));
  assert_int_equal(core_call_set_media(sim.peer[ALICE].core, sim.now, a, SOTTO_AUDIO | SOTTO_VIDEO), SOTTO_OK);
  uint32_t b = sim.peer[BOB].incoming;
  assert_int_equal(core_call_accept(sim.peer[BOB].core, sim.now, b, SOTTO_AUDIO), SOTTO_OK);
  sim_run(&sim, SEC(3));
  assert_int_equal(sim_leg(&sim, BOB, b)->peer_media, SOTTO_AUDIO | SOTTO_VIDEO);
  assert_true(sim_leg(&sim, BOB, b)->video_frames_shown > 30);
  sim_deinit(&sim);
}

static void a_broken_path_is_found_again_by_an_ice_restart(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  set_up(&sim, 14, SOTTO_POLICY_WARN);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO | SOTTO_VIDEO, &a, &b);
  sim_run(&sim, SEC(2));
  sim_break_path(&sim, true);
  sim_run(&sim, SEC(8));
  sim_break_path(&sim, false);
  sim_run(&sim, SEC(10));
  struct sim_leg *alice = sim_leg(&sim, ALICE, a), *bob = sim_leg(&sim, BOB, b);
  assert_int_equal(alice->state, SOTTO_CALL_OPEN);
  assert_int_equal(bob->state, SOTTO_CALL_OPEN);
  int64_t shown = bob->video_frames_shown, heard = alice->samples_heard;
  sim_run(&sim, SEC(2));
  assert_true(bob->video_frames_shown > shown + 40);
  assert_true(alice->samples_heard > heard + 48000);
  sim_deinit(&sim);
}

static void a_path_that_stays_dead_ends_the_call(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  set_up(&sim, 15, SOTTO_POLICY_WARN);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  sim_break_path(&sim, true);
  sim_run(&sim, SEC(45));
  assert_int_equal(sim_leg(&sim, ALICE, a)->reason, SOTTO_END_LOST);
  assert_int_equal(sim_leg(&sim, BOB, b)->state, SOTTO_CALL_ENDED);
  sim_deinit(&sim);
}

static void either_side_may_restart_and_both_at_once_too(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  set_up(&sim, 16, SOTTO_POLICY_WARN);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  for (int round = 0; round < 3; round++) {
    if (round != 1)
      assert_int_equal(core_call_restart_ice(sim.peer[ALICE].core, sim.now, a), SOTTO_OK);
    if (round != 0)
      assert_int_equal(core_call_restart_ice(sim.peer[BOB].core, sim.now, b), SOTTO_OK);
    sim_run(&sim, SEC(2));
    int64_t heard = sim_leg(&sim, BOB, b)->samples_heard;
    sim_run(&sim, SEC(2));
    assert_true(sim_leg(&sim, BOB, b)->samples_heard > heard + 48000);
    assert_int_equal(sim_leg(&sim, ALICE, a)->state, SOTTO_CALL_OPEN);
  }
  sim_deinit(&sim);
}

static void both_call_at_once_and_one_call_comes_of_it(void **state) {
  (void)state;
  for (uint64_t seed = 20; seed < 24; seed++) {
    struct sim sim;
    uint32_t a, b;
    sotto_id alice, bob;
    set_up(&sim, seed, SOTTO_POLICY_WARN);
    sim_id(&sim, ALICE, &alice);
    sim_id(&sim, BOB, &bob);
    assert_int_equal(core_call_start(sim.peer[ALICE].core, sim.now, &bob, SOTTO_AUDIO, &a), SOTTO_OK);
    assert_int_equal(core_call_start(sim.peer[BOB].core, sim.now, &alice, SOTTO_AUDIO, &b), SOTTO_OK);
    sim_run(&sim, SEC(5));
    assert_int_equal(sim_leg(&sim, ALICE, a)->state, SOTTO_CALL_OPEN);
    assert_int_equal(sim_leg(&sim, BOB, b)->state, SOTTO_CALL_OPEN);
    assert_int_equal(sim.peer[ALICE].incoming, 0);
    assert_int_equal(sim.peer[BOB].incoming, 0);
    sim_deinit(&sim);
  }
}

static void whoever_is_rung_answers_and_does_not_dial(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  sotto_id alice, bob;
  set_up(&sim, 25, SOTTO_POLICY_WARN);
  sim_id(&sim, ALICE, &alice);
  sim_id(&sim, BOB, &bob);
  assert_int_equal(core_call_start(sim.peer[ALICE].core, sim.now, &bob, SOTTO_AUDIO, &a), SOTTO_OK);
  sim_run(&sim, SEC(2));
  assert_int_equal(core_call_start(sim.peer[BOB].core, sim.now, &alice, SOTTO_AUDIO, &b), SOTTO_ERR_STATE);
  sim_deinit(&sim);
}

/* ---- a hostile server ---- */

static bool shuffle(void *user, int from, int to, uint8_t *message, size_t size) {
  (void)message, (void)size, (void)to, (void)user;
  return from != 99;
}

static void reordered_signaling_gives_the_same_call(void **state) {
  (void)state;
  for (uint64_t seed = 30; seed < 34; seed++) {
    struct sim sim;
    uint32_t a, b;
    set_up(&sim, seed, SOTTO_POLICY_SAS_FIRST);
    sim.filter = shuffle;
    sim.signaling.jitter = MS(29); /* every cell overtakes others */
    sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
    sim_run(&sim, SEC(5));
    confirm_both(&sim, a, b);
    sim_deinit(&sim);
  }
}

struct flip {
  int to, nth, seen;
  size_t at;
};

/* Flips one bit of the nth cell that the server hands to `to`. */
static bool flip_bit(void *user, int from, int to, uint8_t *message, size_t size) {
  struct flip *flip = user;
  if (from == SIM_SERVER && to == flip->to && size == FRAME_CELL_SIZE && flip->seen++ == flip->nth)
    message[1 + MAILBOX_SIZE + flip->at] ^= 1;
  return true;
}

static void a_changed_cell_never_rings(void **state) {
  (void)state;
  for (size_t at = 0; at < CELL_SIZE; at += 97) {
    struct sim sim;
    uint32_t a;
    sotto_id bob;
    struct flip flip = {.to = BOB, .nth = 0, .at = at};
    set_up(&sim, 40 + at, SOTTO_POLICY_WARN);
    sim_id(&sim, BOB, &bob);
    sim.filter = flip_bit;
    sim.user = &flip;
    assert_int_equal(core_call_start(sim.peer[ALICE].core, sim.now, &bob, SOTTO_AUDIO, &a), SOTTO_OK);
    sim_run(&sim, SEC(31));
    assert_int_equal(sim.peer[BOB].incoming, 0);
    assert_true(flip.seen >= 1);
    assert_int_equal(sim.peer[BOB].alarms[SOTTO_ALARM_AUTH_FAIL], 1);
    assert_int_equal(sim_leg(&sim, ALICE, a)->reason, SOTTO_END_UNREACHABLE);
    sim_deinit(&sim);
  }
}

struct drop {
  int to, nth, seen;
};

static bool drop_cell(void *user, int from, int to, uint8_t *message, size_t size) {
  struct drop *drop = user;
  (void)message;
  return !(from == SIM_SERVER && to == drop->to && size == FRAME_CELL_SIZE && drop->seen++ == drop->nth);
}

/* A22: each cell of the set-up in turn is held back for ever; no gate opens on one side alone. */
static void a_cell_that_is_held_back_ends_in_no_half_open_call(void **state) {
  (void)state;
  for (int to = 0; to < 2; to++)
    for (int nth = 0; nth < 4; nth++) {
      struct sim sim;
      struct drop drop = {.to = to, .nth = nth};
      uint32_t a;
      sotto_id bob;
      set_up(&sim, 50, SOTTO_POLICY_WARN);
      sim_id(&sim, BOB, &bob);
      sim.filter = drop_cell;
      sim.user = &drop;
      assert_int_equal(core_call_start(sim.peer[ALICE].core, sim.now, &bob, SOTTO_AUDIO, &a), SOTTO_OK);
      sim_run(&sim, SEC(3));
      if (sim.peer[BOB].incoming)
        core_call_accept(sim.peer[BOB].core, sim.now, sim.peer[BOB].incoming, SOTTO_AUDIO);
      sim_run(&sim, SEC(80));
      struct sim_leg *alice = sim_leg(&sim, ALICE, a);
      struct sim_leg *other = sim.peer[BOB].incoming ? sim_leg(&sim, BOB, sim.peer[BOB].incoming) : NULL;
      bool alice_open = alice->state == SOTTO_CALL_OPEN, bob_open = other && other->state == SOTTO_CALL_OPEN;
      assert_int_equal(alice_open, bob_open);
      if (!alice_open)
        assert_int_equal(sim.media_datagrams, 0);
      sim_deinit(&sim);
    }
}

static bool no_cells(void *user, int from, int to, uint8_t *message, size_t size) {
  (void)user, (void)to, (void)message;
  return !(from == SIM_SERVER && size == FRAME_CELL_SIZE);
}

static void a_hang_up_that_the_server_swallows_goes_by_dtls(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  set_up(&sim, 60, SOTTO_POLICY_WARN);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  sim.filter = no_cells;
  core_call_hangup(sim.peer[ALICE].core, sim.now, a);
  sim_run(&sim, SEC(1));
  assert_int_equal(sim_leg(&sim, BOB, b)->state, SOTTO_CALL_ENDED);
  assert_int_equal(sim_leg(&sim, BOB, b)->reason, SOTTO_END_HANGUP);
  sim_deinit(&sim);
}

static void a_server_that_dies_in_mid_call_does_not_end_it(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  set_up(&sim, 61, SOTTO_POLICY_WARN);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO | SOTTO_VIDEO, &a, &b);
  sim.server_dead = true;
  sim_run(&sim, SEC(30));
  assert_int_equal(sim_leg(&sim, ALICE, a)->state, SOTTO_CALL_OPEN);
  both_hear_and_see(&sim, a, b, 0.9);
  sim_deinit(&sim);
}

/* ---- a hostile path ---- */

static bool other_certificate(void *user, int from, int to, uint8_t *data, size_t *size) {
  (void)user, (void)to;
  if (from == ALICE && data[0] == 22 && *size > 60) /* a hello: somebody else's fingerprint in it */
    data[*size - 1] ^= 1;
  return true;
}

static void another_certificate_is_refused_inside_dtls(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  set_up(&sim, 70, SOTTO_POLICY_WARN);
  sim.datagram_filter = other_certificate;
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  assert_int_equal(sim_leg(&sim, BOB, b)->state, SOTTO_CALL_ENDED);
  assert_int_equal(sim_leg(&sim, BOB, b)->reason, SOTTO_END_SECURITY);
  assert_int_equal(sim.peer[BOB].alarms[SOTTO_ALARM_FP_MISMATCH], 1);
  assert_int_equal(sim.media_datagrams, 0);
  sim_deinit(&sim);
}

static bool no_dtls(void *user, int from, int to, uint8_t *data, size_t *size) {
  (void)user, (void)from, (void)to, (void)size;
  return data[0] < 20 || data[0] > 63;
}

static void dtls_that_never_completes_ends_within_ten_seconds(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  set_up(&sim, 76, SOTTO_POLICY_WARN);
  sim.datagram_filter = no_dtls;
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  assert_int_equal(sim_leg(&sim, ALICE, a)->state, SOTTO_CALL_SECURING);
  sim_run(&sim, SEC(10));
  assert_int_equal(sim_leg(&sim, ALICE, a)->reason, SOTTO_END_TIMEOUT);
  assert_int_equal(sim_leg(&sim, BOB, b)->reason, SOTTO_END_TIMEOUT);
  assert_int_equal(sim.media_datagrams, 0);
  sim_deinit(&sim);
}

static void media_before_the_gate_is_dropped_and_counted(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  sotto_stats stats = SOTTO_STATS_INIT;
  set_up(&sim, 71, SOTTO_POLICY_SAS_FIRST);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  for (int i = 0; i < 100; i++) {
    uint8_t packet[80] = {0x80, 111, 0, (uint8_t)i};
    core_datagram(sim.peer[BOB].core, sim.now, b, packet, sizeof packet);
  }
  core_call_stats(sim.peer[BOB].core, sim.now, b, &stats);
  assert_int_equal(stats.packets_gate_dropped, 100);
  assert_int_equal(stats.packets_auth_failed, 0); /* not even decrypted */
  uint8_t payload[80] = {0};
  core_audio_encoded(sim.peer[BOB].core, sim.now, b, sim.now, payload, sizeof payload, 960);
  sim_run(&sim, SEC(1));
  assert_int_equal(sim.media_datagrams, 0);
  sim_deinit(&sim);
}

/* The path is 25 times as long as the way by the server: the callee's BIND is there as the caller's DTLS completes,
 * and the caller's overtakes its Finished, which goes by the path. */
static void set_up_times_come_in_order_and_no_binding_is_waited_for(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  sotto_stats alice = SOTTO_STATS_INIT, bob = SOTTO_STATS_INIT;
  set_up(&sim, 74, SOTTO_POLICY_WARN);
  sim.link = (struct sim_link){.delay = MS(50)};
  sim.signaling = (struct sim_link){.delay = MS(2)};
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  sim_run(&sim, SEC(1));
  core_call_stats(sim.peer[ALICE].core, sim.now, a, &alice);
  core_call_stats(sim.peer[BOB].core, sim.now, b, &bob);
  assert_true(alice.setup_hello_us > 0 && alice.setup_ringing_us > alice.setup_hello_us);
  assert_true(alice.setup_signaling_us > alice.setup_ringing_us && alice.setup_dtls_us > alice.setup_signaling_us);
  assert_int_equal(alice.setup_bind_us, alice.setup_dtls_us);
  assert_in_range(bob.setup_bind_us, 1, bob.setup_dtls_us - MS(40));
  assert_int_equal(bob.setup_open_us, bob.setup_bind_us);
  assert_int_equal(bob.setup_hello_us + bob.setup_ringing_us, 0); /* that is the caller's */
  sim_deinit(&sim);
}

static void forged_and_replayed_media_changes_nothing(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  sotto_stats stats = SOTTO_STATS_INIT;
  set_up(&sim, 72, SOTTO_POLICY_WARN);
  sim.link.duplicate = 1; /* everything twice */
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  sim_run(&sim, SEC(2));
  for (int i = 0; i < 50; i++) {
    uint8_t packet[100] = {0x80, 111, 0, (uint8_t)i};
    core_datagram(sim.peer[BOB].core, sim.now, b, packet, sizeof packet);
  }
  core_call_stats(sim.peer[BOB].core, sim.now, b, &stats);
  assert_int_equal(stats.packets_auth_failed, 50);
  assert_true(stats.packets_replayed > 90);
  assert_int_equal(sim_leg(&sim, BOB, b)->state, SOTTO_CALL_OPEN);
  sim_deinit(&sim);
}

static void a_client_hello_in_mid_call_is_blocked_and_told(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  set_up(&sim, 73, SOTTO_POLICY_WARN);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  sim_run(&sim, SEC(1));
  for (int i = 0; i < 20; i++) {
    uint8_t hello[13 + 12 + 66] = {22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0,  (uint8_t)i, 0,    78, 1, 0,
                                   0,  66,   0,    0, 0, 0, 0, 0, 0, 66, 0xfe,       0xfd, 9,  9, 9};
    core_datagram(sim.peer[ALICE].core, sim.now, a, hello, sizeof hello);
  }
  int64_t heard = sim_leg(&sim, BOB, b)->samples_heard;
  sim_run(&sim, SEC(2));
  assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_DTLS_REHANDSHAKE], 1);
  assert_int_equal(sim_leg(&sim, ALICE, a)->state, SOTTO_CALL_OPEN);
  assert_true(sim_leg(&sim, BOB, b)->samples_heard > heard + 80000);
  sim_deinit(&sim);
}

static void a_block_in_mid_call_shuts_it_at_once(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  sotto_id bob;
  set_up(&sim, 74, SOTTO_POLICY_WARN);
  sim_id(&sim, BOB, &bob);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  assert_int_equal(core_contact_block(sim.peer[ALICE].core, sim.now, &bob, true), SOTTO_OK);
  sim_run(&sim, MS(100));
  assert_int_equal(sim_leg(&sim, ALICE, a)->state, SOTTO_CALL_ENDED);
  assert_int_equal(sim_leg(&sim, ALICE, a)->gate, SOTTO_GATE_SHUT);
  sim_deinit(&sim);
}

static void a_call_over_midnight_goes_on(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  set_up(&sim, 75, SOTTO_POLICY_WARN);
  sim_run(&sim, SEC(12 * 3600 - 30));
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  sim_run(&sim, SEC(60));
  assert_int_equal(core_call_set_media(sim.peer[ALICE].core, sim.now, a, SOTTO_AUDIO | SOTTO_VIDEO), SOTTO_OK);
  sim_run(&sim, SEC(3));
  assert_true(sim_leg(&sim, BOB, b)->video_frames_shown > 30);
  core_call_hangup(sim.peer[BOB].core, sim.now, b);
  sim_run(&sim, SEC(3));
  uint32_t c, d;
  sim_call(&sim, BOB, ALICE, SOTTO_AUDIO, &c, &d);
  assert_int_equal(sim_leg(&sim, BOB, c)->state, SOTTO_CALL_OPEN);
  sim_deinit(&sim);
}

UNIT_TESTS(test(strangers_meet_compare_words_and_talk), test(words_come_where_signaling_is_faster_than_the_path),
           test(the_same_seed_gives_the_same_call), test(a_lossy_link_is_mended),
           test(in_person_the_scanner_has_verified_and_the_other_compares),
           test(consent_gives_audio_only_and_two_minutes), test(different_words_end_the_call_and_shut_the_contact),
           test(a_call_is_declined_canceled_or_not_answered), test(the_peer_that_is_not_there_is_unreachable),
           test(a_stranger_and_a_blocked_contact_do_not_ring), test(an_invite_works_once), test(an_invite_expires),
           test(video_goes_off_and_on_and_mute_stays_quiet),
           test(what_changes_while_it_rings_is_known_when_connected),
           test(a_broken_path_is_found_again_by_an_ice_restart), test(a_path_that_stays_dead_ends_the_call),
           test(either_side_may_restart_and_both_at_once_too), test(both_call_at_once_and_one_call_comes_of_it),
           test(whoever_is_rung_answers_and_does_not_dial), test(reordered_signaling_gives_the_same_call),
           test(a_changed_cell_never_rings), test(a_cell_that_is_held_back_ends_in_no_half_open_call),
           test(a_hang_up_that_the_server_swallows_goes_by_dtls),
           test(a_server_that_dies_in_mid_call_does_not_end_it), test(another_certificate_is_refused_inside_dtls),
           test(dtls_that_never_completes_ends_within_ten_seconds),
           test(media_before_the_gate_is_dropped_and_counted), test(forged_and_replayed_media_changes_nothing),
           test(set_up_times_come_in_order_and_no_binding_is_waited_for),
           test(a_client_hello_in_mid_call_is_blocked_and_told), test(a_block_in_mid_call_shuts_it_at_once),
           test(a_call_over_midnight_goes_on))
