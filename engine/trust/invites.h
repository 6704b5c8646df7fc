/* invites.h - the invites we have given out and not yet forgotten (protocol B.6).
 *
 *   OPEN --used: s is wiped--> USED --expiry--> gone          OPEN --expiry--> gone
 *
 * To notice a second use of an invite whose secret is gone we keep, until its expiry, the rendezvous (the
 * one-way HKDF output: read token and cell key of the joiners' mailbox): a cell that opens under it was made by
 * somebody who holds s, and a session not seen before the first success is somebody else's. The psk and the
 * answers' key are wiped with s, so that second use can go no further. Bounds: INVITES_MAX at a time.
 */
#ifndef INVITES_H
#define INVITES_H
#include "invite.h"
#include "petname.h"

enum {
  INVITES_MAX = 16,
  INVITE_SESSIONS = 8, /* sessions remembered for each */
  INVITE_SESSION_SIZE = 8,
  INVITE_RENDEZVOUS_SIZE = 64, /* read_token || K_cell */
};

enum invite_state { INVITE_NONE, INVITE_OPEN, INVITE_USED };

struct pending_invite {
  enum invite_state state;
  struct invite invite; /* .secret is zero when USED */
  char name[PETNAME_SIZE];
  uint8_t rendezvous[INVITE_RENDEZVOUS_SIZE]; /* USED: what is left of s; zero while OPEN */
  uint8_t session[INVITE_SESSIONS][INVITE_SESSION_SIZE];
  size_t sessions;
  bool reuse_reported;
};

struct invites {
  struct pending_invite slot[INVITES_MAX];
};

/* Expired ones go first. FULL, or INVALID (name). */
sotto_status invites_add(struct invites *invites, const struct invite *invite, const char *name, int64_t now_unix,
                         struct pending_invite **out);
size_t invites_expire(struct invites *invites, int64_t now_unix); /* how many went; wiped */
int64_t invites_deadline(const struct invites *invites);          /* Unix seconds of the next expiry; INT64_MAX */

/* A cell for this invite opened: whose is it? */
enum invite_use {
  INVITE_USE_JOINER, /* go on with the handshake (OPEN), or a repeat of a known session */
  INVITE_USE_KNOWN,  /* USED, and a session from before: replayed or late, ignore */
  INVITE_USE_REUSED, /* USED, and a new session: somebody else has it (reported once an invite) */
  INVITE_USE_IGNORE, /* USED, reported already, or the session table is full */
};
enum invite_use invite_session(struct pending_invite *pending, const uint8_t session[INVITE_SESSION_SIZE]);
/* First success: wipes s, keeps the joiners' rendezvous. */
void invite_used(struct pending_invite *pending, const uint8_t rendezvous[INVITE_RENDEZVOUS_SIZE]);

#endif
