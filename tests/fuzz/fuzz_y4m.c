#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "examples/caller/picture.h"
#include "examples/caller/y4m.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is taken is within bounds, and comes back from what we write of it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct y4m y4m, again;
  char header[Y4M_HEADER_MAX];
  const char *why = NULL;
  size_t length = y4m_parse(data, size, &y4m, &why);
  if (!length)
    return why ? 0 : (abort(), 0);
  size_t written = y4m_header(header, &y4m);
  if (length > size || !picture_side_ok(y4m.width) || !picture_side_ok(y4m.height) ||
      y4m_parse((const uint8_t *)header, written, &again, &why) != written || memcmp(&y4m, &again, sizeof y4m) != 0)
    abort();
  if (y4m_parse_frame(data + length, size - length) > size - length)
    abort();
  return 0;
}
