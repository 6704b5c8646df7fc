/* session_feedback.c - congestion control feedback both ways, as of RFC 8888 or by transport-wide numbers, and the
 * rate that comes of it. */
#include "rtp/ccfb.h"
#include "rtp/transport_cc.h"
#include "session_parts.h"

void session_feedback_init(struct session *session) {
  feedback_init(&session->feedback);
  for (int medium = 0; medium < MEDIA; medium++)
    arrivals_init(&session->arrivals[medium]);
  arrivals_init(&session->numbered);
  seq_init(&session->peer_numbers);
  if (session->config.transport_cc)
    transport_seq_init(&session->numbers);
  session->ccfb_due = USEC_NEVER;
  bwe_delay_init(&session->coming);
}

/* More often than RFC 3550 has reports, but within its share of what we may send and of what came. */
static usec interval(const struct session *session) {
  usec fair = (usec)FEEDBACK_SIZE * 8 * SEC(1) / (session->rate.target * FEEDBACK_PERCENT / 100);
  return fair < FEEDBACK_INTERVAL_MIN ? FEEDBACK_INTERVAL_MIN : earlier(fair, FEEDBACK_INTERVAL_MAX);
}

/* Sound leaves when it is sampled: its timestamps tell how long it was on its way. */
static void learn_delay(struct session *session, usec now, int64_t rtp_time) {
  const struct packet_result result = {.sent = rtp_time * 125 / 6, .arrived = now};
  bwe_delay_input(&session->coming, now, &result, 1);
}

void session_arrived(struct session *session, usec now, int medium, int64_t seq, int64_t rtp_time, size_t size) {
  if (medium == AUDIO)
    learn_delay(session, now, rtp_time);
  arrivals_input(&session->arrivals[medium], now, seq);
  int64_t credit = session->ccfb_credit + (int64_t)size * FEEDBACK_PERCENT / 100;
  session->ccfb_credit = credit < FEEDBACK_SAVED ? credit : FEEDBACK_SAVED;
  bool paid = session->ccfb_credit >= FEEDBACK_SIZE;
  session->ccfb_due = session->ccfb_sent + (paid ? interval(session) : FEEDBACK_INTERVAL_MAX);
}

/* What comes from the peer is late, or nothing does: so may be its feedback. */
static bool coming_late(const struct session *session, usec now) {
  const struct incoming *audio = &session->in[AUDIO], *video = &session->in[VIDEO];
  usec arrived = audio->arrived > video->arrived ? audio->arrived : video->arrived;
  return session->coming.latest > HOLD_LATE || now - arrived > HOLD_LATE;
}

void session_hold(struct session *session, usec now) {
  struct hold *hold = &session->rate.hold;
  hold_set(hold, now, hold_due(hold, now) && (hold_untold(hold) || coming_late(session, now)));
  pacer_hold(&session->pacer, now, hold->held);
}

/* Of any packet, before it is known whether its source has seen it before: a repair has its old number. */
void session_number_arrived(struct session *session, usec now, const struct rtp_header *header) {
  struct reader value;
  int64_t number;
  if (!session->config.transport_cc || !rtp_ext_find(header->extension, session->config.transport_cc, &value))
    return;
  enum seq_verdict verdict = seq_input(&session->peer_numbers, read_u16(&value), &number);
  if (verdict == SEQ_RESTART)
    arrivals_init(&session->numbered);
  if (verdict == SEQ_NEW || verdict == SEQ_RESTART)
    arrivals_input(&session->numbered, now, number);
}

static bool write_transport_cc(struct session *session, struct writer *w) {
  struct transport_cc_report report;
  int64_t begin, first = USEC_NEVER;
  if (!arrivals_run(&session->numbered, TRANSPORT_CC_MAX, &begin, &report.count))
    return false;
  for (int i = report.count - 1; i >= 0; i--)
    if (arrivals_at(&session->numbered, begin + i) != USEC_NEVER)
      first = arrivals_at(&session->numbered, begin + i);
  int64_t reference = first / TRANSPORT_CC_REFERENCE;
  for (int i = 0; i < report.count; i++) {
    usec at = arrivals_at(&session->numbered, begin + i);
    report.at[i] = at == USEC_NEVER ? USEC_NEVER : at - reference * TRANSPORT_CC_REFERENCE;
  }
  report.begin = (uint16_t)begin;
  report.reference = (uint32_t)reference;
  report.number = session->numbered_reports++;
  transport_cc_write(w, session->out[AUDIO].ssrc, session->in[VIDEO].ssrc, &report);
  return true;
}

