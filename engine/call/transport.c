#include "transport.h"

#include "../../media/bytes.h"
#include "../../media/rtp/depacketizer_opus.h"
#include "../../signaling/crypto.h"

void transport_init(struct transport *transport) {
  *transport = (struct transport){.gate = SOTTO_GATE_SHUT};
}

void transport_deinit(struct transport *transport) {
  session_free(transport->session);
  frame_seal_free(transport->seal);
  srtp_path_free(transport->srtp);
  dtls_free(transport->dtls);
  *transport = (struct transport){.gate = SOTTO_GATE_SHUT};
}

void transport_open_firewall(struct transport *transport, bool server) {
  dtls_firewall_init(&transport->firewall, server);
  dtls_firewall_open(&transport->firewall);
}

bool transport_start_dtls(struct transport *transport, const struct dtls_config *config) {
  if (transport->associations)
    return false;
  transport->dtls = dtls_new(config);
  transport->associations = transport->dtls ? 1 : 0;
  return transport->dtls;
}

void transport_path_found(struct transport *transport) {
  transport->has_path = true;
}

void transport_describe(struct transport *transport, const struct session_config *config) {
  transport->config = *config;
}

bool transport_seal_frames(struct transport *transport, const struct frame_keys *keys) {
  transport->seal = frame_seal_new(keys);
  transport->config.seal_size = FRAME_SEAL_SIZE;
  return transport->seal;
}

static bool make_srtp(struct transport *transport) {
  struct srtp_master local, remote;
  if (!dtls_export_srtp(transport->dtls, &local, &remote))
    return false;
  transport->srtp = srtp_path_new(dtls_profile(transport->dtls), &local, &remote);
  crypto_wipe(&local, sizeof local);
  crypto_wipe(&remote, sizeof remote);
  return transport->srtp;
}

static bool video_may_flow(const struct transport *transport) {
  return transport->gate == SOTTO_GATE_OPEN;
}

static void begin_video(struct transport *transport) {
  if (transport->session && video_may_flow(transport) && transport->media & SOTTO_VIDEO)
    session_begin_video(transport->session);
}

bool transport_set_gate(struct transport *transport, usec now, sotto_gate gate) {
  (void)now;
  transport->gate = SOTTO_GATE_SHUT;
  if (gate != SOTTO_GATE_SHUT) {
    if (!transport->srtp && !make_srtp(transport))
      return false;
    if (!transport->session && !(transport->session = session_new(&transport->config)))
      return false;
  }
  transport->gate = gate;
  transport->encoder_due = true;
  begin_video(transport);
  return true;
}

void transport_set_media(struct transport *transport, unsigned media) {
  transport->media = media;
  transport->encoder_due = true;
  transport->key_frame = true; /* a picture after a pause can lean on nothing before it */
  begin_video(transport);
}

static void count_refused(struct transport *transport, enum srtp_result result) {
  switch (result) {
  case SRTP_AUTH_FAIL:
    transport->stats.auth_failed++;
    break;
  case SRTP_REPLAY:
    transport->stats.replayed++;
    break;
  case SRTP_EXPIRED:
    transport->expired = true;
    break;
  case SRTP_OK:
  case SRTP_MALFORMED:
  case SRTP_UNKNOWN:
  case SRTP_FAILED:
    transport->stats.malformed++;
    break;
  }
}

/* The SSRC is in clear in both (RFC 3550: offset 8 of RTP, 4 of RTCP). */
static uint32_t rtp_ssrc(const uint8_t *data, size_t size) {
  struct reader r = reader_of(data, size);
  read_span(&r, 8);
  return read_u32(&r);
}

