/* hex.h - vectors are written as they were published. */
#ifndef VECTORS_HEX_H
#define VECTORS_HEX_H
#include <stddef.h>
#include <stdint.h>

static inline int hex_digit(char c) {
  return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* Bytes written; the text is trusted. */
static inline size_t unhex(uint8_t *out, const char *text) {
  size_t size = 0;
  for (; text[0] && text[1]; text += 2)
    out[size++] = (uint8_t)(hex_digit(text[0]) << 4 | hex_digit(text[1]));
  return size;
}

#endif
