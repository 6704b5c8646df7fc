/* scene_strangers.c - two people meet by an invite that goes by the server, which puts itself between them. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "bridge.h"
#include "tap.h"

static const char *const sound_only[] = {"--no-video", NULL};

/* Alice's invite never arrives; Bob gets one of the server's. Both are told that they have met each other. */
static bool meet(struct stage *stage, struct bridge *bridge) {
  char for_bob[SOTTO_INVITE_TEXT_SIZE];
  if (!victim_start(stage, ALICE, WORDS("invite", "bob", "--wait")))
    return false;
  const char *alices = json_string_value(json_object_get(victim_await(stage, ALICE, "invite", NULL, NULL), "text"));
  if (!alices || !bridge_replace_invite(bridge, alices, for_bob, sizeof for_bob) ||
      !victim_start(stage, BOB, WORDS("accept", "alice", "-")) || !victim_await(stage, BOB, "online", NULL, NULL) ||
      !victim_say(stage, BOB, for_bob))
    return false;
  return victim_ends(stage, BOB) == EXIT_OK && victim_ends(stage, ALICE) == EXIT_OK;
}

static struct bridge *begin(struct tap *tap) {
  char dir[STAGE_PATH];
  struct stage *stage = &tap->stage;
  stage->direct = true;
  if (!stage_strangers(stage))
    return NULL;
  snprintf(dir, sizeof dir, "%.400s/server-%d", stage->dir, stage->met);
  mkdir(dir, 0700);
  struct bridge *bridge = bridge_new(dir, hostile_url(stage->hostile));
  if (bridge && meet(stage, bridge)) {
    tap_tell("Alice's invite goes by the server. It keeps it, and hands Bob one of its own.");
    if (stage_call(stage, sound_only))
      return bridge;
  }
  bridge_free(bridge);
  return NULL;
}

/* ---- scene 1 ---- */

static void check_ends_hear(struct tap *tap) {
  const struct victim *v = tap->stage.victim;
  struct audio_quality bob = ear_compare_ends(v[ALICE].report, v[BOB].report);
  struct audio_quality alice = ear_compare_ends(v[BOB].report, v[ALICE].report);
  tap_check(tap,
            bob.windows && bob.correlation * 100 >= TAP_HEARD_PERCENT && alice.windows &&
                alice.correlation * 100 >= TAP_HEARD_PERCENT,
            "Bob hears Alice, and she him", "correlation %.3f, %.3f", bob.correlation, alice.correlation);
}

bool scene_nobody_compares(struct tap *tap) {
  struct stage *stage = &tap->stage;
  stage->weakness = "NOGATE";
  struct bridge *bridge = begin(tap);
  bool open = bridge && victim_await(stage, ALICE, "gate", "gate", "open") &&
              victim_await(stage, BOB, "gate", "gate", "open");
  if (open) {
    tap_tell("Alice calls Bob. They talk.");
    stage_wait(stage, tap->talk_ms);
    int told = 0;
    for (int v = 0; v < VICTIMS; v++) {
      victim_say(stage, v, "hangup");
      victim_ends(stage, v);
      told += victim_count(stage, v, "alarm", NULL, NULL) + victim_count(stage, v, "sas", NULL, NULL) +
              victim_count(stage, v, "consent", NULL, NULL) + victim_count(stage, v, "unverified", NULL, NULL);
    }
    tap_check(tap, told == 0, "what the two are told of it", "%s", told ? "something" : "nothing");
    check_ends_hear(tap);
    tap_check_ear(tap, bridge_stop(bridge, ALICE), ALICE, "1-alice", true);
    tap_check_ear(tap, bridge_stop(bridge, BOB), BOB, "1-bob", true);
  }
  bridge_free(bridge);
  return open;
}

/* ---- scene 2 ---- */

