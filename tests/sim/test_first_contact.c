/* test_first_contact.c - strangers and one invite, with a server that drops, changes, repeats and replays. */
#include "sim.h"
#include "unit/unit.h"

enum { ALICE, BOB };

struct meddler {
  int to, nth, seen; /* the nth cell handed to `to` */
  enum { DROP, FLIP, NONE } what;
  size_t at;
};

static bool meddle(void *user, int from, int to, uint8_t *message, size_t size) {
  struct meddler *m = user;
  if (from != SIM_SERVER || to != m->to || size != FRAME_CELL_SIZE || m->seen++ != m->nth)
    return true;
  if (m->what == DROP)
    return false;
  if (m->what == FLIP)
    message[1 + MAILBOX_SIZE + m->at] ^= 0x10;
  return true;
}

static size_t contacts(struct sim *sim, int peer) {
  return core_contacts(sim->peer[peer].core, NULL, 0);
}

static void meet(struct sim *sim, struct meddler *meddler) {
  char invite[SOTTO_INVITE_TEXT_SIZE];
  sim_init(sim, 5, NULL);
  sim_add(sim, "alice");
  sim_add(sim, "bob");
  sim_run(sim, SEC(3));
  sim->filter = meddler ? meddle : NULL;
  sim->user = meddler;
  assert_int_equal(core_invite_create(sim->peer[ALICE].core, sim->now, "bob", 0, "", invite, sizeof invite),
                   SOTTO_OK);
  assert_int_equal(core_invite_accept(sim->peer[BOB].core, sim->now, "alice", invite), SOTTO_OK);
  sim_run(sim, SEC(70));
}

static void both_know_each_other_and_have_one_pair_secret(void **state) {
  (void)state;
  struct sim sim;
  meet(&sim, NULL);
  assert_int_equal(contacts(&sim, ALICE), 1);
  assert_int_equal(contacts(&sim, BOB), 1);
  const struct contact *bob = sim.peer[ALICE].trust->contacts.list[0],
                       *alice = sim.peer[BOB].trust->contacts.list[0];
  assert_memory_equal(bob->ps, alice->ps, sizeof bob->ps);
  assert_memory_equal(bob->id, sim.peer[BOB].trust->identity.ik, KEY_SIZE);
  assert_string_equal(bob->name, "bob");
  assert_int_equal(bob->state, SOTTO_TRUST_TOFU);
  assert_int_equal(alice->state, SOTTO_TRUST_TOFU);
  assert_true(sim.peer[ALICE].saves >= 2 && sim.peer[BOB].saves >= 1);
  sim_deinit(&sim);
}

/* No cell that was changed or held back makes a contact of somebody on one side that the other did not reach. */
static void a_lost_or_changed_cell_makes_no_wrong_contact(void **state) {
  (void)state;
  for (int what = DROP; what <= FLIP; what++)
    for (int to = 0; to < 2; to++)
      for (int nth = 0; nth < 2; nth++)
        for (size_t at = 0; at < (what == FLIP ? CELL_SIZE : 1); at += 331) {
          struct sim sim;
          struct meddler meddler = {.to = to, .nth = nth, .what = what == DROP ? DROP : FLIP, .at = at};
          meet(&sim, &meddler);
          assert_true(meddler.seen > nth);
          if (contacts(&sim, BOB)) /* the joiner is the last to know, by WELCOME, so the inviter knew before */
            assert_int_equal(contacts(&sim, ALICE), 1);
          else
            assert_int_equal(sim.peer[BOB].invite_failures, 1);
          if (what == FLIP)
            assert_int_equal(sim.peer[to].alarms[SOTTO_ALARM_AUTH_FAIL], 1);
          sim_deinit(&sim);
        }
}

static void an_inviter_that_was_away_answers_when_it_is_back(void **state) {
  (void)state;
  struct sim sim;
  char invite[SOTTO_INVITE_TEXT_SIZE];
  sim_init(&sim, 6, NULL);
  sim_add(&sim, "alice");
  sim_run(&sim, SEC(3));
  assert_int_equal(core_invite_create(sim.peer[ALICE].core, sim.now, "bob", 0, "", invite, sizeof invite),
                   SOTTO_OK);
  sim_run(&sim, SEC(1));
  sim_add(&sim, "bob");
  sim_run(&sim, SEC(2));
  core_signaling_down(sim.peer[ALICE].core, sim.now); /* a short loss of the line */
  assert_int_equal(core_invite_accept(sim.peer[BOB].core, sim.now, "alice", invite), SOTTO_OK);
  sim_run(&sim, SEC(40));
  assert_int_equal(contacts(&sim, ALICE), 1);
  assert_int_equal(contacts(&sim, BOB), 1);
  sim_deinit(&sim);
}

static void meeting_again_refreshes_the_secret_and_nothing_else(void **state) {
  (void)state;
  struct sim sim;
  char invite[SOTTO_INVITE_TEXT_SIZE];
  uint8_t before[KEY_SIZE];
  meet(&sim, NULL);
  struct contact *bob = sim.peer[ALICE].trust->contacts.list[0];
  memcpy(before, bob->ps, sizeof before);
  contact_user_compared_number(bob, 1);
  assert_int_equal(core_invite_create(sim.peer[ALICE].core, sim.now, "somebody", 0, "", invite, sizeof invite),
                   SOTTO_OK);
  assert_int_equal(core_invite_accept(sim.peer[BOB].core, sim.now, "alice", invite), SOTTO_OK);
  sim_run(&sim, SEC(5));
  assert_int_equal(contacts(&sim, ALICE), 1);
  assert_string_equal(bob->name, "bob");
  assert_int_equal(bob->state, SOTTO_TRUST_VERIFIED);
  assert_memory_not_equal(bob->ps, before, sizeof before);
  assert_memory_equal(bob->ps, sim.peer[BOB].trust->contacts.list[0]->ps, KEY_SIZE);
  sim_deinit(&sim);
}

UNIT_TESTS(test(both_know_each_other_and_have_one_pair_secret), test(a_lost_or_changed_cell_makes_no_wrong_contact),
           test(an_inviter_that_was_away_answers_when_it_is_back),
           test(meeting_again_refreshes_the_secret_and_nothing_else))
