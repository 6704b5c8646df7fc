/* attack_path.c - what a relay and a peer can do with packets and addresses. */
#include <string.h>

#include "evil.h"

/* ---- A28: Eve restarts ICE out of turn ---- */

static void a28(struct evil *evil) {
  evil_scene(evil, SOTTO_POLICY_WARN);
  sim_introduce(&evil->sim, ALICE, EVE, 0);
  evil->guest[EVE][ALICE] = true;
  struct evil_call call = evil_talk(evil, ALICE, EVE, SOTTO_AUDIO);
  struct call *alice = evil_inside(evil, ALICE, call.a), *eve = evil_inside(evil, EVE, call.b);
  expect(evil, evil_is_open(evil, ALICE, call.a));
  if (!alice || !eve)
    return;
  static const uint8_t generation[] = {0, 2, 3, 255}; /* 1 would be in turn */
  for (size_t i = 0; i < sizeof generation; i++) {
    struct message restart = {.type = MESSAGE_RESTART, .generation = generation[i], .ufrag = "evil"};
    memcpy(restart.pwd, eve->local.pwd, sizeof restart.pwd);
    evil_say(evil, EVE, call.b, &restart);
  }
  bool same = alice->remote.generation == 0 && strcmp(alice->remote.ufrag, "evil") != 0;
  won(evil, !same, "credentials out of turn");
  evil_saw(evil, "alice ignored %zu", sizeof generation);
  expect(evil, same && evil_is_open(evil, ALICE, call.a));
}

/* ---- A39: the relay repeats and splices packets, and makes some up ---- */

enum { KEPT = 60 };

struct copies {
  int count;
  size_t size[KEPT];
  uint8_t packet[KEPT][1300];
};

static bool keep_copies(struct evil *evil, int from, int to, uint8_t *data, size_t *size) {
  struct copies *copies = evil->state;
  (void)to;
  if (from == ALICE && demux_classify(data, *size) == DEMUX_RTP && copies->count < KEPT) {
    copies->size[copies->count] = *size;
    memcpy(copies->packet[copies->count++], data, *size);
  }
  return true;
}

static void inject(struct evil *evil, int victim, uint32_t call, const uint8_t *data, size_t size) {
  uint8_t copy[1300];
  memcpy(copy, data, size);
  core_datagram(evil->sim.peer[victim].core, evil->sim.now, call, copy, size);
}

static void a39(struct evil *evil) {
  static struct copies copies;
  copies.count = 0;
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  evil->state = &copies;
  evil->on_datagram = keep_copies;
  struct evil_call call = evil_talk(evil, ALICE, BOB, SOTTO_AUDIO);
  evil_wait(evil, SEC(2));
  evil->on_datagram = NULL;
  sotto_stats before = evil_stats(evil, BOB, call.b);
  for (int i = 0; i < copies.count; i++)
    inject(evil, BOB, call.b, copies.packet[i], copies.size[i]);
  sotto_stats after = evil_stats(evil, BOB, call.b);
  expect(evil, copies.count > 20);
  won(evil, after.packets_replayed < before.packets_replayed + copies.count, "repeated packets were taken");
  expect(evil, after.packets_replayed == before.packets_replayed + copies.count);
  for (int i = 0; i + 1 < copies.count; i += 2) { /* the head of one, the rest of another; another stream's head */
    memcpy(copies.packet[i], copies.packet[i + 1], 12);
    inject(evil, BOB, call.b, copies.packet[i], copies.size[i]);
    copies.packet[i + 1][8 + evil_choose(evil, 4)] ^= 0x40;
    inject(evil, BOB, call.b, copies.packet[i + 1], copies.size[i + 1]);
  }
  uint8_t bye[40] = {0x81, 203, 0, 1}; /* RTCP BYE, with no key */
  memcpy(bye + 4, copies.packet[0] + 8, 4);
  inject(evil, BOB, call.b, bye, sizeof bye);
  sotto_stats end = evil_stats(evil, BOB, call.b);
  expect(evil, end.packets_auth_failed + end.packets_replayed + end.packets_not_demuxed >=
                   after.packets_auth_failed + after.packets_replayed + after.packets_not_demuxed + copies.count);
  evil_saw(evil, "bob dropped all, counted as repeated or not authentic");
  int64_t heard = evil_leg(evil, BOB, call.b)->samples_heard;
  evil_wait(evil, SEC(1));
  expect(evil, evil_is_open(evil, BOB, call.b));
  expect(evil, evil_leg(evil, BOB, call.b)->samples_heard > heard + 46000);
}

