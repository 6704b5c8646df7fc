/* demux.h - sorts what arrives on a media path, and stands in front of the DTLS stack (protocol D.5).
 *
 * Classification by first byte (RFC 7983) and payload type (RFC 5761). The firewall reads every DTLS 1.2 record
 * header (RFC 6347 section 4.1) and every unencrypted handshake fragment of a datagram, and takes out what
 * cannot belong to the one handshake of this call. Pure; bounded by a constant struct; what it refuses it counts.
 */
#ifndef DEMUX_H
#define DEMUX_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum demux_class { DEMUX_UNKNOWN, DEMUX_STUN, DEMUX_DTLS, DEMUX_RTP, DEMUX_RTCP };
enum demux_class demux_classify(const uint8_t *datagram, size_t size);

enum { DTLS_HANDSHAKE_MAX = 8192 }; /* bytes of one handshake message once reassembled */

/* WAITING --(both descriptions authenticated)--> HANDSHAKE --(Finished both ways)--> COMPLETE */
enum dtls_firewall_phase { DTLS_FIREWALL_WAITING, DTLS_FIREWALL_HANDSHAKE, DTLS_FIREWALL_COMPLETE };

/* Why a record was taken out; EARLY and MALFORMED are for the whole datagram. */
enum dtls_drop {
  DTLS_DROP_EARLY,        /* before both descriptions were authenticated */
  DTLS_DROP_MALFORMED,    /* a length does not fit, or a version that is none */
  DTLS_DROP_OVERSIZE,     /* a handshake message longer than DTLS_HANDSHAKE_MAX */
  DTLS_DROP_TYPE,         /* a content or handshake type that our role never gets in this phase */
  DTLS_DROP_ALERT,        /* an unauthenticated (epoch 0) alert */
  DTLS_DROP_SECOND_HELLO, /* a ClientHello of another random, a HelloVerifyRequest after the ServerHello */
  DTLS_DROP_STALE,        /* after completion: a late or repeated part of the handshake that made it */
  DTLS_DROP_REHANDSHAKE,  /* after completion: an attempt at another handshake (D.3 D6) */
  DTLS_DROP_REASONS
};

struct dtls_firewall {
  enum dtls_firewall_phase phase; /* set by dtls_firewall_open() and _complete() alone */
  bool server, hello_seen, server_hello_seen;
  uint8_t hello_random[32]; /* of the one ClientHello that a server takes */
  int64_t dropped[DTLS_DROP_REASONS];
};

void dtls_firewall_init(struct dtls_firewall *firewall, bool server); /* our DTLS role */
void dtls_firewall_open(struct dtls_firewall *firewall);              /* both descriptions are authenticated */
void dtls_firewall_complete(struct dtls_firewall *firewall);          /* dtls_state() became DTLS_CONNECTED */
/* Takes the records that must not pass out of the datagram, in place. Returns the bytes left for dtls_input(); 0:
 * nothing. */
size_t dtls_firewall_filter(struct dtls_firewall *firewall, uint8_t *datagram, size_t size);

#endif
