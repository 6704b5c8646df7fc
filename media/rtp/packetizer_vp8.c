#include "packetizer_vp8.h"

#include "rtp.h"

/* The payload descriptor, RFC 7741 section 4.2 (written: X, I and, with layers, L and T):
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
enum { X_BIT = 0x80, S_BIT = 0x10, I_BIT = 0x80, L_BIT = 0x40, T_BIT = 0x20, M_BIT = 0x8000 };

static size_t descriptor_size(int temporal_id) {
  return temporal_id == VP8_NO_LAYERS ? 4 : 6;
}

static size_t room(const struct packetizer_vp8 *p, int temporal_id) {
  return p->packet_max - RTP_HEADER_SIZE - descriptor_size(temporal_id);
}

void packetizer_vp8_init(struct packetizer_vp8 *p, uint8_t payload_type, uint32_t ssrc, struct random *random) {
  *p = (struct packetizer_vp8){
      .payload_type = payload_type,
      .ssrc = ssrc,
      .timestamp_offset = (uint32_t)random_next(random),
      .seq = random_below(random, 0x8000), /* no wrap within the first packets: SRTP guesses the cycle */
      .picture_id = (uint16_t)random_below(random, 0x8000),
      .tl0picidx = (uint8_t)random_below(random, 0x100),
      .packet_max = SESSION_PACKET_MAX,
  };
}

int packetizer_vp8_count(const struct packetizer_vp8 *p, size_t size, int temporal_id) {
  return (int)((size + room(p, temporal_id) - 1) / room(p, temporal_id));
}

void packetizer_vp8_begin(struct packetizer_vp8 *p, usec captured, const uint8_t *frame, size_t size,
                          int temporal_id) {
  p->at = frame;
  p->left = size;
  p->packets_left = packetizer_vp8_count(p, size, temporal_id);
  p->first = true;
  p->temporal_id = temporal_id;
  p->timestamp = p->timestamp_offset + (uint32_t)(uint64_t)(captured * 9 / 100);
  p->picture_id = (p->picture_id + 1) & 0x7fff;
  if (temporal_id == 0)
    p->tl0picidx++;
}

static void write_descriptor(const struct packetizer_vp8 *p, struct writer *w) {
  bool layers = p->temporal_id != VP8_NO_LAYERS;
  write_u8(w, X_BIT | (p->first ? S_BIT : 0u));
  write_u8(w, layers ? I_BIT | L_BIT | T_BIT : I_BIT);
  write_u16(w, M_BIT | p->picture_id);
  if (layers) {
    write_u8(w, p->tl0picidx);
    write_u8(w, (unsigned)p->temporal_id << 6);
  }
}

size_t packetizer_vp8_next(struct packetizer_vp8 *p, uint8_t packet[SESSION_PACKET_MAX]) {
  if (p->packets_left == 0)
    return 0;
  size_t size = p->left / (size_t)p->packets_left; /* equal sizes: the last ones are a byte longer */
  struct writer w = writer_of(packet, SESSION_PACKET_MAX);
  rtp_write(&w, &(struct rtp_header){.marker = p->packets_left == 1,
                                     .payload_type = p->payload_type,
                                     .seq = (uint16_t)p->seq,
                                     .timestamp = p->timestamp,
                                     .ssrc = p->ssrc});
  write_descriptor(p, &w);
  write_bytes(&w, p->at, size);
  p->seq++;
  p->at += size;
  p->left -= size;
  p->packets_left--;
  p->first = false;
  return SESSION_PACKET_MAX - w.left;
}
