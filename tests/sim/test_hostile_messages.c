/* test_hostile_messages.c - messages, handshakes, media and candidates that are the peer's own, and out of place
 * (protocol D, G). */
#include "inside.h"
#include "unit/unit.h"

enum { ALICE, BOB };

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
  sim_friends(&sim, 33, SOTTO_POLICY_WARN);
  uint32_t a = sim_dial(&sim, ALICE, BOB, SOTTO_AUDIO);
  sim_run(&sim, SEC(2));
  uint32_t b = sim.peer[BOB].incoming;
  sim_say(&sim, BOB, b, &candidates);
  sim_say(&sim, BOB, b, &media);
  sim_say(&sim, ALICE, a, &candidates);
  sim_say(&sim, ALICE, a, &media);
  assert_int_equal(sim_inside(&sim, ALICE, a)->remote.candidates, 0);
  assert_int_equal(sim_inside(&sim, BOB, b)->remote.candidates, 0);
  assert_int_equal(sim_leg(&sim, ALICE, a)->remote_candidates, 0);
  assert_int_equal(sim_inside(&sim, BOB, b)->peer_media, SOTTO_AUDIO);
  assert_int_equal(sim_inside(&sim, ALICE, a)->peer_media, 0);
  sim_deinit(&sim);
}

/* A28: one generation at a time, each answered by our own; a flood restarts our agent as often as it is answered.
 */
static void a_restart_counts_once_and_in_order(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a, b;
  struct message restart = {.type = MESSAGE_RESTART, .ufrag = "evil", .pwd = "0123456789012345678901"};
  sim_friends(&sim, 34, SOTTO_POLICY_WARN);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  struct call *alice = sim_inside(&sim, ALICE, a);
  restart.generation = 2; /* one is left out */
  sim_say(&sim, BOB, b, &restart);
  restart.generation = 0; /* the one in use */
  sim_say(&sim, BOB, b, &restart);
  assert_int_equal(alice->remote.generation, 0);
  assert_string_not_equal(alice->remote.ufrag, "evil");
  int generations = sim_leg(&sim, ALICE, a)->generation;
  for (int i = 1; i <= 30; i++) { /* all at once: our agent is not asked again before it has answered */
    restart.generation = (uint8_t)i;
    call_tell(sim_inside(&sim, BOB, b), sim.now, &restart, NULL);
  }
  sim_run(&sim, SEC(1));
  assert_int_equal(alice->remote.generation, 1);
  assert_int_equal(alice->local.generation, 1);
  assert_int_equal(sim_leg(&sim, ALICE, a)->generation, generations + 1);
  assert_int_equal(sim_all_alarms(&sim, ALICE), 0);
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
    sim_friends(&sim, 35, SOTTO_POLICY_WARN);
    sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
    struct call *bob = sim_inside(&sim, BOB, b), *alice = sim_inside(&sim, ALICE, a);
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
    sim_say(&sim, BOB, b, &answer);
    struct sim_leg *leg = sim_leg(&sim, ALICE, a);
    if (round == 0) { /* A20: the same once more is nothing */
      assert_int_equal(leg->state, SOTTO_CALL_OPEN);
      assert_int_equal(leg->gate, SOTTO_GATE_OPEN);
      assert_int_equal(sim_all_alarms(&sim, ALICE), 0);
      assert_memory_equal(before, alice->theirs.fingerprint, sizeof before);
      assert_string_not_equal(alice->remote.ufrag, "evil");
    } else {
      assert_int_equal(leg->state, SOTTO_CALL_ENDED);
      assert_int_equal(leg->reason, SOTTO_END_SECURITY);
      assert_int_equal(leg->gate, SOTTO_GATE_SHUT);
      assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_FP_CHANGED], 1);
      assert_int_equal(sim_all_alarms(&sim, ALICE), 1);
    }
    sim_deinit(&sim);
  }
}

