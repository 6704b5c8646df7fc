#include "store_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "whole_file.h"

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

sotto_status store_files_read(int dir, struct store_files *files) {
  *files = (struct store_files){0};
  sotto_status status = whole_file_read(dir, vault_name, VAULT_MAX_SIZE, &files->vault);
  if (status == SOTTO_OK)
    status = whole_file_read(dir, database_name, DATABASE_MAX_SIZE, &files->database);
  if (status == SOTTO_OK)
    status = whole_file_read(dir, database_new, DATABASE_MAX_SIZE, &files->database_new);
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

static bool run_step(int dir, const struct store_image *image, int step) {
  switch (step) {
  case 0:
    return whole_file_write(dir, database_new, image->database, image->database_size);
  case 1:
    return whole_file_write(dir, vault_new, image->vault, image->vault_size);
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
