#include "vp9_header.h"

enum { SYNC_CODE = 0x498342, SRGB = 7, REFERENCES = 3 };

struct bits {
  const uint8_t *at;
  size_t left; /* bits */
  unsigned used;
  bool bad;
};

static unsigned take(struct bits *b, unsigned count) {
  unsigned value = 0;
  if (b->left < count) {
    b->bad = true;
    return 0;
  }
  b->left -= count;
  for (; count > 0; count--, b->used++)
    value = value << 1 | ((unsigned)b->at[b->used / 8] >> (7 - b->used % 8) & 1);
  return value;
}

/* frames - 1 and the bytes of a size are told by the index's first byte, which is also its last:
 *
 *  0 1 2 3 4 5 6 7
 * +-+-+-+-+-+-+-+-+
 * |1 1 0|SIZ|  N  |
 */
static bool is_superframe(const uint8_t *frame, size_t size) {
  uint8_t last = frame[size - 1];
  size_t index = 2 + (size_t)((last >> 3 & 3) + 1) * ((last & 7) + 1u);
  return (last & 0xe0) == 0xc0 && size >= index && frame[size - index] == last;
}

static void take_size(struct bits *b, struct vp9_header *header) {
  header->width = (int)take(b, 16) + 1;
  header->height = (int)take(b, 16) + 1;
}

/* Colours as they are nearly everywhere; sRGB would need profile 1. */
static bool take_key(struct bits *b, struct vp9_header *header) {
  header->key = true;
  if (take(b, 24) != SYNC_CODE || take(b, 3) == SRGB)
    return false;
  take(b, 1); /* studio or full range */
  take_size(b, header);
  return true;
}

static bool take_intra_only(struct bits *b, struct vp9_header *header) {
  if (take(b, 24) != SYNC_CODE)
    return false;
  take(b, 8); /* what it refreshes */
  take_size(b, header);
  return true;
}

static bool take_inter(struct bits *b, struct vp9_header *header) {
  take(b, 8 + REFERENCES * 4); /* what it refreshes; what it refers to */
  for (int i = 0; i < REFERENCES; i++)
    if (take(b, 1)) /* of this one's size */
      return true;
  take_size(b, header);
  return true;
}

bool vp9_header_read(const uint8_t *frame, size_t size, struct vp9_header *header) {
  *header = (struct vp9_header){0};
  if (size == 0 || size > SIZE_MAX / 8 || is_superframe(frame, size))
    return false;
  struct bits b = {.at = frame, .left = size * 8};
  bool marked = take(&b, 2) == 2, profile_0 = take(&b, 2) == 0, shows_another = take(&b, 1);
  if (!marked || !profile_0 || shows_another) /* which no real-time sender does */
    return false;
  bool inter = take(&b, 1), shown = take(&b, 1), resilient = take(&b, 1), ok;
  if (!inter) {
    ok = take_key(&b, header);
  } else {
    bool intra_only = !shown && take(&b, 1);
    take(&b, resilient ? 0 : 2); /* which contexts it resets */
    ok = intra_only ? take_intra_only(&b, header) : take_inter(&b, header);
  }
  return ok && !b.bad;
}
