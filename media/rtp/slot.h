/* slot.h - an RTP packet inside another of a fixed size, for the constant-rate mode (congestion/constant_rate.h).
 *
 * Size, marker and timestamp of RTP packets are read by everybody on the path and tell frames apart. In a slot they
 * stand inside the encrypted payload, and the outer header counts the sender's ticks. RTP's own padding (RFC 3550
 * section 5.1) can't do that: it holds 255 bytes, and its bit is in clear. Bounded by the slot's size.
 */
#ifndef SLOT_H
#define SLOT_H
#include "../session.h"
#include "rtp.h"

enum {
  SLOT_HEAD = 6,                                       /* marker and size, timestamp */
  SLOT_AUDIO_SIZE = RTP_HEADER_SIZE + SLOT_HEAD + 80,  /* one Opus packet of 20 ms at RATE_AUDIO */
  SLOT_VIDEO_SIZE = RTP_HEADER_SIZE + SLOT_HEAD + 582, /* small, so that the rate's steps are */
};

/* Wraps the plain RTP packet of `size` bytes at `packet` in place into one of `slot_size` bytes, for which there
 * must be room; size <= slot_size - SLOT_HEAD. payload_type is that of slots. Its timestamp is still to be set. */
void slot_wrap(uint8_t *packet, size_t size, size_t slot_size, uint8_t payload_type);
/* The outer timestamp, before the first sending. */
void slot_stamp(uint8_t *packet, uint32_t timestamp);
/* payload_type: the inner packet's. header and payload are those of a parsed outer packet, and become the inner
 * packet's (but for SSRC and sequence number, which are the same). The payload may be empty: a slot with nothing in
 * it. false: malformed. */
bool slot_unwrap(struct rtp_header *header, struct reader *payload, uint8_t payload_type);

#endif
