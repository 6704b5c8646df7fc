/* copies.h - the last frames of sound that were sent, for the packets after them to carry along (RFC 2198).
 *
 * A packet's size tells how many copies it has and nothing else: a copy that there is not (the first packets, a
 * pause, another frame length) is replaced by the newest frame once more, which receivers take for a duplicate.
 * Bounded by COPIES_MAX frames of COPIES_SIZE bytes; larger frames go alone.
 */
#ifndef COPIES_H
#define COPIES_H
#include "../bytes.h"

enum {
  COPIES_MAX = 3,    /* in one packet: 30 ms of 10 ms frames, at 230 bytes on the wire */
  COPIES_SIZE = 300, /* bytes: 60 ms at 32 kbit/s, and some more */
};

struct copies {
  struct copy {
    uint32_t timestamp;
    int samples;
    size_t size; /* 0: none */
    uint8_t data[COPIES_SIZE];
  } copy[COPIES_MAX]; /* the newest first */
};

/* The payload of the packet with `count` copies before the frame itself, and keeps that for the next ones. The
 * payload's size; 0: no room for it. */
size_t copies_write(struct copies *copies, uint32_t timestamp, const uint8_t *frame, size_t size, int samples,
                    int count, uint8_t payload_type, uint8_t *out, size_t room);
/* Keeps a frame that leaves alone. */
void copies_keep(struct copies *copies, uint32_t timestamp, const uint8_t *frame, size_t size, int samples);

#endif
