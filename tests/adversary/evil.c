#include "evil.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what an attack says ---- */

void evil_expect(struct evil *evil, bool holds, const char *condition, int line) {
  if (holds || *evil->failed)
    return;
  snprintf(evil->failed, sizeof evil->failed, "line %d: %s", line, condition);
}

void won(struct evil *evil, bool is, const char *how) {
  if (!is || evil->beaten)
    return;
  evil->beaten = true;
  snprintf(evil->how, sizeof evil->how, "%s", how);
}

/* ---- ears ---- */

static bool contains(const uint8_t *data, size_t size, const uint8_t *what, size_t length) {
  return size >= length && memmem(data, size, what, length);
}

void evil_listen(struct evil *evil, int listener, const void *plain, size_t size) {
  for (int v = 0; v < VICTIMS; v++) {
    const struct sim_peer *victim = &evil->sim.peer[v];
    evil->heard[listener][v] += contains(plain, size, victim->tone, sizeof victim->tone);
    evil->seen[listener][v] += contains(plain, size, victim->mark, sizeof victim->mark);
  }
}

bool evil_overheard(const struct evil *evil) {
  for (int listener = EVE; listener < LISTENERS; listener++)
    for (int v = 0; v < VICTIMS; v++)
      if (!evil->guest[listener][v] && (evil->heard[listener][v] || evil->seen[listener][v]))
        return true;
  return false;
}

static void ear(void *user, int peer, uint32_t call, const uint8_t *frame, size_t size) {
  (void)call;
  evil_listen(user, peer, frame, size);
}

/* ---- server and path ---- */

static bool on_message(void *user, int from, int to, uint8_t *message, size_t size) {
  struct evil *evil = user;
  evil_listen(evil, WIRE, message, size);
  if (evil->taped < TAPE_MAX && size <= FRAME_PUT_SIZE && size >= CELL_SIZE) {
    struct evil_record *record = &evil->tape[evil->taped++];
    *record = (struct evil_record){.from = from, .to = to, .size = size};
    memcpy(record->bytes, message, size);
  }
  return !evil->on_message || evil->on_message(evil, from, to, message, size);
}

static bool on_datagram(void *user, int from, int to, uint8_t *data, size_t *size) {
  struct evil *evil = user;
  evil_listen(evil, WIRE, data, *size);
  return !evil->on_datagram || evil->on_datagram(evil, from, to, data, size);
}

bool evil_is_cell(size_t size) {
  return size == FRAME_CELL_SIZE;
}

void evil_serve(struct evil *evil, int peer, const uint8_t *frame, size_t size) {
  if (evil->sim.peer[peer].connected)
    core_signaling_input(evil->sim.peer[peer].core, evil->sim.now, frame, size);
  sim_run(&evil->sim, 0);
}

void evil_say(struct evil *evil, int peer, uint32_t call, const struct message *message) {
  struct call *inside = evil_inside(evil, peer, call);
  if (inside && inside->legs)
    call_tell(inside, evil->sim.now, message, NULL);
  sim_run(&evil->sim, MS(200));
}

void evil_say_bytes(struct evil *evil, int peer, uint32_t call, const uint8_t *message, size_t size) {
  struct call *inside = evil_inside(evil, peer, call);
  if (!inside || !inside->legs || !inside->leg[0]->channel.open || size > CHANNEL_MESSAGE_MAX)
    return;
  struct channel *channel = &inside->leg[0]->channel;
  struct cell_header header = {.type = CELL_DATA, .n = channel->sent++};
  struct mailbox mailbox;
  uint8_t sealed[CELL_BODY_MAX];
  memcpy(header.device, channel->us.device, sizeof header.device);
  memcpy(header.session, channel->session, sizeof header.session);
  noise_seal(&channel->send, header.n, sealed, message, size);
  mailbox_derive(&mailbox, channel->ps, channel->us.id, channel->them.id, channel->them.device,
                 mailbox_epoch(call_unix(inside, evil->sim.now)));
  if (!post_message(channel->client, evil->sim.now, &mailbox, &header, sealed, size + AEAD_TAG_SIZE))
    evil_expect(evil, false, "the attacker's own queue has room", __LINE__);
  sim_run(&evil->sim, MS(200));
}

void evil_take_over(struct evil *evil, int peer, uint32_t call) {
  struct call *inside = evil_inside(evil, peer, call);
  if (!inside)
    return;
  inside->sas_ready = false; /* answers no word of a comparison */
  inside->deadline = USEC_NEVER;
  inside->sas_deadline = USEC_NEVER;
}

/* ---- scenes ---- */

uint64_t evil_choose(struct evil *evil, uint64_t below) {
  return random_next(&evil->random) % below;
}

void evil_wait(struct evil *evil, usec span) {
  sim_run(&evil->sim, span);
}

