/* question.h - what a person or script types when it is asked, before or outside of a call. */
#ifndef QUESTION_H
#define QUESTION_H
#include <stdbool.h>

#include "phone.h"

/* The next line within `seconds`; NULL: none came. Events on the way are printed and forgotten. */
const char *question_line(struct phone *phone, int seconds);
/* yes, or --yes. */
bool question_agreed(struct phone *phone, const char *question);

#endif
