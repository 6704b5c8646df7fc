#include <stdlib.h>
#include <string.h>

#include "engine/trust/store_image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The two files as found on disk: a length for the first, then both. Without the key nothing may load. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct store_keys keys = {.kek = {1}};
  struct trust *trust = NULL;
  bool use_new;
  if (size < 2)
    return 0;
  size_t rest = size - 2, first = (size_t)(data[0] << 8 | data[1]);
  if (first > rest)
    first = rest;
  const struct store_files files = {.vault = {data + 2, first},
                                    .database = {data + 2 + first, rest - first},
                                    .database_new = {data + size / 2, size - size / 2}};
  struct database_reader database;
  if (database_open(&database, files.database.data, files.database.size, keys.kek))
    abort();
  if (store_image_open(&files, &keys, &trust, &use_new) == SOTTO_OK)
    abort();
  return 0;
}
