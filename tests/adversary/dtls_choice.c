/* dtls_choice.c - engine/path/dtls.h twice in one program: the simulator's stand-in, and real DTLS for the attack
 * that aims at it. CMake names the functions of either by the table below.
 */
#include "engine/path/dtls.h"
#include "evil.h"

bool evil_real_dtls;

#define CHOICE(type, name, parameters, arguments)                                                                  \
  typeof(name) stand_in_##name, real_##name;                                                                       \
  type name parameters {                                                                                           \
    return evil_real_dtls ? real_##name arguments : stand_in_##name arguments;                                     \
  }

CHOICE(struct dtls_certificate *, dtls_certificate_new, (const uint8_t *serial), (serial))
CHOICE(void, dtls_certificate_free, (struct dtls_certificate * certificate), (certificate))
CHOICE(void, dtls_certificate_fingerprint,
       (const struct dtls_certificate *certificate, uint8_t out[DTLS_FINGERPRINT_SIZE]), (certificate, out))
CHOICE(struct dtls *, dtls_new, (const struct dtls_config *config), (config))
CHOICE(void, dtls_free, (struct dtls * dtls), (dtls))
CHOICE(void, dtls_input, (struct dtls * dtls, usec now, const uint8_t *datagram, size_t size),
       (dtls, now, datagram, size))
CHOICE(bool, dtls_poll, (struct dtls * dtls, usec now, const uint8_t **datagram, size_t *size),
       (dtls, now, datagram, size))
CHOICE(void, dtls_set_first_timeout, (struct dtls * dtls, usec timeout), (dtls, timeout))
CHOICE(usec, dtls_deadline, (const struct dtls *dtls), (dtls))
CHOICE(enum dtls_state, dtls_state, (const struct dtls *dtls), (dtls))
CHOICE(enum dtls_failure, dtls_failure, (const struct dtls *dtls), (dtls))
CHOICE(bool, dtls_peer_fingerprint, (const struct dtls *dtls, uint8_t out[DTLS_FINGERPRINT_SIZE]), (dtls, out))
CHOICE(bool, dtls_agreed, (const struct dtls *dtls), (dtls))
CHOICE(void, dtls_confirm, (struct dtls * dtls), (dtls))
CHOICE(bool, dtls_export_binding, (const struct dtls *dtls, uint8_t ekm[DTLS_EXPORT_SIZE]), (dtls, ekm))
CHOICE(bool, dtls_export_srtp, (const struct dtls *dtls, struct srtp_master *local, struct srtp_master *remote),
       (dtls, local, remote))
CHOICE(uint16_t, dtls_profile, (const struct dtls *dtls), (dtls))
CHOICE(uint16_t, dtls_cipher, (const struct dtls *dtls), (dtls))
CHOICE(const char *, dtls_cipher_name, (const struct dtls *dtls), (dtls))
CHOICE(bool, dtls_write, (struct dtls * dtls, usec now, const void *data, size_t size), (dtls, now, data, size))
CHOICE(size_t, dtls_read, (struct dtls * dtls, void *out, size_t room), (dtls, out, room))
CHOICE(void, dtls_close, (struct dtls * dtls, usec now), (dtls, now))
