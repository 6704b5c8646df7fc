#include "connection.h"

#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>

#include "../rate.h"
#include "http_upgrade.h"

static const usec handshake_limit = SEC(10), ping_after = SEC(20), silence_limit = SEC(45);
static const usec write_limit = SEC(10), close_limit = SEC(1);

enum {
  READ_SIZE = 64 << 10,
  UNSENT_HIGH = 64 << 10, /* above: the core hands out no more */
  UNSENT_LOW = 16 << 10,
  UNSENT_MAX = 512 << 10, /* pongs to somebody who does not read */
  KEPT_SIZE = 16 << 10,   /* a buffer larger than this is given back */
  FRAMES_RATE = 100,
  FRAMES_BURST = 1000,
  SEND_BUFFER = 128 << 10, /* the kernel's, so that a slow reader costs no more */
};

/*   UPGRADING --> OPEN --> CLOSING --> ENDED

   ENDED: uv_close() was called. The memory lives until the loop's next turn, so whoever calls us may look at it. */
enum phase { UPGRADING, OPEN, CLOSING, ENDED };

struct buffer {
  uint8_t *data;
  size_t size, room;
};

struct connection {
  uv_tcp_t tcp;
  uv_write_t write;
  struct host *host;
  struct connection *next, **link;
  enum phase phase;
  uint32_t handle; /* the core's */
  struct tls *tls;
  struct buffer head;         /* UPGRADING: the request */
  struct buffer out, flying;  /* to be written; being written */
  wslay_event_context_ptr ws; /* from OPEN on */
  const uint8_t *in;          /* what wslay reads now */
  size_t in_size;
  struct rate frames;
  usec since, heard, pinged, written; /* began this phase; last whole message; ...; `flying` was begun */
  bool blocked, answered;             /* answered: nothing more is expected of the peer in CLOSING */
};

usec host_now(const struct host *host) {
  (void)host;
  return (usec)(uv_hrtime() / 1000);
}

struct connection *connection_next(const struct connection *connection) {
  return connection->next;
}

/* ---- the end ---------------------------------------------------------- */

static void on_closed(uv_handle_t *handle) {
  struct connection *connection = handle->data;
  if (connection->ws)
    wslay_event_context_free(connection->ws);
  tls_free(connection->tls);
  free(connection->head.data);
  free(connection->out.data);
  free(connection->flying.data);
  free(connection);
}

void connection_abort(struct connection *connection) {
  struct host *host = connection->host;
  if (connection->phase == ENDED)
    return;
  connection->phase = ENDED;
  *connection->link = connection->next;
  if (connection->next)
    connection->next->link = connection->link;
  if (connection->handle) {
    host->by_handle[connection->handle] = NULL;
    server_disconnected(host->server, host_now(host), connection->handle);
  }
  uv_close((uv_handle_t *)&connection->tcp, on_closed);
}

/* ---- writing ---------------------------------------------------------- */

static bool append(struct buffer *buffer, const void *data, size_t size) {
  if (buffer->size + size > buffer->room) {
    size_t room = buffer->room ? buffer->room : 4096;
    while (room < buffer->size + size)
      room *= 2;
    uint8_t *grown = realloc(buffer->data, room);
    if (!grown)
      return false;
    buffer->data = grown;
    buffer->room = room;
  }
  memcpy(buffer->data + buffer->size, data, size);
  buffer->size += size;
  return true;
}

static void empty(struct buffer *buffer) {
  buffer->size = 0;
  if (buffer->room <= KEPT_SIZE)
    return;
  free(buffer->data);
  *buffer = (struct buffer){0};
}

static void flush(struct connection *connection);

static void end_if_done(struct connection *connection) {
  if (connection->phase == CLOSING && connection->answered && !connection->out.size && !connection->flying.size)
    connection_abort(connection);
}

