#include "ice.h"

#include <gio/gio.h>
#include <netinet/in.h>
#include <nice/agent.h>
#include <stdlib.h>
#include <string.h>

#include "../../signaling/crypto.h"
#include "ice_pair.h"

enum { COMPONENT = 1, DEFAULT_PORT = 3478 };
enum { UFRAG_MIN = 4, PWD_MIN = 22, CREDENTIAL_MAX = 256 }; /* ice-chars, RFC 8839 section 5.4 */
enum { PACING_MS = 5 };      /* Ta, the least that RFC 8445 section 14.2 allows: each check waits for its turn */
enum { CHECKED_PAIRS = 50 }; /* so that what hostile candidates make us check in a second is still protocol B.3's */
enum { CHECKS_OVER_MS = 50 };
static const usec resolve_limit = SEC(3); /* then without the server whose name is not known */
static const usec linger = SEC(2);        /* the old path, while the peer may not yet have found the new one */

/* One generation of credentials, candidates and sockets: an agent of its own, so that a restart gathers again on
 * whatever network there is now, while the agent before it goes on carrying the call (RFC 8445 section 2.4). */
struct generation {
  struct ice *ice;
  NiceAgent *agent;
  guint stream;
  struct ice_pair *pair; /* the way of media, past the agent where there is one */
  int remotes;           /* candidates taken, at most CANDIDATES_MAX */
  bool relay_only, has_remote, gathering, connected, failed;
  bool select;                              /* its pair is to be looked at again */
  struct candidate early[CANDIDATES_MAX];   /* came before the peer's credentials */
  struct candidate learned[CANDIDATES_MAX]; /* of an authenticated check alone (RFC 8445 section 7.3.1.3) */
  unsigned learnings;                       /* so far: the oldest gives way */
  char stun[64], turn[64];                  /* resolved; empty: none */
  GCancellable *cancel;
  int resolving;
  GSource *timer; /* resolve_limit, then for an old one linger */
};

struct ice {
  GMainContext *context;
  struct ice_callbacks callbacks;
  void *user;
  bool controlling;
  char *local_address, *stun_host, *turn_host, *turn_user, *turn_password;
  uint16_t stun_port, turn_port;
  struct generation *current, *next, *old; /* next: of a restart under way */
  GSource *report;
  enum ice_state reported;
  bool reported_any, pair_changed;
  int depth; /* callbacks under way: freed only behind the last of them */
  bool closed;
};

/* ---- closing ---- */

struct closing {
  NiceAgent *agent;
  guint stream;
  struct closing *next;
};

static _Thread_local struct closing *closing_list; /* an agent's context belongs to one thread, and so do these */

static void closed(GObject *object, GAsyncResult *result, gpointer user) {
  (void)object, (void)result;
  for (struct closing **at = &closing_list; *at; at = &(*at)->next)
    if (*at == user) {
      struct closing *done = *at;
      *at = done->next;
      g_object_unref(done->agent);
      free(done);
      return;
    }
}

static void close_agent(NiceAgent *agent, guint stream) {
  struct closing *entry = calloc(1, sizeof *entry);
  if (!entry) { /* no way to wait for it: the relay's allocation expires by itself */
    g_object_unref(agent);
    return;
  }
  *entry = (struct closing){.agent = agent, .stream = stream, .next = closing_list};
  closing_list = entry;
  nice_agent_close_async(agent, closed, entry);
}

static gboolean set_flag(gpointer user) {
  *(bool *)user = true;
  return G_SOURCE_REMOVE;
}

static void cut_off(struct closing *entry) {
  GPtrArray *sockets = nice_agent_get_sockets(entry->agent, entry->stream, COMPONENT);
  for (guint i = 0; sockets && i < sockets->len; i++)
    g_socket_close(g_ptr_array_index(sockets, i), NULL);
  if (sockets)
    g_ptr_array_unref(sockets);
}

void ice_drain(void *context, usec limit) {
  bool late = false;
  GSource *timer = g_timeout_source_new((guint)(limit / 1000));
  g_source_set_callback(timer, set_flag, &late, NULL);
  g_source_attach(timer, context);
  while (closing_list && !late)
    g_main_context_iteration(context, TRUE);
  g_source_destroy(timer);
  g_source_unref(timer);
  for (struct closing *entry = closing_list; entry; entry = entry->next)
    cut_off(entry);
}

/* ---- sources ---- */

