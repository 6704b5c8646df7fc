/* call_security.c - from a finished DTLS handshake to an open gate: binding and policy (protocol C.6, D.2). */
#include "call_parts.h"

/* ---- DTLS and its binding to the identities ---- */

static void dtls_failed(struct call *call, usec now) {
  sotto_alarm alarm = SOTTO_ALARM_AUTH_FAIL;
  switch (dtls_failure(call->transport.dtls)) {
  case DTLS_FP_MISMATCH:
  case DTLS_NO_CERTIFICATE:
    alarm = SOTTO_ALARM_FP_MISMATCH;
    break;
  case DTLS_NO_EMS:
    alarm = SOTTO_ALARM_NO_EMS;
    break;
  case DTLS_PROFILE:
    alarm = SOTTO_ALARM_PROFILE_DOWNGRADE;
    break;
  case DTLS_NO_MEMORY:
    call_end(call, now, SOTTO_END_INTERNAL);
    return;
  case DTLS_OK:
  case DTLS_VERSION:
  case DTLS_CIPHER:
  case DTLS_ALERT:
  case DTLS_PROTOCOL:
    break;
  }
  call_alarm(call, now, alarm);
  call_end(call, now, SOTTO_END_SECURITY);
}

/* D.4: the best profile that both have, by our preference; anything else was meddled with. */
static bool profile_is_best(const struct call *call, uint16_t profile) {
  uint16_t common[DESCRIPTION_PROFILES];
  return description_profiles(&call->ours, &call->theirs, common) > 0 && common[0] == profile;
}

static void bound(struct call *call, usec now) {
  call->facts.bound = true;
  call->stats.setup_bind_us = now - call->started;
  call_prepare_sas(call);
  struct sotto_event *event = call_event(call, SOTTO_EVENT_SECURE);
  event->verified = call->contact->state == SOTTO_TRUST_VERIFIED;
  event->sealed = call->leg[0]->sealed;
  call_copy_text(event->binding, sizeof event->binding, call_binding_name(call));
  call_copy_text(event->profile, sizeof event->profile, srtp_profile_name(dtls_profile(call->transport.dtls)));
  call_copy_text(event->cipher, sizeof event->cipher, dtls_cipher_name(call->transport.dtls));
  call_ask_gate(call, now);
  if (call->ice_lost)
    call_path_lost(call, now);
  if (!call_ended(call) && call->outgoing && call->contact->state != SOTTO_TRUST_VERIFIED)
    call_sas_start(call, now);
}

static void compare_binding(struct call *call, usec now) {
  if (call->state != CALL_BINDING || !call->bind_received)
    return;
  if (binding_compare(&call->bind_ours, &call->bind_theirs) == BINDING_EQUAL) {
    dtls_confirm(call->transport.dtls);
    bound(call, now);
    return;
  }
  call_alarm(call, now, SOTTO_ALARM_BIND_MISMATCH);
  if (contact_bind_mismatch(call->contact, call_unix(call, now)))
    call_changed_trust(call);
  call_end(call, now, SOTTO_END_SECURITY);
}

/* A page can't know exporter, profile and cipher: with one, nobody states them (C.7). */
static bool state_binding(struct call *call, const struct dtls *dtls) {
  const struct call_leg *leg = call->leg[0];
  const uint8_t *shown = leg->certificate ? leg->fingerprint : call->ours.fingerprint;
  return binding_state(&call->bind_ours, dtls, leg->server, shown) &&
         (leg->page || binding_state_keys(&call->bind_ours, dtls, call->call_id, leg->channel.h));
}

const char *call_binding_name(const struct call *call) {
  return call->leg[0]->page ? "cert" : "ekm";
}

/* A client's goes by the server before DTLS can carry it: it is kept, to go there as well. */
static bool send_bind(struct call *call, usec now) {
  struct channel *channel = call_channel(call);
  if (!state_binding(call, call->transport.dtls))
    return false;
  call_tell(call, now, &call->bind_ours, NULL);
  call->bind_sealed_size = channel->datagram_size;
  memcpy(call->bind_sealed, channel->datagram, channel->datagram_size);
  call->bind_sent = true;
  return true;
}