static void set_pilots(struct evil *evil, int from) {
  for (int p = from; p < evil->sim.peers; p++) {
    struct sim_peer *peer = &evil->sim.peer[p];
    for (size_t i = 0; i < sizeof peer->tone; i++)
      peer->tone[i] = (uint8_t)(40 + evil_choose(evil, 120));
    for (size_t i = 0; i < sizeof peer->mark; i++)
      peer->mark[i] = (uint8_t)evil_choose(evil, 256);
  }
}

static bool everybody_is_online(struct sim *sim) {
  for (int p = 0; p < sim->peers; p++)
    if (!sim->peer[p].online)
      return false;
  return true;
}

static void add_people(struct evil *evil, int count) {
  static const char *const names[] = {"alice", "bob", "eve", "greta"};
  int from = evil->sim.peers;
  for (int p = from; p < count; p++)
    sim_add(&evil->sim, names[p]);
  set_pilots(evil, from);
  expect(evil, sim_run_until(&evil->sim, everybody_is_online, SEC(10)));
}

static void begin_scene(struct evil *evil, sotto_policy policy, int people) {
  struct sim_options options = {.policy = policy};
  evil_end_scene(evil);
  sim_init(&evil->sim, evil->seed * 1000003 + evil_choose(evil, 1 << 20), &options);
  evil->running = true;
  evil->taped = 0;
  evil->on_message = NULL;
  evil->on_datagram = NULL;
  evil->sim.filter = on_message;
  evil->sim.datagram_filter = on_datagram;
  evil->sim.ear = ear;
  evil->sim.user = evil;
  evil->sim.verbose = evil->verbose;
  add_people(evil, people);
}

void evil_scene(struct evil *evil, sotto_policy policy) {
  begin_scene(evil, policy, PEOPLE);
}

void evil_scene_of_friends(struct evil *evil, sotto_policy policy) {
  begin_scene(evil, policy, VICTIMS);
  sim_introduce(&evil->sim, ALICE, BOB, 0);
}

void evil_admit(struct evil *evil) {
  add_people(evil, PEOPLE);
}

static const char *alarm_name(int alarm) {
  static const char *const name[] = {
      "NONE",        "AUTH_FAIL",     "REPLAY",      "SIGNALING_GAP",  "BIND_MISMATCH", "FP_MISMATCH",
      "FP_CHANGED",  "NO_EMS",        "PROFILE",     "REHANDSHAKE",    "SAS_MISMATCH",  "SAS_ABORTED",
      "SAS_COMMIT",  "INVITE_REUSED", "ID_MISMATCH", "ID_CHANGED",     "ROSTER",        "ROSTER_STALE",
      "ROSTER_FORK", "SELF_ROLLBACK", "SELF_FORK",   "DEVICE_REVOKED", "ROLLBACK",      "UNSAVED"};
  return alarm < (int)(sizeof name / sizeof name[0]) ? name[alarm] : "OTHER";
}

static const char *reason_name(sotto_end_reason reason) {
  switch (reason) {
  case SOTTO_END_NONE:
    return "none";
  case SOTTO_END_HANGUP:
    return "hang-up";
  case SOTTO_END_CANCELED:
    return "canceled";
  case SOTTO_END_DECLINED:
    return "declined";
  case SOTTO_END_BUSY:
    return "busy";
  case SOTTO_END_NO_ANSWER:
    return "no answer";
  case SOTTO_END_UNREACHABLE:
    return "unreachable";
  case SOTTO_END_LOST:
    return "lost";
  case SOTTO_END_TIMEOUT:
    return "time-out";
  case SOTTO_END_UNVERIFIED:
    return "unverified";
  case SOTTO_END_SECURITY:
    return "security";
  case SOTTO_END_ELSEWHERE:
    return "elsewhere";
  case SOTTO_END_INTERNAL:
    break;
  }
  return "internal";
}

void evil_saw(struct evil *evil, const char *format, ...) {
  char text[80];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  size_t used = strlen(evil->events);
  if (!strstr(evil->events, text))
    snprintf(evil->events + used, sizeof evil->events - used, "%s%s", used ? ", " : "", text);
}

static void note_alarm(struct evil *evil, int victim, int alarm) {
  char unexpected[96];
  const char *name = evil->sim.peer[victim].name;
  evil_saw(evil, "%s %s", name, alarm_name(alarm));
  snprintf(unexpected, sizeof unexpected, "nothing said of %s at %s", alarm_name(alarm), name);
  evil_expect(evil, evil->asked[victim] >> alarm & 1, unexpected, __LINE__);
}

/* What each victim was told, for the table. */
static void note_events(struct evil *evil) {
  for (int v = 0; v < VICTIMS; v++) {
    const struct sim_peer *peer = &evil->sim.peer[v];
    for (int alarm = 0; alarm < 32; alarm++)
      if (peer->alarms[alarm])
        note_alarm(evil, v, alarm);
    for (int i = 0; i < SIM_LEGS; i++)
      if (peer->leg[i].used && peer->leg[i].state == SOTTO_CALL_ENDED)
        evil_saw(evil, "%s ended: %s", peer->name, reason_name(peer->leg[i].reason));
    if (peer->invite_failures)
      evil_saw(evil, "%s invite failed", peer->name);
  }
}

