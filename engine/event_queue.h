/* event_queue.h - events from the engine to the embedder, readable through a file descriptor. Shell: threads.
 *
 * Bounded by EVENT_QUEUE_SIZE. When it is full, an event of the same kind about the same call or person is
 * brought up to date in its place; another is lost, counted and logged. The end of a call has a place of its own in
 * the call's handle (struct event_place), so it is never lost, and comes after everything else about that call.
 */
#ifndef EVENT_QUEUE_H
#define EVENT_QUEUE_H
#include <stdbool.h>
#include <stdint.h>

#include "../media/units.h"
#include "sotto.h"

enum { EVENT_QUEUE_SIZE = 256 };

struct event_place { /* of one call's ENDED event; zeroed, kept by the call */
  struct sotto_event event;
  bool waiting;
  uint64_t number; /* its turn among the others */
  struct event_place *next;
};

struct event_queue;

struct event_queue *event_queue_new(void); /* NULL: no memory or descriptor */
void event_queue_free(struct event_queue *queue);
int event_queue_fd(const struct event_queue *queue);
/* place: of event->call, needed for its ENDED event, else NULL. false: lost, the queue is full. */
bool event_queue_add(struct event_queue *queue, const struct sotto_event *event, struct event_place *place);
bool event_queue_take(struct event_queue *queue, struct sotto_event *event);
bool event_queue_wait(struct event_queue *queue, struct sotto_event *event, usec timeout); /* < 0: for ever */
/* The embedder lets go of the call: none of its events is left. */
void event_queue_forget(struct event_queue *queue, const struct sotto_call *call);
/* Nothing comes any more: whoever waits, and will, is told that there is nothing. */
void event_queue_close(struct event_queue *queue);
int64_t event_queue_lost(struct event_queue *queue);

#endif