static void update_blocked(struct connection *connection) {
  struct host *host = connection->host;
  size_t unsent = connection->out.size + connection->flying.size;
  bool blocked = unsent > (connection->blocked ? UNSENT_LOW : UNSENT_HIGH);
  if (blocked == connection->blocked)
    return;
  connection->blocked = blocked;
  server_blocked(host->server, host_now(host), connection->handle, blocked);
  if (!blocked)
    host->drain(host);
}

static void on_written(uv_write_t *write, int status) {
  struct connection *connection = write->data;
  empty(&connection->flying);
  if (connection->phase == ENDED)
    return;
  if (status < 0) {
    connection_abort(connection);
    return;
  }
  flush(connection);
  if (connection->phase != ENDED)
    end_if_done(connection);
}

static void start_write(struct connection *connection) {
  struct buffer idle = connection->flying;
  connection->flying = connection->out;
  connection->out = idle;
  connection->written = host_now(connection->host);
  connection->write.data = connection;
  uv_buf_t buf = uv_buf_init((char *)connection->flying.data, (unsigned)connection->flying.size);
  if (uv_write(&connection->write, (uv_stream_t *)&connection->tcp, &buf, 1, on_written))
    connection_abort(connection);
}

static void flush(struct connection *connection) {
  if (connection->out.size > UNSENT_MAX) {
    connection_abort(connection);
    return;
  }
  if (connection->out.size && !connection->flying.size)
    start_write(connection);
  if (connection->phase == OPEN)
    update_blocked(connection);
}

static bool take_tls_output(struct connection *connection) {
  uint8_t bytes[4096];
  size_t size;
  while ((size = tls_output(connection->tls, bytes, sizeof bytes)))
    if (!append(&connection->out, bytes, size))
      return false;
  return true;
}

/* Queues plain bytes; flush() sends them. */
static bool put(struct connection *connection, const void *data, size_t size) {
  if (!connection->tls)
    return append(&connection->out, data, size);
  return tls_write(connection->tls, data, size) && take_tls_output(connection);
}

/* ---- WebSocket -------------------------------------------------------- */

static ssize_t ws_send(wslay_event_context_ptr ws, const uint8_t *data, size_t size, int flags, void *user) {
  (void)flags;
  if (put(user, data, size))
    return (ssize_t)size;
  wslay_event_set_error(ws, WSLAY_ERR_CALLBACK_FAILURE);
  return -1;
}

static ssize_t ws_recv(wslay_event_context_ptr ws, uint8_t *out, size_t size, int flags, void *user) {
  struct connection *connection = user;
  (void)flags;
  if (connection->in_size == 0) {
    wslay_event_set_error(ws, WSLAY_ERR_WOULDBLOCK);
    return -1;
  }
  size_t take = size < connection->in_size ? size : connection->in_size;
  memcpy(out, connection->in, take);
  connection->in += take;
  connection->in_size -= take;
  return (ssize_t)take;
}

static void begin_closing(struct connection *connection, int code) {
  connection->phase = CLOSING;
  connection->since = host_now(connection->host);
  wslay_event_queue_close(connection->ws, (uint16_t)code, NULL, 0);
}

static void ws_frame(wslay_event_context_ptr ws, const struct wslay_event_on_frame_recv_start_arg *frame,
                     void *user) {
  struct connection *connection = user;
  (void)ws, (void)frame;
  if (connection->phase == OPEN && !rate_take(&connection->frames, host_now(connection->host), 1))
    begin_closing(connection, WSLAY_CODE_POLICY_VIOLATION);
}

static void ws_message(wslay_event_context_ptr ws, const struct wslay_event_on_msg_recv_arg *message, void *user) {
  struct connection *connection = user;
  struct host *host = connection->host;
  (void)ws;
  connection->heard = host_now(host);
  if (connection->phase != OPEN)
    return;
  if (message->opcode == WSLAY_BINARY_FRAME)
    server_input(host->server, connection->heard, connection->handle, message->msg, message->msg_length);
  else if (message->opcode == WSLAY_TEXT_FRAME)
    begin_closing(connection, WSLAY_CODE_UNSUPPORTED_DATA);
}

