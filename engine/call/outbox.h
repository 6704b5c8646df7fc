/* outbox.h - what the core has decided and the shell has yet to carry out: events and commands, in order.
 *
 * Bounded by OUTBOX_SIZE; the shell drains it after each input, and one input makes at most a few dozen entries
 * (16 candidates are the most). What does not fit all the same is counted, and the last place is kept for the
 * end of a call, so that an ENDED event is never lost. Media is not queued here: it is polled from the session.
 */
#ifndef OUTBOX_H
#define OUTBOX_H
#include "../core.h"

enum { OUTBOX_SIZE = 256 };

struct outbox {
  struct core_output *entry; /* a ring of OUTBOX_SIZE */
  unsigned head, count;
  int64_t lost;
};

bool outbox_init(struct outbox *outbox); /* false: no memory */
void outbox_deinit(struct outbox *outbox);
/* A zeroed entry of this type to fill in; when the box is full, one that goes nowhere. */
struct core_output *outbox_add(struct outbox *outbox, enum core_output_type type, uint32_t call);
/* The same for CORE_EVENT. */
struct sotto_event *outbox_event(struct outbox *outbox, sotto_event_type type, uint32_t call, const sotto_id *peer);
void outbox_alarm(struct outbox *outbox, uint32_t call, const sotto_id *peer, sotto_alarm alarm);
bool outbox_take(struct outbox *outbox, struct core_output *out);
/* Takes out the call's events that the embedder has not seen (it let go of the call). */
void outbox_forget(struct outbox *outbox, uint32_t call);

#endif
