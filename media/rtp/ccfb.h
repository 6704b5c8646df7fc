/* ccfb.h - congestion control feedback (RFC 8888 section 3.1): when each packet of a stream arrived.
 *
 * One packet of RTCP reports on several streams, each by a run of sequence numbers. Times are in 1/1024 s, counted
 * back from the report's own timestamp, the middle of an NTP time in 1/65536 s. Bounded by CCFB_REPORTS_MAX a
 * stream: what a peer reports beyond it is skipped.
 */
#ifndef CCFB_H
#define CCFB_H
#include "rtcp.h"

enum {
  CCFB_REPORTS_MAX = 256, /* packets of one stream: over 100 ms at 20 Mbit/s, twice */
  CCFB_LOST = 0,
  CCFB_RECEIVED = 0x8000,    /* the R bit; the ECN bits below it are always zero: nothing marks UDP here */
  CCFB_OFFSET_MAX = 0x1ffd,  /* nearly 8 s */
  CCFB_OFFSET_OVER = 0x1ffe, /* longer ago */
  CCFB_OFFSET_NONE = 0x1fff, /* arrived after the timestamp: unknown */
};

struct ccfb_report { /* one stream */
  uint32_t ssrc;
  uint16_t begin; /* sequence number of metric[0] */
  int count;
  uint16_t metric[CCFB_REPORTS_MAX]; /* CCFB_LOST, or CCFB_RECEIVED and an offset */
};

static inline int ccfb_offset(uint16_t metric) {
  return metric & CCFB_OFFSET_NONE;
}

/* The next stream of a packet of type RTCP_CCFB; false at its end, or where it is malformed. */
bool ccfb_read(struct rtcp_packet *packet, struct ccfb_report *report);
/* The report's timestamp; before or after reading the streams. */
uint32_t ccfb_timestamp(const struct rtcp_packet *packet);
void ccfb_write(struct writer *w, uint32_t ssrc, uint32_t timestamp, const struct ccfb_report *report, int reports);

#endif
