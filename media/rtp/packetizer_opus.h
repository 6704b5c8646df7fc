/* packetizer_opus.h - one Opus packet to one RTP packet (RFC 7587 section 4.2), or with copies of earlier ones
 * (RFC 2198).
 *
 * The marker bit stays 0 (protocol F.T8): it would show where speech begins. The timestamp counts samples; when
 * capture itself paused, it skips by as much, so that it keeps to the capture clock without following its jitter.
 */
#ifndef PACKETIZER_OPUS_H
#define PACKETIZER_OPUS_H
#include "../random.h"
#include "../session.h"

struct packetizer_opus {
  uint32_t ssrc;
  int64_t seq;        /* of the next packet; its low 16 bits are sent */
  uint32_t timestamp; /* of the next packet */
  bool started;
  usec due; /* when the next packet's first sample should have been captured */
};

void packetizer_opus_init(struct packetizer_opus *p, uint32_t ssrc, struct random *random);
/* The timestamp of the next packet, whose first sample is captured then: to be called once a packet, before
 * _write(). */
uint32_t packetizer_opus_begin(struct packetizer_opus *p, usec captured);
/* The packet's size; 0: empty or too large, nothing happened. */
size_t packetizer_opus_write(struct packetizer_opus *p, uint8_t payload_type, const uint8_t *payload, size_t size,
                             int samples, uint8_t packet[SESSION_PACKET_MAX]);
/* When the first sample of the next packet is captured, as the timestamp counts it. */
static inline usec packetizer_opus_captured(const struct packetizer_opus *p) {
  return p->due;
}

#endif
