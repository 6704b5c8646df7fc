/* stage.h - the hostile servers and two victims, who are whole processes of the real program, or of its weakened
 * twin, with no other way to each other than the adversary's relay.
 *
 * The victims meet once, over honest servers, and verify each other; each trial then begins with a copy of those
 * stores. Everything lives in a folder of its own that goes at the end; every process is ended by its number.
 */
#ifndef STAGE_H
#define STAGE_H
#include "examples/caller/child.h"
#include "examples/caller/clock.h"
#include "examples/caller/exit.h"
#include "hostile.h"

enum { STAGE_PATH = 512, STAGE_WORDS = 48 };

struct victim {
  const char *name, *other;
  struct child child;
  size_t read_to;
  char store[STAGE_PATH], report[STAGE_PATH];
};

struct stage {
  char dir[STAGE_PATH], bin[STAGE_PATH], password_file[STAGE_PATH];
  struct hostile *hostile;
  struct victim victim[VICTIMS];
  const char *weakness; /* names for the twin, "NOPIN,NOBIND"; NULL: the real program */
  bool direct;          /* by host addresses, not by the relay */
  int met;              /* folders of stores made so far */
};

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

bool stage_open(struct stage *stage); /* false: complained of */
void stage_close(struct stage *stage);
/* Fresh stores, in which nobody knows anybody. */
bool stage_strangers(struct stage *stage);
/* Stores in which both know and have verified each other (made when first asked for, copied from then on). */
bool stage_friends(struct stage *stage);

bool victim_start(struct stage *stage, int victim, const char *const *words);
json_t *victim_await(struct stage *stage, int victim, const char *event, const char *key, const char *value);
bool victim_say(struct stage *stage, int victim, const char *line);
/* Its exit code; -1: it does not end. Its report can be read then. */
int victim_ends(struct stage *stage, int victim);
void stage_end_victims(struct stage *stage);
/* How many events of that name (with that value of key) so far. */
int victim_count(struct stage *stage, int victim, const char *event, const char *key, const char *value);
const char *victim_last(struct stage *stage, int victim, const char *event, const char *key); /* "" when none */
/* A number of the last "stats" event: group, key. */
double victim_stat(struct stage *stage, int victim, const char *group, const char *key);
/* Bob waits and takes what rings, Alice calls; `more` are her and his options, NULL for none. */
bool stage_call(struct stage *stage, const char *const *more);
/* Lets time pass and reads what they say. */
void stage_wait(struct stage *stage, int ms);

#endif