/* Between natives, a client that has sent its Finished need not wait for the server's: neither with its own BIND,
 * nor to act on the server's, which says that the server is complete and has the same master secret. By the
 * extended master secret (RFC 7627) that is over all of the handshake that a Finished would be over. */
static void bind_early(struct call *call, usec now) {
  const struct dtls *dtls = call->transport.dtls;
  bool early = call->state == CALL_SECURING && !call->leg[0]->page && dtls_state(dtls) == DTLS_HANDSHAKING;
  if (!early || !dtls_agreed(dtls) || !profile_is_best(call, dtls_profile(dtls)))
    return;
  if ((call->bind_sent || send_bind(call, now)) && call->bind_received) {
    call_enter(call, now, CALL_BINDING);
    compare_binding(call, now);
  }
}

void call_bind_received(struct call *call, usec now, const struct message *bind) {
  if (call->bind_received || call->state < CALL_CONNECTING)
    return;
  call->bind_theirs = *bind;
  call->bind_received = true;
  if (call->transport.dtls)
    bind_early(call, now);
  compare_binding(call, now);
}

static void dtls_connected(struct call *call, usec now) {
  struct dtls *dtls = call->transport.dtls;
  call->dtls_complete = true;
  call->stats.setup_dtls_us = now - call->started;
  if (call->bind_sent)
    dtls_write(dtls, now, call->bind_sealed, call->bind_sealed_size);
  if (call->state >= CALL_BINDING)
    return;
  if (call->state == CALL_CONNECTING) /* the client's pair was found before ours was told of */
    call_enter(call, now, CALL_SECURING);
  if (!profile_is_best(call, dtls_profile(dtls))) {
    call_alarm(call, now, SOTTO_ALARM_PROFILE_DOWNGRADE);
    call_end(call, now, SOTTO_END_SECURITY);
    return;
  }
  call_enter(call, now, CALL_BINDING);
  if (!call->bind_sent && !send_bind(call, now)) {
    call_end(call, now, SOTTO_END_INTERNAL);
    return;
  }
  compare_binding(call, now);
}

static void read_datagrams(struct call *call, usec now) {
  uint8_t data[DTLS_MESSAGE_MAX];
  size_t size;
  while (!call_ended(call) && (size = dtls_read(call->transport.dtls, data, sizeof data)) > 0) {
    channel_input_datagram(call_channel(call), now, data, size);
    call_read_messages(call, now, call->leg[0]);
  }
}

static void count_rehandshakes(struct call *call, usec now) {
  int64_t seen = call->transport.firewall.dropped[DTLS_DROP_REHANDSHAKE];
  if (seen && !call->rehandshakes_seen) /* one event; statistics count the rest */
    call_alarm(call, now, SOTTO_ALARM_DTLS_REHANDSHAKE);
  call->rehandshakes_seen = seen;
}

void call_check_dtls(struct call *call, usec now) {
  struct dtls *dtls = call->transport.dtls;
  if (!dtls || call_ended(call))
    return;
  count_rehandshakes(call, now);
  switch (dtls_state(dtls)) {
  case DTLS_CONNECTED:
    if (!call->dtls_complete)
      dtls_connected(call, now);
    read_datagrams(call, now);
    break;
  case DTLS_FAILED:
    dtls_failed(call, now);
    break;
  case DTLS_CLOSED:
    read_datagrams(call, now); /* a HANGUP just before it says why */
    call_finish(call, now, SOTTO_END_HANGUP);
    break;
  case DTLS_HANDSHAKING:
    bind_early(call, now);
    break;
  }
}

/* ---- the gate ---- */

static void set_gate(struct call *call, usec now, sotto_gate gate) {
  if (gate == call->gate)
    return;
  if (!transport_set_gate(&call->transport, now, gate)) {
    call_end(call, now, SOTTO_END_INTERNAL);
    return;
  }
  call->gate = gate;
  if (gate != SOTTO_GATE_SHUT && !call->stats.setup_open_us)
    call->stats.setup_open_us = now - call->started;
  call_event(call, SOTTO_EVENT_GATE);
}

