/* putting.h - cells on their way to the server: those not sent yet, and those sent lately, which may be put again.
 *
 * A ring in the order of putting. A cell's ttl runs from the moment it was put, so what waited for a connection
 * asks the server for the rest only. Bounded by PUTTING_SIZE; what nobody has sent is never overwritten.
 */
#ifndef PUTTING_H
#define PUTTING_H
#include <stdbool.h>
#include <stdint.h>

#include "../media/units.h"
#include "frame.h"

enum { PUTTING_SIZE = 64, PUTTING_TRIES = 4 };

struct putting {
  struct putting_cell {
    uint8_t mailbox[MAILBOX_SIZE], cell[CELL_SIZE];
    usec expires, sent_at;
    int tries;
    bool pending;
  } cell[PUTTING_SIZE];
  unsigned puts;    /* the next one goes to cell[puts % PUTTING_SIZE] */
  uint64_t expired; /* unsent when their ttl had passed */
};

void putting_init(struct putting *putting);
bool putting_put(struct putting *putting, usec now, const uint8_t mailbox[MAILBOX_SIZE], int ttl,
                 const uint8_t cell[CELL_SIZE]); /* false: full */
/* The oldest cell to send, or NULL; then putting_sent(). */
struct putting_cell *putting_next(struct putting *putting, usec now);
int putting_ttl(const struct putting_cell *cell, usec now); /* what is left of it, 1..60 s */
void putting_sent(struct putting_cell *cell, usec now);
/* What was sent within `span` may not have arrived: it is to be sent again. */
void putting_again(struct putting *putting, usec now, usec span);
bool putting_due(const struct putting *putting);

#endif
