/* session_receive.c - RTP packets into audio packets for the playout and video frames for the decoder. */
#include "rtp/depacketizer_vp8.h"
#include "rtp/depacketizer_vp9.h"
#include "session_parts.h"

static void incoming_init(struct incoming *in, uint32_t ssrc, uint8_t payload_type, int64_t rate, usec patience) {
  *in = (struct incoming){.ssrc = ssrc, .payload_type = payload_type};
  seq_init(&in->seq);
  report_receiver_init(&in->report, rate);
  nack_init(&in->nack, patience);
}

void session_receive_init(struct session *session) {
  const struct session_config *config = &session->config;
  incoming_init(&session->in[AUDIO], config->peer_audio_ssrc, config->payload_types.opus, 48000, 0);
  incoming_init(&session->in[VIDEO], config->peer_video_ssrc, video_payload_type(config, config->peer_video_codec),
                90000, NACK_PATIENCE);
  session->video_first = -1;
  av_sync_init(&session->sync);
}

static bool depacketize(enum session_video_codec codec, struct reader payload, struct video_packet *packet) {
  return codec == SESSION_VP9 ? depacketizer_vp9(payload.at, payload.left, packet)
                              : depacketizer_vp8(payload.at, payload.left, packet);
}

/* Numbers do not tell what is missing before the first packet that came; but a stream begins with a key frame. */
static void look_before(struct session *session, usec now, const struct video_packet *packet) {
  if (packet->size == 0 || (session->video_first >= 0 && packet->seq > session->video_first))
    return;
  session->video_first = packet->seq;
  if (!packet->key)
    nack_before(&session->in[VIDEO].nack, now, packet->seq);
}

static void input_video(struct session *session, usec now, int64_t seq, int64_t rtp_time, bool marker,
                        struct reader payload) {
  struct video_packet packet = {.picture_id = -1, .tl0picidx = -1}; /* an empty one closes the gap */
  if (payload.left > 0 && !depacketize(session->config.peer_video_codec, payload, &packet)) {
    session->stats.packets_malformed++;
    return;
  }
  packet.seq = seq;
  packet.rtp_time = rtp_time;
  packet.marker |= marker;
  packet.arrival = now;
  look_before(session, now, &packet);
  frame_buffer_input(session->frames, now, &packet);
}

/* What parity brought back, as if it had come; but feedback goes on to tell of its loss. */
void session_input_recovered(struct session *session, usec now, int64_t seq, const uint8_t *packet, size_t size) {
  struct incoming *in = &session->in[VIDEO];
  struct rtp_header header;
  struct reader payload;
  if (!rtp_parse(packet, size, &header, &payload) || header.payload_type != in->payload_type) {
    session->stats.packets_malformed++;
    return;
  }
  session->stats.video.packets_repaired++;
  nack_input(&in->nack, now, seq);
  input_video(session, now, seq, timestamp_unwrap(&in->timestamp, header.timestamp), header.marker, payload);
}

static void input_picture(struct session *session, usec now, int64_t seq, int64_t rtp_time,
                          const struct rtp_header *header, const uint8_t *data, size_t size,
                          struct reader payload) {
  bool parity = header->payload_type == session->config.payload_types.ulpfec;
  input_video(session, now, seq, rtp_time, header->marker && !parity, parity ? reader_of(NULL, 0) : payload);
  session_input_fec(session, now, seq, header, data, size, payload);
}

/* The sequence number's part; false: the packet goes no further. */
static bool take(struct session *session, int medium, uint16_t number, int64_t *seq) {
  struct media_stream_stats *stats = stats_of(session, medium);
  struct incoming *in = &session->in[medium];
  switch (seq_input(&in->seq, number, seq)) {
  case SEQ_DUPLICATE:
    stats->packets_duplicated++;
    return false;
  case SEQ_JUMP:
    stats->packets_discarded++;
    return false;
  case SEQ_RESTART:
    report_receiver_restart(&in->report);
    arrivals_init(&session->arrivals[medium]);
    nack_forget(&in->nack);
    if (medium == AUDIO)
      session->handed_newest = -1;
    else
      session->video_first = -1;
    return true;
  case SEQ_NEW:
    return true;
  }
  return false;
}

/* Nothing came for long: what was lost meanwhile is not worth repairing. */
static void after_outage(struct session *session, int medium, int64_t seq) {
  struct nack *nack = &session->in[medium].nack;
  int64_t first = nack->highest + 1;
  if (seq - first > FRAME_BUFFER_PACKETS)
    first = seq - FRAME_BUFFER_PACKETS;
  for (int64_t lost = first; medium == VIDEO && lost < seq; lost++)
    frame_buffer_give_up(session->frames, lost);
  nack_skip(nack, seq);
}

