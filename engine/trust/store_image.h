/* store_image.h - a struct trust as the bytes of its two files, and back (protocol A.3). Pure.
 *
 * Here is every decision of opening a store, and nothing of the file system: which of the candidates for
 * contacts.db belongs to id.sotto, what a mismatch means, and that nothing is ever loaded in part.
 */
#ifndef STORE_IMAGE_H
#define STORE_IMAGE_H
#include "database.h"
#include "vault.h"

struct store_keys { /* locked memory */
  struct vault_cost cost;
  uint8_t kek[KEY_SIZE], dek[KEY_SIZE], file_id[DATABASE_FILE_ID_SIZE];
  uint64_t gen; /* of what is on disk */
};

struct store_image {
  uint8_t vault[VAULT_MAX_SIZE];
  size_t vault_size;
  uint8_t *database; /* heap */
  size_t database_size;
};

/* Generation keys->gen + 1, which is the caller's to adopt once it is on disk. OK or NOMEM. */
sotto_status store_image_seal(struct store_image *image, const struct store_keys *keys, const struct trust *trust);
void store_image_free(struct store_image *image);

struct store_files { /* what was found; .data NULL: no such file */
  struct bytes_view vault, database, database_new;
};

/* Needs keys->kek and cost; fills the rest. OK, PASSPHRASE, CORRUPT or NOMEM. *use_new: database_new is the one
 * that belongs to the vault (a save was cut between its two renames): finish that rename. */
sotto_status store_image_open(const struct store_files *files, struct store_keys *keys, struct trust **out,
                              bool *use_new) __attribute__((warn_unused_result));

#endif
