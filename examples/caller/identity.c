/* identity.c - who I am, and how two people first meet: id, invite, accept. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "commands.h"
#include "complain.h"
#include "exit.h"
#include "json_events.h"
#include "names.h"
#include "phone.h"
#include "qr.h"
#include "question.h"

/* The joiner gives up after 60 s; an inviter waits as long as the invite lives. */
enum { ACCEPT_S = 65, REMOTE_S = 24 * 3600, IN_PERSON_S = 120, LINGER_US = 1000000 };

static int write_svg(const char *path, const char *text) {
  FILE *file = fopen(path, "we");
  if (!file)
    return complain(EXIT_SYSTEM, "%s: %s", path, strerror(errno));
  bool ok = qr_svg(file, text);
  ok = fclose(file) == 0 && ok;
  return ok ? EXIT_OK : complain(EXIT_SYSTEM, "%s: it could not be written whole", path);
}

static int show_code(const struct options *options, const char *text) {
  if (!options->json && !options->json_events && !qr_print(stdout, text))
    return complain(EXIT_INTERNAL, "the QR code could not be drawn");
  return options->svg ? write_svg(options->svg, text) : EXIT_OK;
}

int command_id(const struct options *options) {
  struct phone phone;
  sotto_id id;
  char text[SOTTO_ID_TEXT_SIZE], uri[SOTTO_CONTACT_URI_SIZE];
  int code = phone_open(&phone, options, false);
  if (code)
    return code;
  sotto_engine_id(phone.engine, &id);
  phone_close(&phone);
  if (sotto_id_format(&id, text, sizeof text) != SOTTO_OK || sotto_id_uri(&id, uri, sizeof uri) != SOTTO_OK)
    return complain(EXIT_INTERNAL, "the ID could not be written");
  if (options->json || options->json_events)
    json_event_say("id", json_pack("{s:s, s:s}", "id", text, "uri", uri));
  else
    printf("%s\n%s\n", text, uri);
  return show_code(options, uri);
}

/* Waits for the first contact to succeed or fail. `until` is when it can no longer happen. */
static int wait_contact(struct phone *phone, const char *name, int64_t until) {
  for (;;) {
    sotto_event event;
    const char *line;
    switch (phone_wait(phone, until, &event, &line)) {
    case WAKE_EVENT:
      if (event.type == SOTTO_EVENT_INVITE_FAILED)
        return complain(EXIT_INVITE, "the invite failed: %s",
                        event.status == SOTTO_ERR_EXPIRED     ? "it has expired"
                        : event.status == SOTTO_ERR_NOT_FOUND ? "nobody answered; the inviter must be online"
                                                              : "it was refused, or was used before");
      if (event.type == SOTTO_EVENT_CONTACT)
        return EXIT_OK;
      break;
    case WAKE_LINE:
      if (strcmp(line, "quit") == 0)
        return complain(EXIT_INVITE, "%s has not met you yet", name);
      break;
    case WAKE_STOP:
      return phone_stopped();
    case WAKE_TIMEOUT:
      return complain(EXIT_INVITE, "the invite for %s expired unused", name);
    }
  }
}

/* What was sent last is still on its way to the server. */
static void linger(struct phone *phone) {
  int64_t until = clock_now() + LINGER_US;
  enum wake wake;
  do {
    sotto_event event;
    const char *line;
    wake = phone_wait(phone, until, &event, &line);
  } while (wake == WAKE_EVENT || wake == WAKE_LINE);
}

static int explain_invite(sotto_status status) {
  switch (status) {
  case SOTTO_OK:
    return EXIT_OK;
  case SOTTO_ERR_EXPIRED:
    return complain(EXIT_INVITE, "this invite has expired");
  case SOTTO_ERR_INVALID:
    return complain(EXIT_USAGE, "this is no invite, or the name cannot be used");
  case SOTTO_ERR_FULL:
    return complain(EXIT_INVITE, "too many invites are open already");
  case SOTTO_ERR_TRUST:
    return complain(EXIT_TRUST, "this invite is your own, or from somebody whom you blocked");
  default:
    return complain(exit_for_status(status), "the invite failed: %s", sotto_status_text(status));
  }
}

int command_invite(const struct options *options) {
  struct phone phone;
  char text[SOTTO_INVITE_TEXT_SIZE];
  const char *name = options->argument[0];
  int code = phone_open(&phone, options, true);
  if (code)
    return code;
  code = explain_invite(
      sotto_invite_create(phone.engine, name, options->in_person ? SOTTO_INVITE_IN_PERSON : 0, text, sizeof text));
  int64_t until = clock_now() + (int64_t)(options->in_person ? IN_PERSON_S : REMOTE_S) * 1000000;
  if (!code && options->json_events)
    json_event_say("invite", json_pack("{s:s, s:b}", "text", text, "inPerson", options->in_person));
  else if (!code)
    printf("Send this to %s, and to nobody else. It works once.\n%s\n", name, text);
  if (!code)
    code = show_code(options, text);
  if (!code && !options->json_events)
    puts(options->wait ? "Keep this running until they have accepted."
                       : "They can accept while you run sotto answer (or sotto invite --wait).");
  fflush(stdout);
  if (!code && options->wait)
    code = wait_contact(&phone, name, until);
  if (!code && options->wait)
    linger(&phone);
  phone_close(&phone);
  return code;
}

int command_accept(const struct options *options) {
  struct phone phone;
  int code = phone_open(&phone, options, true);
  if (code)
    return code;
  const char *text = options->argument[1];
  if (strcmp(text, "-") == 0) /* where no other program can see it */
    text = question_line(&phone, ACCEPT_S);
  if (!text)
    code = complain(EXIT_USAGE, "no invite came on standard input");
  else
    code = explain_invite(sotto_invite_accept(phone.engine, options->argument[0], text));
  if (!code)
    code = wait_contact(&phone, options->argument[0], clock_now() + (int64_t)ACCEPT_S * 1000000);
  if (!code)
    linger(&phone);
  phone_close(&phone);
  return code;
}
