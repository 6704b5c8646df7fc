/* Candidates, one after another: each is refused or is the one encoding of what was read. */
#include "../../signaling/candidate.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct reader reader = reader_of(data, size);
  struct candidate candidate;
  const uint8_t *start = data;
  while (candidate_read(&reader, &candidate)) {
    uint8_t again[CANDIDATE_ENCODED_MAX];
    struct writer writer = writer_of(again, sizeof again);
    size_t read = (size_t)(reader.at - start);
    if (!candidate_write(&writer, &candidate) || (size_t)(writer.at - again) != read ||
        memcmp(again, start, read) != 0)
      abort();
    if (candidate_allowed(&candidate, false) && !candidate_allowed(&candidate, true))
      abort();
    start = reader.at;
  }
  return 0;
}
