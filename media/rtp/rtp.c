#include "rtp.h"

/*  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 * |                           timestamp                           |
 * |           synchronization source (SSRC) identifier            |
 * |            contributing source (CSRC) identifiers ...         |
 * |  [X: profile, length in words, that many words] payload [P]   |
 */
enum { VERSION_BITS = 2 << 6, PADDING_BIT = 1 << 5, EXTENSION_BIT = 1 << 4, CSRC_BITS = 15, MARKER_BIT = 1 << 7 };

static bool strip_padding(struct reader *r) { /* its last byte is its size, that byte included */
  if (r->left == 0)
    return false;
  size_t padding = r->at[r->left - 1];
  if (padding == 0 || padding > r->left)
    return false;
  r->left -= padding;
  return true;
}

static void read_extension(struct reader *r, struct reader *extension) {
  uint16_t profile = read_u16(r);
  size_t size = (size_t)read_u16(r) * 4;
  const uint8_t *at = read_span(r, size);
  if (at && profile == RTP_EXT_ONE_BYTE)
    *extension = reader_of(at, size);
}

bool rtp_parse(const uint8_t *packet, size_t size, struct rtp_header *header, struct reader *payload) {
  struct reader r = reader_of(packet, size);
  uint8_t first = read_u8(&r), second = read_u8(&r);
  header->marker = second & MARKER_BIT;
  header->payload_type = second & (MARKER_BIT - 1);
  header->seq = read_u16(&r);
  header->timestamp = read_u32(&r);
  header->ssrc = read_u32(&r);
  read_span(&r, (size_t)(first & CSRC_BITS) * 4);
  header->extension = reader_of(NULL, 0);
  if (first & EXTENSION_BIT)
    read_extension(&r, &header->extension);
  if (r.bad || first >> 6 != 2)
    return false;
  if (first & PADDING_BIT && !strip_padding(&r))
    return false;
  *payload = r;
  return true;
}

void rtp_write(struct writer *w, const struct rtp_header *header) {
  write_u8(w, VERSION_BITS);
  write_u8(w, (header->marker ? MARKER_BIT : 0u) | header->payload_type);
  write_u16(w, header->seq);
  write_u32(w, header->timestamp);
  write_u32(w, header->ssrc);
}
