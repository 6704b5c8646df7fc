/* connection.h - one client of sotto-signald: TCP, optional TLS, the upgrade, WebSocket frames (libuv, wslay).
 *
 * Carries messages between the socket and the server's core. Bounds: 10 s for the handshake, 45 s of silence
 * (a ping after 20 s), 10 s for a write to make its way, 64 KiB unsent before the core is told to hold back,
 * 512 KiB at all, 100 WebSocket frames a second.
 */
#ifndef CONNECTION_H
#define CONNECTION_H
#include <uv.h>

#include "server.h"
#include "tls.h"

struct host { /* what all connections share */
  uv_loop_t *loop;
  uv_stream_t *listener;
  struct server *server;
  struct tls_context *tls;       /* NULL: plain */
  struct connection *first;      /* all of them */
  struct connection **by_handle; /* by the core's handle; NULL: none */
  bool accept_due; /* there was no memory for a client: libuv waits until connection_accept() is tried again */
  void (*drain)(struct host *host); /* the core may have something to hand out */
};

usec host_now(const struct host *host);

void connection_accept(struct host *host);
void connection_send(struct connection *connection, const uint8_t *message, size_t size);
void connection_close(struct connection *connection, int code); /* RFC 6455 section 7.4 */
void connection_abort(struct connection *connection);
struct connection *connection_next(const struct connection *connection);
/* Once a second, for each: time-outs and pings. May end it. */
void connection_check(struct connection *connection);

#endif
