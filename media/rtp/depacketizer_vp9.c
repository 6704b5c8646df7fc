#include "depacketizer_vp9.h"

#include "../bytes.h"

/*    0 1 2 3 4 5 6 7
 *   +-+-+-+-+-+-+-+-+
 *   |I|P|L|F|B|E|V|Z|
 *   |M| PictureID   |  with I: 7 bits, or 15 with M
 *   |   PictureID   |
 *   | TID |U| SID |D|  with L
 *   |   TL0PICIDX   |  with L, without F
 *   |   P_DIFF    |N|  with F and P: up to three, N: another follows
 *   | N_S |Y|G| RSV |  with V
 *   |     WIDTH     |  with Y, N_S + 1 times: 16 bits of each
 *   |     HEIGHT    |
 *   |      N_G      |  with G
 *   | TID |U| R |RSV|  N_G times
 *   |    P_DIFF     |  R times
 */
enum { I_BIT = 0x80, P_BIT = 0x40, L_BIT = 0x20, F_BIT = 0x10, B_BIT = 0x08, E_BIT = 0x04, V_BIT = 0x02 };
enum { M_BIT = 0x80, TID_SHIFT = 5, U_BIT = 0x10, SID_SHIFT = 1, SID_BITS = 0x07, N_BIT = 0x01 };
enum { N_S_SHIFT = 5, Y_BIT = 0x10, G_BIT = 0x08, R_SHIFT = 2, R_BITS = 0x03, REFERENCES_MAX = 3 };
enum { VP9_INTER_FRAME_BITS = 0x0c }; /* of a frame's first byte: it shows another, or is no key frame */

static int read_picture_id(struct reader *r) {
  int id = read_u8(r);
  return id & M_BIT ? (id & ~M_BIT) << 8 | read_u8(r) : id;
}

static int read_layers(struct reader *r, bool flexible, struct video_packet *packet) { /* the spatial one */
  uint8_t layers = read_u8(r);
  packet->tid = layers >> TID_SHIFT;
  packet->layer_sync = layers & U_BIT && packet->tid == 0; /* of an upper one it tells of others, not of itself */
  if (!flexible)
    packet->tl0picidx = read_u8(r);
  return layers >> SID_SHIFT & SID_BITS;
}

static bool skip_references(struct reader *r) {
  for (int i = 0; i < REFERENCES_MAX; i++)
    if (!(read_u8(r) & N_BIT))
      return true;
  return false;
}

static void skip_structure(struct reader *r) {
  uint8_t first = read_u8(r);
  if (first & Y_BIT)
    read_span(r, 4 * ((size_t)(first >> N_S_SHIFT) + 1));
  int pictures = first & G_BIT ? read_u8(r) : 0;
  for (int i = 0; i < pictures && !r->bad; i++)
    read_span(r, read_u8(r) >> R_SHIFT & R_BITS);
}

bool depacketizer_vp9(const uint8_t *payload, size_t size, struct video_packet *packet) {
  struct reader r = reader_of(payload, size);
  *packet = (struct video_packet){.picture_id = -1, .tl0picidx = -1};
  uint8_t first = read_u8(&r);
  bool flexible = first & F_BIT;
  if (first & I_BIT)
    packet->picture_id = read_picture_id(&r);
  int spatial = first & L_BIT ? read_layers(&r, flexible, packet) : 0;
  bool well = !(flexible && first & P_BIT) || skip_references(&r);
  if (first & V_BIT)
    skip_structure(&r);
  if (!well || r.bad || r.left == 0)
    return false;
  if (spatial > 0)
    return true;
  packet->begins_frame = first & B_BIT;
  packet->marker = first & E_BIT;
  packet->key = packet->begins_frame && !(first & P_BIT) && !(r.at[0] & VP9_INTER_FRAME_BITS);
  packet->payload = r.at;
  packet->size = r.left;
  return true;
}