static bool open_websocket(struct connection *connection) {
  static const struct wslay_event_callbacks callbacks = {.recv_callback = ws_recv,
                                                         .send_callback = ws_send,
                                                         .on_frame_recv_start_callback = ws_frame,
                                                         .on_msg_recv_callback = ws_message};
  if (wslay_event_context_server_init(&connection->ws, &callbacks, connection))
    return false;
  wslay_event_config_set_max_recv_msg_length(connection->ws, FRAME_CLIENT_MAX);
  usec now = host_now(connection->host);
  rate_init(&connection->frames, now, FRAMES_RATE, FRAMES_BURST);
  connection->phase = OPEN;
  connection->since = connection->heard = connection->pinged = now;
  return true;
}

/* Sends what wslay has queued, and notices when it has closed in either direction (RFC 6455 section 7.1). */
static void pump(struct connection *connection) {
  if (wslay_event_send(connection->ws)) {
    connection_abort(connection);
    return;
  }
  bool heard_close = wslay_event_get_close_received(connection->ws);
  if (connection->phase == OPEN && (heard_close || wslay_event_get_close_sent(connection->ws))) {
    connection->phase = CLOSING;
    connection->since = host_now(connection->host);
  }
  connection->answered |= heard_close;
  flush(connection);
  if (connection->phase != ENDED)
    end_if_done(connection);
}

static void input_frames(struct connection *connection, const uint8_t *data, size_t size) {
  struct host *host = connection->host;
  connection->in = data;
  connection->in_size = size;
  if (wslay_event_recv(connection->ws)) {
    connection_abort(connection);
    return;
  }
  pump(connection);
  host->drain(host);
}

/* ---- the request ------------------------------------------------------ */

static void input_request(struct connection *connection, const uint8_t *data, size_t size) {
  char answer[256];
  struct http_upgrade upgrade;
  size_t room = HTTP_UPGRADE_MAX + 1 - connection->head.size;
  if (!append(&connection->head, data, size < room ? size : room)) {
    connection_abort(connection);
    return;
  }
  enum http_upgrade_status status = http_upgrade_parse(&upgrade, connection->head.data, connection->head.size);
  if (status == HTTP_UPGRADE_MORE)
    return;
  free(connection->head.data);
  connection->head = (struct buffer){0};
  size_t length = http_upgrade_answer(answer, sizeof answer, status, &upgrade);
  if (!put(connection, answer, length) || (status == HTTP_UPGRADE_OK && !open_websocket(connection))) {
    connection_abort(connection);
    return;
  }
  if (status != HTTP_UPGRADE_OK) {
    connection->phase = CLOSING;
    connection->since = host_now(connection->host);
    connection->answered = true;
  }
  flush(connection);
}

static void input(struct connection *connection, const uint8_t *data, size_t size) {
  if (connection->phase == UPGRADING)
    input_request(connection, data, size);
  else if (connection->ws && (connection->phase == OPEN || connection->phase == CLOSING))
    input_frames(connection, data, size);
}

/* ---- reading ---------------------------------------------------------- */

static void input_tls(struct connection *connection, const uint8_t *data, size_t size) {
  static uint8_t plain[16 << 10];
  ssize_t got = tls_input(connection->tls, data, size) ? 0 : -1;
  while (got >= 0 && connection->phase != ENDED) {
    got = tls_read(connection->tls, plain, sizeof plain);
    if (got <= 0)
      break;
    input(connection, plain, (size_t)got);
  }
  if (connection->phase == ENDED)
    return;
  if (take_tls_output(connection)) /* a handshake's, an alert */
    flush(connection);
  if (got < 0 && connection->phase != ENDED)
    connection_abort(connection);
}

static void on_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buf) {
  static char bytes[READ_SIZE]; /* one loop, one thread, and used before the next read */
  (void)handle, (void)suggested;
  *buf = uv_buf_init(bytes, sizeof bytes);
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buf) {
  struct connection *connection = stream->data;
  if (size == 0)
    return;
  if (size < 0)
    connection_abort(connection);
  else if (connection->tls)
    input_tls(connection, (const uint8_t *)buf->base, (size_t)size);
  else
    input(connection, (const uint8_t *)buf->base, (size_t)size);
}

