#include "call.h"

#include <stdlib.h>

#include "../../media/bytes.h"
#include "call_parts.h"
#include "page.h"

#define FLIGHT_MIN MS(50) /* before a flight of DTLS is sent again for the first time */
#define FLIGHT_MAX MS(400)

static const struct {
  sotto_call_state seen;
  int seconds;
  sotto_end_reason reason;
} states[] = {
#define CALL_STATE_ROW(name, seen, seconds, reason) [CALL_##name] = {(sotto_call_state)(seen), seconds, reason},
    CALL_STATES(CALL_STATE_ROW)
#undef CALL_STATE_ROW
};

bool call_may_go(enum call_state from, enum call_state to) {
#define TO(name) (1u << CALL_##name)
  static const unsigned next[CALL_STATE_COUNT] = {
      [CALL_KNOCKING] = TO(OFFERED) | TO(HELLOED),
      [CALL_OFFERED] = TO(CONNECTING) | TO(HELLOED),
      [CALL_HELLOED] = TO(RINGING),
      [CALL_RINGING] = TO(ANSWERED),
      [CALL_ANSWERED] = TO(CONNECTING),
      [CALL_CONNECTING] = TO(SECURING),
      [CALL_SECURING] = TO(BINDING),
      [CALL_BINDING] = TO(GATED) | TO(OPEN),
      [CALL_GATED] = TO(OPEN) | TO(RECONNECTING),
      [CALL_OPEN] = TO(GATED) | TO(RECONNECTING),
      [CALL_RECONNECTING] = TO(GATED) | TO(OPEN),
      [CALL_ENDED] = 0,
  };
  return from != CALL_ENDED && (to == CALL_ENDED || next[from] & 1u << to);
#undef TO
}

/* ---- what every part needs ---- */

bool call_ended(const struct call *call) {
  return call->state == CALL_ENDED;
}

int64_t call_unix(const struct call *call, usec now) {
  return (now + call->env->wall_offset) / SEC(1);
}

struct sotto_event *call_event(struct call *call, sotto_event_type type) {
  struct outbox *outbox = call->env->outbox;
  if (call->forgotten)
    return &outbox->entry[OUTBOX_SIZE].event; /* goes nowhere */
  struct sotto_event *event = outbox_event(outbox, type, call->handle, &call->peer);
  event->trust = call->contact->state;
  event->state = states[call->state].seen;
  event->gate = call->gate;
  event->reason = call->reason;
  event->media = call->peer_media;
  return event;
}

/* A knock is nothing to the embedder until it rings; a call of its own that gave way is. */
static bool call_is_seen(const struct call *call) {
  return call->state != CALL_HELLOED || call->auto_accept;
}

/* The embedder knows of no such call, but should know of the contact. A fork is told always: it shuts the contact,
 * and so comes once; a gap before the OFFER is nothing to a user. */
static void unseen_alarm(struct call *call, usec now, sotto_alarm alarm) {
  struct call_env *env = call->env;
  bool always = alarm == SOTTO_ALARM_ROSTER_FORK;
  if (alarm == SOTTO_ALARM_SIGNALING_GAP || (now < env->next_unseen_alarm && !always))
    return;
  env->next_unseen_alarm = always ? env->next_unseen_alarm : now + CALL_UNSEEN_ALARM;
  outbox_alarm(env->outbox, 0, &call->peer, alarm);
}

void call_alarm(struct call *call, usec now, sotto_alarm alarm) {
  uint8_t *told = &call->alarms[alarm % sizeof call->alarms];
  if (*told == CALL_ALARMS_MAX)
    return;
  ++*told;
  if (call_is_seen(call))
    call_event(call, SOTTO_EVENT_ALARM)->alarm = alarm;
  else
    unseen_alarm(call, now, alarm);
}

void call_changed_trust(struct call *call) {
  outbox_add(call->env->outbox, CORE_SAVE, 0);
  struct sotto_event *event = outbox_event(call->env->outbox, SOTTO_EVENT_CONTACT, 0, &call->peer);
  event->trust = call->contact->state;
}

