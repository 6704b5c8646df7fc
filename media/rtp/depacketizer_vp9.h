/* depacketizer_vp9.h - an RTP payload's VP9 descriptor (RFC 9628 section 4.2) into a video_packet.
 *
 * Flexible and non-flexible mode are read, in all forms; of spatial layers the lowest is taken, and the packets of
 * higher ones are empty. What a frame refers to is not: it leaves in decoding order or not at all (frame_buffer.h).
 * Bounded by the payload; a descriptor without VP9 bytes behind it is malformed.
 */
#ifndef DEPACKETIZER_VP9_H
#define DEPACKETIZER_VP9_H
#include "../video/frame_buffer.h"

/* Fills all but seq, rtp_time and arrival; the payload points into `payload`. false: malformed. */
bool depacketizer_vp9(const uint8_t *payload, size_t size, struct video_packet *packet);

#endif
