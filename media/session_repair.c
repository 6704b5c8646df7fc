/* session_repair.c - parity and retransmissions of video, both ways, in the forms that browsers know: media and
 * parity inside RED (RFC 5109, RFC 2198), in one sequence of numbers; RTX (RFC 4588) in a source of its own. */
#include "session_parts.h"

enum { RED_MORE = 0x80, RED_TYPE = 0x7f };

static uint8_t rtx_type(const struct session *session, enum session_video_codec codec) {
  const struct session_payload_types *types = &session->config.payload_types;
  return codec == SESSION_VP9 ? types->rtx_vp9 : types->rtx_vp8;
}

static bool sends_rtx(const struct session *session) {
  return session->config.rtx_ssrc && !session->constant.on &&
         rtx_type(session, session->config.video_codec) != PAYLOAD_TYPE_NONE;
}

static bool peer_takes_fec(const struct session *session) {
  const struct session_payload_types *types = &session->config.payload_types;
  return types->video_red != PAYLOAD_TYPE_NONE && types->ulpfec != PAYLOAD_TYPE_NONE && !session->constant.on;
}

/* When there is to be parity; towards a browser always, as it does itself: it keeps for parity what came in RED. */
static bool sends_red(const struct session *session) {
  return session->fec_steps.percent > 0 || (session->config.transport_cc && peer_takes_fec(session));
}

/* Room for a packet's number and RED, and for what a repair of it has more: parity covers the number as well. */
static void fit_packets(struct session *session) {
  size_t number = session_header_size(session) - RTP_HEADER_SIZE, red = sends_red(session) ? RED_LAST_HEAD : 0;
  size_t repair = session->fec_steps.percent ? number + FEC_OVERHEAD : sends_rtx(session) ? RTX_HEAD : 0;
  session->video.packet_max = SESSION_PACKET_MAX - number - red - repair;
}

void session_repair_init(struct session *session) {
  fec_steps_init(&session->fec_steps);
  fec_decoder_init(&session->fec, session->config.peer_video_ssrc);
  session->video_fate = session->out[VIDEO].next;
  if (sends_rtx(session))
    session->rtx_seq = (uint16_t)random_below(&session->random, 0x8000); /* as packetizer_video's */
  if (!session->constant.on)
    fit_packets(session);
}

/* ---- sending ---- */

static void step_layers(struct session *session) {
  bool layered = session->fec_steps.layered;
  session->targets_changed |= layered != session->layered;
  session->layered = session->video.layered = layered;
  session->layers_told |= layered;
}

void session_step_fec(struct session *session, usec now) {
  enum packet_fate fate;
  if (!peer_takes_fec(session))
    return;
  bool congested = rate_control_congested(&session->rate);
  for (; (fate = feedback_fate(&session->feedback, VIDEO, session->video_fate)) != PACKET_UNDECIDED;
       session->video_fate++)
    if (!congested && fate != PACKET_UNTOLD)
      fec_steps_input(&session->fec_steps, fate == PACKET_LOST);
  if (!fec_steps_choose(&session->fec_steps, now, session->round_trip, session->targets.video))
    return;
  session->rate.parity_percent = session->fec_steps.percent;
  step_layers(session);
  fit_packets(session);
}

void session_wrap_red(const struct session *session, struct sent_packet *packet) {
  size_t head = session_header_size(session);
  if (!sends_red(session))
    return;
  uint8_t *payload = packet->data + head;
  memmove(payload + RED_LAST_HEAD, payload, packet->size - head);
  *payload = packet->data[1] & RED_TYPE;
  packet->data[1] = (uint8_t)((packet->data[1] & ~RED_TYPE) | session->config.payload_types.video_red);
  packet->size += RED_LAST_HEAD;
}

