#include "engine/event_queue.h"

#include <poll.h>
#include <pthread.h>

#include "unit.h"

static char calls[4]; /* only their addresses matter */
#define CALL(n) ((struct sotto_call *)(void *)&calls[n])

static struct sotto_event event_of(sotto_event_type type, struct sotto_call *call) {
  return (struct sotto_event){.size = sizeof(struct sotto_event), .type = type, .call = call};
}

static struct sotto_event state_of(struct sotto_call *call, sotto_call_state state) {
  struct sotto_event event = event_of(SOTTO_EVENT_CALL_STATE, call);
  event.state = state;
  return event;
}

static bool readable(const struct event_queue *queue) {
  struct pollfd fd = {.fd = event_queue_fd(queue), .events = POLLIN};
  return poll(&fd, 1, 0) == 1;
}

static void the_descriptor_is_readable_exactly_while_events_wait(void **state) {
  (void)state;
  struct event_queue *queue;
  struct sotto_event event = event_of(SOTTO_EVENT_ONLINE, NULL), out;
  need(queue = event_queue_new());
  assert_false(readable(queue));
  assert_false(event_queue_take(queue, &out));
  for (int round = 0; round < 3; round++) {
    assert_true(event_queue_add(queue, &event, NULL));
    assert_true(event_queue_add(queue, &event, NULL));
    assert_true(readable(queue));
    assert_true(event_queue_take(queue, &out));
    assert_true(readable(queue));
    assert_true(event_queue_take(queue, &out));
    assert_false(readable(queue));
  }
  event_queue_free(queue);
  event_queue_free(NULL);
}

static void events_come_in_order_the_end_of_a_call_among_them(void **state) {
  (void)state;
  struct event_queue *queue;
  struct event_place place = {0};
  struct sotto_event out;
  struct sotto_event events[] = {state_of(CALL(0), SOTTO_CALL_OPEN), event_of(SOTTO_EVENT_SECURE, CALL(0)),
                                 state_of(CALL(0), SOTTO_CALL_ENDED), event_of(SOTTO_EVENT_OFFLINE, NULL)};
  need(queue = event_queue_new());
  for (int i = 0; i < 4; i++)
    assert_true(event_queue_add(queue, &events[i], &place));
  for (int i = 0; i < 4; i++) {
    assert_true(event_queue_take(queue, &out));
    assert_int_equal(out.type, events[i].type);
    assert_int_equal(out.state, events[i].state);
  }
  assert_false(event_queue_take(queue, &out));
  assert_false(place.waiting);
  event_queue_free(queue);
}

static void fill(struct event_queue *queue) {
  struct sotto_event event = event_of(SOTTO_EVENT_ALARM, NULL);
  for (int i = 0; i < EVENT_QUEUE_SIZE; i++) {
    event.peer.bytes[0] = (uint8_t)i; /* nothing to be brought up to date in place */
    event.alarm = SOTTO_ALARM_REPLAY;
    assert_true(event_queue_add(queue, &event, NULL));
  }
}

static void a_full_queue_refuses_but_never_the_end_of_a_call(void **state) {
  (void)state;
  struct event_queue *queue;
  struct event_place places[3] = {0};
  struct sotto_event out, incoming = event_of(SOTTO_EVENT_INCOMING, CALL(0)),
                          online = event_of(SOTTO_EVENT_ONLINE, NULL);
  need(queue = event_queue_new());
  fill(queue);
  assert_false(event_queue_add(queue, &incoming, NULL));
  assert_false(event_queue_add(queue, &online, NULL));
  assert_int_equal(event_queue_lost(queue), 2);
  for (int i = 0; i < 3; i++) {
    struct sotto_event ended = state_of(CALL(i), SOTTO_CALL_ENDED);
    assert_true(event_queue_add(queue, &ended, &places[i]));
    assert_true(event_queue_add(queue, &ended, &places[i])); /* twice is once */
  }
  for (int i = 0; i < EVENT_QUEUE_SIZE; i++) {
    assert_true(event_queue_take(queue, &out));
    assert_int_equal(out.type, SOTTO_EVENT_ALARM);
    assert_int_equal(out.peer.bytes[0], i);
  }
  for (int i = 0; i < 3; i++) {
    assert_true(event_queue_take(queue, &out));
    assert_ptr_equal(out.call, CALL(i));
    assert_int_equal(out.state, SOTTO_CALL_ENDED);
  }
  assert_false(event_queue_take(queue, &out));
  event_queue_free(queue);
}

