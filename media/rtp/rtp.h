/* rtp.h - the fixed header of RTP packets (RFC 3550 section 5.1), and telling RTP from RTCP (RFC 5761).
 *
 * What we write has no header extension, no CSRC and no padding (protocol F.T8). What we read may have all
 * three: they are skipped, within the packet's bounds; rtp_ext.h looks into the first.
 */
#ifndef RTP_H
#define RTP_H
#include "../bytes.h"

enum { RTP_HEADER_SIZE = 12, RTP_EXT_ONE_BYTE = 0xbede };

struct rtp_header {
  bool marker;
  uint8_t payload_type; /* 0..127 */
  uint16_t seq;
  uint32_t timestamp, ssrc;
  struct reader extension; /* read: the elements, of one-byte form (rtp_ext.h); empty: none, or another form */
};

/* The payload is in place, without padding; it may be empty. */
bool rtp_parse(const uint8_t *packet, size_t size, struct rtp_header *header, struct reader *payload);
void rtp_write(struct writer *w, const struct rtp_header *header);

/* RFC 5761 section 4: payload types 64..95 with the marker bit are RTCP packet types 192..223. */
static inline bool rtp_is_rtcp(const uint8_t *packet, size_t size) {
  return size >= 2 && packet[1] >= 192 && packet[1] <= 223;
}

#endif
