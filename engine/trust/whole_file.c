#include "whole_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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

sotto_status whole_file_read(int dir, const char *name, size_t max, struct bytes_view *out) {
  *out = (struct bytes_view){0};
  int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return errno == ENOENT ? SOTTO_OK : SOTTO_ERR_SYSTEM;
  sotto_status status = read_open_file(fd, max, out);
  close(fd);
  return status;
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

bool whole_file_write(int dir, const char *name, const void *data, size_t size) {
  int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    return false;
  bool ok = fchmod(fd, 0600) == 0 && write_all(fd, data, size) && fsync(fd) == 0;
  return close(fd) == 0 && ok;
}
