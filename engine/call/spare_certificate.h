/* spare_certificate.h - the certificate of the next call's DTLS, made ahead: neither our dialing nor our answer to
 * a knock waits for a key (RFC 8827 section 6.5: one for each call, never used again).
 *
 * There is one at most. It is of no use when it is a day old: what it says about when it was made is nobody's
 * business (dtls.h), and it is valid for a month alone.
 */
#ifndef SPARE_CERTIFICATE_H
#define SPARE_CERTIFICATE_H
#include "../path/dtls.h"

#define SPARE_CERTIFICATE_AGE (24 * 60 * 60) /* seconds */

struct spare_certificate {
  struct dtls_certificate *certificate; /* NULL: none */
  int64_t made;                         /* Unix seconds */
};

/* When there is time; nothing, where a fresh one lies ready. */
void spare_certificate_make(struct spare_certificate *spare, int64_t unix_seconds);
/* The caller's from now on: the spare one, or one that is made now. NULL: no memory. */
struct dtls_certificate *spare_certificate_take(struct spare_certificate *spare, int64_t unix_seconds);
void spare_certificate_deinit(struct spare_certificate *spare); /* wipes */

#endif
