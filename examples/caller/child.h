/* child.h - another process of this program (or the server), driven through its standard input and output.
 *
 * Its secret goes over a pipe on descriptor 3, its errors into a log file. Every line of JSON that it prints is
 * kept in `seen`. Whoever starts one ends it: child_end() asks with SIGTERM, waits, then kills, and reaps.
 * A child whose parent dies gets SIGTERM.
 */
#ifndef CHILD_H
#define CHILD_H
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lines.h"

enum { CHILD_SECRET_FD = 3 };

struct child {
  pid_t pid; /* 0: not started, or reaped */
  int in, out;
  int status; /* its exit code once it is reaped; 128 + signal when one killed it; -1 before */
  json_t *seen;
  struct lines lines;
};

/* argv[0] is looked for in PATH when it has no slash. `secret` and `log` may be NULL. */
bool child_start(struct child *child, char *const argv[], const char *secret, const char *log);
bool child_send(struct child *child, const char *line);
/* Reads what comes until `deadline` or until one line was read; false: time is up, it ended, or a signal came. */
bool child_read(struct child *child, int64_t deadline);
/* Waits for an event with that name, and that value of `key` when key is not NULL, among what was not awaited
 * before (`from` remembers the place; NULL: from the beginning). Borrowed; NULL: it did not come. */
json_t *child_await(struct child *child, size_t *from, const char *event, const char *key, const char *value,
                    int64_t deadline);
/* The last event of that name so far; borrowed. */
json_t *child_last(const struct child *child, const char *event);
/* Waits for its end; its exit code, -1 when it does not end in time. */
int child_wait(struct child *child, int64_t deadline);
void child_end(struct child *child);

#endif
