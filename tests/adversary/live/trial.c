#include "trial.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void trial_expect(struct trial *trial, bool holds, const char *condition, int line) {
  if (holds || trial->twin)
    return;
  if (trial->failures++ == 0)
    snprintf(trial->failed, sizeof trial->failed, "line %d: %s", line, condition);
}

void won(struct trial *trial, bool is) {
  trial->won |= is;
}

void saw(struct trial *trial, const char *format, ...) {
  va_list list;
  size_t used = strlen(trial->saw);
  va_start(list, format);
  vsnprintf(trial->saw + used, sizeof trial->saw - used, format, list);
  va_end(list);
}

bool trial_await_open(struct trial *trial) {
  return victim_await(trial->stage, ALICE, "gate", "gate", "open") &&
         victim_await(trial->stage, BOB, "gate", "gate", "open");
}

bool trial_await_end(struct trial *trial, int victim, const char *reason) {
  return victim_await(trial->stage, victim, "call-state", "state", "ended") &&
         strcmp(victim_last(trial->stage, victim, "call-state", "reason"), reason) == 0;
}

bool trial_never_open(struct trial *trial, int victim) {
  return victim_count(trial->stage, victim, "gate", "gate", "open") == 0 &&
         victim_count(trial->stage, victim, "gate", "gate", "audio-unverified") == 0;
}

void trial_hang_up(struct trial *trial) {
  victim_say(trial->stage, ALICE, "hangup");
  expect(trial, victim_ends(trial->stage, ALICE) == EXIT_OK);
  expect(trial, victim_ends(trial->stage, BOB) == EXIT_OK);
}

bool trial_hears(struct trial *trial, const struct ear *ear, int victim) {
  struct audio_quality quality = ear_compare(ear, trial->stage->victim[victim].report);
  if (quality.windows)
    saw(trial, "%sear on %s %.2f", *trial->saw ? ", " : "", trial->stage->victim[victim].name, quality.correlation);
  return quality.windows > 0 && quality.correlation * 100 >= HEARD_PERCENT;
}

bool trial_is_heard(struct trial *trial, int victim) {
  const struct victim *v = trial->stage->victim;
  struct audio_quality quality = ear_compare_ends(v[victim].report, v[1 - victim].report);
  if (quality.windows)
    saw(trial, "%s%s hears %s %.2f", *trial->saw ? ", " : "", v[1 - victim].name, v[victim].name,
        quality.correlation);
  return quality.windows > 0 && quality.correlation * 100 >= HEARD_PERCENT;
}
