/* codel.h - when a queue that stands should drop from its head (RFC 8289): target 5 ms, interval 100 ms.
 *
 * Asked at each packet that leaves the queue, with how long it waited; keeps its state in integers.
 */
#ifndef CODEL_H
#define CODEL_H
#include <stdbool.h>

#include "media/units.h"

struct codel {
  usec above_since; /* when the wait may first be called standing; 0: it is below target */
  usec drop_next;
  int count, last_count;
  bool dropping;
};

/* true: drop this packet and look at the next. `last`: nothing is queued behind it. */
bool codel_drops(struct codel *codel, usec now, usec waited, bool last);

#endif
