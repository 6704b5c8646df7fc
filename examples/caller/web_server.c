#include "web_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "http_get.h"
#include "web_files.h"

struct connection {
  int fd; /* -1: free */
  int64_t deadline;
  size_t have;
  char request[HTTP_GET_MAX];
};

struct web_server {
  struct web_config config;
  int fd, port;
  struct connection connection[WEB_CONNECTIONS];
};

/* ---- one answer ---- */

static const struct web_file *find_file(const char *path) {
  const char *name = strcmp(path, "/") == 0 ? "/index.html" : path;
  for (size_t i = 0; i < web_files_count; i++)
    if (strcmp(web_files[i].path, name) == 0)
      return &web_files[i];
  return NULL;
}

/* Another name in front of our address (DNS rebinding) is not us. */
static bool host_is_ours(const char *host, int port) {
  static const char *const name[] = {"127.0.0.1", "localhost", "[::1]"};
  char ours[HTTP_GET_HOST];
  for (size_t i = 0; i < sizeof name / sizeof name[0]; i++) {
    snprintf(ours, sizeof ours, "%s:%d", name[i], port);
    if (strcmp(host, ours) == 0)
      return true;
  }
  return false;
}

static bool is_plain(const char *text) {
  for (; text && *text; text++)
    if (*text <= ' ' || *text >= 127 || strchr("\"\\;,'<>", *text))
      return false;
  return true;
}

bool web_config_fits(const struct web_config *config) {
  return is_plain(config->server) && is_plain(config->stun);
}

/* What the page can't know by itself. */
static size_t write_settings(const struct web_config *config, char out[WEB_SETTINGS_SIZE]) {
  static const char *const word[] = {"false", "true"};
  int size =
      snprintf(out, WEB_SETTINGS_SIZE,
               "{\"server\":\"%s\",\"stun\":\"%s\",\"relay\":%s,\"relayOnly\":%s,\"lan\":%s,\"policy\":\"%s\"}\n",
               config->server, config->stun ? config->stun : "", word[config->relay != NULL],
               word[config->relay_only], word[config->lan], config->policy);
  return size > 0 && size < WEB_SETTINGS_SIZE ? (size_t)size : 0;
}

/* How long it takes says nothing of where the two differ. */
static bool is_key(const struct web_config *config, const char *text) {
  unsigned char differ = 0;
  if (!config->relay || strlen(text) != WEB_KEY_SIZE - 1)
    return false;
  for (size_t i = 0; i < WEB_KEY_SIZE - 1; i++)
    differ |= (unsigned char)(text[i] ^ config->key[i]);
  return differ == 0;
}

/* NULL: nothing of that name is here. */
static const char *find_body(const struct web_config *config, const char *path, char settings[WEB_SETTINGS_SIZE],
                             const unsigned char **body, size_t *size) {
  static const char relay[] = "/relay/";
  const struct web_file *file = find_file(path);
  if (file) {
    *body = file->data;
    *size = file->size;
    return file->type;
  }
  if (strcmp(path, "/settings.json") == 0) {
    *size = write_settings(config, settings);
    return "application/json";
  }
  if (strncmp(path, relay, sizeof relay - 1) != 0 || !is_key(config, path + sizeof relay - 1))
    return NULL;
  *body = (const unsigned char *)config->relay;
  *size = strlen(config->relay);
  return "application/json";
}

static const char *status_text(enum http_get_status status) {
  switch (status) {
  case HTTP_GET_OK:
    return "200 OK";
  case HTTP_GET_NOT_FOUND:
    return "404 Not Found";
  case HTTP_GET_METHOD:
    return "405 Method Not Allowed\r\nAllow: GET";
  case HTTP_GET_TOO_BIG:
    return "431 Request Header Fields Too Large";
  default:
    return "400 Bad Request";
  }
}

static size_t write_head(const struct web_config *config, char head[WEB_HEAD_SIZE], enum http_get_status status,
                         const char *type, size_t size) {
  int length =
      snprintf(head, WEB_HEAD_SIZE,
               "HTTP/1.1 %s\r\nConnection: close\r\nContent-Length: %zu\r\nContent-Type: %s\r\n"
               "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
               "connect-src 'self' %s; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
               "require-trusted-types-for 'script'; trusted-types sotto\r\n"
               "Permissions-Policy: camera=(self), microphone=(self), geolocation=()\r\n"
               "Cross-Origin-Opener-Policy: same-origin\r\nCross-Origin-Resource-Policy: same-origin\r\n"
               "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\nCache-Control: no-store\r\n\r\n",
               status_text(status), size, type, config->server);
  return length > 0 && length < WEB_HEAD_SIZE ? (size_t)length : 0;
}

