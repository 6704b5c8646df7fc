/* attack_roster.c - devices that nobody has, devices that are gone, devices of somebody else (protocol A.5).
 *
 * The server can't even make a cell: here it is given the pair secret of its victims, and in some the key of a
 * stolen device or the root's, and posts what it forged. A ghost is Greta's core, which then calls itself Bob's.
 */
#include <string.h>

#include "engine/trust/record.h"
#include "evil.h"

static struct trust *trust_at(struct evil *evil, int peer) {
  return evil->sim.peer[peer].trust;
}

static uint64_t unix_now(const struct evil *evil) {
  return (uint64_t)((evil->sim.now + evil->sim.wall) / SEC(1));
}

/* ---- what the attacker makes ---- */

/* The next roster after `last`, with the ghost's device, whoever signs it; the ghost itself consents. */
static void forge(struct evil *evil, struct roster *out, const struct roster *last, int ghost,
                  const uint8_t secret[SIGN_SECRET_SIZE]) {
  const struct identity *identity = &trust_at(evil, ghost)->identity;
  struct roster_device device = {.added_seq = last->seq + 1};
  memcpy(device.id, identity->device.id, DEVICE_ID_SIZE);
  memcpy(device.dk, identity->device.dk, KEY_SIZE);
  memcpy(device.dx, identity->device.dx, KEY_SIZE);
  roster_accept_sign(&device, last->id, identity->device.dk_secret);
  roster_next(out, last, unix_now(evil));
  expect(evil, roster_add_device(out, &device) && roster_sign(out, secret));
}

/* The ghost's core takes itself for a device of Bob's, with this roster and his contacts. */
static void haunt(struct evil *evil, int ghost, const struct roster *roster) {
  struct trust *trust = trust_at(evil, ghost), *bob = trust_at(evil, BOB);
  uint8_t record[RECORD_MAX];
  memcpy(trust->identity.ik, bob->identity.ik, KEY_SIZE);
  trust->identity.root = false;
  trust->own = *roster;
  trust->links = bob->links;
  roster_links_add(&trust->links, roster);
  for (size_t i = 0; i < bob->contacts.count; i++)
    expect(evil, !record_load(trust, record, record_contact(record, bob->contacts.list[i])));
  evil->sim.peer[ghost].core->told_seq = roster->seq;
  evil->sim.peer[ghost].core->relisten_at = 0;
}

/* One statement in the name of `whose`, into the mailbox that Alice keeps for them. */
static void post(struct evil *evil, int whose, const struct roster *roster) {
  const struct identity *alice = &trust_at(evil, ALICE)->identity, *sender = &trust_at(evil, whose)->identity;
  struct roster_links links = {0};
  struct mailbox mailbox;
  struct cell_header header = {.type = CELL_ROSTER};
  uint8_t body[CELL_BODY_MAX];
  roster_links_add(&links, roster);
  const struct message message = {.type = MESSAGE_ROSTER, .roster = links.bytes, .roster_size = links.size};
  size_t size = message_encode(&message, body, sizeof body);
  memcpy(header.device, sender->device.id, DEVICE_SIZE);
  for (int i = 0; i < SESSION_SIZE; i++)
    header.session[i] = (uint8_t)evil_choose(evil, 256);
  mailbox_derive(&mailbox, evil_contact(evil, ALICE, whose)->ps, sender->ik, alice->ik, alice->device.id,
                 mailbox_epoch((int64_t)unix_now(evil)));
  expect(evil,
         size && post_message(evil->sim.peer[GRETA].core->client, evil->sim.now, &mailbox, &header, body, size));
  evil_wait(evil, SEC(1));
}

/* ---- what the people do ---- */

static bool knows(struct evil *evil, int whose, int device) {
  return roster_find(&evil_contact(evil, ALICE, whose)->roster, trust_at(evil, device)->identity.device.id);
}

static void hang_up(struct evil *evil, int peer, uint32_t call) {
  core_call_hangup(evil->sim.peer[peer].core, evil->sim.now, call);
  evil_wait(evil, SEC(2));
}

/* Alice and Bob, Eve as Bob's honestly linked second device; and Alice has heard of it. */
static void scene_of_two_devices(struct evil *evil) {
  char code[SOTTO_DEVICE_TEXT_SIZE];
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  evil_admit(evil);
  expect(evil, !core_device_show(evil->sim.peer[EVE].core, evil->sim.now, code, sizeof code));
  evil_wait(evil, SEC(1));
  expect(evil, !core_device_add(evil->sim.peer[BOB].core, evil->sim.now, code));
  evil_wait(evil, SEC(5));
  expect(evil, evil->sim.peer[EVE].links == 1 && evil->sim.peer[BOB].links == 1);
  struct evil_call call = evil_talk(evil, BOB, ALICE, SOTTO_AUDIO);
  hang_up(evil, BOB, call.a);
  expect(evil, knows(evil, BOB, EVE) && evil_alarms(evil, ALICE, SOTTO_ALARM_ROSTER_CHANGED) == 1);
}