/* Whatever is tried: a call that is over has a shut gate, and one whose gate never opened neither sent nor took
 * media. */
static void check_gates(struct evil *evil, int victim) {
  for (int i = 0; i < SIM_LEGS; i++) {
    const struct sim_leg *leg = &evil->sim.peer[victim].leg[i];
    if (!leg->used)
      continue;
    expect(evil, leg->state != SOTTO_CALL_ENDED || leg->gate == SOTTO_GATE_SHUT);
    sotto_stats stats = evil_stats(evil, victim, leg->call);
    int64_t sent =
        stats.audio.packets_sent + stats.video.packets_sent + leg->audio_frames_sent + leg->video_frames_sent;
    int64_t taken = stats.audio.packets_received + stats.video.packets_received + leg->samples_heard;
    expect(evil, leg->opened || (sent == 0 && taken == 0));
  }
}

void evil_end_scene(struct evil *evil) {
  if (!evil->running)
    return;
  for (int v = 0; v < VICTIMS; v++)
    check_gates(evil, v);
  note_events(evil);
  sim_deinit(&evil->sim);
  evil->running = false;
}

struct evil_call evil_ring(struct evil *evil, int from, int to, unsigned media) {
  struct evil_call call = {0};
  sotto_id id;
  sim_id(&evil->sim, to, &id);
  evil->sim.peer[to].incoming = 0;
  if (core_call_start(evil->sim.peer[from].core, evil->sim.now, &id, media, &call.a))
    return (struct evil_call){0};
  evil_wait(evil, SEC(1));
  call.b = evil->sim.peer[to].incoming;
  return call;
}

struct evil_call evil_talk(struct evil *evil, int from, int to, unsigned media) {
  struct evil_call call = evil_ring(evil, from, to, media);
  if (call.b)
    core_call_accept(evil->sim.peer[to].core, evil->sim.now, call.b, media);
  evil_wait(evil, SEC(2));
  return call;
}

void evil_restart(struct evil *evil, int peer) {
  sim_restart(&evil->sim, peer);
  evil_wait(evil, SEC(2));
}

/* ---- looking ---- */

struct sim_leg *evil_leg(struct evil *evil, int peer, uint32_t call) {
  static struct sim_leg blank;
  struct sim_leg *leg = call ? sim_leg(&evil->sim, peer, call) : NULL;
  return leg ? leg : &blank;
}

struct call *evil_inside(struct evil *evil, int peer, uint32_t call) {
  return call ? core_find_call(evil->sim.peer[peer].core, call) : NULL;
}

bool evil_is_open(struct evil *evil, int peer, uint32_t call) {
  const struct sim_leg *leg = evil_leg(evil, peer, call);
  return leg->state == SOTTO_CALL_OPEN && leg->gate == SOTTO_GATE_OPEN;
}

int evil_alarms(struct evil *evil, int peer, sotto_alarm alarm) {
  evil->asked[peer] |= UINT32_C(1) << alarm;
  return evil->sim.peer[peer].alarms[alarm];
}

struct contact *evil_contact(struct evil *evil, int peer, int whom) {
  return contacts_find(&evil->sim.peer[peer].trust->contacts, evil->sim.peer[whom].trust->identity.ik);
}

sotto_trust evil_trust(struct evil *evil, int peer, int whom) {
  const struct contact *contact = evil_contact(evil, peer, whom);
  return contact ? contact->state : SOTTO_TRUST_UNKNOWN;
}

sotto_stats evil_stats(struct evil *evil, int peer, uint32_t call) {
  sotto_stats stats = SOTTO_STATS_INIT;
  core_call_stats(evil->sim.peer[peer].core, evil->sim.now, call, &stats);
  return stats;
}

/* ---- one run ---- */

void evil_run(const struct attack *attack, uint64_t seed, bool verbose, struct evil_result *result) {
  static struct evil_record tape[TAPE_MAX];
  static struct evil evil;
  memset(&evil, 0, sizeof evil);
  evil.seed = seed;
  evil.random.state = seed * 0x9e3779b97f4a7c15u + 1;
  evil.tape = tape;
  evil.verbose = verbose;
  weak_active = attack->weak;
  attack->run(&evil);
  won(&evil, evil_overheard(&evil), "heard the victim");
  evil_end_scene(&evil);
  result->beaten = evil.beaten;
  memcpy(result->how, evil.how, sizeof result->how);
  memcpy(result->failed, evil.failed, sizeof result->failed);
  memcpy(result->events, evil.events, sizeof result->events);
  result->done = true;
}
