#include "y4m.h"

#include <stdio.h>
#include <string.h>

#include "picture.h"

static const char magic[] = "YUV4MPEG2", frame_magic[] = "FRAME";

static size_t refuse(const char **why, const char *text) {
  *why = text;
  return 0;
}

/* The length of the line with its line feed, 0 when it does not end within `max`. */
static size_t line_length(const uint8_t *bytes, size_t size, size_t max) {
  const uint8_t *end = memchr(bytes, '\n', size < max ? size : max);
  return end ? (size_t)(end - bytes) + 1 : 0;
}

/* A number of one to six digits; returns how many bytes it took, 0: none. */
static size_t parse_number(const char *text, size_t size, int *out) {
  size_t n = 0;
  for (*out = 0; n < size && text[n] >= '0' && text[n] <= '9'; n++) {
    if (n == 6)
      return 0;
    *out = *out * 10 + (text[n] - '0');
  }
  return n;
}

static bool parse_side(const char *text, size_t size, int *side) {
  return size && parse_number(text, size, side) == size && picture_side_ok(*side);
}

static bool parse_rate(const char *text, size_t size, struct y4m *y4m) {
  size_t n = parse_number(text, size, &y4m->rate_num);
  if (!n || n == size || text[n] != ':')
    return false;
  size_t m = parse_number(text + n + 1, size - n - 1, &y4m->rate_den);
  return m && n + 1 + m == size && y4m->rate_num >= y4m->rate_den && y4m->rate_den > 0 &&
         y4m->rate_num <= Y4M_RATE_MAX * y4m->rate_den;
}

static bool is_420(const char *text, size_t size) {
  static const char *const known[] = {"420", "420jpeg", "420mpeg2", "420paldv"};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
    if (strlen(known[i]) == size && memcmp(known[i], text, size) == 0)
      return true;
  return false;
}

/* One parameter: a letter and its value. */
static const char *parse_parameter(const char *text, size_t size, struct y4m *y4m) {
  const char *value = text + 1;
  size_t length = size - 1;
  switch (text[0]) {
  case 'W':
    return parse_side(value, length, &y4m->width) ? NULL : "its width is not even or outside 16 to 4096";
  case 'H':
    return parse_side(value, length, &y4m->height) ? NULL : "its height is not even or outside 16 to 4096";
  case 'F':
    return parse_rate(value, length, y4m) ? NULL : "its frame rate is outside 1 to 120";
  case 'C':
    return is_420(value, length) ? NULL : "its colours are not 8-bit 4:2:0";
  case 'I':
    return length == 1 && (*value == 'p' || *value == '?') ? NULL : "it is interlaced";
  case 'A':
  case 'X':
    return NULL;
  default:
    return "its header has an unknown parameter";
  }
}

size_t y4m_parse(const uint8_t *bytes, size_t size, struct y4m *y4m, const char **why) {
  *y4m = (struct y4m){0};
  size_t length = line_length(bytes, size, Y4M_HEADER_MAX), at = sizeof magic - 1;
  if (length <= at || memcmp(bytes, magic, at) != 0)
    return refuse(why, "it is not a YUV4MPEG2 file");
  while (at < length - 1) {
    if (bytes[at] != ' ')
      return refuse(why, "its header is malformed");
    const char *text = (const char *)bytes + ++at;
    size_t n = 0;
    while (text[n] != ' ' && text[n] != '\n')
      n++;
    const char *wrong = n ? parse_parameter(text, n, y4m) : "its header is malformed";
    if (wrong)
      return refuse(why, wrong);
    at += n;
  }
  if (!y4m->width || !y4m->height || !y4m->rate_num)
    return refuse(why, "its header lacks a size or a frame rate");
  return length;
}

size_t y4m_parse_frame(const uint8_t *bytes, size_t size) {
  size_t length = line_length(bytes, size, Y4M_FRAME_MAX), at = sizeof frame_magic - 1;
  if (length <= at || memcmp(bytes, frame_magic, at) != 0 || (bytes[at] != ' ' && bytes[at] != '\n'))
    return 0;
  return length;
}

size_t y4m_header(char header[Y4M_HEADER_MAX], const struct y4m *y4m) {
  return (size_t)snprintf(header, Y4M_HEADER_MAX, "YUV4MPEG2 W%d H%d F%d:%d Ip A1:1 C420jpeg\n", y4m->width,
                          y4m->height, y4m->rate_num, y4m->rate_den);
}
