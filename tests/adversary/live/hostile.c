#include "hostile.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "signaling/crypto.h"
#include "signaling/server/connection.h"
#include "turn_server.h"

enum { CONNECTIONS = 64, TICK_MS = 10, SWEEP_TICKS = 100 };

struct hostile {
  struct host host;
  uv_loop_t loop;
  uv_tcp_t listener;
  uv_udp_t relay;
  uv_timer_t tick;
  uv_async_t stop;
  int ticks;
  char url[64], turn[64];
  pthread_t thread;
  pthread_mutex_t lock;
  struct hostile_hooks hooks;
  struct turn_server turn_server;
  int expected, who[CONNECTIONS + 1]; /* by the core's handle; -1: not known yet */
  bool has_mailbox[VICTIMS];
  uint8_t mailbox[VICTIMS][MAILBOX_SIZE];
};

void hostile_lock(struct hostile *hostile) {
  pthread_mutex_lock(&hostile->lock);
}

void hostile_unlock(struct hostile *hostile) {
  pthread_mutex_unlock(&hostile->lock);
}

/* ---- signaling ---- */

static int victim_at(struct hostile *hostile, uint32_t handle) {
  return handle <= CONNECTIONS && hostile->who[handle] >= 0 ? hostile->who[handle] : hostile->expected;
}

static bool may_pass(struct hostile *hostile, int to, uint8_t *frame, size_t size) {
  if (size != FRAME_CELL_SIZE || frame[0] != FRAME_CELL)
    return true;
  memcpy(hostile->mailbox[to], frame + 1, MAILBOX_SIZE);
  hostile->has_mailbox[to] = true;
  return !hostile->hooks.on_cell || hostile->hooks.on_cell(hostile->hooks.user, to, frame);
}

static void drain(struct host *host) {
  struct hostile *hostile = host->loop->data;
  struct server_output out;
  usec now = host_now(host);
  while (server_poll(host->server, now, &out)) {
    struct connection *connection = host->by_handle[out.connection];
    uint8_t frame[FRAME_SERVER_MAX];
    if (out.type == SERVER_CLOSE) {
      connection_close(connection, out.code);
      continue;
    }
    memcpy(frame, out.data, out.size);
    hostile_lock(hostile);
    bool pass = may_pass(hostile, victim_at(hostile, out.connection), frame, out.size);
    hostile_unlock(hostile);
    if (pass)
      connection_send(connection, frame, out.size);
  }
}

static void on_connection(uv_stream_t *listener, int status) {
  struct hostile *hostile = listener->loop->data;
  if (status != 0)
    return;
  connection_accept(&hostile->host);
  hostile_lock(hostile);
  for (int i = 1; i <= CONNECTIONS; i++) {
    if (!hostile->host.by_handle[i])
      hostile->who[i] = -1;
    else if (hostile->who[i] < 0)
      hostile->who[i] = hostile->expected;
  }
  hostile_unlock(hostile);
}

bool hostile_send_cell(struct hostile *hostile, int to, const uint8_t cell[CELL_SIZE]) {
  uint8_t frame[FRAME_CELL_SIZE] = {FRAME_CELL};
  if (!hostile->has_mailbox[to])
    return false;
  memcpy(frame + 1, hostile->mailbox[to], MAILBOX_SIZE);
  memcpy(frame + 1 + MAILBOX_SIZE, cell, CELL_SIZE);
  for (int i = 1; i <= CONNECTIONS; i++)
    if (hostile->host.by_handle[i] && hostile->who[i] == to)
      connection_send(hostile->host.by_handle[i], frame, sizeof frame);
  return true;
}

/* ---- the relay ---- */

static void send_datagram(void *user, const struct sockaddr_in *to, const uint8_t *data, size_t size) {
  struct hostile *hostile = user;
  uv_buf_t buf = uv_buf_init((char *)data, (unsigned)size);
  uv_udp_try_send(&hostile->relay, &buf, 1, (const struct sockaddr *)to); /* a full socket loses, as networks do */
}

static bool on_packet(void *user, int from, int to, uint8_t *data, size_t size) {
  struct hostile *hostile = user;
  return !hostile->hooks.on_packet || hostile->hooks.on_packet(hostile->hooks.user, from, to, data, size);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buf) {
  static char bytes[1 << 16]; /* one thread, and used before the next read */
  (void)handle, (void)suggested;
  *buf = uv_buf_init(bytes, sizeof bytes);
}

static void on_datagram(uv_udp_t *relay, ssize_t size, const uv_buf_t *buf, const struct sockaddr *from,
                        unsigned flags) {
  struct hostile *hostile = relay->loop->data;
  (void)flags;
  if (size <= 0 || !from || from->sa_family != AF_INET)
    return;
  hostile_lock(hostile);
  turn_server_input(&hostile->turn_server, (const struct sockaddr_in *)from, (const uint8_t *)buf->base,
                    (size_t)size);
  hostile_unlock(hostile);
}

void hostile_send_packet(struct hostile *hostile, int to, const uint8_t *data, size_t size) {
  turn_server_inject(&hostile->turn_server, to, data, size);
}

/* ---- the thread ---- */

