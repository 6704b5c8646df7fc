#include "store_image.h"

#include <stdlib.h>
#include <string.h>

static size_t count_records(const struct trust *trust) {
  struct bytes_view link[ROSTER_LINKS_MAX];
  size_t count = 1 + trust->contacts.count + trust->statements +
                 roster_links_split(trust->links.bytes, trust->links.size, link);
  for (int i = 0; i < INVITES_MAX; i++)
    count += trust->invites.slot[i].state != INVITE_NONE;
  return count;
}

static void put(void *database, const uint8_t *record, size_t size) {
  database_put(database, record, size);
}

static void put_records(struct database_writer *database, const struct trust *trust, uint8_t *scratch) {
  record_each(trust, scratch, put, database);
  for (int i = 0; i < INVITES_MAX; i++)
    if (trust->invites.slot[i].state != INVITE_NONE)
      database_put(database, scratch, record_invite(scratch, &trust->invites.slot[i]));
}

static void hash_vault(uint8_t out[HASH_SIZE], const void *vault, size_t size) {
  const struct bytes_view part = {vault, size};
  crypto_sha256(out, &part, 1);
}

sotto_status store_image_seal(struct store_image *image, const struct store_keys *keys, const struct trust *trust) {
  size_t count = count_records(trust), room = database_bound(count);
  struct database_header header = {.gen = keys->gen + 1, .count = (uint32_t)count};
  struct database_writer database;
  uint8_t *scratch = NULL;
  *image = (struct store_image){0};
  image->vault_size = vault_seal(image->vault, &keys->cost, keys->kek, keys->dek, &trust->identity, header.gen);
  memcpy(header.file_id, keys->file_id, sizeof header.file_id);
  hash_vault(header.vault_hash, image->vault, image->vault_size);
  image->database = malloc(room);
  scratch = image->database ? crypto_secret_new(RECORD_MAX) : NULL;
  if (!scratch)
    goto fail;
  database_begin(&database, image->database, room, &header, keys->dek);
  put_records(&database, trust, scratch);
  image->database_size = database_finish(&database, image->database);
  if (image->database_size == 0) /* contacts and invites are bounded, so are their records */
    goto fail;
  crypto_secret_free(scratch);
  return SOTTO_OK;
fail:
  crypto_secret_free(scratch);
  store_image_free(image);
  return SOTTO_ERR_NOMEM;
}

void store_image_free(struct store_image *image) {
  free(image->database);
  *image = (struct store_image){0};
}

/* Does this candidate name the vault as the one it was written with? */
static bool belongs(const struct bytes_view *database, const uint8_t vault_hash[HASH_SIZE]) {
  struct database_header header;
  return database->data && database_parse_header(database->data, database->size, &header) &&
         memcmp(header.vault_hash, vault_hash, HASH_SIZE) == 0;
}

static sotto_status load_records(struct database_reader *database, struct trust *trust, uint8_t *scratch) {
  for (uint32_t i = 0; i < database->header.count; i++) {
    size_t size;
    if (!database_take(database, scratch, &size))
      return SOTTO_ERR_CORRUPT;
    sotto_status status = record_load(trust, scratch, size);
    if (status != SOTTO_OK)
      return status;
  }
  return database_done(database) && trust->own.size && trust_links_lead_to_us(trust) ? SOTTO_OK : SOTTO_ERR_CORRUPT;
}

static sotto_status load_database(const struct bytes_view *file, const uint8_t dek[KEY_SIZE], struct trust *trust,
                                  struct database_header *header) {
  struct database_reader database;
  if (!database_open(&database, file->data, file->size, dek))
    return SOTTO_ERR_CORRUPT;
  *header = database.header;
  uint8_t *scratch = crypto_secret_new(RECORD_MAX);
  if (!scratch)
    return SOTTO_ERR_NOMEM;
  sotto_status status = load_records(&database, trust, scratch);
  crypto_secret_free(scratch);
  return status;
}

/* One file is older than the other: nobody's head is known to be the newest any more. */
static void note_rollback(struct trust *trust) {
  trust->rolled_back = true;
  for (size_t i = 0; i < trust->contacts.count; i++)
    trust->contacts.list[i]->head_unconfirmed = true;
}

sotto_status store_image_open(const struct store_files *files, struct store_keys *keys, struct trust **out,
                              bool *use_new) {
  uint8_t vault_hash[HASH_SIZE];
  struct database_header header;
  uint64_t vault_gen;
  hash_vault(vault_hash, files->vault.data, files->vault.size);
  bool old_belongs = belongs(&files->database, vault_hash);
  bool new_belongs = belongs(&files->database_new, vault_hash);
  *use_new = !old_belongs && new_belongs;
  struct trust *trust = trust_new_empty();
  if (!trust)
    return SOTTO_ERR_NOMEM;
  sotto_status status = SOTTO_ERR_CORRUPT;
  if (!vault_open(files->vault.data, files->vault.size, keys->kek, keys->dek, &trust->identity, &vault_gen)) {
    if (old_belongs || new_belongs) /* the vault is as it was written: so the key is not */
      status = SOTTO_ERR_PASSPHRASE;
    goto fail;
  }
  const struct bytes_view *database = *use_new ? &files->database_new : &files->database;
  if (!database->data)
    goto fail;
  status = load_database(database, keys->dek, trust, &header);
  if (status != SOTTO_OK)
    goto fail;
  if (!old_belongs && !new_belongs)
    note_rollback(trust);
  keys->gen = header.gen > vault_gen ? header.gen : vault_gen;
  memcpy(keys->file_id, header.file_id, sizeof keys->file_id);
  *out = trust;
  return SOTTO_OK;
fail:
  trust_free(trust);
  return status;
}
