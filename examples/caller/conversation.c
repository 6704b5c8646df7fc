#include "conversation.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "command.h"
#include "complain.h"
#include "exit.h"
#include "json_events.h"
#include "media_loop.h"
#include "names.h"
#include "terminal.h"

enum question { QUESTION_NONE, QUESTION_ACCEPT, QUESTION_CONSENT, QUESTION_DEVICE, QUESTION_COMPARE };
enum { CHECK_US = 200000 };

struct conversation {
  struct phone *phone;
  struct studio *studio;
  sotto_call *call;
  sotto_id peer;
  struct media_loop *media;
  unsigned sends; /* SOTTO_AUDIO | SOTTO_VIDEO */
  enum question question;
  int64_t asked_at;
  sotto_sas sas;
  int64_t hang_at, give_up_at; /* 0: not */
  bool ended;
  int code;
  sotto_end_reason reason;
};

static bool interactive(const struct conversation *c) {
  return !c->phone->options->json_events;
}

static void hang_up(struct conversation *c, int code) {
  if (!c->code)
    c->code = code;
  if (!c->give_up_at) {
    c->give_up_at = clock_now() + (int64_t)CONVERSATION_BYE_MS * 1000;
    sotto_call_hangup(c->call);
  }
}

static void check_status(sotto_status status, const char *what) {
  if (status != SOTTO_OK)
    complain(EXIT_INTERNAL, "%s: not possible now (%s)", what, name_of_status(status));
}

static void ask(struct conversation *c, enum question question, const char *text) {
  c->question = question;
  c->asked_at = clock_now();
  if (interactive(c)) {
    printf("%s\n", text);
    fflush(stdout);
  }
}

/* ---- what happens ---- */

static void on_gate(struct conversation *c, sotto_gate gate) {
  if (gate != SOTTO_GATE_SHUT && !c->media) {
    c->media = media_loop_start(c->call, c->studio);
    if (!c->media)
      hang_up(c, complain(EXIT_INTERNAL, "the media thread did not start"));
  }
  if (c->media)
    media_loop_set_video(c->media, gate == SOTTO_GATE_OPEN && (c->sends & SOTTO_VIDEO));
  if (gate != SOTTO_GATE_OPEN || !c->media)
    return;
  if (c->studio->log && !c->studio->log->opened_at)
    c->studio->log->opened_at = clock_now();
  if (c->phone->options->seconds && !c->hang_at)
    c->hang_at = clock_now() + (int64_t)c->phone->options->seconds * 1000000;
}

static void on_sas(struct conversation *c, const sotto_sas *sas) {
  c->sas = *sas;
  if (interactive(c))
    terminal_sas(sas);
  ask(c, QUESTION_COMPARE, "Do you both see the same? Type yes or no (words: the same as words).");
}

static void on_event(struct conversation *c, const sotto_event *event) {
  if (event->type == SOTTO_EVENT_INCOMING && event->call != c->call) {
    sotto_call_decline(event->call);
    sotto_call_free(event->call);
    return;
  }
  if (event->call != c->call)
    return;
  if (event->type == SOTTO_EVENT_GATE)
    on_gate(c, event->gate);
  else if (event->type == SOTTO_EVENT_SAS)
    on_sas(c, &event->sas);
  else if (event->type == SOTTO_EVENT_CONSENT)
    ask(c, QUESTION_CONSENT,
        "You never compared with them. Talk for up to two minutes, to compare words? (yes or no)");
  else if (event->type == SOTTO_EVENT_NEW_DEVICE)
    ask(c, QUESTION_DEVICE,
        "They call from a device that you have not seen before. Do you know of it? (yes or no)");
  else if (event->type == SOTTO_EVENT_CALL_STATE && event->state == SOTTO_CALL_ENDED) {
    c->ended = true;
    c->reason = event->reason;
  }
}

/* ---- what is typed ---- */

static void accept_call(struct conversation *c) {
  c->question = QUESTION_NONE;
  check_status(sotto_call_accept(c->call, c->sends), "accept");
}

static void confirm(struct conversation *c, bool equal) {
  c->question = QUESTION_NONE;
  check_status(sotto_call_confirm(c->call, equal), "confirm");
}

static void answer(struct conversation *c, bool yes) {
  enum question question = c->question;
  if (question == QUESTION_COMPARE && clock_now() < c->asked_at + (int64_t)CONVERSATION_LOOK_MS * 1000) {
    puts("Look at them first: an answer counts after three seconds.");
    return;
  }
  c->question = QUESTION_NONE;
  if (question == QUESTION_COMPARE)
    confirm(c, yes);
  else if (question == QUESTION_CONSENT && yes)
    check_status(sotto_call_consent(c->call), "consent");
  else if (question == QUESTION_DEVICE && yes)
    check_status(sotto_call_acknowledge(c->call), "acknowledge");
  else if (question == QUESTION_ACCEPT && yes)
    accept_call(c);
  else if (question == QUESTION_ACCEPT)
    check_status(sotto_call_decline(c->call), "decline");
  else if (question == QUESTION_CONSENT || question == QUESTION_DEVICE)
    hang_up(c, EXIT_OK);
}

