/* Packets and parity packets (RFC 5109) in any order: kind and length (u8 each), sequence number (u16), bytes. What
 * comes back keeps its bounds, comes once, and never in place of what came. */
#include <stdlib.h>

#include "media/recovery/fec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(struct fec_decoder *decoder, uint8_t *known) {
  uint8_t packet[SESSION_PACKET_MAX];
  struct rtp_header header;
  struct reader payload;
  int64_t seq;
  size_t size;
  for (int i = 0; (size = fec_decoder_poll(decoder, &seq, packet)) != 0; i++) {
    if (size < RTP_HEADER_SIZE || size > SESSION_PACKET_MAX || seq < 0 || seq > 0x1ffff || i >= FEC_WINDOW)
      abort();
    if (known[seq] || seq <= decoder->highest - FEC_WINDOW)
      abort();
    known[seq] = 1;
    if (rtp_parse(packet, size, &header, &payload) && (header.seq != (uint16_t)seq || header.ssrc != decoder->ssrc))
      abort();
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct fec_decoder decoder;
  static uint8_t known[0x20000];
  uint8_t packet[SESSION_PACKET_MAX] = {0x80, 96};
  struct reader r = reader_of(data, size);
  memset(known, 0, sizeof known);
  fec_decoder_init(&decoder, 1);
  while (r.left > 4) {
    bool parity = read_u8(&r) & 1;
    size_t length = read_u8(&r);
    int64_t seq = 0x10000 + read_u16(&r);
    length = length > r.left ? r.left : length;
    const uint8_t *bytes = read_span(&r, length);
    if (parity) {
      fec_decoder_parity(&decoder, seq, reader_of(bytes, length));
    } else {
      memcpy(packet + RTP_HEADER_SIZE, bytes, length);
      fec_decoder_input(&decoder, seq, packet, RTP_HEADER_SIZE + length);
      known[seq] |= decoder.kept[seq % FEC_WINDOW] == seq;
    }
    take(&decoder, known);
  }
  return 0;
}
