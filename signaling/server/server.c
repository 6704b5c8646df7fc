#include "server.h"

#include <stdlib.h>
#include <string.h>

#include "../mailbox.h"
#include "../rate.h"
#include "mailboxes.h"
#include "siphash.h"

enum {
  ADDRESSES_MAX = 1 << 14, /* buckets; addresses that meet in one share it */
  ADDRESSES_A_CONNECTION = 4,
  ADDRESS_COST = 4,  /* of a new connection, in frames */
  PATIENCE_RATE = 1, /* refused frames a second that we bear with */
  PATIENCE_BURST = 64,
  WAITING_A_FRAME = 4, /* waiting cells that a subscription is charged a frame for */
  CODE_MALFORMED = 1002,
  CODE_FLOODS = 1008, /* RFC 6455 section 7.4.1 */
};

struct address {
  struct rate rate;
  int connections;
};

/* One connection's interest in one mailbox; in three lists. `hot`: there may be cells it has not had. */
struct subscription {
  struct connection *connection;
  struct box *mailbox;
  uint64_t read; /* the number of the last cell handed out */
  struct subscription *reader_next, **reader_link;
  struct subscription *own_next, **own_link;
  struct subscription *hot_next;
  bool hot;
};

struct connection {
  bool open, blocked, close_due, ready;
  int close_code; /* 0: not closing */
  int limit;      /* enum frame_limit to be told; 0: none */
  struct address *address;
  struct rate rate, patience;
  struct subscription *own;
  int subscriptions;
  struct subscription *hot_first, *hot_last;
  struct connection *ready_next;
};

struct server {
  struct mailboxes mailboxes;
  struct pool subscriptions;
  struct connection *connection; /* max_connections of them; a handle is the index + 1 */
  int max_connections, connections;
  int search; /* where to look for a free one */
  struct connection *ready_first, *ready_last;
  struct address *address;
  size_t address_mask;
  uint8_t seed[16];
  uint8_t limit_frame[FRAME_LIMIT_SIZE];
};

/* Three quarters of the memory for cells; the rest for mailboxes and subscriptions, as many of the ones as of
 * the others. */
static bool init_tables(struct server *server, size_t memory) {
  size_t cells = memory / 4 * 3 / sizeof(struct waiting);
  size_t others = memory / 4 / (sizeof(struct box) + sizeof(struct subscription));
  pool_init(&server->subscriptions, sizeof(struct subscription), others);
  return mailboxes_init(&server->mailboxes, server->seed, others, cells);
}

static size_t address_mask(int connections) {
  size_t mask = 63;
  while (mask < (size_t)connections * ADDRESSES_A_CONNECTION && mask < ADDRESSES_MAX - 1)
    mask = mask * 2 + 1;
  return mask;
}

struct server *server_new(const struct server_config *config) {
  struct server *server = calloc(1, sizeof *server);
  if (!server)
    return NULL;
  memcpy(server->seed, config->seed, sizeof server->seed);
  server->max_connections = config->max_connections > 0 ? config->max_connections : 4096;
  server->connection = calloc((size_t)server->max_connections, sizeof *server->connection);
  server->address_mask = address_mask(server->max_connections);
  server->address = calloc(server->address_mask + 1, sizeof *server->address);
  if (server->connection && server->address &&
      init_tables(server, config->max_memory ? config->max_memory : (size_t)256 << 20))
    return server;
  server_free(server);
  return NULL;
}

void server_free(struct server *server) {
  if (!server)
    return;
  mailboxes_deinit(&server->mailboxes);
  pool_deinit(&server->subscriptions);
  free(server->connection);
  free(server->address);
  free(server);
}

static struct connection *connection_of(struct server *server, uint32_t handle) {
  if (handle == 0 || handle > (uint32_t)server->max_connections || !server->connection[handle - 1].open)
    return NULL;
  return &server->connection[handle - 1];
}

static uint32_t handle_of(const struct server *server, const struct connection *connection) {
  return (uint32_t)(connection - server->connection) + 1;
}

/* ---- who has something to be handed out ------------------------------- */

