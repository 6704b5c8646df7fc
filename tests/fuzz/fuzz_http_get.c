/* A whole request is not one of its own beginnings, and what was taken of it is text that fits. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "examples/caller/http_get.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct http_get get, part;
  enum http_get_status status = http_get_parse(&get, data, size);
  if (status != HTTP_GET_OK)
    return 0;
  if (get.path[0] != '/' || strnlen(get.path, HTTP_GET_PATH) == HTTP_GET_PATH ||
      strnlen(get.host, HTTP_GET_HOST) == HTTP_GET_HOST || strstr(get.path, "%"))
    abort();
  for (size_t cut = 0; cut < size; cut++)
    if (http_get_parse(&part, data, cut) != HTTP_GET_MORE)
      abort();
  return 0;
}
