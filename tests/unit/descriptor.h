/* descriptor.h - a payload descriptor of video and what is true of its depacketizer whatever bytes there are: each
 * payload lies in a block of its own, so that a read past its end is seen.
 */
#ifndef DESCRIPTOR_H
#define DESCRIPTOR_H
#include "media/video/frame_buffer.h"
#include "unit.h"

typedef bool descriptor_reader(const uint8_t *payload, size_t size, struct video_packet *packet);

enum { DESCRIPTOR_MAX = 32 };

#define DESCRIPTOR_PARSE(read, packet, ...)                                                                        \
  descriptor_parse(read, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}), packet)

static inline bool descriptor_parse(descriptor_reader *read, const uint8_t *payload, size_t size,
                                    struct video_packet *packet) {
  uint8_t *exact;
  need((exact = malloc(size ? size : 1)) != NULL);
  memcpy(exact, payload, size);
  bool ok = read(exact, size, packet);
  if (ok) {
    assert_true(packet->size == 0 || packet->payload == exact + size - packet->size);
    assert_in_range(packet->picture_id + 1, 0, 0x8000);
    assert_in_range(packet->tl0picidx + 1, 0, 0x100);
    assert_in_range(packet->tid, 0, 7);
  }
  free(exact);
  return ok;
}

/* `longest` has all that a descriptor may have, and one byte behind it. */
static inline void descriptor_truncations_are_malformed(descriptor_reader *read, const uint8_t *longest,
                                                        size_t all) {
  struct video_packet packet;
  for (size_t size = 0; size < all; size++)
    assert_false(descriptor_parse(read, longest, size, &packet));
  assert_true(descriptor_parse(read, longest, all, &packet));
  assert_int_equal(packet.size, 1);
}

static inline void descriptor_pairs_stay_in_bounds(descriptor_reader *read, size_t longest) {
  struct video_packet packet;
  uint8_t payload[DESCRIPTOR_MAX];
  memset(payload, 0xff, sizeof payload);
  for (unsigned pair = 0; pair < 0x10000; pair++)
    for (size_t size = 0; size <= longest + 1; size += 1 + size) {
      payload[0] = (uint8_t)(pair >> 8);
      payload[1] = (uint8_t)pair;
      descriptor_parse(read, payload, size, &packet);
    }
}

static inline void descriptor_flips_stay_in_bounds(descriptor_reader *read, const uint8_t *longest, size_t size) {
  struct video_packet packet;
  uint8_t flipped[DESCRIPTOR_MAX];
  for (size_t bit = 0; bit < size * 8; bit++) {
    memcpy(flipped, longest, size);
    flipped[bit / 8] ^= (uint8_t)(1u << bit % 8);
    descriptor_parse(read, flipped, size, &packet);
  }
}

#endif
