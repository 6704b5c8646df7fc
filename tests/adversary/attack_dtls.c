/* attack_dtls.c - whose keys are these? Men in the middle of DTLS, of its binding, and of its rules. */
#include <string.h>

#include "evil.h"
#include "sim/page.h"

enum { RECORD_HEADER = 13, HELLO_TYPE_AT = RECORD_HEADER, HELLO_FINGERPRINT_AT = RECORD_HEADER + 12 + 34 };

static bool is_rtp(const uint8_t *data, size_t size) {
  enum demux_class class = demux_classify(data, size);
  return class == DEMUX_RTP || class == DEMUX_RTCP;
}

static struct dtls *attackers_dtls(bool server, const uint8_t peer[DTLS_FINGERPRINT_SIZE]) {
  struct dtls_certificate *certificate = dtls_certificate_new(NULL);
  struct dtls_config config = {
      .certificate = certificate, .server = server, .profile = {SRTP_PROFILE_AES_256_GCM}, .profiles = 1};
  memcpy(config.peer_fingerprint, peer, sizeof config.peer_fingerprint);
  struct dtls *dtls = dtls_new(&config);
  dtls_certificate_free(certificate);
  return dtls;
}

/* ---- A02, A03: the relay ends DTLS on both legs with certificates of its own ---- */

struct leg_in_the_middle {
  struct dtls *dtls;
  struct srtp_path *srtp;
};

struct middle {
  struct evil_call call;
  bool redirect;                         /* A03: Alice's packets alone, and nothing goes on to Bob */
  struct leg_in_the_middle leg[VICTIMS]; /* towards Alice, towards Bob */
};

static void deliver(struct evil *evil, const struct middle *m, int victim, const uint8_t *data, size_t size) {
  uint8_t copy[SESSION_PACKET_ROOM + 2048];
  if (size > sizeof copy)
    return;
  memcpy(copy, data, size);
  core_datagram(evil->sim.peer[victim].core, evil->sim.now, victim == ALICE ? m->call.a : m->call.b, copy, size);
}

static void pump(struct evil *evil, struct middle *m, int victim) {
  const uint8_t *data;
  size_t size;
  struct leg_in_the_middle *leg = &m->leg[victim];
  while (dtls_poll(leg->dtls, evil->sim.now, &data, &size))
    deliver(evil, m, victim, data, size);
  struct srtp_master local, remote;
  if (!leg->srtp && dtls_state(leg->dtls) == DTLS_CONNECTED && dtls_export_srtp(leg->dtls, &local, &remote))
    leg->srtp = srtp_path_new(dtls_profile(leg->dtls), &local, &remote);
}

static void begin(struct evil *evil, struct middle *m) {
  for (int v = 0; v < VICTIMS; v++) {
    struct call *victim = evil_inside(evil, v, v == ALICE ? m->call.a : m->call.b);
    if (victim)
      m->leg[v].dtls = attackers_dtls(v == BOB, victim->ours.fingerprint); /* the caller is the server */
  }
}

static void pass_on_media(struct evil *evil, struct middle *m, int from, uint8_t *data, size_t size) {
  uint8_t packet[2048];
  memcpy(packet, data, size);
  bool rtcp = demux_classify(data, size) == DEMUX_RTCP;
  struct srtp_path *in = m->leg[from].srtp, *out = m->leg[1 - from].srtp;
  if (!in || (rtcp ? srtp_path_unprotect_rtcp(in, packet, &size) : srtp_path_unprotect_rtp(in, packet, &size)))
    return;
  evil_listen(evil, WIRE, packet, size);
  if (out && !(rtcp ? srtp_path_protect_rtcp(out, packet, &size, sizeof packet)
                    : srtp_path_protect_rtp(out, packet, &size, sizeof packet)))
    deliver(evil, m, 1 - from, packet, size);
}