static void set_sending(struct conversation *c, unsigned medium, bool on) {
  unsigned sends = on ? c->sends | medium : c->sends & ~medium;
  sotto_status status = sotto_call_set_media(c->call, sends);
  check_status(status, medium == SOTTO_AUDIO ? "mute" : "video");
  if (status == SOTTO_OK)
    c->sends = sends;
  if (c->media && medium == SOTTO_VIDEO)
    media_loop_set_video(c->media, c->sends & SOTTO_VIDEO);
}

static void show_stats(struct conversation *c) {
  sotto_stats stats = SOTTO_STATS_INIT;
  if (sotto_call_stats(c->call, &stats) != SOTTO_OK)
    return;
  if (interactive(c))
    terminal_stats(&stats);
  else
    json_event_say("stats", json_stats(&stats));
}

static void on_line(struct conversation *c, const char *line) {
  struct command command = command_parse(line);
  switch (command.verb) {
  case VERB_ANSWER:
    answer(c, command.on);
    break;
  case VERB_CONFIRM:
    confirm(c, command.on);
    break;
  case VERB_CONSENT:
    check_status(sotto_call_consent(c->call), "consent");
    break;
  case VERB_ACKNOWLEDGE:
    check_status(sotto_call_acknowledge(c->call), "acknowledge");
    break;
  case VERB_ACCEPT:
    accept_call(c);
    break;
  case VERB_DECLINE:
    check_status(sotto_call_decline(c->call), "decline");
    break;
  case VERB_MUTE:
    set_sending(c, SOTTO_AUDIO, !command.on);
    break;
  case VERB_VIDEO:
    set_sending(c, SOTTO_VIDEO, command.on);
    break;
  case VERB_RESTART:
    check_status(sotto_call_restart_ice(c->call), "restart");
    break;
  case VERB_COMPARE:
    check_status(sotto_call_compare(c->call), "compare");
    break;
  case VERB_STATS:
    show_stats(c);
    break;
  case VERB_WORDS:
    puts(c->sas.words[0] ? c->sas.words : "There are no words to compare yet.");
    break;
  case VERB_HANGUP:
  case VERB_QUIT:
    hang_up(c, EXIT_OK);
    break;
  case VERB_UNKNOWN:
    if (*line)
      complain(EXIT_USAGE, "not understood: %.60s", line);
    break;
  }
}

/* ---- the loop ---- */

/* What time brings: --seconds, a recording that failed, a hang-up that takes too long. */
static void on_time(struct conversation *c) {
  int64_t now = clock_now();
  if (c->hang_at && now >= c->hang_at)
    hang_up(c, EXIT_OK);
  if (!c->give_up_at) {
    int code = studio_check(c->studio, c->phone->options);
    if (code)
      hang_up(c, code);
  }
  if (c->give_up_at && now >= c->give_up_at)
    c->ended = true;
}

static void step(struct conversation *c) {
  sotto_event event;
  const char *line;
  int64_t next = clock_now() + CHECK_US;
  switch (phone_wait(c->phone, next, &event, &line)) {
  case WAKE_EVENT:
    on_event(c, &event);
    break;
  case WAKE_LINE:
    on_line(c, line);
    break;
  case WAKE_STOP:
    hang_up(c, phone_stopped());
    clock_sleep_until(clock_now() + 50000); /* phone_wait() now returns at once; the hang-up leaves meanwhile */
    c->ended = true;
    break;
  case WAKE_TIMEOUT:
    break;
  }
  on_time(c);
}

static int result(struct conversation *c) {
  if (c->code > EXIT_SIGNAL)
    return complain(c->code, "ended by a signal: the call was hung up");
  if (c->code || c->reason == SOTTO_END_NONE)
    return c->code;
  int code = exit_for_reason(c->reason);
  return code ? complain(code, "%s", exit_reason_text(c->reason)) : EXIT_OK;
}

int conversation_run(struct phone *phone, struct studio *studio, sotto_call *call, const sotto_id *peer,
                     bool incoming, bool automatic) {
  struct conversation c = {.phone = phone, .studio = studio, .call = call, .peer = *peer};
  c.sends = phone->options->no_video ? SOTTO_AUDIO : SOTTO_AUDIO | SOTTO_VIDEO;
  if (phone->options->screen)
    sotto_call_set_content(call, SOTTO_CONTENT_SCREEN);
  if (incoming && automatic)
    accept_call(&c);
  else if (incoming)
    ask(&c, QUESTION_ACCEPT, "Accept the call? (yes or no)");
  while (!c.ended)
    step(&c);
  if (phone->options->json_events)
    show_stats(&c);
  media_loop_stop(c.media);
  sotto_call_free(call);
  return result(&c);
}
