#include "database.h"

#include <string.h>

static const char magic[8] = "SOTTODB1";
enum { AAD_SIZE = DATABASE_FILE_ID_SIZE + 8 + 8 };

static void write_header(struct writer *w, const struct database_header *header) {
  write_bytes(w, magic, sizeof magic);
  write_bytes(w, header->file_id, sizeof header->file_id);
  write_u64(w, header->gen);
  write_bytes(w, header->vault_hash, sizeof header->vault_hash);
  write_u32(w, header->count);
}

bool database_parse_header(const void *file, size_t size, struct database_header *out) {
  struct reader r = reader_of(file, size);
  const uint8_t *found = read_span(&r, sizeof magic);
  read_bytes(&r, out->file_id, sizeof out->file_id);
  out->gen = read_u64(&r);
  read_bytes(&r, out->vault_hash, sizeof out->vault_hash);
  out->count = read_u32(&r);
  return !r.bad && memcmp(found, magic, sizeof magic) == 0 && out->count <= DATABASE_MAX_RECORDS;
}

size_t database_bound(size_t count) {
  return DATABASE_HEADER_SIZE + DATABASE_RECORD_OVERHEAD + DATABASE_HEADER_SIZE + 16 * count +
         count * (DATABASE_RECORD_OVERHEAD + RECORD_MAX);
}

/* What the MAC record says; returns its size. */
static size_t make_list(uint8_t list[DATABASE_LIST_MAX], const struct database_header *header) {
  struct writer w = writer_of(list, DATABASE_LIST_MAX);
  write_header(&w, header);
  for (uint32_t i = 1; i <= header->count && i <= DATABASE_MAX_RECORDS; i++) {
    write_u64(&w, i);
    write_u64(&w, header->gen);
  }
  return (size_t)(w.at - list);
}

static void make_aad(uint8_t aad[AAD_SIZE], const struct database_header *header, uint64_t id) {
  struct writer w = writer_of(aad, AAD_SIZE);
  write_bytes(&w, header->file_id, sizeof header->file_id);
  write_u64(&w, id);
  write_u64(&w, header->gen);
}

void database_put(struct database_writer *database, const void *record, size_t size) {
  uint8_t key[KEY_SIZE], aad[AAD_SIZE], nonce[XCHACHA_NONCE_SIZE];
  uint64_t id = database->next++;
  crypto_random(nonce, sizeof nonce);
  write_u64(&database->writer, id);
  write_u32(&database->writer, (uint32_t)(size + AEAD_TAG_SIZE));
  write_bytes(&database->writer, nonce, sizeof nonce);
  uint8_t *sealed = write_span(&database->writer, size + AEAD_TAG_SIZE);
  if (!sealed)
    return;
  make_aad(aad, &database->header, id);
  crypto_subkey(key, database->dek, id, "SOTTOdb_");
  crypto_xchacha_seal(sealed, key, nonce, aad, sizeof aad, record, size);
  crypto_wipe(key, sizeof key);
}

void database_begin(struct database_writer *database, void *out, size_t size, const struct database_header *header,
                    const uint8_t dek[KEY_SIZE]) {
  uint8_t list[DATABASE_LIST_MAX];
  *database = (struct database_writer){.writer = writer_of(out, size), .header = *header, .dek = dek};
  write_header(&database->writer, header);
  database_put(database, list, make_list(list, header));
}

size_t database_finish(const struct database_writer *database, const void *out) {
  bool whole = !database->writer.bad && database->next == (uint64_t)database->header.count + 1;
  return whole ? (size_t)(database->writer.at - (const uint8_t *)out) : 0;
}

/* The next record, opened into at most `room` bytes. */
static bool take(struct database_reader *database, uint8_t *out, size_t room, size_t *size) {
  uint8_t key[KEY_SIZE], aad[AAD_SIZE];
  uint64_t id = read_u64(&database->reader);
  size_t sealed_size = read_u32(&database->reader);
  const uint8_t *nonce = read_span(&database->reader, XCHACHA_NONCE_SIZE);
  const uint8_t *sealed = read_span(&database->reader, sealed_size);
  if (!nonce || !sealed || id != database->next || sealed_size < AEAD_TAG_SIZE ||
      sealed_size - AEAD_TAG_SIZE > room)
    return false;
  database->next++;
  *size = sealed_size - AEAD_TAG_SIZE;
  make_aad(aad, &database->header, id);
  crypto_subkey(key, database->dek, id, "SOTTOdb_");
  bool ok = crypto_xchacha_open(out, key, nonce, aad, sizeof aad, sealed, sealed_size);
  crypto_wipe(key, sizeof key);
  return ok;
}

bool database_open(struct database_reader *database, const void *file, size_t size, const uint8_t dek[KEY_SIZE]) {
  uint8_t expected[DATABASE_LIST_MAX], found[DATABASE_LIST_MAX];
  size_t found_size;
  *database = (struct database_reader){.reader = reader_of(file, size), .dek = dek};
  if (!database_parse_header(file, size, &database->header))
    return false;
  read_span(&database->reader, DATABASE_HEADER_SIZE);
  size_t expected_size = make_list(expected, &database->header);
  return take(database, found, expected_size, &found_size) && found_size == expected_size &&
         memcmp(found, expected, expected_size) == 0;
}

bool database_take(struct database_reader *database, uint8_t out[RECORD_MAX], size_t *size) {
  return take(database, out, RECORD_MAX, size);
}

bool database_done(const struct database_reader *database) {
  return database->next == (uint64_t)database->header.count + 1 && database->reader.left == 0 &&
         !database->reader.bad;
}
