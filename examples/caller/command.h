/* command.h - the lines that a person or a script types during a call.
 *
 * "confirm yes|no", "consent", "acknowledge", "accept", "decline", "mute on|off", "video on|off", "restart",
 * "compare", "stats", "words", "hangup", "quit", and "yes" or "no" as the answer to what was last asked.
 */
#ifndef COMMAND_H
#define COMMAND_H
#include <stdbool.h>

enum verb {
  VERB_UNKNOWN,
  VERB_ANSWER, /* yes or no to the question on the screen */
  VERB_CONFIRM,
  VERB_CONSENT,
  VERB_ACKNOWLEDGE,
  VERB_ACCEPT,
  VERB_DECLINE,
  VERB_MUTE,
  VERB_VIDEO,
  VERB_RESTART,
  VERB_COMPARE,
  VERB_STATS,
  VERB_WORDS,
  VERB_HANGUP,
  VERB_QUIT,
};

struct command {
  enum verb verb;
  bool on; /* yes or no, on or off */
};

struct command command_parse(const char *line);

#endif
