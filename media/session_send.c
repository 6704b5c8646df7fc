/* session_send.c - encoded frames into packets, and packets out through the pacer. */
#include "rtp/packetizer_vp8.h"
#include "rtp/packetizer_vp9.h"
#include "session_parts.h"

enum { OPUS_SAMPLES_MIN = 120, OPUS_SAMPLES_MAX = 5760 }; /* 2.5 and 120 ms, RFC 6716 */

static void init_video(struct session *session) {
  const struct session_config *config = &session->config;
  packetizer_video_init(&session->video,
                        config->video_codec == SESSION_VP9 ? &payload_descriptor_vp9 : &payload_descriptor_vp8,
                        video_payload_type(config, config->video_codec), config->video_ssrc, &session->random);
}

void session_send_init(struct session *session) {
  const struct session_config *config = &session->config;
  packetizer_opus_init(&session->opus, config->audio_ssrc, &session->random);
  init_video(session);
  struct outgoing *audio = &session->out[AUDIO], *video = &session->out[VIDEO];
  *audio = (struct outgoing){.ssrc = config->audio_ssrc, .next = session->opus.seq};
  *video = (struct outgoing){.ssrc = config->video_ssrc, .next = session->video.seq};
  history_init(&audio->history, session->sent_audio, SENT_AUDIO_PACKETS);
  history_init(&video->history, session->sent_video, SENT_VIDEO_PACKETS);
  report_sender_init(&audio->report, 48000);
  report_sender_init(&video->report, 90000);
  rate_control_init(&session->rate, config->max_bitrate);
  session->rate.reports_alone = config->reports_alone;
  pacer_init(&session->pacer, session->rate.target, PACER_FREE_PERCENT);
  constant_rate_init(&session->constant, config->constant_rate);
  if (!config->constant_rate)
    return;
  session->video.packet_max = SLOT_VIDEO_SIZE - SLOT_HEAD;
  for (int medium = 0; medium < MEDIA; medium++)
    session->slot_time[medium] = (uint32_t)random_next(&session->random);
}

void session_begin_video(struct session *session) {
  constant_rate_begin_video(&session->constant);
}

/* For a browser, with room for its number. */
void session_make_room(const struct session *session, struct sent_packet *packet) {
  if (!session->config.transport_cc)
    return;
  rtp_ext_insert(packet->data, packet->size, session->config.transport_cc);
  packet->size += RTP_EXT_SIZE;
}

/* In the constant-rate mode a packet is kept as the slot that it will leave in. */
static void keep(const struct session *session, int medium, struct sent_packet *packet) {
  session_make_room(session, packet);
  if (!session->constant.on)
    return;
  size_t slot_size = medium == AUDIO ? SLOT_AUDIO_SIZE : SLOT_VIDEO_SIZE;
  slot_wrap(packet->data, packet->size, slot_size, session->config.payload_types.slot);
  packet->size = (uint16_t)slot_size;
}

static bool discard(struct session *session, int medium) {
  stats_of(session, medium)->frames_discarded++;
  return false;
}

static bool audio_fits(const struct session *session, size_t size) {
  int room = pacer_room(&session->pacer, PACE_AUDIO);
  if (session->constant.on)
    return size <= SLOT_AUDIO_SIZE - SLOT_HEAD - RTP_HEADER_SIZE && room > PACER_AUDIO - CONSTANT_AUDIO_WAIT;
  return size <= SESSION_PACKET_MAX - session_header_size(session) && room > 0;
}

bool session_send_audio(struct session *session, usec now, usec captured, const uint8_t *payload, size_t size,
                        int samples) {
  struct outgoing *out = &session->out[AUDIO];
  if (session->state != SESSION_RUNNING || size == 0 || samples < OPUS_SAMPLES_MIN || samples > OPUS_SAMPLES_MAX ||
      !audio_fits(session, size))
    return discard(session, AUDIO);
  struct sent_packet *packet = history_add(&out->history, out->next);
  packet->size = (uint16_t)session_write_audio(session, captured, payload, size, samples, packet->data);
  keep(session, AUDIO, packet);
  report_sender_frame(&out->report, packetizer_opus_captured(&session->opus), session->opus.timestamp);
  if (audio_steps_sent(&session->steps))
    session_step_audio(session, now);
  return pacer_input(
      &session->pacer, now,
      &(struct pacer_item){.priority = PACE_AUDIO, .medium = AUDIO, .seq = out->next++, .size = packet->size});
}

