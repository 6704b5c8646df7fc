/* embed.c - ring for contacts, talk, compare words once, hang up on ^C. */
#include <signal.h>
#include <sotto.h>
#include <stdio.h>
#include <stdlib.h>

#include "sound_card.h" /* yours: calls back every 10 ms on its own thread */

static volatile sig_atomic_t quit;
static void on_signal(int number) {
  quit = number;
}

static void on_sound(void *user, const int16_t *mic, int16_t *speaker, int samples) {
  sotto_audio_write(user, mic, samples); /* goes nowhere while the gate is shut */
  sotto_audio_read(user, speaker, samples);
}

static bool ask(const char *question, const char *about) {
  fprintf(stderr, "%s%s? [y/n] ", question, about);
  char answer[8];
  return fgets(answer, sizeof answer, stdin) && answer[0] == 'y';
}

int main(int argc, char **argv) {
  const char *passphrase = getenv("SOTTO_PASSPHRASE"); /* better: ask for it */
  if (argc < 3 || !passphrase)
    return fprintf(stderr, "usage: SOTTO_PASSPHRASE=... embed STORE wss://SERVER [INVITE]\n"), 2;

  sotto_config config = {.size = sizeof config, .store_path = argv[1], .signaling_url = argv[2]};
  config.store_passphrase = passphrase;
  sotto_engine *engine;
  sotto_status status = sotto_engine_new(&config, &engine);
  if (status)
    return fprintf(stderr, "sotto: %s\n", sotto_status_text(status)), 1;

  char invite[SOTTO_INVITE_TEXT_SIZE];
  if (argc > 3)
    status = sotto_invite_accept(engine, "friend", argv[3]);
  else if (!(status = sotto_invite_create(engine, "friend", 0, invite, sizeof invite)))
    printf("send this to one person: %s\n", invite);

  signal(SIGINT, on_signal);
  sotto_call *active = NULL;
  struct sound_card *sound = NULL;
  while (!quit && !status) {
    sotto_event event = SOTTO_EVENT_INIT;
    if (!sotto_engine_wait_event(engine, &event, 200000))
      continue;
    if (event.type == SOTTO_EVENT_INCOMING) {
      active ? sotto_call_decline(event.call) : sotto_call_accept(active = event.call, SOTTO_AUDIO);
    } else if (event.type == SOTTO_EVENT_CONSENT) {
      ask("Never compared. Talk, to do so", "") ? (void)sotto_call_consent(event.call)
                                                : sotto_call_hangup(event.call);
    } else if (event.type == SOTTO_EVENT_SAS) {
      sotto_call_confirm(event.call, ask("Do you both have ", event.sas.words)); /* no ends the call */
    } else if (event.type == SOTTO_EVENT_GATE && event.gate != SOTTO_GATE_SHUT && !sound) {
      sound = sound_card_open(48000, on_sound, event.call);
    } else if (event.type == SOTTO_EVENT_CALL_STATE && event.state == SOTTO_CALL_ENDED) {
      if (event.call == active) {
        sound_card_close(sound); /* joins its thread: the call is ours alone */
        active = NULL, sound = NULL;
      }
      sotto_call_free(event.call);
    }
  }
  sound_card_close(sound);
  sotto_call_free(active);
  sotto_engine_free(engine);
  return status ? 1 : 0;
}
