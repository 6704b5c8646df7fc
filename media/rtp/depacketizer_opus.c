#include "depacketizer_opus.h"

#include "../bytes.h"

enum { SAMPLES_MAX = 5760, FRAME_BYTES_MAX = 1275 };

/* TOC byte, RFC 6716 section 3.1:  | config | s | c |  with 5, 1 and 2 bits */
static int frame_samples(uint8_t toc) {
  int config = toc >> 3;
  if (config >= 16) /* CELT: 2.5, 5, 10, 20 ms */
    return 120 << (config & 3);
  if (config >= 12) /* hybrid: 10, 20 ms */
    return 480 << (config & 1);
  return (config & 3) == 3 ? 2880 : 480 << (config & 3); /* SILK: 10, 20, 40, 60 ms */
}

static bool read_frame_size(struct reader *r, size_t *size) { /* section 3.2.1: one or two bytes */
  *size = read_u8(r);
  if (*size >= 252)
    *size += (size_t)read_u8(r) * 4;
  return !r->bad;
}

static bool equal_frames(const struct reader *r, size_t frames) { /* R2, R3, R6 */
  return r->left % frames == 0 && r->left / frames <= FRAME_BYTES_MAX;
}

static bool sized_frames(struct reader *r, int frames) { /* R4, R7: all sizes but the last one are told */
  size_t total = 0, size;
  for (int i = 0; i < frames - 1; i++) {
    if (!read_frame_size(r, &size))
      return false;
    total += size;
  }
  return total <= r->left && r->left - total <= FRAME_BYTES_MAX;
}

static bool strip_padding(struct reader *r) { /* section 3.2.5: 255 means 254 and go on */
  size_t padding = 0;
  uint8_t more;
  do {
    more = read_u8(r);
    padding += more == 255 ? 254 : more;
  } while (more == 255 && !r->bad);
  if (r->bad || padding > r->left)
    return false;
  r->left -= padding;
  return true;
}

static int many_frames(struct reader *r) { /* code 3:  | v | p | M |  with 1, 1 and 6 bits; the count, or -1 */
  uint8_t head = read_u8(r);
  int frames = head & 63;
  if (r->bad || frames == 0) /* R5 */
    return -1;
  if (head & 64 && !strip_padding(r))
    return -1;
  bool ok = head & 128 ? sized_frames(r, frames) : equal_frames(r, (size_t)frames);
  return ok ? frames : -1;
}

static int count_frames(struct reader *r, int code) {
  switch (code) {
  case 0:
    return equal_frames(r, 1) ? 1 : -1;
  case 1:
    return equal_frames(r, 2) ? 2 : -1;
  case 2:
    return sized_frames(r, 2) ? 2 : -1;
  default:
    return many_frames(r);
  }
}

int depacketizer_opus_samples(const uint8_t *payload, size_t size) {
  struct reader r = reader_of(payload, size);
  uint8_t toc = read_u8(&r);
  if (r.bad) /* R1 */
    return -1;
  int frames = count_frames(&r, toc & 3);
  int samples = frames * frame_samples(toc);
  return frames > 0 && samples <= SAMPLES_MAX ? samples : -1;
}
