#include "backup_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "whole_file.h"

static const char suffix[] = ".new";

/* The name is on the disk too. */
static bool sync_directory(const char *path) {
  char directory[PATH_MAX];
  const char *slash = strrchr(path, '/');
  size_t size = slash == path ? 1 : slash ? (size_t)(slash - path) : 0;
  memcpy(directory, size ? path : ".", size ? size : 1);
  directory[size ? size : 1] = 0;
  int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool ok = fd >= 0 && fsync(fd) == 0;
  if (fd >= 0)
    close(fd);
  return ok;
}

/* link() fails where there is a file; rename() does not. */
static sotto_status give_name(const char *made, const char *path, bool replace) {
  if (replace ? rename(made, path) == 0 : link(made, path) == 0)
    return sync_directory(path) ? SOTTO_OK : SOTTO_ERR_SYSTEM;
  return errno == EEXIST ? SOTTO_ERR_STATE : SOTTO_ERR_SYSTEM;
}

sotto_status backup_file_write(const char *path, bool replace, const struct backup_plain *plain,
                               const char code[BACKUP_CODE_CHARACTERS + 1]) {
  char made[PATH_MAX];
  uint8_t *file;
  size_t size, length = strnlen(path, sizeof made);
  if (length + sizeof suffix > sizeof made)
    return SOTTO_ERR_INVALID;
  if (!replace && access(path, F_OK) == 0)
    return SOTTO_ERR_STATE;
  memcpy(made, path, length);
  memcpy(made + length, suffix, sizeof suffix);
  sotto_status status = backup_seal(plain, code, &file, &size);
  if (status)
    return status;
  status = whole_file_write(AT_FDCWD, made, file, size) ? give_name(made, path, replace) : SOTTO_ERR_SYSTEM;
  unlink(made);
  free(file);
  return status;
}

sotto_status backup_file_read(const char *path, const char code[BACKUP_CODE_CHARACTERS + 1], struct trust **out) {
  struct bytes_view file;
  *out = NULL;
  sotto_status status = whole_file_read(AT_FDCWD, path, BACKUP_MAX_SIZE, &file);
  if (status)
    return status;
  if (!file.data)
    return SOTTO_ERR_NOT_FOUND;
  status = backup_open(file.data, file.size, code, out);
  free((void *)file.data);
  return status;
}
