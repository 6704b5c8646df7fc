/* rtcp.h - RTCP compound packets (RFC 3550 section 6), generic NACK and PLI (RFC 4585 sections 6.2.1, 6.3.1), FIR
 * (RFC 5104 section 4.3.1) and REMB (draft-alvestrand-rmcat-remb-03 section 2.2).
 *
 * Reading: rtcp_valid() checks a whole datagram before anything of it has an effect, then rtcp_next() walks it.
 * Reduced-size packets (RFC 5506) are taken. Types and formats not named here are skipped.
 * Writing: append to a writer; the caller looks at its `bad` once.
 */
#ifndef RTCP_H
#define RTCP_H
#include "../bytes.h"
#include "../units.h"

enum rtcp_type {
  RTCP_OTHER = 0, /* known or not: nothing in it is of use here */
  RTCP_SR = 200,
  RTCP_RR = 201,
  RTCP_SDES = 202,
  RTCP_BYE = 203,
  RTCP_RTPFB = 205, /* transport feedback: format 1 is generic NACK */
  RTCP_PSFB = 206,  /* payload-specific feedback: format 1 is PLI */
  /* no types of their own on the wire: formats of the two */
  RTCP_CCFB = 256,         /* transport feedback 11, for ccfb.h */
  RTCP_TRANSPORT_CC = 257, /* 15, for transport_cc.h */
  RTCP_FIR = 258,          /* payload-specific 4 */
  RTCP_REMB = 259,         /* 15, of any application */
};

enum { RTCP_BLOCKS_MAX = 31, RTCP_CNAME_MAX = 255 };

struct rtcp_sender_info {
  uint64_t ntp; /* 32.32 bit seconds since 1900 */
  uint32_t rtp_time, packets, octets;
};

struct rtcp_block { /* one source as its receiver sees it */
  uint32_t ssrc;
  uint8_t fraction_lost; /* of 256, since the last report */
  int32_t lost;          /* 24 bit, signed */
  uint32_t highest;      /* extended sequence number */
  uint32_t jitter;       /* RTP ticks */
  uint32_t lsr, dlsr;    /* middle 32 bits of an NTP time; 1/65536 s */
};

struct rtcp_packet {
  enum rtcp_type type;
  uint32_t ssrc;                  /* who sent it */
  uint32_t media_ssrc;            /* RTPFB, PSFB, TRANSPORT_CC: about whom */
  struct rtcp_sender_info sender; /* SR */
  int blocks;                     /* SR, RR: how many rtcp_read_block() will give */
  struct reader body;
};

bool rtcp_valid(const uint8_t *data, size_t size);
/* The next packet of a valid datagram; false at its end. `r` starts as reader_of(data, size). */
bool rtcp_next(struct reader *r, struct rtcp_packet *packet);
bool rtcp_read_block(struct rtcp_packet *packet, struct rtcp_block *block);
/* The next PID and its bit mask of the 16 numbers that follow it; false at the end or for another type. */
bool rtcp_read_nack(struct rtcp_packet *packet, uint16_t *pid, uint16_t *mask);

/* The next source that a FIR asks of; false at the end or for another type. */
bool rtcp_read_fir(struct rtcp_packet *packet, uint32_t *ssrc);
/* The bit rate that a REMB allows all of its sources together; false: another type, or an unknown application. */
bool rtcp_read_remb(struct rtcp_packet *packet, bps *bitrate);

/* sender NULL: a receiver report. */
void rtcp_write_report(struct writer *w, uint32_t ssrc, const struct rtcp_sender_info *sender,
                       const struct rtcp_block *block, int blocks);
void rtcp_write_cname(struct writer *w, const uint32_t *ssrc, int count, const char *cname);
void rtcp_write_bye(struct writer *w, const uint32_t *ssrc, int count);
/* seq ascending; count > 0. */
void rtcp_write_nack(struct writer *w, uint32_t ssrc, uint32_t media_ssrc, const int64_t *seq, int count);
void rtcp_write_pli(struct writer *w, uint32_t ssrc, uint32_t media_ssrc);
/* What comes before the body of transport_cc.h; `body` is that body's size. */
void rtcp_write_transport_cc_head(struct writer *w, uint32_t ssrc, uint32_t media_ssrc, size_t body);
/* What comes before the streams of ccfb.h; `body` is the size of all that follows the first word. */
void rtcp_write_ccfb_head(struct writer *w, uint32_t ssrc, size_t body);

#endif
