/* tap.h - the demonstration with a tap in it: one scene after the other, told as it happens and checked.
 *
 * The story is Nicholas Weaver's of 2015: the server of a messenger hands everybody else one key more for Alice,
 * and hands Alice its own for everybody else, and nobody can notice.
 */
#ifndef TAP_H
#define TAP_H
#include "ear.h"
#include "stage.h"

enum { TAP_HEARD_PERCENT = 45, TAP_NOISE_PERCENT = 25 }; /* correlation: from there on heard, below it noise */

struct tap {
  struct stage stage;
  const char *record; /* where the WAVs go */
  int talk_ms;
  int failures;
};

/* One line: what it is, and how it was; counted when it is not as told. */
void tap_check(struct tap *tap, bool as_told, const char *what, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void tap_tell(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Saves the recording as NAME.wav and says how like it is to what that victim said. It has to be heard, or not to
 * be. */
void tap_check_ear(struct tap *tap, const struct ear *ear, int victim, const char *name, bool heard);

bool scene_nobody_compares(struct tap *tap);
bool scene_words_differ(struct tap *tap);
bool scene_they_talk_to_compare(struct tap *tap);
bool scene_they_know_each_other(struct tap *tap);

#endif
