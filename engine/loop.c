#include "loop.h"

#include <glib-unix.h>
#include <glib.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

enum { LAST_ITERATIONS = 16 }; /* for those that let go of something in the background */

struct loop {
  GMainContext *context;
  int wake_fd, timer_fd;
  usec deadline;
  usec awake; /* since when this turn has been going on */
  int64_t long_turns, wakeups;
  usec longest; /* logged already */
};

/* GLib's poll function takes no pointer of ours. */
static _Thread_local struct loop *running;

static usec clock_usec(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return SEC((usec)time.tv_sec) + time.tv_nsec / 1000;
}

usec loop_now(void) {
  return clock_usec(CLOCK_MONOTONIC);
}

int64_t loop_wall(void) {
  return clock_usec(CLOCK_REALTIME);
}

/* Both descriptors only wake the loop: the turn that follows finds out why. */
static gboolean drain(gint fd, GIOCondition condition, gpointer user) {
  (void)condition;
  (void)user;
  uint64_t count;
  if (read(fd, &count, sizeof count) < 0)
    return G_SOURCE_CONTINUE; /* somebody was faster: EAGAIN */
  return G_SOURCE_CONTINUE;
}

static void attach(struct loop *loop, int fd) {
  GSource *source = g_unix_fd_source_new(fd, G_IO_IN);
  g_source_set_callback(source, (GSourceFunc)(void (*)(void))drain, NULL, NULL);
  g_source_set_can_recurse(source, TRUE); /* else GLib takes it out and in again, and wakes itself twice by that */
  g_source_attach(source, loop->context);
  g_source_unref(source);
}

static gint timed_poll(GPollFD *fds, guint count, gint timeout) {
  gint ready = g_poll(fds, count, timeout);
  if (!running)
    return ready;
  running->awake = loop_now();
  running->wakeups++;
  return ready;
}

struct loop *loop_new(void) {
  struct loop *loop = calloc(1, sizeof *loop);
  if (!loop)
    return NULL;
  loop->deadline = USEC_NEVER;
  loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  loop->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  if (loop->wake_fd < 0 || loop->timer_fd < 0) {
    loop_free(loop);
    return NULL;
  }
  loop->context = g_main_context_new();
  g_main_context_set_poll_func(loop->context, timed_poll);
  attach(loop, loop->wake_fd);
  attach(loop, loop->timer_fd);
  return loop;
}

void loop_free(struct loop *loop) {
  if (!loop)
    return;
  if (loop->context)
    g_main_context_unref(loop->context);
  if (loop->wake_fd >= 0)
    close(loop->wake_fd);
  if (loop->timer_fd >= 0)
    close(loop->timer_fd);
  free(loop);
}

void *loop_context(struct loop *loop) {
  return loop->context;
}

/* A line for each new record only: a slow machine must not fill the log as well. */
static void turn_ended(struct loop *loop) {
  usec took = loop_now() - loop->awake;
  if (took <= LOOP_TURN_MAX)
    return;
  loop->long_turns++;
  if (took <= loop->longest)
    return;
  loop->longest = took;
  log_line(SOTTO_LOG_WARN, "loop: one turn took %d ms", (int)(took / 1000));
}

void loop_run(struct loop *loop, bool (*turn)(void *user), void *user) {
  g_main_context_push_thread_default(loop->context);
  running = loop;
  loop->awake = loop_now();
  while (turn(user)) {
    turn_ended(loop);
    g_main_context_iteration(loop->context, TRUE);
  }
  for (int i = 0; i < LAST_ITERATIONS && g_main_context_iteration(loop->context, FALSE); i++)
    continue;
  running = NULL;
  g_main_context_pop_thread_default(loop->context);
}

void loop_wake(struct loop *loop) {
  uint64_t one = 1;
  if (write(loop->wake_fd, &one, sizeof one) < 0)
    return; /* the counter is full: it is awake */
}

void loop_set_deadline(struct loop *loop, usec when) {
  if (when == loop->deadline)
    return;
  loop->deadline = when;
  struct itimerspec timer = {0}; /* all zero disarms */
  if (when != USEC_NEVER) {
    usec at = when > 1 ? when : 1;
    timer.it_value.tv_sec = at / SEC(1);
    timer.it_value.tv_nsec = at % SEC(1) * 1000;
  }
  timerfd_settime(loop->timer_fd, TFD_TIMER_ABSTIME, &timer, NULL);
}

int64_t loop_wakeups(const struct loop *loop) {
  return loop->wakeups;
}

int64_t loop_long_turns(const struct loop *loop) {
  return loop->long_turns;
}
