/* tap.c - sotto-tap, `./run demo --tap`: options, the order of the scenes, and how a line is printed. */
#include "tap.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "examples/caller/complain.h"
#include "examples/caller/stop.h"

enum { TALK_S = 6, QUICK_S = 3, LABEL = 46 };

static const char usage[] = "usage: ./run demo --tap [--quick] [--record DIR]\n"
                            "Exit status: 0 each scene went as told, 1 one did not.\n";

static const struct {
  const char *title;
  bool (*play)(struct tap *tap);
} scenes[] = {
    {"1. Nobody can compare (a twin of sotto, weakened for this: no words, and keys as the server hands them over)",
     scene_nobody_compares},
    {"2. sotto, and the same tap. Policy sas-first (the default); they compare the words on another channel",
     scene_words_differ},
    {"   The honest limit: the same policy, and both consent to talk, in order to compare by voice",
     scene_they_talk_to_compare},
    {"3. sotto, two people who have verified each other, and a server that is their relay as well",
     scene_they_know_each_other},
};

void tap_tell(const char *format, ...) {
  va_list list;
  va_start(list, format);
  fputs("     ", stdout);
  vprintf(format, list);
  putchar('\n');
  fflush(stdout);
  va_end(list);
}

void tap_check(struct tap *tap, bool as_told, const char *what, const char *format, ...) {
  va_list list;
  va_start(list, format);
  printf("     %-*s ", LABEL, what);
  vprintf(format, list);
  puts(as_told ? "" : "   <- NOT AS TOLD");
  fflush(stdout);
  va_end(list);
  tap->failures += !as_told;
}

void tap_check_ear(struct tap *tap, const struct ear *ear, int victim, const char *name, bool heard) {
  char path[1024], what[64];
  const struct victim *v = &tap->stage.victim[victim];
  struct audio_quality quality = ear_compare(ear, v->report);
  snprintf(path, sizeof path, "%.900s/%.60s.wav", tap->record, name);
  if (!ear_save(ear, path))
    complain(EXIT_DISK, "%s cannot be written", path), tap->failures++;
  snprintf(what, sizeof what, "the tap on %s: %s.wav", v->name, name);
  bool loud = quality.windows && quality.correlation * 100 >= TAP_HEARD_PERCENT;
  bool silent = !quality.windows || quality.correlation * 100 < TAP_NOISE_PERCENT;
  if (quality.windows)
    tap_check(tap, heard ? loud : silent, what, "%.1f s, correlation with what was said %.3f",
              (double)ear->blocks / 100, quality.correlation);
  else
    tap_check(tap, !heard && ear_peak(ear) == 0, what, "%.1f s, loudest sample %d; nothing was said to it",
              (double)ear->blocks / 100, ear_peak(ear));
}

static bool make_record(struct tap *tap, const char *given, char *room, size_t size) {
  const char *base = getenv("TMPDIR");
  tap->record = given;
  if (given)
    return mkdir(given, 0700) == 0 || errno == EEXIST;
  snprintf(room, size, "%.400s/sotto-tap-XXXXXX", base && *base ? base : "/tmp");
  return (tap->record = mkdtemp(room));
}

static void play(struct tap *tap) {
  for (unsigned i = 0; i < sizeof scenes / sizeof scenes[0] && !stop_signal(); i++) {
    printf("\n%s\n", scenes[i].title);
    fflush(stdout);
    tap->stage.weakness = NULL;
    tap->stage.direct = false;
    if (!scenes[i].play(tap))
      tap_check(tap, false, "the scene", "could not be played to its end");
    stage_end_victims(&tap->stage);
  }
}

int main(int argc, char **argv) {
  static struct tap tap;
  char room[512];
  const char *record = NULL;
  tap.talk_ms = TALK_S * 1000;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--quick") == 0)
      tap.talk_ms = QUICK_S * 1000;
    else if (strcmp(argv[i], "--record") == 0 && i + 1 < argc)
      record = argv[++i];
    else
      return fputs(usage, stderr), EXIT_USAGE;
  }
  if (!stop_install() || !make_record(&tap, record, room, sizeof room))
    return complain(1, "no place for the recordings: %s", strerror(errno));
  if (!stage_open(&tap.stage))
    return 1;
  play(&tap);
  stage_close(&tap.stage);
  printf("\n%s The recordings are in %s; aplay FILE.wav plays one.\n",
         tap.failures ? "NOT every scene went as told." : "Every scene went as told.", tap.record);
  return tap.failures || stop_signal() ? 1 : 0;
}
