#include "text.h"

#include <stdint.h>

bool text_is_ice(const char *text, size_t size) {
  for (size_t i = 0; i < size; i++) {
    char c = text[i];
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(c >= '0' && c <= '9') && c != '+' && c != '/')
      return false;
  }
  return true;
}

/* One character from `text`, its length into *used; 0 (which is no valid character of a name) when it is not
 * the one shortest encoding of a scalar value. */
static uint32_t next_char(const uint8_t *text, size_t left, size_t *used) {
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  uint8_t first = text[0];
  size_t size = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 0;
  if (size == 0 || size > left)
    return 0;
  uint32_t c = size == 1 ? first : first & (0x7fu >> size);
  for (size_t i = 1; i < size; i++) {
    if (text[i] >> 6 != 2)
      return 0;
    c = c << 6 | (text[i] & 0x3fu);
  }
  *used = size;
  bool surrogate = c >= 0xd800 && c < 0xe000;
  return c < least[size] || c > 0x10ffff || surrogate ? 0 : c;
}

static bool may_be_shown(uint32_t c) {
  static const struct {
    uint32_t first, last;
  } refused[] = {
      {0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},     {0x061c, 0x061c},   {0x180e, 0x180e},
      {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff},   {0xfff9, 0xfffb},
      {0xfdd0, 0xfdef}, {0xfffe, 0xffff}, {0xe000, 0xf8ff}, {0xe0000, 0xe0fff}, {0xf0000, 0x10ffff},
  };
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
    if (c >= refused[i].first && c <= refused[i].last)
      return false;
  return true;
}

bool text_is_name(const char *text, size_t size) {
  const uint8_t *at = (const uint8_t *)text;
  while (size) {
    size_t used = 0;
    if (!may_be_shown(next_char(at, size, &used)))
      return false;
    at += used;
    size -= used;
  }
  return true;
}
