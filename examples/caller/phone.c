#include "phone.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "clock.h"
#include "complain.h"
#include "exit.h"
#include "json_events.h"
#include "passphrase.h"
#include "stop.h"
#include "terminal.h"

static int get_passphrase(const struct options *options, struct secret *secret) {
  if (options->passphrase.fd >= 0 || options->passphrase.file)
    return secret_read(secret, &options->passphrase, "passphrase");
  bool new_store = access(options->store, F_OK) != 0;
  return secret_prompt(secret, new_store ? "Passphrase for your new store: " : "Passphrase: ", new_store);
}

static int get_turn_password(const struct options *options, struct secret *secret) {
  secret->text[0] = 0;
  if (options->turn_password.fd < 0 && !options->turn_password.file)
    return EXIT_OK;
  return secret_read(secret, &options->turn_password, "password of the relay");
}

static int explain_open(sotto_status status, const char *store) {
  switch (status) {
  case SOTTO_OK:
    return EXIT_OK;
  case SOTTO_ERR_PASSPHRASE:
    return complain(EXIT_PASSPHRASE, "this passphrase does not open the store %s", store);
  case SOTTO_ERR_CORRUPT:
    return complain(EXIT_STORE, "the store %s is damaged or was tampered with; nothing of it was loaded", store);
  case SOTTO_ERR_STATE:
    return complain(EXIT_SYSTEM, "the store %s is in use by another process", store);
  case SOTTO_ERR_SYSTEM:
    return complain(EXIT_SYSTEM, "the store %s cannot be opened or made, or a thread or socket cannot", store);
  case SOTTO_ERR_INVALID:
    return complain(EXIT_USAGE, "an option has a value that is not possible (server, addresses, relay)");
  default:
    return complain(exit_for_status(status), "the engine did not start: %s", sotto_status_text(status));
  }
}

static int open_engine(struct phone *phone, const struct options *o, const struct secret *passphrase,
                       const struct secret *turn_password, bool online) {
  sotto_config config = SOTTO_CONFIG_INIT;
  config.store_path = o->store;
  config.store_passphrase = passphrase->text;
  config.signaling_url = online ? o->server : NULL;
  config.ca_file = o->ca;
  config.stun_server = o->stun;
  config.turn_server = o->turn;
  config.turn_user = o->turn_user;
  config.turn_password = turn_password->text[0] ? turn_password->text : NULL;
  config.relay_only = o->relay_only;
  config.constant_rate = o->constant_rate;
  config.browser_e2ee = o->browser_e2ee;
  config.cover = o->cover;
  config.local_address = o->local;
  config.lan = o->lan;
  config.policy = o->policy;
  config.video_codec = o->codec;
  config.new_device = o->show_new_devices ? SOTTO_NEW_DEVICE_SHOW : SOTTO_NEW_DEVICE_ASK;
  return explain_open(sotto_engine_new(&config, &phone->engine), o->store);
}

/* Other events before ONLINE are handed on to nobody: none can be of a call or an invite. */
static int wait_online(struct phone *phone) {
  int64_t deadline = clock_now() + (int64_t)PHONE_ONLINE_S * 1000000;
  for (;;) {
    sotto_event event;
    const char *line;
    switch (phone_wait(phone, deadline, &event, &line)) {
    case WAKE_EVENT:
      if (event.type == SOTTO_EVENT_ONLINE)
        return EXIT_OK;
      break;
    case WAKE_LINE:
      if (strcmp(line, "quit") == 0)
        return complain(EXIT_NO_SERVER, "given up before the server answered");
      lines_put_back(&phone->input);
      phone->holding = true;
      break;
    case WAKE_STOP:
      return phone_stopped();
    case WAKE_TIMEOUT:
      return complain(EXIT_NO_SERVER, "no answer from the server %s within %d s", phone->options->server,
                      PHONE_ONLINE_S);
    }
  }
}

