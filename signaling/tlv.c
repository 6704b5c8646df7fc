#include "tlv.h"

struct tlv tlv_of(const void *data, size_t size) {
  return (struct tlv){.reader = reader_of(data, size), .start = data, .last = -1};
}

/* The next field, whatever it is; false: none, not whole, or out of order. */
static bool next(struct reader *reader, int last, uint8_t *tag, struct reader *value) {
  *tag = read_u8(reader);
  size_t size = read_u16(reader);
  const uint8_t *data = read_span(reader, size);
  *value = reader_of(data, data ? size : 0);
  return data && *tag > last;
}

bool tlv_take(struct tlv *tlv, uint8_t tag, struct reader *value) {
  struct reader reader = tlv->reader;
  uint8_t found;
  if (!next(&reader, tlv->last, &found, value) || found != tag)
    return false;
  tlv->known += tlv->reader.left - reader.left;
  tlv->reader = reader;
  tlv->last = tag;
  return true;
}

bool tlv_end(struct tlv *tlv) {
  while (tlv->reader.left) {
    uint8_t tag;
    struct reader value;
    if (!next(&tlv->reader, tlv->last, &tag, &value) || tag < TLV_EXTENSION)
      return false;
    tlv->last = tag;
  }
  return !tlv->reader.bad;
}

bool tlv_is_canonical(const struct tlv *tlv, const void *encoded, size_t size) {
  return size == tlv->known && (size == 0 || memcmp(tlv->start, encoded, size) == 0);
}

void tlv_write(struct writer *writer, uint8_t tag, const void *value, size_t size) {
  if (size > UINT16_MAX) {
    writer->bad = true;
    return;
  }
  write_u8(writer, tag);
  write_u16(writer, (unsigned)size);
  write_bytes(writer, value, size);
}

void tlv_write_uint(struct writer *writer, uint8_t tag, uint64_t value, int bytes) {
  write_u8(writer, tag);
  write_u16(writer, (unsigned)bytes);
  write_uint(writer, value, bytes);
}

uint8_t *tlv_begin(struct writer *writer, uint8_t tag) {
  write_u8(writer, tag);
  return write_span(writer, 2);
}

void tlv_finish(struct writer *writer, uint8_t *begun) {
  if (writer->bad || !begun)
    return;
  size_t size = (size_t)(writer->at - begun) - 2;
  if (size > UINT16_MAX) {
    writer->bad = true;
    return;
  }
  begun[0] = (uint8_t)(size >> 8);
  begun[1] = (uint8_t)size;
}