static GSource *start_timer(struct generation *generation, usec after, GSourceFunc fire) {
  GSource *timer = g_timeout_source_new((guint)(after / 1000));
  g_source_set_callback(timer, fire, generation, NULL);
  g_source_attach(timer, generation->ice->context);
  return timer;
}

static void stop_source(GSource **source) {
  if (!*source)
    return;
  g_source_destroy(*source);
  g_source_unref(*source);
  *source = NULL;
}

/* ---- a generation's end ---- */

static void generation_free(struct generation *generation) {
  if (!generation)
    return;
  ice_pair_free(generation->pair);
  g_signal_handlers_disconnect_by_data(generation->agent, generation);
  nice_agent_attach_recv(generation->agent, generation->stream, COMPONENT, NULL, NULL, NULL);
  g_cancellable_cancel(generation->cancel); /* answers that are still to come then touch nothing */
  g_object_unref(generation->cancel);
  stop_source(&generation->timer);
  close_agent(generation->agent, generation->stream);
  free(generation);
}

static void wipe_string(char *text) {
  if (text)
    crypto_wipe(text, strlen(text));
  free(text);
}

static void ice_free(struct ice *ice) {
  free(ice->local_address);
  free(ice->stun_host);
  free(ice->turn_host);
  wipe_string(ice->turn_user);
  wipe_string(ice->turn_password);
  free(ice);
}

void ice_close(struct ice *ice) {
  if (!ice || ice->closed)
    return;
  ice->closed = true;
  stop_source(&ice->report);
  generation_free(ice->next);
  generation_free(ice->current);
  generation_free(ice->old);
  if (ice->depth == 0)
    ice_free(ice);
}

static void enter(struct ice *ice) {
  ice->depth++;
}

/* false: a callback has closed it, and it is gone. */
static bool leave(struct ice *ice) {
  ice->depth--;
  if (!ice->closed)
    return true;
  if (ice->depth == 0)
    ice_free(ice);
  return false;
}

/* ---- states ---- */

static gboolean linger_over(gpointer user) {
  struct generation *generation = user;
  generation->ice->old = NULL;
  generation_free(generation);
  return G_SOURCE_REMOVE;
}

static void promote_next(struct ice *ice) {
  generation_free(ice->old);
  ice->old = ice->current;
  ice->current = ice->next;
  ice->next = NULL;
  ice->pair_changed = true;
  ice_pair_flush(ice->old->pair);
  stop_source(&ice->old->timer);
  ice->old->timer = start_timer(ice->old, linger, linger_over);
}

static enum candidate_type type_of(NiceCandidateType type) {
  switch (type) {
  case NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE:
    return CANDIDATE_SRFLX;
  case NICE_CANDIDATE_TYPE_PEER_REFLEXIVE:
    return CANDIDATE_PRFLX;
  case NICE_CANDIDATE_TYPE_RELAYED:
    return CANDIDATE_RELAY;
  default:
    return CANDIDATE_HOST;
  }
}

static void call_state(struct ice *ice, enum ice_state state) {
  enum candidate_type local_type = 0, remote_type = 0;
  NiceCandidate *local, *remote;
  if (state == ICE_CONNECTED &&
      nice_agent_get_selected_pair(ice->current->agent, ice->current->stream, COMPONENT, &local, &remote)) {
    local_type = type_of(local->type);
    remote_type = type_of(remote->type);
  }
  ice->reported = state;
  ice->reported_any = true;
  ice->pair_changed = false;
  if (ice->callbacks.state)
    ice->callbacks.state(ice->user, state, local_type, remote_type);
}

static gboolean report(gpointer user) {
  struct ice *ice = user;
  stop_source(&ice->report);
  if (ice->next && ice->next->connected)
    promote_next(ice);
  struct generation *current = ice->current;
  if (current->select)
    ice_pair_select(current->pair, current->connected);
  current->select = false;
  enum ice_state state = current->connected                                      ? ICE_CONNECTED
                         : current->failed && !(ice->next && !ice->next->failed) ? ICE_FAILED
                                                                                 : ICE_DISCONNECTED;
  bool first_wait = state == ICE_DISCONNECTED && !ice->reported_any; /* not yet is no news */
  if (first_wait || (ice->reported_any && state == ice->reported && !(state == ICE_CONNECTED && ice->pair_changed)))
    return G_SOURCE_REMOVE;
  enter(ice);
  call_state(ice, state);
  leave(ice);
  return G_SOURCE_REMOVE;
}

