/* backup_file.h - a backup as a file (protocol A.3). Shell: files.
 *
 * 0600, written beside and synced before it has its name, which is never somebody else's unless asked for: at that
 * path there is the old file or the new one, whole.
 */
#ifndef BACKUP_FILE_H
#define BACKUP_FILE_H
#include "backup.h"

/* STATE: there is a file of that name, and not `replace`. SYSTEM, INVALID (the path is too long), NOMEM. */
sotto_status backup_file_write(const char *path, bool replace, const struct backup_plain *plain,
                               const char code[BACKUP_CODE_CHARACTERS + 1]);
/* As backup_open(); NOT_FOUND: there is no such file. */
sotto_status backup_file_read(const char *path, const char code[BACKUP_CODE_CHARACTERS + 1], struct trust **out)
    __attribute__((warn_unused_result));

#endif
