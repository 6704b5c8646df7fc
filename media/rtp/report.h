/* report.h - what sender and receiver reports are made of (RFC 3550 sections 6.4, A.3, A.8): loss, jitter, RTT.
 *
 * One report_receiver a source that we hear, one report_sender a source that we are. Sequence numbers and RTP
 * times come unwrapped and without duplicates (seq.h). Constant size; nothing of a peer's is trusted further
 * than its own numbers.
 */
#ifndef REPORT_H
#define REPORT_H
#include "../units.h"
#include "rtcp.h"

struct report_receiver {
  int64_t rate; /* RTP ticks a second; a multiple of 1000 */
  bool started;
  int64_t base, highest, received; /* since the source (re)started */
  int64_t lost_before;             /* up to the last restart */
  int64_t expected_prior, received_prior;
  bool transit_known;
  int64_t transit, transit_rtp_time; /* of the last packet that counted for jitter */
  int64_t jitter;                    /* sixteenths of a tick */
  uint32_t lsr;                      /* 0: no sender report yet */
  usec lsr_arrival;
};

void report_receiver_init(struct report_receiver *report, int64_t rate);
void report_receiver_restart(struct report_receiver *report); /* the next packet is the first of a new run */
void report_receiver_input(struct report_receiver *report, usec now, int64_t seq, int64_t rtp_time);
void report_receiver_input_sr(struct report_receiver *report, usec now, uint64_t ntp);
/* false: nothing was heard since the last block. */
bool report_receiver_block(struct report_receiver *report, usec now, struct rtcp_block *block);
int64_t report_receiver_lost(const struct report_receiver *report);
usec report_receiver_jitter(const struct report_receiver *report);

struct report_sender {
  int64_t rate;
  int64_t packets, octets; /* retransmissions included; payload octets */
  bool started;
  uint32_t rtp_time; /* of what was captured at `captured` */
  usec captured;
  usec sent; /* the last packet */
};

void report_sender_init(struct report_sender *report, int64_t rate);
void report_sender_frame(struct report_sender *report, usec captured, uint32_t rtp_time);
void report_sender_sent(struct report_sender *report, usec now, size_t octets);
/* What an SR of now says. wall_offset: Unix time minus the monotonic clock. */
struct rtcp_sender_info report_sender_info(const struct report_sender *report, usec now, int64_t wall_offset);

uint64_t report_ntp(usec unix_time);
/* From a block about us that arrived now (its NTP time `ntp`); -1: it names no report or none that is plausible. */
usec report_round_trip(uint64_t ntp, const struct rtcp_block *block);

#endif