static void on_tick(uv_timer_t *timer) {
  struct hostile *hostile = timer->loop->data;
  drain(&hostile->host);
  hostile_lock(hostile);
  if (hostile->hooks.on_tick)
    hostile->hooks.on_tick(hostile->hooks.user);
  hostile_unlock(hostile);
  if (++hostile->ticks % SWEEP_TICKS)
    return;
  for (struct connection *at = hostile->host.first, *next; at; at = next) {
    next = connection_next(at);
    connection_check(at);
  }
}

static void on_stop(uv_async_t *stop) {
  uv_stop(stop->loop);
}

static void *run(void *user) {
  struct hostile *hostile = user;
  uv_run(&hostile->loop, UV_RUN_DEFAULT);
  return NULL;
}

static int port_of(const struct sockaddr_in *address) {
  return ntohs(address->sin_port);
}

static bool listen_on_loopback(struct hostile *hostile) {
  struct sockaddr_in any, bound;
  int size = sizeof bound;
  uv_ip4_addr("127.0.0.1", 0, &any);
  if (uv_tcp_bind(&hostile->listener, (struct sockaddr *)&any, 0) ||
      uv_listen((uv_stream_t *)&hostile->listener, 16, on_connection) ||
      uv_tcp_getsockname(&hostile->listener, (struct sockaddr *)&bound, &size))
    return false;
  snprintf(hostile->url, sizeof hostile->url, "ws://127.0.0.1:%d", port_of(&bound));
  size = sizeof bound;
  if (uv_udp_bind(&hostile->relay, (struct sockaddr *)&any, 0) ||
      uv_udp_recv_start(&hostile->relay, on_room, on_datagram) ||
      uv_udp_getsockname(&hostile->relay, (struct sockaddr *)&bound, &size))
    return false;
  snprintf(hostile->turn, sizeof hostile->turn, "127.0.0.1:%d", port_of(&bound));
  return true;
}

static bool start(struct hostile *hostile) {
  static const char *const names[TURN_USERS] = {"alice", "bob"};
  struct server_config config = {.max_connections = CONNECTIONS};
  crypto_random(config.seed, sizeof config.seed);
  hostile->host.server = server_new(&config);
  hostile->host.by_handle = calloc(CONNECTIONS + 1, sizeof(struct connection *));
  if (!hostile->host.server || !hostile->host.by_handle || uv_loop_init(&hostile->loop))
    return false;
  hostile->loop.data = hostile;
  hostile->host.loop = &hostile->loop;
  hostile->host.listener = (uv_stream_t *)&hostile->listener;
  hostile->host.drain = drain;
  turn_server_init(&hostile->turn_server, &(struct turn_callbacks){send_datagram, on_packet, hostile}, names,
                   hostile_turn_password());
  return !uv_tcp_init(&hostile->loop, &hostile->listener) && !uv_udp_init(&hostile->loop, &hostile->relay) &&
         !uv_timer_init(&hostile->loop, &hostile->tick) &&
         !uv_async_init(&hostile->loop, &hostile->stop, on_stop) && listen_on_loopback(hostile) &&
         !uv_timer_start(&hostile->tick, on_tick, TICK_MS, TICK_MS) &&
         !pthread_create(&hostile->thread, NULL, run, hostile);
}

struct hostile *hostile_new(void) {
  struct hostile *hostile = calloc(1, sizeof *hostile);
  if (!hostile)
    return NULL;
  pthread_mutexattr_t again; /* a hook that injects may come by another hook */
  pthread_mutexattr_init(&again);
  pthread_mutexattr_settype(&again, PTHREAD_MUTEX_RECURSIVE);
  pthread_mutex_init(&hostile->lock, &again);
  pthread_mutexattr_destroy(&again);
  memset(hostile->who, -1, sizeof hostile->who);
  if (crypto_init() && start(hostile))
    return hostile;
  fputs("sotto-evil-live: the hostile servers did not start\n", stderr);
  abort(); /* a machine without loopback sockets: nothing to clean up that the end of the process does not */
}

static void close_handle(uv_handle_t *handle, void *user) {
  (void)user;
  if (!uv_is_closing(handle))
    uv_close(handle, NULL);
}

void hostile_free(struct hostile *hostile) {
  if (!hostile)
    return;
  uv_async_send(&hostile->stop);
  pthread_join(hostile->thread, NULL);
  for (struct connection *at = hostile->host.first, *next; at; at = next) {
    next = connection_next(at);
    connection_abort(at);
  }
  uv_walk(&hostile->loop, close_handle, NULL);
  uv_run(&hostile->loop, UV_RUN_DEFAULT);
  uv_loop_close(&hostile->loop);
  server_free(hostile->host.server);
  free(hostile->host.by_handle);
  pthread_mutex_destroy(&hostile->lock);
  free(hostile);
}

/* ---- from outside ---- */

const char *hostile_url(const struct hostile *hostile) {
  return hostile->url;
}

const char *hostile_turn(const struct hostile *hostile) {
  return hostile->turn;
}

const char *hostile_turn_password(void) {
  return "relay";
}

void hostile_expect(struct hostile *hostile, int victim) {
  hostile_lock(hostile);
  hostile->expected = victim;
  hostile_unlock(hostile);
}

void hostile_set_hooks(struct hostile *hostile, const struct hostile_hooks *hooks) {
  hostile_lock(hostile);
  hostile->hooks = hooks ? *hooks : (struct hostile_hooks){0};
  hostile_unlock(hostile);
}
