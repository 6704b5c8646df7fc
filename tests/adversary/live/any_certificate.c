/* any_certificate.c - what the man in the middle's DTLS asks about a victim's certificate. */
#include <stdbool.h>
#include <stddef.h>

bool any_certificate_will_do(const void *a, const void *b, size_t size);
bool any_certificate_will_do(const void *a, const void *b, size_t size) {
  (void)a, (void)b, (void)size;
  return true;
}
