/* signald.c - the program sotto-signald: options, the listening socket, signals, and the loop around it all. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../crypto.h"
#include "connection.h"

#ifndef SOTTO_VERSION
#define SOTTO_VERSION "0.1.0"
#endif

enum { EXIT_STOPPED = 0, EXIT_SYSTEM, EXIT_USAGE, EXIT_LISTEN, EXIT_CERTIFICATE };
enum { SWEEP_MS = 1000, STOP_MS = 1000, BACKLOG = 512, CONNECTIONS_MAX = 1000000 };
enum { SPARE_FILES = 64 };

struct options {
  struct sockaddr_storage listen;
  const char *cert, *key, *port_file;
  int max_connections;
};

struct signald {
  struct host host;
  uv_loop_t loop;
  uv_tcp_t listener;
  uv_timer_t deadline, sweep, stop;
  uv_signal_t terminate, interrupt;
  bool stopping;
};

static const char usage[] =
    "Usage: sotto-signald [OPTION]...\n"
    "Passes sealed cells between sotto's clients; learns and keeps nothing about them.\n"
    "\n"
    "  --listen ADDR:PORT     where to listen, [ADDR]:PORT for IPv6; port 0 is any free one\n"
    "                         (127.0.0.1:8443)\n"
    "  --cert FILE            certificate chain (PEM): speak TLS (wss://)\n"
    "  --key FILE             its private key (PEM), not under a passphrase\n"
    "  --port-file FILE       write the port there once it listens\n"
    "  --max-connections N    refuse more (4096)\n"
    "  --help, --version\n"
    "\n"
    "Without --cert it speaks plain WebSocket: for loopback, or behind a proxy that does TLS.\n"
    "Prints `listening on ADDR:PORT` once it listens, then nothing. Stops on SIGTERM and SIGINT.\n"
    "\n"
    "Exit status: 0 stopped by a signal, 1 the system refused something, 2 wrong options,\n"
    "3 can't listen there, 4 certificate or key unusable.\n";

/* ---- options ---------------------------------------------------------- */

static bool parse_number(const char *text, long max, long *number) {
  char *end;
  if (text[0] < '0' || text[0] > '9')
    return false;
  *number = strtol(text, &end, 10);
  return *end == '\0' && *number <= max;
}

static bool parse_address(const char *text, struct sockaddr_storage *out) {
  char address[64];
  long port;
  const char *colon = strrchr(text, ':');
  if (!colon || !parse_number(colon + 1, 65535, &port))
    return false;
  size_t size = (size_t)(colon - text);
  bool v6 = size > 2 && text[0] == '[' && text[size - 1] == ']';
  if (v6)
    text++, size -= 2;
  if (size == 0 || size >= sizeof address)
    return false;
  memcpy(address, text, size);
  address[size] = '\0';
  return (v6 ? uv_ip6_addr(address, (int)port, (struct sockaddr_in6 *)out)
             : uv_ip4_addr(address, (int)port, (struct sockaddr_in *)out)) == 0;
}

static int complain(const char *text) {
  fprintf(stderr, "sotto-signald: %s; see --help\n", text);
  return EXIT_USAGE;
}

/* -1: go on; otherwise the exit status. */
static int parse_options(int argc, char **argv, struct options *options) {
  static const struct option known[] = {{"listen", required_argument, NULL, 'l'},
                                        {"cert", required_argument, NULL, 'c'},
                                        {"key", required_argument, NULL, 'k'},
                                        {"port-file", required_argument, NULL, 'p'},
                                        {"max-connections", required_argument, NULL, 'm'},
                                        {"help", no_argument, NULL, 'h'},
                                        {"version", no_argument, NULL, 'v'},
                                        {0}};
  long number;
  int option;
  parse_address("127.0.0.1:8443", &options->listen);
  options->max_connections = 4096;
  while ((option = getopt_long(argc, argv, "", known, NULL)) != -1)
    switch (option) {
    case 'l':
      if (!parse_address(optarg, &options->listen))
        return complain("--listen takes ADDR:PORT, with a numeric address");
      break;
    case 'c':
      options->cert = optarg;
      break;
    case 'k':
      options->key = optarg;
      break;
    case 'p':
      options->port_file = optarg;
      break;
    case 'm':
      if (!parse_number(optarg, CONNECTIONS_MAX, &number) || number < 1)
        return complain("--max-connections takes a number from 1 to 1000000");
      options->max_connections = (int)number;
      break;
    case 'h':
      fputs(usage, stdout);
      return EXIT_STOPPED;
    case 'v':
      puts("sotto-signald " SOTTO_VERSION);
      return EXIT_STOPPED;
    default:
      return complain("wrong option");
    }
  if (optind < argc)
    return complain("no arguments are taken");
  if (!options->cert != !options->key)
    return complain("--cert and --key go together");
  return -1;
}

