#include "json_events.h"

#include <stdio.h>

#include "clock.h"
#include "names.h"

void json_event_say(const char *name, json_t *fields) {
  json_t *line = json_pack("{s:s, s:I}", "event", name, "t", (json_int_t)clock_now());
  if (line && fields)
    json_object_update(line, fields);
  if (line && json_dumpf(line, stdout, JSON_COMPACT) == 0)
    putchar('\n');
  fflush(stdout);
  json_decref(line);
  json_decref(fields);
}

static json_t *media_list(unsigned media) {
  json_t *list = json_array();
  if (media & SOTTO_AUDIO)
    json_array_append_new(list, json_string("audio"));
  if (media & SOTTO_VIDEO)
    json_array_append_new(list, json_string("video"));
  return list;
}

static json_t *id_text(const sotto_id *id) {
  char text[SOTTO_ID_TEXT_SIZE];
  return json_string(sotto_id_format(id, text, sizeof text) == SOTTO_OK ? text : "");
}

static void put(json_t *object, const char *key, json_t *value) {
  json_object_set_new(object, key, value);
}

static json_t *sas_emoji(const sotto_sas *sas) {
  json_t *list = json_array();
  for (unsigned i = 0; i < sizeof sas->emoji; i++) {
    const char *name = NULL, *symbol = sotto_sas_emoji(sas->emoji[i], &name);
    json_array_append_new(list, json_pack("{s:s, s:s}", "symbol", symbol ? symbol : "", "name", name ? name : ""));
  }
  return list;
}

static void put_sas(json_t *line, const sotto_sas *sas) {
  put(line, "emoji", sas_emoji(sas));
  put(line, "words", json_string(sas->words));
  put(line, "digits", json_string(sas->digits));
}

static void put_details(json_t *line, const sotto_event *e) {
  switch (e->type) {
  case SOTTO_EVENT_INVITE_FAILED:
    put(line, "status", json_string(name_of_status(e->status)));
    break;
  case SOTTO_EVENT_INCOMING:
  case SOTTO_EVENT_PEER_MEDIA:
    put(line, "media", media_list(e->media));
    break;
  case SOTTO_EVENT_CALL_STATE:
    put(line, "state", json_string(name_of_state(e->state)));
    if (e->state == SOTTO_CALL_ENDED)
      put(line, "reason", json_string(name_of_reason(e->reason)));
    break;
  case SOTTO_EVENT_GATE:
    put(line, "gate", json_string(name_of_gate(e->gate)));
    break;
  case SOTTO_EVENT_SECURE:
    put(line, "verified", json_boolean(e->verified));
    put(line, "binding", json_string(e->binding));
    put(line, "sealed", json_boolean(e->sealed));
    put(line, "profile", json_string(e->profile));
    put(line, "cipher", json_string(e->cipher));
    break;
  case SOTTO_EVENT_SAS:
    put_sas(line, &e->sas);
    break;
  case SOTTO_EVENT_SAS_RESULT:
    put(line, "local", json_boolean(e->local));
    put(line, "remote", json_boolean(e->remote));
    break;
  case SOTTO_EVENT_ALARM:
    put(line, "alarm", json_string(name_of_alarm(e->alarm)));
    put(line, "number", json_integer(e->alarm));
    if (e->devices_added || e->devices_revoked) {
      put(line, "added", json_integer(e->devices_added));
      put(line, "revoked", json_integer(e->devices_revoked));
    }
    break;
  default:
    break;
  }
}

static bool about_a_person(const sotto_event *e) {
  static const sotto_id nobody;
  for (unsigned i = 0; i < sizeof e->peer.bytes; i++)
    if (e->peer.bytes[i] != nobody.bytes[i])
      return true;
  return false;
}

void json_event_print(const sotto_event *event, const sotto_contact *contact) {
  json_t *line = json_object();
  if (about_a_person(event)) {
    put(line, "peer", id_text(&event->peer));
    put(line, "name", contact ? json_string(contact->name) : json_null());
    put(line, "trust", json_string(name_of_trust(event->trust)));
  }
  put_details(line, event);
  json_event_say(name_of_event(event->type), line);
}

json_t *json_contact(const sotto_contact *contact) {
  return json_pack("{s:s, s:o, s:s, s:s, s:I, s:b, s:b}", "name", contact->name, "id", id_text(&contact->id),
                   "trust", name_of_trust(contact->trust), "method", name_of_method(contact->method), "verifiedAt",
                   (json_int_t)contact->verified_at, "rotated", contact->rotated, "untold", contact->untold);
}

/* ---- statistics: seconds and bytes, as W3C has them ---- */

static json_t *seconds(int64_t us) {
  return json_real((double)us / 1e6);
}

static json_t *count(int64_t value) {
  return json_integer(value);
}

static json_t *outbound(const sotto_stream_stats *s) {
  json_t *o = json_object();
  put(o, "packetsSent", count(s->packets_sent));
  put(o, "bytesSent", count(s->bytes_sent));
  put(o, "retransmittedPacketsSent", count(s->retransmitted_packets_sent));
  put(o, "redPacketsSent", count(s->red_packets_sent));
  put(o, "fecPacketsSent", count(s->fec_packets_sent));
  put(o, "targetBitrate", count(s->target_bitrate));
  return o;
}

static json_t *inbound(const sotto_stream_stats *s) {
  json_t *o = json_object();
  put(o, "packetsReceived", count(s->packets_received));
  put(o, "bytesReceived", count(s->bytes_received));
  put(o, "packetsLost", count(s->packets_lost));
  put(o, "packetsDiscarded", count(s->packets_discarded));
  put(o, "packetsRecovered", count(s->packets_recovered));
  put(o, "packetsRepaired", count(s->packets_repaired));
  put(o, "redPacketsReceived", count(s->red_packets_received));
  put(o, "fecPacketsReceived", count(s->fec_packets_received));
  put(o, "jitter", seconds(s->jitter_us));
  put(o, "nackCount", count(s->nack_count));
  put(o, "pliCount", count(s->pli_count));
  return o;
}

