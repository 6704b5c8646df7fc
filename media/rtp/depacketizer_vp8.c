#include "depacketizer_vp8.h"

#include "../bytes.h"

enum { X_BIT = 0x80, S_BIT = 0x10, PID_BITS = 0x07 };                           /* first byte */
enum { I_BIT = 0x80, L_BIT = 0x40, T_BIT = 0x20, K_BIT = 0x10 };                /* extension byte */
enum { M_BIT = 0x80, Y_BIT = 0x20, TID_SHIFT = 6, VP8_INTER_FRAME_BIT = 0x01 }; /* the rest */

static int read_picture_id(struct reader *r) { /* 7 bits, or 15 with the M bit */
  int id = read_u8(r);
  return id & M_BIT ? (id & ~M_BIT) << 8 | read_u8(r) : id;
}

static void read_extension(struct reader *r, struct video_packet *packet) {
  uint8_t extension = read_u8(r);
  if (extension & I_BIT)
    packet->picture_id = read_picture_id(r);
  int tl0picidx = extension & L_BIT ? read_u8(r) : -1;
  uint8_t layer = extension & (T_BIT | K_BIT) ? read_u8(r) : 0;
  if (!(extension & T_BIT)) /* without TID the byte holds only KEYIDX, and TL0PICIDX means nothing */
    return;
  packet->tl0picidx = tl0picidx;
  packet->tid = layer >> TID_SHIFT;
  packet->layer_sync = layer & Y_BIT;
}

bool depacketizer_vp8(const uint8_t *payload, size_t size, struct video_packet *packet) {
  struct reader r = reader_of(payload, size);
  *packet = (struct video_packet){.picture_id = -1, .tl0picidx = -1};
  uint8_t first = read_u8(&r);
  if (first & X_BIT)
    read_extension(&r, packet);
  if (r.bad || r.left == 0)
    return false;
  packet->begins_frame = first & S_BIT && (first & PID_BITS) == 0;
  /* The VP8 payload header (section 4.3) begins with the frame tag, whose lowest bit is 0 in a key frame. */
  packet->key = packet->begins_frame && !(r.at[0] & VP8_INTER_FRAME_BIT);
  packet->payload = r.at;
  packet->size = r.left;
  return true;
}
