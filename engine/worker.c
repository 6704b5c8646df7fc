#include "worker.h"

#include <pthread.h>
#include <stdlib.h>

struct worker {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  pthread_t thread;
  struct task *first, **last;
  bool stopping;
};

static void append(struct worker *worker, struct task *task) {
  task->queued = true;
  task->next = NULL;
  *worker->last = task;
  worker->last = &task->next;
}

static struct task *take(struct worker *worker) {
  struct task *task = worker->first;
  if (!task)
    return NULL;
  worker->first = task->next;
  if (!worker->first)
    worker->last = &worker->first;
  task->queued = false;
  return task;
}

/* After a piece: back to the end of the queue with its reference, or the reference back to its owner. Posted
 * again meanwhile, it has a second reference. */
static void put_back(struct worker *worker, struct task *task, bool more) {
  pthread_mutex_lock(&worker->lock);
  bool kept = more && !task->queued && !worker->stopping;
  if (kept)
    append(worker, task);
  pthread_mutex_unlock(&worker->lock);
  if (!kept)
    task->release(task);
}

static void *work(void *arg) {
  struct worker *worker = arg;
  pthread_mutex_lock(&worker->lock);
  while (!worker->stopping) {
    struct task *task = take(worker);
    if (!task) {
      pthread_cond_wait(&worker->changed, &worker->lock);
      continue;
    }
    pthread_mutex_unlock(&worker->lock);
    put_back(worker, task, task->run(task));
    pthread_mutex_lock(&worker->lock);
  }
  pthread_mutex_unlock(&worker->lock);
  return NULL;
}

struct worker *worker_new(const char *name) {
  struct worker *worker = calloc(1, sizeof *worker);
  if (!worker)
    return NULL;
  worker->last = &worker->first;
  pthread_mutex_init(&worker->lock, NULL);
  pthread_cond_init(&worker->changed, NULL);
  if (pthread_create(&worker->thread, NULL, work, worker)) {
    pthread_cond_destroy(&worker->changed);
    pthread_mutex_destroy(&worker->lock);
    free(worker);
    return NULL;
  }
  pthread_setname_np(worker->thread, name);
  return worker;
}

void worker_stop(struct worker *worker) {
  if (!worker || worker->stopping)
    return;
  pthread_mutex_lock(&worker->lock);
  worker->stopping = true;
  pthread_cond_signal(&worker->changed);
  pthread_mutex_unlock(&worker->lock);
  pthread_join(worker->thread, NULL);
  for (struct task *task; (task = take(worker));)
    task->release(task);
}

void worker_free(struct worker *worker) {
  if (!worker)
    return;
  worker_stop(worker);
  pthread_cond_destroy(&worker->changed);
  pthread_mutex_destroy(&worker->lock);
  free(worker);
}

bool worker_post(struct worker *worker, struct task *task) {
  pthread_mutex_lock(&worker->lock);
  bool taken = !task->queued && !worker->stopping;
  if (taken)
    append(worker, task);
  pthread_mutex_unlock(&worker->lock);
  if (taken)
    pthread_cond_signal(&worker->changed); /* not under the lock, which it would wake only to wait for */
  return taken;
}