static void a_full_queue_brings_the_newest_of_a_kind_up_to_date(void **state) {
  (void)state;
  struct event_queue *queue;
  struct sotto_event out, event = state_of(CALL(1), SOTTO_CALL_DIALING);
  need(queue = event_queue_new());
  assert_true(event_queue_add(queue, &event, NULL));
  event.state = SOTTO_CALL_RINGING;
  assert_true(event_queue_add(queue, &event, NULL));
  struct sotto_event online = event_of(SOTTO_EVENT_ONLINE, NULL), offline = event_of(SOTTO_EVENT_OFFLINE, NULL);
  assert_true(event_queue_add(queue, &online, NULL));
  for (int i = 0; i < EVENT_QUEUE_SIZE - 3; i++) {
    struct sotto_event other = event_of(SOTTO_EVENT_CONTACT, NULL);
    other.peer.bytes[1] = (uint8_t)i;
    assert_true(event_queue_add(queue, &other, NULL));
  }
  event.state = SOTTO_CALL_OPEN;
  assert_true(event_queue_add(queue, &event, NULL));
  assert_true(event_queue_add(queue, &offline, NULL));
  event.call = CALL(2); /* another call: nothing to bring up to date */
  assert_false(event_queue_add(queue, &event, NULL));
  assert_true(event_queue_take(queue, &out));
  assert_int_equal(out.state, SOTTO_CALL_DIALING);
  assert_true(event_queue_take(queue, &out));
  assert_int_equal(out.state, SOTTO_CALL_OPEN);
  assert_true(event_queue_take(queue, &out));
  assert_int_equal(out.type, SOTTO_EVENT_OFFLINE);
  event_queue_free(queue);
}

static void nothing_is_left_of_a_call_that_was_let_go(void **state) {
  (void)state;
  struct event_queue *queue;
  struct event_place places[2] = {0};
  struct sotto_event out;
  need(queue = event_queue_new());
  for (int i = 0; i < 300; i++) { /* wraps around the ring */
    struct sotto_event event = state_of(CALL(i % 2), SOTTO_CALL_OPEN);
    assert_true(event_queue_add(queue, &event, NULL));
    if (i < 200)
      assert_true(event_queue_take(queue, &out));
  }
  for (int i = 0; i < 2; i++) {
    struct sotto_event ended = state_of(CALL(i), SOTTO_CALL_ENDED);
    assert_true(event_queue_add(queue, &ended, &places[i]));
  }
  event_queue_forget(queue, CALL(1));
  assert_false(places[1].waiting);
  struct sotto_event online = event_of(SOTTO_EVENT_ONLINE, NULL);
  assert_true(event_queue_add(queue, &online, NULL));
  for (int i = 0; i < 50; i++) {
    assert_true(event_queue_take(queue, &out));
    assert_ptr_equal(out.call, CALL(0));
  }
  assert_true(event_queue_take(queue, &out));
  assert_int_equal(out.state, SOTTO_CALL_ENDED);
  assert_ptr_equal(out.call, CALL(0));
  assert_true(event_queue_take(queue, &out));
  assert_int_equal(out.type, SOTTO_EVENT_ONLINE);
  assert_false(readable(queue));
  struct sotto_event ended = state_of(CALL(1), SOTTO_CALL_ENDED);
  assert_true(event_queue_add(queue, &ended, &places[1]));
  event_queue_forget(queue, CALL(1)); /* the only one */
  assert_false(readable(queue));
  event_queue_free(queue);
}

static void *add_online(void *user) {
  struct sotto_event event = event_of(SOTTO_EVENT_ONLINE, NULL);
  event_queue_add(user, &event, NULL);
  return NULL;
}

static void *close_queue(void *user) {
  event_queue_close(user);
  return NULL;
}

static void waiting_ends_with_an_event_the_time_or_the_queue(void **state) {
  (void)state;
  struct event_queue *queue;
  struct sotto_event out;
  pthread_t thread;
  need(queue = event_queue_new());
  assert_false(event_queue_wait(queue, &out, 0));
  assert_false(event_queue_wait(queue, &out, MS(1)));
  assert_int_equal(pthread_create(&thread, NULL, add_online, queue), 0);
  assert_true(event_queue_wait(queue, &out, -1));
  pthread_join(thread, NULL);
  assert_int_equal(out.type, SOTTO_EVENT_ONLINE);
  assert_false(readable(queue));
  assert_int_equal(pthread_create(&thread, NULL, close_queue, queue), 0);
  assert_false(event_queue_wait(queue, &out, INT64_MAX)); /* as good as for ever */
  pthread_join(thread, NULL);
  assert_false(event_queue_wait(queue, &out, -1));
  struct sotto_event late = event_of(SOTTO_EVENT_ONLINE, NULL);
  assert_false(event_queue_add(queue, &late, NULL));
  event_queue_free(queue);
}

UNIT_TESTS(test(the_descriptor_is_readable_exactly_while_events_wait),
           test(events_come_in_order_the_end_of_a_call_among_them),
           test(a_full_queue_refuses_but_never_the_end_of_a_call),
           test(a_full_queue_brings_the_newest_of_a_kind_up_to_date),
           test(nothing_is_left_of_a_call_that_was_let_go), test(waiting_ends_with_an_event_the_time_or_the_queue))
