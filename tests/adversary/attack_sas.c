/* attack_sas.c - words that two people compare: guessing, aborting, wrong openings, words of another call. */
#include <string.h>

#include "evil.h"

/* ---- A10: grinding. Real commitments, and of the value only its first 8 bits count. ---- */

/* By luck 1 in 256: 78 of 20 000, and 8.8 is sigma. Within 4 sigma for every seed: at 3, one of a hundred honest
 * seeds would be expected to fall out every fourth time. */
enum { TRIES = 20000, LUCK_MIN = 43, LUCK_MAX = 113, GROUND = 200 };

static void random_transcript(struct evil *evil, struct sas_transcript *transcript) {
  *transcript = (struct sas_transcript){.version = 1, .mode = SAS_MODE_EKM};
  for (int i = 0; i < HASH_SIZE; i++)
    transcript->h[i] = transcript->ekm[i] = (uint8_t)evil_choose(evil, 256);
}

/* One leg with Alice, who commits; one with Bob, to whom the attacker commits. `grind`: it opens what suits it. */
static bool try_once(struct evil *evil, bool grind) {
  struct sas_transcript left, right;
  struct sas alice, towards_alice, bob, towards_bob;
  uint8_t commitment[HASH_SIZE], reply[SAS_RANDOM_SIZE], open[SAS_RANDOM_SIZE], answer[SAS_RANDOM_SIZE];
  random_transcript(evil, &left);
  random_transcript(evil, &right);
  sas_init(&alice, true, &left);
  sas_init(&towards_alice, false, &left);
  sas_init(&bob, false, &right);
  sas_init(&towards_bob, true, &right);
  if (!sas_start(&alice, commitment) || !sas_commit(&towards_alice, 1, commitment, reply) ||
      !sas_reply(&alice, 1, reply, open))
    return false;
  if (!sas_start(&towards_bob, commitment) || !sas_commit(&bob, 1, commitment, answer))
    return false;
  struct sas begun = towards_bob;
  for (int i = 0; i < (grind ? 4096 : 1); i++) {
    if (i > 0) { /* another share, once Bob's is known */
      sas_init(&towards_bob, true, &right);
      if (!sas_start(&towards_bob, commitment))
        return false;
    } else {
      towards_bob = begun;
    }
    if (sas_reply(&towards_bob, 1, answer, open) && (!grind || towards_bob.value[0] == alice.value[0]))
      break;
  }
  return sas_open(&bob, 1, open) && bob.value[0] == alice.value[0];
}

static void a10(struct evil *evil) {
  int honest = 0, ground = 0;
  evil_scene(evil, SOTTO_POLICY_WARN); /* seeds the generator */
  for (int i = 0; i < TRIES; i++)
    honest += try_once(evil, false);
  for (int i = 0; i < GROUND; i++)
    ground += try_once(evil, true);
  won(evil, ground == GROUND, "the words can be made equal, each time");
  evil_saw(evil, "equal in %d of %d by luck (%d expected), in %d of %d when ground", honest, TRIES, TRIES / 256,
           ground, GROUND);
  expect(evil, honest >= LUCK_MIN && honest <= LUCK_MAX);
  expect(evil, ground <= 10); /* 0.8 expected; more than ten: less than once in a million */
}

/* ---- with Eve, a contact of Alice, calling: she is the one that commits ---- */

static struct evil_call call_alice(struct evil *evil) {
  struct evil_call call = evil_ring(evil, EVE, ALICE, SOTTO_AUDIO);
  core_call_accept(evil->sim.peer[ALICE].core, evil->sim.now, call.b, SOTTO_AUDIO);
  evil_wait(evil, MS(400));
  evil_take_over(evil, EVE, call.a); /* before its own COMMIT */
  struct call *eve = evil_inside(evil, EVE, call.a);
  if (eve)
    eve->leg[0]->channel.rejected = 0;
  return call;
}

/* Keeps Eve's core from starting a comparison by itself: it believes to have verified Alice. */
static void meet_eve(struct evil *evil) {
  evil_scene(evil, SOTTO_POLICY_SAS_FIRST);
  sim_introduce(&evil->sim, ALICE, EVE, 0);
  contact_user_compared_number(evil_contact(evil, EVE, ALICE), 1);
  evil->guest[EVE][ALICE] = true;
}

static struct message commit_to(struct evil *evil, uint8_t run) {
  struct message message = {.type = MESSAGE_SAS_COMMIT, .run = run};
  for (int i = 0; i < HASH_SIZE; i++)
    message.commitment[i] = (uint8_t)evil_choose(evil, 256);
  return message;
}

