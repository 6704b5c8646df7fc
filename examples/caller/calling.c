/* calling.c - call and answer. */
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "commands.h"
#include "complain.h"
#include "conversation.h"
#include "exit.h"
#include "phone.h"
#include "studio.h"

static int start(struct phone *phone, struct studio *studio, const sotto_contact *contact) {
  sotto_call *call = NULL;
  unsigned media = phone->options->no_video ? SOTTO_AUDIO : SOTTO_AUDIO | SOTTO_VIDEO;
  sotto_status status = sotto_call_start(phone->engine, &contact->id, media, &call);
  if (status == SOTTO_ERR_TRUST)
    return complain(EXIT_TRUST, "%s is blocked or has changed: see sotto contacts", contact->name);
  if (status != SOTTO_OK)
    return complain(exit_for_status(status), "the call did not start: %s", sotto_status_text(status));
  return conversation_run(phone, studio, call, &contact->id, false, false);
}

int command_call(const struct options *options) {
  struct phone phone;
  struct studio studio;
  sotto_contact contact = SOTTO_CONTACT_INIT;
  int code = studio_open(&studio, options);
  if (code)
    return code;
  code = phone_open(&phone, options, true);
  if (!code) {
    code = phone_find(&phone, options->argument[0], &contact);
    if (!code)
      code = start(&phone, &studio, &contact);
    phone_close(&phone);
  }
  int closed = studio_close(&studio, options);
  return code ? code : closed;
}

static int pick_up(struct phone *phone, struct studio *studio, const sotto_event *event) {
  bool known = event->trust == SOTTO_TRUST_TOFU || event->trust == SOTTO_TRUST_VERIFIED;
  return conversation_run(phone, studio, event->call, &event->peer, true, phone->options->automatic && known);
}

/* Until a signal or "quit"; with --once the first call's exit code. */
static int wait_for_calls(struct phone *phone, struct studio *studio) {
  for (;;) {
    sotto_event event;
    const char *line;
    switch (phone_wait(phone, INT64_MAX, &event, &line)) {
    case WAKE_EVENT:
      if (event.type == SOTTO_EVENT_INCOMING) {
        int code = pick_up(phone, studio, &event);
        if (phone->options->once || code == EXIT_DISK || code > EXIT_SIGNAL)
          return code;
      }
      break;
    case WAKE_LINE:
      if (strcmp(line, "quit") == 0)
        return EXIT_OK;
      break;
    case WAKE_STOP:
      return phone_stopped();
    case WAKE_TIMEOUT:
      break;
    }
  }
}

int command_answer(const struct options *options) {
  struct phone phone;
  struct studio studio;
  int code = studio_open(&studio, options);
  if (code)
    return code;
  code = phone_open(&phone, options, true);
  if (!code) {
    if (!options->json_events)
      puts("Waiting for calls. Ctrl-C ends this.");
    fflush(stdout);
    code = wait_for_calls(&phone, &studio);
    phone_close(&phone);
  }
  int closed = studio_close(&studio, options);
  return code ? code : closed;
}
