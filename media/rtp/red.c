#include "red.h"

/*   0                   1                    2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3  4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |1|  block PT   |  timestamp offset         |   block length      |  of each copy
 *  +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *  |0|  block PT   |  of the newest frame; then the blocks
 */
enum { MORE = 0x80, TYPE = 0x7f, SIZE_BITS = 10 };

struct head {
  uint8_t type;
  int offset;
  size_t size;
};

/* How many blocks; 0: more than there may be, or cut off. */
static int read_heads(struct reader *r, struct head head[RED_BLOCKS]) {
  for (int i = 0; i < RED_BLOCKS; i++) {
    uint8_t first = read_u8(r);
    head[i] = (struct head){.type = first & TYPE};
    if (!(first & MORE))
      return r->bad ? 0 : i + 1;
    uint32_t rest = read_u24(r);
    head[i].offset = (int)(rest >> SIZE_BITS);
    head[i].size = rest & RED_SIZE_MAX;
  }
  return 0;
}

int red_parse(struct reader payload, uint8_t payload_type, struct red_block block[RED_BLOCKS]) {
  struct head head[RED_BLOCKS];
  int heads = read_heads(&payload, head), blocks = 0;
  if (heads == 0 || head[heads - 1].type != payload_type)
    return 0;
  for (int i = 0; i < heads; i++) {
    size_t size = i < heads - 1 ? head[i].size : payload.left;
    const uint8_t *data = read_span(&payload, size);
    if (!data || (i == heads - 1 && size == 0))
      return 0;
    if (head[i].type == payload_type && size > 0)
      block[blocks++] = (struct red_block){.offset = head[i].offset, .data = data, .size = size};
  }
  return blocks;
}

void red_write(struct writer *w, uint8_t payload_type, const struct red_block *block, int blocks) {
  for (int i = 0; i < blocks - 1; i++) {
    w->bad |= block[i].offset < 0 || block[i].offset > RED_OFFSET_MAX || block[i].size > RED_SIZE_MAX;
    write_u8(w, MORE | (unsigned)payload_type);
    write_u24(w, (uint32_t)block[i].offset << SIZE_BITS | (uint32_t)block[i].size);
  }
  write_u8(w, payload_type);
  for (int i = 0; i < blocks; i++)
    write_bytes(w, block[i].data, block[i].size);
}
