/* backup.c - the public API of backups: what is stretched and written, is so on the caller's own thread. */
#include <string.h>

#include "engine.h"
#include "trust/backup_file.h"

struct request {
  sotto_status status;
  struct backup_plain plain;
};

static void run_gather(struct sotto_engine *engine, usec now, struct request *r) {
  (void)now;
  r->status = backup_gather(&r->plain, store_trust(engine->store));
}

sotto_status sotto_backup_export(sotto_engine *engine, const char *path, unsigned flags, char *code, size_t size) {
  struct request request = {.status = SOTTO_ERR_STATE};
  char characters[BACKUP_CODE_CHARACTERS + 1];
  if (!engine || !path || !*path || flags & ~SOTTO_BACKUP_REPLACE || !code)
    return SOTTO_ERR_INVALID;
  if (size < SOTTO_BACKUP_CODE_SIZE)
    return SOTTO_ERR_SPACE;
  *code = 0;
  if (!engine_run(engine, run_gather, &request) || request.status)
    return request.status;
  backup_code_make(characters);
  sotto_status status = backup_file_write(path, flags & SOTTO_BACKUP_REPLACE, &request.plain, characters);
  backup_plain_free(&request.plain);
  if (!status)
    status = backup_code_format(characters, code, size);
  crypto_wipe(characters, sizeof characters);
  return status;
}

/* Everything is read and checked before the store is touched. */
static sotto_status restore(const sotto_config *config, const char *path, const char *code) {
  struct trust *trust;
  char characters[BACKUP_CODE_CHARACTERS + 1];
  sotto_status status = backup_code_parse(code, characters);
  if (!status)
    status = backup_file_read(path, characters, &trust);
  crypto_wipe(characters, sizeof characters);
  if (status)
    return status;
  return store_make(config->store_path, config->store_passphrase, strlen(config->store_passphrase), trust);
}

sotto_status sotto_backup_restore(const sotto_config *config, const char *path, const char *code) {
  struct config checked;
  if (!config || !path || !*path || !code)
    return SOTTO_ERR_INVALID;
  sotto_status status = config_init(&checked, config);
  if (status)
    return status;
  config_deinit(&checked);
  return crypto_init() ? restore(config, path, code) : SOTTO_ERR_CRYPTO;
}