static json_t *inbound_audio(const sotto_stats *s) {
  json_t *o = inbound(&s->audio);
  put(o, "codec", json_string(s->audio_codec));
  put(o, "totalSamplesReceived", count(s->total_samples_received));
  put(o, "concealedSamples", count(s->concealed_samples));
  put(o, "silentConcealedSamples", count(s->silent_concealed_samples));
  put(o, "concealmentEvents", count(s->concealment_events));
  put(o, "fecPacketsReceived", count(s->fec_packets_received));
  put(o, "fecPacketsDiscarded", count(s->fec_packets_discarded));
  put(o, "jitterBufferDelayNow", seconds(s->jitter_buffer_delay_us));
  put(o, "jitterBufferTargetDelayNow", seconds(s->jitter_buffer_target_delay_us));
  return o;
}

static json_t *outbound_video(const sotto_stats *s) {
  json_t *o = outbound(&s->video);
  put(o, "codec", json_string(s->video_codec));
  put(o, "framesCaptured", count(s->frames_captured));
  put(o, "framesEncoded", count(s->frames_encoded));
  put(o, "keyFramesEncoded", count(s->key_frames_encoded));
  put(o, "framesDroppedByEncoder", count(s->frames_dropped_encoder));
  put(o, "framesDiscardedOnSend", count(s->frames_discarded_on_send));
  put(o, "totalEncodeTime", seconds(s->total_encode_time_us));
  put(o, "qualityLimitationReason", json_string(s->quality_limitation_reason));
  return o;
}

static json_t *inbound_video(const sotto_stats *s) {
  json_t *o = inbound(&s->video);
  put(o, "codec", json_string(s->peer_video_codec));
  put(o, "framesReceived", count(s->frames_received));
  put(o, "framesDecoded", count(s->frames_decoded));
  put(o, "keyFramesDecoded", count(s->key_frames_decoded));
  put(o, "framesRendered", count(s->frames_rendered));
  put(o, "framesDropped", count(s->frames_dropped));
  put(o, "framesLost", count(s->frames_lost));
  put(o, "freezeCount", count(s->freeze_count));
  put(o, "totalFreezesDuration", seconds(s->total_freezes_duration_us));
  put(o, "totalDecodeTime", seconds(s->total_decode_time_us));
  put(o, "frameWidth", count(s->frame_width));
  put(o, "frameHeight", count(s->frame_height));
  return o;
}

static json_t *dropped(const sotto_stats *s) {
  json_t *o = json_object();
  put(o, "packetsGateDropped", count(s->packets_gate_dropped));
  put(o, "packetsAuthFailed", count(s->packets_auth_failed));
  put(o, "packetsReplayed", count(s->packets_replayed));
  put(o, "packetsNotDemuxed", count(s->packets_not_demuxed));
  put(o, "dtlsBlocked", count(s->dtls_blocked));
  put(o, "cellsRejected", count(s->cells_rejected));
  put(o, "framesUnopened", count(s->frames_unopened));
  return o;
}

static json_t *setup(const sotto_stats *s) {
  json_t *o = json_object();
  put(o, "hello", seconds(s->setup_hello_us));
  put(o, "ringing", seconds(s->setup_ringing_us));
  put(o, "signaling", seconds(s->setup_signaling_us));
  put(o, "ice", seconds(s->setup_ice_us));
  put(o, "dtls", seconds(s->setup_dtls_us));
  put(o, "bind", seconds(s->setup_bind_us));
  put(o, "open", seconds(s->setup_open_us));
  put(o, "firstAudio", seconds(s->setup_first_audio_us));
  put(o, "heard", seconds(s->setup_heard_us));
  put(o, "firstVideo", seconds(s->setup_first_video_us));
  return o;
}

static json_t *transport(const sotto_stats *s) {
  json_t *o = json_object();
  put(o, "binding", json_string(s->binding));
  put(o, "framesSealed", json_boolean(s->frames_sealed));
  put(o, "srtpCipher", json_string(s->srtp_profile));
  put(o, "dtlsCipher", json_string(s->dtls_cipher));
  put(o, "srtpEngine", json_string(s->srtp_engine));
  put(o, "sendPath", json_string(s->send_path));
  put(o, "receivePath", json_string(s->receive_path));
  put(o, "localCandidateType", json_string(s->local_candidate_type));
  put(o, "remoteCandidateType", json_string(s->remote_candidate_type));
  put(o, "relayed", json_boolean(s->relayed));
  put(o, "engineWakeups", count(s->engine_wakeups));
  put(o, "currentRoundTripTime", seconds(s->current_round_trip_time_us));
  put(o, "availableOutgoingBitrate", count(s->available_outgoing_bitrate));
  return o;
}

json_t *json_stats(const sotto_stats *s) {
  json_t *o = json_object();
  put(o, "outboundAudio", outbound(&s->audio));
  put(o, "inboundAudio", inbound_audio(s));
  put(o, "outboundVideo", outbound_video(s));
  put(o, "inboundVideo", inbound_video(s));
  put(o, "remoteInboundAudio", json_pack("{s:I}", "packetsLost", (json_int_t)s->audio.remote_packets_lost));
  put(o, "remoteInboundVideo", json_pack("{s:I}", "packetsLost", (json_int_t)s->video.remote_packets_lost));
  put(o, "transport", transport(s));
  put(o, "dropped", dropped(s));
  put(o, "setup", setup(s));
  return o;
}