/* libnice signals on the stack of whoever called it: what it says is told from the context, behind that call. */
static void schedule_report(struct ice *ice) {
  if (ice->report)
    return;
  ice->report = g_idle_source_new();
  g_source_set_priority(ice->report, G_PRIORITY_DEFAULT);
  g_source_set_callback(ice->report, report, ice, NULL);
  g_source_attach(ice->report, ice->context);
}

static void on_state(NiceAgent *agent, guint stream, guint component, guint state, gpointer user) {
  (void)stream, (void)component;
  struct generation *generation = user;
  generation->connected = state == NICE_COMPONENT_STATE_CONNECTED || state == NICE_COMPONENT_STATE_READY;
  generation->failed = state == NICE_COMPONENT_STATE_FAILED;
  if (!generation->connected)
    ice_pair_select(generation->pair, false); /* consent is gone: nothing more may be sent (RFC 7675) */
  if (state == NICE_COMPONENT_STATE_READY)    /* no check is left: it need not wake for each Ta any more */
    g_object_set(agent, "idle-timeout", (guint)CHECKS_OVER_MS, NULL);
  generation->select = true;
  schedule_report(generation->ice);
}

static void on_pair(NiceAgent *agent, guint stream, guint component, NiceCandidate *local, NiceCandidate *remote,
                    gpointer user) {
  (void)agent, (void)stream, (void)component, (void)local, (void)remote;
  struct generation *generation = user;
  generation->ice->pair_changed = generation->select = true;
  schedule_report(generation->ice);
}

/* ---- candidates ---- */

static bool link_local(const struct candidate *candidate) {
  const uint8_t *address = candidate->address;
  return candidate->family == 4 ? address[0] == 169 && address[1] == 254
                                : address[0] == 0xfe && (address[1] & 0xc0) == 0x80;
}

static bool candidate_of(struct candidate *out, const NiceCandidate *nice) {
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_storage room;
  } address;
  memset(&address, 0, sizeof address);
  nice_address_copy_to_sockaddr(&nice->addr, &address.any);
  *out = (struct candidate){.type = (uint8_t)type_of(nice->type),
                            .transport = CANDIDATE_UDP,
                            .port = (uint16_t)nice_address_get_port(&nice->addr),
                            .priority = nice->priority};
  if (address.any.sa_family == AF_INET) {
    out->family = 4;
    memcpy(out->address, &address.v4.sin_addr, 4);
  } else {
    out->family = 6;
    memcpy(out->address, &address.v6.sin6_addr, 16);
  }
  g_strlcpy(out->foundation, nice->foundation, sizeof out->foundation);
  return nice->transport == NICE_CANDIDATE_TRANSPORT_UDP && nice->priority != 0 &&
         !link_local(out); /* no peer would try it */
}

static NiceCandidate *nice_of(const struct candidate *candidate, const struct generation *generation) {
  static const NiceCandidateType types[] = {[CANDIDATE_HOST] = NICE_CANDIDATE_TYPE_HOST,
                                            [CANDIDATE_SRFLX] = NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE,
                                            [CANDIDATE_RELAY] = NICE_CANDIDATE_TYPE_RELAYED};
  NiceCandidate *nice = nice_candidate_new(types[candidate->type]);
  struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(candidate->port)};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(candidate->port)};
  memcpy(&v4.sin_addr, candidate->address, sizeof v4.sin_addr);
  memcpy(&v6.sin6_addr, candidate->address, sizeof v6.sin6_addr);
  nice_address_set_from_sockaddr(&nice->addr, candidate->family == 4 ? (const struct sockaddr *)&v4
                                                                     : (const struct sockaddr *)&v6);
  nice->base_addr = nice->addr;
  nice->transport = NICE_CANDIDATE_TRANSPORT_UDP;
  nice->priority = candidate->priority;
  nice->stream_id = generation->stream;
  nice->component_id = COMPONENT;
  g_strlcpy(nice->foundation, candidate->foundation, sizeof nice->foundation);
  return nice;
}

static bool ice_chars(const char *text, size_t min, size_t max) {
  size_t size = strnlen(text, max + 1);
  for (size_t i = 0; i < size; i++)
    if (!g_ascii_isalnum(text[i]) && text[i] != '+' && text[i] != '/')
      return false;
  return size >= min && size <= max;
}