/* Alice calls Bob; if the ghost rings it is the first to answer. */
static void call_bob(struct evil *evil) {
  evil->sim.peer[GRETA].incoming = 0;
  struct evil_call call = evil_ring(evil, ALICE, BOB, SOTTO_AUDIO);
  uint32_t at_ghost = evil->sim.peer[GRETA].incoming;
  won(evil, at_ghost, "Alice's call to Bob rings at a ghost");
  if (at_ghost)
    core_call_accept(evil->sim.peer[GRETA].core, evil->sim.now, at_ghost, SOTTO_AUDIO);
  else
    core_call_accept(evil->sim.peer[BOB].core, evil->sim.now, call.b, SOTTO_AUDIO);
  evil_wait(evil, SEC(2));
  expect(evil, evil_is_open(evil, ALICE, call.a) && evil_is_open(evil, BOB, call.b));
}

/* A ghost that was forged over what Alice knows of Bob is nothing to her. */
static void haunt_alice(struct evil *evil, const uint8_t secret[SIGN_SECRET_SIZE]) {
  struct roster forged, before = evil_contact(evil, ALICE, BOB)->roster;
  forge(evil, &forged, &before, GRETA, secret);
  haunt(evil, GRETA, &forged);
  post(evil, BOB, &forged);
  expect(evil, evil_alarms(evil, ALICE, SOTTO_ALARM_AUTH_FAIL) == 1);
  expect(evil, !memcmp(evil_contact(evil, ALICE, BOB)->roster.head.hash, before.head.hash, HASH_SIZE));
  evil_wait(evil, SEC(11)); /* past the alarms' rate limit */
  struct evil_call call = evil_ring(evil, GRETA, ALICE, SOTTO_AUDIO);
  expect(evil, !call.b && evil_alarms(evil, ALICE, SOTTO_ALARM_AUTH_FAIL) == 2);
  hang_up(evil, GRETA, call.a);
  call_bob(evil);
  expect(evil, evil_trust(evil, ALICE, BOB) == SOTTO_TRUST_TOFU);
}

/* ---- A04: the server signs a ghost itself ---- */

static void a04(struct evil *evil) {
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  evil_admit(evil);
  haunt_alice(evil, trust_at(evil, EVE)->identity.ik_secret);
}

/* ---- A05: a secondary device is stolen, and signs for another ---- */

static void a05(struct evil *evil) {
  scene_of_two_devices(evil);
  haunt_alice(evil, trust_at(evil, EVE)->identity.device.dk_secret);
}

/* ---- A06: the root key is stolen, and the ghost shown to Alice alone ---- */

/* Two signed statements, and anybody can see that they contradict each other. */
static void check_evidence(struct evil *evil) {
  uint8_t evidence[SOTTO_EVIDENCE_SIZE];
  size_t size = sizeof evidence;
  sotto_id bob, eve;
  sim_id(&evil->sim, BOB, &bob);
  sim_id(&evil->sim, EVE, &eve);
  expect(evil, !core_contact_evidence(evil->sim.peer[ALICE].core, &bob, evidence, &size));
  expect(evil, sotto_evidence_check(&bob, evidence, size) == SOTTO_OK);
  expect(evil, sotto_evidence_check(&eve, evidence, size) == SOTTO_ERR_TRUST);
  evidence[evil_choose(evil, size)] ^= (uint8_t)(1 << evil_choose(evil, 8));
  expect(evil, sotto_evidence_check(&bob, evidence, size) == SOTTO_ERR_TRUST);
}

static bool mute_bob(struct evil *evil, int from, int to, uint8_t *message, size_t size) {
  (void)evil, (void)to, (void)message, (void)size;
  return from != BOB;
}

