#include "packetizer_vp8.h"

/* Written: X, I and, with layers, L and T:
 *
 *    0 1 2 3 4 5 6 7
 *   +-+-+-+-+-+-+-+-+
 *   |X|R|N|S|R| PID |
 *   |I|L|T|K| RSV   |
 *   |M| PictureID   |  15 bits
 *   |   PictureID   |
 *   |   TL0PICIDX   |  with L
 *   |TID|Y| KEYIDX  |  with T
 */
enum { X_BIT = 0x80, S_BIT = 0x10, I_BIT = 0x80, L_BIT = 0x40, T_BIT = 0x20, Y_BIT = 0x20, M_BIT = 0x8000 };

static size_t descriptor_size(const struct packetizer_video *p, bool key, int temporal_id) {
  (void)p, (void)key;
  return temporal_id == VIDEO_NO_LAYERS ? 4 : 6;
}

static void write_descriptor(const struct packetizer_video *p, struct writer *w) {
  bool layers = p->temporal_id != VIDEO_NO_LAYERS;
  write_u8(w, X_BIT | (p->first ? S_BIT : 0u));
  write_u8(w, layers ? I_BIT | L_BIT | T_BIT : I_BIT);
  write_u16(w, M_BIT | p->picture_id);
  if (layers) { /* Y: an upper frame leans on the base layer alone */
    write_u8(w, p->tl0picidx);
    write_u8(w, (unsigned)p->temporal_id << 6 | (p->temporal_id > 0 ? Y_BIT : 0u));
  }
}

const struct payload_descriptor payload_descriptor_vp8 = {descriptor_size, write_descriptor};