void call_enter(struct call *call, usec now, enum call_state state) {
  enum call_state before = call->state;
  if (!call_may_go(before, state)) /* our own bug: the safe side is the end */
    state = CALL_ENDED, call->reason = SOTTO_END_INTERNAL;
  call->state = state;
  call->deadline = states[state].seconds ? now + SEC(states[state].seconds) : USEC_NEVER;
  if (states[state].seen && states[state].seen != states[before].seen)
    call_event(call, SOTTO_EVENT_CALL_STATE);
}

/* ---- beginning and end ---- */

static uint32_t fresh_ssrc(const struct call_description *ours) {
  uint32_t ssrc;
  do
    crypto_random(&ssrc, sizeof ssrc);
  while (!ssrc || ssrc == ours->audio_ssrc || ssrc == ours->video_ssrc);
  return ssrc;
}

uint32_t call_repair_ssrc(struct call *call) {
  if (!call->ours.repair_ssrc)
    call->ours.repair_ssrc = fresh_ssrc(&call->ours);
  return call->ours.repair_ssrc;
}

static void describe_us(struct call *call) {
  static const char letter[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  struct call_description *ours = &call->ours;
  uint8_t raw[CNAME_SIZE];
  dtls_certificate_fingerprint(call->certificate, ours->fingerprint);
  ours->audio_ssrc = fresh_ssrc(ours);
  ours->video_ssrc = fresh_ssrc(ours);
  crypto_random(raw, sizeof raw); /* RFC 7022: 96 random bits a call */
  for (int i = 0; i < CNAME_SIZE; i++)
    ours->cname[i] = letter[raw[i] & 63];
  ours->profile[0] = SRTP_PROFILE_AES_256_GCM;
  ours->profile[1] = SRTP_PROFILE_AES_128_GCM;
  ours->profiles = 2;
  ours->transport_cc = PAGE_TRANSPORT_CC;
  ours->codecs = codecs_ours(call->env->video_codec);
}

static struct call *call_new(struct call_env *env, uint32_t handle, struct contact *contact, usec now) {
  struct call *call = calloc(1, sizeof *call);
  if (!call)
    return NULL;
  call->env = env;
  call->handle = handle;
  call->contact = contact;
  memcpy(call->peer.bytes, contact->id, sizeof call->peer.bytes);
  call->deadline = call->sas_deadline = USEC_NEVER;
  call->facts.policy = env->policy;
  transport_init(&call->transport);
  call->certificate = spare_certificate_take(&env->spare, call_unix(call, now));
  if (!call->certificate) {
    free(call);
    return NULL;
  }
  describe_us(call);
  return call;
}

static void wipe(struct call *call) {
  transport_deinit(&call->transport);
  call_free_legs(call);
  sas_deinit(&call->sas);
  dtls_certificate_free(call->certificate);
  call->certificate = NULL;
  crypto_wipe(&call->bind_ours, sizeof call->bind_ours);
  crypto_wipe(&call->bind_theirs, sizeof call->bind_theirs);
  crypto_wipe(&call->local, sizeof call->local);
  crypto_wipe(&call->remote, sizeof call->remote);
}

void call_free(struct call *call) {
  if (!call)
    return;
  wipe(call);
  crypto_wipe(call, sizeof *call);
  free(call);
}

struct call *call_dial(struct call_env *env, uint32_t handle, struct contact *contact, unsigned media, usec now) {
  struct call *call = call_new(env, handle, contact, now);
  if (!call)
    return NULL;
  crypto_random(call->call_id, sizeof call->call_id);
  call->outgoing = true;
  call->media = media;
  transport_set_media(&call->transport, media);
  call->started = now;
  call->state = CALL_KNOCKING;
  call->deadline = now + SEC(states[CALL_KNOCKING].seconds);
  call_dial_devices(call, now);
  if (!call->legs) {
    call_free(call);
    return NULL;
  }
  if (env->relay) /* what it allocates can stand in the OFFER */
    call_start_ice(call);
  call_event(call, SOTTO_EVENT_CALL_STATE);
  return call;
}

/* The callee's side of a knock; the HELLO waits a little, so that it tells less about who is at home (F). */
static struct call_leg *take_knock(struct call *call, const struct cell *cell, usec now) {
  struct message knock;
  const struct roster_device *device = roster_find(&call->contact->roster, cell->header.device);
  struct call_leg *leg = device ? call_add_leg(call, false, device, cell->header.session) : NULL;
  if (!leg || !channel_read_handshake(&leg->channel, cell, &knock))
    return NULL;
  call_note_heads(leg, &knock);
  memcpy(call->call_id, knock.call_id, sizeof call->call_id);
  call->outgoing = false;
  call->hello_pending = call_read_caps(call, leg, knock.caps); /* or nothing is there for them */
  call->hello_due = now + MS(50) + MS(random_below(&call->env->random, 200));
  return leg;
}

struct call *call_knocked(struct call_env *env, uint32_t handle, struct contact *contact, const struct cell *knock,
                          usec now) {
  struct call *call = call_new(env, handle, contact, now);
  if (!call)
    return NULL;
  call->state = CALL_HELLOED;
  call->deadline = now + SEC(states[CALL_HELLOED].seconds);
  if (take_knock(call, knock, now))
    return call;
  call_free(call);
  return NULL;
}

bool call_is_dialing(const struct call *call) {
  return call->outgoing && (call->state == CALL_KNOCKING || call->state == CALL_OFFERED);
}

struct call *call_find_dialing(const struct call_env *env, const struct contact *contact) {
  for (struct call *call = *env->calls; call; call = call->next)
    if (call->contact == contact && call_is_dialing(call))
      return call;
  return NULL;
}

bool call_gives_way(const struct call_env *env, const struct contact *contact) {
  return memcmp(env->trust->identity.ik, contact->id, KEY_SIZE) > 0;
}

void call_yield(struct call *ours, struct call *theirs, usec now) {
  call_keep_leg(ours, now, NULL, REASON_CANCELED);
  call_free_legs(ours);
  ours->leg[ours->legs++] = theirs->leg[--theirs->legs];
  memcpy(ours->call_id, theirs->call_id, sizeof ours->call_id);
  ours->outgoing = false;
  ours->auto_accept = true;
  call_enter(ours, now, CALL_HELLOED);
  call_finish(theirs, now, SOTTO_END_CANCELED); /* nobody has seen it */
}

void call_finish(struct call *call, usec now, sotto_end_reason reason) {
  if (call_ended(call))
    return;
  bool seen = call_is_seen(call);
  if (call->sas_ready && sas_abort(&call->sas))
    call_alarm(call, now, SOTTO_ALARM_SAS_ABORTED);
  transport_close(&call->transport, now);
  call->facts.ended = true;
  if (call->gate != SOTTO_GATE_SHUT) {
    call->gate = SOTTO_GATE_SHUT;
    call_event(call, SOTTO_EVENT_GATE);
  }
  call->reason = reason;
  if (!seen)
    call->forgotten = true;
  call_enter(call, now, CALL_ENDED);
}

static enum wire_reason reason_for_peer(sotto_end_reason reason) {
  switch (reason) {
  case SOTTO_END_DECLINED:
    return REASON_DECLINED;
  case SOTTO_END_BUSY:
    return REASON_BUSY;
  case SOTTO_END_NO_ANSWER:
    return REASON_NO_ANSWER;
  case SOTTO_END_UNREACHABLE:
    return REASON_UNREACHABLE;
  case SOTTO_END_LOST:
    return REASON_LOST;
  case SOTTO_END_TIMEOUT:
    return REASON_TIMEOUT;
  case SOTTO_END_UNVERIFIED:
    return REASON_UNVERIFIED;
  case SOTTO_END_SECURITY:
    return REASON_SECURITY;
  case SOTTO_END_INTERNAL:
    return REASON_INTERNAL;
  case SOTTO_END_CANCELED:
  case SOTTO_END_ELSEWHERE:
    return REASON_CANCELED;
  case SOTTO_END_NONE:
  case SOTTO_END_HANGUP:
    break;
  }
  return REASON_HANGUP;
}

void call_end(struct call *call, usec now, sotto_end_reason reason) {
  if (call_ended(call))
    return;
  if (reason == SOTTO_END_HANGUP && call_is_dialing(call))
    reason = SOTTO_END_CANCELED;
  if (reason == SOTTO_END_HANGUP && (call->state == CALL_RINGING || call->state == CALL_HELLOED))
    reason = SOTTO_END_DECLINED;
  bool declines = reason == SOTTO_END_DECLINED || reason == SOTTO_END_BUSY;
  if (call_is_dialing(call))
    call_keep_leg(call, now, NULL, REASON_CANCELED);
  else if (call->state == CALL_RINGING)
    call_tell_type(call, now, MESSAGE_DECLINE, declines ? reason_for_peer(reason) : REASON_DECLINED);
  else
    call_tell_type(call, now, MESSAGE_HANGUP, reason_for_peer(reason));
  call_finish(call, now, reason);
}

/* ---- the path ---- */

void call_start_ice(struct call *call) {
  if (call->ice_started)
    return;
  call->ice_started = true;
  struct core_output *out = outbox_add(call->env->outbox, CORE_ICE_START, call->handle);
  out->controlling = call->outgoing;
  out->relay_only = call->hidden = call->env->relay;
}

void call_use_remote(struct call *call) {
  struct core_output *out = outbox_add(call->env->outbox, CORE_ICE_REMOTE, call->handle);
  memcpy(out->ufrag, call->remote.ufrag, sizeof out->ufrag);
  memcpy(out->pwd, call->remote.pwd, sizeof out->pwd);
}

void call_add_remote(struct call *call, const struct candidate *candidate, int count) {
  for (int i = 0; i < count && call->remote.candidates < CANDIDATES_MAX; i++) {
    if (!candidate_allowed(&candidate[i], call->env->lan))
      continue;
    call->remote.candidate[call->remote.candidates++] = candidate[i];
    if (call->ice_started)
      outbox_add(call->env->outbox, CORE_ICE_CANDIDATE, call->handle)->candidate = candidate[i];
  }
}

void call_ice_local(struct call *call, usec now, const char *ufrag, const char *pwd) {
  struct call_ice *local = &call->local;
  size_t ufrag_size = strlen(ufrag), pwd_size = strlen(pwd);
  if (call_ended(call) || ufrag_size > ICE_TEXT_MAX || pwd_size > ICE_TEXT_MAX)
    return;
  memcpy(local->ufrag, ufrag, ufrag_size + 1);
  memcpy(local->pwd, pwd, pwd_size + 1);
  local->candidates = local->told = 0;
  if (call->restart_pending)
    call_send_restart(call, now);
  else
    call_describe(call, now);
}

void call_ice_local_candidate(struct call *call, usec now, const struct candidate *candidate) {
  (void)now;
  struct call_ice *local = &call->local;
  if (call->hidden && candidate->type != CANDIDATE_RELAY)
    return;
  if (!call_ended(call) && local->candidates < CANDIDATES_MAX)
    local->candidate[local->candidates++] = *candidate;
}

static bool start_dtls(struct call *call) {
  const struct call_leg *leg = call->leg[0];
  struct dtls_config config = {.certificate = leg->certificate ? leg->certificate : call->certificate,
                               .server = leg->server};
  memcpy(config.peer_fingerprint, call->theirs.fingerprint, sizeof config.peer_fingerprint);
  for (int i = 0; i < call->ours.profiles; i++) /* our preference, of what both have */
    for (int k = 0; k < call->theirs.profiles; k++)
      if (call->ours.profile[i] == call->theirs.profile[k])
        config.profile[config.profiles++] = call->ours.profile[i];
  if (!transport_start_dtls(&call->transport, &config))
    return false;
  call->facts.dtls_associations = call->transport.associations;
  return true;
}

/* A pair is selected: DTLS may begin. Its flights wait for twice the time that the checks took, which is a round
 * trip and a little (RFC 9147 section 5.8.2 leaves the time to whoever knows the path). */
static void secure(struct call *call, usec now) {
  call_enter(call, now, CALL_SECURING);
  if (!call->transport.dtls && !start_dtls(call)) {
    call_end(call, now, SOTTO_END_INTERNAL);
    return;
  }
  usec checks = now - call->started - call->stats.setup_signaling_us, twice = earlier(2 * checks, FLIGHT_MAX);
  dtls_set_first_timeout(call->transport.dtls, twice > FLIGHT_MIN ? twice : FLIGHT_MIN);
}

static bool seal_frames(struct call *call) {
  struct frame_keys keys;
  channel_take_frame_keys(call_channel(call), &keys);
  bool good = !call->leg[0]->sealed || transport_seal_frames(&call->transport, &keys);
  crypto_wipe(&keys, sizeof keys);
  return good;
}

void call_connect(struct call *call, usec now) {
  const struct call_description *ours = &call->ours, *theirs = &call->theirs;
  const struct call_leg *leg = call->leg[0];
  struct session_config session = {.seed = random_next(&call->env->random),
                                   .audio_ssrc = ours->audio_ssrc,
                                   .video_ssrc = ours->video_ssrc,
                                   .peer_audio_ssrc = theirs->audio_ssrc,
                                   .peer_video_ssrc = theirs->video_ssrc,
                                   .video_codec = codecs_sent(&ours->codecs, &theirs->codecs),
                                   .peer_video_codec = codecs_sent(&theirs->codecs, &ours->codecs),
                                   .wall_offset = call->env->wall_offset,
                                   .max_bitrate = call->env->max_bitrate,
                                   .audio_samples = call->env->audio_samples,
                                   .constant_rate = call->env->constant_rate};
  memcpy(session.cname, ours->cname, sizeof session.cname);
  if (leg->page) {
    session.rtx_ssrc = ours->repair_ssrc;
    session.peer_rtx_ssrc = theirs->repair_ssrc;
    session.transport_cc = theirs->transport_cc;
    page_session(&session, &leg->formats);
  }
  transport_describe(&call->transport, &session);
  transport_open_firewall(&call->transport, leg->server);
  call->stats.setup_signaling_us = now - call->started;
  call_enter(call, now, CALL_CONNECTING);
  bool good = seal_frames(call) && (!leg->server || start_dtls(call));
  if (!good) { /* the server listens before its own agent has found the pair; what it answers waits for that */
    call_end(call, now, SOTTO_END_INTERNAL);
    return;
  }
  call_send_media(call, now);
  if (call->ice_connected)
    secure(call, now);
}

/* While connecting, the state's own time-out decides. Time that the gate has left is not prolonged. */
void call_path_lost(struct call *call, usec now) {
  if (call->state != CALL_GATED && call->state != CALL_OPEN)
    return;
  call_enter(call, now, CALL_RECONNECTING);
  if (call->gate != SOTTO_GATE_OPEN)
    call->deadline = earlier(call->deadline, call->gated_until);
  call_restart_ice(call, now);
}

static void path_found(struct call *call, usec now) {
  if (call->state == CALL_CONNECTING)
    secure(call, now);
  else if (call->state == CALL_RECONNECTING)
    call_ask_gate(call, now);
}

void call_ice_changed(struct call *call, usec now, enum core_ice_state state, const struct core_ice_pair *pair) {
  if (call_ended(call))
    return;
  call->ice_connected = state == CORE_ICE_CONNECTED;
  call->ice_lost = !call->ice_connected;
  if (call->ice_lost) {
    call_path_lost(call, now);
    return;
  }
  transport_path_found(&call->transport);
  if (pair)
    call->pair = *pair;
  if (!call->stats.setup_ice_us)
    call->stats.setup_ice_us = now - call->started;
  path_found(call, now);
}

/* Who they are is certain, and so is the device: they may know where we are. */
static bool may_know_addresses(const struct call *call) {
  const struct call_env *env = call->env;
  if (env->relay_only)
    return false;
  bool device = env->new_device == SOTTO_NEW_DEVICE_SHOW ||
                contact_device_acknowledged(call->contact, call_channel(call)->them.device);
  return !env->relay || (call->contact->state == SOTTO_TRUST_VERIFIED && device);
}

static bool restart_under_way(const struct call *call) {
  return call->restart_pending || call->local.generation != call->remote.generation;
}

void call_begin_restart(struct call *call) {
  if (restart_under_way(call))
    return;
  call->local.generation++;
  call->restart_pending = true;
  call->hidden = !may_know_addresses(call);
  outbox_add(call->env->outbox, CORE_ICE_RESTART, call->handle)->relay_only = call->hidden;
}

sotto_status call_restart_ice(struct call *call, usec now) {
  (void)now;
  if (call->state != CALL_GATED && call->state != CALL_OPEN && call->state != CALL_RECONNECTING)
    return SOTTO_ERR_STATE;
  call_begin_restart(call);
  return SOTTO_OK;
}

/* When the relay has led nowhere, USEC_NEVER otherwise. */
static usec relay_given_up(const struct call *call) {
  bool waits = call->state == CALL_CONNECTING && call->hidden && !call->ice_connected && !restart_under_way(call);
  return waits && may_know_addresses(call) ? call->deadline - SEC(20) + CALL_RELAY_PATIENCE : USEC_NEVER;
}

/* From the relay to the direct path, once it may be. */
static void leave_relay(struct call *call, usec now) {
  bool ready = call->state == CALL_OPEN && call->ice_connected;
  if (call->hidden && (ready || now >= relay_given_up(call)) && may_know_addresses(call))
    call_begin_restart(call);
}

static struct call_leg *leg_of(const struct call *call, const uint8_t session[SESSION_SIZE]) {
  for (int i = 0; i < call->legs; i++)
    if (memcmp(call->leg[i]->channel.session, session, SESSION_SIZE) == 0)
      return call->leg[i];
  return NULL;
}

bool call_has_session(const struct call *call, const uint8_t session[SESSION_SIZE]) {
  return leg_of(call, session) != NULL;
}

/* One of their devices is there: the OFFER follows with the agent's credentials. */
static void on_hello(struct call *call, usec now, struct call_leg *leg, const struct cell *cell) {
  struct message hello;
  if (!channel_read_handshake(&leg->channel, cell, &hello))
    return;
  if (hello.version != WIRE_VERSION || !call_greeted(call, now, leg, &hello)) {
    if (call_ended(call))
      return;
    if (contact_callable(call->contact))
      call_drop_leg(call, now, leg, SOTTO_END_SECURITY);
    else
      call_end(call, now, SOTTO_END_SECURITY);
    return;
  }
  if (!call_read_caps(call, leg, hello.caps)) {
    call_drop_leg(call, now, leg, SOTTO_END_UNREACHABLE);
    return;
  }
  if (!call->stats.setup_hello_us)
    call->stats.setup_hello_us = now - call->started;
  call_send_links(call, now, leg);
  call_start_ice(call);
  call_offer(call, now, leg);
  call_dial_devices(call, now); /* those that the HELLO told us of */
}

enum channel_verdict call_cell(struct call *call, usec now, const struct cell *cell) {
  struct call_leg *leg = leg_of(call, cell->header.session);
  if (call_ended(call) || !leg)
    return CHANNEL_TAKEN;
  if (cell->header.type == CELL_HELLO && call_is_dialing(call) && !leg->channel.open) {
    on_hello(call, now, leg, cell);
  } else if (cell->header.type == CELL_DATA) {
    enum channel_verdict verdict = channel_input(&leg->channel, now, cell);
    if (verdict == CHANNEL_REJECTED && call->state == CALL_HELLOED) {
      /* What answers a HELLO that is not ours: the KNOCK is an old one, which a restart has made us forget. */
      call_finish(call, now, SOTTO_END_CANCELED);
      return CHANNEL_TAKEN;
    }
    call_read_messages(call, now, leg);
    return verdict;
  }
  return CHANNEL_TAKEN;
}

void call_datagram(struct call *call, usec now, uint8_t *data, size_t size) {
  if (call_ended(call))
    return;
  transport_input(&call->transport, now, data, size);
  call_check_dtls(call, now);
}

/* ---- time ---- */

static void check_gaps(struct call *call, usec now) {
  bool forked = call->outgoing && call->state == CALL_OFFERED;
  for (int i = call->legs; i-- > 0 && !call_ended(call);) {
    struct call_leg *leg = call->leg[i];
    if (!channel_has_gap(&leg->channel, now))
      continue;
    call_alarm(call, now, SOTTO_ALARM_SIGNALING_GAP);
    leg->channel.gap_since = now; /* once more if it lasts */
    if (forked)
      call_drop_leg(call, now, leg, SOTTO_END_SECURITY);
    else if (call->state != CALL_OPEN)
      call_end(call, now, SOTTO_END_SECURITY);
  }
}

static void run_timers(struct call *call, usec now) {
  if (call->hello_pending && now >= call->hello_due)
    call_send_hello(call, now);
  if (now >= call->deadline) {
    bool unverified = call->gate != SOTTO_GATE_OPEN && call->deadline == call->gated_until;
    call_end(call, now, unverified ? SOTTO_END_UNVERIFIED : states[call->state].reason);
    return;
  }
  check_gaps(call, now);
  if (call_ended(call))
    return;
  call_sas_timer(call, now);
  leave_relay(call, now);
  call_send_candidates(call, now);
}

static bool say_gone(struct call *call, usec now, struct core_output *out) {
  if (call->gone)
    return false;
  call_stats(call, now, &call->stats);
  wipe(call);
  call->gone = true;
  out->type = CORE_CALL_GONE;
  out->call = call->handle;
  return true;
}

bool call_poll(struct call *call, usec now, struct core_output *out) {
  if (!call_ended(call))
    run_timers(call, now);
  if (!call->gone && transport_poll(&call->transport, now, out)) {
    out->call = call->handle;
    return true;
  }
  if (!call_ended(call)) {
    call_check_dtls(call, now);
    if (call->transport.expired)
      call_end(call, now, SOTTO_END_INTERNAL);
    return false;
  }
  return call->env->outbox->count == 0 && say_gone(call, now, out); /* ENDED goes before GONE */
}

usec call_deadline(const struct call *call) {
  if (call->gone)
    return USEC_NEVER;
  if (call_ended(call))
    return 0;
  usec deadline = earlier(earlier(call->deadline, call->sas_deadline), relay_given_up(call));
  if (call->hello_pending)
    deadline = earlier(deadline, call->hello_due);
  for (int i = 0; i < call->legs; i++)
    deadline = earlier(deadline, channel_deadline(&call->leg[i]->channel));
  return earlier(deadline, transport_deadline(&call->transport));
}

/* ---- the embedder ---- */

sotto_status call_accept(struct call *call, usec now, unsigned media) {
  if (call->state != CALL_RINGING)
    return SOTTO_ERR_STATE;
  call->media = media;
  transport_set_media(&call->transport, media);
  call->started = now;
  call_enter(call, now, CALL_ANSWERED);
  call_start_ice(call); /* the ANSWER follows with the agent's credentials */
  if (*call->local.ufrag)
    call_describe(call, now); /* which a call that gave way to the peer's has already */
  call_use_remote(call);
  for (int i = 0; i < call->remote.candidates; i++) /* those that came with the OFFER */
    outbox_add(call->env->outbox, CORE_ICE_CANDIDATE, call->handle)->candidate = call->remote.candidate[i];
  return SOTTO_OK;
}

static const char *candidate_type_name(enum candidate_type type) {
  static const char *const name[] = {"", "host", "srflx", "prflx", "relay"};
  return name[type > CANDIDATE_RELAY ? 0 : type];
}

static void copy_text(char *out, size_t size, const char *text) {
  size_t length = strnlen(text ? text : "", size - 1);
  memcpy(out, text ? text : "", length);
  out[length] = 0;
}

static void stream_stats(sotto_stream_stats *out, const struct media_stream_stats *in) {
  out->packets_sent = in->packets_sent;
  out->bytes_sent = in->bytes_sent;
  out->retransmitted_packets_sent = in->retransmitted_packets_sent;
  out->nack_count = in->nack_count;
  out->pli_count = in->pli_count;
  out->packets_received = in->packets_received;
  out->bytes_received = in->bytes_received;
  out->packets_lost = in->packets_lost;
  out->packets_recovered = in->packets_recovered;
  out->jitter_us = in->jitter_us;
  out->remote_packets_lost = in->remote_packets_lost;
}

static void media_statistics(const struct call *call, usec now, sotto_stats *stats) {
  struct media_stats media;
  if (!call->transport.session)
    return;
  session_stats(call->transport.session, now, &media);
  stream_stats(&stats->audio, &media.audio);
  stream_stats(&stats->video, &media.video);
  stats->audio.target_bitrate = call->transport.audio_bitrate;
  stats->video.target_bitrate = call->transport.video_bitrate;
  stats->current_round_trip_time_us = media.round_trip_time;
  stats->available_outgoing_bitrate = media.available_outgoing_bitrate;
  stats->frames_received = media.video.frames_received;
  stats->frames_dropped = media.video.frames_dropped;
}

void call_stats(struct call *call, usec now, sotto_stats *stats) {
  const struct transport *transport = &call->transport;
  if (call->gone) {
    *stats = call->stats;
    return;
  }
  *stats = call->stats; /* the set-up times */
  media_statistics(call, now, stats);
  stats->packets_gate_dropped = transport->stats.gate_dropped_in;
  stats->packets_auth_failed = transport->stats.auth_failed;
  stats->packets_replayed = transport->stats.replayed;
  stats->frames_sealed = transport->seal != NULL;
  stats->frames_unopened = transport->stats.unopened;
  stats->packets_not_demuxed = transport->stats.not_demuxed + transport->stats.malformed;
  stats->dtls_blocked = 0;
  for (int i = 0; i < DTLS_DROP_REASONS; i++)
    stats->dtls_blocked += transport->firewall.dropped[i];
  stats->cells_rejected = 0;
  for (int i = 0; i < call->legs; i++)
    stats->cells_rejected += call->leg[i]->channel.rejected;
  stats->relayed = call->pair.local == CANDIDATE_RELAY || call->pair.remote == CANDIDATE_RELAY;
  copy_text(stats->local_candidate_type, sizeof stats->local_candidate_type, candidate_type_name(call->pair.local));
  copy_text(stats->remote_candidate_type, sizeof stats->remote_candidate_type,
            candidate_type_name(call->pair.remote));
  if (call->facts.bound)
    copy_text(stats->binding, sizeof stats->binding, call_binding_name(call));
  if (transport->dtls) {
    copy_text(stats->srtp_profile, sizeof stats->srtp_profile, srtp_profile_name(dtls_profile(transport->dtls)));
    copy_text(stats->dtls_cipher, sizeof stats->dtls_cipher, dtls_cipher_name(transport->dtls));
  }
  copy_text(stats->srtp_engine, sizeof stats->srtp_engine, srtp_engine_name());
}
