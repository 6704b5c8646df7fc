#include "picture_buffer.h"

#include <stdlib.h>
#include <string.h>

static void copy_plane(uint8_t *to, const uint8_t *from, int stride, int width, int height) {
  for (int row = 0; row < height; row++)
    memcpy(to + (size_t)row * (size_t)width, from + (ptrdiff_t)row * stride, (size_t)width);
}

bool picture_buffer_resize(struct picture_buffer *buffer, int width, int height) {
  size_t luma = (size_t)width * (size_t)height, need = luma + luma / 2;
  if (need > buffer->room) {
    uint8_t *memory = malloc(need); /* the old content is of no use: no realloc */
    if (!memory)
      return false;
    free(buffer->memory);
    buffer->memory = memory;
    buffer->room = need;
  }
  buffer->picture =
      (struct picture){.width = width,
                       .height = height,
                       .stride = {width, width / 2, width / 2},
                       .plane = {buffer->memory, buffer->memory + luma, buffer->memory + luma + luma / 4}};
  return true;
}

bool picture_buffer_copy(struct picture_buffer *buffer, const struct picture *from) {
  struct picture *to = &buffer->picture;
  if (!picture_buffer_resize(buffer, from->width & ~1, from->height & ~1))
    return false;
  to->captured = from->captured;
  for (int i = 0; i < 3; i++)
    copy_plane(to->plane[i], from->plane[i], from->stride[i], to->stride[i], i ? to->height / 2 : to->height);
  return true;
}

void picture_buffer_deinit(struct picture_buffer *buffer) {
  free(buffer->memory);
  *buffer = (struct picture_buffer){0};
}
