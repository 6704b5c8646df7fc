/* frame_store.h - a bounded ring of encoded frames whose memory is kept: it allocates only to grow.
 *
 * Empty, it begins with the first slot again, so only as many grow as were ever in use together.
 * One thread adds and one takes, under the owner's lock or not at all: the slot at the end is filled and the one
 * in front is read in place, outside the lock. FRAME_STORE_FRAME_MAX bounds one frame.
 */
#ifndef FRAME_STORE_H
#define FRAME_STORE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../media/units.h"

enum { FRAME_STORE_SLOTS = 16, FRAME_STORE_FRAME_MAX = 2 << 20 };

struct stored_frame {
  uint8_t *data;
  size_t size, room;
  bool key;
  int temporal_id; /* of frames to send */
  usec captured, render;
};

struct frame_store {
  struct stored_frame slot[FRAME_STORE_SLOTS];
  unsigned head, count, limit; /* at most FRAME_STORE_SLOTS */
};

void frame_store_init(struct frame_store *store, unsigned limit);
void frame_store_deinit(struct frame_store *store);
bool frame_store_full(const struct frame_store *store); /* under the lock */
/* Under the lock: the slot to fill, NULL when all are in use; and the oldest, NULL when none is. */
struct stored_frame *frame_store_free_slot(struct frame_store *store);
struct stored_frame *frame_store_oldest(struct frame_store *store);
/* Without: false when it is too large or there is no memory. */
bool stored_frame_set(struct stored_frame *frame, const uint8_t *data, size_t size);
/* Under the lock again: the slot is filled; the oldest was used. */
void frame_store_added(struct frame_store *store);
void frame_store_taken(struct frame_store *store);

#endif