static bool in_the_middle(struct evil *evil, int from, int to, uint8_t *data, size_t *size) {
  struct middle *m = evil->state;
  uint8_t sealed[DTLS_MESSAGE_MAX];
  size_t length;
  if (from > BOB || to > BOB || (m->redirect && from == BOB))
    return !m->redirect;
  if (!m->leg[ALICE].dtls)
    begin(evil, m);
  if (!m->leg[ALICE].dtls || !m->leg[BOB].dtls)
    return false;
  if (is_rtp(data, *size)) {
    pass_on_media(evil, m, from, data, *size);
    return false;
  }
  dtls_input(m->leg[from].dtls, evil->sim.now, data, *size);
  while ((length = dtls_read(m->leg[from].dtls, sealed, sizeof sealed)) > 0)
    dtls_write(m->leg[1 - from].dtls, evil->sim.now, sealed, length); /* Noise: can be passed on, not read */
  pump(evil, m, ALICE);
  pump(evil, m, BOB);
  return false;
}

static void free_middle(struct middle *m) {
  for (int v = 0; v < VICTIMS; v++) {
    dtls_free(m->leg[v].dtls);
    srtp_path_free(m->leg[v].srtp);
  }
}

static void a02(struct evil *evil) {
  struct middle m = {0};
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  m.call = evil_ring(evil, ALICE, BOB, SOTTO_AUDIO | SOTTO_VIDEO);
  evil->state = &m;
  evil->on_datagram = in_the_middle;
  core_call_accept(evil->sim.peer[BOB].core, evil->sim.now, m.call.b, SOTTO_AUDIO | SOTTO_VIDEO);
  evil_wait(evil, SEC(3));
  expect(evil,
         evil_alarms(evil, ALICE, SOTTO_ALARM_FP_MISMATCH) + evil_alarms(evil, BOB, SOTTO_ALARM_FP_MISMATCH) > 0);
  expect(evil, evil_leg(evil, ALICE, m.call.a)->reason == SOTTO_END_SECURITY);
  expect(evil, evil_leg(evil, BOB, m.call.b)->reason == SOTTO_END_SECURITY);
  expect(evil, evil->sim.media_datagrams == 0);
  free_middle(&m);
}

/* The relay hands Alice's packets to the attacker's own endpoint, which answers in Bob's stead. */
static bool only_alice(struct evil *evil, int from, int to, uint8_t *data, size_t *size) {
  struct middle *m = evil->state;
  (void)to;
  if (from != ALICE)
    return false;
  if (!m->leg[ALICE].dtls)
    return false;
  dtls_input(m->leg[ALICE].dtls, evil->sim.now, data, *size);
  pump(evil, m, ALICE);
  return false;
}

static void a03(struct evil *evil) {
  struct middle m = {.redirect = true};
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  m.call = evil_ring(evil, ALICE, BOB, SOTTO_AUDIO);
  evil->state = &m;
  evil->on_datagram = only_alice;
  core_call_accept(evil->sim.peer[BOB].core, evil->sim.now, m.call.b, SOTTO_AUDIO);
  evil_wait(evil, SEC(1));
  begin(evil, &m);
  if (m.leg[ALICE].dtls)
    pump(evil, &m, ALICE); /* its ClientHello */
  evil_wait(evil, SEC(1));
  struct call *alice = evil_inside(evil, ALICE, m.call.a);
  won(evil, alice && alice->transport.dtls && dtls_state(alice->transport.dtls) == DTLS_CONNECTED,
      "Alice shares keys with a stranger");
  expect(evil, evil_alarms(evil, ALICE, SOTTO_ALARM_FP_MISMATCH) == 1);
  expect(evil, evil_leg(evil, ALICE, m.call.a)->reason == SOTTO_END_SECURITY);
  expect(evil, evil->sim.media_datagrams == 0);
  free_middle(&m);
}

/* ---- A14, A17: Eve, a contact of both, makes Alice's DTLS meet Bob's. Each believes to talk to Eve. ---- */