static void input_media(struct transport *transport, usec now, uint8_t *data, size_t size, bool rtcp) {
  bool allowed = transport->gate != SOTTO_GATE_SHUT && transport->srtp && transport->session;
  if (allowed && !rtcp && !video_may_flow(transport))
    allowed = rtp_ssrc(data, size) == transport->config.peer_audio_ssrc;
  if (!allowed) {
    transport->stats.gate_dropped_in++;
    return;
  }
  enum srtp_result result = rtcp ? srtp_path_unprotect_rtcp(transport->srtp, data, &size)
                                 : srtp_path_unprotect_rtp(transport->srtp, data, &size);
  if (result != SRTP_OK)
    count_refused(transport, result);
  else
    session_input(transport->session, now, data, size);
}

void transport_input(struct transport *transport, usec now, uint8_t *data, size_t size) {
  switch (demux_classify(data, size)) {
  case DEMUX_DTLS:
    size = dtls_firewall_filter(&transport->firewall, data, size);
    if (size && transport->dtls) {
      dtls_input(transport->dtls, now, data, size);
      if (dtls_state(transport->dtls) == DTLS_CONNECTED)
        dtls_firewall_complete(&transport->firewall);
    }
    break;
  case DEMUX_RTP:
    input_media(transport, now, data, size, false);
    break;
  case DEMUX_RTCP:
    input_media(transport, now, data, size, true);
    break;
  case DEMUX_STUN: /* the ICE agent's own, and never passed on */
  case DEMUX_UNKNOWN:
    transport->stats.not_demuxed++;
    break;
  }
}

static const uint8_t *seal_frame(struct transport *transport, unsigned medium, bool key, const uint8_t *frame,
                                 size_t *size) {
  return transport->seal ? frame_seal_close(transport->seal, medium, key, frame, size) : frame;
}

void transport_audio_encoded(struct transport *transport, usec now, usec captured, const uint8_t *payload,
                             size_t size, int samples) {
  if (transport->gate == SOTTO_GATE_SHUT || !transport->session) {
    transport->stats.gate_dropped_out++;
    return;
  }
  payload = seal_frame(transport, SOTTO_AUDIO, false, payload, &size);
  session_send_audio(transport->session, now, captured, payload, size, samples);
}

void transport_video_encoded(struct transport *transport, usec now, usec captured, const uint8_t *frame,
                             size_t size, bool key, int temporal_id) {
  if (!video_may_flow(transport) || !transport->session || !(transport->media & SOTTO_VIDEO)) {
    transport->stats.gate_dropped_out++;
    return;
  }
  frame = seal_frame(transport, SOTTO_VIDEO, key, frame, &size);
  session_send_video(transport->session, now, captured, frame, size, key, temporal_id);
}

static bool poll_dtls(struct transport *transport, usec now, struct core_output *out) {
  if (!transport->dtls || !transport->has_path || !dtls_poll(transport->dtls, now, &out->data, &out->size))
    return false;
  out->type = CORE_DATAGRAM;
  return true;
}

static bool poll_encoder(struct transport *transport, struct core_output *out) {
  if (!transport->encoder_due)
    return false;
  transport->encoder_due = false;
  out->type = CORE_ENCODER;
  out->audio_bitrate = transport->gate == SOTTO_GATE_SHUT ? 0 : transport->audio_bitrate;
  out->video_bitrate = video_may_flow(transport) && (transport->media & SOTTO_VIDEO) ? transport->video_bitrate : 0;
  out->audio_samples = transport->audio_samples;
  out->audio_loss = transport->audio_loss;
  out->audio_fec = transport->audio_fec;
  out->key_frame = transport->key_frame;
  out->layered = transport->layered;
  transport->key_frame = false;
  return true;
}

/* Protects in place: the session left room for it. */
static bool protect(struct transport *transport, struct session_output *packet, struct core_output *out) {
  size_t room = packet->size + SESSION_PACKET_ROOM;
  enum srtp_result result = packet->rtcp
                                ? srtp_path_protect_rtcp(transport->srtp, packet->data, &packet->size, room)
                                : srtp_path_protect_rtp(transport->srtp, packet->data, &packet->size, room);
  if (result == SRTP_EXPIRED)
    transport->expired = true;
  if (result != SRTP_OK)
    return false;
  out->type = CORE_DATAGRAM;
  out->data = packet->data;
  out->size = packet->size;
  return true;
}

