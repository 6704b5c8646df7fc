/* mailboxes.h - the server's mailboxes: a keyed hash table of them, the cells that wait, and when they expire.
 *
 * A mailbox exists while it holds a cell or a reader. Cells are numbered by one counter, so a reader's place is
 * a number. They are kept until their ttl has passed, read or not; a full mailbox makes room by dropping
 * the oldest one that was read. Expiry is a wheel of quarter seconds. Bounded by the two limits given to _init.
 */
#ifndef MAILBOXES_H
#define MAILBOXES_H
#include <stdbool.h>
#include <stdint.h>

#include "../../media/units.h"
#include "../frame.h"
#include "pool.h"

enum { MAILBOXES_WHEEL = 256 /* ticks of a quarter second: more than the longest ttl */ };

struct waiting {
  struct waiting *next;                     /* in the mailbox, oldest first */
  struct waiting *wheel_next, **wheel_link; /* among those that expire in the same tick */
  struct box *mailbox;
  uint64_t number; /* from 1 */
  usec expires;
  bool read;
  uint8_t frame[FRAME_CELL_SIZE]; /* as it goes to a reader */
};

struct box {
  struct box *next; /* in the hash chain */
  uint8_t id[MAILBOX_SIZE];
  struct waiting *first, *last;
  int cells;
  struct subscription *readers; /* the server's */
  int reader_count;
};

struct mailboxes {
  uint8_t key[16];
  struct box **table;
  size_t mask;
  struct pool cells, boxes;
  struct waiting *wheel[MAILBOXES_WHEEL];
  int64_t tick; /* all before it have expired */
  uint64_t numbers;
};

bool mailboxes_init(struct mailboxes *mailboxes, const uint8_t key[16], size_t max_boxes, size_t max_cells);
void mailboxes_deinit(struct mailboxes *mailboxes);

/* Finds the mailbox or makes it; NULL: no more of them. Call mailboxes_release() when done with it. */
struct box *mailboxes_open(struct mailboxes *mailboxes, const uint8_t id[MAILBOX_SIZE]);
/* Forgets it when it is empty and unread. */
void mailboxes_release(struct mailboxes *mailboxes, struct box *mailbox);

/* Before anything else at a new `now`: it forgets mailboxes, so hold none across it. */
void mailboxes_expire(struct mailboxes *mailboxes, usec now);
usec mailboxes_deadline(const struct mailboxes *mailboxes);

enum box_put { BOX_STORED, BOX_KNOWN /* holds that very cell */, BOX_FULL };
enum box_put mailboxes_put(struct mailboxes *mailboxes, usec now, struct box *mailbox, int ttl,
                           const uint8_t cell[CELL_SIZE]);
/* The first cell after `number` that has not expired, or NULL. */
struct waiting *box_next(const struct box *mailbox, usec now, uint64_t number);

#endif
