/* call_setup.c - from the answer to a path that DTLS runs over: what both descriptions say becomes a media session
 * and an association (protocol D.1, RFC 5763, RFC 8842). What comes of that is call_security.c's; which waits for
 * which stands in engine/DESIGN.md, "Setting a call up".
 */
#include "call_parts.h"
#include "page.h"

#define FLIGHT_MIN MS(50) /* before a flight of DTLS is sent again for the first time */
#define FLIGHT_MAX MS(400)

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

static bool start_dtls(struct call *call) {
  const struct call_leg *leg = call->leg[0];
  struct dtls_config config = {.certificate = leg->certificate ? leg->certificate : call->certificate,
                               .server = leg->server};
  memcpy(config.peer_fingerprint, call->theirs.fingerprint, sizeof config.peer_fingerprint);
  config.profiles = (size_t)description_profiles(&call->ours, &call->theirs, config.profile);
  if (!transport_start_dtls(&call->transport, &config))
    return false;
  call->facts.dtls_associations = call->transport.associations;
  return true;
}

/* Its flights wait for twice the time that the checks took, which is a round trip and a little (RFC 9147 section
 * 5.8.2 leaves the time to whoever knows the path). */
void call_secure(struct call *call, usec now) {
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
    call_secure(call, now);
}