static struct message open_with(struct evil *evil, uint8_t run) {
  struct message message = {.type = MESSAGE_SAS_OPEN, .run = run};
  for (int i = 0; i < RANDOM_SIZE; i++)
    message.random[i] = (uint8_t)evil_choose(evil, 256);
  return message;
}

static bool alice_answered(struct evil *evil, struct evil_call call) {
  struct call *alice = evil_inside(evil, ALICE, call.b);
  return alice && !call_ended(alice) && sas_under_way(&alice->sas);
}

/* A11: Eve gives up each time she sees that the words would differ, and asks once more. */
static void a11(struct evil *evil) {
  meet_eve(evil);
  for (int run = 0; run < 4; run++) {
    struct evil_call call = call_alice(evil);
    struct message commit = commit_to(evil, 1);
    evil_wait(evil, SEC(1));
    evil_say(evil, EVE, call.a, &commit);
    bool answered = alice_answered(evil, call);
    expect(evil, answered == (run < 3));
    won(evil, run == 3 && answered, "a fourth try on one day");
    core_call_hangup(evil->sim.peer[EVE].core, evil->sim.now, call.a);
    evil_wait(evil, SEC(1 + (int64_t)evil_choose(evil, 5000)));
  }
  expect(evil, evil_alarms(evil, ALICE, SOTTO_ALARM_SAS_ABORTED) == 3);
  expect(evil, evil_trust(evil, ALICE, EVE) == SOTTO_TRUST_TOFU);
}

/* A12: openings that open nothing, and messages in the wrong order. */
static void a12(struct evil *evil) {
  meet_eve(evil);
  struct evil_call call = call_alice(evil);
  evil_wait(evil, SEC(1));
  struct message early = open_with(evil, 1), commit = commit_to(evil, 1), open = open_with(evil, 1);
  if (evil_choose(evil, 2)) {
    evil_say(evil, EVE, call.a, &early); /* nothing was committed */
    expect(evil, evil_alarms(evil, ALICE, SOTTO_ALARM_SAS_COMMIT_BAD) == 1);
  }
  int before = evil_alarms(evil, ALICE, SOTTO_ALARM_SAS_COMMIT_BAD);
  evil_say(evil, EVE, call.a, &commit);
  expect(evil, alice_answered(evil, call));
  evil_say(evil, EVE, call.a, &open);
  bool shown = evil_leg(evil, ALICE, call.b)->have_sas;
  won(evil, shown, "words are shown for a share that was not committed to");
  expect(evil, !shown && evil_alarms(evil, ALICE, SOTTO_ALARM_SAS_COMMIT_BAD) == before + 1);
  expect(evil, evil_leg(evil, ALICE, call.b)->gate == SOTTO_GATE_SHUT);
}

/* ---- A13: Eve stands between two who believe to have met, and carries the words' messages across ---- */

struct carried {
  uint32_t alice, greta, eve, bob; /* Alice called "bob", who is Greta; Eve called Bob as "alice" */
};

static void dial_with(struct evil *evil, int from, struct call *call, const uint8_t call_id[CALL_ID_SIZE]) {
  struct channel *channel = &call->leg[0]->channel;
  struct channel_config config = {.client = channel->client,
                                  .initiator = true,
                                  .ps = call->contact->ps,
                                  .dx_secret = evil->sim.peer[from].trust->identity.device.dx_secret,
                                  .us = channel->us,
                                  .them = channel->them};
  crypto_random(config.session, sizeof config.session);
  channel_deinit(channel);
  channel_init(channel, &config);
  memcpy(call->call_id, call_id, CALL_ID_SIZE);
  expect(evil, call_send_knock(call, evil->sim.now, call->leg[0]));
}

/* The next message of the comparison that came to the attacker's `peer`, as it is. */
static bool heard_message(struct call *inside, enum message_type type, struct message *out) {
  struct sas *sas = &inside->sas;
  *out = (struct message){.type = (uint8_t)type, .run = 1};
  switch (type) {
  case MESSAGE_SAS_COMMIT:
    memcpy(out->commitment, sas->commitment, HASH_SIZE);
    return sas->state == SAS_REPLIED;
  case MESSAGE_SAS_REPLY:
    memcpy(out->random, sas->r_r, RANDOM_SIZE);
    return true;
  default:
    memcpy(out->random, sas->r_i, RANDOM_SIZE);
    return true;
  }
}

