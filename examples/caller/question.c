#include "question.h"

#include <stdio.h>
#include <string.h>

#include "clock.h"

enum { ANSWER_S = 600 };

const char *question_line(struct phone *phone, int seconds) {
  int64_t until = clock_now() + (int64_t)seconds * 1000000;
  for (;;) {
    sotto_event event;
    const char *line = NULL;
    enum wake wake = phone_wait(phone, until, &event, &line);
    if (wake == WAKE_LINE)
      return line;
    if (wake != WAKE_EVENT)
      return NULL;
  }
}

bool question_agreed(struct phone *phone, const char *question) {
  if (phone->options->yes)
    return true;
  if (!phone->options->json_events) {
    printf("%s (yes or no)\n", question);
    fflush(stdout);
  }
  const char *line = question_line(phone, ANSWER_S);
  return line && strcmp(line, "yes") == 0;
}
