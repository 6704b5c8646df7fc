/* A sealed frame (RFC 9605) under a fixed key: a header that is read is written again the same, and what opens is
 * what the sealer makes of its plaintext. Input: metadata u8, frame. */
#include "../../signaling/sframe.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 1 << 16, KID = 1 };

static size_t read_header(const uint8_t *data, size_t size, struct sframe_header *header) {
  uint8_t again[SFRAME_HEADER_MAX];
  struct reader r = reader_of(data, size);
  struct writer w = writer_of(again, sizeof again);
  if (!sframe_read_header(&r, header))
    return 0;
  sframe_write_header(&w, header);
  size_t header_size = size - r.left;
  if (w.bad || (size_t)(w.at - again) != header_size || memcmp(again, data, header_size) != 0)
    abort();
  return header_size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static uint8_t sealed[ROOM], again[ROOM + SFRAME_OVERHEAD_MAX];
  struct sframe_header header;
  struct sframe_sealer sealer;
  struct sframe_opener opener;
  uint8_t *plain;
  size_t plain_size;
  if (size < 1 || size > ROOM)
    return 0;
  size_t header_size = read_header(data + 1, size - 1, &header);
  memcpy(sealed, data + 1, size - 1);
  if (!sframe_sealer_init(&sealer, SFRAME_AES_256_GCM_SHA512_128, KID, "fuzz", 4) ||
      !sframe_opener_init(&opener, SFRAME_AES_256_GCM_SHA512_128, KID, "fuzz", 4))
    abort();
  if (sframe_open(&opener, data, 1, sealed, size - 1, &plain, &plain_size)) {
    if (header.kid != KID || plain != sealed + header_size || plain_size != size - 1 - header_size - AEAD_TAG_SIZE)
      abort();
    sealer.next = header.ctr;
    if (sframe_seal(&sealer, data, 1, plain, plain_size, again) != size - 1 ||
        memcmp(again, data + 1, size - 1) != 0)
      abort();
  }
  sframe_sealer_deinit(&sealer);
  sframe_opener_deinit(&opener);
  return 0;
}