static bool usable(const struct candidate *candidate) {
  bool type =
      candidate->type == CANDIDATE_HOST || candidate->type == CANDIDATE_SRFLX || candidate->type == CANDIDATE_RELAY;
  return type && candidate->transport == CANDIDATE_UDP && (candidate->family == 4 || candidate->family == 6) &&
         candidate->port != 0 && candidate->priority != 0 &&
         ice_chars(candidate->foundation, 1, CANDIDATE_FOUNDATION_MAX);
}

static void call_candidate(struct generation *generation, const NiceCandidate *nice) {
  struct ice *ice = generation->ice;
  struct candidate candidate;
  if (candidate_of(&candidate, nice) && (!generation->relay_only || candidate.type == CANDIDATE_RELAY) &&
      ice->callbacks.candidate)
    ice->callbacks.candidate(ice->user, &candidate);
}

static struct generation *newest(struct ice *ice) {
  return ice->next ? ice->next : ice->current;
}

static void on_candidate(NiceAgent *agent, NiceCandidate *nice, gpointer user) {
  (void)agent;
  struct generation *generation = user;
  struct ice *ice = generation->ice;
  if (generation != newest(ice))
    return;
  enter(ice);
  call_candidate(generation, nice);
  leave(ice);
}

static void on_gathered(NiceAgent *agent, guint stream, gpointer user) {
  (void)agent, (void)stream;
  struct generation *generation = user;
  struct ice *ice = generation->ice;
  if (generation != newest(ice) || !ice->callbacks.gathered)
    return;
  enter(ice);
  ice->callbacks.gathered(ice->user);
  leave(ice);
}

static bool pass_on(void *user, uint8_t *data, size_t size) {
  struct ice *ice = ((struct generation *)user)->ice;
  if (!ice->callbacks.datagram)
    return true;
  enter(ice);
  ice->callbacks.datagram(ice->user, data, size);
  return leave(ice);
}

static void on_datagram(NiceAgent *agent, guint stream, guint component, guint size, gchar *data, gpointer user) {
  (void)agent, (void)stream, (void)component;
  pass_on(user, (uint8_t *)data, size);
}

static bool has_address(const struct candidate *list, size_t count, const struct candidate *from) {
  for (size_t i = 0; i < count; i++)
    if (list[i].family == from->family && list[i].port == from->port &&
        memcmp(list[i].address, from->address, from->family == 4 ? 4 : 16) == 0)
      return true;
  return false;
}

/* A peer may send from another of its addresses than the pair's that we chose: a browser goes by round trips. */
static bool is_remote(void *user, const struct candidate *from) {
  const struct generation *generation = user;
  size_t learned = generation->learnings < CANDIDATES_MAX ? generation->learnings : CANDIDATES_MAX;
  return has_address(generation->early, (size_t)generation->remotes, from) ||
         has_address(generation->learned, learned, from);
}

static void on_remote(NiceAgent *agent, NiceCandidate *nice, gpointer user) {
  (void)agent;
  struct generation *generation = user;
  struct candidate learned;
  if (candidate_of(&learned, nice))
    generation->learned[generation->learnings++ % CANDIDATES_MAX] = learned;
}

/* ---- the first check ---- */

/* The id that the context's next source will have, or the one before it. */
static guint source_id(GMainContext *context) {
  GSource *source = g_timeout_source_new(0);
  guint id = g_source_attach(source, context);
  g_source_destroy(source);
  g_source_unref(source);
  return id;
}

/* The first check is due as soon as there is a pair, the next ones one Ta each later (RFC 8445 section 6.1.4.2),
 * but libnice waits for a Ta before the first as well. Its timer is the one of this name, made since `id`. */
static void check_at_once(GMainContext *context, guint id) {
  for (guint last = source_id(context); ++id < last;) {
    GSource *source = g_main_context_find_source_by_id(context, id);
    if (source && g_strcmp0(g_source_get_name(source), "Connectivity check schedule") == 0)
      g_source_set_ready_time(source, 0);
  }
}

/* ---- gathering ---- */

static void gather(struct generation *generation) {
  struct ice *ice = generation->ice;
  generation->gathering = true;
  stop_source(&generation->timer);
  if (generation->stun[0])
    g_object_set(generation->agent, "stun-server", generation->stun, "stun-server-port", (guint)ice->stun_port,
                 NULL);
  if (generation->turn[0])
    nice_agent_set_relay_info(generation->agent, generation->stream, COMPONENT, generation->turn, ice->turn_port,
                              ice->turn_user ? ice->turn_user : "", ice->turn_password ? ice->turn_password : "",
                              NICE_RELAY_TYPE_TURN_UDP);
  guint id = source_id(ice->context);
  if (nice_agent_gather_candidates(generation->agent, generation->stream)) {
    check_at_once(ice->context, id); /* the peer's candidates may have been there first */
  } else {
    generation->failed = true;
    schedule_report(ice);
  }
}