static bool has_output(const struct connection *connection) {
  return connection->close_due ||
         (!connection->blocked && !connection->close_code && (connection->limit || connection->hot_first));
}

static void make_ready(struct server *server, struct connection *connection) {
  if (connection->ready || !has_output(connection))
    return;
  connection->ready = true;
  connection->ready_next = NULL;
  if (server->ready_first)
    server->ready_last->ready_next = connection;
  else
    server->ready_first = connection;
  server->ready_last = connection;
}

static void make_hot(struct server *server, struct subscription *subscription) {
  struct connection *connection = subscription->connection;
  if (!subscription->hot) {
    subscription->hot = true;
    subscription->hot_next = NULL;
    if (connection->hot_first)
      connection->hot_last->hot_next = subscription;
    else
      connection->hot_first = subscription;
    connection->hot_last = subscription;
  }
  make_ready(server, connection);
}

static struct subscription *take_hot(struct connection *connection) {
  struct subscription *subscription = connection->hot_first;
  connection->hot_first = subscription->hot_next;
  subscription->hot = false;
  return subscription;
}

static void cool(struct connection *connection, struct subscription *subscription) {
  struct subscription *before = NULL;
  for (struct subscription *at = connection->hot_first; at != subscription; at = at->hot_next)
    before = at;
  *(before ? &before->hot_next : &connection->hot_first) = subscription->hot_next;
  if (connection->hot_last == subscription)
    connection->hot_last = before;
}

/* ---- subscriptions ---------------------------------------------------- */

static void unsubscribe(struct server *server, struct subscription *subscription) {
  struct connection *connection = subscription->connection;
  struct box *box = subscription->mailbox;
  if (subscription->hot)
    cool(connection, subscription);
  *subscription->reader_link = subscription->reader_next;
  if (subscription->reader_next)
    subscription->reader_next->reader_link = subscription->reader_link;
  *subscription->own_link = subscription->own_next;
  if (subscription->own_next)
    subscription->own_next->own_link = subscription->own_link;
  connection->subscriptions--;
  box->reader_count--;
  pool_give(&server->subscriptions, subscription);
  mailboxes_release(&server->mailboxes, box);
}

static struct subscription *find_reader(const struct box *box, const struct connection *connection) {
  for (struct subscription *at = box->readers; at; at = at->reader_next)
    if (at->connection == connection)
      return at;
  return NULL;
}

static void link_subscription(struct subscription *subscription, struct connection *connection, struct box *box) {
  subscription->connection = connection;
  subscription->mailbox = box;
  subscription->reader_next = box->readers;
  subscription->reader_link = &box->readers;
  if (box->readers)
    box->readers->reader_link = &subscription->reader_next;
  box->readers = subscription;
  subscription->own_next = connection->own;
  subscription->own_link = &connection->own;
  if (connection->own)
    connection->own->own_link = &subscription->own_next;
  connection->own = subscription;
  connection->subscriptions++;
  box->reader_count++;
}

/* A mailbox that has as many readers as it may loses the oldest: it is the one that no longer lives. */
static void make_room_for_reader(struct server *server, const struct box *box) {
  if (box->reader_count < SERVER_READERS_A_MAILBOX)
    return;
  struct subscription *oldest = box->readers;
  while (oldest->reader_next)
    oldest = oldest->reader_next;
  unsubscribe(server, oldest);
}

static bool subscribe(struct server *server, usec now, struct connection *connection, const uint8_t *token) {
  uint8_t id[MAILBOX_SIZE];
  mailbox_address(id, token);
  struct box *box = mailboxes_open(&server->mailboxes, id);
  if (!box)
    return false;
  if (find_reader(box, connection)) /* once is enough: nothing is handed out twice for asking twice */
    return true;
  struct subscription *subscription =
      connection->subscriptions < FRAME_SUBSCRIPTIONS ? pool_take(&server->subscriptions) : NULL;
  if (!subscription) {
    mailboxes_release(&server->mailboxes, box);
    return false;
  }
  make_room_for_reader(server, box);
  link_subscription(subscription, connection, box);
  if (box->cells) {
    rate_force(&connection->rate, now, box->cells / WAITING_A_FRAME, FRAME_BURST);
    make_hot(server, subscription);
  }
  return true;
}

