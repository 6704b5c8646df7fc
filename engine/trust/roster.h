/* roster.h - the signed list of a person's devices, a hash chain (protocol A.5).
 *
 *   encoded = canonical TLV of {version, ID, seq, prev, issued, not_after, devices, revoked} || sig 64
 *   sig     = Ed25519(IK, "roster", all before it)      head = {seq, H(encoded)}, prev = H of the one before
 *
 * Bounds: 8 devices, 32 revocations, ROSTER_MAX_SIZE bytes. A parsed roster has every signature verified. Only
 * the root key signs, so a stolen device adds nobody; accept_sig is the device's own consent.
 */
#ifndef ROSTER_H
#define ROSTER_H
#include "identity.h"

enum {
  ROSTER_MAX_DEVICES = 8,
  ROSTER_MAX_REVOKED = 32,
  ROSTER_DEVICE_SIZE = DEVICE_ID_SIZE + 2 * KEY_SIZE + 4 + 4 + SIGNATURE_SIZE,
  ROSTER_REVOKED_SIZE = DEVICE_ID_SIZE + 4 + 1,
  ROSTER_MAX_SIZE = 8 * 3 + 1 + KEY_SIZE + 4 + HASH_SIZE + 8 + 8 + ROSTER_MAX_DEVICES * ROSTER_DEVICE_SIZE +
                    ROSTER_MAX_REVOKED * ROSTER_REVOKED_SIZE + SIGNATURE_SIZE,
  ROSTER_LIFE_DAYS = 400,
};

struct roster_device {
  uint8_t id[DEVICE_ID_SIZE], dk[KEY_SIZE], dx[KEY_SIZE];
  uint32_t caps, added_seq;
  uint8_t accept_sig[SIGNATURE_SIZE]; /* Ed25519(DK, "roster-accept", IK || added_seq || id) */
};

struct roster_revoked {
  uint8_t id[DEVICE_ID_SIZE];
  uint32_t at_seq;
  uint8_t reason;
};

struct roster_head { /* what peers tell each other */
  uint32_t seq;
  uint8_t hash[HASH_SIZE];
};

struct roster {
  uint8_t id[KEY_SIZE]; /* IK */
  uint32_t seq;
  uint8_t prev[HASH_SIZE];
  uint64_t issued, not_after;                      /* Unix seconds */
  struct roster_device device[ROSTER_MAX_DEVICES]; /* by ascending id */
  size_t devices;
  struct roster_revoked revoked[ROSTER_MAX_REVOKED]; /* by ascending id */
  size_t revocations;
  struct roster_head head; /* of these bytes: */
  uint8_t encoded[ROSTER_MAX_SIZE];
  size_t size;
};

/* The root's first statement: one device, seq 0. */
void roster_first(struct roster *roster, const struct identity *identity, uint64_t now_unix);
/* Writes the fields as TLV, signs, and fills encoded, size and head. false: out of bounds or order. */
bool roster_sign(struct roster *roster, const uint8_t ik_secret[SIGN_SECRET_SIZE]);
void roster_accept_sign(struct roster_device *device, const uint8_t ik[KEY_SIZE],
                        const uint8_t dk_secret[SIGN_SECRET_SIZE]);
/* Parses and verifies everything that one roster alone can prove. */
bool roster_parse(struct roster *out, const void *encoded, size_t size) __attribute__((warn_unused_result));
const struct roster_device *roster_find(const struct roster *roster, const uint8_t id[DEVICE_ID_SIZE]);
const struct roster_revoked *roster_find_revoked(const struct roster *roster, const uint8_t id[DEVICE_ID_SIZE]);
bool roster_expired(const struct roster *roster, uint64_t now_unix); /* warn, do not fail */

/* ---- roster_change.c: build the next one, then roster_sign() ---- */

void roster_next(struct roster *next, const struct roster *last, uint64_t now_unix);
/* false: no room, or this device was there before. */
bool roster_add_device(struct roster *roster, const struct roster_device *device);
/* false: it is not one of its devices. */
bool roster_revoke_device(struct roster *roster, const uint8_t id[DEVICE_ID_SIZE], uint8_t reason);

/* ---- roster_chain.c ---- */

enum roster_verdict {
  ROSTER_ACCEPTED, /* *current is now the last of the chain */
  ROSTER_SAME,     /* nothing new */
  ROSTER_STALE,    /* older than what we know: ignored; tell them our head */
  ROSTER_FORK,     /* two statements of one seq: an attack. *proof (may be NULL) is theirs, ours is *current */
  ROSTER_BAD,      /* does not parse or verify, is somebody else's, or leaves a gap */
};
/* The accept rule against a stored roster: `chain` ascending, contiguous. Nothing changes unless ACCEPTED. */
enum roster_verdict roster_accept(struct roster *current, const struct bytes_view *chain, size_t count,
                                  struct roster *proof);
/* The same question for a head alone, as heard in gossip: SAME, STALE (theirs is older), FORK, or ACCEPTED
 * (theirs is newer: ask for the links). */
enum roster_verdict roster_compare(const struct roster_head *ours, const struct roster_head *theirs);

/* Do these two statements of one root contradict each other? Needs nothing but the bytes: anybody can check it. */
bool roster_fork_proven(const uint8_t id[KEY_SIZE], const struct bytes_view *one, const struct bytes_view *other);

#endif
