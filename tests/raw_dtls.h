/* raw_dtls.h - a DTLS peer made of OpenSSL alone, which may break every rule of protocol D.3: for tests.
 *
 * It takes any certificate. Datagrams in and out are memory; a flight leaves as one piece, whose records tell
 * their own lengths.
 */
#ifndef RAW_DTLS_H
#define RAW_DTLS_H
#include <openssl/ssl.h>

#include "engine/path/dtls.h"

enum { RAW_DTLS_ROOM = 16384 };

struct raw_dtls {
  SSL *ssl;
  BIO *in, *out;
};

struct raw_dtls_config { /* zero: what sotto asks for */
  bool server;
  int version, rsa_bits; /* 0: any; an ECDSA P-256 certificate */
  const char *ciphers, *profiles;
  bool no_certificate, no_ems, chain, null_profile;
  size_t bulk; /* bytes of an extension that nobody knows, in its ClientHello: a key share of tomorrow */
};

/* Its certificate's fingerprint goes to `fingerprint`, so that only the rule under test stands in the way. */
struct raw_dtls raw_dtls_new(const struct raw_dtls_config *config, uint8_t fingerprint[DTLS_FINGERPRINT_SIZE]);
void raw_dtls_free(struct raw_dtls *raw);
void raw_dtls_input(struct raw_dtls *raw, const uint8_t *datagram, size_t size);
size_t raw_dtls_output(struct raw_dtls *raw, uint8_t out[RAW_DTLS_ROOM]); /* 0: nothing to send */

#endif
