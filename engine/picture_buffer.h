/* picture_buffer.h - memory of one I420 picture, kept from picture to picture: it allocates only to grow. */
#ifndef PICTURE_BUFFER_H
#define PICTURE_BUFFER_H
#include <stdbool.h>
#include <stddef.h>

#include "../media/codec/codec.h"

struct picture_buffer {
  struct picture picture; /* its planes lie in memory */
  uint8_t *memory;
  size_t room;
};

/* Room for a picture of this size, both even, whose content is not set; false: no memory. */
bool picture_buffer_resize(struct picture_buffer *buffer, int width, int height);
/* Copies all of it, at even width and height (an odd last column or row is left out); false: no memory. */
bool picture_buffer_copy(struct picture_buffer *buffer, const struct picture *from);
void picture_buffer_deinit(struct picture_buffer *buffer);

#endif