/* ---- from outside ----------------------------------------------------- */

/* What the limits group by: an IPv4 address, an IPv6 /64; nothing for loopback, which is a proxy's or a test's. */
static size_t origin(const uv_tcp_t *tcp, uint8_t out[8]) {
  struct sockaddr_storage peer;
  int size = sizeof peer;
  if (uv_tcp_getpeername(tcp, (struct sockaddr *)&peer, &size))
    return 0;
  const struct sockaddr_in *v4 = (const struct sockaddr_in *)&peer;
  const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)&peer;
  const uint8_t *four = (const uint8_t *)&v4->sin_addr;
  if (peer.ss_family == AF_INET6) {
    if (IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr))
      return 0;
    memcpy(out, &v6->sin6_addr, 8);
    if (!IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
      return 8;
    four = (const uint8_t *)&v6->sin6_addr + 12;
  }
  memcpy(out, four, 4);
  return four[0] == 127 ? 0 : 4;
}

static bool admit(struct connection *connection) {
  struct host *host = connection->host;
  uint8_t address[8];
  if (uv_accept(host->listener, (uv_stream_t *)&connection->tcp))
    return false;
  if (host->tls && !(connection->tls = tls_new(host->tls)))
    return false;
  size_t size = origin(&connection->tcp, address);
  connection->handle = server_connected(host->server, host_now(host), address, size);
  if (!connection->handle)
    return false;
  host->by_handle[connection->handle] = connection;
  int send_buffer = SEND_BUFFER;
  uv_send_buffer_size((uv_handle_t *)&connection->tcp, &send_buffer);
  uv_tcp_nodelay(&connection->tcp, 1);
  return uv_read_start((uv_stream_t *)&connection->tcp, on_buffer, on_read) == 0;
}

void connection_accept(struct host *host) {
  struct connection *connection = calloc(1, sizeof *connection);
  host->accept_due = !connection;
  if (!connection)
    return;
  connection->host = host;
  connection->since = host_now(host);
  if (uv_tcp_init(host->loop, &connection->tcp)) {
    free(connection);
    return;
  }
  connection->tcp.data = connection;
  connection->next = host->first;
  connection->link = &host->first;
  if (host->first)
    host->first->link = &connection->next;
  host->first = connection;
  if (!admit(connection))
    connection_abort(connection);
}

void connection_send(struct connection *connection, const uint8_t *message, size_t size) {
  const struct wslay_event_msg msg = {WSLAY_BINARY_FRAME, message, size};
  if (connection->phase != OPEN)
    return;
  if (wslay_event_queue_msg(connection->ws, &msg)) {
    connection_abort(connection);
    return;
  }
  pump(connection);
}

void connection_close(struct connection *connection, int code) {
  if (connection->phase == UPGRADING) {
    connection_abort(connection);
  } else if (connection->phase == OPEN) {
    begin_closing(connection, code);
    pump(connection);
  }
}

static void ping(struct connection *connection, usec now) {
  static const struct wslay_event_msg msg = {WSLAY_PING, NULL, 0};
  connection->pinged = now;
  if (wslay_event_queue_msg(connection->ws, &msg))
    connection_abort(connection);
  else
    pump(connection);
}

void connection_check(struct connection *connection) {
  usec now = host_now(connection->host);
  bool open = connection->phase == OPEN;
  if ((connection->phase == UPGRADING && now - connection->since > handshake_limit) ||
      (connection->phase == CLOSING && now - connection->since > close_limit) ||
      (open && now - connection->heard > silence_limit) ||
      (connection->flying.size && now - connection->written > write_limit))
    connection_abort(connection);
  else if (open && now - connection->heard > ping_after && now - connection->pinged > ping_after)
    ping(connection, now);
}
