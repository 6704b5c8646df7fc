/* succession.c - the end of an identity: identity rotate (another root key follows), identity end (nobody does). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "commands.h"
#include "complain.h"
#include "exit.h"
#include "json_events.h"
#include "phone.h"
#include "question.h"

enum { MARGIN_S = 3 };

static size_t count_untold(struct phone *phone) {
  size_t count, untold = 0;
  sotto_contact *list = phone_contacts(phone, &count);
  for (size_t i = 0; i < count; i++)
    untold += list[i].untold;
  free(list);
  return untold;
}

/* A contact a second, and the last one's answer; those who are not online now are told another day. */
static void wait_told(struct phone *phone) {
  size_t untold = count_untold(phone);
  int64_t span = (int64_t)untold + MARGIN_S + phone->options->seconds, until = clock_now() + span * 1000000;
  enum wake wake = WAKE_EVENT;
  while (untold && wake != WAKE_STOP && wake != WAKE_TIMEOUT) {
    sotto_event event;
    const char *line;
    wake = phone_wait(phone, until, &event, &line);
    if (wake == WAKE_EVENT && event.type == SOTTO_EVENT_TOLD)
      untold = count_untold(phone);
  }
}

static json_t *print_names(const struct phone *phone, const sotto_contact *list, size_t count, bool untold) {
  json_t *names = json_array();
  bool any = false;
  for (size_t i = 0; i < count; i++) {
    if (list[i].untold != untold)
      continue;
    json_array_append_new(names, json_string(list[i].name));
    if (!phone->options->json_events)
      printf("%s %s", any ? "," : untold ? "Not told yet:" : "Told:", list[i].name);
    any = true;
  }
  if (any && !phone->options->json_events)
    puts(".");
  return names;
}

static void say_who_knows(struct phone *phone) {
  size_t count;
  sotto_contact *list = phone_contacts(phone, &count);
  json_t *told = print_names(phone, list, count, false), *untold = print_names(phone, list, count, true);
  if (!phone->options->json_events && json_array_size(untold))
    puts("They are told when you are online together: keep sotto answer running.");
  if (phone->options->json_events)
    json_event_say("who-knows", json_pack("{s:O, s:O}", "told", told, "untold", untold));
  json_decref(told);
  json_decref(untold);
  free(list);
}

static int explain(sotto_status status) {
  if (status == SOTTO_ERR_STATE)
    return complain(EXIT_TRUST, "only your first device does this, once; to rotate, revoke the others before it");
  return status ? complain(exit_for_status(status), "not possible: %s", sotto_status_text(status)) : EXIT_OK;
}

static int rotate(struct phone *phone) {
  sotto_id id;
  char text[SOTTO_ID_TEXT_SIZE] = "";
  if (!question_agreed(phone,
                       "Leave this identity for a new one? Each of your contacts must compare with you anew, "
                       "and backups of today open the old one."))
    return complain(EXIT_CANCELED, "you are who you were");
  int code = explain(sotto_identity_rotate(phone->engine));
  if (code)
    return code;
  wait_told(phone);
  sotto_engine_id(phone->engine, &id);
  sotto_id_format(&id, text, sizeof text);
  if (!phone->options->json_events)
    printf("You are now %s. Make a new backup.\nCalls go on with whoever has compared the new safety number and "
           "typed: sotto reset.\n",
           text);
  say_who_knows(phone);
  return EXIT_OK;
}

static int end(struct phone *phone) {
  if (!question_agreed(phone, "End this identity for good, on all of its devices? Nobody will reach you under it "
                              "again, and there is no way back."))
    return complain(EXIT_CANCELED, "your identity lives");
  int code = explain(sotto_identity_end(phone->engine));
  if (code)
    return code;
  wait_told(phone);
  if (!phone->options->json_events)
    puts("This identity is dead. A new one begins with an empty store.");
  say_who_knows(phone);
  return EXIT_OK;
}

int command_identity(const struct options *options) {
  struct phone phone;
  bool ends = strcmp(options->argument[0], "end") == 0;
  if (!ends && strcmp(options->argument[0], "rotate") != 0)
    return complain(EXIT_USAGE, "identity rotate, or identity end");
  int code = phone_open(&phone, options, true);
  if (code)
    return code;
  code = ends ? end(&phone) : rotate(&phone);
  phone_close(&phone);
  return code;
}