/* What is inside of sound is checked here, where it can be seen. */
static bool open_audio(struct transport *transport, struct session_output *frame) {
  return frame_seal_open(transport->seal, SOTTO_AUDIO, false, &frame->data, &frame->size) &&
         depacketizer_opus_samples(frame->data, frame->size) > 0;
}

static bool open_picture(struct transport *transport, usec now, struct session_output *frame) {
  bool opened = frame_seal_open(transport->seal, SOTTO_VIDEO, frame->key, &frame->data, &frame->size);
  transport->picture_missing = !opened || (transport->picture_missing && !frame->key);
  if (transport->picture_missing)
    session_request_key_frame(transport->session, now);
  return opened;
}

/* true: it is the peer's, and of use to a decoder. */
static bool open_frame(struct transport *transport, usec now, struct session_output *frame) {
  if (!transport->seal)
    return true;
  bool audio = frame->type == SESSION_OUT_AUDIO;
  bool opened = audio ? open_audio(transport, frame) : open_picture(transport, now, frame);
  if (!opened)
    transport->stats.unopened++;
  return opened && (audio || !transport->picture_missing);
}

static bool hand_out(struct transport *transport, usec now, struct session_output *from, struct core_output *out) {
  bool audio = from->type == SESSION_OUT_AUDIO;
  bool allowed = audio ? transport->gate != SOTTO_GATE_SHUT : video_may_flow(transport);
  if (!allowed || !open_frame(transport, now, from))
    return false;
  out->type = audio ? CORE_AUDIO : CORE_VIDEO;
  out->data = from->data;
  out->size = from->size;
  out->seq = from->seq;
  out->rtp_time = from->rtp_time;
  out->arrival = from->arrival;
  out->captured = from->captured;
  out->render = from->render;
  out->key = from->key;
  return true;
}

/* One output of the session's as one of ours; false: it was not for the outside, or the gate or the seal keeps it.
 */
static bool translate(struct transport *transport, usec now, struct session_output *from, struct core_output *out) {
  switch (from->type) {
  case SESSION_OUT_PACKET:
    return transport->gate != SOTTO_GATE_SHUT && protect(transport, from, out);
  case SESSION_OUT_AUDIO:
  case SESSION_OUT_VIDEO:
    return hand_out(transport, now, from, out);
  case SESSION_OUT_ENCODER:
    transport->audio_bitrate = from->audio_bitrate;
    transport->video_bitrate = from->video_bitrate;
    transport->audio_samples = from->audio_samples;
    transport->audio_loss = from->audio_loss;
    transport->audio_fec = from->audio_fec;
    transport->key_frame |= from->key_frame;
    transport->layered = from->layered;
    transport->encoder_due = true;
    return poll_encoder(transport, out);
  }
  return false;
}

bool transport_poll(struct transport *transport, usec now, struct core_output *out) {
  if (poll_dtls(transport, now, out))
    return true;
  struct session_output from;
  while (transport->session && session_poll(transport->session, now, &from))
    if (translate(transport, now, &from, out))
      return true;
  return poll_encoder(transport, out);
}

usec transport_deadline(const struct transport *transport) {
  usec deadline = USEC_NEVER;
  if (transport->encoder_due)
    return 0;
  if (transport->dtls && transport->has_path)
    deadline = dtls_deadline(transport->dtls);
  if (transport->session)
    deadline = earlier(deadline, session_deadline(transport->session));
  return deadline;
}

void transport_close(struct transport *transport, usec now) {
  if (transport->session && transport->gate != SOTTO_GATE_SHUT)
    session_bye(transport->session, now);
  if (transport->dtls)
    dtls_close(transport->dtls, now);
}
