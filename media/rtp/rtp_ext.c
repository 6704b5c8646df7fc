#include "rtp_ext.h"

/*  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |            0xBEDE             |       length in words         |
 * |  ID   | len-1 |         len bytes, padding of zeros ...       |
 */
enum { EXTENSION_BIT = 1 << 4, ID_PADDING = 0, ID_STOP = 15, VALUE_AT = RTP_HEADER_SIZE + 5 };

bool rtp_ext_find(struct reader extension, int id, struct reader *value) {
  while (extension.left > 0) {
    uint8_t head = read_u8(&extension);
    if (head >> 4 == ID_STOP)
      return false;
    if (head == ID_PADDING)
      continue;
    size_t size = (size_t)(head & 15) + 1;
    const uint8_t *at = read_span(&extension, size);
    if (!at)
      return false;
    *value = reader_of(at, size);
    if (head >> 4 == id)
      return true;
  }
  return false;
}

void rtp_ext_insert(uint8_t *packet, size_t size, int id) {
  memmove(packet + RTP_HEADER_SIZE + RTP_EXT_SIZE, packet + RTP_HEADER_SIZE, size - RTP_HEADER_SIZE);
  packet[0] |= EXTENSION_BIT;
  struct writer w = writer_of(packet + RTP_HEADER_SIZE, RTP_EXT_SIZE);
  write_u16(&w, RTP_EXT_ONE_BYTE);
  write_u16(&w, 1);
  write_u8(&w, (unsigned)id << 4 | 1);
  write_u24(&w, 0);
}

void rtp_ext_set(uint8_t *packet, uint16_t value) {
  struct writer w = writer_of(packet + VALUE_AT, 2);
  write_u16(&w, value);
}

void rtp_ext_clear(uint8_t *packet, size_t size, int id) {
  struct rtp_header header;
  struct reader payload, value;
  if (rtp_parse(packet, size, &header, &payload) && rtp_ext_find(header.extension, id, &value))
    memset(packet + (value.at - packet), 0, value.left);
}
