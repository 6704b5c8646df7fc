/* devices.c - several devices of one identity: device list, show, add, revoke. */
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "commands.h"
#include "complain.h"
#include "exit.h"
#include "json_events.h"
#include "phone.h"
#include "qr.h"
#include "question.h"

enum { DEVICES_MAX = 8, SHOWN_S = 600, ADD_S = 600, LINGER_US = 1000000 };

static int list_devices(struct phone *phone, const struct options *options) {
  sotto_device device[DEVICES_MAX] = {SOTTO_DEVICE_INIT};
  size_t count = sotto_devices(phone->engine, device, DEVICES_MAX);
  json_t *array = json_array();
  for (size_t i = 0; i < count && i < DEVICES_MAX; i++) {
    json_array_append_new(array, json_pack("{s:s, s:b, s:b}", "id", device[i].id, "here", device[i].here, "primary",
                                           device[i].primary));
    if (!options->json && !options->json_events)
      printf("%s%s%s\n", device[i].id, device[i].here ? "  this one" : "",
             device[i].primary ? ", the primary" : "");
  }
  if (options->json || options->json_events)
    json_event_say("devices", json_pack("{s:O}", "devices", array));
  json_decref(array);
  return EXIT_OK;
}

/* Until the link is made or failed; cells that were sent last are still on their way then, and contacts are told.
 */
static int wait_link(struct phone *phone, int seconds) {
  int64_t until = clock_now() + (int64_t)seconds * 1000000;
  bool linked = false;
  for (;;) {
    sotto_event event;
    const char *line;
    switch (phone_wait(phone, until, &event, &line)) {
    case WAKE_EVENT:
      if (event.type == SOTTO_EVENT_LINK_FAILED)
        return complain(EXIT_INVITE, "the device was not added: %s",
                        event.status == SOTTO_ERR_EXPIRED     ? "nobody took it in ten minutes"
                        : event.status == SOTTO_ERR_NOT_FOUND ? "the other one fell silent; both must be online"
                                                              : "it was refused");
      if (event.type == SOTTO_EVENT_LINKED) {
        linked = true;
        until = clock_now() + (int64_t)phone->options->seconds * 1000000 + LINGER_US;
      }
      break;
    case WAKE_LINE:
      break;
    case WAKE_STOP:
      return phone_stopped();
    case WAKE_TIMEOUT:
      return linked ? EXIT_OK : complain(EXIT_INVITE, "the device was not added: nobody answered");
    }
  }
}

static int say_whose(struct phone *phone, const struct options *options) {
  sotto_id id;
  char text[SOTTO_ID_TEXT_SIZE] = "";
  sotto_engine_id(phone->engine, &id);
  sotto_id_format(&id, text, sizeof text);
  if (!options->json_events)
    printf("This is now a device of %s. If that is not you, delete this store.\n", text);
  return EXIT_OK;
}

static int show_device(struct phone *phone, const struct options *options) {
  char text[SOTTO_DEVICE_TEXT_SIZE];
  sotto_status status = sotto_device_show(phone->engine, text, sizeof text);
  if (status == SOTTO_ERR_STATE)
    return complain(EXIT_TRUST, "this store is in use already: a new device begins with an empty one");
  if (status != SOTTO_OK)
    return complain(exit_for_status(status), "not possible: %s", sotto_status_text(status));
  if (options->json_events)
    json_event_say("device", json_pack("{s:s}", "text", text));
  else if (qr_print(stdout, text))
    printf(
        "%s\nOn your first device: sotto device add \"...\", within ten minutes. Keep this running, and show it to "
        "nobody else.\n",
        text);
  fflush(stdout);
  int code = wait_link(phone, SHOWN_S + 60);
  return code ? code : say_whose(phone, options);
}

static int add_device(struct phone *phone, const struct options *options) {
  char text[SOTTO_DEVICE_TEXT_SIZE] = "", id[SOTTO_DEVICE_ID_SIZE], question[128];
  const char *argument = options->argument[1];
  if (argument && strcmp(argument, "-") == 0) /* where no other program can see it */
    argument = question_line(phone, ADD_S);
  if (argument && strlen(argument) < sizeof text)
    memcpy(text, argument, strlen(argument) + 1);
  if (sotto_device_parse(text, id) != SOTTO_OK)
    return complain(EXIT_USAGE, "this is no device's code");
  snprintf(question, sizeof question, "Add the device %s? It will have your contacts and take your calls.", id);
  if (!question_agreed(phone, question))
    return complain(EXIT_CANCELED, "the device was not added");
  sotto_status status = sotto_device_add(phone->engine, text);
  if (status == SOTTO_ERR_STATE)
    return complain(EXIT_TRUST, "only your first device adds others, and each only once");
  if (status != SOTTO_OK)
    return complain(exit_for_status(status), "not possible: %s", sotto_status_text(status));
  int code = wait_link(phone, ADD_S);
  if (!code && !options->json_events)
    printf("%s is your device now.\n", id);
  return code;
}

static bool stands(struct phone *phone, const char *id) {
  sotto_device device[DEVICES_MAX] = {SOTTO_DEVICE_INIT};
  size_t count = sotto_devices(phone->engine, device, DEVICES_MAX);
  for (size_t i = 0; i < count && i < DEVICES_MAX; i++)
    if (strcmp(device[i].id, id) == 0)
      return true;
  return false;
}

static int revoke_device(struct phone *phone, const struct options *options) {
  const char *id = options->argument[1];
  sotto_status status = id ? sotto_device_revoke(phone->engine, id) : SOTTO_ERR_INVALID;
  if (status == SOTTO_ERR_STATE)
    return complain(EXIT_TRUST, "only your first device revokes others");
  if (status == SOTTO_ERR_NOT_FOUND)
    return complain(EXIT_NO_CONTACT, "you have no such device");
  if (status != SOTTO_OK)
    return complain(EXIT_USAGE, "name another device than this one, as sotto device list shows it");
  int64_t until = clock_now() + (int64_t)options->seconds * 1000000 + LINGER_US; /* contacts are told meanwhile */
  sotto_event event;
  const char *line;
  for (enum wake wake = WAKE_EVENT; wake == WAKE_EVENT || wake == WAKE_LINE;)
    wake = phone_wait(phone, until, &event, &line);
  if (stands(phone, id)) /* this store was restored */
    return complain(EXIT_INVITE, "not yet: nobody has said what they know of your devices; try --seconds 60");
  if (!options->json_events)
    printf("%s is revoked. Contacts who are not online now learn of it with the next call.\n", id);
  return EXIT_OK;
}

int command_device(const struct options *options) {
  static const struct {
    const char *name;
    int (*run)(struct phone *, const struct options *);
    int arguments;
    bool online;
  } verbs[] = {{"list", list_devices, 1, false},
               {"show", show_device, 1, true},
               {"add", add_device, 2, true},
               {"revoke", revoke_device, 2, true}};
  for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
    if (strcmp(options->argument[0], verbs[i].name) != 0 || options->arguments != verbs[i].arguments)
      continue;
    struct phone phone;
    int code = phone_open(&phone, options, verbs[i].online);
    if (code)
      return code;
    code = verbs[i].run(&phone, options);
    phone_close(&phone);
    return code;
  }
  return complain(EXIT_USAGE, "device list, device show, device add CODE|-, or device revoke ID");
}
