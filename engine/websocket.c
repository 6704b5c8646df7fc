#include "websocket.h"

#include <libsoup/soup.h>
#include <stdlib.h>
#include <string.h>

enum {
  CONNECT_SECONDS = 10,
  PING_SECONDS = 10,
  CHECK_SECONDS = 5,
  SILENCE_SECONDS = 25, /* plus one check: a stalled server is noticed within 30 s */
  UNHEARD_MAX = 1 << 20 /* bytes sent since the server was last heard: nobody reads them */
};

/*  CONNECTING --> OPEN --> OVER: closed() was called   */
enum phase { CONNECTING, OPEN, OVER };

struct websocket {
  struct websocket_callbacks callbacks;
  void *user;
  enum phase phase;
  size_t max_message;
  SoupSession *session;
  SoupWebsocketConnection *connection; /* from OPEN on */
  GCancellable *cancellable;
  GSource *timer; /* the connect time-out, then the checks */
  gint64 heard;   /* when the server last said anything, monotonic */
  size_t unheard;
  bool connecting; /* libsoup holds on to us until its callback */
  bool freed;
};

static _Thread_local int in_flight; /* freed, and libsoup not done with it: a context belongs to one thread */

static void drop(struct websocket *websocket) {
  if (websocket->connecting)
    return;
  g_clear_object(&websocket->session);
  g_clear_object(&websocket->cancellable);
  free(websocket);
}

static void stop_timer(struct websocket *websocket) {
  if (!websocket->timer)
    return;
  g_source_destroy(websocket->timer);
  g_source_unref(websocket->timer);
  websocket->timer = NULL;
}

static void start_timer(struct websocket *websocket, guint seconds, GSourceFunc expired) {
  stop_timer(websocket);
  websocket->timer = g_timeout_source_new_seconds(seconds);
  g_source_set_callback(websocket->timer, expired, websocket, NULL);
  g_source_attach(websocket->timer, g_main_context_get_thread_default());
}

static gboolean once(gpointer user) {
  (void)user;
  return G_SOURCE_REMOVE;
}

static void landed(gpointer user) {
  (void)user;
  in_flight--;
}

/* Later, and out of its own signals: libsoup may be reading from it, with more than one message at hand. Before
 * anything else then: a server that floods would keep an idle source from ever running. */
static void unref_later(GObject *object) {
  in_flight++;
  g_object_set_data_full(object, "sotto-in-flight", object, landed); /* called when the last of it is gone */
  GSource *source = g_idle_source_new();
  g_source_set_priority(source, G_PRIORITY_HIGH);
  g_source_set_callback(source, once, object, g_object_unref);
  g_source_attach(source, g_main_context_get_thread_default());
  g_source_unref(source);
}