/* He renews his list, and the server keeps his announcement back; whoever calls, both hear of two histories. */
static void fork_is_found(struct evil *evil, const struct roster *before, const struct roster_links *links) {
  struct trust *bob = trust_at(evil, BOB);
  struct roster own;
  bool alice_calls = evil_choose(evil, 2);
  bob->own = *before; /* another of his devices, which has not heard of the ghost */
  bob->links = *links;
  roster_next(&own, before, unix_now(evil));
  expect(evil, roster_sign(&own, bob->identity.ik_secret));
  evil->on_message = mute_bob;
  trust_adopt_roster(bob, &own);
  evil_wait(evil, SEC(3));
  evil->on_message = NULL;
  evil_ring(evil, alice_calls ? ALICE : BOB, alice_calls ? BOB : ALICE, SOTTO_AUDIO);
  evil_wait(evil, SEC(2));
  expect(evil, evil_alarms(evil, ALICE, SOTTO_ALARM_ROSTER_FORK) >= 1);
  expect(evil, !alice_calls || evil_alarms(evil, BOB, SOTTO_ALARM_SELF_ROSTER_FORK) == 1);
  expect(evil, evil_trust(evil, ALICE, BOB) == SOTTO_TRUST_CHANGED);
  check_evidence(evil);
}

static void a06(struct evil *evil) {
  struct roster forged, before;
  struct roster_links links;
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  evil_admit(evil);
  contact_user_compared_number(evil_contact(evil, ALICE, BOB), 1);
  before = trust_at(evil, BOB)->own, links = trust_at(evil, BOB)->links;
  forge(evil, &forged, &before, GRETA, trust_at(evil, BOB)->identity.ik_secret);
  haunt(evil, GRETA, &forged);
  post(evil, BOB, &forged);
  expect(evil, evil_alarms(evil, ALICE, SOTTO_ALARM_ROSTER_CHANGED) == 1); /* before any call */
  struct evil_call call = evil_talk(evil, GRETA, ALICE, SOTTO_AUDIO);
  expect(evil, evil_leg(evil, ALICE, call.b)->wants_acknowledgement);
  expect(evil, evil_leg(evil, ALICE, call.b)->gate == SOTTO_GATE_SHUT);
  hang_up(evil, ALICE, call.b);
  call = evil_talk(evil, ALICE, BOB, SOTTO_AUDIO); /* now with the true one */
  int told = evil_alarms(evil, BOB, SOTTO_ALARM_SELF_ROSTER_ROLLBACK);
  won(evil, call.b && !told && !evil_alarms(evil, ALICE, SOTTO_ALARM_ROSTER_STALE),
      "Alice and Bob talk, and neither is told that they know of different devices");
  expect(evil, told >= 1 && evil_alarms(evil, ALICE, SOTTO_ALARM_ROSTER_STALE) >= 1);
  hang_up(evil, ALICE, call.a);
  evil_wait(evil, SEC(11)); /* past the alarms' rate limit */
  fork_is_found(evil, &before, &links);
}

/* ---- A07, A08: Bob revoked a stolen device; the server brings the old list back, or keeps the new one ---- */

static bool deaf_phone(struct evil *evil, int from, int to, uint8_t *message, size_t size) {
  (void)evil, (void)from, (void)message;
  return to != EVE || !evil_is_cell(size);
}

static bool mute_bob_deaf_phone(struct evil *evil, int from, int to, uint8_t *message, size_t size) {
  return mute_bob(evil, from, to, message, size) && deaf_phone(evil, from, to, message, size);
}

/* The stolen device itself never hears of it. */
static void revoke_phone(struct evil *evil, evil_message *server) {
  char id[SOTTO_DEVICE_ID_SIZE];
  device_id_format(trust_at(evil, EVE)->identity.device.id, id);
  evil->on_message = server;
  expect(evil, !core_device_revoke(evil->sim.peer[BOB].core, evil->sim.now, id));
  evil_wait(evil, SEC(5));
  evil->on_message = NULL;
}

static void a07(struct evil *evil) {
  struct roster old;
  scene_of_two_devices(evil);
  old = trust_at(evil, EVE)->own;
  revoke_phone(evil, deaf_phone);
  expect(evil, evil_contact(evil, ALICE, BOB)->roster.seq == 2 && !knows(evil, BOB, EVE));
  post(evil, BOB, &old);
  expect(evil, evil_alarms(evil, ALICE, SOTTO_ALARM_ROSTER_STALE) == 1);
  struct evil_call call = evil_talk(evil, EVE, ALICE, SOTTO_AUDIO);
  won(evil, call.b, "a revoked device rings");
  expect(evil, !call.b && evil_alarms(evil, ALICE, SOTTO_ALARM_DEVICE_REVOKED) >= 1);
  expect(evil, evil_contact(evil, ALICE, BOB)->roster.seq == 2 && !knows(evil, BOB, EVE));
}

