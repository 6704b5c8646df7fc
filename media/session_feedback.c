/* session_feedback.c - congestion control feedback both ways (RFC 8888), and the rate that comes of it. */
#include "rtp/ccfb.h"
#include "session_parts.h"

void session_feedback_init(struct session *session) {
  feedback_init(&session->feedback);
  for (int medium = 0; medium < MEDIA; medium++)
    arrivals_init(&session->arrivals[medium]);
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
  hold_set(hold, now, hold_due(hold, now) && coming_late(session, now));
  pacer_hold(&session->pacer, now, hold->held);
}

bool session_write_ccfb(struct session *session, usec now, struct writer *w) {
  if (now < session->ccfb_due)
    return false;
  session->ccfb_due = USEC_NEVER;
  session->ccfb_sent = now;
  session->ccfb_credit = session->ccfb_credit > FEEDBACK_SIZE ? session->ccfb_credit - FEEDBACK_SIZE : 0;
  struct ccfb_report report[MEDIA];
  int reports = 0;
  for (int medium = 0; medium < MEDIA; medium++)
    if (arrivals_report(&session->arrivals[medium], now, &report[reports]))
      report[reports++].ssrc = session->in[medium].ssrc;
  if (reports > 0)
    ccfb_write(w, session->out[AUDIO].ssrc, arrivals_timestamp(now), report, reports);
  return reports > 0;
}

/* Not before there is a picture to send more of, with padding that the peer takes, and never where the rate is
 * constant. */
static bool may_probe(const struct session *session, usec now) {
  bool padding = session->config.payload_types.slot != PAYLOAD_TYPE_NONE && !session->constant.on;
  return padding && session->video_begun && now - session->video_sent < PROBE_PICTURE;
}

bool session_probes(struct session *session, usec now) {
  bps probe = may_probe(session, now) ? rate_control_probe(&session->rate, now) : 0;
  if ((probe != 0) == session->probing)
    return session->probing;
  session->probing = probe != 0;
  if (session->probing)
    pacer_set_target(&session->pacer, now, probe, 100);
  else
    session_pace(session, now);
  return session->probing;
}

void session_pace(struct session *session, usec now) {
  if (session->probing)
    return;
  pacer_set_target(&session->pacer, now, session->rate.target, rate_control_pace(&session->rate, now));
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

void session_input_ccfb(struct session *session, usec now, struct rtcp_packet *packet) {
  struct ccfb_report report;
  const struct packet_result *result;
  feedback_clock(&session->feedback, ccfb_timestamp(packet));
  while (ccfb_read(packet, &report))
    for (int medium = 0; medium < MEDIA; medium++)
      if (report.ssrc == session->out[medium].ssrc)
        feedback_report(&session->feedback, medium, &report);
  int results = feedback_take(&session->feedback, &result);
  measure_round_trip(session, now, result, results);
  rate_control_input_feedback(&session->rate, now, result, results, session->round_trip);
  session_step_audio(session, now);
  session_step_fec(session, now);
  session_pace(session, now);
}
