#include "report.h"

#include "../limits.h"

static const int64_t ntp_to_unix = 2208988800; /* seconds from 1900 to 1970 */

static int64_t ticks(usec span, int64_t rate) { /* does not overflow for any uptime */
  return span * (rate / 1000) / 1000;
}

void report_receiver_init(struct report_receiver *report, int64_t rate) {
  *report = (struct report_receiver){.rate = rate};
}

static int64_t expected(const struct report_receiver *report) {
  return report->started ? report->highest - report->base + 1 : 0;
}

int64_t report_receiver_lost(const struct report_receiver *report) {
  return report->lost_before + expected(report) - report->received;
}

void report_receiver_restart(struct report_receiver *report) {
  report->lost_before = report_receiver_lost(report);
  report->received = report->expected_prior = report->received_prior = 0;
  report->started = report->transit_known = false;
}

/* Appendix A.8. Retransmitted and reordered packets are left out, and all but the first with the same RTP
 * time: they were not sent when they were sampled, so their spacing says nothing of the path's. */
static void update_jitter(struct report_receiver *report, usec now, int64_t rtp_time) {
  if (report->transit_known && rtp_time == report->transit_rtp_time)
    return;
  int64_t transit = ticks(now, report->rate) - rtp_time;
  int64_t d = transit - report->transit;
  if (report->transit_known)
    report->jitter += (d < 0 ? -d : d) - ((report->jitter + 8) >> 4);
  report->transit = transit;
  report->transit_rtp_time = rtp_time;
  report->transit_known = true;
}

void report_receiver_input(struct report_receiver *report, usec now, int64_t seq, int64_t rtp_time) {
  if (!report->started) {
    report->started = true;
    report->base = seq;
    report->highest = seq - 1;
  }
  report->received++;
  if (seq < report->base) /* reordered at the very start: it was expected after all */
    report->base = seq;
  if (seq <= report->highest)
    return;
  report->highest = seq;
  update_jitter(report, now, rtp_time);
}

void report_receiver_input_sr(struct report_receiver *report, usec now, uint64_t ntp) {
  report->lsr = (uint32_t)(ntp >> 16);
  report->lsr_arrival = now;
}

static int32_t clamp_lost(int64_t lost) {
  return (int32_t)(lost > 0x7fffff ? 0x7fffff : lost < -0x800000 ? -0x800000 : lost);
}

bool report_receiver_block(struct report_receiver *report, usec now, struct rtcp_block *block) {
  int64_t expected_interval = expected(report) - report->expected_prior;
  int64_t lost_interval = expected_interval - (report->received - report->received_prior);
  if (report->received == report->received_prior)
    return false;
  report->expected_prior = expected(report);
  report->received_prior = report->received;
  *block = (struct rtcp_block){
      .lost = clamp_lost(report_receiver_lost(report)),
      .highest = (uint32_t)(report->highest - 0x10000), /* seq.h starts one cycle up */
      .jitter = (uint32_t)(report->jitter >> 4),
      .lsr = report->lsr,
  };
  if (expected_interval > 0 && lost_interval > 0)
    block->fraction_lost = (uint8_t)(lost_interval * 256 / expected_interval);
  if (report->lsr)
    block->dlsr = (uint32_t)((now - report->lsr_arrival) * 65536 / SEC(1));
  return true;
}

usec report_receiver_jitter(const struct report_receiver *report) {
  return (report->jitter >> 4) * 1000 / (report->rate / 1000);
}

void report_sender_init(struct report_sender *report, int64_t rate) {
  *report = (struct report_sender){.rate = rate};
}

void report_sender_frame(struct report_sender *report, usec captured, uint32_t rtp_time) {
  report->captured = captured;
  report->rtp_time = rtp_time;
  report->started = true;
}

void report_sender_sent(struct report_sender *report, usec now, size_t octets) {
  report->packets++;
  report->octets += (int64_t)octets;
  report->sent = now;
}

struct rtcp_sender_info report_sender_info(const struct report_sender *report, usec now, int64_t wall_offset) {
  return (struct rtcp_sender_info){
      .ntp = report_ntp(now + wall_offset),
      .rtp_time = report->rtp_time + (uint32_t)(uint64_t)ticks(now - report->captured, report->rate),
      .packets = (uint32_t)report->packets,
      .octets = (uint32_t)report->octets,
  };
}

uint64_t report_ntp(usec unix_time) {
  uint64_t time = (uint64_t)(unix_time + ntp_to_unix * SEC(1));
  return time / 1000000 << 32 | (time % 1000000 << 32) / 1000000;
}

usec report_round_trip(uint64_t ntp, const struct rtcp_block *block) {
  if (block->lsr == 0)
    return -1;
  int32_t units = (int32_t)((uint32_t)(ntp >> 16) - block->lsr - block->dlsr); /* 1/65536 s */
  usec round_trip = (usec)units * SEC(1) / 65536;
  if (round_trip < -MS(1) || round_trip > RTT_MAX)
    return -1;
  return round_trip < 1 ? 1 : round_trip; /* below the clock's grain */
}
