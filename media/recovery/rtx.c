#include "rtx.h"

enum { PADDING_BIT = 0x20, MARKER_BIT = 0x80, TYPE_AT = 1, TIMESTAMP_AT = 4, TIMESTAMP_SIZE = 4 };

size_t rtx_write(const struct rtp_header *original, struct reader payload, const struct rtp_header *around,
                 uint8_t *out, size_t room) {
  struct rtp_header header = *original;
  struct writer w = writer_of(out, room);
  header.payload_type = around->payload_type;
  header.seq = around->seq;
  header.ssrc = around->ssrc;
  rtp_write(&w, &header);
  write_u16(&w, original->seq);
  write_bytes(&w, payload.at, payload.left);
  return w.bad ? 0 : room - w.left;
}

size_t rtx_read(const uint8_t *data, size_t size, uint8_t payload_type, uint32_t ssrc, uint8_t *out, size_t room) {
  struct rtp_header header;
  struct reader payload;
  struct writer w = writer_of(out, room);
  if (!rtp_parse(data, size, &header, &payload))
    return 0;
  size_t head = (size_t)(payload.at - data);
  uint16_t seq = read_u16(&payload);
  if (payload.bad || payload.left == 0)
    return 0;
  write_u8(&w, data[0] & ~(unsigned)PADDING_BIT); /* it is stripped */
  write_u8(&w, (data[TYPE_AT] & (unsigned)MARKER_BIT) | payload_type);
  write_u16(&w, seq);
  write_bytes(&w, data + TIMESTAMP_AT, TIMESTAMP_SIZE);
  write_u32(&w, ssrc);
  write_bytes(&w, data + RTP_HEADER_SIZE, head - RTP_HEADER_SIZE);
  write_bytes(&w, payload.at, payload.left);
  return w.bad ? 0 : room - w.left;
}
