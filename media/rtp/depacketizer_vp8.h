/* depacketizer_vp8.h - an RTP payload's VP8 descriptor (RFC 7741 section 4.2) into a video_packet.
 *
 * All of the descriptor's forms are read, whatever the peer uses. Bounded by the payload; a descriptor without
 * VP8 bytes behind it is malformed.
 */
#ifndef DEPACKETIZER_VP8_H
#define DEPACKETIZER_VP8_H
#include "../video/frame_buffer.h"

/* Fills all but seq, rtp_time, marker and arrival; the payload points into `payload`. false: malformed. */
bool depacketizer_vp8(const uint8_t *payload, size_t size, struct video_packet *packet);

#endif