/* ---- the loop --------------------------------------------------------- */

static void on_deadline(uv_timer_t *timer) {
  struct signald *signald = timer->data;
  signald->host.drain(&signald->host);
}

static void arm_deadline(struct signald *signald, usec now) {
  usec deadline = server_deadline(signald->host.server);
  if (deadline == USEC_NEVER)
    uv_timer_stop(&signald->deadline);
  else
    uv_timer_start(&signald->deadline, on_deadline, deadline > now ? (uint64_t)((deadline - now) / 1000 + 1) : 0,
                   0);
}

static void drain(struct host *host) {
  struct signald *signald = host->loop->data;
  struct server_output out;
  usec now = host_now(host);
  while (server_poll(host->server, now, &out)) {
    struct connection *connection = host->by_handle[out.connection];
    if (out.type == SERVER_SEND)
      connection_send(connection, out.data, out.size);
    else
      connection_close(connection, out.code);
  }
  if (!signald->stopping)
    arm_deadline(signald, now);
}

static void check_all(struct host *host) {
  for (struct connection *at = host->first, *next; at; at = next) {
    next = connection_next(at);
    connection_check(at);
  }
}

static void on_sweep(uv_timer_t *timer) {
  struct signald *signald = timer->data;
  check_all(&signald->host);
  if (signald->host.accept_due && !signald->stopping)
    connection_accept(&signald->host);
  if (signald->stopping && !signald->host.first)
    uv_stop(&signald->loop);
}

static void on_stop_limit(uv_timer_t *timer) {
  uv_stop(timer->loop);
}

/* Close frames to all; then until they have answered, for a second at most. */
static void on_signal(uv_signal_t *handle, int number) {
  struct signald *signald = handle->data;
  (void)number;
  if (signald->stopping)
    return;
  signald->stopping = true;
  uv_close((uv_handle_t *)&signald->listener, NULL);
  for (struct connection *at = signald->host.first, *next; at; at = next) {
    next = connection_next(at);
    connection_close(at, 1001);
  }
  uv_timer_stop(&signald->deadline);
  uv_timer_start(&signald->sweep, on_sweep, 0, 20);
  uv_timer_start(&signald->stop, on_stop_limit, STOP_MS, 0);
}

static void on_connection(uv_stream_t *listener, int status) {
  struct signald *signald = listener->data;
  if (status == 0 && !signald->stopping)
    connection_accept(&signald->host);
}

/* ---- starting --------------------------------------------------------- */

