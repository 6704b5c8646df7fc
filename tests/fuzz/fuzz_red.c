/* A payload with copies (RFC 2198): what is taken lies within it, in order, and written again reads the same. */
#include <stdlib.h>

#include "media/rtp/red.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  enum { OPUS = 111 };
  static uint8_t out[RED_BLOCKS * (RED_SIZE_MAX + RED_HEAD) + 4096];
  struct red_block block[RED_BLOCKS], again[RED_BLOCKS];
  int blocks = red_parse(reader_of(data, size), OPUS, block);
  const uint8_t *end = data;
  for (int i = 0; i < blocks; i++) {
    if (block[i].data < end || block[i].size == 0 || block[i].offset < 0 || block[i].offset > RED_OFFSET_MAX)
      abort();
    end = block[i].data + block[i].size;
  }
  if (blocks == 0 || size > 4096)
    return 0;
  if (end != data + size || block[blocks - 1].offset != 0)
    abort();
  struct writer w = writer_of(out, sizeof out);
  red_write(&w, OPUS, block, blocks);
  if (w.bad || red_parse(reader_of(out, sizeof out - w.left), OPUS, again) != blocks)
    abort();
  for (int i = 0; i < blocks; i++)
    if (again[i].offset != block[i].offset || again[i].size != block[i].size ||
        memcmp(again[i].data, block[i].data, block[i].size) != 0)
      abort();
  return 0;
}