static bool await_words(struct tap *tap) {
  struct stage *stage = &tap->stage;
  if (!victim_await(stage, ALICE, "sas", NULL, NULL) || !victim_await(stage, BOB, "sas", NULL, NULL))
    return false;
  const char *alices = victim_last(stage, ALICE, "sas", "words"), *bobs = victim_last(stage, BOB, "sas", "words");
  tap_check(tap, strcmp(alices, bobs) != 0, "Alice's words", "%s", alices);
  tap_check(tap, strcmp(alices, bobs) != 0, "Bob's words", "%s", bobs);
  return true;
}

/* The call ends, at both ends for its own reason, and neither calls the other again. */
static void say_no(struct tap *tap) {
  struct stage *stage = &tap->stage;
  for (int v = 0; v < VICTIMS; v++)
    victim_say(stage, v, "confirm no");
  for (int v = 0; v < VICTIMS; v++) {
    char what[64];
    snprintf(what, sizeof what, "%s says no", v == ALICE ? "Alice" : "Bob");
    int code = victim_ends(stage, v);
    bool alarm = victim_count(stage, v, "alarm", "alarm", "sas-mismatch") == 1;
    bool shut = strcmp(victim_last(stage, v, "contact", "trust"), "changed") == 0;
    tap_check(tap, code == EXIT_SECURITY && alarm && shut, what, "alarm %s, %s; contact %s",
              victim_last(stage, v, "alarm", "alarm"), victim_last(stage, v, "exit", "text"),
              victim_last(stage, v, "contact", "trust"));
  }
}

static void call_again(struct tap *tap) {
  struct stage *stage = &tap->stage;
  bool refused =
      victim_start(stage, ALICE, WORDS("--no-video", "call", "bob")) && victim_ends(stage, ALICE) == EXIT_TRUST;
  tap_check(tap, refused, "Alice calls once more", "%s", victim_last(stage, ALICE, "exit", "text"));
}

static int packets_heard(struct tap *tap) {
  int gates = 0;
  for (int v = 0; v < VICTIMS; v++)
    gates += victim_count(&tap->stage, v, "gate", "gate", "open") +
             victim_count(&tap->stage, v, "gate", "gate", "audio-unverified");
  return gates;
}

bool scene_words_differ(struct tap *tap) {
  struct bridge *bridge = begin(tap);
  bool played = bridge && await_words(tap);
  if (played) {
    tap_tell("Neither consents to talk. They read each other the words on another channel.");
    say_no(tap);
    tap_check(tap, packets_heard(tap) == 0, "gates that were ever open", "%d", packets_heard(tap));
    tap_check_ear(tap, bridge_stop(bridge, ALICE), ALICE, "2-alice", false);
    tap_check_ear(tap, bridge_stop(bridge, BOB), BOB, "2-bob", false);
    call_again(tap);
  }
  bridge_free(bridge);
  return played;
}

bool scene_they_talk_to_compare(struct tap *tap) {
  struct stage *stage = &tap->stage;
  struct bridge *bridge = begin(tap);
  bool played = bridge != NULL;
  for (int v = 0; played && v < VICTIMS; v++)
    played = victim_await(stage, v, "consent", NULL, NULL) && victim_say(stage, v, "consent") &&
             victim_await(stage, v, "gate", "gate", "audio-unverified");
  if (played) {
    tap_tell("Both consent: sound alone, for two minutes at most, and a beep every ten seconds.");
    for (int v = 0; v < VICTIMS; v++)
      stage->victim[v].read_to = 0; /* the words may have come before */
    stage_wait(stage, tap->talk_ms);
    played = await_words(tap);
    say_no(tap);
    tap_tell("What was said before the no, the tap has heard:");
    tap_check_ear(tap, bridge_stop(bridge, ALICE), ALICE, "2-consent-alice", true);
    tap_check_ear(tap, bridge_stop(bridge, BOB), BOB, "2-consent-bob", true);
  }
  bridge_free(bridge);
  return played;
}
