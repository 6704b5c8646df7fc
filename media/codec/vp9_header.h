/* vp9_header.h - what a VP9 frame says of itself before any of it is decoded: the start of its uncompressed header
 * (VP9 bitstream specification 0.6, section 6.2).
 *
 * Only profile 0 is read, eight bits and 4:2:0: real-time senders make no other. Bounded by the frame.
 */
#ifndef VP9_HEADER_H
#define VP9_HEADER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vp9_header {
  bool key;
  int width, height; /* 1..65536; 0: those of a frame that it refers to */
};

/* false: malformed, another profile, or several frames in one (annex B). */
bool vp9_header_read(const uint8_t *frame, size_t size, struct vp9_header *header);

#endif
