/* engine.h - the engine behind sotto.h: its thread, and what belongs to whom. See DESIGN.md.
 *
 * The embedder's threads reach the engine's thread through engine_run() alone, which waits for the result; workers
 * through loop_wake(). Everything below the line "the engine's thread" is touched by that thread only.
 */
#ifndef ENGINE_H
#define ENGINE_H
#include <pthread.h>
#include <stdatomic.h>

#include "config.h"
#include "core.h"
#include "event_queue.h"
#include "loop.h"
#include "media_io.h"
#include "trust/store.h"
#include "worker.h"

#define ENGINE_STOP_LIMIT  MS(500) /* from sotto_engine_free() to the thread's end */
#define ENGINE_STOP_LINGER MS(60)  /* the last cells on their way to the server */
#define ENGINE_SAVE_RETRY  SEC(5)
#define ENGINE_CLOCK_JUMP  MS(500) /* of the wall clock, before the core is told */

struct request;

struct command { /* on the stack of whoever waits for it */
  void (*run)(struct sotto_engine *engine, usec now, struct request *request);
  struct request *request;
  bool done, refused;
  struct command *next;
};

struct sotto_engine {
  atomic_int refs; /* the embedder's, and one a call */
  struct config config;
  sotto_id id;
  struct event_queue *events;
  struct loop *loop;
  struct worker *audio, *encode, *decode;
  struct task warm_up; /* the first one of `decode` */
  pthread_t thread;

  pthread_mutex_t lock; /* of the commands, closed and stopping */
  pthread_cond_t done;
  struct command *first, **last;
  bool stopping; /* sotto_engine_free() was called */
  bool closed;   /* the thread takes no more commands */

  /* the engine's thread */
  struct store *store;
  struct core *core;
  struct websocket *websocket;
  struct sotto_call *calls; /* those that are not gone */
  bool draining;
  bool unsaved;
  usec save_again;
  int64_t wall_offset;
  usec stop_at, linger_until; /* 0: not stopping */
};

struct sotto_call {
  atomic_int refs; /* the embedder's, and the engine's until the call is gone */
  struct sotto_engine *engine;
  uint32_t handle;
  struct media_io *media;
  struct event_place ended;
  _Atomic(void *) user;

  /* the engine's thread */
  struct ice *ice;
  struct sotto_call *next;
  bool known;     /* the embedder has the handle */
  bool forgotten; /* the embedder let go of it: no more events */
  bool over;      /* and its last statistics are kept below */
  usec started;
  sotto_stats last_stats;
};

sotto_status engine_new(const sotto_config *config, struct sotto_engine **out);
void engine_stop(
    struct sotto_engine *engine); /* hangs up, stops the threads; what is left waits for engine_release */
void engine_release(struct sotto_engine *engine);
/* On the engine's thread, and waits; false: the engine has stopped (or this is its thread). */
bool engine_run(struct sotto_engine *engine, void (*run)(struct sotto_engine *, usec, struct request *),
                struct request *request);

/* ---- handle.c ---- */

struct sotto_call *handle_new(struct sotto_engine *engine); /* one reference; NULL: no memory */
void handle_retain(struct sotto_call *call);
void handle_release(struct sotto_call *call);
/* The rest on the engine's thread. */
void handle_enter(struct sotto_call *call, uint32_t handle); /* takes a reference, until handle_gone() */
struct sotto_call *handle_find(struct sotto_engine *engine, uint32_t handle);
void handle_gone(struct sotto_call *call);
sotto_status handle_stats(struct sotto_call *call, usec now, sotto_stats *stats);

/* ---- outputs.c: carries out what the core decided; the engine's thread ---- */

void outputs_drain(struct sotto_engine *engine);
void outputs_save(struct sotto_engine *engine, usec now);

#endif
