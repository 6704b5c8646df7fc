/* database.h - the format of contacts.db: sealed records that cannot be dropped, swapped or mixed (A.3). Pure.
 *
 *   header = "SOTTODB1" | file id 16 | gen u64 | H(id.sotto) 32 | count u32
 *   then records 0..count, each: record id u64 | size u32 | nonce 24 | ct
 *   ct = XChaCha20-Poly1305(subkey(DEK, record id, "SOTTOdb_"), nonce, plain; AAD = file id || record id || gen)
 *
 * Record 0 is the MAC record: the header and every (record id, gen) that follows. H(id.sotto) says which of its
 * versions this file belongs to. Bounds: DATABASE_MAX_RECORDS, RECORD_MAX a record.
 */
#ifndef DATABASE_H
#define DATABASE_H
#include "../../media/bytes.h"
#include "record.h"

enum {
  DATABASE_FILE_ID_SIZE = 16,
  DATABASE_HEADER_SIZE = 8 + DATABASE_FILE_ID_SIZE + 8 + HASH_SIZE + 4,
  DATABASE_RECORD_OVERHEAD = 8 + 4 + XCHACHA_NONCE_SIZE + AEAD_TAG_SIZE,
  DATABASE_MAX_RECORDS = 1 + ROSTER_LINKS_MAX + STATEMENTS_MAX + CONTACTS_MAX + INVITES_MAX,
  DATABASE_LIST_MAX = DATABASE_HEADER_SIZE + 16 * DATABASE_MAX_RECORDS,
  DATABASE_MAX_SIZE = DATABASE_HEADER_SIZE + DATABASE_RECORD_OVERHEAD + DATABASE_LIST_MAX +
                      DATABASE_MAX_RECORDS * (DATABASE_RECORD_OVERHEAD + RECORD_MAX),
};

struct database_header {
  uint8_t file_id[DATABASE_FILE_ID_SIZE];
  uint64_t gen;
  uint8_t vault_hash[HASH_SIZE];
  uint32_t count;
};

/* As written, not authenticated: for choosing a file. */
bool database_parse_header(const void *file, size_t size, struct database_header *out)
    __attribute__((warn_unused_result));

struct database_writer {
  struct writer writer;
  struct database_header header;
  const uint8_t *dek;
  uint64_t next;
};

size_t database_bound(size_t count); /* bytes that `count` records can need */
/* Writes the header and the MAC record; then exactly header->count times database_put(). */
void database_begin(struct database_writer *database, void *out, size_t size, const struct database_header *header,
                    const uint8_t dek[KEY_SIZE]);
void database_put(struct database_writer *database, const void *record, size_t size);
size_t database_finish(const struct database_writer *database, const void *out); /* the file's size; 0: too large */

struct database_reader {
  struct reader reader;
  struct database_header header;
  const uint8_t *dek;
  uint64_t next;
};

/* Verifies the MAC record; false: not whole, or not ours. */
bool database_open(struct database_reader *database, const void *file, size_t size, const uint8_t dek[KEY_SIZE])
    __attribute__((warn_unused_result));
/* The next record into `out`; false: damaged. Call it exactly header.count times, then database_done(). */
bool database_take(struct database_reader *database, uint8_t out[RECORD_MAX], size_t *size)
    __attribute__((warn_unused_result));
bool database_done(const struct database_reader *database); /* every record was taken, and nothing follows */

#endif