void session_want_key(struct session *session) {
  session->key_wanted = true;
}

static void queue_video(struct session *session, usec now) {
  struct outgoing *out = &session->out[VIDEO];
  struct sent_packet *packet = history_add(&out->history, out->next);
  int64_t first = out->next;
  while ((packet->size = (uint16_t)packetizer_video_next(&session->video, packet->data)) != 0) {
    keep(session, VIDEO, packet);
    session_wrap_red(session, packet);
    pacer_input(
        &session->pacer, now,
        &(struct pacer_item){.priority = PACE_VIDEO, .medium = VIDEO, .seq = out->next++, .size = packet->size});
    packet = history_add(&out->history, out->next);
  }
  session_protect(session, now, first);
}

/* The chain of delta frames holds as long as every frame of the base layer is sent: one that is not ends it until a
 * key frame. */
bool session_send_video(struct session *session, usec now, usec captured, const uint8_t *frame, size_t size,
                        bool key, int temporal_id) {
  int layer = session->layers_told ? temporal_id : VIDEO_NO_LAYERS;
  if (session->state != SESSION_RUNNING)
    return discard(session, VIDEO);
  bool fits = size > 0 && size <= FRAME_BUFFER_FRAME_MAX &&
              packetizer_video_count(&session->video, size, key, layer) <= pacer_room(&session->pacer, PACE_VIDEO);
  if (!fits && layer > 0) {
    packetizer_video_leave_out(&session->video);
    return discard(session, VIDEO);
  }
  if (now - session->video_sent > VIDEO_PAUSE || !fits)
    session->video_begun = false;
  if (!fits || (!key && !session->video_begun)) {
    session_want_key(session);
    return discard(session, VIDEO);
  }
  session->video_begun = true;
  session->video_sent = now;
  packetizer_video_begin(&session->video, captured, frame, size, key, layer);
  report_sender_frame(&session->out[VIDEO].report, captured, session->video.timestamp);
  queue_video(session, now);
  session->stats.video.frames_sent++;
  if (key) {
    session->stats.video.key_frames_sent++;
    session->key_sent = now;
    session->key_wanted = false;
  }
  return true;
}

/* Retransmissions have their share of the target rate; what is beyond it, the peer will ask for again. */
static bool resend_allowed(struct session *session, usec now) {
  bps share = session->rate.target * rate_control_repair_percent(&session->rate) / 100;
  usec span = now - session->resend_at < RESEND_BURST ? now - session->resend_at : RESEND_BURST;
  session->resend_at = now;
  session->resend_credit += share * span;
  if (session->resend_credit > share * RESEND_BURST)
    session->resend_credit = share * RESEND_BURST;
  return session->resend_credit > 0 && pacer_room(&session->pacer, PACE_RETRANSMIT) > 0;
}

/* Not twice in half the time after which the peer asks again: a round trip, or a part of it where many requests and
 * answers are lost. */
void session_resend(struct session *session, usec now, int medium, uint16_t number) {
  struct outgoing *out = &session->out[medium];
  int64_t seq = seq_unwrap(out->next - 1, number);
  usec spacing = session->round_trip / 2 / (medium == VIDEO && session->fec_steps.percent ? NACK_AT_ONCE : 1);
  if ((medium == AUDIO && session->constant.on) || !resend_allowed(session, now)) /* its slots are all taken */
    return;
  const struct sent_packet *packet = history_resend(&out->history, now, seq, spacing);
  if (!packet || (medium == VIDEO && !session_worth_repeating(session, packet)))
    return;
  session->resend_credit -= (int64_t)packet->size * 8 * SEC(1);
  pacer_input(
      &session->pacer, now,
      &(struct pacer_item){.priority = PACE_RETRANSMIT, .medium = medium, .seq = seq, .size = packet->size});
}

