/* scene_friends.c - two people who have verified each other, and a server that is their only way to each other. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ghost.h"
#include "middle.h"
#include "tap.h"

static const char *const sound_only[] = {"--no-video", NULL};

static void check_ghost(struct tap *tap) {
  struct stage *stage = &tap->stage;
  for (int v = 0; v < VICTIMS; v++) {
    char what[64];
    bool alarm = victim_await(stage, v, "alarm", "alarm", "auth-fail") != NULL;
    int taken = victim_count(stage, v, "alarm", "alarm", "roster-changed") +
                victim_count(stage, v, "new-device", NULL, NULL);
    snprintf(what, sizeof what, "one key more for %s", stage->victim[v].other);
    tap_check(tap, alarm && taken == 0, what, "%s: alarm auth-fail; devices taken: %d", stage->victim[v].name,
              taken);
  }
}

/* The tap lies on the relay and takes down what goes by. */
static bool watch(struct tap *tap) {
  struct stage *stage = &tap->stage;
  struct middle middle;
  uint8_t ghost[CELL_SIZE];
  if (!stage_friends(stage) || !middle_init(&middle, stage->hostile, MIDDLE_WATCHES))
    return false;
  bool open = stage_call(stage, sound_only) && victim_await(stage, ALICE, "gate", "gate", "open") &&
              victim_await(stage, BOB, "gate", "gate", "open");
  if (open) {
    tap_tell("Alice calls Bob. The tap takes down every packet of sound that goes by its relay.");
    tap_tell("The server sends each a roster of the other with one device more, its own.");
    ghost_cell(ghost);
    hostile_lock(stage->hostile);
    middle.forged = ghost;
    hostile_unlock(stage->hostile);
    check_ghost(tap);
    stage_wait(stage, tap->talk_ms);
    victim_say(stage, ALICE, "hangup");
    bool well = victim_ends(stage, ALICE) == EXIT_OK && victim_ends(stage, BOB) == EXIT_OK;
    struct audio_quality bob = ear_compare_ends(stage->victim[ALICE].report, stage->victim[BOB].report);
    tap_check(tap, well && bob.windows && bob.correlation * 100 >= TAP_HEARD_PERCENT, "Bob hears Alice",
              "correlation %.3f", bob.correlation);
    tap_check_ear(tap, &middle.ear[ALICE], ALICE, "3-alice-sealed", false);
    tap_check_ear(tap, &middle.ear[BOB], BOB, "3-bob-sealed", false);
  }
  middle_deinit(&middle);
  return open;
}

/* The same relay ends DTLS on both legs with certificates of its own. */
static bool step_between(struct tap *tap) {
  struct stage *stage = &tap->stage;
  struct middle middle;
  if (!stage_friends(stage) || !middle_init(&middle, stage->hostile, MIDDLE_ENDS_DTLS))
    return false;
  bool called = stage_call(stage, sound_only);
  if (called)
    tap_tell("Alice calls again. Now the relay answers DTLS to both, with certificates of its own.");
  for (int v = 0; called && v < VICTIMS; v++) {
    char what[64];
    snprintf(what, sizeof what, "%s refuses", v == ALICE ? "Alice" : "Bob");
    int code = victim_ends(stage, v);
    bool alarm = victim_count(stage, v, "alarm", "alarm", "fp-mismatch") == 1;
    int open = victim_count(stage, v, "gate", "gate", "open");
    tap_check(tap, code == EXIT_SECURITY && alarm && open == 0, what, "alarm %s, %s",
              victim_last(stage, v, "alarm", "alarm"), victim_last(stage, v, "exit", "text"));
  }
  tap_check(tap, middle.sound[ALICE] + middle.sound[BOB] == 0, "packets of sound that went by", "%" PRId64,
            middle.sound[ALICE] + middle.sound[BOB]);
  middle_deinit(&middle);
  return called;
}

bool scene_they_know_each_other(struct tap *tap) {
  return watch(tap) && step_between(tap);
}
