/* outbox.h - cells on their way to the server: those not sent yet, and those sent lately, which may be put again.
 *
 * A ring in the order of putting. A cell's ttl runs from the moment it was put, so what waited for a connection
 * asks the server for the rest only. Bounded by OUTBOX_SIZE; what nobody has sent is never overwritten.
 */
#ifndef OUTBOX_H
#define OUTBOX_H
#include <stdbool.h>
#include <stdint.h>

#include "../media/units.h"
#include "frame.h"

enum { OUTBOX_SIZE = 64, OUTBOX_TRIES = 4 };

struct outbox {
  struct outbox_cell {
    uint8_t mailbox[MAILBOX_SIZE], cell[CELL_SIZE];
    usec expires, sent_at;
    int tries;
    bool pending;
  } cell[OUTBOX_SIZE];
  unsigned puts;    /* the next one goes to cell[puts % OUTBOX_SIZE] */
  uint64_t expired; /* unsent when their ttl had passed */
};

void outbox_init(struct outbox *outbox);
bool outbox_put(struct outbox *outbox, usec now, const uint8_t mailbox[MAILBOX_SIZE], int ttl,
                const uint8_t cell[CELL_SIZE]); /* false: full */
/* The oldest cell to send, or NULL; then outbox_sent(). */
struct outbox_cell *outbox_next(struct outbox *outbox, usec now);
int outbox_ttl(const struct outbox_cell *cell, usec now); /* what is left of it, 1..60 s */
void outbox_sent(struct outbox_cell *cell, usec now);
/* What was sent within `span` may not have arrived: it is to be sent again. */
void outbox_again(struct outbox *outbox, usec now, usec span);
bool outbox_due(const struct outbox *outbox);

#endif
