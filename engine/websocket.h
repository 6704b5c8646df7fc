/* websocket.h - the client's end of a WebSocket (RFC 6455) on the engine's GMainContext; libsoup is named here
 * only.
 *
 * Make and use it on the thread that has pushed that context. ws:// or wss://; a certificate that does not verify
 * is never accepted. By the system's proxy, if there is one, unless the server is on this very machine. Bounds: 10
 * s to connect, messages of `max_message` bytes, a server silent for 25 s (pings are sent every 10 s) or 1 MiB
 * unacknowledged is taken for dead.
 */
#ifndef WEBSOCKET_H
#define WEBSOCKET_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../media/units.h"

struct websocket_callbacks { /* on the context's thread; websocket_free() may be called inside each */
  void (*opened)(void *user);
  void (*message)(void *user, const uint8_t *data, size_t size); /* a binary one */
  void (*closed)(void *user, const char *reason); /* once and last, also when it never opened; not after _free() */
};

/* Starts to connect. NULL: no memory, or the URL or the CA file (PEM; NULL: the system's) is unusable. */
struct websocket *websocket_new(const char *url, const char *ca_file, size_t max_message,
                                const struct websocket_callbacks *callbacks, void *user);
/* False when it is not open. */
bool websocket_send(struct websocket *websocket, const uint8_t *data, size_t size);
/* Closes without waiting for the server. The context must run on to let go of what was in flight. */
void websocket_free(struct websocket *websocket);
/* Runs the context until nothing freed on this thread is left in flight, for at most `limit`. */
void websocket_drain(void *context, usec limit);

#endif
