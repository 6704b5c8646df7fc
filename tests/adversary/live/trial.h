/* trial.h - one live attack on one pair of victims: what must hold, and what the attacker came for.
 *
 * expect() counts in the strong run alone; won() must come true in the twin's. The attacker's success in hearing is
 * checked for itself: trial_hears() compares what the adversary holds of a victim's voice with what it said.
 */
#ifndef TRIAL_H
#define TRIAL_H
#include "middle.h"
#include "stage.h"

enum { TALK_MS = 5000, HEARD_PERCENT = 45 };

struct trial {
  struct stage *stage;
  bool twin, won;
  int failures;
  char failed[200]; /* the first */
  char saw[200];    /* for the table */
};

struct live_attack {
  const char *id, *what, *weakness; /* weakness NULL: none to take away */
  void (*run)(struct trial *trial);
  bool quick;
};

extern const struct live_attack attacks_relay[], attacks_cells[]; /* id NULL at the end */

#define expect(trial, condition) trial_expect(trial, condition, #condition, __LINE__)
void trial_expect(struct trial *trial, bool holds, const char *condition, int line);
void won(struct trial *trial, bool is);
void saw(struct trial *trial, const char *format, ...) __attribute__((format(printf, 2, 3)));

bool trial_await_open(struct trial *trial); /* both gates */
bool trial_await_end(struct trial *trial, int victim, const char *reason);
bool trial_never_open(struct trial *trial, int victim);
/* They hang up and their programs end; reports can be read. */
void trial_hang_up(struct trial *trial);
/* Is that victim's voice in what the ear holds? */
bool trial_hears(struct trial *trial, const struct ear *ear, int victim);
/* Does the other victim hear that one? */
bool trial_is_heard(struct trial *trial, int victim);

#endif
