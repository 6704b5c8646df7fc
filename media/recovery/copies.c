#include "copies.h"

#include "../rtp/red.h"

void copies_keep(struct copies *copies, uint32_t timestamp, const uint8_t *frame, size_t size, int samples) {
  memmove(&copies->copy[1], &copies->copy[0], (COPIES_MAX - 1) * sizeof copies->copy[0]);
  struct copy *newest = &copies->copy[0];
  newest->timestamp = timestamp;
  newest->samples = samples;
  newest->size = size <= COPIES_SIZE ? size : 0;
  memcpy(newest->data, frame, newest->size);
}

/* Number `back` before the frame, when it is as large and as long and lies just so far before it. */
static struct red_block copy_of(const struct copies *copies, int back, uint32_t timestamp,
                                const struct red_block *frame, int samples) {
  const struct copy *copy = &copies->copy[back - 1];
  if (copy->size != frame->size || copy->samples != samples ||
      timestamp - copy->timestamp != (uint32_t)(back * samples))
    return *frame;
  return (struct red_block){.offset = back * samples, .data = copy->data, .size = copy->size};
}

size_t copies_write(struct copies *copies, uint32_t timestamp, const uint8_t *frame, size_t size, int samples,
                    int count, uint8_t payload_type, uint8_t *out, size_t room) {
  struct red_block block[COPIES_MAX + 1] = {{0}};
  struct writer w = writer_of(out, room);
  block[count] = (struct red_block){.data = frame, .size = size};
  for (int back = 1; back <= count; back++)
    block[count - back] = copy_of(copies, back, timestamp, &block[count], samples);
  red_write(&w, payload_type, block, count + 1);
  copies_keep(copies, timestamp, frame, size, samples);
  return w.bad ? 0 : room - w.left;
}
