/* world.h - a server and people with stores, for tests of the real programs on loopback.
 *
 * Everything lives in a folder of its own, which goes at the end; every process is ended and reaped by its number.
 * SOTTO_BIN names the folder with the programs.
 */
#ifndef WORLD_H
#define WORLD_H
#include "examples/caller/child.h"
#include "examples/caller/clock.h"
#include "examples/caller/exit.h"
#include "unit/unit.h"

enum { WORLD_PATH = 512, WORLD_WORDS = 40 };

struct world {
  char dir[WORLD_PATH], url[128], sotto[WORLD_PATH], signald[WORLD_PATH];
  struct child server;
};

struct person {
  const struct world *world;
  const char *name;
  struct child child;
  size_t read_to;
};

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* A sanitizer's build on a busy machine is slow. What is documented in seconds is measured by the events' times. */
enum { WORLD_PATIENCE = 3 };

static inline int64_t within(int seconds) {
  return clock_now() + (int64_t)seconds * WORLD_PATIENCE * 1000000;
}

/* With a server when `server`; otherwise set url yourself. */
void world_open(struct world *world, bool server);
void world_close(struct world *world);
void world_path(const struct world *world, const char *name, char path[WORLD_PATH]);
const char *world_secret(void); /* everybody's passphrase */

/* `sotto --json-events` for that person, with these words; `secret` NULL: the usual one. */
void person_start(struct person *person, const struct world *world, const char *name, const char *const *words);
void person_start_with(struct person *person, const struct world *world, const char *name, const char *url,
                       const char *secret, const char *const *words);
json_t *person_await(struct person *person, const char *event, const char *key, const char *value, int seconds);
void person_say(struct person *person, const char *line);
/* Its exit code within that time, and that it said why when it failed; it is gone then. */
void person_ends(struct person *person, int code, int seconds);
void person_stop(struct person *person);
const char *person_text(struct person *person, const char *event, const char *key); /* of the last such event */

/* a invites b and b accepts; they know each other by these names. */
void world_meet(const struct world *world, const char *a, const char *b);
/* b waits, a calls; both are asked for consent (nothing is answered yet). */
void world_ring(const struct world *world, struct person *a, const char *a_name, struct person *b,
                const char *b_name, const char *const *more);
/* From there to open gates: consent, the same words, yes. */
void world_compare(struct person *a, struct person *b);

#endif