/* What remains: until any honest device of Bob's reaches Alice, she can't know. Then it is over within 100 ms. */
static void a08(struct evil *evil) {
  scene_of_two_devices(evil);
  revoke_phone(evil, mute_bob_deaf_phone);
  evil->guest[EVE][ALICE] = true;
  struct evil_call phone = evil_talk(evil, EVE, ALICE, SOTTO_AUDIO);
  expect(evil, evil_is_open(evil, ALICE, phone.b) && knows(evil, BOB, EVE));
  sotto_id alice;
  uint32_t call;
  sim_id(&evil->sim, ALICE, &alice);
  expect(evil, !core_call_start(evil->sim.peer[BOB].core, evil->sim.now, &alice, SOTTO_AUDIO, &call));
  for (int i = 0; i < 3000 && knows(evil, BOB, EVE); i++)
    evil_wait(evil, MS(1));
  evil_wait(evil, MS(100));
  expect(evil, !knows(evil, BOB, EVE) && evil_alarms(evil, ALICE, SOTTO_ALARM_DEVICE_REVOKED) == 1);
  expect(evil, evil_leg(evil, ALICE, phone.b)->gate == SOTTO_GATE_SHUT);
  expect(evil, evil_leg(evil, ALICE, phone.b)->reason == SOTTO_END_SECURITY);
}

/* ---- A09: Eve, a contact of both, lists Bob's device as her own ---- */

/* Puts `with` in the place of `device` and signs again: roster_sign() itself would not. */
static void replace_device(struct roster *roster, const struct roster_device *device,
                           const struct roster_device *with, const uint8_t secret[SIGN_SECRET_SIZE]) {
  uint8_t *at = memmem(roster->encoded, roster->size, device->id, DEVICE_ID_SIZE), swap[ROSTER_DEVICE_SIZE];
  uint8_t *list = memmem(roster->encoded, roster->size, roster->device[0].id, DEVICE_ID_SIZE);
  struct writer w = writer_of(at, ROSTER_DEVICE_SIZE);
  write_bytes(&w, with->id, DEVICE_ID_SIZE);
  write_bytes(&w, with->dk, KEY_SIZE);
  write_bytes(&w, with->dx, KEY_SIZE);
  write_u32(&w, 0);
  write_u32(&w, roster->seq);
  write_bytes(&w, with->accept_sig, SIGNATURE_SIZE);
  if (memcmp(list, list + ROSTER_DEVICE_SIZE, DEVICE_ID_SIZE) > 0) { /* ascending, as it must be */
    memcpy(swap, list, sizeof swap);
    memcpy(list, list + ROSTER_DEVICE_SIZE, ROSTER_DEVICE_SIZE);
    memcpy(list + ROSTER_DEVICE_SIZE, swap, sizeof swap);
  }
  size_t size = roster->size - SIGNATURE_SIZE;
  crypto_ed25519_sign(roster->encoded + size, secret, "roster", roster->encoded, size);
}

static void a09(struct evil *evil) {
  struct roster forged;
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  evil_admit(evil);
  sim_introduce(&evil->sim, ALICE, EVE, 0);
  sim_introduce(&evil->sim, BOB, EVE, 0); /* and so she knows his keys */
  const struct trust *eve = trust_at(evil, EVE);
  struct roster_device bobs = evil_contact(evil, EVE, BOB)->roster.device[0];
  bobs.added_seq = eve->own.seq + 1;
  if (evil_choose(evil, 2)) /* his consent is for somebody else, or it is not his */
    roster_accept_sign(&bobs, eve->identity.ik, eve->identity.device.dk_secret);
  forge(evil, &forged, &eve->own, GRETA, eve->identity.ik_secret);
  replace_device(&forged, roster_find(&forged, trust_at(evil, GRETA)->identity.device.id), &bobs,
                 eve->identity.ik_secret);
  post(evil, EVE, &forged);
  won(evil, knows(evil, EVE, BOB), "Bob's device is one of Eve's");
  expect(evil, evil_alarms(evil, ALICE, SOTTO_ALARM_AUTH_FAIL) == 1);
  expect(evil, evil_contact(evil, ALICE, EVE)->roster.seq == 0 && !knows(evil, EVE, BOB));
}

const struct attack attacks_roster[] = {
    {"A04", "list a ghost device, signed by a key of one's own", WEAK_NOSIG, a04},
    {"A05", "list a ghost device, signed by a stolen secondary device", WEAK_ANYDEV, a05},
    {"A06", "list a ghost device with the stolen root key, to one side alone", WEAK_NOGOSSIP, a06},
    {"A07", "bring back the list from before a device was revoked", WEAK_NOSEQ, a07},
    {"A08", "keep a revocation back", 0, a08},
    {"A09", "list a victim's device as one's own", WEAK_NOACCEPT, a09},
    {0},
};
