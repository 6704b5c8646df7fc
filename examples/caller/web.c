/* web.c - the page for a browser on this machine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "commands.h"
#include "complain.h"
#include "exit.h"
#include "json_events.h"
#include "passphrase.h"
#include "stop.h"
#include "web_server.h"

enum { DEFAULT_PORT = 8444 };

/* What of a relay goes to the page, and to nobody who does not have the key. */
struct relay {
  struct secret password;
  char *json; /* NULL: there is none */
  char key[WEB_KEY_SIZE];
};

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

static bool make_key(char key[WEB_KEY_SIZE]) {
  unsigned char random[(WEB_KEY_SIZE - 1) / 2];
  bool ok = getrandom(random, sizeof random, 0) == (ssize_t)sizeof random;
  for (size_t i = 0; ok && i < sizeof random; i++)
    snprintf(key + 2 * i, 3, "%02x", random[i]);
  return ok;
}

/* The relay as RTCIceServer has it (W3C webrtc, section 4.2.2). */
static int read_relay(const struct options *options, struct relay *relay) {
  char url[256];
  if (!options->turn)
    return EXIT_OK;
  int code = secret_read(&relay->password, &options->turn_password, "password of the relay");
  if (code != EXIT_OK)
    return code;
  if (!make_key(relay->key) || snprintf(url, sizeof url, "turn:%s?transport=udp", options->turn) >= (int)sizeof url)
    return complain(EXIT_USAGE, "the relay's address is too long");
  json_t *server =
      json_pack("{s:s, s:s, s:s}", "urls", url, "username", options->turn_user, "credential", relay->password.text);
  relay->json = server ? json_dumps(server, JSON_COMPACT) : NULL;
  json_decref(server);
  return relay->json ? EXIT_OK : complain(EXIT_USAGE, "the relay's name or password is no text");
}

static void wipe_relay(struct relay *relay) {
  if (relay->json)
    explicit_bzero(relay->json, strlen(relay->json));
  free(relay->json);
  secret_wipe(&relay->password);
}

static void say_address(const struct options *options, int port, const char *key) {
  char url[64];
  snprintf(url, sizeof url, "http://127.0.0.1:%d/%s%s", port, *key ? "#" : "", key);
  if (options->json_events)
    json_event_say("web", json_pack("{s:i, s:s}", "port", port, "url", url));
  else
    printf("Open %s in a browser on this machine. Ctrl-C ends this.\n", url);
  fflush(stdout);
}

static int serve(const struct options *options, const struct web_config *config) {
  if (!web_config_fits(config))
    return complain(EXIT_USAGE, "an address has characters that no address has");
  struct web_server *server = web_server_new(config);
  if (!server)
    return complain(EXIT_SYSTEM, "port %d of this machine cannot be listened on", config->port);
  say_address(options, web_server_port(server), config->key);
  bool ended = web_server_run(server, stop_fd());
  web_server_free(server);
  return ended ? EXIT_SIGNAL + stop_signal() : complain(EXIT_SYSTEM, "the sockets failed");
}

int command_web(const struct options *options) {
  struct relay relay = {.json = NULL};
  if (!options->server)
    return complain(EXIT_USAGE, "which signaling server? (--server URL)");
  if (options->turn && (!options->turn_user || (options->turn_password.fd < 0 && !options->turn_password.file)))
    return complain(EXIT_USAGE, "a relay wants a name and a password (--turn-user, --turn-password-file)");
  int code = read_relay(options, &relay);
  if (code == EXIT_OK)
    code = serve(options, &(struct web_config){.port = options->port >= 0 ? options->port : DEFAULT_PORT,
                                               .server = options->server,
                                               .stun = options->stun,
                                               .relay = relay.json,
                                               .key = relay.key,
                                               .lan = options->lan,
                                               .relay_only = options->relay_only,
                                               .policy = policy_name(options->policy)});
  wipe_relay(&relay);
  return code;
}
