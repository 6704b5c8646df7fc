/* red.h - several audio frames in one RTP payload: copies of earlier ones, and the newest (RFC 2198).
 *
 * Only the payload's form. Each copy says by how much its time is before the packet's, and its size; the newest
 * frame's size is what is left. What lies in the packet is given in place. Bounded by RED_BLOCKS: more is
 * malformed, and so is a copy of a length that the packet does not have.
 */
#ifndef RED_H
#define RED_H
#include "../bytes.h"

enum {
  RED_BLOCKS = 8,          /* of one packet, the newest frame among them */
  RED_HEAD = 4,            /* bytes before each copy; */
  RED_LAST_HEAD = 1,       /* and before the newest frame */
  RED_OFFSET_MAX = 0x3fff, /* units of the timestamp: 341 ms at 48 kHz */
  RED_SIZE_MAX = 0x3ff,    /* bytes of a copy */
};

struct red_block {
  int offset; /* before the packet's timestamp; 0 of the newest frame */
  const uint8_t *data;
  size_t size;
};

/* The blocks of that payload type, the newest frame last. How many; 0: malformed, or the newest is of another type.
 */
int red_parse(struct reader payload, uint8_t payload_type, struct red_block block[RED_BLOCKS]);
/* 1 to RED_BLOCKS of them in the same order, within the bounds above, or the writer goes bad. */
void red_write(struct writer *w, uint8_t payload_type, const struct red_block *block, int blocks);

#endif
