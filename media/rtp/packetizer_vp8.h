/* packetizer_vp8.h - the VP8 payload descriptor that we write (RFC 7741 section 4.2): the 15-bit picture id, and
 * TL0PICIDX, TID and Y when the encoder uses temporal layers. */
#ifndef PACKETIZER_VP8_H
#define PACKETIZER_VP8_H
#include "packetizer_video.h"

extern const struct payload_descriptor payload_descriptor_vp8;

#endif