/* GATED lasts two minutes from when it was first reached, or from the consent; a lost path does not add to it. */
static void enter_gated(struct call *call, usec now) {
  if (call->state == CALL_GATED)
    return;
  call_enter(call, now, CALL_GATED);
  if (!call->gated_until)
    call->gated_until = call->deadline;
  call->deadline = call->gated_until;
}

void call_ask_gate(struct call *call, usec now) {
  call->facts.trust = call->contact->state;
  call->facts.require_verified = call->contact->require_verified;
  call->facts.device_acknowledged = call->env->new_device == SOTTO_NEW_DEVICE_SHOW ||
                                    contact_device_acknowledged(call->contact, call_channel(call)->them.device);
  struct gate_verdict verdict = gate_evaluate(&call->facts);
  enum gate_want before = call->want;
  call->want = verdict.want;
  if (verdict.want == GATE_WANTS_BIND)
    return; /* still on the way there */
  set_gate(call, now, verdict.gate);
  if (call_ended(call))
    return;
  if (verdict.want == GATE_REFUSES) {
    call_end(call, now, call->facts.consent_expired ? SOTTO_END_UNVERIFIED : SOTTO_END_SECURITY);
    return;
  }
  bool lost = call->state == CALL_RECONNECTING && call->ice_lost; /* the gate opens no path */
  if (verdict.gate == SOTTO_GATE_OPEN) {
    if (call->state != CALL_OPEN && !lost)
      call_enter(call, now, CALL_OPEN);
    if (verdict.warn && !call->warned)
      call_event(call, SOTTO_EVENT_UNVERIFIED);
    call->warned = verdict.warn;
    return;
  }
  if (!lost)
    enter_gated(call, now);
  if (verdict.want == GATE_WANTS_CONSENT && before != GATE_WANTS_CONSENT)
    call_event(call, SOTTO_EVENT_CONSENT);
  if (verdict.want == GATE_WANTS_DEVICE_ACK && before != GATE_WANTS_DEVICE_ACK)
    call_event(call, SOTTO_EVENT_NEW_DEVICE);
}

/* Devices that their roster no longer has: a call with one of them is over, and one of several stops ringing. */
static void check_devices(struct call *call, usec now) {
  for (int i = call->legs; i-- > 0 && !call_ended(call);) {
    struct call_leg *leg = call->leg[i];
    if (roster_find(&call->contact->roster, leg->channel.them.device))
      continue;
    call_alarm(call, now, SOTTO_ALARM_DEVICE_REVOKED);
    if (call->legs == 1)
      call_end(call, now, SOTTO_END_SECURITY);
    else
      call_drop_leg(call, now, leg, SOTTO_END_SECURITY);
  }
}

void call_trust_changed(struct call *call, usec now) {
  check_devices(call, now);
  if (call_ended(call))
    return;
  if (!contact_callable(call->contact))
    call_end(call, now, SOTTO_END_SECURITY);
  else if (call->facts.bound)
    call_ask_gate(call, now);
}

sotto_status call_consent(struct call *call, usec now) {
  if (call->state != CALL_GATED || call->want != GATE_WANTS_CONSENT)
    return SOTTO_ERR_STATE;
  call->facts.user_consented = true;
  call->gated_until = now + SEC(120);
  call->deadline = call->gated_until;
  call_ask_gate(call, now);
  return SOTTO_OK;
}

sotto_status call_acknowledge(struct call *call, usec now) {
  if (call->state != CALL_GATED || call->want != GATE_WANTS_DEVICE_ACK)
    return SOTTO_ERR_STATE;
  if (contact_user_acknowledged(call->contact))
    outbox_add(call->env->outbox, CORE_SAVE, 0);
  call_ask_gate(call, now);
  return SOTTO_OK;
}
