/* first_contact.h - two strangers with one invite become contacts: Noise XKpsk3 (protocol B.6).
 *
 *   joiner                                   inviter
 *   JOINING  --INVITE_1-->                   (an invite that is open)
 *            <--INVITE_2--                   ASKED
 *   JOINED   --INVITE_3: JOIN roster, r-->   contact is made, the invite is used up
 *            <--DATA 0: WELCOME roster, r--  WELCOMED
 *   contact is made; --DATA 0: DONE-->       over
 *
 * Told the time. Either side gives up by itself; nothing is kept of a contact that was not completed.
 */
#ifndef FIRST_CONTACT_H
#define FIRST_CONTACT_H
#include "../signaling/message.h"
#include "../signaling/noise.h"
#include "../signaling/post.h"
#include "call/outbox.h"
#include "trust/trust.h"

#define FIRST_CONTACT_TIMEOUT SEC(60)

enum first_contact_state {
  FIRST_CONTACT_IDLE, /* the slot is free */
  FIRST_CONTACT_JOINING,
  FIRST_CONTACT_JOINED,
  FIRST_CONTACT_ASKED,
  FIRST_CONTACT_WELCOMED,
};

struct first_contact {
  enum first_contact_state state;
  usec deadline;
  struct invite invite;
  struct pending_invite *pending; /* inviter's side */
  char name[PETNAME_SIZE];
  uint8_t session[SESSION_SIZE], random[RANDOM_SIZE], h[HASH_SIZE];
  struct mailbox in, out;
  struct noise noise;
  struct noise_cipher send, receive;
  struct reassembler reassembler;
};

struct first_contact_env {
  struct trust *trust;
  struct client *client;
  struct outbox *outbox;
};

/* Joiner: asks the inviter. false: the queue is full. */
bool first_contact_join(struct first_contact *contact, const struct first_contact_env *env, usec now,
                        const struct invite *invite, const char *name);
/* Inviter: somebody who knows the invite began; false: no, and the slot stays free. */
bool first_contact_asked(struct first_contact *contact, const struct first_contact_env *env, usec now,
                         struct pending_invite *pending, const struct cell *cell);
/* A cell of this session. */
void first_contact_cell(struct first_contact *contact, const struct first_contact_env *env, usec now,
                        int64_t unix_seconds, const struct cell *cell);
/* Gives up when it is time: the joiner's user is told. */
void first_contact_timer(struct first_contact *contact, const struct first_contact_env *env, usec now);
void first_contact_deinit(struct first_contact *contact); /* wipes */

#endif
