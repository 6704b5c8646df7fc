/* lines.h - lines from a file descriptor that poll() says is readable.
 *
 * A line of LINES_MAX bytes or more is dropped whole and counted. A last line without an end still counts as one.
 */
#ifndef LINES_H
#define LINES_H
#include <stdbool.h>
#include <stddef.h>

enum { LINES_MAX = 65536 };

struct lines {
  int fd;
  bool ended;    /* nothing more will come */
  bool skipping; /* inside a line that is too long */
  long dropped;
  size_t used, taken; /* of text; taken: bytes of the line handed out before */
  char text[LINES_MAX];
};

void lines_init(struct lines *lines, int fd);
/* Reads what is there, once. */
void lines_read(struct lines *lines);
/* The next whole line without its end, valid until the next call on it; NULL: none yet. */
const char *lines_next(struct lines *lines);
/* The line handed out last is the next again. */
void lines_put_back(struct lines *lines);

#endif
