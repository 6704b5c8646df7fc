#include "packetizer_vp9.h"

/* Written: I, L, and P but for key frames; V at a key frame's start; F and Z never.
 *
 *    0 1 2 3 4 5 6 7
 *   +-+-+-+-+-+-+-+-+
 *   |I|P|L|F|B|E|V|Z|  B: a frame's first packet, E: its last
 *   |M| PictureID   |  15 bits
 *   |   PictureID   |
 *   | TID |U| SID |D|  U with layers, SID 0, no D
 *   |   TL0PICIDX   |
 *   | N_S |Y|G| RSV |  with V: one spatial layer (N_S 0) of untold size (no Y), a picture group (G)
 *   |      N_G      |  of one picture, or of two that take turns
 *   | TID |U| R |RSV|  each with one reference (R),
 *   |    P_DIFF     |  the last picture of the base layer
 *
 * U: no later picture leans on an upper one.
 */
enum { I_BIT = 0x80, P_BIT = 0x40, L_BIT = 0x20, B_BIT = 0x08, E_BIT = 0x04, V_BIT = 0x02, M_BIT = 0x8000 };
enum { G_BIT = 0x08, U_BIT = 0x10, ONE_REFERENCE = 1 << 2, TID_SHIFT = 5 };
enum { SIZE = 5, STRUCTURE_SIZE = 4, STRUCTURE_LAYERED_SIZE = 6 };

static bool has_layers(const struct packetizer_video *p, int temporal_id) {
  return p->layered && temporal_id != VIDEO_NO_LAYERS;
}

static size_t descriptor_size(const struct packetizer_video *p, bool key, int temporal_id) {
  return SIZE + (!key ? 0u : has_layers(p, temporal_id) ? STRUCTURE_LAYERED_SIZE : STRUCTURE_SIZE);
}

static void write_structure(struct writer *w, bool layers) {
  write_u8(w, G_BIT);
  write_u8(w, layers ? 2 : 1);
  write_u8(w, ONE_REFERENCE | (layers ? U_BIT : 0u));
  write_u8(w, layers ? 2 : 1);
  if (!layers)
    return;
  write_u8(w, 1u << TID_SHIFT | ONE_REFERENCE | U_BIT);
  write_u8(w, 1);
}

static void write_descriptor(const struct packetizer_video *p, struct writer *w) {
  bool structure = p->first && p->key, layers = has_layers(p, p->temporal_id);
  write_u8(w, I_BIT | L_BIT | (p->key ? 0u : P_BIT) | (p->first ? B_BIT : 0u) |
                  (packetizer_video_last(p) ? E_BIT : 0u) | (structure ? V_BIT : 0u));
  write_u16(w, M_BIT | p->picture_id);
  write_u8(w,
           p->temporal_id == VIDEO_NO_LAYERS ? 0u : (unsigned)p->temporal_id << TID_SHIFT | (layers ? U_BIT : 0u));
  write_u8(w, p->tl0picidx);
  if (structure)
    write_structure(w, layers);
}

const struct payload_descriptor payload_descriptor_vp9 = {descriptor_size, write_descriptor};
