#include "engine/loop.h"

#include <pthread.h>

#include "engine/log.h"
#include "unit.h"

struct turns {
  struct loop *loop;
  int count, until;
  usec deadline, last;
  int64_t long_turns, wakeups;
  bool busy;
};

static bool until_count(void *user) {
  struct turns *turns = user;
  turns->last = loop_now();
  return ++turns->count < turns->until;
}

static void the_first_turn_comes_by_itself_and_the_last_ends_the_loop(void **state) {
  (void)state;
  struct turns turns = {.until = 1};
  need(turns.loop = loop_new());
  loop_run(turns.loop, until_count, &turns);
  assert_int_equal(turns.count, 1);
  assert_non_null(loop_context(turns.loop));
  loop_free(turns.loop);
  loop_free(NULL);
}

static bool until_deadline(void *user) {
  struct turns *turns = user;
  turns->count++;
  turns->last = loop_now();
  if (turns->last >= turns->deadline)
    return false;
  loop_set_deadline(turns->loop, turns->deadline);
  return true;
}

static void a_deadline_is_met_to_the_microsecond_on_the_late_side(void **state) {
  (void)state;
  struct turns turns = {0};
  need(turns.loop = loop_new());
  turns.deadline = loop_now() + 3500; /* no whole milliseconds */
  loop_run(turns.loop, until_deadline, &turns);
  assert_true(turns.last >= turns.deadline);
  assert_true(turns.count <= 4); /* it slept: GLib itself may turn once or twice for a new source */
  turns = (struct turns){.loop = turns.loop, .deadline = loop_now() - SEC(5)}; /* long past */
  turns.deadline = turns.deadline > 0 ? turns.deadline : 0;
  loop_set_deadline(turns.loop, turns.deadline);
  loop_run(turns.loop, until_deadline, &turns);
  loop_free(turns.loop);
}

static bool past_then_stop(void *user) {
  struct turns *turns = user;
  if (turns->count++ < 5)
    loop_wake(turns->loop); /* GLib's own first turns are over then */
  else
    loop_set_deadline(turns->loop, 0); /* in the past: at once, not never */
  return turns->count < 7;
}

static void a_deadline_in_the_past_is_now(void **state) {
  (void)state;
  struct turns turns = {0};
  need(turns.loop = loop_new());
  loop_run(turns.loop, past_then_stop, &turns);
  assert_int_equal(turns.count, 7);
  loop_free(turns.loop);
}

static void *wake(void *user) {
  loop_wake(user);
  return NULL;
}

static void another_thread_wakes_it(void **state) {
  (void)state;
  struct turns turns = {.until = 2};
  pthread_t thread;
  need(turns.loop = loop_new());
  assert_int_equal(pthread_create(&thread, NULL, wake, turns.loop), 0);
  loop_run(turns.loop, until_count, &turns); /* no deadline: only the wake-up ends it */
  pthread_join(thread, NULL);
  assert_int_equal(turns.count, 2);
  loop_free(turns.loop);
}

static void a_wake_up_before_the_loop_runs_is_not_lost(void **state) {
  (void)state;
  struct turns turns = {.until = 2};
  need(turns.loop = loop_new());
  loop_wake(turns.loop);
  loop_wake(turns.loop);
  loop_run(turns.loop, until_count, &turns);
  assert_int_equal(turns.count, 2);
  loop_free(turns.loop);
}

static bool wake_then_wait(void *user) {
  struct turns *turns = user;
  turns->last = loop_now();
  if (turns->count++ == 0)
    loop_wake(turns->loop);
  else if (turns->count == 2)
    loop_set_deadline(turns->loop, turns->deadline = turns->last + MS(20));
  return turns->count < 3;
}

static void a_wake_up_is_one_turn_and_not_two(void **state) {
  (void)state;
  struct turns turns = {0};
  need(turns.loop = loop_new());
  loop_run(turns.loop, wake_then_wait, &turns);
  assert_true(turns.last >= turns.deadline);
  loop_free(turns.loop);
}

static int warnings;
static void count_warning(void *user, sotto_log_level level, const char *line) {
  (void)user;
  warnings += level == SOTTO_LOG_WARN && strstr(line, "loop: one turn took");
}

static bool busy_once(void *user) {
  struct turns *turns = user;
  if (turns->count++ == 1)
    for (usec until = loop_now() + LOOP_TURN_MAX + MS(5); loop_now() < until;)
      continue;
  if (turns->count == 1)
    loop_wake(turns->loop);
  else if (turns->count == 2)
    loop_set_deadline(turns->loop, loop_now() + LOOP_TURN_MAX + MS(5)); /* to wait is not to be busy */
  turns->long_turns = loop_long_turns(turns->loop);
  turns->wakeups = loop_wakeups(turns->loop);
  return turns->count < 3;
}

static void a_long_turn_is_counted_and_waiting_is_not(void **state) {
  (void)state;
  struct turns turns = {0};
  need(turns.loop = loop_new());
  warnings = 0;
  log_set(SOTTO_LOG_WARN, count_warning, NULL);
  loop_run(turns.loop, busy_once, &turns);
  log_set(SOTTO_LOG_WARN, NULL, NULL);
  assert_true(turns.long_turns >= 1);
  assert_true(warnings >= 1);
  assert_int_equal(turns.wakeups, turns.count - 1); /* the first turn comes by itself */
  loop_free(turns.loop);
}

UNIT_TESTS(test(the_first_turn_comes_by_itself_and_the_last_ends_the_loop),
           test(a_deadline_is_met_to_the_microsecond_on_the_late_side), test(a_deadline_in_the_past_is_now),
           test(another_thread_wakes_it), test(a_wake_up_before_the_loop_runs_is_not_lost),
           test(a_wake_up_is_one_turn_and_not_two), test(a_long_turn_is_counted_and_waiting_is_not))
