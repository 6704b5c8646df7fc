/* transport_cc.h - the feedback that browsers send and want: when each packet arrived, by transport-wide sequence
 * number (draft-holmer-rmcat-transport-wide-cc-extensions-01 section 3.1; RTPFB format 15).
 *
 * Times are in 250 usec, from a reference time of 64 ms that wraps after 12 days. Bounded by TRANSPORT_CC_MAX
 * packets: what a peer reports beyond it is skipped.
 */
#ifndef TRANSPORT_CC_H
#define TRANSPORT_CC_H
#include "../units.h"
#include "rtcp.h"

enum { TRANSPORT_CC_MAX = 400 /* at worst 936 bytes; over 150 ms at 20 Mbit/s */ };
#define TRANSPORT_CC_REFERENCE MS(64)

struct transport_cc_report {
  uint16_t begin; /* sequence number of at[0] */
  int count;
  uint8_t number;            /* of this feedback packet, counted up */
  uint32_t reference;        /* 24 bits */
  usec at[TRANSPORT_CC_MAX]; /* since the reference; USEC_NEVER: not arrived */
};

/* Of a packet of type RTCP_TRANSPORT_CC; false: malformed. */
bool transport_cc_read(struct rtcp_packet *packet, struct transport_cc_report *report);
/* At least one packet has arrived. Those that lie so far before a later one that the format can't say it are
 * written as not arrived. */
void transport_cc_write(struct writer *w, uint32_t ssrc, uint32_t media_ssrc,
                        const struct transport_cc_report *report);

#endif
