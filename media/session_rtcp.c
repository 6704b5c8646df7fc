/* session_rtcp.c - reports and feedback, both ways (RFC 3550 section 6, RFC 4585, reduced size by RFC 5506). */
#include "session_parts.h"

static const usec sender_forgotten = 3 * RTCP_INTERVAL; /* silent for this long: no sender reports any more */

static int outgoing_of(const struct session *session, uint32_t ssrc) { /* -1: not ours */
  for (int medium = 0; medium < MEDIA; medium++)
    if (session->out[medium].ssrc == ssrc)
      return medium;
  return -1;
}

static void input_sender_info(struct session *session, usec now, const struct rtcp_packet *packet) {
  int medium = incoming_of(session, packet->ssrc);
  struct incoming *in = &session->in[medium];
  report_receiver_input_sr(&in->report, now, packet->sender.ntp);
  if (in->timestamp.started) /* else there is nothing to unwrap by */
    av_sync_input_report(&session->sync, medium == AUDIO ? AV_SYNC_AUDIO : AV_SYNC_VIDEO, packet->sender.ntp,
                         timestamp_unwrap(&in->timestamp, packet->sender.rtp_time));
}

void session_update_round_trip(struct session *session, usec sample) {
  session->round_trip = session->round_trip ? (7 * session->round_trip + sample) / 8 : sample;
  for (int medium = 0; medium < MEDIA; medium++)
    nack_set_rtt(&session->in[medium].nack, (session->round_trip > sample ? session->round_trip : sample) * 5 /
                                                4); /* the answer waits for its pacer */
}

static void input_block(struct session *session, usec now, const struct rtcp_block *block) {
  int medium = outgoing_of(session, block->ssrc);
  if (medium < 0)
    return;
  struct media_stream_stats *stats = stats_of(session, medium);
  stats->remote_packets_lost = block->lost;
  stats->remote_fraction_lost = block->fraction_lost / 256.0;
  rate_control_input_report(&session->rate, now, block->fraction_lost);
  usec rtt = report_round_trip(report_ntp(now + session->config.wall_offset), block);
  if (rtt < 0)
    return;
  session->stats.round_trip_time = rtt;
  session_update_round_trip(session, rtt);
}

static void input_nack(struct session *session, usec now, int medium, struct rtcp_packet *packet) {
  uint16_t pid, mask;
  stats_of(session, medium)->nack_count++;
  while (rtcp_read_nack(packet, &pid, &mask)) {
    session_resend(session, now, medium, pid);
    for (int i = 0; i < 16; i++)
      if (mask >> i & 1)
        session_resend(session, now, medium, (uint16_t)(pid + i + 1));
  }
}

static void input_pli(struct session *session, usec now) {
  session->stats.video.pli_count++;
  bool under_way = session->video_begun && now - session->key_sent < session->round_trip;
  if (!under_way)
    session_want_key(session);
}

/* As a PLI: what it asks for beyond that, whatever is in the buffers, a call has no use for. */
static void input_fir(struct session *session, usec now, struct rtcp_packet *packet) {
  uint32_t ssrc;
  while (rtcp_read_fir(packet, &ssrc))
    if (ssrc == session->out[VIDEO].ssrc) {
      input_pli(session, now);
      return;
    }
}

/* A bound, and no more: what the path carries we measure ourselves. */
static void input_remb(struct session *session, usec now, struct rtcp_packet *packet) {
  bps bitrate;
  if (!rtcp_read_remb(packet, &bitrate))
    return;
  rate_control_set_peer_max(&session->rate, bitrate);
  session_pace(session, now);
}

static void input_packet(struct session *session, usec now, struct rtcp_packet *packet) {
  struct rtcp_block block;
  int medium = outgoing_of(session, packet->media_ssrc);
  switch (packet->type) {
  case RTCP_SR:
    input_sender_info(session, now, packet);
    /* fallthrough */
  case RTCP_RR:
    while (rtcp_read_block(packet, &block))
      input_block(session, now, &block);
    break;
  case RTCP_CCFB:
  case RTCP_TRANSPORT_CC:
    session_input_feedback(session, now, packet);
    break;
  case RTCP_FIR:
    input_fir(session, now, packet);
    break;
  case RTCP_REMB:
    input_remb(session, now, packet);
    break;
  case RTCP_RTPFB:
    if (medium >= 0)
      input_nack(session, now, medium, packet);
    break;
  case RTCP_PSFB:
    if (medium == VIDEO)
      input_pli(session, now);
    break;
  default: /* a BYE, too, ends nothing: hanging up is signaling's */
    break;
  }
}

void session_input_rtcp(struct session *session, usec now, const uint8_t *data, size_t size) {
  if (!rtcp_valid(data, size)) {
    session->stats.rtcp_malformed++;
    return;
  }
  session->stats.rtcp_received++;
  struct reader r = reader_of(data, size);
  struct rtcp_packet packet;
  while (rtcp_next(&r, &packet)) {
    if (packet.type == RTCP_OTHER)
      continue;
    if (incoming_of(session, packet.ssrc) < 0)
      session->stats.packets_unknown_ssrc++;
    else
      input_packet(session, now, &packet);
  }
}

