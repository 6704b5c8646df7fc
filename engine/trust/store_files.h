/* store_files.h - the store's directory: reading, and a save as steps that a crash may cut anywhere. Shell.
 *
 *   contacts.db.new, id.sotto.new written and synced | id.sotto renamed | contacts.db renamed
 *
 * Until id.sotto is renamed the old pair is whole; from then on contacts.db.new is the one that belongs to it.
 * Files are 0600 whatever the umask, never followed through a symbolic link, and bounded when read.
 */
#ifndef STORE_FILES_H
#define STORE_FILES_H
#include "store_image.h"

enum { STORE_STEPS = 7, STORE_STEP_RENAME = 3 /* the first that touches what was there */ };

/* Opens (making it 0700) and locks; SYSTEM, or STATE when another process has it. */
sotto_status store_files_lock(const char *directory, int *dir);
/* NULL data: absent. SYSTEM, NOMEM, or CORRUPT when a file is larger than it can be. Free with _free. */
sotto_status store_files_read(int dir, struct store_files *files);
void store_files_free(struct store_files *files);
/* Carries out steps [from, to) of a save; returns the first one that failed, or `to`. */
int store_files_commit(int dir, const struct store_image *image, int from, int to);
void store_files_discard(int dir); /* the .new files */

#endif