struct splice {
  uint32_t alice, eve_a, eve_b, bob; /* two calls, each seen from both ends */
  bool cut;
};

static bool splice_paths(struct evil *evil, int from, int to, uint8_t *data, size_t *size) {
  const struct splice *s = evil->state;
  (void)to;
  if (s->cut)
    return false;
  if (from == ALICE)
    core_datagram(evil->sim.peer[BOB].core, evil->sim.now, s->bob, data, *size);
  else if (from == BOB)
    core_datagram(evil->sim.peer[ALICE].core, evil->sim.now, s->alice, data, *size);
  return false;
}

/* What the other victim says of itself is what Eve says of herself. */
static void borrow_description(struct call *eve, const struct call *from) {
  memcpy(eve->ours.fingerprint, from->theirs.fingerprint, sizeof eve->ours.fingerprint);
  eve->ours.audio_ssrc = from->theirs.audio_ssrc;
  eve->ours.video_ssrc = from->theirs.video_ssrc;
}

/* Knocks once more, with a call's number of Eve's choice: it is the caller's to choose. */
static void dial_with_call_id(struct evil *evil, struct call *call, const uint8_t call_id[CALL_ID_SIZE]) {
  struct channel *channel = &call->leg[0]->channel;
  struct channel_config config = {.client = channel->client,
                                  .initiator = true,
                                  .ps = evil_contact(evil, EVE, BOB)->ps,
                                  .dx_secret = evil->sim.peer[EVE].trust->identity.device.dx_secret,
                                  .us = channel->us,
                                  .them = channel->them};
  crypto_random(config.session, sizeof config.session);
  channel_deinit(channel);
  channel_init(channel, &config);
  memcpy(call->call_id, call_id, CALL_ID_SIZE);
  expect(evil, call_send_knock(call, evil->sim.now, call->leg[0]));
}

static void splice_two_calls(struct evil *evil, bool same_call_id) {
  struct splice s = {0};
  sotto_id bob;
  evil_scene(evil, SOTTO_POLICY_WARN);
  sim_introduce(&evil->sim, ALICE, EVE, 0);
  sim_introduce(&evil->sim, BOB, EVE, 0);
  struct evil_call call = evil_ring(evil, ALICE, EVE, SOTTO_AUDIO);
  s.alice = call.a, s.eve_a = call.b;
  sim_id(&evil->sim, BOB, &bob);
  expect(evil, core_call_start(evil->sim.peer[EVE].core, evil->sim.now, &bob, SOTTO_AUDIO, &s.eve_b) == SOTTO_OK);
  struct call *left = evil_inside(evil, EVE, s.eve_a), *right = evil_inside(evil, EVE, s.eve_b);
  if (!left || !right)
    return;
  if (same_call_id)
    dial_with_call_id(evil, right, left->call_id);
  borrow_description(right, left);
  evil_wait(evil, SEC(2));
  s.bob = evil->sim.peer[BOB].incoming;
  evil->state = &s;
  evil->on_datagram = splice_paths;
  core_call_accept(evil->sim.peer[BOB].core, evil->sim.now, s.bob, SOTTO_AUDIO);
  evil_wait(evil, MS(300));
  borrow_description(left, right);
  core_call_accept(evil->sim.peer[EVE].core, evil->sim.now, s.eve_a, SOTTO_AUDIO);
  evil_wait(evil, MS(900));
  evil_take_over(evil, EVE, s.eve_a);
  evil_take_over(evil, EVE, s.eve_b);
  expect(evil, left->bind_received && right->bind_received); /* DTLS between Alice and Bob is up */
  s.cut = true;
  const struct message of_alice = left->bind_theirs, of_bob = right->bind_theirs;
  evil_say(evil, EVE, s.eve_b, &of_alice); /* what Alice says of it, to Bob, and the reverse */
  evil_say(evil, EVE, s.eve_a, &of_bob);
  evil_wait(evil, SEC(2));
  won(evil, evil_is_open(evil, ALICE, s.alice) && evil_is_open(evil, BOB, s.bob),
      "Alice and Bob talk, and each is told that it is Eve");
  expect(evil, evil_alarms(evil, ALICE, SOTTO_ALARM_BIND_MISMATCH) == 1);
  expect(evil, evil_alarms(evil, BOB, SOTTO_ALARM_BIND_MISMATCH) == 1);
  expect(evil, evil_trust(evil, ALICE, EVE) == SOTTO_TRUST_CHANGED);
  expect(evil, evil_leg(evil, ALICE, s.alice)->reason == SOTTO_END_SECURITY);
  expect(evil, evil->sim.media_datagrams == 0);
}