/* ---- frames ----------------------------------------------------------- */

static void tell_limit(struct server *server, struct connection *connection, enum frame_limit limit) {
  connection->limit = (int)limit;
  make_ready(server, connection);
}

static void forget_subscriptions(struct server *server, struct connection *connection) {
  while (connection->own)
    unsubscribe(server, connection->own);
}

static void close_connection(struct server *server, struct connection *connection, int code) {
  if (connection->close_code)
    return;
  connection->close_code = code;
  connection->close_due = true;
  forget_subscriptions(server, connection);
  make_ready(server, connection);
}

static bool within_rate(struct server *server, usec now, struct connection *connection, int cost) {
  if (rate_take(&connection->rate, now, cost) &&
      (!connection->address || rate_take(&connection->address->rate, now, cost)))
    return true;
  if (rate_take(&connection->patience, now, 1))
    tell_limit(server, connection, FRAME_LIMIT_RATE);
  else
    close_connection(server, connection, CODE_FLOODS);
  return false;
}

static void input_subscribe(struct server *server, usec now, struct connection *connection,
                            const struct frame *frame) {
  bool all = true;
  for (int i = 0; i < frame->count; i++)
    all &= subscribe(server, now, connection, frame->list + i * READ_TOKEN_SIZE);
  if (!all)
    tell_limit(server, connection, FRAME_LIMIT_FULL);
}

static void input_unsubscribe(struct server *server, struct connection *connection, const struct frame *frame) {
  for (int i = 0; i < frame->count; i++) {
    struct box *box = mailboxes_open(&server->mailboxes, frame->list + i * MAILBOX_SIZE);
    struct subscription *subscription = box ? find_reader(box, connection) : NULL;
    if (subscription)
      unsubscribe(server, subscription);
    else if (box)
      mailboxes_release(&server->mailboxes, box);
  }
}

static void input_put(struct server *server, usec now, struct connection *connection, const struct frame *frame) {
  struct box *box = mailboxes_open(&server->mailboxes, frame->mailbox);
  enum box_put result = box ? mailboxes_put(&server->mailboxes, now, box, frame->ttl, frame->cell) : BOX_FULL;
  if (result == BOX_STORED)
    for (struct subscription *at = box->readers; at; at = at->reader_next)
      make_hot(server, at);
  if (result == BOX_FULL)
    tell_limit(server, connection, FRAME_LIMIT_FULL);
  if (box)
    mailboxes_release(&server->mailboxes, box);
}

static int cost_of(const struct frame *frame) {
  return 1 + frame->count / FRAME_LIST_COST;
}

void server_input(struct server *server, usec now, uint32_t handle, const uint8_t *message, size_t size) {
  struct connection *connection = connection_of(server, handle);
  if (!connection || connection->close_code)
    return;
  mailboxes_expire(&server->mailboxes, now);
  struct frame frame;
  if (!frame_parse(&frame, true, message, size)) {
    close_connection(server, connection, CODE_MALFORMED);
    return;
  }
  if (!within_rate(server, now, connection, cost_of(&frame)))
    return;
  if (frame.type == FRAME_SUBSCRIBE)
    input_subscribe(server, now, connection, &frame);
  else if (frame.type == FRAME_UNSUBSCRIBE)
    input_unsubscribe(server, connection, &frame);
  else
    input_put(server, now, connection, &frame);
}

/* ---- connections ------------------------------------------------------ */

static struct address *address_of(struct server *server, usec now, const void *address, size_t size) {
  if (size == 0)
    return NULL;
  struct address *bucket = &server->address[siphash(server->seed, address, size) & server->address_mask];
  if (bucket->rate.per_second == 0)
    rate_init(&bucket->rate, now, SERVER_ADDRESS_RATE, SERVER_ADDRESS_BURST);
  return bucket;
}

static struct connection *find_unused(struct server *server) {
  if (server->connections == server->max_connections)
    return NULL;
  while (server->connection[server->search].open)
    server->search = (server->search + 1) % server->max_connections;
  return &server->connection[server->search];
}

