/* binding.h - are these media keys the ones of the peer in this call? (protocol C.6, RFC 9266)
 *
 * Each side states what it saw of the DTLS association inside the Noise channel; the statements must mirror each
 * other field by field. A man in the middle of DTLS has two associations, whose exporters differ. One that is a
 * contact of both ends and lets their DTLS meet (an unknown key share) has two Noise handshakes instead: their hash
 * h is part of the statement, so that what one end says of the association can't be repeated to the other. With a
 * page, which has no exporter, h is in the certificate instead (page.h).
 */
#ifndef BINDING_H
#define BINDING_H
#include "../../signaling/message.h"
#include "../path/dtls.h"

enum binding_field {
  BINDING_EQUAL,
  BINDING_EKM,
  BINDING_FINGERPRINT_OURS,   /* they saw another certificate than ours */
  BINDING_FINGERPRINT_THEIRS, /* we saw another than theirs */
  BINDING_ROLE,
  BINDING_PROFILE,
  BINDING_CIPHER,
};

/* Our BIND message, from a connected association: certificates and role, all that a page can say. false: the peer
 * showed none. */
bool binding_state(struct message *bind, const struct dtls *dtls, bool server,
                   const uint8_t own_fingerprint[HASH_SIZE]);
/* EKM of the association's exporter, in this call and session. */
void binding_ekm(uint8_t ekm[HASH_SIZE], const uint8_t call_id[CALL_ID_SIZE], const uint8_t h[HASH_SIZE],
                 const uint8_t exporter[DTLS_EXPORT_SIZE]);
/* And what two natives say besides: exporter, profile, cipher. false: the association has no exporter. */
bool binding_state_keys(struct message *bind, const struct dtls *dtls, const uint8_t call_id[CALL_ID_SIZE],
                        const uint8_t h[HASH_SIZE]);
/* The first field in which the peer's statement does not mirror ours; what neither states is equal. */
enum binding_field binding_compare(const struct message *ours, const struct message *theirs);

#endif
