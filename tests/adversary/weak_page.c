/* weak_page.c - the twin's page (sim/page.h): NOSERIAL. */
#include "sim/page.h"
#include "weak.h"

bool __real_page_takes(const struct dtls *dtls, const uint8_t serial[DTLS_SERIAL_SIZE]);
bool __wrap_page_takes(const struct dtls *dtls, const uint8_t serial[DTLS_SERIAL_SIZE]);
bool __wrap_page_takes(const struct dtls *dtls, const uint8_t serial[DTLS_SERIAL_SIZE]) {
  return weak_active & WEAK_NOSERIAL || __real_page_takes(dtls, serial);
}
