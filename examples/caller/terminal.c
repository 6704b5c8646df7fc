#include "terminal.h"

#include <stdio.h>
#include <string.h>

#include "exit.h"
#include "names.h"

static const char *alarm_text(sotto_alarm alarm) {
  static const char *const texts[] = {
      [SOTTO_ALARM_AUTH_FAIL] = "a message for you was forged or damaged; it was dropped",
      [SOTTO_ALARM_REPLAY] = "somebody sent an old message again; it was dropped",
      [SOTTO_ALARM_SIGNALING_GAP] = "the server holds back or lost messages",
      [SOTTO_ALARM_BIND_MISMATCH] = "the connection is not with the person you called: somebody sits in the middle",
      [SOTTO_ALARM_FP_MISMATCH] = "the connection showed a key that the person never announced",
      [SOTTO_ALARM_FP_CHANGED] = "the other side changed its key in mid-call",
      [SOTTO_ALARM_NO_EMS] = "the other side's encryption lacks a protection that sotto needs",
      [SOTTO_ALARM_PROFILE_DOWNGRADE] = "somebody tried to weaken the encryption",
      [SOTTO_ALARM_DTLS_REHANDSHAKE] = "a forged attempt to change the keys was blocked; the call goes on",
      [SOTTO_ALARM_SAS_MISMATCH] = "the words differed: somebody may sit in the middle",
      [SOTTO_ALARM_SAS_ABORTED] = "the comparison was broken off before its end",
      [SOTTO_ALARM_SAS_COMMIT_BAD] = "the other side cheated in the comparison",
      [SOTTO_ALARM_INVITE_REUSED] = "somebody else held your invite too: compare with the person whom you meant",
      [SOTTO_ALARM_ID_MISMATCH] = "that code or number is not this contact's",
      [SOTTO_ALARM_IDENTITY_CHANGED] =
          "this contact has a new root key, signed with the old one: compare the new safety number with them",
      [SOTTO_ALARM_ROSTER_CHANGED] = "this contact has other devices than before",
      [SOTTO_ALARM_ROSTER_STALE] = "somebody showed an old list of this contact's devices; it was ignored",
      [SOTTO_ALARM_ROSTER_FORK] = "two different lists of this contact's devices exist: their key may be stolen",
      [SOTTO_ALARM_SELF_ROSTER_ROLLBACK] = "your contact knows a newer list of your devices than this store",
      [SOTTO_ALARM_SELF_ROSTER_FORK] = "somebody else signs with your key",
      [SOTTO_ALARM_DEVICE_REVOKED] = "this device of your contact was revoked",
      [SOTTO_ALARM_STORE_ROLLBACK] = "the store is older than it was: was a backup put in its place?",
      [SOTTO_ALARM_STORE_UNSAVED] = "the store cannot be written: what changed will be lost",
  };
  unsigned i = (unsigned)alarm;
  return i < sizeof texts / sizeof texts[0] && texts[i] ? texts[i] : "an alarm that this program does not know";
}

static void show_state(const sotto_event *e, const char *name) {
  if (e->state == SOTTO_CALL_ENDED)
    printf("The call with %s is over: %s.\n", name, exit_reason_text(e->reason));
  else
    printf("%s: %s\n", name, name_of_state(e->state));
}

static void show_gate(sotto_gate gate) {
  static const char *const texts[] = {[SOTTO_GATE_SHUT] = "Nothing is sent or heard.",
                                      [SOTTO_GATE_AUDIO_UNVERIFIED] =
                                          "You can hear each other, to compare: no secrets yet.",
                                      [SOTTO_GATE_OPEN] = "You can talk."};
  if ((unsigned)gate < sizeof texts / sizeof texts[0])
    puts(texts[gate]);
}

void terminal_event(const sotto_event *e, const char *name) {
  switch (e->type) {
  case SOTTO_EVENT_ONLINE:
    puts("Connected to the server.");
    break;
  case SOTTO_EVENT_OFFLINE:
    puts("The server is out of reach; trying again.");
    break;
  case SOTTO_EVENT_CONTACT:
    printf("%s is now: %s\n", name, name_of_trust(e->trust));
    break;
  case SOTTO_EVENT_INVITE_FAILED:
    printf("The invite failed: %s.\n", sotto_status_text(e->status));
    break;
  case SOTTO_EVENT_INCOMING:
    printf("%s (%s) calls%s.\n", name, name_of_trust(e->trust), e->media & SOTTO_VIDEO ? " with video" : "");
    break;
  case SOTTO_EVENT_CALL_STATE:
    show_state(e, name);
    break;
  case SOTTO_EVENT_GATE:
    show_gate(e->gate);
    break;
  case SOTTO_EVENT_SECURE:
    printf("Secure with %s (%s, %s), %s.\n", name, e->profile, e->cipher,
           e->verified ? "verified" : "not verified yet");
    if (strcmp(e->binding, "cert") == 0)
      printf("At the other end is a page in a browser: what it does, whoever served it decided.%s\n",
             e->sealed ? " Sound and pictures are sealed for it." : "");
    break;
  case SOTTO_EVENT_UNVERIFIED:
    printf("WARNING: you never compared with %s. Anybody could be in the middle.\n", name);
    break;
  case SOTTO_EVENT_SAS_RESULT:
    printf("Compared: you said %s, they said %s.\n", e->local ? "equal" : "not equal",
           e->remote ? "equal" : "not equal, or nothing yet");
    break;
  case SOTTO_EVENT_PEER_MEDIA:
    printf("%s sends:%s%s%s\n", name, e->media & SOTTO_AUDIO ? " sound" : "",
           e->media & SOTTO_VIDEO ? " pictures" : "", e->media ? "" : " nothing");
    break;
  case SOTTO_EVENT_IDENTITY:
    puts(e->trust == SOTTO_TRUST_REVOKED ? "Your identity is dead." : "You have a new identity.");
    break;
  case SOTTO_EVENT_TOLD:
    printf("%s has been told.\n", name);
    break;
  case SOTTO_EVENT_ALARM:
    printf("ALARM: %s.\n", alarm_text(e->alarm));
    break;
  default: /* CONSENT and SAS are questions: the conversation asks them */
    break;
  }
  fflush(stdout);
}

void terminal_sas(const sotto_sas *sas) {
  puts("Read these to each other. They must be the same, all of them:");
  for (unsigned i = 0; i < sizeof sas->emoji; i++) {
    const char *name = NULL, *symbol = sotto_sas_emoji(sas->emoji[i], &name);
    printf("  %s  %s\n", symbol ? symbol : "?", name ? name : "?");
  }
  printf("  %s\n", sas->digits);
  fflush(stdout);
}

void terminal_stats(const sotto_stats *s) {
  printf("round trip %.1f ms, %s, lost %lld sound and %lld picture packets\n",
         (double)s->current_round_trip_time_us / 1000, s->relayed ? "relayed" : "direct",
         (long long)s->audio.packets_lost, (long long)s->video.packets_lost);
  printf("%s, %s; %dx%d; dropped: gate %lld, forged %lld, replayed %lld\n", s->srtp_profile, s->dtls_cipher,
         s->frame_width, s->frame_height, (long long)s->packets_gate_dropped, (long long)s->packets_auth_failed,
         (long long)s->packets_replayed);
  fflush(stdout);
}