/* What fits into the slots, and less while more waits than they can carry in a quarter of a second. */
static void constant_targets(struct session *session) {
  bps carried = (SLOT_VIDEO_SIZE - SLOT_HEAD - RTP_HEADER_SIZE) * 8 * (SEC(1) / CONSTANT_TICK);
  bps room = carried * session->constant.video_slots;
  session->constant_behind =
      session->pacer.queued > (session->constant_behind ? room / 20 : room / 4); /* a packet or so: empty */
  struct rate_targets targets = {.audio = RATE_AUDIO, .video = room * (session->constant_behind ? 5 : 9) / 10};
  session->targets_changed |= targets.video != session->targets.video || targets.audio != session->targets.audio;
  session->targets = targets;
}

static void update_targets(struct session *session, usec now) {
  struct rate_targets targets;
  session_hold(session, now);
  rate_control_set_waiting(&session->rate, session->pacer.queued);
  bool changed = rate_control_poll(&session->rate, now, &targets);
  if (session->constant.on) {
    constant_targets(session);
  } else if (changed) {
    session->targets = targets;
    session->targets_changed = true;
    session_step_audio(session, now);
    session_pace(session, now);
  }
}

bool session_poll_encoder(struct session *session, usec now, struct session_output *out) {
  update_targets(session, now);
  bool key = session->key_wanted && now >= session->key_wanted_due;
  if (!key && !session->targets_changed)
    return false;
  if (key) {
    session->key_wanted = false;
    session->key_wanted_due = now + KEY_REQUEST_SPACING;
  }
  session->targets_changed = false;
  *out = (struct session_output){
      .type = SESSION_OUT_ENCODER,
      .audio_bitrate = session->targets.audio,
      .video_bitrate = session->targets.video,
      .audio_samples = session->steps.now.samples,
      .audio_loss = session->steps.now.inband ? STEPS_INBAND_LOSS : session->steps.now.copies * LOSS_OF_A_COPY,
      .audio_fec = session->steps.now.inband,
      .key_frame = key,
      .layered = session->layered,
  };
  return true;
}

static void count_sent(struct session *session, usec now, const struct pacer_item *item,
                       const struct sent_packet *packet) {
  struct media_stream_stats *stats = stats_of(session, item->medium);
  size_t payload = item->priority == PACE_PADDING ? 0 : item->size - session_header_size(session);
  stats->packets_sent++;
  stats->bytes_sent += (int64_t)payload;
  if (item->priority == PACE_RETRANSMIT)
    stats->retransmitted_packets_sent++;
  stats->red_packets_sent += session_in_red(session, item->medium, packet->data);
  report_sender_sent(&session->out[item->medium].report, now, payload);
  int size = (int)item->size + PACKET_OVERHEAD;
  rate_control_input_sent(&session->rate, now, size, item->priority == PACE_RETRANSMIT);
  feedback_sent(&session->feedback, now, item->medium, item->seq, size);
}

static void send(struct session *session, usec now, const struct pacer_item *item, struct sent_packet *packet,
                 struct session_output *out) {
  if (session->config.transport_cc && item->priority != PACE_RETRANSMIT) /* which is the same bytes again */
    rtp_ext_set(packet->data, transport_seq_next(&session->numbers, item->medium, item->seq));
  history_sent(&session->out[item->medium].history, packet, now);
  count_sent(session, now, item, packet);
  bool again = item->priority == PACE_RETRANSMIT && item->medium == VIDEO;
  size_t size = again ? session_write_rtx(session, packet, session->packet) : 0;
  if (size == 0) {
    size = packet->size;
    memcpy(session->packet, packet->data, size); /* a copy: see history.h */
  }
  *out = (struct session_output){.type = SESSION_OUT_PACKET, .data = session->packet, .size = size};
}