uint32_t server_connected(struct server *server, usec now, const void *address, size_t size) {
  struct address *bucket = address_of(server, now, address, size);
  if (bucket &&
      (bucket->connections == SERVER_CONNECTIONS_AN_ADDRESS || !rate_take(&bucket->rate, now, ADDRESS_COST)))
    return 0;
  struct connection *connection = find_unused(server);
  if (!connection)
    return 0;
  *connection = (struct connection){.open = true, .address = bucket};
  rate_init(&connection->rate, now, FRAME_RATE, FRAME_BURST);
  rate_init(&connection->patience, now, PATIENCE_RATE, PATIENCE_BURST);
  server->connections++;
  if (bucket)
    bucket->connections++;
  return handle_of(server, connection);
}

static void unready(struct server *server, struct connection *connection) {
  struct connection *before = NULL;
  if (!connection->ready)
    return;
  for (struct connection *at = server->ready_first; at != connection; at = at->ready_next)
    before = at;
  *(before ? &before->ready_next : &server->ready_first) = connection->ready_next;
  if (server->ready_last == connection)
    server->ready_last = before;
}

void server_disconnected(struct server *server, usec now, uint32_t handle) {
  (void)now;
  struct connection *connection = connection_of(server, handle);
  if (!connection)
    return;
  forget_subscriptions(server, connection);
  unready(server, connection);
  if (connection->address)
    connection->address->connections--;
  *connection = (struct connection){.open = false};
  server->connections--;
}

void server_blocked(struct server *server, usec now, uint32_t handle, bool blocked) {
  (void)now;
  struct connection *connection = connection_of(server, handle);
  if (!connection)
    return;
  connection->blocked = blocked;
  make_ready(server, connection);
}

/* ---- what goes out ---------------------------------------------------- */

static bool poll_cell(struct connection *connection, usec now, struct server_output *out) {
  while (connection->hot_first) {
    struct subscription *subscription = connection->hot_first;
    struct waiting *cell = box_next(subscription->mailbox, now, subscription->read);
    if (!cell) {
      take_hot(connection);
      continue;
    }
    subscription->read = cell->number;
    cell->read = true;
    *out = (struct server_output){.type = SERVER_SEND, .data = cell->frame, .size = sizeof cell->frame};
    return true;
  }
  return false;
}

static bool poll_connection(struct server *server, struct connection *connection, usec now,
                            struct server_output *out) {
  if (connection->close_due) {
    connection->close_due = false;
    *out = (struct server_output){.type = SERVER_CLOSE, .code = connection->close_code};
    return true;
  }
  if (!has_output(connection))
    return false;
  if (!connection->limit)
    return poll_cell(connection, now, out);
  const struct frame frame = {.type = FRAME_LIMIT, .limit = (enum frame_limit)connection->limit};
  size_t size = frame_write(server->limit_frame, sizeof server->limit_frame, &frame);
  connection->limit = 0;
  *out = (struct server_output){.type = SERVER_SEND, .data = server->limit_frame, .size = size};
  return true;
}

/* One message of one connection at a time, in turn. */
bool server_poll(struct server *server, usec now, struct server_output *out) {
  mailboxes_expire(&server->mailboxes, now);
  while (server->ready_first) {
    struct connection *connection = server->ready_first;
    server->ready_first = connection->ready_next;
    connection->ready = false;
    bool found = poll_connection(server, connection, now, out);
    make_ready(server, connection);
    if (!found)
      continue;
    out->connection = handle_of(server, connection);
    return true;
  }
  return false;
}

usec server_deadline(const struct server *server) {
  return server->ready_first ? 0 : mailboxes_deadline(&server->mailboxes);
}

struct server_stats server_stats(const struct server *server) {
  const struct mailboxes *boxes = &server->mailboxes;
  return (struct server_stats){.connections = (size_t)server->connections,
                               .mailboxes = boxes->boxes.used,
                               .subscriptions = server->subscriptions.used,
                               .cells = boxes->cells.used,
                               .memory = pool_memory(&boxes->cells) + pool_memory(&boxes->boxes) +
                                         pool_memory(&server->subscriptions)};
}
