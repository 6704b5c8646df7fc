#include "petname.h"

#include <stdint.h>
#include <string.h>

/* One code point of well-formed UTF-8 (RFC 3629: shortest form, no surrogates), or -1. */
static int32_t next_code_point(const uint8_t **at, size_t *left) {
  uint8_t lead = (*at)[0];
  size_t size = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (size == 0 || size > *left)
    return -1;
  int32_t code = size == 1 ? lead : lead & (0x7f >> size);
  for (size_t i = 1; i < size; i++) {
    if (((*at)[i] & 0xc0) != 0x80)
      return -1;
    code = code << 6 | ((*at)[i] & 0x3f);
  }
  static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < least[size] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    return -1;
  *at += size;
  *left -= size;
  return code;
}

/* Unicode's Cc, line and paragraph separators, and the bidirectional controls. */
static bool is_forbidden(int32_t code) {
  return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0x061c || code == 0x200e || code == 0x200f ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

bool utf8_valid(const char *text, size_t size) {
  const uint8_t *at = (const uint8_t *)text;
  while (size > 0)
    if (next_code_point(&at, &size) < 0)
      return false;
  return true;
}

bool petname_valid(const char *name) {
  size_t left = strnlen(name, PETNAME_SIZE);
  if (left == 0 || left == PETNAME_SIZE)
    return false;
  const uint8_t *at = (const uint8_t *)name;
  bool visible = false;
  while (left > 0) {
    int32_t code = next_code_point(&at, &left);
    if (code < 0 || is_forbidden(code))
      return false;
    visible |= code != ' ' && code != 0xa0;
  }
  return visible;
}