static bool write_ccfb(struct session *session, usec now, struct writer *w) {
  struct ccfb_report report[MEDIA];
  int reports = 0;
  for (int medium = 0; medium < MEDIA; medium++)
    if (arrivals_report(&session->arrivals[medium], now, &report[reports]))
      report[reports++].ssrc = session->in[medium].ssrc;
  if (reports > 0)
    ccfb_write(w, session->out[AUDIO].ssrc, arrivals_timestamp(now), report, reports);
  return reports > 0;
}

bool session_write_feedback(struct session *session, usec now, struct writer *w) {
  if (now < session->ccfb_due)
    return false;
  session->ccfb_due = USEC_NEVER;
  session->ccfb_sent = now;
  session->ccfb_credit = session->ccfb_credit > FEEDBACK_SIZE ? session->ccfb_credit - FEEDBACK_SIZE : 0;
  return session->config.transport_cc ? write_transport_cc(session, w) : write_ccfb(session, now, w);
}

/* Not before there is a picture to send more of, or one that the rate has no room for; with padding that the peer
 * takes, and never where the rate is constant. */
static bool may_probe(const struct session *session, usec now) {
  bool padding = session->config.payload_types.slot != PAYLOAD_TYPE_NONE && !session->constant.on;
  bool picture = now - session->video_sent < PROBE_PICTURE || !session->rate.video_on;
  return padding && session->video_begun && picture;
}

bool session_probes(struct session *session, usec now) {
  bps probe = may_probe(session, now) ? rate_control_probe(&session->rate, now) : 0;
  if ((probe != 0) == session->probing)
    return session->probing;
  session->probing = probe != 0;
  if (!session->probing) {
    session_pace(session, now);
    return false;
  }
  pacer_set_target(&session->pacer, now, probe, 100);
  pacer_set_ahead(&session->pacer, 0);
  return true;
}

void session_pace(struct session *session, usec now) {
  if (session->probing)
    return;
  pacer_set_target(&session->pacer, now, session->rate.target, rate_control_pace(&session->rate, now));
  pacer_set_ahead(&session->pacer, rate_control_ahead(&session->rate, now));
}

/* From the newest packet: reports of RFC 3550 come once a second, and a queue grows faster. */
static void measure_round_trip(struct session *session, usec now, const struct packet_result *result, int results) {
  for (int i = results - 1; i >= 0; i--) {
    if (result[i].lost || result[i].again)
      continue;
    usec sample = now - result[i].sent - feedback_held(&session->feedback, result[i].arrived);
    if (sample > 0 && sample < RTT_MAX)
      session_update_round_trip(session, sample);
    return;
  }
}

static void read_ccfb(struct session *session, struct rtcp_packet *packet) {
  struct ccfb_report report;
  feedback_clock(&session->feedback, ccfb_timestamp(packet));
  while (ccfb_read(packet, &report))
    for (int medium = 0; medium < MEDIA; medium++)
      if (report.ssrc == session->out[medium].ssrc)
        feedback_report(&session->feedback, medium, &report);
  feedback_all_told(&session->feedback);
}

/* A stream's numbers ascend with the transport-wide ones. A browser tells of each packet once: where a report is
 * missing, those before the next one have come or not. */
static void read_transport_cc(struct session *session, struct rtcp_packet *packet) {
  struct transport_cc_report report;
  bool past[MEDIA] = {false};
  if (!transport_cc_read(packet, &report))
    return;
  bool told = report.number == session->numbers_report;
  session->numbers_report = (uint8_t)(report.number + 1);
  int64_t begin = transport_seq_unwrap(&session->numbers, report.begin);
  usec reference = feedback_reference(&session->feedback, report.reference);
  for (int i = 0; i < report.count; i++) {
    const struct transport_packet *sent = transport_seq_find(&session->numbers, begin + i);
    if (!sent || sent->stream == TRANSPORT_REPAIR)
      continue;
    if (!past[sent->stream])
      feedback_past(&session->feedback, sent->stream, sent->seq, told);
    past[sent->stream] = true;
    if (report.at[i] != USEC_NEVER)
      feedback_arrived(&session->feedback, sent->stream, sent->seq, reference + report.at[i]);
  }
}

void session_input_feedback(struct session *session, usec now, struct rtcp_packet *packet) {
  const struct packet_result *result;
  if ((packet->type == RTCP_TRANSPORT_CC) != (session->config.transport_cc > 0)) /* not what was agreed on */
    return;
  if (packet->type == RTCP_TRANSPORT_CC)
    read_transport_cc(session, packet);
  else
    read_ccfb(session, packet);
  int results = feedback_take(&session->feedback, &result);
  measure_round_trip(session, now, result, results);
  rate_control_input_feedback(&session->rate, now, result, results, session->round_trip);
  session_step_audio(session, now);
  session_step_fec(session, now);
  session_pace(session, now);
}