static void a14(struct evil *evil) {
  splice_two_calls(evil, true);
}

static void a17(struct evil *evil) {
  splice_two_calls(evil, false);
}

/* ---- A15: the same with Alice a page, who has no exporter and sees certificates. To Bob, Eve says that she is
 * one. ---- */

/* Eve rings Bob as the page that Alice is: with Alice's certificate, and as the client. */
static bool ring_bob_as_a_page(struct evil *evil, struct splice *s) {
  sotto_id bob;
  struct core *eve = evil->sim.peer[EVE].core;
  sim_id(&evil->sim, BOB, &bob);
  eve->env.caps = CAPS_BROWSER;
  expect(evil, core_call_start(eve, evil->sim.now, &bob, SOTTO_AUDIO, &s->eve_b) == SOTTO_OK);
  struct call *left = evil_inside(evil, EVE, s->eve_a), *right = evil_inside(evil, EVE, s->eve_b);
  if (!left || !right)
    return false;
  dial_with_call_id(evil, right, left->call_id);
  borrow_description(right, left);
  evil_wait(evil, SEC(2));
  eve->env.caps = 0;
  s->bob = evil->sim.peer[BOB].incoming;
  return true;
}

/* She answers Alice with Bob's certificate, which he made for his session with her. */
static void answer_alice_as_bob(struct evil *evil, const struct splice *s) {
  struct call *left = evil_inside(evil, EVE, s->eve_a), *right = evil_inside(evil, EVE, s->eve_b);
  borrow_description(left, right);
  left->leg[0]->certificate = dtls_certificate_new(NULL);
  memcpy(left->leg[0]->fingerprint, right->theirs.fingerprint, HASH_SIZE);
  core_call_accept(evil->sim.peer[EVE].core, evil->sim.now, s->eve_a, SOTTO_AUDIO);
}

/* What each wants to hear of their common DTLS: between certificates alone nothing of it is secret. */
static void state_to_both(struct evil *evil, const struct splice *s) {
  const struct call *left = evil_inside(evil, EVE, s->eve_a), *right = evil_inside(evil, EVE, s->eve_b);
  struct message to_bob = {.type = MESSAGE_BIND, .dtls_role = SETUP_ACTIVE},
                 to_alice = {.type = MESSAGE_BIND, .dtls_role = SETUP_PASSIVE};
  memcpy(to_bob.fp_self, left->theirs.fingerprint, HASH_SIZE);
  memcpy(to_bob.fp_peer, right->theirs.fingerprint, HASH_SIZE);
  memcpy(to_alice.fp_self, right->theirs.fingerprint, HASH_SIZE);
  memcpy(to_alice.fp_peer, left->theirs.fingerprint, HASH_SIZE);
  evil_say(evil, EVE, s->eve_a, &to_alice);
  evil_say(evil, EVE, s->eve_b, &to_bob);
}

