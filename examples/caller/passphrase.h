/* passphrase.h - reads a secret from a file descriptor, a file, or the terminal with its echo off.
 *
 * Never from the command line or the environment, which other programs can see. One line, at most
 * SECRET_SIZE - 1 bytes; a file that others may read is refused. The caller wipes it with secret_wipe().
 */
#ifndef PASSPHRASE_H
#define PASSPHRASE_H
#include <stdbool.h>

#include "options.h"

enum { SECRET_SIZE = 1024 };

struct secret {
  char text[SECRET_SIZE];
};

/* From fd or file. 0, or an exit code, complained of. */
int secret_read(struct secret *secret, const struct secret_place *place, const char *what);
/* Asks on the terminal; twice when it is new. */
int secret_prompt(struct secret *secret, const char *question, bool new_one);
void secret_wipe(struct secret *secret);

#endif
