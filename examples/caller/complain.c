#include "complain.h"

#include <stdarg.h>
#include <stdio.h>

static char last[512];

int complain(int code, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(last, sizeof last, format, arguments);
  va_end(arguments);
  fprintf(stderr, "sotto: %s\n", last);
  return code;
}

const char *complain_last(void) {
  return last;
}
