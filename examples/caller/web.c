/* web.c - the page for a browser on this machine. */
#include <stdio.h>

#include "commands.h"
#include "complain.h"
#include "exit.h"
#include "json_events.h"
#include "stop.h"
#include "web_server.h"

enum { DEFAULT_PORT = 8444 };

static const char *policy_name(sotto_policy policy) {
  switch (policy) {
  case SOTTO_POLICY_REQUIRE_VERIFIED:
    return "require-verified";
  case SOTTO_POLICY_WARN:
    return "warn";
  case SOTTO_POLICY_SAS_FIRST:
    break;
  }
  return "sas-first";
}

static void say_address(const struct options *options, int port) {
  if (options->json_events)
    json_event_say("web", json_pack("{s:i}", "port", port));
  else
    printf("Open http://127.0.0.1:%d/ in a browser on this machine. Ctrl-C ends this.\n", port);
  fflush(stdout);
}

int command_web(const struct options *options) {
  const struct web_config config = {.port = options->port >= 0 ? options->port : DEFAULT_PORT,
                                    .server = options->server,
                                    .stun = options->stun,
                                    .lan = options->lan,
                                    .policy = policy_name(options->policy)};
  if (!options->server)
    return complain(EXIT_USAGE, "which signaling server? (--server URL)");
  if (!web_config_fits(&config))
    return complain(EXIT_USAGE, "an address has characters that no address has");
  struct web_server *server = web_server_new(&config);
  if (!server)
    return complain(EXIT_SYSTEM, "port %d of this machine cannot be listened on", config.port);
  say_address(options, web_server_port(server));
  bool ended = web_server_run(server, stop_fd());
  web_server_free(server);
  return ended ? EXIT_SIGNAL + stop_signal() : complain(EXIT_SYSTEM, "the sockets failed");
}
