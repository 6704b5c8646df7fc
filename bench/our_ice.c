#include "our_ice.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/path/ice.h"
#include "measure.h"

enum { ENDS = 2 };
static const int64_t connect_limit = INT64_C(5000000000);

struct end {
  struct our_ice *ours;
  GMainContext *context; /* its own, as in a process of its own */
  struct ice *ice;
  struct end *other;
  bool connected;
};

struct our_ice {
  struct end end[ENDS];
  void (*datagram)(void *user, uint8_t *data, size_t size);
  void *user;
};

static void on_local(void *user, const char *ufrag, const char *pwd) {
  ice_set_remote(((struct end *)user)->other->ice, ufrag, pwd);
}

static void on_candidate(void *user, const struct candidate *candidate) {
  ice_add_candidate(((struct end *)user)->other->ice, candidate);
}

static void on_state(void *user, enum ice_state state, enum candidate_type local, enum candidate_type remote) {
  (void)local, (void)remote;
  ((struct end *)user)->connected = state == ICE_CONNECTED;
}

static void on_datagram(void *user, uint8_t *data, size_t size) {
  struct our_ice *ours = ((struct end *)user)->ours;
  ours->datagram(ours->user, data, size);
}

static bool open_end(struct our_ice *ours, int which) {
  static const struct ice_callbacks callbacks = {
      .local = on_local, .candidate = on_candidate, .state = on_state, .datagram = on_datagram};
  struct end *end = &ours->end[which];
  *end = (struct end){.ours = ours, .context = g_main_context_new(), .other = &ours->end[1 - which]};
  struct ice_config config = {.context = end->context, .local_address = "127.0.0.1", .controlling = which == 0};
  end->ice = ice_new(&config, &callbacks, end);
  return end->ice;
}

static void turn(struct end *end) {
  g_main_context_push_thread_default(end->context);
  g_main_context_iteration(end->context, FALSE);
  g_main_context_pop_thread_default(end->context);
}

static bool join_ends(struct our_ice *ours) {
  int64_t limit = measure_now() + connect_limit;
  while (!(ours->end[0].connected && ours->end[1].connected) && measure_now() < limit)
    for (int i = 0; i < ENDS; i++)
      turn(&ours->end[i]);
  return ours->end[0].connected && ours->end[1].connected;
}

struct our_ice *our_ice_open(void (*datagram)(void *user, uint8_t *data, size_t size), void *user) {
  struct our_ice *ours = calloc(1, sizeof *ours);
  if (!ours)
    return NULL;
  *ours = (struct our_ice){.datagram = datagram, .user = user};
  if (open_end(ours, 0) && open_end(ours, 1) && join_ends(ours))
    return ours;
  our_ice_close(ours);
  return NULL;
}

void our_ice_close(struct our_ice *ours) {
  if (!ours)
    return;
  for (int i = 0; i < ENDS; i++)
    ice_close(ours->end[i].ice);
  for (int i = 0; i < ENDS; i++)
    if (ours->end[i].context) {
      ice_drain(ours->end[i].context, MS(100));
      g_main_context_unref(ours->end[i].context);
    }
  free(ours);
}

bool our_ice_send(struct our_ice *ours, uint8_t *data, size_t size) {
  return ice_send(ours->end[0].ice, data, size);
}

void our_ice_flush(struct our_ice *ours) {
  ice_flush(ours->end[0].ice);
}

void our_ice_receive(struct our_ice *ours) {
  g_main_context_iteration(ours->end[1].context, FALSE);
}

void our_ice_idle(struct our_ice *ours) {
  for (int i = 0; i < ENDS; i++)
    turn(&ours->end[i]);
}

const char *our_ice_send_path(const struct our_ice *ours) {
  return ice_send_path(ours->end[0].ice);
}

const char *our_ice_receive_path(const struct our_ice *ours) {
  return ice_receive_path(ours->end[1].ice);
}