/* A packet of video as it was before RED. Its number is 0 until it leaves, and so it is in parity. */
static struct fec_source source_of(const struct session *session, const struct sent_packet *packet) {
  struct fec_source source = {.extension = packet->data + RTP_HEADER_SIZE};
  struct reader payload;
  rtp_parse(packet->data, packet->size, &source.header, &payload);
  source.extension_size = (size_t)(payload.at - source.extension);
  if (source.header.payload_type == session->config.payload_types.video_red)
    source.header.payload_type = read_u8(&payload);
  source.payload = payload.at;
  source.size = payload.left;
  return source;
}

static void send_parity(struct session *session, usec now, const struct fec_source *source, int sources, int parity,
                        int parities) {
  const struct session_payload_types *types = &session->config.payload_types;
  struct outgoing *out = &session->out[VIDEO];
  if (pacer_room(&session->pacer, PACE_VIDEO) == 0)
    return;
  struct sent_packet *packet = history_add(&out->history, out->next);
  struct writer w = writer_of(packet->data, sizeof packet->data);
  rtp_write(&w, &(struct rtp_header){.payload_type = types->video_red,
                                     .seq = (uint16_t)out->next,
                                     .timestamp = session->video.timestamp,
                                     .ssrc = out->ssrc});
  write_u8(&w, types->ulpfec);
  size_t size = fec_write(source, sources, parity, parities, w.at, w.left);
  packet->size = (uint16_t)(RTP_HEADER_SIZE + RED_LAST_HEAD + size);
  session_make_room(session, packet);
  session->video.seq++;
  session->stats.video.fec_packets_sent++;
  pacer_input(
      &session->pacer, now,
      &(struct pacer_item){.priority = PACE_VIDEO, .medium = VIDEO, .seq = out->next++, .size = packet->size});
}

static void protect_group(struct session *session, usec now, int64_t first, int sources, int parities) {
  struct fec_source source[FEC_GROUP];
  for (int i = 0; i < sources; i++)
    source[i] = source_of(session, history_find(&session->out[VIDEO].history, first + i));
  for (int i = 0; i < parities; i++)
    send_parity(session, now, source, sources, i, parities);
}

static int64_t least(int64_t a, int64_t b) {
  return a < b ? a : b;
}

/* Of the upper layer's parity the base layer has half: one may be missed, the other stops everything. */
static int parity_percent(const struct session *session) {
  int percent = session->fec_steps.percent;
  if (!session->layered)
    return percent;
  return session->video.temporal_id > 0 ? percent / 2 : percent + percent / 2;
}

/* What a frame leaves of its share of parity, the next ones have: small frames have some now and then. */
void session_protect(struct session *session, usec now, int64_t first) {
  int64_t packets = session->out[VIDEO].next - first;
  session->parity_credit += packets * parity_percent(session);
  int64_t parities = session->parity_credit / 100, groups = (packets + FEC_GROUP - 1) / FEC_GROUP;
  session->parity_credit %= 100;
  for (int64_t i = 0; i < groups && parities > 0; i++) {
    int64_t from = packets * i / groups, sources = packets * (i + 1) / groups - from;
    int64_t share = parities * (i + 1) / groups - parities * i / groups;
    protect_group(session, now, first + from, (int)sources, (int)least(least(share, sources), FEC_PARITIES_MAX));
  }
}

bool session_worth_repeating(const struct session *session, const struct sent_packet *packet) {
  const struct session_payload_types *types = &session->config.payload_types;
  int type = packet->data[1] & RED_TYPE;
  bool parity = type == types->video_red && packet->data[session_header_size(session)] == types->ulpfec;
  bool padding = type == types->slot && !session->constant.on;
  return !parity && !padding;
}

