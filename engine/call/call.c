#include "call.h"

#include <stdlib.h>

#include "../../media/bytes.h"
#include "call_parts.h"
#include "page.h"

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
  event->state = call_state_seen(call->state);
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
  call->deadline = call_state_deadline(state, now);
  if (call_state_seen(state) && call_state_seen(state) != call_state_seen(before))
    call_event(call, SOTTO_EVENT_CALL_STATE);
}

/* ---- beginning and end ---- */

static struct call *call_new(struct call_env *env, uint32_t handle, struct contact *contact, usec now) {
  const struct codec_list codecs = codecs_ours(env->video_codec);
  uint8_t fingerprint[HASH_SIZE];
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
  dtls_certificate_fingerprint(call->certificate, fingerprint);
  description_init(&call->ours, fingerprint, &codecs);
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
  call->deadline = call_state_deadline(CALL_KNOCKING, now);
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
  call->deadline = call_state_deadline(CALL_HELLOED, now);
  if (take_knock(call, knock, now))
    return call;
  call_free(call);
  return NULL;
}

bool call_is_dialing(const struct call *call) {
  return call->outgoing && (call->state == CALL_KNOCKING || call->state == CALL_OFFERED);
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
    call_tell_type(call, now, MESSAGE_DECLINE, declines ? end_reason_to_wire(reason) : REASON_DECLINED);
  else
    call_tell_type(call, now, MESSAGE_HANGUP, end_reason_to_wire(reason));
  call_finish(call, now, reason);
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
    call_end(call, now, unverified ? SOTTO_END_UNVERIFIED : call_state_reason(call->state));
    return;
  }
  check_gaps(call, now);
  if (call_ended(call))
    return;
  call_sas_timer(call, now);
  call_leave_relay(call, now);
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
  usec deadline = earlier(earlier(call->deadline, call->sas_deadline), call_relay_given_up(call));
  if (call->hello_pending)
    deadline = earlier(deadline, call->hello_due);
  for (int i = 0; i < call->legs; i++)
    deadline = earlier(deadline, channel_deadline(&call->leg[i]->channel));
  return earlier(deadline, transport_deadline(&call->transport));
}
