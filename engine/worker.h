/* worker.h - a thread that works through tasks of many calls, one piece each in turn. Shell: threads.
 *
 * A task is embedded in what it belongs to and is in the queue at most once, so the queue needs no memory and has
 * no bound to overflow: how much waits is bounded where the data waits. Whoever posts holds a reference for the
 * task; the worker gives it back through release(). Nobody ever waits for a worker but worker_stop().
 */
#ifndef WORKER_H
#define WORKER_H
#include <stdbool.h>

struct task {
  bool (*run)(struct task *task);     /* one piece of work, on the worker's thread; true: there is more */
  void (*release)(struct task *task); /* the reference taken for post; the task may be gone afterwards */
  struct task *next;                  /* the worker's */
  bool queued;
};

struct worker;

struct worker *worker_new(const char *name); /* NULL: no memory or no thread; at most 15 characters */
void worker_stop(struct worker *worker);     /* finishes the piece under way, releases the rest, joins; once */
void worker_free(struct worker *worker);     /* stops when nobody did */
/* false: it is in the queue already (it will run again), or the worker stops: give the reference back. */
bool worker_post(struct worker *worker, struct task *task);

#endif