static gboolean resolve_late(gpointer user) {
  struct generation *generation = user;
  if (!generation->gathering)
    gather(generation);
  return G_SOURCE_REMOVE;
}

struct lookup { /* outlives its generation when that is cancelled */
  struct generation *generation;
  char *out;
};

static void take_address(char *out, size_t room, GList *addresses) {
  GInetAddress *best = addresses->data;
  for (GList *at = addresses; at; at = at->next)
    if (g_inet_address_get_family(at->data) == G_SOCKET_FAMILY_IPV4) {
      best = at->data;
      break;
    }
  char *text = g_inet_address_to_string(best);
  g_strlcpy(out, text, room);
  g_free(text);
}

static void resolved(GObject *resolver, GAsyncResult *result, gpointer user) {
  struct lookup *lookup = user;
  GError *error = NULL;
  GList *addresses = g_resolver_lookup_by_name_finish(G_RESOLVER(resolver), result, &error);
  bool cancelled = g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error(&error);
  struct generation *generation = cancelled ? NULL : lookup->generation;
  if (generation && addresses)
    take_address(lookup->out, sizeof generation->stun, addresses);
  g_resolver_free_addresses(addresses);
  free(lookup);
  if (generation && --generation->resolving == 0 && !generation->gathering)
    gather(generation);
}

static void resolve(struct generation *generation, const char *host, char *out) {
  if (!host)
    return;
  struct lookup *lookup = calloc(1, sizeof *lookup);
  if (!lookup)
    return;
  *lookup = (struct lookup){.generation = generation, .out = out};
  GResolver *resolver = g_resolver_get_default();
  generation->resolving++;
  g_resolver_lookup_by_name_async(resolver, host, generation->cancel, resolved, lookup);
  g_object_unref(resolver);
}

/* The first thing a generation does, from the context. */
static gboolean begin(gpointer user) {
  struct generation *generation = user;
  struct ice *ice = generation->ice;
  char *ufrag = NULL, *pwd = NULL;
  stop_source(&generation->timer);
  resolve(generation, ice->stun_host, generation->stun);
  resolve(generation, ice->turn_host, generation->turn);
  if (generation->resolving)
    generation->timer = start_timer(generation, resolve_limit, resolve_late);
  nice_agent_get_local_credentials(generation->agent, generation->stream, &ufrag, &pwd);
  enter(ice);
  if (ice->callbacks.local)
    ice->callbacks.local(ice->user, ufrag, pwd);
  g_free(ufrag);
  g_free(pwd);
  if (leave(ice) && newest(ice) == generation && !generation->resolving)
    gather(generation);
  return G_SOURCE_REMOVE;
}

/* ---- a generation's beginning ---- */

static NiceAgent *new_agent(const struct ice *ice, bool relay_only) {
  NiceAgent *agent = nice_agent_new_full(ice->context, NICE_COMPATIBILITY_RFC5245,
                                         NICE_AGENT_OPTION_ICE_TRICKLE | NICE_AGENT_OPTION_CONSENT_FRESHNESS);
  g_object_set(agent, "controlling-mode", (gboolean)ice->controlling, "upnp", FALSE, "ice-tcp", FALSE,
               "keepalive-conncheck", TRUE, "force-relay", (gboolean)relay_only, "stun-pacing-timer",
               (guint)PACING_MS, "max-connectivity-checks", (guint)CHECKED_PAIRS, NULL);
  return agent;
}

static bool use_address(NiceAgent *agent, const char *text) {
  NiceAddress address;
  nice_address_init(&address);
  return nice_address_set_from_string(&address, text) && nice_agent_add_local_address(agent, &address);
}

