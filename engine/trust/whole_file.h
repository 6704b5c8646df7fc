/* whole_file.h - a small file, read or written as a whole (protocol A.3). Shell: files.
 *
 * Reading is bounded, and neither follows a symbolic link nor waits for a pipe; what was written is 0600 whatever
 * the umask, and on the disk. `dir` is an open directory, or AT_FDCWD.
 */
#ifndef WHOLE_FILE_H
#define WHOLE_FILE_H
#include "../../signaling/crypto.h"
#include "../sotto.h"

/* out->data NULL: no such file; free() it otherwise. SYSTEM, NOMEM, or CORRUPT when it has more than `max` bytes.
 */
sotto_status whole_file_read(int dir, const char *name, size_t max, struct bytes_view *out);
bool whole_file_write(int dir, const char *name, const void *data, size_t size);

#endif
