#include "binding.h"

#include <string.h>

bool binding_state(struct message *bind, const struct dtls *dtls, bool server,
                   const uint8_t own_fingerprint[HASH_SIZE]) {
  *bind = (struct message){.type = MESSAGE_BIND, .dtls_role = server ? SETUP_PASSIVE : SETUP_ACTIVE};
  memcpy(bind->fp_self, own_fingerprint, sizeof bind->fp_self);
  return dtls_peer_fingerprint(dtls, bind->fp_peer);
}

void binding_ekm(uint8_t ekm[HASH_SIZE], const uint8_t call_id[CALL_ID_SIZE], const uint8_t h[HASH_SIZE],
                 const uint8_t exporter[DTLS_EXPORT_SIZE]) {
  static const char label[] = "sotto/bind/1";
  const struct bytes_view parts[] = {
      {label, sizeof label - 1}, {call_id, CALL_ID_SIZE}, {h, HASH_SIZE}, {exporter, DTLS_EXPORT_SIZE}};
  crypto_sha256(ekm, parts, 4);
}

bool binding_state_keys(struct message *bind, const struct dtls *dtls, const uint8_t call_id[CALL_ID_SIZE],
                        const uint8_t h[HASH_SIZE]) {
  uint8_t exporter[DTLS_EXPORT_SIZE];
  if (!dtls_export_binding(dtls, exporter))
    return false;
  binding_ekm(bind->ekm, call_id, h, exporter);
  crypto_wipe(exporter, sizeof exporter);
  bind->profile = dtls_profile(dtls);
  bind->cipher = dtls_cipher(dtls);
  return true;
}

enum binding_field binding_compare(const struct message *ours, const struct message *theirs) {
  if (!crypto_equal(ours->fp_self, theirs->fp_peer, sizeof ours->fp_self))
    return BINDING_FINGERPRINT_OURS;
  if (!crypto_equal(ours->fp_peer, theirs->fp_self, sizeof ours->fp_peer))
    return BINDING_FINGERPRINT_THEIRS;
  if (!crypto_equal(ours->ekm, theirs->ekm, sizeof ours->ekm))
    return BINDING_EKM;
  if (ours->dtls_role == theirs->dtls_role)
    return BINDING_ROLE;
  if (ours->profile != theirs->profile)
    return BINDING_PROFILE;
  return ours->cipher == theirs->cipher ? BINDING_EQUAL : BINDING_CIPHER;
}
