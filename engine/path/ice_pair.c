#include "ice_pair.h"

#include <gio/gio.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <nice/agent.h>
#include <stdlib.h>
#include <string.h>

#include "send_batch.h"
#include "side_socket.h"

enum { COMPONENT = 1 };

union address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
};

struct ice_pair {
  NiceAgent *agent;
  guint stream;
  GMainContext *context;
  struct ice_pair_callbacks callbacks;
  void *user;
  GSocket *socket;  /* the agent's, of the selected pair; NULL: all goes by the agent */
  union address to; /* the pair's remote address */
  struct side_socket *side;
  GSource *readable;
  bool stun_merged; /* something between merges datagrams: no second socket any more */
  struct send_batch batch;
};

/* ---- receiving ---- */

static void stop_side(struct ice_pair *pair) {
  if (pair->readable) {
    g_source_destroy(pair->readable);
    g_source_unref(pair->readable);
  }
  pair->readable = NULL;
  side_socket_free(pair->side);
  pair->side = NULL;
}

static bool same_address(const union address *a, const struct sockaddr *other) {
  const union address *b = (const void *)other;
  if (a->any.sa_family != b->any.sa_family)
    return false;
  if (a->any.sa_family == AF_INET)
    return a->v4.sin_port == b->v4.sin_port && a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
  return a->v6.sin6_port == b->v6.sin6_port && memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, 16) == 0;
}

static bool from_the_peer(struct ice_pair *pair, const struct sockaddr *from) {
  if (same_address(&pair->to, from))
    return true;
  const union address *address = (const void *)from;
  bool v4 = from->sa_family == AF_INET;
  struct candidate candidate = {.family = v4 ? 4 : 6,
                                .port = ntohs(v4 ? address->v4.sin_port : address->v6.sin6_port)};
  if (v4)
    memcpy(candidate.address, &address->v4.sin_addr, 4);
  else
    memcpy(candidate.address, &address->v6.sin6_addr, 16);
  return pair->callbacks.known(pair->user, &candidate);
}

static gboolean on_readable(gint fd, GIOCondition condition, gpointer user) {
  (void)fd, (void)condition;
  struct ice_pair *pair = user;
  uint8_t *data;
  size_t size;
  const struct sockaddr *from;
  enum side_result result = side_socket_receive(pair->side) ? SIDE_DATAGRAM : SIDE_STUN;
  while (result == SIDE_DATAGRAM && (result = side_socket_next(pair->side, &data, &size, &from)) == SIDE_DATAGRAM)
    if (from_the_peer(pair, from) && !pair->callbacks.datagram(pair->user, data, size))
      return G_SOURCE_REMOVE; /* all of it is gone */
  if (result != SIDE_STUN)
    return G_SOURCE_CONTINUE;
  pair->stun_merged = true;
  stop_side(pair);
  return G_SOURCE_REMOVE;
}

static void start_side(struct ice_pair *pair) {
  pair->side = pair->stun_merged ? NULL : side_socket_new(g_socket_get_fd(pair->socket));
  if (!pair->side)
    return;
  pair->readable = g_unix_fd_source_new(side_socket_fd(pair->side), G_IO_IN);
  g_source_set_callback(pair->readable, (GSourceFunc)(void (*)(void))on_readable, pair, NULL);
  g_source_set_can_recurse(pair->readable,
                           TRUE); /* else GLib takes it out and in again, and wakes itself by that */
  g_source_attach(pair->readable, pair->context);
}

/* ---- the selected pair ---- */

static void let_go(struct ice_pair *pair) {
  stop_side(pair);
  if (pair->socket)
    g_object_unref(pair->socket);
  pair->socket = NULL;
}

void ice_pair_select(struct ice_pair *pair, bool connected) {
  NiceCandidate *local, *remote;
  GSocket *chosen = NULL;
  if (connected)
    ice_pair_flush(pair);
  pair->batch.count = pair->batch.used = 0;
  pair->batch.way = SEND_SEGMENTED; /* what one path refused, the next may take */
  if (connected && nice_agent_get_selected_pair(pair->agent, pair->stream, COMPONENT, &local, &remote) &&
      local->type != NICE_CANDIDATE_TYPE_RELAYED && local->transport == NICE_CANDIDATE_TRANSPORT_UDP) {
    chosen = nice_agent_get_selected_socket(pair->agent, pair->stream, COMPONENT);
    nice_address_copy_to_sockaddr(&remote->addr, &pair->to.any);
  }
  if (chosen && chosen == pair->socket) { /* another remote address, at most */
    g_object_unref(chosen);
    return;
  }
  let_go(pair);
  pair->socket = chosen;
  if (chosen)
    start_side(pair);
}

struct ice_pair *ice_pair_new(void *agent, unsigned stream, void *context,
                              const struct ice_pair_callbacks *callbacks, void *user) {
  struct ice_pair *pair = calloc(1, sizeof *pair);
  if (!pair)
    return NULL;
  pair->agent = agent;
  pair->stream = stream;
  pair->context = context;
  pair->callbacks = *callbacks;
  pair->user = user;
  return pair;
}

void ice_pair_free(struct ice_pair *pair) {
  if (!pair)
    return;
  ice_pair_flush(pair);
  let_go(pair);
  free(pair);
}

/* ---- sending ---- */

/* The agent may have closed its socket, and the number may be another's by now: GLib knows. */
static bool direct(const struct ice_pair *pair) {
  return pair->socket && pair->batch.way != SEND_REFUSED && !g_socket_is_closed(pair->socket);
}

static bool send_by_agent(struct ice_pair *pair, const uint8_t *datagram, size_t size) {
  return size > 0 && size <= G_MAXUINT16 &&
         nice_agent_send(pair->agent, pair->stream, COMPONENT, (guint)size, (const gchar *)datagram) == (gint)size;
}

bool ice_pair_send(struct ice_pair *pair, const uint8_t *datagram, size_t size) {
  if (direct(pair) && send_batch_add(&pair->batch, datagram, size))
    return true;
  ice_pair_flush(pair);
  return (direct(pair) && send_batch_add(&pair->batch, datagram, size)) || send_by_agent(pair, datagram, size);
}

void ice_pair_flush(struct ice_pair *pair) {
  struct send_batch *batch = &pair->batch;
  if (batch->count == 0)
    return;
  size_t done = direct(pair) ? send_batch_flush(batch, g_socket_get_fd(pair->socket), &pair->to.any) : 0, at = 0;
  for (size_t i = 0; i < batch->count; at += batch->size[i++])
    if (i >= done)
      send_by_agent(pair, batch->data + at, batch->size[i]);
  batch->count = batch->used = 0;
}

const char *ice_pair_send_path(const struct ice_pair *pair) {
  if (!direct(pair))
    return "agent";
  return pair->batch.way == SEND_SEGMENTED ? "segmented" : "batched";
}

const char *ice_pair_receive_path(const struct ice_pair *pair) {
  if (!pair->side)
    return "agent";
  return side_socket_merges(pair->side) ? "merged" : "batched";
}