static void a15(struct evil *evil) {
  struct splice s = {0};
  evil_scene(evil, SOTTO_POLICY_WARN);
  sim_introduce(&evil->sim, ALICE, EVE, 0);
  sim_introduce(&evil->sim, BOB, EVE, 0);
  sim_become_page(&evil->sim, ALICE);
  struct evil_call call = evil_ring(evil, ALICE, EVE, SOTTO_AUDIO);
  s.alice = call.a, s.eve_a = call.b;
  if (!ring_bob_as_a_page(evil, &s))
    return;
  evil->state = &s;
  evil->on_datagram = splice_paths;
  core_call_accept(evil->sim.peer[BOB].core, evil->sim.now, s.bob, SOTTO_AUDIO);
  evil_wait(evil, MS(300));
  answer_alice_as_bob(evil, &s);
  evil_wait(evil, MS(300 + evil_choose(evil, 600))); /* before DTLS is up, or after */
  evil_take_over(evil, EVE, s.eve_a);
  evil_take_over(evil, EVE, s.eve_b);
  state_to_both(evil, &s);
  evil_wait(evil, SEC(3));
  const struct sim_leg *alice = evil_leg(evil, ALICE, s.alice);
  won(evil, evil_is_open(evil, ALICE, s.alice) && evil_is_open(evil, BOB, s.bob),
      "Alice and Bob talk, and each is told that it is Eve");
  expect(evil, evil_alarms(evil, ALICE, SOTTO_ALARM_FP_MISMATCH) == 1);
  expect(evil, alice->reason == SOTTO_END_SECURITY && alice->gate == SOTTO_GATE_SHUT && alice->samples_heard == 0);
  expect(evil, alice->audio_frames_sent == 0);
  expect(evil, evil_is_open(evil, BOB, s.bob)); /* for a page that is not there: he hears nothing, and nobody him */
  expect(evil, evil_stats(evil, BOB, s.bob).audio.packets_received == 0);
  evil_saw(evil, "bob decrypts nothing");
}

/* ---- A59: the keys of SRTP are taken out of Alice's browser. Nothing else is amiss: the call is bound, and open
 * ---- */

struct thief {
  uint32_t alice;                     /* her call */
  struct srtp_path *against[VICTIMS]; /* reads what this one sends, and sends as the other */
  int64_t read, changed;
};

static bool steal(struct evil *evil, struct thief *t) {
  struct call *call = evil_inside(evil, ALICE, t->alice);
  struct srtp_master alice, bob;
  if (t->against[ALICE])
    return true;
  if (!call || !call->transport.dtls || !dtls_export_srtp(call->transport.dtls, &alice, &bob))
    return false;
  t->against[ALICE] = srtp_path_new(dtls_profile(call->transport.dtls), &bob, &alice);
  t->against[BOB] = srtp_path_new(dtls_profile(call->transport.dtls), &alice, &bob);
  return t->against[ALICE] && t->against[BOB];
}

/* Reads everything; of what Bob sends, one packet in five goes on with another last byte. */
static bool read_and_change(struct evil *evil, int from, int to, uint8_t *data, size_t *size) {
  enum { ONE_IN = 5 };
  struct thief *t = evil->state;
  uint8_t packet[2048];
  size_t plain = *size;
  if (from > BOB || to > BOB || demux_classify(data, *size) != DEMUX_RTP || !steal(evil, t))
    return true;
  memcpy(packet, data, plain);
  if (srtp_path_unprotect_rtp(t->against[from], packet, &plain) != SRTP_OK)
    return true;
  evil_listen(evil, WIRE, packet, plain);
  if (++t->read % ONE_IN || from == ALICE)
    return true;
  packet[plain - 1] ^= 1;
  if (srtp_path_protect_rtp(t->against[ALICE], packet, &plain, sizeof packet) != SRTP_OK || plain != *size)
    return true;
  memcpy(data, packet, plain);
  t->changed++;
  return true;
}

