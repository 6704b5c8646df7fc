/* main.c - sotto-evil-live: each attack on real sockets, with real DTLS and libnice, against whole processes of
 * sotto (it must fail, noticed as told) and of their twin without the defence in question (it must succeed).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/caller/complain.h"
#include "examples/caller/stop.h"
#include "trial.h"

static const char usage[] = "usage: sotto-evil-live [--quick] [--attack ID] [--verbose] [--list]\n"
                            "Exit status: 0 every attack failed on sotto and succeeded on the twin, 1 not so.\n";

static const struct live_attack *const themes[] = {attacks_cells, attacks_relay};
enum { THEMES = sizeof themes / sizeof themes[0] };

static bool verbose;

static void show_events(const struct stage *stage) {
  for (int v = 0; verbose && v < VICTIMS; v++) {
    char *text = stage->victim[v].child.seen ? json_dumps(stage->victim[v].child.seen, JSON_INDENT(1)) : NULL;
    printf("--- %s%s%s: %s\n", stage->victim[v].name, stage->weakness ? " without " : "",
           stage->weakness ? stage->weakness : "", text ? text : "ended");
    free(text);
  }
}

static struct trial run(struct stage *stage, const struct live_attack *attack, bool twin) {
  struct trial trial = {.stage = stage, .twin = twin};
  stage->weakness = twin ? attack->weakness : NULL;
  attack->run(&trial);
  show_events(stage);
  stage_end_victims(stage);
  return trial;
}

/* Prints a row. */
static bool judge(struct stage *stage, const struct live_attack *attack) {
  struct trial strong = run(stage, attack, false);
  printf("%-4s %-52s %-7s %s\n", attack->id, attack->what, strong.failures || strong.won ? "FAILED" : "held",
         strong.saw);
  if (strong.failures)
    printf("     %s\n", strong.failed);
  fflush(stdout);
  if (!attack->weakness || stop_signal())
    return !strong.failures && !strong.won;
  struct trial twin = run(stage, attack, true);
  printf("%-4s   without %-42s %-7s %s\n", "", attack->weakness, twin.won ? "taken" : "NOT", twin.saw);
  fflush(stdout);
  return !strong.failures && !strong.won && twin.won;
}

static bool judge_all(const char *only, bool quick) {
  struct stage stage;
  bool good = true;
  if (!stage_open(&stage))
    return false;
  for (int i = 0; i < THEMES; i++)
    for (const struct live_attack *attack = themes[i]; attack->id && !stop_signal(); attack++)
      if ((!only || strcmp(only, attack->id) == 0) && (!quick || attack->quick))
        good &= judge(&stage, attack);
  stage_close(&stage);
  return good && !stop_signal();
}

static int list(void) {
  for (int i = 0; i < THEMES; i++)
    for (const struct live_attack *attack = themes[i]; attack->id; attack++)
      printf("%-4s %s\n", attack->id, attack->what);
  return 0;
}

int main(int argc, char **argv) {
  const char *only = NULL;
  bool quick = false;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--list") == 0)
      return list();
    if (strcmp(argv[i], "--quick") == 0)
      quick = true;
    else if (strcmp(argv[i], "--verbose") == 0)
      verbose = true;
    else if (strcmp(argv[i], "--attack") == 0 && i + 1 < argc)
      only = argv[++i];
    else
      return fputs(usage, stderr), 2;
  }
  if (!stop_install())
    return complain(1, "the signals could not be set up");
  return judge_all(only, quick) ? 0 : 1;
}