static void let_go(struct websocket *websocket) {
  stop_timer(websocket);
  g_cancellable_cancel(websocket->cancellable);
  if (!websocket->connection)
    return;
  g_signal_handlers_disconnect_by_data(websocket->connection, websocket);
  if (soup_websocket_connection_get_state(websocket->connection) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close(websocket->connection, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
  unref_later(G_OBJECT(websocket->connection));
  websocket->connection = NULL;
}

/* The user may free us inside closed(): nothing after it. */
static void end(struct websocket *websocket, const char *reason) {
  if (websocket->phase == OVER)
    return;
  websocket->phase = OVER;
  let_go(websocket);
  websocket->callbacks.closed(websocket->user, reason);
}

/* ---- open ------------------------------------------------------------- */

static void hear(struct websocket *websocket) {
  websocket->heard = g_get_monotonic_time();
  websocket->unheard = 0;
}

static void on_message(SoupWebsocketConnection *connection, gint type, GBytes *message, gpointer user) {
  struct websocket *websocket = user;
  gsize size;
  (void)connection;
  hear(websocket);
  if (type != SOUP_WEBSOCKET_DATA_BINARY) {
    end(websocket, "the server broke the protocol");
    return;
  }
  const uint8_t *data = g_bytes_get_data(message, &size);
  websocket->callbacks.message(websocket->user, data, size);
}

static void on_pong(SoupWebsocketConnection *connection, GBytes *message, gpointer user) {
  (void)connection, (void)message;
  hear(user);
}

static void on_closed(SoupWebsocketConnection *connection, gpointer user) {
  gushort code = soup_websocket_connection_get_close_code(connection);
  end(user, code == SOUP_WEBSOCKET_CLOSE_GOING_AWAY         ? "the server stopped"
            : code == SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION ? "the server refuses us: too many messages"
                                                            : "the server closed the connection");
}

static gboolean on_check(gpointer user) {
  struct websocket *websocket = user;
  if (g_get_monotonic_time() - websocket->heard <= (gint64)SILENCE_SECONDS * G_USEC_PER_SEC)
    return G_SOURCE_CONTINUE;
  end(websocket, "the server has stalled");
  return G_SOURCE_REMOVE;
}

static void open_connection(struct websocket *websocket, SoupWebsocketConnection *connection) {
  websocket->connection = connection;
  websocket->phase = OPEN;
  soup_websocket_connection_set_max_incoming_payload_size(connection, websocket->max_message);
  soup_websocket_connection_set_keepalive_interval(connection, PING_SECONDS);
  g_signal_connect(connection, "message", G_CALLBACK(on_message), websocket);
  g_signal_connect(connection, "pong", G_CALLBACK(on_pong), websocket);
  g_signal_connect(connection, "closed", G_CALLBACK(on_closed), websocket);
  hear(websocket);
  start_timer(websocket, CHECK_SECONDS, on_check);
  websocket->callbacks.opened(websocket->user);
}

/* ---- connecting ------------------------------------------------------- */

/* Our own words: GLib's name the address. */
static const char *reason_of(const GError *error) {
  if (error->domain == G_TLS_ERROR)
    return "the server's certificate does not verify";
  if (error->domain == SOUP_WEBSOCKET_ERROR)
    return "no WebSocket server answers there";
  if (error->domain == G_RESOLVER_ERROR)
    return "the server's name does not resolve";
  return "the server can't be reached";
}

static void on_connected(GObject *session, GAsyncResult *result, gpointer user) {
  struct websocket *websocket = user;
  GError *error = NULL;
  SoupWebsocketConnection *connection =
      soup_session_websocket_connect_finish(SOUP_SESSION(session), result, &error);
  websocket->connecting = false;
  if (websocket->freed || websocket->phase != CONNECTING) {
    g_clear_object(&connection);
    g_clear_error(&error);
    if (websocket->freed) {
      in_flight--;
      drop(websocket);
    }
    return;
  }
  if (connection) {
    open_connection(websocket, connection);
    return;
  }
  const char *reason = reason_of(error);
  g_clear_error(&error);
  end(websocket, reason);
}

static gboolean on_connect_timeout(gpointer user) {
  end(user, "the server does not answer");
  return G_SOURCE_REMOVE;
}

static gboolean refuse_certificate(SoupMessage *message, GTlsCertificate *certificate, GTlsCertificateFlags errors,
                                   gpointer user) {
  (void)message, (void)certificate, (void)errors, (void)user;
  return FALSE;
}

static SoupMessage *make_request(const char *url) {
  GUri *uri = g_uri_parse(url, SOUP_HTTP_URI_FLAGS, NULL);
  if (!uri)
    return NULL;
  const char *scheme = g_uri_get_scheme(uri), *host = g_uri_get_host(uri);
  bool usable = host && *host && (!strcmp(scheme, "ws") || !strcmp(scheme, "wss"));
  SoupMessage *request = usable ? soup_message_new_from_uri("GET", uri) : NULL;
  g_uri_unref(uri);
  if (!request)
    return NULL;
  soup_message_disable_feature(request, SOUP_TYPE_WEBSOCKET_EXTENSION_MANAGER); /* sealed cells don't compress */
  soup_message_set_flags(request, SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_NEW_CONNECTION);
  g_signal_connect(request, "accept-certificate", G_CALLBACK(refuse_certificate), NULL);
  return request;
}

static bool is_on_this_machine(SoupMessage *request) {
  const char *host = g_uri_get_host(soup_message_get_uri(request));
  GInetAddress *address = g_inet_address_new_from_string(host);
  bool loopback = address ? g_inet_address_get_is_loopback(address) : strcmp(host, "localhost") == 0;
  g_clear_object(&address);
  return loopback;
}

static SoupSession *make_session(const char *ca_file) {
  GTlsDatabase *authorities = ca_file ? g_tls_file_database_new(ca_file, NULL) : NULL;
  if (ca_file && !authorities)
    return NULL;
  SoupSession *session =
      authorities ? soup_session_new_with_options("tls-database", authorities, NULL) : soup_session_new();
  g_clear_object(&authorities);
  return session;
}

struct websocket *websocket_new(const char *url, const char *ca_file, size_t max_message,
                                const struct websocket_callbacks *callbacks, void *user) {
  SoupMessage *request = make_request(url);
  struct websocket *websocket = request ? calloc(1, sizeof *websocket) : NULL;
  if (!websocket)
    goto fail;
  *websocket = (struct websocket){.callbacks = *callbacks, .user = user, .max_message = max_message};
  websocket->session = make_session(ca_file);
  if (!websocket->session)
    goto fail;
  if (is_on_this_machine(request)) /* where a proxy would look for it on its own */
    soup_session_set_proxy_resolver(websocket->session, NULL);
  websocket->cancellable = g_cancellable_new();
  websocket->connecting = true;
  start_timer(websocket, CONNECT_SECONDS, on_connect_timeout);
  soup_session_websocket_connect_async(websocket->session, request, NULL, NULL, G_PRIORITY_DEFAULT,
                                       websocket->cancellable, on_connected, websocket);
  g_object_unref(request);
  return websocket;

fail:
  free(websocket);
  g_clear_object(&request);
  return NULL;
}

bool websocket_send(struct websocket *websocket, const uint8_t *data, size_t size) {
  if (websocket->phase != OPEN ||
      soup_websocket_connection_get_state(websocket->connection) != SOUP_WEBSOCKET_STATE_OPEN)
    return false;
  if (websocket->unheard > UNHEARD_MAX) { /* libsoup's queue has no bound; the check soon ends this */
    websocket->heard = 0;
    return false;
  }
  websocket->unheard += size;
  soup_websocket_connection_send_binary(websocket->connection, data, size);
  return true;
}

void websocket_free(struct websocket *websocket) {
  if (!websocket)
    return;
  websocket->phase = OVER;
  websocket->freed = true;
  in_flight += websocket->connecting;
  let_go(websocket);
  drop(websocket);
}

static gboolean set_flag(gpointer user) {
  *(bool *)user = true;
  return G_SOURCE_REMOVE;
}

void websocket_drain(void *context, usec limit) {
  bool late = false;
  GSource *timer = g_timeout_source_new((guint)(limit / 1000));
  g_source_set_callback(timer, set_flag, &late, NULL);
  g_source_attach(timer, context);
  while (in_flight > 0 && !late)
    g_main_context_iteration(context, TRUE);
  g_source_destroy(timer);
  g_source_unref(timer);
}
