/* weak_path.c - the twin's path: DTLS firewall, SRTP, candidates, consent. */
#include <string.h>

#include "engine/call/call_parts.h"
#include "weak.h"

static bool off(enum weakness weakness) {
  return weak_active & weakness;
}

/* ---- REDTLS ---- */

size_t __real_dtls_firewall_filter(struct dtls_firewall *firewall, uint8_t *datagram, size_t size);
size_t __wrap_dtls_firewall_filter(struct dtls_firewall *firewall, uint8_t *datagram, size_t size);
size_t __wrap_dtls_firewall_filter(struct dtls_firewall *firewall, uint8_t *datagram, size_t size) {
  return off(WEAK_REDTLS) ? size : __real_dtls_firewall_filter(firewall, datagram, size);
}

void dtls_stub_begin_again(struct dtls *dtls);
void __real_dtls_input(struct dtls *dtls, usec now, const uint8_t *datagram, size_t size);
void __wrap_dtls_input(struct dtls *dtls, usec now, const uint8_t *datagram, size_t size);
void __wrap_dtls_input(struct dtls *dtls, usec now, const uint8_t *datagram, size_t size) {
  enum { HANDSHAKE = 22, TYPE_AT = 13, CLIENT_HELLO = 1 };
  bool hello = size > TYPE_AT && datagram[0] == HANDSHAKE && datagram[TYPE_AT] == CLIENT_HELLO;
  if (off(WEAK_REDTLS) && hello && dtls_state(dtls) == DTLS_CONNECTED)
    dtls_stub_begin_again(dtls);
  __real_dtls_input(dtls, now, datagram, size);
}

/* ---- EARLY: what came before the answer is kept, and taken first ---- */

static struct {
  const struct transport *of;
  uint8_t data[DTLS_DATAGRAM_MAX];
  size_t size;
} early;

void __real_transport_input(struct transport *transport, usec now, uint8_t *data, size_t size);
void __wrap_transport_input(struct transport *transport, usec now, uint8_t *data, size_t size);
void __wrap_transport_input(struct transport *transport, usec now, uint8_t *data, size_t size) {
  if (off(WEAK_EARLY) && !transport->dtls && size <= sizeof early.data) {
    early.of = transport;
    early.size = size;
    memcpy(early.data, data, size);
    return;
  }
  if (early.of == transport && early.size) {
    size_t first = early.size;
    early.size = 0;
    __real_transport_input(transport, now, early.data, first);
  }
  __real_transport_input(transport, now, data, size);
}

/* ---- NOFRAMES ---- */

bool __real_transport_seal_frames(struct transport *transport, const struct frame_keys *keys);
bool __wrap_transport_seal_frames(struct transport *transport, const struct frame_keys *keys);
bool __wrap_transport_seal_frames(struct transport *transport, const struct frame_keys *keys) {
  return off(WEAK_NOFRAMES) || __real_transport_seal_frames(transport, keys);
}

/* ---- ANYPROFILE ---- */

int __real_description_profiles(const struct call_description *ours, const struct call_description *theirs,
                                uint16_t profile[DESCRIPTION_PROFILES]);
int __wrap_description_profiles(const struct call_description *ours, const struct call_description *theirs,
                                uint16_t profile[DESCRIPTION_PROFILES]);
int __wrap_description_profiles(const struct call_description *ours, const struct call_description *theirs,
                                uint16_t profile[DESCRIPTION_PROFILES]) {
  int profiles = __real_description_profiles(ours, theirs, profile);
  if (profiles || !off(WEAK_ANYPROFILE))
    return profiles;
  profile[0] = theirs->profile[0];
  return 1;
}

/* ---- NOREPLAY: what was seen is opened again, by a context that has seen nothing ---- */

enum { PATHS = 16 };
static struct {
  const struct srtp_path *path;
  uint16_t profile;
  struct srtp_master local, remote;
} known[PATHS];
static int paths;

struct srtp_path *__real_srtp_path_new(uint16_t profile, const struct srtp_master *local,
                                       const struct srtp_master *remote);
struct srtp_path *__wrap_srtp_path_new(uint16_t profile, const struct srtp_master *local,
                                       const struct srtp_master *remote);
struct srtp_path *__wrap_srtp_path_new(uint16_t profile, const struct srtp_master *local,
                                       const struct srtp_master *remote) {
  struct srtp_path *path = __real_srtp_path_new(profile, local, remote);
  if (path && paths < PATHS) {
    known[paths].path = path;
    known[paths].profile = profile;
    known[paths].local = *local;
    known[paths++].remote = *remote;
  }
  return path;
}

enum srtp_result __real_srtp_path_unprotect_rtp(struct srtp_path *path, uint8_t *packet, size_t *size);
enum srtp_result __wrap_srtp_path_unprotect_rtp(struct srtp_path *path, uint8_t *packet, size_t *size);
enum srtp_result __wrap_srtp_path_unprotect_rtp(struct srtp_path *path, uint8_t *packet, size_t *size) {
  enum srtp_result result = __real_srtp_path_unprotect_rtp(path, packet, size);
  if (result != SRTP_REPLAY || !off(WEAK_NOREPLAY))
    return result;
  for (int i = 0; i < paths; i++)
    if (known[i].path == path) {
      struct srtp_path *fresh = __real_srtp_path_new(known[i].profile, &known[i].local, &known[i].remote);
      result = fresh ? __real_srtp_path_unprotect_rtp(fresh, packet, size) : SRTP_FAILED;
      srtp_path_free(fresh);
      return result;
    }
  return result;
}

/* ---- CANDANY, NOCONSENT ---- */

bool __real_candidate_allowed(const struct candidate *candidate, bool lan);
bool __wrap_candidate_allowed(const struct candidate *candidate, bool lan);
bool __wrap_candidate_allowed(const struct candidate *candidate, bool lan) {
  return off(WEAK_CANDANY) || __real_candidate_allowed(candidate, lan);
}

void __real_call_ice_changed(struct call *call, usec now, enum core_ice_state state,
                             const struct core_ice_pair *pair);
void __wrap_call_ice_changed(struct call *call, usec now, enum core_ice_state state,
                             const struct core_ice_pair *pair);
void __wrap_call_ice_changed(struct call *call, usec now, enum core_ice_state state,
                             const struct core_ice_pair *pair) {
  if (state == CORE_ICE_CONNECTED || !off(WEAK_NOCONSENT))
    __real_call_ice_changed(call, now, state, pair);
}
