/* dtls.h - the one DTLS association of a call (RFC 6347, RFC 5764), under the rules of protocol D.3.
 *
 * DTLS 1.2, ECDHE-ECDSA with AES-GCM or ChaCha20, X25519 or P-256, extended master secret (RFC 7627), a
 * certificate both ways, no renegotiation, tickets, sessions or compression. The peer's certificate is compared
 * with its pinned fingerprint inside the handshake. Datagrams in and out are memory, put behind the firewall of
 * demux.h by the caller. Bounded: 16 datagrams out, 8 messages of application data in.
 *
 * libssl reads the wall clock for its retransmissions; the simulator links another dtls.c with these functions.
 */
#ifndef DTLS_H
#define DTLS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../media/units.h"
#include "srtp.h"

enum {
  DTLS_FINGERPRINT_SIZE = 32, /* SHA-256 of the certificate's DER */
  DTLS_SERIAL_SIZE = 20,
  DTLS_EXPORT_SIZE = 32,
  DTLS_DATAGRAM_MAX = 1200,
  DTLS_MESSAGE_MAX = 1024, /* bytes of one application data message */
};

/* A fresh ECDSA P-256 key and self-signed certificate, CN=WebRTC, valid for 31 days from some second between two
 * days and one day ago: it does not tell when it was made. Meaningless, for one call, never used again. */
struct dtls_certificate;
/* `serial` is DTLS_SERIAL_SIZE bytes, top bit clear (protocol C.7); NULL: random. NULL: no memory. */
struct dtls_certificate *dtls_certificate_new(const uint8_t *serial);
void dtls_certificate_free(struct dtls_certificate *certificate); /* wipes the key */
void dtls_certificate_fingerprint(const struct dtls_certificate *certificate, uint8_t out[DTLS_FINGERPRINT_SIZE]);

/* HANDSHAKING --> CONNECTED --> CLOSED (close_notify from either side)
 *      '-------------'--------> FAILED (see dtls_failure()) */
enum dtls_state { DTLS_HANDSHAKING, DTLS_CONNECTED, DTLS_CLOSED, DTLS_FAILED };

enum dtls_failure {
  DTLS_OK = 0,
  DTLS_FP_MISMATCH,    /* a certificate that the peer did not announce */
  DTLS_NO_CERTIFICATE, /* none, or a chain of several */
  DTLS_NO_EMS,         /* no extended master secret */
  DTLS_PROFILE,        /* no SRTP profile of ours in common */
  DTLS_VERSION,        /* not DTLS 1.2 */
  DTLS_CIPHER,         /* no cipher suite or group of ours */
  DTLS_ALERT,          /* the peer's (authenticated) fatal alert */
  DTLS_PROTOCOL,       /* anything else that breaks the handshake or a record */
  DTLS_NO_MEMORY,
};

struct dtls_config {
  const struct dtls_certificate *certificate; /* may be freed after dtls_new() */
  bool server;                                /* two natives: the caller (D.3 D4) */
  uint8_t peer_fingerprint[DTLS_FINGERPRINT_SIZE];
  uint16_t profile[2]; /* SRTP_PROFILE_*, in order of preference */
  size_t profiles;
  usec first_timeout; /* see dtls_set_first_timeout(); 0: 400 ms */
};

struct dtls;

struct dtls *dtls_new(const struct dtls_config *config); /* NULL: no memory or no profile */
void dtls_free(struct dtls *dtls);                       /* wipes all keys */

/* How long the flights from now on wait for their answer before they are sent again (and then twice as long). */
void dtls_set_first_timeout(struct dtls *dtls, usec timeout);
void dtls_input(struct dtls *dtls, usec now, const uint8_t *datagram, size_t size);
/* The next datagram to send, in memory valid until the next call on it. The client starts with its first poll. */
bool dtls_poll(struct dtls *dtls, usec now, const uint8_t **datagram, size_t *size);
usec dtls_deadline(const struct dtls *dtls);

enum dtls_state dtls_state(const struct dtls *dtls);
enum dtls_failure dtls_failure(const struct dtls *dtls);

/* The certificate that the peer showed (also when it was refused); false: none yet. */
bool dtls_peer_fingerprint(const struct dtls *dtls, uint8_t out[DTLS_FINGERPRINT_SIZE]);

/* From CONNECTED on, and before that from when a client has sent its Finished: it has seen the peer's certificate
 * and proof, the keys stand, and only the peer's Finished is missing. What it exports then is for BIND alone. */
bool dtls_agreed(const struct dtls *dtls);
/* The peer's BIND has proved as much as its Finished would (PROTOCOL.md section 9): the keys may be had. */
void dtls_confirm(struct dtls *dtls);

/* Once agreed; false before and after. */
bool dtls_export_binding(const struct dtls *dtls, uint8_t ekm[DTLS_EXPORT_SIZE]); /* RFC 9266, protocol C.6 */
/* From CONNECTED on, or confirmed; false before and after. */
bool dtls_export_srtp(const struct dtls *dtls, struct srtp_master *local,
                      struct srtp_master *remote);     /* RFC 5764 */
uint16_t dtls_profile(const struct dtls *dtls);        /* once agreed: SRTP_PROFILE_*; 0: none */
uint16_t dtls_cipher(const struct dtls *dtls);         /* once agreed: its number; 0: none */
const char *dtls_cipher_name(const struct dtls *dtls); /* IANA's name, "" before */
bool dtls_write(struct dtls *dtls, usec now, const void *data, size_t size); /* one message, <= DTLS_MESSAGE_MAX */
size_t dtls_read(struct dtls *dtls, void *out, size_t room);                 /* one message; 0: none waits */
void dtls_close(struct dtls *dtls, usec now);                                /* close_notify: poll once more */

#endif
