/* session_feedback.c - congestion control feedback both ways (RFC 8888), and the rate that comes of it. */
#include "rtp/ccfb.h"
#include "session_parts.h"

void session_feedback_init(struct session *session) {
  feedback_init(&session->feedback);
  for (int medium = 0; medium < MEDIA; medium++)
    arrivals_init(&session->arrivals[medium]);
  session->ccfb_due = USEC_NEVER;
}

/* More often than RFC 3550 has reports, but within its share of what we may send and of what came. */
static usec interval(const struct session *session) {
  usec fair = (usec)FEEDBACK_SIZE * 8 * SEC(1) / (session->rate.target * FEEDBACK_PERCENT / 100);
  return fair < FEEDBACK_INTERVAL_MIN ? FEEDBACK_INTERVAL_MIN : earlier(fair, FEEDBACK_INTERVAL_MAX);
}

void session_arrived(struct session *session, usec now, int medium, int64_t seq, size_t size) {
  arrivals_input(&session->arrivals[medium], now, seq);
  session->ccfb_bytes += size;
  bool much = session->ccfb_bytes * FEEDBACK_PERCENT >= FEEDBACK_SIZE * 100;
  session->ccfb_due = session->ccfb_sent + (much ? interval(session) : FEEDBACK_INTERVAL_MAX);
}

bool session_write_ccfb(struct session *session, usec now, struct writer *w) {
  if (now < session->ccfb_due)
    return false;
  session->ccfb_due = USEC_NEVER;
  session->ccfb_sent = now;
  session->ccfb_bytes = 0;
  struct ccfb_report report[MEDIA];
  int reports = 0;
  for (int medium = 0; medium < MEDIA; medium++)
    if (arrivals_report(&session->arrivals[medium], now, &report[reports]))
      report[reports++].ssrc = session->in[medium].ssrc;
  if (reports > 0)
    ccfb_write(w, session->out[AUDIO].ssrc, arrivals_timestamp(now), report, reports);
  return reports > 0;
}

void session_pace(struct session *session, usec now) {
  bool limited = rate_control_limited(&session->rate, now);
  pacer_set_target(&session->pacer, now, session->rate.target, limited ? PACER_NEAR_PERCENT : PACER_FREE_PERCENT);
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
  rate_control_input_feedback(&session->rate, now, result, results, session->round_trip);
  session_pace(session, now);
}