/* again: it came in the source of retransmissions, and the report on its own says nothing of it. */
static void input(struct session *session, usec now, const uint8_t *data, size_t size, bool again) {
  struct rtp_header header;
  struct reader payload;
  int64_t seq;
  if (!rtp_parse(data, size, &header, &payload)) {
    session->stats.packets_malformed++;
    return;
  }
  int medium = incoming_of(session, header.ssrc);
  bool padding = session->config.peer_rtx_ssrc && header.ssrc == session->config.peer_rtx_ssrc;
  if (medium < 0 && !padding) {
    session->stats.packets_unknown_ssrc++;
    return;
  }
  session_number_arrived(session, now, &header);
  if (padding)
    return;
  struct incoming *in = &session->in[medium];
  const struct session_payload_types *types = &session->config.payload_types;
  bool known = header.payload_type == in->payload_type || (header.payload_type == types->red && medium == AUDIO);
  if (header.payload_type == types->video_red && medium == VIDEO)
    known = session_unwrap_red(session, &header, &payload);
  else if (header.payload_type == types->slot)
    known = slot_unwrap(&header, &payload, in->payload_type);
  if (!known) {
    session->stats.packets_malformed++;
    return;
  }
  if (!take(session, medium, header.seq, &seq))
    return;
  int64_t rtp_time = timestamp_input(&in->timestamp, header.timestamp);
  struct media_stream_stats *stats = stats_of(session, medium);
  if (in->heard && now - in->arrived > OUTAGE && seq > in->nack.highest)
    after_outage(session, medium, seq);
  session_arrived(session, now, medium, seq, rtp_time, size + PACKET_OVERHEAD);
  in->heard |= payload.left > 0; /* of empty slots no picture can be missing */
  in->arrived = now;
  stats->packets_received++;
  stats->bytes_received += (int64_t)payload.left;
  stats->red_packets_received += session_in_red(session, medium, data);
  stats->packets_recovered += nack_input(&in->nack, now, seq);
  if (!again)
    report_receiver_input(&in->report, now, seq, rtp_time);
  if (medium == AUDIO)
    session_input_audio(session, now, seq, rtp_time, header.payload_type, payload);
  else
    input_picture(session, now, seq, rtp_time, &header, data, size, payload);
}

void session_input_rtp(struct session *session, usec now, const uint8_t *data, size_t size) {
  uint8_t repeated[SESSION_PACKET_MAX];
  size_t repeated_size = session_read_rtx(session, data, size, repeated);
  if (repeated_size > 0)
    input(session, now, repeated, repeated_size, true);
  else
    input(session, now, data, size, false);
}

void session_collect_requests(struct session *session, usec now) {
  if (session->round_trip > NACK_AUDIO_RTT_MAX) /* the answer would be too late */
    nack_forget(&session->in[AUDIO].nack);
  if (now < session->feedback_due)
    return;
  for (int medium = 0; medium < MEDIA; medium++) {
    struct incoming *in = &session->in[medium];
    enum nack_verdict verdict;
    int64_t seq;
    while (in->requests < NACK_BATCH && (verdict = nack_poll(&in->nack, now, &seq)) != NACK_NONE)
      if (verdict == NACK_REQUEST)
        in->request[in->requests++] = seq;
      else if (medium == VIDEO)
        frame_buffer_give_up(session->frames, seq);
  }
}

bool session_wants_pli(const struct session *session) {
  return session->in[VIDEO].heard && (session->decoder_lost || frame_buffer_needs_key(session->frames));
}

bool session_poll_audio(struct session *session, struct session_output *out) {
  if (session->arrived_count == 0)
    return false;
  struct arrived_audio *arrived = &session->arrived[session->arrived_head];
  session->arrived_head = (session->arrived_head + 1) % AUDIO_ARRIVED;
  session->arrived_count--;
  *out = (struct session_output){
      .type = SESSION_OUT_AUDIO,
      .data = arrived->payload,
      .size = arrived->size,
      .seq = arrived->seq,
      .rtp_time = arrived->rtp_time,
      .arrival = arrived->arrival,
  };
  return true;
}

bool session_poll_video(struct session *session, usec now, struct session_output *out) {
  struct video_frame frame;
  bool ready = frame_buffer_poll(session->frames, now, &frame);
  nack_passed(&session->in[VIDEO].nack, frame_buffer_next(session->frames));
  if (!ready)
    return false;
  struct av_sync_times times = av_sync_video(&session->sync, now, frame.rtp_time);
  if (frame.key)
    session->decoder_lost = false;
  *out = (struct session_output){
      .type = SESSION_OUT_VIDEO,
      .data = frame.data,
      .size = frame.size,
      .rtp_time = frame.rtp_time,
      .arrival = frame.arrival,
      .captured = times.captured,
      .render = times.render,
      .key = frame.key,
  };
  return true;
}
