/* tlv.h - canonical TLV: tag u8, length u16, value, in strictly ascending tags (protocol A.1).
 *
 * A tag below TLV_EXTENSION must be known to its reader; higher ones come last and are skipped. So one content
 * has one encoding: a parser takes the fields it knows in order, ends with tlv_end(), and then compares what it
 * would write itself with what it read (tlv_is_canonical). Bounded by the memory it is given.
 */
#ifndef TLV_H
#define TLV_H
#include "../media/bytes.h"

enum { TLV_HEADER_SIZE = 3, TLV_EXTENSION = 0x80 };

struct tlv {
  struct reader reader;
  const uint8_t *start;
  size_t known; /* bytes of the fields taken so far */
  int last;     /* tag, -1 before the first */
};

struct tlv tlv_of(const void *data, size_t size);
/* Takes the next field when it has this tag; false leaves everything as it was. */
bool tlv_take(struct tlv *tlv, uint8_t tag, struct reader *value);
/* Nothing is left but extensions. */
bool tlv_end(struct tlv *tlv) __attribute__((warn_unused_result));
/* After tlv_end(): is `encoded` exactly the known part of what was read? */
bool tlv_is_canonical(const struct tlv *tlv, const void *encoded, size_t size) __attribute__((warn_unused_result));

/* Writing: the caller keeps tags ascending. */
void tlv_write(struct writer *writer, uint8_t tag, const void *value, size_t size);
void tlv_write_uint(struct writer *writer, uint8_t tag, uint64_t value, int bytes);
/* A value of a length not known yet: write it between these two. */
uint8_t *tlv_begin(struct writer *writer, uint8_t tag);
void tlv_finish(struct writer *writer, uint8_t *begun);

#endif
