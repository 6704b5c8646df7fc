#include "frame_store.h"

#include <stdlib.h>
#include <string.h>

void frame_store_init(struct frame_store *store, unsigned limit) {
  *store = (struct frame_store){.limit = limit < FRAME_STORE_SLOTS ? limit : FRAME_STORE_SLOTS};
}

void frame_store_deinit(struct frame_store *store) {
  for (unsigned i = 0; i < FRAME_STORE_SLOTS; i++)
    free(store->slot[i].data);
  *store = (struct frame_store){0};
}

bool frame_store_full(const struct frame_store *store) {
  return store->count == store->limit;
}

struct stored_frame *frame_store_free_slot(struct frame_store *store) {
  if (store->count == 0)
    store->head = 0; /* what has grown already, not the next one round the ring */
  return frame_store_full(store) ? NULL : &store->slot[(store->head + store->count) % FRAME_STORE_SLOTS];
}

struct stored_frame *frame_store_oldest(struct frame_store *store) {
  return store->count ? &store->slot[store->head] : NULL;
}

bool stored_frame_set(struct stored_frame *frame, const uint8_t *data, size_t size) {
  if (size > FRAME_STORE_FRAME_MAX)
    return false;
  if (size > frame->room) {
    size_t room = size + size / 2; /* sizes vary: grow seldom */
    uint8_t *grown = malloc(room);
    if (!grown)
      return false;
    free(frame->data);
    frame->data = grown;
    frame->room = room;
  }
  if (size)
    memcpy(frame->data, data, size);
  frame->size = size;
  return true;
}

void frame_store_added(struct frame_store *store) {
  store->count++;
}

void frame_store_taken(struct frame_store *store) {
  store->head = (store->head + 1) % FRAME_STORE_SLOTS;
  store->count--;
}
