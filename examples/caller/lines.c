#include "lines.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void lines_init(struct lines *lines, int fd) {
  lines->fd = fd;
  lines->ended = lines->skipping = false;
  lines->dropped = 0;
  lines->used = lines->taken = 0;
}

static void forget_taken(struct lines *lines) {
  memmove(lines->text, lines->text + lines->taken, lines->used - lines->taken);
  lines->used -= lines->taken;
  lines->taken = 0;
}

void lines_read(struct lines *lines) {
  forget_taken(lines);
  if (lines->used == sizeof lines->text - 1) { /* full, and no line in it */
    lines->used = 0;
    lines->dropped += !lines->skipping;
    lines->skipping = true;
  }
  ssize_t n = read(lines->fd, lines->text + lines->used, sizeof lines->text - 1 - lines->used);
  if (n > 0)
    lines->used += (size_t)n;
  else if (n == 0 || (errno != EINTR && errno != EAGAIN))
    lines->ended = true;
}

static const char *take(struct lines *lines, size_t length, size_t with_end) {
  char *line = lines->text;
  line[length] = 0;
  if (length && line[length - 1] == '\r')
    line[length - 1] = 0;
  lines->taken = with_end;
  return line;
}

const char *lines_next(struct lines *lines) {
  forget_taken(lines);
  char *end = memchr(lines->text, '\n', lines->used);
  if (end && lines->skipping) { /* the tail of what was too long */
    lines->taken = (size_t)(end - lines->text) + 1;
    lines->skipping = false;
    return lines_next(lines);
  }
  if (end)
    return take(lines, (size_t)(end - lines->text), (size_t)(end - lines->text) + 1);
  if (lines->ended && lines->used && !lines->skipping)
    return take(lines, lines->used, lines->used);
  return NULL;
}

void lines_put_back(struct lines *lines) {
  if (lines->taken && !lines->text[lines->taken - 1])
    lines->text[lines->taken - 1] = '\n';
  lines->taken = 0;
}
