#include "roster_links.h"

#include <string.h>

#include "../../media/bytes.h"

static size_t first_size(const uint8_t *bytes) {
  return 2 + ((size_t)bytes[0] << 8 | bytes[1]);
}

void roster_links_add(struct roster_links *links, const struct roster *newest) {
  while (links->size + 2 + newest->size > sizeof links->bytes) {
    size_t gone = first_size(links->bytes);
    links->size -= gone;
    memmove(links->bytes, links->bytes + gone, links->size);
  }
  struct writer w = writer_of(links->bytes + links->size, sizeof links->bytes - links->size);
  write_u16(&w, (unsigned)newest->size);
  write_bytes(&w, newest->encoded, newest->size);
  links->size += 2 + newest->size;
}

size_t roster_links_split(const uint8_t *bytes, size_t size, struct bytes_view link[ROSTER_LINKS_MAX]) {
  struct reader r = reader_of(bytes, size);
  size_t count = 0;
  while (r.left) {
    size_t one = read_u16(&r);
    const uint8_t *at = read_span(&r, one);
    if (!at || count == ROSTER_LINKS_MAX)
      return 0;
    link[count++] = (struct bytes_view){at, one};
  }
  return count;
}

struct bytes_view roster_links_from(const struct roster_links *links, uint32_t head, uint32_t seq) {
  struct bytes_view link[ROSTER_LINKS_MAX];
  size_t count = roster_links_split(links->bytes, links->size, link);
  if (seq > head || (size_t)(head - seq) >= count)
    return (struct bytes_view){0};
  const uint8_t *from = (const uint8_t *)link[count - 1 - (head - seq)].data - 2;
  return (struct bytes_view){from, (size_t)(links->bytes + links->size - from)};
}

bool roster_links_next(struct bytes_view *rest, size_t max, struct bytes_view *out) {
  const uint8_t *from = rest->data;
  size_t size = 0;
  while (size + 2 <= rest->size && size + first_size(from + size) <= max)
    size += first_size(from + size);
  *out = (struct bytes_view){from, size};
  *rest = (struct bytes_view){from + size, rest->size - size};
  return size > 0;
}

enum roster_verdict roster_links_compare(const struct roster_links *links, const struct roster_head *head,
                                         const struct roster_head *theirs) {
  struct roster_head ours = {.seq = theirs->seq};
  struct bytes_view from = roster_links_from(links, head->seq, theirs->seq);
  enum roster_verdict verdict = roster_compare(head, theirs);
  if (verdict != ROSTER_STALE || from.size == 0)
    return verdict;
  const struct bytes_view one = {(const uint8_t *)from.data + 2, first_size(from.data) - 2};
  crypto_sha256(ours.hash, &one, 1);
  return roster_compare(&ours, theirs) == ROSTER_SAME ? ROSTER_STALE : ROSTER_FORK;
}
