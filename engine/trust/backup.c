#include "backup.h"

#include <stdlib.h>
#include <string.h>

#include "../../media/bytes.h"
#include "vault.h"

static const uint8_t magic[9] = "SOTTOB01\1"; /* and the kdf: Argon2id13 */

/* ---- what is in it ---- */

static void put_record(void *writer, const uint8_t *record, size_t size) {
  write_u16(writer, (unsigned)size);
  write_bytes(writer, record, size);
}

sotto_status backup_gather(struct backup_plain *plain, const struct trust *trust) {
  const struct identity *identity = &trust->identity;
  *plain = (struct backup_plain){0};
  if (!identity->root || !roster_find(&trust->own, identity->device.id))
    return SOTTO_ERR_STATE;
  size_t room = SIGN_SECRET_SIZE + DEVICE_ID_SIZE +
                (1 + ROSTER_LINKS_MAX + STATEMENTS_MAX + trust->contacts.count) * (2 + RECORD_MAX);
  uint8_t *scratch = crypto_secret_new(RECORD_MAX);
  plain->bytes = scratch ? crypto_secret_new(room) : NULL;
  if (plain->bytes) {
    struct writer w = writer_of(plain->bytes, room);
    write_bytes(&w, identity->ik_secret, SIGN_SECRET_SIZE);
    write_bytes(&w, identity->device.id, DEVICE_ID_SIZE);
    record_each(trust, scratch, put_record, &w);
    plain->size = (size_t)(w.at - plain->bytes);
  }
  crypto_secret_free(scratch);
  return plain->bytes ? SOTTO_OK : SOTTO_ERR_NOMEM;
}

void backup_plain_free(struct backup_plain *plain) {
  crypto_secret_free(plain->bytes);
  *plain = (struct backup_plain){0};
}

static sotto_status load_records(struct trust *trust, struct reader *r) {
  while (r->left) {
    size_t size = read_u16(r);
    const uint8_t *record = read_span(r, size);
    if (!record)
      return SOTTO_ERR_CORRUPT;
    sotto_status status = record_load(trust, record, size);
    if (status)
      return status;
  }
  return SOTTO_OK;
}

/* What the records must add up to. */
static bool is_whole(const struct trust *trust) {
  for (int i = 0; i < INVITES_MAX; i++)
    if (trust->invites.slot[i].state != INVITE_NONE)
      return false;
  return trust->own.size && trust_links_lead_to_us(trust);
}

/* Nobody's head is known to be the newest: the contacts must confirm theirs before a call. */
static void begin_again(struct trust *trust) {
  identity_new_device(&trust->identity);
  for (size_t i = 0; i < trust->contacts.count; i++)
    trust->contacts.list[i]->head_unconfirmed = true;
}

sotto_status backup_load(const void *plain, size_t size, struct trust **out) {
  struct reader r = reader_of(plain, size);
  const uint8_t *root = read_span(&r, SIGN_SECRET_SIZE), *maker = read_span(&r, DEVICE_ID_SIZE);
  *out = NULL;
  if (!root || !maker)
    return SOTTO_ERR_CORRUPT;
  struct trust *trust = trust_new_empty();
  if (!trust)
    return SOTTO_ERR_NOMEM;
  identity_set_root(&trust->identity, root);
  sotto_status status = load_records(trust, &r);
  if (!status && !is_whole(trust))
    status = SOTTO_ERR_CORRUPT;
  if (status) {
    trust_free(trust);
    return status;
  }
  memcpy(trust->replaces, maker, DEVICE_ID_SIZE);
  begin_again(trust);
  *out = trust;
  return SOTTO_OK;
}

/* ---- how it is sealed ---- */

static void hash(uint8_t out[HASH_SIZE], const uint8_t *file, size_t size) {
  const struct bytes_view all = {file, size};
  crypto_sha256(out, &all, 1);
}

/* The code has 128 bits: the floor of the cost is more than it needs. */
sotto_status backup_seal(const struct backup_plain *plain, const char code[BACKUP_CODE_CHARACTERS + 1],
                         uint8_t **out, size_t *size) {
  uint8_t kek[KEY_SIZE], salt[PWHASH_SALT_SIZE], nonce[XCHACHA_NONCE_SIZE];
  size_t sealed = BACKUP_HEADER_SIZE + plain->size + AEAD_TAG_SIZE;
  *size = sealed + HASH_SIZE;
  *out = malloc(*size);
  crypto_random(salt, sizeof salt);
  crypto_random(nonce, sizeof nonce);
  if (!*out || !crypto_argon2id(kek, code, BACKUP_CODE_CHARACTERS, salt, VAULT_OPS_MIN, VAULT_MEMORY_MIN)) {
    free(*out);
    *out = NULL;
    return SOTTO_ERR_NOMEM;
  }
  struct writer w = writer_of(*out, BACKUP_HEADER_SIZE);
  write_bytes(&w, magic, sizeof magic);
  write_u32(&w, VAULT_OPS_MIN);
  write_u64(&w, VAULT_MEMORY_MIN);
  write_bytes(&w, salt, sizeof salt);
  write_bytes(&w, nonce, sizeof nonce);
  crypto_xchacha_seal(*out + BACKUP_HEADER_SIZE, kek, nonce, *out, BACKUP_HEADER_SIZE, plain->bytes, plain->size);
  crypto_wipe(kek, sizeof kek);
  hash(*out + sealed, *out, sealed);
  return SOTTO_OK;
}

/* Everything that can be said without the code. */
static bool read_header(const uint8_t *file, size_t size, struct vault_cost *cost) {
  uint8_t found[HASH_SIZE];
  struct reader r = reader_of(file, size);
  const uint8_t *begin = read_span(&r, sizeof magic);
  cost->ops = read_u32(&r);
  cost->memory = read_u64(&r);
  read_bytes(&r, cost->salt, sizeof cost->salt);
  if (r.bad || memcmp(begin, magic, sizeof magic) != 0 || !vault_cost_allowed(cost->ops, cost->memory) ||
      size < BACKUP_HEADER_SIZE + AEAD_TAG_SIZE + HASH_SIZE || size > BACKUP_MAX_SIZE)
    return false;
  hash(found, file, size - HASH_SIZE);
  return memcmp(found, file + size - HASH_SIZE, HASH_SIZE) == 0;
}

sotto_status backup_open(const void *data, size_t size, const char code[BACKUP_CODE_CHARACTERS + 1],
                         struct trust **out) {
  struct vault_cost cost;
  const uint8_t *file = data;
  uint8_t kek[KEY_SIZE];
  *out = NULL;
  if (!read_header(file, size, &cost))
    return SOTTO_ERR_CORRUPT;
  size_t sealed = size - BACKUP_HEADER_SIZE - HASH_SIZE;
  uint8_t *plain = crypto_secret_new(sealed);
  if (!plain || !crypto_argon2id(kek, code, BACKUP_CODE_CHARACTERS, cost.salt, cost.ops, cost.memory)) {
    crypto_secret_free(plain);
    return SOTTO_ERR_NOMEM;
  }
  bool opened = crypto_xchacha_open(plain, kek, file + BACKUP_HEADER_SIZE - XCHACHA_NONCE_SIZE, file,
                                    BACKUP_HEADER_SIZE, file + BACKUP_HEADER_SIZE, sealed);
  crypto_wipe(kek, sizeof kek);
  sotto_status status = opened ? backup_load(plain, sealed - AEAD_TAG_SIZE, out) : SOTTO_ERR_PASSPHRASE;
  crypto_secret_free(plain);
  return status;
}