static void a13(struct evil *evil) {
  struct carried c = {0};
  sotto_id bob;
  struct message commit, reply, open;
  evil_scene(evil, SOTTO_POLICY_SAS_FIRST);
  sim_introduce(&evil->sim, ALICE, GRETA, 0);
  sim_introduce(&evil->sim, BOB, EVE, 0);
  contact_user_compared_number(evil_contact(evil, EVE, BOB), 1); /* Eve's core commits to nothing by itself */
  struct evil_call call = evil_ring(evil, ALICE, GRETA, SOTTO_AUDIO);
  c.alice = call.a, c.greta = call.b;
  sim_id(&evil->sim, BOB, &bob);
  core_call_start(evil->sim.peer[EVE].core, evil->sim.now, &bob, SOTTO_AUDIO, &c.eve);
  struct call *greta = evil_inside(evil, GRETA, c.greta), *eve = evil_inside(evil, EVE, c.eve);
  if (!greta || !eve)
    return;
  dial_with(evil, EVE, eve, greta->call_id); /* commitments name the call: let it be one call */
  evil_wait(evil, SEC(1));
  c.bob = evil->sim.peer[BOB].incoming;
  core_call_accept(evil->sim.peer[BOB].core, evil->sim.now, c.bob, SOTTO_AUDIO);
  evil_wait(evil, SEC(1));
  core_call_accept(evil->sim.peer[GRETA].core, evil->sim.now, c.greta, SOTTO_AUDIO);
  struct call *alice = evil_inside(evil, ALICE, c.alice), *at_bob = evil_inside(evil, BOB, c.bob);
  for (int i = 0; i < 100 && alice && alice->sas.state != SAS_COMMITTED; i++)
    evil_wait(evil, MS(10));
  greta->sas_ready = false; /* answers nothing by herself */
  evil_wait(evil, MS(100));
  if (!alice || !at_bob || alice->sas.state != SAS_COMMITTED)
    return;
  /* What Alice sent to Greta: she holds the channel, so she can read it. */
  heard_message(alice, MESSAGE_SAS_COMMIT, &commit);
  evil_say(evil, EVE, c.eve, &commit);
  expect(evil, heard_message(at_bob, MESSAGE_SAS_REPLY, &reply) && at_bob->sas.state == SAS_REPLIED);
  evil_say(evil, GRETA, c.greta, &reply);
  expect(evil, alice->sas.state == SAS_READY && heard_message(alice, MESSAGE_SAS_OPEN, &open));
  evil_say(evil, EVE, c.eve, &open);
  const struct sim_leg *a = evil_leg(evil, ALICE, c.alice), *b = evil_leg(evil, BOB, c.bob);
  expect(evil, a->have_sas && b->have_sas); /* each protocol was kept to the letter */
  bool equal = a->have_sas && b->have_sas && !strcmp(a->sas.words, b->sas.words);
  won(evil, equal, "both read the same words, with the attacker between them");
  expect(evil, !equal && strcmp(a->sas.digits, b->sas.digits) != 0);
  core_call_confirm(evil->sim.peer[ALICE].core, evil->sim.now, c.alice, equal);
  core_call_confirm(evil->sim.peer[BOB].core, evil->sim.now, c.bob, equal);
  evil_wait(evil, SEC(2));
  expect(evil, evil_trust(evil, ALICE, GRETA) == SOTTO_TRUST_CHANGED);
  expect(evil, evil_trust(evil, BOB, EVE) == SOTTO_TRUST_CHANGED);
  expect(evil, evil_alarms(evil, ALICE, SOTTO_ALARM_SAS_MISMATCH) == 1);
  expect(evil, evil_alarms(evil, BOB, SOTTO_ALARM_SAS_MISMATCH) == 1);
  expect(evil, a->reason == SOTTO_END_SECURITY && b->reason == SOTTO_END_SECURITY);
  expect(evil, a->gate == SOTTO_GATE_SHUT && b->gate == SOTTO_GATE_SHUT);
}

const struct attack attacks_sas[] = {
    {"A10", "grind the words: choose one's share last", WEAK_NOCHECK, a10},
    {"A11", "abort and repeat until the words are equal", WEAK_AUTORETRY, a11},
    {"A12", "open another share than was committed to; out of order", WEAK_NOCHECK, a12},
    {"A13", "carry one call's comparison into another", WEAK_NOROLE, a13},
    {0},
};
