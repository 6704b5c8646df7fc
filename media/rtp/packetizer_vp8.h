/* packetizer_vp8.h - one VP8 frame to RTP packets of equal size (RFC 7741).
 *
 * Each packet carries the 15-bit picture id; TL0PICIDX and TID as well when the encoder uses temporal layers. The
 * marker is set on a frame's last packet (RFC 7741 section 4.1): the receiver needs it, and the sizes show as much
 * anyway. The timestamp is the capture time at 90 kHz plus a random offset.
 */
#ifndef PACKETIZER_VP8_H
#define PACKETIZER_VP8_H
#include "../random.h"
#include "../session.h"

enum { VP8_NO_LAYERS = -1 };

struct packetizer_vp8 {
  uint8_t payload_type;
  uint32_t ssrc, timestamp_offset;
  int64_t seq; /* of the next packet; its low 16 bits are sent */
  uint16_t picture_id;
  uint8_t tl0picidx;
  size_t packet_max; /* SESSION_PACKET_MAX unless set lower */
  /* the frame under way */
  const uint8_t *at; /* the caller's memory */
  size_t left;
  int packets_left;
  bool first;
  int temporal_id;
  uint32_t timestamp;
};

void packetizer_vp8_init(struct packetizer_vp8 *p, uint8_t payload_type, uint32_t ssrc, struct random *random);
/* Into how many packets a frame of this size goes. */
int packetizer_vp8_count(const struct packetizer_vp8 *p, size_t size, int temporal_id);
/* `frame` must stay until packetizer_vp8_next() has returned 0. temporal_id 0..3 or VP8_NO_LAYERS. */
void packetizer_vp8_begin(struct packetizer_vp8 *p, usec captured, const uint8_t *frame, size_t size,
                          int temporal_id);
size_t packetizer_vp8_next(struct packetizer_vp8 *p, uint8_t packet[SESSION_PACKET_MAX]); /* its size; 0: done */

#endif