/* ---- A40: Alice's own packets back to her ---- */

struct mirror {
  uint32_t call;
  int64_t reflected;
};

static bool reflect(struct evil *evil, int from, int to, uint8_t *data, size_t *size) {
  struct mirror *mirror = evil->state;
  (void)to;
  if (from == ALICE && mirror->reflected < 50 && demux_classify(data, *size) == DEMUX_RTP) {
    mirror->reflected++;
    inject(evil, ALICE, mirror->call, data, *size);
  }
  return true;
}

static void a40(struct evil *evil) {
  struct mirror mirror = {0};
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  struct evil_call call = evil_talk(evil, ALICE, BOB, SOTTO_AUDIO);
  mirror.call = call.a;
  evil->state = &mirror;
  evil->on_datagram = reflect;
  evil_wait(evil, SEC(2));
  sotto_stats stats = evil_stats(evil, ALICE, call.a);
  evil_saw(evil, "alice dropped all, counted as not authentic");
  expect(evil, mirror.reflected == 50 && stats.packets_auth_failed == 50);
  expect(evil, evil->heard[ALICE][ALICE] == 0 && evil_is_open(evil, ALICE, call.a));
}

/* ---- A47: nothing of Alice's reaches Bob once she hangs up ---- */

static bool no_cells(struct evil *evil, int from, int to, uint8_t *message, size_t size) {
  (void)evil, (void)to, (void)message;
  return from != SIM_SERVER || !evil_is_cell(size);
}

static bool no_datagrams(struct evil *evil, int from, int to, uint8_t *data, size_t *size) {
  (void)evil, (void)from, (void)to, (void)data, (void)size;
  return false;
}

static void a47(struct evil *evil) {
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  struct evil_call call = evil_talk(evil, ALICE, BOB, SOTTO_AUDIO);
  expect(evil, evil_is_open(evil, BOB, call.b));
  evil->on_message = no_cells;
  core_call_hangup(evil->sim.peer[ALICE].core, evil->sim.now, call.a);
  evil->on_datagram = no_datagrams;
  evil_wait(evil, MS(20));
  expect(evil, evil_leg(evil, ALICE, call.a)->gate == SOTTO_GATE_SHUT);
  evil_wait(evil, SEC(60));
  won(evil, evil_is_open(evil, BOB, call.b), "a minute later Bob still talks");
  expect(evil, evil_leg(evil, BOB, call.b)->state == SOTTO_CALL_ENDED);
  expect(evil, evil_leg(evil, BOB, call.b)->reason == SOTTO_END_LOST);
}

/* ---- A48: a contact is no longer trusted while the call is open ---- */

static bool note_media(struct evil *evil, int from, int to, uint8_t *data, size_t *size) {
  usec *last = evil->state;
  enum demux_class class = demux_classify(data, *size);
  (void)to;
  if (from == ALICE && (class == DEMUX_RTP || class == DEMUX_RTCP))
    *last = evil->sim.now;
  return true;
}

static void a48(struct evil *evil) {
  sotto_id eve;
  usec last = 0;
  evil_scene(evil, SOTTO_POLICY_WARN);
  sim_introduce(&evil->sim, ALICE, EVE, 0);
  evil->guest[EVE][ALICE] = true;
  struct evil_call call = evil_talk(evil, ALICE, EVE, SOTTO_AUDIO);
  expect(evil, evil_is_open(evil, ALICE, call.a));
  evil->state = &last;
  evil->on_datagram = note_media;
  evil_wait(evil, MS(100 + evil_choose(evil, 1000)));
  usec changed = evil->sim.now;
  expect(evil, last > changed - MS(100)); /* until then she talks */
  sim_id(&evil->sim, EVE, &eve);
  if (evil_choose(evil, 2)) { /* the user blocks her, or another key shows up in her name */
    core_contact_block(evil->sim.peer[ALICE].core, changed, &eve, true);
  } else {
    contact_identity_changed(evil_contact(evil, ALICE, EVE), false, 1);
    core_trust_changed(evil->sim.peer[ALICE].core, changed);
  }
  evil_wait(evil, SEC(2));
  won(evil, evil_is_open(evil, ALICE, call.a), "a call that Alice no longer wants is open");
  expect(evil, last <= changed + MS(100));
  expect(evil, evil_leg(evil, ALICE, call.a)->gate == SOTTO_GATE_SHUT);
  expect(evil, evil_leg(evil, ALICE, call.a)->reason == SOTTO_END_SECURITY);
}

