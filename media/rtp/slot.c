#include "slot.h"

/*  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |M|           size              |     timestamp (inner) ...     |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |   timestamp                   |  payload (size), then zeros   |
 */
enum { MARKER = 0x8000, TIMESTAMP_AT = 4 };

void slot_wrap(uint8_t *packet, size_t size, size_t slot_size, uint8_t payload_type) {
  struct rtp_header header;
  struct reader payload;
  if (!rtp_parse(packet, size, &header, &payload))
    return;
  size_t inner = payload.left;
  memmove(packet + RTP_HEADER_SIZE + SLOT_HEAD, packet + RTP_HEADER_SIZE, inner);
  struct writer w = writer_of(packet, slot_size);
  rtp_write(&w, &(struct rtp_header){.payload_type = payload_type, .seq = header.seq, .ssrc = header.ssrc});
  write_u16(&w, (header.marker ? MARKER : 0u) | (unsigned)inner);
  write_u32(&w, header.timestamp);
  memset(w.at + inner, 0, w.left - inner);
}

void slot_stamp(uint8_t *packet, uint32_t timestamp) {
  struct writer w = writer_of(packet + TIMESTAMP_AT, sizeof timestamp);
  write_u32(&w, timestamp);
}

bool slot_unwrap(struct rtp_header *header, struct reader *payload, uint8_t payload_type) {
  unsigned size = read_u16(payload);
  header->marker = size & MARKER;
  header->timestamp = read_u32(payload);
  header->payload_type = payload_type;
  const uint8_t *inner = read_span(payload, size & (MARKER - 1u));
  if (!inner)
    return false;
  *payload = reader_of(inner, size & (MARKER - 1u));
  return true;
}
