/* frame_buffer.h - from received video packets to whole frames that the decoder can use, in decoding order.
 *
 * Packets come in any order (RFC 7741 section 4.5); a frame leaves when it is complete and everything it
 * refers to has left before it. Picture ids that follow each other show that nothing of a picture is missing
 * between them. Any other gap holds back what follows until it is filled, recovery gives it up or
 * FRAME_BUFFER_PATIENCE is over; then only a key frame helps, unless the temporal layers show that nothing
 * of the base layer was lost: such a gap is not waited for long. Bounded by FRAME_BUFFER_PACKETS and
 * FRAME_BUFFER_FRAME_MAX, all of it allocated at new.
 */
#ifndef FRAME_BUFFER_H
#define FRAME_BUFFER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../units.h"

enum {
  FRAME_BUFFER_PACKETS = 1024,         /* a power of two; about 2 s at 5 Mbit/s */
  FRAME_BUFFER_PAYLOAD_MAX = 1200,     /* bytes of one packet's payload */
  FRAME_BUFFER_FRAME_MAX = 512 * 1024, /* bytes of one frame */
};
#define FRAME_BUFFER_PATIENCE     SEC(1) /* for a missing packet, when recovery says nothing */
#define FRAME_BUFFER_KEY_PATIENCE MS(60) /* the same, when a whole key frame already waits behind the gap */
#define FRAME_BUFFER_UPPER_PATIENCE                                                                                \
  MS(100) /* for an upper layer's, from the next base frame on: more is a freeze */
#define FRAME_BUFFER_START_PATIENCE MS(100) /* for a key frame's first packet at the start of a stream */

struct video_packet {     /* one packet's payload without its payload descriptor */
  int64_t seq, rtp_time;  /* unwrapped */
  bool marker;            /* last packet of its frame */
  bool begins_frame;      /* its first: the start of VP8 partition 0, VP9's B bit */
  bool key;               /* known from begins_frame packets only */
  bool layer_sync;        /* VP8's Y bit: refers to the base alone; VP9's U in the base: so do all after it */
  int picture_id;         /* -1: none */
  int tl0picidx;          /* 0..255; -1: none */
  int tid;                /* temporal layer; 0: base layer, or none told */
  const uint8_t *payload; /* copied */
  size_t size;            /* 0: nothing but padding; it only closes the gap in the sequence */
  usec arrival;
};

struct video_frame {
  uint8_t *data; /* the buffer's memory, valid until its next call */
  size_t size;
  int64_t rtp_time;
  usec arrival; /* of its last packet to arrive */
  bool key;
};

struct frame_buffer_stats {
  int64_t frames_assembled, key_frames_assembled; /* handed out */
  int64_t frames_dropped;                         /* began to arrive but were never handed out */
  int64_t frames_lost; /* numbered by the sender and never handed out, though a later one was */
  int64_t packets_late, packets_duplicated, packets_refused;
};

struct frame_buffer *frame_buffer_new(void); /* NULL: no memory */
void frame_buffer_free(struct frame_buffer *fb);
void frame_buffer_input(struct frame_buffer *fb, usec now, const struct video_packet *packet);
/* Recovery asks no more for this packet: what waits for it need not wait any longer. */
void frame_buffer_give_up(struct frame_buffer *fb, int64_t seq);
bool frame_buffer_poll(struct frame_buffer *fb, usec now, struct video_frame *out); /* false: none is ready */
usec frame_buffer_deadline(const struct frame_buffer *fb);
/* The first packet that may still be of use. */
int64_t frame_buffer_next(const struct frame_buffer *fb);
/* Nothing can be decoded before a key frame and none is on its way. Look after polling; asking is the caller's. */
bool frame_buffer_needs_key(const struct frame_buffer *fb);
const struct frame_buffer_stats *frame_buffer_stats(const struct frame_buffer *fb);

#endif