/* ---- A49: Eve streams before Alice has said yes, and listens ---- */

static void a49(struct evil *evil) {
  evil_scene(evil, SOTTO_POLICY_SAS_FIRST);
  sim_introduce(&evil->sim, ALICE, EVE, 0);
  struct evil_call call = evil_talk(evil, ALICE, EVE, SOTTO_AUDIO | SOTTO_VIDEO);
  struct call *eve = evil_inside(evil, EVE, call.b);
  if (!eve || call_ended(eve))
    return;
  transport_set_gate(&eve->transport, evil->sim.now, SOTTO_GATE_OPEN); /* Eve's own gate is hers */
  evil_wait(evil, SEC(3));
  sotto_stats stats = evil_stats(evil, ALICE, call.a);
  evil_saw(evil, "alice GATED, packets dropped before decryption");
  expect(evil, evil_leg(evil, ALICE, call.a)->state == SOTTO_CALL_GATED);
  expect(evil, stats.packets_gate_dropped > 50 && stats.audio.packets_received == 0);
  expect(evil, stats.packets_auth_failed == 0 && stats.audio.packets_sent == 0);
  won(evil, stats.audio.packets_received > 0, "media before a person said yes");
}

/* ---- A51: Eve names addresses that are no peer's ---- */

static bool is_forbidden(const struct candidate *candidate) {
  const uint8_t *a = candidate->address;
  return candidate->family == 4 && (a[0] == 127 || (a[0] == 169 && a[1] == 254) || a[0] >= 224 || a[0] == 10);
}

static void a51(struct evil *evil) {
  static const uint8_t target[][4] = {
      {127, 0, 0, 1}, {169, 254, 169, 254}, {224, 0, 0, 251}, {255, 255, 255, 255}, {10, 0, 0, 1}};
  evil_scene(evil, SOTTO_POLICY_WARN);
  sim_introduce(&evil->sim, ALICE, EVE, 0);
  evil->guest[EVE][ALICE] = true;
  struct evil_call call = evil_talk(evil, ALICE, EVE, SOTTO_AUDIO);
  struct call *alice = evil_inside(evil, ALICE, call.a);
  expect(evil, evil_is_open(evil, ALICE, call.a));
  if (!alice)
    return;
  for (int i = 0; i < 30; i++) {
    struct message message = {.type = MESSAGE_CAND, .candidates = CANDIDATES_MAX};
    for (int k = 0; k < CANDIDATES_MAX; k++) {
      struct candidate *c = &message.candidate[k];
      *c = (struct candidate){.type = CANDIDATE_HOST,
                              .transport = CANDIDATE_UDP,
                              .family = 4,
                              .port = (uint16_t)(1 + evil_choose(evil, 65535)),
                              .priority = 1 + (uint32_t)k,
                              .foundation = "1"};
      if (i < 20)
        memcpy(c->address, target[evil_choose(evil, 5)], 4);
      else
        memcpy(c->address, (uint8_t[4]){11, 0, (uint8_t)i, (uint8_t)k}, 4);
    }
    evil_say(evil, EVE, call.b, &message);
  }
  int bad = 0;
  for (int i = 0; i < alice->remote.candidates; i++)
    bad += is_forbidden(&alice->remote.candidate[i]);
  evil_saw(evil, "alice keeps at most 16, none of them forbidden");
  won(evil, bad > 0, "Alice knocks at addresses inside her own network");
  expect(evil, bad == 0 && alice->remote.candidates <= CANDIDATES_MAX);
  expect(evil, evil_is_open(evil, ALICE, call.a));
}

const struct attack attacks_path[] = {
    {"A28", "restart ICE out of turn", WEAK_RESTART, a28},
    {"A39", "repeat, splice and invent SRTP and RTCP packets", WEAK_NOREPLAY, a39},
    {"A40", "reflect a victim's own media", 0, a40},
    {"A47", "let no hang-up through", WEAK_NOCONSENT, a47},
    {"A48", "stay in an open call when trust is gone", WEAK_NOREEVAL, a48},
    {"A49", "stream, and listen, before a person has said yes", WEAK_NOGATE, a49},
    {"A51", "name loopback, link-local, multicast and a thousand addresses", WEAK_CANDANY, a51},
    {0},
};
