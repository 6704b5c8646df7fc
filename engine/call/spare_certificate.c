#include "spare_certificate.h"

static bool is_fresh(const struct spare_certificate *spare, int64_t unix_seconds) {
  int64_t age = unix_seconds - spare->made;
  return spare->certificate && age >= 0 && age < SPARE_CERTIFICATE_AGE;
}

void spare_certificate_make(struct spare_certificate *spare, int64_t unix_seconds) {
  if (is_fresh(spare, unix_seconds))
    return;
  spare_certificate_deinit(spare);
  spare->certificate = dtls_certificate_new(NULL);
  spare->made = unix_seconds;
}

struct dtls_certificate *spare_certificate_take(struct spare_certificate *spare, int64_t unix_seconds) {
  spare_certificate_make(spare, unix_seconds);
  struct dtls_certificate *certificate = spare->certificate;
  spare->certificate = NULL;
  return certificate;
}

void spare_certificate_deinit(struct spare_certificate *spare) {
  dtls_certificate_free(spare->certificate);
  spare->certificate = NULL;
}
