#include "event_queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "log.h"
#include "loop.h"

struct event_queue {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  int fd; /* readable, that is: its count is 1, while anything waits */
  bool signalled, closed;
  struct sotto_event event[EVENT_QUEUE_SIZE];
  uint64_t number[EVENT_QUEUE_SIZE]; /* in which order they came */
  unsigned head, count;
  struct event_place *ended, **last; /* oldest first */
  uint64_t next_number;
  int64_t lost;
};

static bool sync_init(struct event_queue *queue) {
  pthread_condattr_t attributes;
  if (pthread_mutex_init(&queue->lock, NULL))
    return false;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&queue->changed, &attributes);
  pthread_condattr_destroy(&attributes);
  return true;
}

struct event_queue *event_queue_new(void) {
  struct event_queue *queue = calloc(1, sizeof *queue);
  if (!queue)
    return NULL;
  queue->last = &queue->ended;
  queue->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (queue->fd >= 0 && sync_init(queue))
    return queue;
  if (queue->fd >= 0)
    close(queue->fd);
  free(queue);
  return NULL;
}

void event_queue_free(struct event_queue *queue) {
  if (!queue)
    return;
  close(queue->fd);
  pthread_cond_destroy(&queue->changed);
  pthread_mutex_destroy(&queue->lock);
  free(queue);
}

int event_queue_fd(const struct event_queue *queue) {
  return queue->fd;
}

/* Under the lock, after every change. */
static void signal_state(struct event_queue *queue) {
  bool any = queue->count || queue->ended;
  uint64_t count = 1;
  if (any)
    pthread_cond_broadcast(&queue->changed);
  if (any == queue->signalled)
    return;
  ssize_t done = any ? write(queue->fd, &count, sizeof count) : read(queue->fd, &count, sizeof count);
  if (done == (ssize_t)sizeof count)
    queue->signalled = any;
}

static unsigned place_of(const struct event_queue *queue, unsigned i) {
  return (queue->head + i) % EVENT_QUEUE_SIZE;
}

/* ONLINE and OFFLINE are one kind: the last word counts. */
static sotto_event_type kind(const struct sotto_event *event) {
  return event->type == SOTTO_EVENT_OFFLINE ? SOTTO_EVENT_ONLINE : event->type;
}

static bool same_subject(const struct sotto_event *a, const struct sotto_event *b) {
  return kind(a) == kind(b) && a->call == b->call && a->alarm == b->alarm &&
         memcmp(a->peer.bytes, b->peer.bytes, sizeof a->peer.bytes) == 0;
}

static bool update(struct event_queue *queue, const struct sotto_event *event) {
  if (event->type == SOTTO_EVENT_INCOMING)
    return false;
  for (unsigned i = queue->count; i-- > 0;)
    if (same_subject(&queue->event[place_of(queue, i)], event)) {
      queue->event[place_of(queue, i)] = *event;
      return true;
    }
  return false;
}

static bool add_ring(struct event_queue *queue, const struct sotto_event *event) {
  if (queue->count == EVENT_QUEUE_SIZE) {
    if (update(queue, event))
      return true;
    queue->lost++;
    return false;
  }
  if (queue->count == 0)
    queue->head = 0; /* in the memory of before, not round the ring */
  unsigned at = place_of(queue, queue->count++);
  queue->event[at] = *event;
  queue->number[at] = queue->next_number;
  return true;
}

static bool add_ended(struct event_queue *queue, const struct sotto_event *event, struct event_place *place) {
  if (place->waiting)
    return true;
  place->event = *event;
  place->number = queue->next_number;
  place->waiting = true;
  place->next = NULL;
  *queue->last = place;
  queue->last = &place->next;
  return true;
}

bool event_queue_add(struct event_queue *queue, const struct sotto_event *event, struct event_place *place) {
  bool ended = event->type == SOTTO_EVENT_CALL_STATE && event->state == SOTTO_CALL_ENDED && place;
  pthread_mutex_lock(&queue->lock);
  bool added = !queue->closed && (ended ? add_ended(queue, event, place) : add_ring(queue, event));
  queue->next_number++;
  signal_state(queue);
  bool full = !added && !queue->closed;
  pthread_mutex_unlock(&queue->lock);
  if (full)
    log_line(SOTTO_LOG_ERROR, "engine: nobody takes events: one of type %d is lost", (int)event->type);
  return added;
}

static bool take(struct event_queue *queue, struct sotto_event *event) {
  struct event_place *ended = queue->ended;
  if (!queue->count && !ended)
    return false;
  if (ended && (!queue->count || ended->number < queue->number[queue->head])) {
    *event = ended->event;
    ended->waiting = false;
    queue->ended = ended->next;
    if (!queue->ended)
      queue->last = &queue->ended;
    return true;
  }
  *event = queue->event[queue->head];
  queue->head = place_of(queue, 1);
  queue->count--;
  return true;
}

bool event_queue_take(struct event_queue *queue, struct sotto_event *event) {
  pthread_mutex_lock(&queue->lock);
  bool taken = take(queue, event);
  signal_state(queue);
  pthread_mutex_unlock(&queue->lock);
  return taken;
}

static struct timespec instant(usec when) {
  return (struct timespec){.tv_sec = when / SEC(1), .tv_nsec = when % SEC(1) * 1000};
}

bool event_queue_wait(struct event_queue *queue, struct sotto_event *event, usec timeout) {
  usec now = loop_now(), limit = USEC_NEVER - now;
  bool for_ever = timeout < 0 || timeout > limit;
  struct timespec until = instant(for_ever ? 0 : now + timeout);
  bool taken, late = timeout == 0;
  pthread_mutex_lock(&queue->lock);
  while (!(taken = take(queue, event)) && !queue->closed && !late) {
    if (for_ever)
      pthread_cond_wait(&queue->changed, &queue->lock);
    else
      late = pthread_cond_timedwait(&queue->changed, &queue->lock, &until) != 0;
  }
  signal_state(queue);
  pthread_mutex_unlock(&queue->lock);
  return taken;
}

static void forget_ring(struct event_queue *queue, const struct sotto_call *call) {
  unsigned kept = 0;
  for (unsigned i = 0; i < queue->count; i++) {
    unsigned from = place_of(queue, i), to = place_of(queue, kept);
    if (queue->event[from].call == call)
      continue;
    queue->event[to] = queue->event[from];
    queue->number[to] = queue->number[from];
    kept++;
  }
  queue->count = kept;
}

static void forget_ended(struct event_queue *queue, const struct sotto_call *call) {
  struct event_place **at = &queue->ended;
  while (*at)
    if ((*at)->event.call == call) {
      (*at)->waiting = false;
      *at = (*at)->next;
    } else {
      at = &(*at)->next;
    }
  queue->last = at;
}

void event_queue_forget(struct event_queue *queue, const struct sotto_call *call) {
  pthread_mutex_lock(&queue->lock);
  forget_ring(queue, call);
  forget_ended(queue, call);
  signal_state(queue);
  pthread_mutex_unlock(&queue->lock);
}

void event_queue_close(struct event_queue *queue) {
  pthread_mutex_lock(&queue->lock);
  queue->closed = true;
  pthread_cond_broadcast(&queue->changed);
  pthread_mutex_unlock(&queue->lock);
}

int64_t event_queue_lost(struct event_queue *queue) {
  pthread_mutex_lock(&queue->lock);
  int64_t lost = queue->lost;
  pthread_mutex_unlock(&queue->lock);
  return lost;
}
