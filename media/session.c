#include "session.h"

#include <stdlib.h>

#include "session_parts.h"

static void fill_in(struct session_payload_types *types) {
  const struct {
    uint8_t *type, number;
  } natives[] = {
      {&types->opus, PAYLOAD_TYPE_OPUS},
      {&types->red, PAYLOAD_TYPE_RED},
      {&types->vp8, PAYLOAD_TYPE_VP8},
      {&types->vp9, PAYLOAD_TYPE_VP9},
      {&types->rtx_vp8, PAYLOAD_TYPE_RTX_VP8},
      {&types->rtx_vp9, PAYLOAD_TYPE_RTX_VP9},
      {&types->video_red, PAYLOAD_TYPE_VIDEO_RED},
      {&types->ulpfec, PAYLOAD_TYPE_ULPFEC},
      {&types->rtx_red, PAYLOAD_TYPE_RTX_RED},
      {&types->slot, PAYLOAD_TYPE_SLOT},
  };
  for (size_t i = 0; i < sizeof natives / sizeof natives[0]; i++)
    if (*natives[i].type == 0)
      *natives[i].type = natives[i].number;
}

struct session *session_new(const struct session_config *config) {
  struct session *session = calloc(1, sizeof *session);
  if (!session)
    return NULL;
  session->frames = frame_buffer_new();
  if (!session->frames) {
    free(session);
    return NULL;
  }
  session->config = *config;
  fill_in(&session->config.payload_types);
  if (config->constant_rate) /* slots have one form */
    session->config.transport_cc = 0;
  session->config.cname[sizeof session->config.cname - 1] = 0;
  session->random.state = config->seed;
  session->report_due = -1;
  session->answered = USEC_NEVER;
  session_send_init(session);
  session_audio_init(session);
  session_repair_init(session);
  session_receive_init(session);
  session_feedback_init(session);
  return session;
}

void session_free(struct session *session) {
  if (!session)
    return;
  frame_buffer_free(session->frames);
  free(session);
}

void session_input(struct session *session, usec now, const uint8_t *packet, size_t size) {
  if (session->state != SESSION_RUNNING)
    return;
  session->answered = USEC_NEVER;
  if (size > SESSION_PACKET_MAX)
    session->stats.packets_malformed++;
  else if (rtp_is_rtcp(packet, size))
    session_input_rtcp(session, now, packet, size);
  else
    session_input_rtp(session, now, packet, size);
}

void session_set_playout_delay(struct session *session, usec now, usec delay) {
  (void)now;
  av_sync_set_playout_delay(&session->sync, delay);
}

void session_set_max_bitrate(struct session *session, usec now, bps bitrate) {
  rate_control_set_max(&session->rate, bitrate);
  session_pace(session, now);
}

void session_request_key_frame(struct session *session, usec now) {
  (void)now; /* the next poll asks, when it is time */
  session->decoder_lost = true;
  session->answered = USEC_NEVER;
}

void session_bye(struct session *session, usec now) {
  (void)now;
  if (session->state == SESSION_RUNNING)
    session->state = SESSION_LEAVING;
}

/* What is due, or comes of what came: packets that leave at the same moment do not bring more of it. */
static bool poll_answers(struct session *session, usec now, struct session_output *out) {
  if (session->answered == now)
    return false;
  if (session_poll_audio(session, out) || session_poll_video(session, now, out) ||
      session_poll_rtcp(session, now, out))
    return true;
  session->answered = now;
  return false;
}

bool session_poll(struct session *session, usec now, struct session_output *out) {
  if (session->state == SESSION_GONE)
    return false;
  if (session->state == SESSION_LEAVING) /* nothing may follow a BYE (RFC 3550 section 6.3.7) */
    return session_poll_rtcp(session, now, out);
  if (session->answered != now)
    session_collect_requests(session, now); /* what it gives up may set frames free */
  return session_poll_encoder(session, now, out) || poll_answers(session, now, out) ||
         session_poll_packet(session, now, out);
}

static usec later(usec a, usec b) {
  return a > b ? a : b;
}

static usec receive_deadline(const struct session *session) {
  const struct incoming *audio = &session->in[AUDIO], *video = &session->in[VIDEO];
  usec nack = earlier(nack_deadline(&audio->nack), nack_deadline(&video->nack));
  usec deadline = earlier(later(nack, session->feedback_due), frame_buffer_deadline(session->frames));
  if (session_wants_pli(session))
    deadline = earlier(deadline, session->pli_due);
  return session->arrived_count > 0 ? 0 : earlier(deadline, session->ccfb_due);
}

static usec send_deadline(const struct session *session) {
  usec deadline = earlier(session_packet_deadline(session), rate_control_deadline(&session->rate));
  if (session->key_wanted)
    deadline = earlier(deadline, session->key_wanted_due);
  return session->targets_changed ? 0 : deadline;
}

usec session_deadline(const struct session *session) {
  if (session->state == SESSION_GONE)
    return USEC_NEVER;
  if (session->state == SESSION_LEAVING || session->report_due < 0)
    return 0;
  return earlier(session->report_due, earlier(send_deadline(session), receive_deadline(session)));
}

void session_stats(const struct session *session, usec now, struct media_stats *stats) {
  (void)now;
  *stats = session->stats;
  struct media_stream_stats *stream[MEDIA] = {&stats->audio, &stats->video};
  for (int medium = 0; medium < MEDIA; medium++) {
    stream[medium]->packets_lost = report_receiver_lost(&session->in[medium].report);
    stream[medium]->jitter_us = report_receiver_jitter(&session->in[medium].report);
  }
  const struct frame_buffer_stats *frames = frame_buffer_stats(session->frames);
  stats->video.frames_received = frames->frames_assembled;
  stats->video.key_frames_received = frames->key_frames_assembled;
  stats->video.frames_dropped = frames->frames_dropped;
  stats->video.frames_lost = frames->frames_lost;
  stats->video.packets_discarded += frames->packets_late + frames->packets_refused;
  stats->target_bitrate = session->targets.audio + session->targets.video;
  stats->available_outgoing_bitrate = session->rate.target;
}