static bool sending(const struct session *session, int medium, usec now) {
  const struct report_sender *report = &session->out[medium].report;
  return report->packets > 0 && now - report->sent < sender_forgotten;
}

static void write_report(struct session *session, usec now, int medium, struct writer *w,
                         const struct rtcp_block *block, int blocks) {
  struct rtcp_sender_info info;
  bool sender = sending(session, medium, now);
  if (sender)
    info = report_sender_info(&session->out[medium].report, now, session->config.wall_offset);
  rtcp_write_report(w, session->out[medium].ssrc, sender ? &info : NULL, block, blocks);
}

static void finish(struct session *session, const struct writer *w, struct session_output *out) {
  *out = (struct session_output){
      .type = SESSION_OUT_PACKET,
      .data = session->packet,
      .size = SESSION_PACKET_MAX - w->left,
      .rtcp = true,
  };
}

/* The audio source reports on both of the peer's; the video source adds only its sender's part. */
static void write_compound(struct session *session, usec now, struct session_output *out) {
  struct rtcp_block block[MEDIA];
  int blocks = 0;
  for (int medium = 0; medium < MEDIA; medium++)
    if (report_receiver_block(&session->in[medium].report, now, &block[blocks]))
      block[blocks++].ssrc = session->in[medium].ssrc;
  const uint32_t ssrc[MEDIA] = {session->out[AUDIO].ssrc, session->out[VIDEO].ssrc};
  int sources = sending(session, VIDEO, now) || session->state == SESSION_LEAVING ? 2 : 1;
  struct writer w = writer_of(session->packet, SESSION_PACKET_MAX);
  write_report(session, now, AUDIO, &w, block, blocks);
  if (sources == 2)
    write_report(session, now, VIDEO, &w, NULL, 0);
  rtcp_write_cname(&w, ssrc, sources, session->config.cname);
  if (session->state == SESSION_LEAVING)
    rtcp_write_bye(&w, ssrc, sources);
  finish(session, &w, out);
}

static usec next_interval(struct session *session) {
  usec interval = RTCP_INTERVAL;
  if (session->reports < RTCP_EARLY_REPORTS) {
    session->reports++;
    interval = RTCP_EARLY_INTERVAL;
  }
  return interval / 2 + random_below(&session->random, (uint32_t)interval);
}

static bool poll_report(struct session *session, usec now, struct session_output *out) {
  if (session->state == SESSION_LEAVING) {
    write_compound(session, now, out);
    session->state = SESSION_GONE;
    return true;
  }
  bool first = session->report_due < 0;
  if (now < session->report_due)
    return false;
  session->report_due = now + next_interval(session);
  session->reported = now;
  if (first) /* there is nothing to report yet */
    return false;
  write_compound(session, now, out);
  return true;
}

/* Silence is not answered: there is nobody to make a key frame. */
static void write_pli(struct session *session, usec now, struct writer *w) {
  struct incoming *in = &session->in[VIDEO];
  nack_forget(&in->nack); /* what is missing now belongs before that key frame */
  session->pli_due = now + (session->round_trip > KEY_REQUEST_SPACING ? session->round_trip : KEY_REQUEST_SPACING);
  if (now - in->arrived > VIDEO_PAUSE)
    return;
  rtcp_write_pli(w, session->out[AUDIO].ssrc, in->ssrc);
  session->stats.video.plis_sent++;
}

static bool poll_feedback(struct session *session, usec now, struct session_output *out) {
  struct writer w = writer_of(session->packet, SESSION_PACKET_MAX);
  for (int medium = 0; medium < MEDIA; medium++) {
    struct incoming *in = &session->in[medium];
    if (in->requests == 0)
      continue;
    rtcp_write_nack(&w, session->out[AUDIO].ssrc, in->ssrc, in->request, in->requests);
    in->requests = 0;
    stats_of(session, medium)->nacks_sent++;
    session->feedback_due = now + FEEDBACK_SPACING;
    session->report_due = earlier(session->report_due, session->reported + RTCP_LOSS_INTERVAL);
  }
  if (now >= session->pli_due && session_wants_pli(session))
    write_pli(session, now, &w);
  finish(session, &w, out);
  return out->size > 0;
}

static bool poll_congestion(struct session *session, usec now, struct session_output *out) {
  struct writer w = writer_of(session->packet, SESSION_PACKET_MAX);
  bool due = session_write_feedback(session, now, &w);
  finish(session, &w, out);
  return due;
}

bool session_poll_rtcp(struct session *session, usec now, struct session_output *out) {
  return poll_report(session, now, out) || poll_feedback(session, now, out) || poll_congestion(session, now, out);
}
