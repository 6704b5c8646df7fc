/* phone.h - the engine of one identity, together with the person or script at the other end of standard input.
 *
 * Opens the store, waits for the server at most PHONE_ONLINE_S seconds, and hands out one thing at a time:
 * an event (already printed), a line that was typed, or that a signal came.
 */
#ifndef PHONE_H
#define PHONE_H
#include <stdbool.h>
#include <stdint.h>

#include "lines.h"
#include "options.h"
#include "sotto.h"

enum { PHONE_ONLINE_S = 10 };

struct phone {
  const struct options *options;
  sotto_engine *engine;
  struct lines input;
  bool holding; /* what is typed waits until there is somebody to read it */
};

enum wake { WAKE_EVENT, WAKE_LINE, WAKE_STOP, WAKE_TIMEOUT };

/* 0, or an exit code, complained of. Without `online` no server is needed or asked. */
int phone_open(struct phone *phone, const struct options *options, bool online);
void phone_close(struct phone *phone);
/* Until `deadline` (of clock.h). *line is valid until the next call. */
enum wake phone_wait(struct phone *phone, int64_t deadline, sotto_event *event, const char **line);
/* By petname, ID or contact URI; EXIT_NO_CONTACT when there is none. */
int phone_find(struct phone *phone, const char *name, sotto_contact *contact);
/* All contacts, to be freed; NULL: none (or no memory, complained of). */
sotto_contact *phone_contacts(struct phone *phone, size_t *count);
int phone_stopped(void); /* the exit code of the signal that came */

#endif
