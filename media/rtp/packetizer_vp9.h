/* packetizer_vp9.h - the VP9 payload descriptor that we write (RFC 9628 section 4.2): non-flexible mode, one
 * spatial layer.
 *
 * Every packet has the 15-bit picture id and TL0PICIDX, for Chromium drops what comes without. A key frame's first
 * packet has the scalability structure: that each frame refers to the one before it, or of two temporal layers,
 * that base and upper frames take turns and both refer to the base frame before them. */
#ifndef PACKETIZER_VP9_H
#define PACKETIZER_VP9_H
#include "packetizer_video.h"

extern const struct payload_descriptor payload_descriptor_vp9;

#endif
