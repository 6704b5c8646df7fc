#include "store_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static const char vault_name[] = "id.sotto", vault_new[] = "id.sotto.new";
static const char database_name[] = "contacts.db", database_new[] = "contacts.db.new";

sotto_status store_files_lock(const char *directory, int *dir) {
  bool made = mkdir(directory, 0700) == 0;
  if (made ? chmod(directory, 0700) != 0 : errno != EEXIST) /* chmod: whatever the umask */
    return SOTTO_ERR_SYSTEM;
  *dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (*dir < 0)
    return SOTTO_ERR_SYSTEM;
  if (flock(*dir, LOCK_EX | LOCK_NB) == 0)
    return SOTTO_OK;
  sotto_status status = errno == EWOULDBLOCK ? SOTTO_ERR_STATE : SOTTO_ERR_SYSTEM;
  close(*dir);
  *dir = -1;
  return status;
}

static bool read_all(int fd, uint8_t *out, size_t size) {
  while (size > 0) {
    ssize_t n = read(fd, out, size);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    out += n;
    size -= (size_t)n;
  }
  return true;
}

static sotto_status read_open_file(int fd, size_t max, struct bytes_view *out) {
  struct stat info;
  if (fstat(fd, &info) != 0)
    return SOTTO_ERR_SYSTEM;
  if (!S_ISREG(info.st_mode) || info.st_size < 0 || (size_t)info.st_size > max)
    return SOTTO_ERR_CORRUPT;
  size_t size = (size_t)info.st_size;
  uint8_t *data = malloc(size + 1); /* an empty file is a file */
  if (!data)
    return SOTTO_ERR_NOMEM;
  if (!read_all(fd, data, size)) {
    free(data);
    return SOTTO_ERR_SYSTEM;
  }
  *out = (struct bytes_view){data, size};
  return SOTTO_OK;
}

static sotto_status read_file(int dir, const char *name, size_t max, struct bytes_view *out) {
  *out = (struct bytes_view){0};
  int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return errno == ENOENT ? SOTTO_OK : SOTTO_ERR_SYSTEM;
  sotto_status status = read_open_file(fd, max, out);
  close(fd);
  return status;
}

sotto_status store_files_read(int dir, struct store_files *files) {
  *files = (struct store_files){0};
  sotto_status status = read_file(dir, vault_name, VAULT_MAX_SIZE, &files->vault);
  if (status == SOTTO_OK)
    status = read_file(dir, database_name, DATABASE_MAX_SIZE, &files->database);
  if (status == SOTTO_OK)
    status = read_file(dir, database_new, DATABASE_MAX_SIZE, &files->database_new);
  if (status != SOTTO_OK)
    store_files_free(files);
  return status;
}

void store_files_free(struct store_files *files) {
  free((void *)files->vault.data);
  free((void *)files->database.data);
  free((void *)files->database_new.data);
  *files = (struct store_files){0};
}

static bool write_all(int fd, const uint8_t *data, size_t size) {
  while (size > 0) {
    ssize_t n = write(fd, data, size);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    data += n;
    size -= (size_t)n;
  }
  return true;
}

static bool write_file(int dir, const char *name, const void *data, size_t size) {
  int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    return false;
  bool ok = fchmod(fd, 0600) == 0 && write_all(fd, data, size) && fsync(fd) == 0;
  return close(fd) == 0 && ok;
}

static bool run_step(int dir, const struct store_image *image, int step) {
  switch (step) {
  case 0:
    return write_file(dir, database_new, image->database, image->database_size);
  case 1:
    return write_file(dir, vault_new, image->vault, image->vault_size);
  case STORE_STEP_RENAME:
    return renameat(dir, vault_new, dir, vault_name) == 0;
  case 5:
    return renameat(dir, database_new, dir, database_name) == 0;
  default: /* between them: what came before must be on disk before what comes after */
    return fsync(dir) == 0;
  }
}

int store_files_commit(int dir, const struct store_image *image, int from, int to) {
  for (int step = from; step < to; step++)
    if (!run_step(dir, image, step))
      return step;
  return to;
}

void store_files_discard(int dir) {
  unlinkat(dir, database_new, 0);
  unlinkat(dir, vault_new, 0);
}