static struct generation *generation_new(struct ice *ice, bool relay_only) {
  struct generation *generation = calloc(1, sizeof *generation);
  if (!generation)
    return NULL;
  generation->ice = ice;
  generation->relay_only = relay_only;
  generation->agent = new_agent(ice, relay_only);
  if (!ice->local_address || use_address(generation->agent, ice->local_address))
    generation->stream = nice_agent_add_stream(generation->agent, COMPONENT);
  static const struct ice_pair_callbacks pair = {.known = is_remote, .datagram = pass_on};
  if (generation->stream)
    generation->pair = ice_pair_new(generation->agent, generation->stream, ice->context, &pair, generation);
  if (!generation->pair) {
    g_object_unref(generation->agent);
    free(generation);
    return NULL;
  }
  generation->cancel = g_cancellable_new();
  g_signal_connect(generation->agent, "component-state-changed", G_CALLBACK(on_state), generation);
  g_signal_connect(generation->agent, "new-selected-pair-full", G_CALLBACK(on_pair), generation);
  g_signal_connect(generation->agent, "new-candidate-full", G_CALLBACK(on_candidate), generation);
  g_signal_connect(generation->agent, "new-remote-candidate-full", G_CALLBACK(on_remote), generation);
  g_signal_connect(generation->agent, "candidate-gathering-done", G_CALLBACK(on_gathered), generation);
  nice_agent_attach_recv(generation->agent, generation->stream, COMPONENT, ice->context, on_datagram, generation);
  generation->timer = start_timer(generation, 0, begin);
  return generation;
}

static bool copy(char **out, const char *text) {
  if (!text)
    return true;
  *out = strdup(text);
  return *out != NULL;
}

static bool copy_config(struct ice *ice, const struct ice_config *config) {
  ice->context = config->context;
  ice->controlling = config->controlling;
  ice->stun_port = config->stun.port ? config->stun.port : DEFAULT_PORT;
  ice->turn_port = config->turn.port ? config->turn.port : DEFAULT_PORT;
  return copy(&ice->local_address, config->local_address) && copy(&ice->stun_host, config->stun.host) &&
         copy(&ice->turn_host, config->turn.host) && copy(&ice->turn_user, config->turn_user) &&
         copy(&ice->turn_password, config->turn_password);
}

struct ice *ice_new(const struct ice_config *config, const struct ice_callbacks *callbacks, void *user) {
  struct ice *ice = calloc(1, sizeof *ice);
  if (!ice)
    return NULL;
  ice->callbacks = *callbacks;
  ice->user = user;
  if (copy_config(ice, config))
    ice->current = generation_new(ice, config->relay_only);
  if (!ice->current) {
    ice_free(ice);
    return NULL;
  }
  return ice;
}

bool ice_restart(struct ice *ice, bool relay_only) {
  struct generation *next = generation_new(ice, relay_only);
  if (!next)
    return false;
  generation_free(ice->next);
  ice->next = next;
  return true;
}

/* ---- the peer's side, and traffic ---- */

static bool give_candidate(struct generation *generation, const struct candidate *candidate) {
  NiceCandidate *nice = nice_of(candidate, generation);
  GSList list = {.data = nice};
  guint id = source_id(generation->ice->context);
  int taken = nice_agent_set_remote_candidates(generation->agent, generation->stream, COMPONENT, &list);
  check_at_once(generation->ice->context, id);
  nice_candidate_free(nice);
  return taken >= 0;
}

bool ice_set_remote(struct ice *ice, const char *ufrag, const char *pwd) {
  struct generation *generation = newest(ice);
  if (!ice_chars(ufrag, UFRAG_MIN, CREDENTIAL_MAX) || !ice_chars(pwd, PWD_MIN, CREDENTIAL_MAX) ||
      generation->has_remote ||
      !nice_agent_set_remote_credentials(generation->agent, generation->stream, ufrag, pwd))
    return false;
  generation->has_remote = true;
  for (int i = 0; i < generation->remotes; i++)
    give_candidate(generation, &generation->early[i]);
  return true;
}

bool ice_add_candidate(struct ice *ice, const struct candidate *candidate) {
  struct generation *generation = newest(ice);
  if (!usable(candidate) || generation->remotes == CANDIDATES_MAX)
    return false;
  if (generation->has_remote && !give_candidate(generation, candidate))
    return false;
  generation->early[generation->remotes++] = *candidate;
  return true;
}

bool ice_send(struct ice *ice, const uint8_t *datagram, size_t size) {
  return ice_pair_send(ice->current->pair, datagram, size);
}

void ice_flush(struct ice *ice) {
  ice_pair_flush(ice->current->pair);
}

const char *ice_send_path(const struct ice *ice) {
  return ice_pair_send_path(ice->current->pair);
}

const char *ice_receive_path(const struct ice *ice) {
  return ice_pair_receive_path(ice->current->pair);
}
