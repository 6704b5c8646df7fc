/* invite.h - a one-time invite as text (protocol B.6).
 *
 *   "SOTTO:I/" || base32 of {ver u8, flags u8, expiry u32, IK 32, DX 32, dev_id 8, s 16, hint} || checksum
 *
 * Upper or lower case, not mixed; also taken as the fragment of an https link, so that no server sees it. The
 * hint is the URL of the inviter's signaling server: printable ASCII, at most INVITE_HINT_SIZE - 1 bytes.
 */
#ifndef INVITE_H
#define INVITE_H
#include "identity.h"

enum {
  INVITE_VERSION = 1,
  INVITE_SECRET_SIZE = 16,
  INVITE_HINT_SIZE = 96,
  INVITE_LIFE_REMOTE = 24 * 3600, /* seconds */
  INVITE_LIFE_IN_PERSON = 120,
  INVITE_CLOCK_SKEW = 60,
};

struct invite {
  uint8_t flags;   /* SOTTO_INVITE_IN_PERSON */
  uint32_t expiry; /* Unix seconds */
  uint8_t ik[KEY_SIZE], dx[KEY_SIZE], dev_id[DEVICE_ID_SIZE];
  uint8_t secret[INVITE_SECRET_SIZE]; /* s: whoever has it may join, once */
  char hint[INVITE_HINT_SIZE];
};

/* Fresh secret and expiry by `flags`. INVALID: unknown flags or a hint out of bounds. */
sotto_status invite_make(struct invite *invite, const struct identity *identity, unsigned flags, const char *hint,
                         int64_t now_unix);
bool invite_expired(const struct invite *invite, int64_t now_unix);
/* "In person" verifies whoever shows it, because it was made just now: one whose life ends later than that, with a
 * minute for clocks that differ, was not made by these rules. */
bool invite_is_too_new(const struct invite *invite, int64_t now_unix);
sotto_status invite_format(const struct invite *invite, char *text, size_t size); /* or SPACE */
/* INVALID or OK; whether it has expired is the caller's question. */
sotto_status invite_parse(const char *text, struct invite *out) __attribute__((warn_unused_result));

#endif