static void a59(struct evil *evil) {
  struct thief t = {0};
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  sim_become_page(&evil->sim, ALICE);
  evil->sim.peer[ALICE].core->env.caps |= CAPS_SFRAME;
  struct evil_call call = evil_ring(evil, ALICE, BOB, SOTTO_AUDIO);
  t.alice = call.a;
  evil->state = &t;
  evil->on_datagram = read_and_change;
  core_call_accept(evil->sim.peer[BOB].core, evil->sim.now, call.b, SOTTO_AUDIO);
  evil_wait(evil, SEC(4));
  sotto_stats alice = evil_stats(evil, ALICE, call.a), bob = evil_stats(evil, BOB, call.b);
  expect(evil, t.read > 300 && t.changed > 10);
  expect(evil, alice.frames_sealed && bob.frames_sealed);
  expect(evil, alice.packets_auth_failed == 0);
  expect(evil, alice.frames_unopened <= t.changed && alice.frames_unopened >= t.changed - 2); /* on their way */
  expect(evil, bob.frames_unopened == 0 && evil_is_open(evil, ALICE, call.a) && evil_is_open(evil, BOB, call.b));
  evil_saw(evil, "alice drops every frame that was changed, and counts it");
  for (int v = 0; v < VICTIMS; v++)
    srtp_path_free(t.against[v]);
}

/* ---- A25: Eve offers nothing but a profile that sotto does not speak ---- */

static void a25(struct evil *evil) {
  sotto_id alice;
  uint32_t call;
  evil_scene(evil, SOTTO_POLICY_WARN);
  sim_introduce(&evil->sim, ALICE, EVE, 0);
  sim_id(&evil->sim, ALICE, &alice);
  core_call_start(evil->sim.peer[EVE].core, evil->sim.now, &alice, SOTTO_AUDIO, &call);
  struct call *eve = evil_inside(evil, EVE, call);
  if (!eve)
    return;
  eve->ours.profile[0] = (uint16_t)(1 + evil_choose(evil, 6)); /* AES128_CM_SHA1_80 and the like */
  eve->ours.profiles = 1;
  evil_wait(evil, SEC(2));
  won(evil, evil->sim.peer[ALICE].incoming != 0, "rings for a call with a weaker cipher");
  expect(evil, evil->sim.peer[ALICE].incoming == 0);
  expect(evil, evil_alarms(evil, ALICE, SOTTO_ALARM_PROFILE_DOWNGRADE) == 1);
}

/* ---- A27: another ClientHello in mid-call ---- */

static size_t client_hello(struct evil *evil, uint8_t out[DTLS_DATAGRAM_MAX]) {
  static const uint8_t nobody[DTLS_FINGERPRINT_SIZE];
  const uint8_t *data;
  size_t size = 0;
  struct dtls *dtls = attackers_dtls(false, nobody);
  if (dtls && dtls_poll(dtls, evil->sim.now, &data, &size))
    memcpy(out, data, size);
  dtls_free(dtls);
  return size;
}

static void a27(struct evil *evil) {
  uint8_t hello[DTLS_DATAGRAM_MAX];
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  struct evil_call call = evil_talk(evil, ALICE, BOB, SOTTO_AUDIO);
  evil_wait(evil, SEC(1));
  int64_t heard = evil_leg(evil, BOB, call.b)->samples_heard;
  for (int i = 0; i < 20; i++) {
    size_t size = client_hello(evil, hello);
    core_datagram(evil->sim.peer[ALICE].core, evil->sim.now, call.a, hello, size);
    evil_wait(evil, MS(20 + evil_choose(evil, 50)));
  }
  evil_wait(evil, SEC(2));
  won(evil, !evil_is_open(evil, ALICE, call.a), "a forged packet ends the call");
  expect(evil, evil_is_open(evil, ALICE, call.a) && evil_is_open(evil, BOB, call.b));
  expect(evil, evil_alarms(evil, ALICE, SOTTO_ALARM_DTLS_REHANDSHAKE) == 1);
  expect(evil, evil_stats(evil, ALICE, call.a).dtls_blocked >= 20);
  expect(evil, evil_leg(evil, BOB, call.b)->samples_heard > heard + 96000 - 2000); /* no frame is lost for it */
}

/* ---- A29: Eve names another fingerprint in mid-call ---- */