int phone_open(struct phone *phone, const struct options *options, bool online) {
  struct secret passphrase = {0}, turn_password = {0};
  phone->options = options;
  phone->engine = NULL;
  phone->holding = false;
  lines_init(&phone->input, STDIN_FILENO);
  if (online && !options->server)
    return complain(EXIT_USAGE, "no server: give --server wss://HOST");
  int code = get_passphrase(options, &passphrase);
  if (!code)
    code = get_turn_password(options, &turn_password);
  if (!code)
    code = open_engine(phone, options, &passphrase, &turn_password, online);
  secret_wipe(&passphrase);
  secret_wipe(&turn_password);
  if (!code && online)
    code = wait_online(phone);
  phone->holding = false;
  if (code)
    phone_close(phone);
  return code;
}

void phone_close(struct phone *phone) {
  if (phone->engine)
    sotto_engine_free(phone->engine);
  phone->engine = NULL;
}

static void announce(struct phone *phone, const sotto_event *event) {
  sotto_contact contact = SOTTO_CONTACT_INIT;
  bool known = sotto_contact_get(phone->engine, &event->peer, &contact) == SOTTO_OK;
  if (phone->options->json_events)
    json_event_print(event, known ? &contact : NULL);
  else
    terminal_event(event, known ? contact.name : "somebody unknown");
}

static int milliseconds_until(int64_t deadline) {
  int64_t left = (deadline - clock_now() + 999) / 1000;
  return left < 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

enum wake phone_wait(struct phone *phone, int64_t deadline, sotto_event *event, const char **line) {
  for (;;) {
    if (stop_signal())
      return WAKE_STOP;
    *event = (sotto_event)SOTTO_EVENT_INIT;
    if (sotto_engine_next_event(phone->engine, event)) {
      announce(phone, event);
      return WAKE_EVENT;
    }
    if (!phone->holding && (*line = lines_next(&phone->input)))
      return WAKE_LINE;
    if (clock_now() >= deadline)
      return WAKE_TIMEOUT;
    struct pollfd fds[] = {{sotto_engine_fd(phone->engine), POLLIN, 0},
                           {stop_fd(), POLLIN, 0},
                           {phone->input.ended || phone->holding ? -1 : phone->input.fd, POLLIN, 0}};
    if (poll(fds, 3, milliseconds_until(deadline)) > 0 && fds[2].revents)
      lines_read(&phone->input);
  }
}

int phone_stopped(void) {
  return EXIT_SIGNAL + stop_signal();
}

sotto_contact *phone_contacts(struct phone *phone, size_t *count) {
  *count = sotto_contacts(phone->engine, NULL, 0);
  if (!*count)
    return NULL;
  sotto_contact *list = calloc(*count, sizeof *list);
  if (!list) {
    complain(EXIT_INTERNAL, "no memory for the contacts");
    *count = 0;
    return NULL;
  }
  list[0].size = sizeof *list;
  size_t now = sotto_contacts(phone->engine, list, *count);
  *count = now < *count ? now : *count;
  return list;
}

static bool is_named(const sotto_contact *contact, const char *name, const sotto_id *id) {
  return id ? memcmp(id, &contact->id, sizeof *id) == 0 : strcasecmp(contact->name, name) == 0;
}

int phone_find(struct phone *phone, const char *name, sotto_contact *contact) {
  size_t count;
  int hits = 0;
  sotto_id id;
  bool by_id = sotto_id_parse(name, &id) == SOTTO_OK;
  sotto_contact *list = phone_contacts(phone, &count);
  for (size_t i = 0; i < count; i++)
    if (is_named(&list[i], name, by_id ? &id : NULL)) {
      *contact = list[i];
      hits++;
    }
  free(list);
  if (hits > 1)
    return complain(EXIT_NO_CONTACT, "%d contacts are called %.64s: use the ID", hits, name);
  return hits ? EXIT_OK : complain(EXIT_NO_CONTACT, "no contact is called %.80s", name);
}
