#include "stock_ice.h"

#include <nice/agent.h>
#include <stdlib.h>

enum { ENDS = 2, COMPONENT = 1, CONNECT_LIMIT_US = 5000000 };

struct stock_ice {
  GMainContext *context[ENDS]; /* each its own, as in a process of its own */
  NiceAgent *agent[ENDS];
  guint stream[ENDS];
  int gathered;
  void (*datagram)(void *user, uint8_t *data, size_t size);
  void *user;
};

static void on_datagram(NiceAgent *agent, guint stream, guint component, guint size, gchar *data, gpointer user) {
  (void)agent, (void)stream, (void)component;
  struct stock_ice *stock = user;
  stock->datagram(stock->user, (uint8_t *)data, size);
}

static void on_gathered(NiceAgent *agent, guint stream, gpointer user) {
  (void)agent, (void)stream;
  ((struct stock_ice *)user)->gathered++;
}

static bool open_agent(struct stock_ice *stock, int end) {
  NiceAddress loopback;
  NiceAgent *agent = stock->agent[end] =
      nice_agent_new(stock->context[end] = g_main_context_new(), NICE_COMPATIBILITY_RFC5245);
  g_object_set(agent, "controlling-mode", (gboolean)(end == 0), "upnp", FALSE, "ice-tcp", FALSE, NULL);
  nice_address_init(&loopback);
  if (!nice_address_set_from_string(&loopback, "127.0.0.1") || !nice_agent_add_local_address(agent, &loopback))
    return false;
  stock->stream[end] = nice_agent_add_stream(agent, COMPONENT);
  g_signal_connect(agent, "candidate-gathering-done", G_CALLBACK(on_gathered), stock);
  nice_agent_attach_recv(agent, stock->stream[end], COMPONENT, stock->context[end], on_datagram, stock);
  return nice_agent_gather_candidates(agent, stock->stream[end]);
}

static void introduce(struct stock_ice *stock, int from, int to) {
  gchar *ufrag = NULL, *pwd = NULL;
  nice_agent_get_local_credentials(stock->agent[from], stock->stream[from], &ufrag, &pwd);
  nice_agent_set_remote_credentials(stock->agent[to], stock->stream[to], ufrag, pwd);
  GSList *candidates = nice_agent_get_local_candidates(stock->agent[from], stock->stream[from], COMPONENT);
  nice_agent_set_remote_candidates(stock->agent[to], stock->stream[to], COMPONENT, candidates);
  g_slist_free_full(candidates, (GDestroyNotify)nice_candidate_free);
  g_free(ufrag);
  g_free(pwd);
}

static bool ready(const struct stock_ice *stock) {
  for (int end = 0; end < ENDS; end++)
    if (nice_agent_get_component_state(stock->agent[end], stock->stream[end], COMPONENT) !=
        NICE_COMPONENT_STATE_READY)
      return false;
  return true;
}

static bool join_agents(struct stock_ice *stock) {
  gint64 limit = g_get_monotonic_time() + CONNECT_LIMIT_US;
  while (stock->gathered < ENDS && g_get_monotonic_time() < limit)
    stock_ice_idle(stock);
  introduce(stock, 0, 1);
  introduce(stock, 1, 0);
  while (!ready(stock) && g_get_monotonic_time() < limit)
    stock_ice_idle(stock);
  return ready(stock);
}

struct stock_ice *stock_ice_open(void (*datagram)(void *user, uint8_t *data, size_t size), void *user) {
  struct stock_ice *stock = calloc(1, sizeof *stock);
  if (!stock)
    return NULL;
  *stock = (struct stock_ice){.datagram = datagram, .user = user};
  if (open_agent(stock, 0) && open_agent(stock, 1) && join_agents(stock))
    return stock;
  stock_ice_close(stock);
  return NULL;
}

void stock_ice_close(struct stock_ice *stock) {
  if (!stock)
    return;
  for (int end = 0; end < ENDS; end++)
    if (stock->agent[end]) {
      g_object_unref(stock->agent[end]);
      g_main_context_unref(stock->context[end]);
    }
  free(stock);
}

bool stock_ice_send(struct stock_ice *stock, uint8_t *data, size_t size) {
  return nice_agent_send(stock->agent[0], stock->stream[0], COMPONENT, (guint)size, (gchar *)data) == (gint)size;
}

void stock_ice_receive(struct stock_ice *stock) {
  g_main_context_iteration(stock->context[1], FALSE);
}

void stock_ice_idle(struct stock_ice *stock) {
  for (int end = 0; end < ENDS; end++)
    g_main_context_iteration(stock->context[end], FALSE);
}
