/* test_codecs.c - which format either end's pictures have: what OFFER and ANSWER say of it (PROTOCOL.md section 7).
 */
#include "inside.h"
#include "unit/unit.h"

enum { ALICE, BOB };

static void check(struct sim *sim, uint32_t call[2], enum session_video_codec alices,
                  enum session_video_codec bobs) {
  for (int peer = ALICE; peer <= BOB; peer++) {
    enum session_video_codec ours, theirs;
    assert_true(core_call_codecs(sim->peer[peer].core, call[peer], &ours, &theirs));
    assert_int_equal(ours, peer == ALICE ? alices : bobs);
    assert_int_equal(theirs, peer == ALICE ? bobs : alices);
  }
}

static void check_seen(struct sim *sim, uint32_t call[2]) {
  sim_run(sim, SEC(4));
  for (int peer = ALICE; peer <= BOB; peer++) {
    struct sim_leg *leg = sim_leg(sim, peer, call[peer]);
    assert_true(leg->video_frames_shown > 60);
    assert_int_equal(sim_all_alarms(sim, peer), 0);
  }
}

static void each_end_sends_what_it_prefers(void **state) {
  (void)state;
  for (int which = 0; which < 4; which++) {
    struct sim sim;
    uint32_t call[2];
    enum session_video_codec alices = which & 1 ? SESSION_VP9 : SESSION_VP8,
                             bobs = which & 2 ? SESSION_VP9 : SESSION_VP8;
    sim_friends(&sim, 1 + (uint64_t)which, SOTTO_POLICY_WARN);
    sim.peer[ALICE].core->env.video_codec = alices;
    sim.peer[BOB].core->env.video_codec = bobs;
    sim_call(&sim, ALICE, BOB, SOTTO_AUDIO | SOTTO_VIDEO, &call[ALICE], &call[BOB]);
    check(&sim, call, alices, bobs);
    check_seen(&sim, call);
    sim_deinit(&sim);
  }
}

/* A native that says nothing of codecs knows VP8 alone, whichever end of the call it is. */
static void who_says_nothing_gets_and_sends_vp8(void **state) {
  (void)state;
  for (int old = ALICE; old <= BOB; old++) {
    struct sim sim;
    uint32_t call[2];
    sim_friends(&sim, 5, SOTTO_POLICY_WARN);
    sim.peer[1 - old].core->env.video_codec = SESSION_VP9;
    call[ALICE] = sim_dial(&sim, ALICE, BOB, SOTTO_AUDIO | SOTTO_VIDEO);
    if (old == ALICE)
      sim_inside(&sim, ALICE, call[ALICE])->ours.codecs.count = 0;
    sim_run(&sim, SEC(2));
    call[BOB] = sim.peer[BOB].incoming;
    if (old == BOB)
      sim_inside(&sim, BOB, call[BOB])->ours.codecs.count = 0;
    assert_int_equal(core_call_accept(sim.peer[BOB].core, sim.now, call[BOB], SOTTO_AUDIO | SOTTO_VIDEO), SOTTO_OK);
    sim_run(&sim, SEC(3));
    check(&sim, call, SESSION_VP8, SESSION_VP8);
    check_seen(&sim, call);
    sim_deinit(&sim);
  }
}

UNIT_TESTS(test(each_end_sends_what_it_prefers), test(who_says_nothing_gets_and_sends_vp8))