/* A24: the HELLO of another call, a version that is none, and an OFFER under another handshake. */
static void an_old_or_another_handshake_makes_no_call(void **state) {
  (void)state;
  for (int round = 0; round < 3; round++) {
    struct sim sim;
    sim_friends(&sim, 53, SOTTO_POLICY_WARN);
    struct core *alice_core = sim.peer[ALICE].core, *bob_core = sim.peer[BOB].core;
    static struct sim_recorder recorder;
    recorder = (struct sim_recorder){.to = ALICE, .deaf = -1};
    sim.filter = sim_record;
    sim.user = &recorder;
    if (round == 0) {
      uint32_t first = sim_dial(&sim, ALICE, BOB, SOTTO_AUDIO);
      sim_run(&sim, SEC(2));
      core_call_hangup(alice_core, sim.now, first);
      sim_run(&sim, SEC(1));
      recorder.deaf = ALICE;
    }
    sim.peer[BOB].rings = 0;
    uint32_t a = sim_dial(&sim, ALICE, BOB, SOTTO_AUDIO);
    struct call *alice = sim_inside(&sim, ALICE, a);
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
    assert_int_equal(sim_all_alarms(&sim, BOB), 0);
    assert_int_equal(sim.datagrams, 0);
    sim_deinit(&sim);
  }
}

/* A49: forged RTP from the first second on, then the true SRTP of a peer whose own gate stands open. */
static void media_before_the_gate_is_not_even_decrypted(void **state) {
  (void)state;
  struct sim sim;
  sotto_stats stats = SOTTO_STATS_INIT;
  int injected = 0;
  sim_friends(&sim, 54, SOTTO_POLICY_WARN);
  sim.peer[BOB].core->env.policy = SOTTO_POLICY_SAS_FIRST;
  uint32_t a = sim_dial(&sim, ALICE, BOB, SOTTO_AUDIO | SOTTO_VIDEO);
  sim_run(&sim, SEC(2));
  uint32_t b = sim.peer[BOB].incoming;
  assert_int_equal(core_call_accept(sim.peer[BOB].core, sim.now, b, SOTTO_AUDIO | SOTTO_VIDEO), SOTTO_OK);
  struct call *bob = sim_inside(&sim, BOB, b);
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
  assert_int_equal(sim_all_alarms(&sim, BOB), 0);
  sim_deinit(&sim);
}

/* A51: a contact that points us at our own machine, our network and the world. */
static void candidates_of_a_contact_are_few_and_global(void **state) {
  (void)state;
  static const uint8_t inside[][4] = {{127, 0, 0, 1}, {169, 254, 169, 254}, {224, 0, 0, 1}, {255, 255, 255, 255},
                                      {10, 0, 0, 1},  {192, 168, 1, 1},     {0, 0, 0, 0},   {100, 64, 0, 1}};
  struct sim sim;
  uint32_t a, b;
  sim_friends(&sim, 55, SOTTO_POLICY_WARN);
  sim_call(&sim, ALICE, BOB, SOTTO_AUDIO, &a, &b);
  struct call *alice = sim_inside(&sim, ALICE, a);
  int before = sim_leg(&sim, ALICE, a)->remote_candidates;
  for (size_t i = 0; i < sizeof inside / sizeof inside[0]; i++) {
    struct message message = candidates_message(CANDIDATES_MAX, 0, inside[i]);
    sim_say(&sim, BOB, b, &message);
  }
  assert_int_equal(sim_leg(&sim, ALICE, a)->remote_candidates, before);
  for (int i = 0; i < 64; i++) { /* a thousand good ones */
    struct message message = candidates_message(CANDIDATES_MAX, 0, global);
    sim_say(&sim, BOB, b, &message);
  }
  assert_int_equal(alice->remote.candidates, CANDIDATES_MAX);
  assert_int_equal(sim_leg(&sim, ALICE, a)->remote_candidates, CANDIDATES_MAX);
  for (int i = 0; i < alice->remote.candidates; i++)
    assert_true(candidate_allowed(&alice->remote.candidate[i], false));
  assert_int_equal(sim_leg(&sim, ALICE, a)->state, SOTTO_CALL_OPEN);
  assert_int_equal(sim_all_alarms(&sim, ALICE), 0);
  sim_deinit(&sim);
}

UNIT_TESTS(test(nothing_is_taken_before_both_descriptions_are), test(a_restart_counts_once_and_in_order),
           test(a_late_fingerprint_ends_the_call), test(an_old_or_another_handshake_makes_no_call),
           test(media_before_the_gate_is_not_even_decrypted), test(candidates_of_a_contact_are_few_and_global))