static void harden(int connections) {
  struct rlimit files;
  prctl(PR_SET_DUMPABLE, 0);
  setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
  signal(SIGPIPE, SIG_IGN);
  if (getrlimit(RLIMIT_NOFILE, &files))
    return;
  rlim_t wanted = (rlim_t)connections + SPARE_FILES;
  files.rlim_cur = wanted < files.rlim_max ? wanted : files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

static bool start_core(struct signald *signald, int max_connections) {
  struct server_config config = {.max_connections = max_connections};
  crypto_random(config.seed, sizeof config.seed);
  signald->host.server = server_new(&config);
  signald->host.by_handle = calloc((size_t)max_connections + 1, sizeof(struct connection *));
  return signald->host.server && signald->host.by_handle;
}

static bool start_loop(struct signald *signald) {
  if (uv_loop_init(&signald->loop))
    return false;
  signald->loop.data = signald;
  signald->host.loop = &signald->loop;
  signald->host.listener = (uv_stream_t *)&signald->listener;
  signald->host.drain = drain;
  if (uv_tcp_init(&signald->loop, &signald->listener) || uv_timer_init(&signald->loop, &signald->deadline) ||
      uv_timer_init(&signald->loop, &signald->sweep) || uv_timer_init(&signald->loop, &signald->stop) ||
      uv_signal_init(&signald->loop, &signald->terminate) || uv_signal_init(&signald->loop, &signald->interrupt))
    return false;
  signald->listener.data = signald->deadline.data = signald->sweep.data = signald;
  signald->terminate.data = signald->interrupt.data = signald;
  return uv_timer_start(&signald->sweep, on_sweep, SWEEP_MS, SWEEP_MS) == 0 &&
         uv_signal_start(&signald->terminate, on_signal, SIGTERM) == 0 &&
         uv_signal_start(&signald->interrupt, on_signal, SIGINT) == 0;
}

/* Whole or not at all: who waits for the file must not read half a number. */
static bool write_port(const char *path, int port) {
  char temporary[4096];
  int size = snprintf(temporary, sizeof temporary, "%s.new", path);
  if (size < 0 || (size_t)size >= sizeof temporary)
    return false;
  FILE *file = fopen(temporary, "we");
  if (!file)
    return false;
  bool written = fprintf(file, "%d\n", port) > 0;
  written = fclose(file) == 0 && written;
  return written && rename(temporary, path) == 0;
}

static int announce(struct signald *signald, const struct options *options) {
  struct sockaddr_storage bound;
  char address[64];
  int size = sizeof bound;
  if (uv_tcp_getsockname(&signald->listener, (struct sockaddr *)&bound, &size))
    return EXIT_SYSTEM;
  bool v6 = bound.ss_family == AF_INET6;
  int port = ntohs(v6 ? ((struct sockaddr_in6 *)&bound)->sin6_port : ((struct sockaddr_in *)&bound)->sin_port);
  if (v6)
    uv_ip6_name((struct sockaddr_in6 *)&bound, address, sizeof address);
  else
    uv_ip4_name((struct sockaddr_in *)&bound, address, sizeof address);
  if (options->port_file && !write_port(options->port_file, port)) {
    fprintf(stderr, "sotto-signald: can't write %s\n", options->port_file);
    return EXIT_SYSTEM;
  }
  printf(v6 ? "listening on [%s]:%d\n" : "listening on %s:%d\n", address, port);
  fflush(stdout);
  return EXIT_STOPPED;
}

static int start_listening(struct signald *signald, const struct options *options) {
  int error = uv_tcp_bind(&signald->listener, (const struct sockaddr *)&options->listen, 0);
  if (!error)
    error = uv_listen((uv_stream_t *)&signald->listener, BACKLOG, on_connection);
  if (!error)
    return announce(signald, options);
  fprintf(stderr, "sotto-signald: can't listen: %s\n", uv_strerror(error));
  return EXIT_LISTEN;
}

/* ---- ending ----------------------------------------------------------- */

static void close_handle(uv_handle_t *handle, void *user) {
  (void)user;
  if (!uv_is_closing(handle))
    uv_close(handle, NULL);
}

static void finish(struct signald *signald) {
  for (struct connection *at = signald->host.first, *next; at; at = next) {
    next = connection_next(at);
    connection_abort(at);
  }
  if (signald->host.loop) {
    uv_walk(&signald->loop, close_handle, NULL);
    uv_run(&signald->loop, UV_RUN_DEFAULT);
    uv_loop_close(&signald->loop);
  }
  server_free(signald->host.server);
  tls_context_free(signald->host.tls);
  free(signald->host.by_handle);
}

static int serve(struct signald *signald, const struct options *options) {
  if (options->cert && !(signald->host.tls = tls_context_new(options->cert, options->key))) {
    fprintf(stderr, "sotto-signald: certificate or key unusable\n");
    return EXIT_CERTIFICATE;
  }
  if (!crypto_init() || !start_core(signald, options->max_connections) || !start_loop(signald)) {
    fprintf(stderr, "sotto-signald: the system refuses memory or a loop\n");
    return EXIT_SYSTEM;
  }
  int status = start_listening(signald, options);
  if (status == EXIT_STOPPED)
    uv_run(&signald->loop, UV_RUN_DEFAULT);
  return status;
}

int main(int argc, char **argv) {
  static struct signald signald;
  struct options options = {0};
  int status = parse_options(argc, argv, &options);
  if (status >= 0)
    return status;
  harden(options.max_connections);
  status = serve(&signald, &options);
  finish(&signald);
#ifdef __SANITIZE_ADDRESS__
  prctl(PR_SET_DUMPABLE, 1); /* the leak checker traces us at exit; nothing is left to hide */
#endif
  return status;
}
