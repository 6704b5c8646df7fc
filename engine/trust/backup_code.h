/* backup_code.h - what opens a backup, shown once: 128 random bits as text (protocol A.3).
 *
 *   base 32 of 16 bytes and the 30-bit checksum of bech32.h: 32 characters in 8 groups of four, "XXXX-XXXX-..."
 *
 * Read in either case, with any spaces and hyphens. A slip of the pen is found by the checksum, before the file.
 */
#ifndef BACKUP_CODE_H
#define BACKUP_CODE_H
#include "../sotto.h"

enum {
  BACKUP_CODE_BYTES = 16,
  BACKUP_CODE_CHARACTERS = 32, /* without hyphens: what Argon2id stretches */
};

void backup_code_make(char code[BACKUP_CODE_CHARACTERS + 1]);
/* SPACE unless there is room for SOTTO_BACKUP_CODE_SIZE. */
sotto_status backup_code_format(const char code[BACKUP_CODE_CHARACTERS + 1], char *text, size_t size);
sotto_status backup_code_parse(const char *text, char code[BACKUP_CODE_CHARACTERS + 1])
    __attribute__((warn_unused_result)); /* or INVALID */

#endif
