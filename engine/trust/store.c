#include "store.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store_files.h"

struct store {
  int dir;    /* locked while we live */
  int undone; /* steps of a failed save that must be done before the next; STORE_STEPS: none */
  struct store_keys *keys;
  struct trust *trust;
};

void store_free(struct store *store) {
  if (!store)
    return;
  trust_free(store->trust);
  crypto_secret_free(store->keys);
  if (store->dir >= 0)
    close(store->dir);
  free(store);
}

struct trust *store_trust(struct store *store) {
  return store->trust;
}

/* A save that failed after the first rename: the second one is owed. */
static bool finish_last_save(struct store *store) {
  store->undone = store_files_commit(store->dir, NULL, store->undone, STORE_STEPS);
  return store->undone == STORE_STEPS;
}

sotto_status store_save(struct store *store) {
  struct store_image image;
  if (!finish_last_save(store))
    return SOTTO_ERR_SYSTEM;
  sotto_status status = store_image_seal(&image, store->keys, store->trust);
  if (status != SOTTO_OK)
    return status;
  int step = store_files_commit(store->dir, &image, 0, STORE_STEPS);
  store_image_free(&image);
  if (step <= STORE_STEP_RENAME) {
    store_files_discard(store->dir);
    return SOTTO_ERR_SYSTEM;
  }
  store->keys->gen++;
  store->undone = step;
  return step == STORE_STEPS ? SOTTO_OK : SOTTO_ERR_SYSTEM;
}

static sotto_status stretch(struct store *store, const char *passphrase, size_t size) {
  const struct vault_cost *cost = &store->keys->cost;
  return crypto_argon2id(store->keys->kek, passphrase, size, cost->salt, cost->ops, cost->memory) ? SOTTO_OK
                                                                                                  : SOTTO_ERR_NOMEM;
}

static sotto_status make_new(struct store *store, const char *passphrase, size_t size, uint32_t ops,
                             uint64_t memory) {
  struct store_keys *keys = store->keys;
  keys->cost.ops = ops;
  keys->cost.memory = memory;
  crypto_random(keys->cost.salt, sizeof keys->cost.salt);
  crypto_random(keys->dek, sizeof keys->dek);
  crypto_random(keys->file_id, sizeof keys->file_id);
  sotto_status status = stretch(store, passphrase, size);
  return status ? status : store_save(store);
}

static sotto_status load(struct store *store, const struct store_files *files, const char *passphrase,
                         size_t size) {
  bool use_new;
  if (!vault_parse_cost(files->vault.data, files->vault.size, &store->keys->cost))
    return SOTTO_ERR_CORRUPT;
  sotto_status status = stretch(store, passphrase, size);
  if (status == SOTTO_OK)
    status = store_image_open(files, store->keys, &store->trust, &use_new);
  if (status != SOTTO_OK)
    return status;
  if (use_new) { /* the last save was cut after its first rename */
    store->undone = STORE_STEP_RENAME + 1;
    return finish_last_save(store) ? SOTTO_OK : SOTTO_ERR_SYSTEM;
  }
  store_files_discard(store->dir);
  return SOTTO_OK;
}

static sotto_status open_locked(struct store *store, const char *passphrase, size_t size, int64_t now_unix,
                                uint32_t ops, uint64_t memory) {
  struct store_files files;
  sotto_status status = store_files_read(store->dir, &files);
  if (status != SOTTO_OK)
    return status;
  bool nothing = !files.vault.data && !files.database.data;
  if (nothing && !store->trust)
    store->trust = trust_new(now_unix);
  else if (!nothing && store->trust)
    status = SOTTO_ERR_STATE; /* somebody lives here */
  if (nothing)
    status = store->trust ? make_new(store, passphrase, size, ops, memory) : SOTTO_ERR_NOMEM;
  else if (!status && files.vault.data)
    status = load(store, &files, passphrase, size);
  else if (!status) /* somebody's contacts without their keys: nothing to write over */
    status = SOTTO_ERR_CORRUPT;
  store_files_free(&files);
  return status;
}

/* With `trust`, which it takes, there must be no store yet. */
static sotto_status open_store(const char *directory, const char *passphrase, size_t size, int64_t now_unix,
                               uint32_t ops, uint64_t memory, struct trust *trust, struct store **out) {
  *out = NULL;
  struct store *store = calloc(1, sizeof *store);
  if (!store) {
    trust_free(trust);
    return SOTTO_ERR_NOMEM;
  }
  store->trust = trust;
  store->dir = -1;
  store->undone = STORE_STEPS;
  sotto_status status = store_files_lock(directory, &store->dir);
  if (status != SOTTO_OK)
    goto fail;
  status = SOTTO_ERR_NOMEM;
  store->keys = crypto_secret_new(sizeof *store->keys);
  if (!store->keys)
    goto fail;
  memset(store->keys, 0, sizeof *store->keys);
  status = open_locked(store, passphrase, size, now_unix, ops, memory);
  if (status != SOTTO_OK)
    goto fail;
  *out = store;
  return SOTTO_OK;
fail:
  store_free(store);
  return status;
}

sotto_status store_open_with_limits(const char *directory, const char *passphrase, size_t size, int64_t now_unix,
                                    uint32_t ops, uint64_t memory, struct store **out) {
  *out = NULL;
  if (!directory || !*directory || !passphrase || size == 0 || now_unix < 0 || !vault_cost_allowed(ops, memory))
    return SOTTO_ERR_INVALID;
  if (!crypto_init())
    return SOTTO_ERR_CRYPTO;
  return open_store(directory, passphrase, size, now_unix, ops, memory, NULL, out);
}

sotto_status store_open(const char *directory, const char *passphrase, size_t size, int64_t now_unix,
                        struct store **out) {
  return store_open_with_limits(directory, passphrase, size, now_unix, STORE_OPS, STORE_MEMORY, out);
}

sotto_status store_make(const char *directory, const char *passphrase, size_t size, struct trust *trust) {
  struct store *store;
  sotto_status status = open_store(directory, passphrase, size, 0, STORE_OPS, STORE_MEMORY, trust, &store);
  store_free(store);
  return status;
}