static void a29(struct evil *evil) {
  enum { FIELD = 3 + HASH_SIZE };
  uint8_t bytes[CHANNEL_MESSAGE_MAX], pinned[HASH_SIZE];
  evil_scene(evil, SOTTO_POLICY_WARN);
  sim_introduce(&evil->sim, ALICE, EVE, 0);
  evil->guest[EVE][ALICE] = true;
  struct evil_call call = evil_talk(evil, ALICE, EVE, SOTTO_AUDIO);
  struct call *alice = evil_inside(evil, ALICE, call.a), *eve = evil_inside(evil, EVE, call.b);
  expect(evil, evil_is_open(evil, ALICE, call.a));
  if (!alice || !eve)
    return;
  memcpy(pinned, alice->theirs.fingerprint, sizeof pinned);
  struct message restart = {.type = MESSAGE_RESTART, .generation = 1, .ufrag = "evil"};
  memcpy(restart.pwd, eve->local.pwd, sizeof restart.pwd);
  size_t size = message_encode(&restart, bytes, sizeof bytes - FIELD);
  memmove(bytes + 1 + FIELD, bytes + 1, size - 1);
  bytes[1] = TAG_FINGERPRINT;
  bytes[2] = 0, bytes[3] = HASH_SIZE;
  for (int i = 0; i < HASH_SIZE; i++)
    bytes[4 + i] = (uint8_t)evil_choose(evil, 256);
  int64_t rejected = alice->leg[0]->channel.rejected;
  evil_say_bytes(evil, EVE, call.b, bytes, size + FIELD);
  evil_wait(evil, SEC(2));
  bool same = memcmp(pinned, alice->theirs.fingerprint, sizeof pinned) == 0;
  evil_saw(evil, "alice dropped the message, the pin stays");
  won(evil, !same, "another fingerprint in mid-call");
  expect(evil, same && evil_is_open(evil, ALICE, call.a));
  expect(evil, alice->leg[0]->channel.rejected == rejected + 1 && strcmp(alice->remote.ufrag, "evil") != 0);
}

/* ---- A30: DTLS before the answer ---- */

static void a30(struct evil *evil) {
  uint8_t hello[DTLS_DATAGRAM_MAX];
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  struct evil_call call = evil_ring(evil, ALICE, BOB, SOTTO_AUDIO);
  size_t size = client_hello(evil, hello);
  core_datagram(evil->sim.peer[ALICE].core, evil->sim.now, call.a, hello, size);
  evil_saw(evil, "alice dropped it, the call opens");
  core_call_accept(evil->sim.peer[BOB].core, evil->sim.now, call.b, SOTTO_AUDIO);
  evil_wait(evil, SEC(3));
  won(evil, !evil_is_open(evil, ALICE, call.a), "an early packet took the handshake's place");
  expect(evil, evil_is_open(evil, ALICE, call.a) && evil_is_open(evil, BOB, call.b));
}

const struct attack attacks_dtls[] = {
    {"A02", "end DTLS on both legs with certificates of one's own", WEAK_NOPIN | WEAK_NOBIND, a02},
    {"A03", "redirect a victim's packets to one's own endpoint", WEAK_NOPIN, a03},
    {"A14", "as a contact of both, claim each one's certificate to the other", WEAK_NOBIND, a14},
    {"A15", "the same, with one of them a page in a browser", WEAK_NOSERIAL, a15},
    {"A17", "the same, with two calls that have nothing in common", WEAK_NOBIND, a17},
    {"A25", "offer only a weaker SRTP profile", WEAK_ANYPROFILE, a25},
    {"A59", "listen, and change what is said, with a page's keys of SRTP", WEAK_NOFRAMES, a59},
    {"A27", "send ClientHellos in mid-call", WEAK_REDTLS, a27},
    {"A29", "name another certificate in mid-call", WEAK_FPSWAP, a29},
    {"A30", "begin DTLS before the answer is authenticated", WEAK_EARLY, a30},
    {0},
};