/* A slot that nothing waits for: an empty packet, with a sequence number of its own like any other. */
static struct pacer_item make_empty(struct session *session, int medium) {
  struct outgoing *out = &session->out[medium];
  struct sent_packet *packet = history_add(&out->history, out->next);
  struct writer w = writer_of(packet->data, sizeof packet->data);
  rtp_write(&w,
            &(struct rtp_header){.seq = (uint16_t)out->next,
                                 .timestamp = medium == AUDIO ? session->opus.timestamp : session->video.timestamp,
                                 .ssrc = out->ssrc});
  packet->size = RTP_HEADER_SIZE;
  keep(session, medium, packet);
  session->opus.seq += medium == AUDIO;
  session->video.seq += medium == VIDEO;
  return (struct pacer_item){.priority = medium == AUDIO ? PACE_AUDIO : PACE_VIDEO,
                             .medium = medium,
                             .seq = out->next++,
                             .size = packet->size};
}

static bool poll_slot(struct session *session, usec now, struct session_output *out) {
  enum constant_slot slot = constant_rate_poll(&session->constant, now, session->rate.target);
  if (slot == CONSTANT_NONE)
    return false;
  int medium = slot == CONSTANT_AUDIO ? AUDIO : VIDEO;
  uint32_t step = medium == AUDIO ? CONSTANT_TICK * 48 / 1000 : CONSTANT_TICK * 9 / 100;
  struct pacer_item item;
  struct sent_packet *packet = NULL;
  while (!packet && pacer_take(&session->pacer, medium == AUDIO, &item))
    packet = history_find(&session->out[medium].history, item.seq); /* NULL: overtaken while it waited */
  if (!packet) {
    item = make_empty(session, medium);
    packet = history_find(&session->out[medium].history, item.seq);
  }
  if (item.priority != PACE_RETRANSMIT)
    slot_stamp(packet->data, session->slot_time[medium] + session->constant.ticks * step);
  send(session, now, &item, packet, out);
  return true;
}

/* An empty slot: receivers know it from the constant-rate mode, and nothing in clear tells it apart. The fewer
 * bytes a probe has, the smaller, for a few packets are no measure. */
static void pad(struct session *session, usec now) {
  struct outgoing *out = &session->out[VIDEO];
  struct sent_packet *packet = history_add(&out->history, out->next);
  struct writer w = writer_of(packet->data, sizeof packet->data);
  rtp_write(&w, &(struct rtp_header){
                    .seq = (uint16_t)out->next, .timestamp = session->video.timestamp, .ssrc = out->ssrc});
  int64_t share = session->rate.probe.rate * PROBE_LENGTH / SEC(8) / PROBE_PADS;
  int64_t size = share < SLOT_AUDIO_SIZE ? SLOT_AUDIO_SIZE : earlier(share, SESSION_PACKET_MAX);
  packet->size = (uint16_t)(size - (int64_t)(session_header_size(session) - RTP_HEADER_SIZE));
  slot_wrap(packet->data, RTP_HEADER_SIZE, packet->size, session->config.payload_types.slot);
  slot_stamp(packet->data, session->video.timestamp);
  keep(session, VIDEO, packet);
  session->video.seq++;
  pacer_input(
      &session->pacer, now,
      &(struct pacer_item){.priority = PACE_PADDING, .medium = VIDEO, .seq = out->next++, .size = packet->size});
}

bool session_poll_packet(struct session *session, usec now, struct session_output *out) {
  struct pacer_item item;
  if (session->constant.on)
    return poll_slot(session, now, out);
  if (session_probes(session, now) && pacer_wants_padding(&session->pacer, now))
    pad(session, now);
  while (pacer_poll(&session->pacer, now, &item)) {
    struct sent_packet *packet = history_find(&session->out[item.medium].history, item.seq);
    if (!packet) /* overtaken by newer packets while it waited for its resending */
      continue;
    send(session, now, &item, packet, out);
    return true;
  }
  return false;
}

usec session_packet_deadline(const struct session *session) {
  if (session->constant.on)
    return constant_rate_deadline(&session->constant);
  usec deadline = pacer_deadline(&session->pacer);
  if (session->probing)
    deadline = earlier(deadline, earlier(pacer_padding_deadline(&session->pacer), session->rate.probe.ended));
  return deadline;
}
