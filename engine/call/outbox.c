#include "outbox.h"

#include <stdlib.h>

enum { RESERVED = OUTBOX_SIZE / 4 }; /* for the ends of calls: an ENDED and a CALL_GONE each */

bool outbox_init(struct outbox *outbox) {
  *outbox = (struct outbox){.entry = malloc((OUTBOX_SIZE + 1) * sizeof *outbox->entry)};
  return outbox->entry;
}

void outbox_deinit(struct outbox *outbox) {
  free(outbox->entry);
  *outbox = (struct outbox){0};
}

static bool may_use_reserve(enum core_output_type type) {
  return type == CORE_CALL_GONE || type == CORE_EVENT || type == CORE_SAVE;
}

struct core_output *outbox_add(struct outbox *outbox, enum core_output_type type, uint32_t call) {
  if (outbox->count == 0)
    outbox->head = 0; /* in the memory of before, not round the ring */
  unsigned room = may_use_reserve(type) ? OUTBOX_SIZE : OUTBOX_SIZE - RESERVED;
  struct core_output *entry = &outbox->entry[OUTBOX_SIZE]; /* the one that goes nowhere */
  if (outbox->count < room)
    entry = &outbox->entry[(outbox->head + outbox->count++) % OUTBOX_SIZE];
  else
    outbox->lost++;
  *entry = (struct core_output){.type = type, .call = call};
  return entry;
}

struct sotto_event *outbox_event(struct outbox *outbox, sotto_event_type type, uint32_t call,
                                 const sotto_id *peer) {
  struct sotto_event *event = &outbox_add(outbox, CORE_EVENT, call)->event;
  event->size = sizeof *event;
  event->type = type;
  if (peer)
    event->peer = *peer;
  return event;
}

void outbox_alarm(struct outbox *outbox, uint32_t call, const sotto_id *peer, sotto_alarm alarm) {
  outbox_event(outbox, SOTTO_EVENT_ALARM, call, peer)->alarm = alarm;
}

bool outbox_take(struct outbox *outbox, struct core_output *out) {
  if (!outbox->count)
    return false;
  *out = outbox->entry[outbox->head];
  outbox->head = (outbox->head + 1) % OUTBOX_SIZE;
  outbox->count--;
  return true;
}

void outbox_forget(struct outbox *outbox, uint32_t call) {
  unsigned kept = 0;
  for (unsigned i = 0; i < outbox->count; i++) {
    struct core_output *from = &outbox->entry[(outbox->head + i) % OUTBOX_SIZE];
    if (from->type == CORE_EVENT && from->call == call)
      continue;
    outbox->entry[(outbox->head + kept++) % OUTBOX_SIZE] = *from;
  }
  outbox->count = kept;
}
