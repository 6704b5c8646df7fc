/* call_path.c - the way between the two ends: what the ICE agent is told and tells, restarts, and who may know our
 * addresses when (RFC 8445, RFC 8838, RFC 8863; protocol D.6, F). The agent itself is the shell's (path/ice.h).
 */
#include <string.h>

#include "call_parts.h"

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
    call_secure(call, now);
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

usec call_relay_given_up(const struct call *call) {
  bool waits = call->state == CALL_CONNECTING && call->hidden && !call->ice_connected && !restart_under_way(call);
  return waits && may_know_addresses(call) ? call->deadline - SEC(20) + CALL_RELAY_PATIENCE : USEC_NEVER;
}

void call_leave_relay(struct call *call, usec now) {
  bool ready = call->state == CALL_OPEN && call->ice_connected;
  if (call->hidden && (ready || now >= call_relay_given_up(call)) && may_know_addresses(call))
    call_begin_restart(call);
}