size_t session_write_rtx(struct session *session, const struct sent_packet *packet,
                         uint8_t out[SESSION_PACKET_MAX]) {
  const struct session_config *config = &session->config;
  if (!sends_rtx(session))
    return 0;
  const struct session_payload_types *types = &config->payload_types;
  struct rtp_header header, around = {.payload_type = rtx_type(session, config->video_codec),
                                      .seq = session->rtx_seq++,
                                      .ssrc = config->rtx_ssrc};
  struct reader payload;
  rtp_parse(packet->data, packet->size, &header, &payload);
  if (header.payload_type == types->video_red && types->rtx_red != PAYLOAD_TYPE_NONE)
    around.payload_type = types->rtx_red;
  else if (header.payload_type == types->video_red)
    read_u8(&payload);
  size_t number = session_header_size(session) - RTP_HEADER_SIZE;
  size_t size = rtx_write(&header, payload, &around, out, SESSION_PACKET_MAX - number);
  if (size == 0 || number == 0)
    return size;
  rtp_ext_insert(out, size, config->transport_cc);
  rtp_ext_set(out, transport_seq_next(&session->numbers, TRANSPORT_REPAIR, 0));
  return size + RTP_EXT_SIZE;
}

/* ---- receiving ---- */

size_t session_read_rtx(const struct session *session, const uint8_t *data, size_t size,
                        uint8_t out[SESSION_PACKET_MAX]) {
  const struct session_config *config = &session->config;
  struct rtp_header header;
  struct reader payload;
  if (!config->peer_rtx_ssrc || !rtp_parse(data, size, &header, &payload) || header.ssrc != config->peer_rtx_ssrc)
    return 0;
  bool red = header.payload_type == config->payload_types.rtx_red;
  if (!red && header.payload_type != rtx_type(session, config->peer_video_codec))
    return 0;
  return rtx_read(data, size, red ? config->payload_types.video_red : session->in[VIDEO].payload_type,
                  config->peer_video_ssrc, out, SESSION_PACKET_MAX);
}

bool session_unwrap_red(const struct session *session, struct rtp_header *header, struct reader *payload) {
  uint8_t head = read_u8(payload);
  header->payload_type = head & RED_TYPE;
  bool media = header->payload_type == session->in[VIDEO].payload_type;
  return !payload->bad && !(head & RED_MORE) &&
         (media || header->payload_type == session->config.payload_types.ulpfec);
}

/* The packet as parity covers it: as it was before RED, and before it had a number. */
static void keep(struct session *session, int64_t seq, const uint8_t *data, size_t size, struct reader payload) {
  uint8_t plain[SESSION_PACKET_MAX];
  size_t red = session_in_red(session, VIDEO, data) ? RED_LAST_HEAD : 0;
  if (!red && !session->config.transport_cc) {
    fec_decoder_input(&session->fec, seq, data, size);
    return;
  }
  size_t head = red ? (size_t)(payload.at - data) - red : size;
  memcpy(plain, data, head);
  memcpy(plain + head, data + head + red, size - head - red);
  plain[1] = (uint8_t)((data[1] & ~RED_TYPE) | session->in[VIDEO].payload_type);
  rtp_ext_clear(plain, size - red, session->config.transport_cc);
  fec_decoder_input(&session->fec, seq, plain, size - red);
}

void session_input_fec(struct session *session, usec now, int64_t seq, const struct rtp_header *header,
                       const uint8_t *data, size_t size, struct reader payload) {
  if (header->payload_type != session->config.payload_types.ulpfec) {
    keep(session, seq, data, size, payload);
  } else {
    session->stats.video.fec_packets_received++;
    session->stats.packets_malformed += !fec_decoder_parity(&session->fec, seq, payload);
  }
  bool young = frame_buffer_stats(session->frames)->frames_assembled < NACK_YOUNG;
  bool near = session->round_trip < NACK_AT_ONCE_RTT_MAX;
  nack_set_lossy(&session->in[VIDEO].nack, near && (young || fec_decoder_active(&session->fec)));
  uint8_t packet[SESSION_PACKET_MAX];
  while ((size = fec_decoder_poll(&session->fec, &seq, packet)) != 0)
    session_input_recovered(session, now, seq, packet, size);
}
