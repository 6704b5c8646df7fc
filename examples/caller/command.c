#include "command.h"

#include <string.h>

static const struct {
  const char *text;
  struct command command;
} table[] = {
    {"yes", {VERB_ANSWER, true}},          {"no", {VERB_ANSWER, false}},
    {"confirm yes", {VERB_CONFIRM, true}}, {"confirm no", {VERB_CONFIRM, false}},
    {"consent", {VERB_CONSENT, true}},     {"acknowledge", {VERB_ACKNOWLEDGE, true}},
    {"accept", {VERB_ACCEPT, true}},       {"decline", {VERB_DECLINE, true}},
    {"mute on", {VERB_MUTE, true}},        {"mute off", {VERB_MUTE, false}},
    {"video on", {VERB_VIDEO, true}},      {"video off", {VERB_VIDEO, false}},
    {"restart", {VERB_RESTART, true}},     {"compare", {VERB_COMPARE, true}},
    {"stats", {VERB_STATS, true}},         {"words", {VERB_WORDS, true}},
    {"hangup", {VERB_HANGUP, true}},       {"quit", {VERB_QUIT, true}},
};

struct command command_parse(const char *line) {
  for (unsigned i = 0; i < sizeof table / sizeof table[0]; i++)
    if (strcmp(table[i].text, line) == 0)
      return table[i].command;
  return (struct command){VERB_UNKNOWN, false};
}
