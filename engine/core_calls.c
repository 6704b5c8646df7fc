/* core_calls.c - the embedder's commands about calls; what each means is in sotto.h. */
#include "core_parts.h"

/* Whoever is rung answers; a second call beside it would only cross it. */
static bool is_ringing(const struct core *core, const struct contact *contact) {
  for (const struct call *call = core->calls; call; call = call->next)
    if (call->contact == contact && call->state == CALL_RINGING)
      return true;
  return false;
}

sotto_status core_call_start(struct core *core, usec now, const sotto_id *peer, unsigned media, uint32_t *handle) {
  struct contact *contact = contacts_find(&core->trust->contacts, peer->bytes);
  if (!media || media & ~(unsigned)(SOTTO_AUDIO | SOTTO_VIDEO))
    return SOTTO_ERR_INVALID;
  if (!contact)
    return SOTTO_ERR_NOT_FOUND;
  if (!contact_callable(contact) || !contact->roster.devices || !core_is_enrolled(core))
    return SOTTO_ERR_TRUST;
  if (is_ringing(core, contact))
    return SOTTO_ERR_STATE;
  if (core_count_calls(core) >= CALLS_MAX)
    return SOTTO_ERR_FULL;
  struct call *call = call_dial(&core->env, core_new_handle(core), contact, media, now);
  if (!call)
    return SOTTO_ERR_NOMEM;
  core_link_call(core, call);
  *handle = call->handle;
  return SOTTO_OK;
}

sotto_status core_call_accept(struct core *core, usec now, uint32_t handle, unsigned media) {
  struct call *call = core_find_call(core, handle);
  if (!media || media & ~(unsigned)(SOTTO_AUDIO | SOTTO_VIDEO))
    return SOTTO_ERR_INVALID;
  return call ? call_accept(call, now, media) : SOTTO_ERR_STATE;
}

sotto_status core_call_decline(struct core *core, usec now, uint32_t handle) {
  struct call *call = core_find_call(core, handle);
  if (!call || call->state != CALL_RINGING)
    return SOTTO_ERR_STATE;
  call_end(call, now, SOTTO_END_DECLINED);
  return SOTTO_OK;
}

sotto_status core_call_consent(struct core *core, usec now, uint32_t handle) {
  struct call *call = core_find_call(core, handle);
  return call ? call_consent(call, now) : SOTTO_ERR_STATE;
}

sotto_status core_call_acknowledge(struct core *core, usec now, uint32_t handle) {
  struct call *call = core_find_call(core, handle);
  return call ? call_acknowledge(call, now) : SOTTO_ERR_STATE;
}

sotto_status core_call_compare(struct core *core, usec now, uint32_t handle) {
  struct call *call = core_find_call(core, handle);
  return call ? call_compare(call, now) : SOTTO_ERR_STATE;
}

sotto_status core_call_confirm(struct core *core, usec now, uint32_t handle, bool sas_matches) {
  struct call *call = core_find_call(core, handle);
  return call ? call_confirm(call, now, sas_matches) : SOTTO_ERR_STATE;
}

sotto_status core_call_set_media(struct core *core, usec now, uint32_t handle, unsigned media) {
  struct call *call = core_find_call(core, handle);
  if (media & ~(unsigned)(SOTTO_AUDIO | SOTTO_VIDEO))
    return SOTTO_ERR_INVALID;
  return call ? call_set_media(call, now, media) : SOTTO_ERR_STATE;
}

sotto_status core_call_set_max_bitrate(struct core *core, usec now, uint32_t handle, bps bitrate) {
  struct call *call = core_find_call(core, handle);
  if (bitrate <= 0)
    return SOTTO_ERR_INVALID;
  if (!call || call->state == CALL_ENDED)
    return SOTTO_ERR_STATE;
  call->transport.config.max_bitrate = bitrate;
  if (call->transport.session)
    session_set_max_bitrate(call->transport.session, now, bitrate);
  return SOTTO_OK;
}

sotto_status core_call_restart_ice(struct core *core, usec now, uint32_t handle) {
  struct call *call = core_find_call(core, handle);
  return call ? call_restart_ice(call, now) : SOTTO_ERR_STATE;
}

void core_call_hangup(struct core *core, usec now, uint32_t handle) {
  struct call *call = core_find_call(core, handle);
  if (call)
    call_end(call, now, SOTTO_END_HANGUP);
}

sotto_status core_call_stats(struct core *core, usec now, uint32_t handle, sotto_stats *stats) {
  struct call *call = core_find_call(core, handle);
  if (!call)
    return SOTTO_ERR_STATE;
  call_stats(call, now, stats);
  return SOTTO_OK;
}

bool core_call_codecs(struct core *core, uint32_t handle, enum session_video_codec *ours,
                      enum session_video_codec *theirs) {
  struct call *call = core_find_call(core, handle);
  if (!call || call->state < CALL_CONNECTING)
    return false;
  *ours = call->transport.config.video_codec;
  *theirs = call->transport.config.peer_video_codec;
  return true;
}

void core_call_forget(struct core *core, usec now, uint32_t handle) {
  struct call *call = core_find_call(core, handle);
  if (!call)
    return;
  call_end(call, now, SOTTO_END_HANGUP);
  call->forgotten = true;
  outbox_forget(&core->outbox, handle);
}
