#include "hello.h"

#include <string.h>

#include "examples/caller/clock.h"

size_t client_hello(uint8_t out[DTLS_DATAGRAM_MAX]) {
  struct dtls_certificate *certificate = dtls_certificate_new(NULL);
  struct dtls_config config = {.certificate = certificate, .profile = {SRTP_PROFILE_AES_256_GCM}, .profiles = 1};
  struct dtls *dtls = certificate ? dtls_new(&config) : NULL;
  const uint8_t *data;
  size_t size = 0;
  if (dtls && dtls_poll(dtls, clock_now(), &data, &size))
    memcpy(out, data, size);
  dtls_free(dtls);
  dtls_certificate_free(certificate);
  return size;
}
