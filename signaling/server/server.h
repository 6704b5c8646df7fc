/* server.h - the signaling server's core: mailboxes, who reads them, cells that wait (protocol B.2).
 *
 * Told the time, opens no socket, logs nothing. A cell stays until its ttl has passed, for a reader who comes
 * (or comes back) in time; each subscription remembers how far it has read, so nothing is queued for a reader:
 * a slow one only lags. Memory is bounded by the limits given at the start; what is beyond is refused
 * with LIMIT, and a connection that goes on or sends anything malformed is closed.
 *
 * After any input, drain server_poll() until it returns false, then sleep until server_deadline().
 */
#ifndef SERVER_H
#define SERVER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../media/units.h"
#include "../frame.h"

enum {
  SERVER_CELLS_A_MAILBOX = 64,
  SERVER_READERS_A_MAILBOX = 8,
  SERVER_CONNECTIONS_AN_ADDRESS = 64,
  SERVER_ADDRESS_RATE = 100, /* frames a second of all connections of an address; a connection costs 4 */
  SERVER_ADDRESS_BURST = 512,
};

struct server_config {
  int max_connections; /* 0: 4096 */
  size_t max_memory;   /* bytes of cells, mailboxes and subscriptions; 0: 256 MiB */
  uint8_t seed[16];    /* keys the hash tables: random in earnest, so that nobody can aim at a chain */
};

enum server_output_type {
  SERVER_SEND,  /* one binary message to `connection`: data, size */
  SERVER_CLOSE, /* close it with `code` (RFC 6455 section 7.4); server_disconnected() must still follow */
};

struct server_output {
  enum server_output_type type;
  uint32_t connection;
  const uint8_t *data; /* the server's memory, valid until the next call on it */
  size_t size;
  int code;
};

struct server_stats { /* gauges: they name nobody */
  size_t connections, mailboxes, subscriptions, cells, memory;
};

struct server *server_new(const struct server_config *config); /* NULL: no memory */
void server_free(struct server *server);

bool server_poll(struct server *server, usec now, struct server_output *out);
usec server_deadline(const struct server *server);

/* A connection's handle, never 0; 0: too many, close it at once. `address` groups connections of one origin
 * for the limits (an IPv4 address, an IPv6 /64); size 0: no such group. Only a keyed hash of it is kept. */
uint32_t server_connected(struct server *server, usec now, const void *address, size_t size);
void server_disconnected(struct server *server, usec now, uint32_t connection);
void server_input(struct server *server, usec now, uint32_t connection, const uint8_t *message, size_t size);
/* While blocked (its socket takes no more) nothing is handed out for the connection. */
void server_blocked(struct server *server, usec now, uint32_t connection, bool blocked);

struct server_stats server_stats(const struct server *server);

#endif
