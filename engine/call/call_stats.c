/* call_stats.c - a call's numbers as sotto_stats has them (webrtc-stats by name); once it is gone, as they were. */
#include "call_parts.h"

static const char *candidate_type_name(enum candidate_type type) {
  static const char *const name[] = {"", "host", "srflx", "prflx", "relay"};
  return name[type > CANDIDATE_RELAY ? 0 : type];
}

void call_copy_text(char *out, size_t size, const char *text) {
  size_t length = 0;
  for (; text && text[length] && length < size - 1; length++)
    out[length] = text[length];
  out[length] = 0;
}

static void stream_stats(sotto_stream_stats *out, const struct media_stream_stats *in) {
  out->packets_sent = in->packets_sent;
  out->bytes_sent = in->bytes_sent;
  out->retransmitted_packets_sent = in->retransmitted_packets_sent;
  out->red_packets_sent = in->red_packets_sent;
  out->fec_packets_sent = in->fec_packets_sent;
  out->nack_count = in->nack_count;
  out->pli_count = in->pli_count;
  out->packets_received = in->packets_received;
  out->bytes_received = in->bytes_received;
  out->packets_lost = in->packets_lost;
  out->packets_recovered = in->packets_recovered;
  out->packets_repaired = in->packets_repaired;
  out->red_packets_received = in->red_packets_received;
  out->fec_packets_received = in->fec_packets_received;
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
  stats->frames_discarded_on_send = media.video.frames_discarded;
  stats->frames_lost = media.video.frames_lost;
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
  call_copy_text(stats->local_candidate_type, sizeof stats->local_candidate_type,
                 candidate_type_name(call->pair.local));
  call_copy_text(stats->remote_candidate_type, sizeof stats->remote_candidate_type,
                 candidate_type_name(call->pair.remote));
  if (call->facts.bound)
    call_copy_text(stats->binding, sizeof stats->binding, call_binding_name(call));
  if (transport->dtls) {
    call_copy_text(stats->srtp_profile, sizeof stats->srtp_profile,
                   srtp_profile_name(dtls_profile(transport->dtls)));
    call_copy_text(stats->dtls_cipher, sizeof stats->dtls_cipher, dtls_cipher_name(transport->dtls));
  }
  call_copy_text(stats->srtp_engine, sizeof stats->srtp_engine, srtp_engine_name());
}
