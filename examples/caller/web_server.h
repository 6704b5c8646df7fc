/* web_server.h - serves the page's files to browsers on this machine, and nothing else to nobody else.
 *
 * Loopback alone, and only when Host names it, so that no other name can be made to mean this server. Files are in
 * the program. Every answer forbids what the page does not need: scripts, connections and frames of others. Whoever
 * else has an account on this machine can ask for all of it, but for the relay's password: its path ends in a key
 * that the page gets from its own address, behind '#', which goes into no request. One thread; a connection is one
 * request, at most WEB_CONNECTIONS at once and WEB_PATIENCE_S seconds each.
 */
#ifndef WEB_SERVER_H
#define WEB_SERVER_H
#include <stdbool.h>
#include <stddef.h>

enum {
  WEB_CONNECTIONS = 32,
  WEB_PATIENCE_S = 10,
  WEB_SETTINGS_SIZE = 512,
  WEB_HEAD_SIZE = 1536,
  WEB_KEY_SIZE = 33
};

struct web_config {
  int port;           /* 0: any free one */
  const char *server; /* the signaling server, which alone the page may connect to */
  const char *stun;   /* NULL: none */
  const char *relay;  /* JSON, RTCIceServer of W3C's webrtc; NULL: none */
  const char *key;    /* WEB_KEY_SIZE - 1 digits; what the page's address ends in; "" without a relay */
  bool lan, relay_only;
  const char *policy;
};

struct web_server;

bool web_config_fits(const struct web_config *config); /* nothing in it can end a header or a string */
/* NULL: the port is taken, or there is no memory. `config` stays the caller's for as long as the server lives. */
struct web_server *web_server_new(const struct web_config *config);
void web_server_free(struct web_server *server);
int web_server_port(const struct web_server *server);
/* Until `stop_fd` is readable. false: the system refused. */
bool web_server_run(struct web_server *server, int stop_fd);

/* The whole answer to a request's bytes: what stands before the body, and the body. Returns the head's length, 0
 * while the request is not whole. */
size_t web_answer(const struct web_config *config, int port, const char *request, size_t size,
                  char head[WEB_HEAD_SIZE], char settings[WEB_SETTINGS_SIZE], const unsigned char **body,
                  size_t *body_size);

#endif
