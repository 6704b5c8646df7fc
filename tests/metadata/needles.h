/* needles.h - what must not be found in what others see: secrets and names in every form in which they could stand
 * there (protocol F.T1): raw, reversed, hexadecimal, with colons, base64 at any offset. Bounded by NEEDLES_MAX.
 */
#ifndef METADATA_NEEDLES_H
#define METADATA_NEEDLES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NEEDLES_MAX = 600, NEEDLE_SIZE = 400 };

struct needles {
  struct needle {
    char what[64];
    uint8_t bytes[NEEDLE_SIZE];
    size_t size;
  } list[NEEDLES_MAX];
  size_t count;
};

void needles_add(struct needles *n, const char *what, const char *form, const void *bytes, size_t size);
void needles_add_key(struct needles *n, const char *what, const uint8_t *bytes, size_t size); /* 8 to 32 bytes */
void needles_add_text(struct needles *n, const char *what, const char *text);
void needles_add_address(struct needles *n, const char *what, const char *text); /* numeric; as text and raw */
/* How many of them are there; each is printed unless quiet. */
size_t needles_scan(const struct needles *n, const uint8_t *bytes, size_t size, bool quiet);
/* All of them end to end, to be found: for a test of the test. Free it. */
uint8_t *needles_planted(const struct needles *n, size_t *size);

#endif
