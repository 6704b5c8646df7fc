#include "engine/call/spare_certificate.h"
#include "unit.h"

static const int64_t today = 1700000000;

static void the_one_that_was_made_ahead_is_taken_once(void **state) {
  (void)state;
  struct spare_certificate spare = {0};
  uint8_t first[DTLS_FINGERPRINT_SIZE], second[DTLS_FINGERPRINT_SIZE];
  spare_certificate_make(&spare, today);
  struct dtls_certificate *ahead = spare.certificate;
  need(ahead);
  spare_certificate_make(&spare, today + SPARE_CERTIFICATE_AGE - 1);
  assert_ptr_equal(spare.certificate, ahead);
  assert_ptr_equal(spare_certificate_take(&spare, today + SPARE_CERTIFICATE_AGE - 1), ahead);
  assert_null(spare.certificate);
  struct dtls_certificate *next = spare_certificate_take(&spare, today);
  if (next) {
    dtls_certificate_fingerprint(ahead, first);
    dtls_certificate_fingerprint(next, second);
    assert_memory_not_equal(first, second, sizeof first);
  }
  dtls_certificate_free(ahead);
  dtls_certificate_free(next);
  need(next);
  assert_null(spare.certificate);
}

static void one_of_yesterday_is_not_taken(void **state) {
  (void)state;
  static const int64_t later[] = {SPARE_CERTIFICATE_AGE, 40 * SPARE_CERTIFICATE_AGE,
                                  -1 /* the clock was set back */};
  for (int i = 0; i < 3; i++) {
    struct spare_certificate spare = {0};
    uint8_t old[DTLS_FINGERPRINT_SIZE], taken[DTLS_FINGERPRINT_SIZE];
    spare_certificate_make(&spare, today);
    need(spare.certificate);
    dtls_certificate_fingerprint(spare.certificate, old);
    struct dtls_certificate *certificate = spare_certificate_take(&spare, today + later[i]);
    need(certificate);
    dtls_certificate_fingerprint(certificate, taken);
    dtls_certificate_free(certificate);
    assert_memory_not_equal(old, taken, sizeof old);
  }
}

static void what_nobody_took_is_freed(void **state) {
  (void)state;
  struct spare_certificate spare = {0};
  spare_certificate_make(&spare, today);
  spare_certificate_deinit(&spare);
  assert_null(spare.certificate);
  spare_certificate_deinit(&spare);
}

UNIT_TESTS(test(the_one_that_was_made_ahead_is_taken_once), test(one_of_yesterday_is_not_taken),
           test(what_nobody_took_is_freed))