size_t web_answer(const struct web_config *config, int port, const char *request, size_t size,
                  char head[WEB_HEAD_SIZE], char settings[WEB_SETTINGS_SIZE], const unsigned char **body,
                  size_t *body_size) {
  struct http_get get;
  enum http_get_status status = http_get_parse(&get, request, size);
  *body = (const unsigned char *)settings;
  *body_size = 0;
  if (status == HTTP_GET_MORE)
    return 0;
  if (status == HTTP_GET_OK && !host_is_ours(get.host, port))
    status = HTTP_GET_BAD;
  const char *type = status == HTTP_GET_OK ? find_body(config, get.path, settings, body, body_size) : NULL;
  if (!type && status == HTTP_GET_OK)
    status = HTTP_GET_NOT_FOUND;
  return write_head(config, head, status, type ? type : "text/plain", *body_size);
}

/* ---- connections ---- */

static int listen_on(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  int yes = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0)
    return -1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, WEB_CONNECTIONS) == 0)
    return fd;
  close(fd);
  return -1;
}

struct web_server *web_server_new(const struct web_config *config) {
  struct web_server *server = calloc(1, sizeof *server);
  struct sockaddr_in bound;
  socklen_t size = sizeof bound;
  if (!server)
    return NULL;
  server->config = *config;
  for (int i = 0; i < WEB_CONNECTIONS; i++)
    server->connection[i].fd = -1;
  server->fd = listen_on(config->port);
  if (server->fd < 0 || getsockname(server->fd, (struct sockaddr *)&bound, &size) != 0) {
    web_server_free(server);
    return NULL;
  }
  server->port = ntohs(bound.sin_port);
  return server;
}

int web_server_port(const struct web_server *server) {
  return server->port;
}

static void drop(struct connection *connection) {
  if (connection->fd >= 0)
    close(connection->fd);
  connection->fd = -1;
}

void web_server_free(struct web_server *server) {
  if (!server)
    return;
  for (int i = 0; i < WEB_CONNECTIONS; i++)
    drop(&server->connection[i]);
  if (server->fd >= 0)
    close(server->fd);
  free(server);
}

static void take_connection(struct web_server *server) {
  int fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC);
  struct timeval patience = {.tv_sec = 2}; /* loopback takes a file at once, or its reader is gone */
  for (int i = 0; fd >= 0 && i < WEB_CONNECTIONS; i++) {
    struct connection *connection = &server->connection[i];
    if (connection->fd >= 0)
      continue;
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    connection->fd = fd;
    connection->have = 0;
    connection->deadline = clock_now() + (int64_t)WEB_PATIENCE_S * 1000000;
    return;
  }
  if (fd >= 0)
    close(fd);
}

static bool send_all(int fd, const void *data, size_t size) {
  const char *at = data;
  while (size) {
    ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);
    if (sent <= 0)
      return false;
    at += sent;
    size -= (size_t)sent;
  }
  return true;
}

static void read_connection(struct web_server *server, struct connection *connection) {
  char head[WEB_HEAD_SIZE], settings[WEB_SETTINGS_SIZE];
  const unsigned char *body;
  size_t body_size;
  ssize_t got = recv(connection->fd, connection->request + connection->have,
                     sizeof connection->request - connection->have, MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (got <= 0) {
    drop(connection);
    return;
  }
  connection->have += (size_t)got;
  size_t head_size = web_answer(&server->config, server->port, connection->request, connection->have, head,
                                settings, &body, &body_size);
  if (!head_size)
    return;
  if (send_all(connection->fd, head, head_size) && send_all(connection->fd, body, body_size))
    shutdown(connection->fd, SHUT_WR);
  drop(connection);
}

bool web_server_run(struct web_server *server, int stop_fd) {
  struct pollfd polled[WEB_CONNECTIONS + 2] = {{.fd = stop_fd, .events = POLLIN},
                                               {.fd = server->fd, .events = POLLIN}};
  for (;;) {
    for (int i = 0; i < WEB_CONNECTIONS; i++)
      polled[i + 2] = (struct pollfd){.fd = server->connection[i].fd, .events = POLLIN};
    if (poll(polled, WEB_CONNECTIONS + 2, 1000) < 0 && errno != EINTR)
      return false;
    if (polled[0].revents)
      return true;
    for (int i = 0; i < WEB_CONNECTIONS; i++)
      if (polled[i + 2].fd >= 0 && polled[i + 2].revents)
        read_connection(server, &server->connection[i]);
      else if (server->connection[i].fd >= 0 && clock_now() > server->connection[i].deadline)
        drop(&server->connection[i]);
    if (polled[1].revents)
      take_connection(server);
  }
}
