/* mailbox.h - where a cell is left so that only its two ends know whose it is (protocol B.2, B.6).
 *
 * Stateless: shared secret and date give the address, the key of the cells in it and the token that proves to
 * the server that its reader may read. One for each direction, recipient device and day.
 */
#ifndef MAILBOX_H
#define MAILBOX_H
#include "wire.h"

struct mailbox {
  uint8_t address[MAILBOX_SIZE];       /* all that a sender shows the server */
  uint8_t read_token[READ_TOKEN_SIZE]; /* what the reader shows */
  uint8_t key[KEY_SIZE];               /* K_cell: both ends, never the server */
};

/* IDs are root public keys (IK). */
void mailbox_derive(struct mailbox *mailbox, const uint8_t ps[PAIR_SECRET_SIZE], const uint8_t sender[KEY_SIZE],
                    const uint8_t recipient[KEY_SIZE], const uint8_t device[DEVICE_SIZE], uint32_t epoch);
void mailbox_address(uint8_t address[MAILBOX_SIZE], const uint8_t read_token[READ_TOKEN_SIZE]);

/* The rendezvous of an invite; `role` is its reader. No epoch: an invite lives a day at most. */
enum invite_role { INVITE_INVITER = 1, INVITE_JOINER = 2 };
void mailbox_derive_invite(struct mailbox *mailbox, const uint8_t s[INVITE_TOKEN_SIZE], enum invite_role role);

/* The rendezvous of a new device and its owner's primary; `role` is its reader. */
enum link_role { LINK_PRIMARY = 1, LINK_DEVICE = 2 };
void mailbox_derive_link(struct mailbox *mailbox, const uint8_t nonce[INVITE_TOKEN_SIZE], enum link_role role);

uint32_t mailbox_epoch(int64_t unix_seconds);
/* The epochs to listen to: the present one first (it is also the one to send to), within 2 hours of midnight
 * (UTC) its neighbours too. Returns how many. */
int mailbox_epochs(uint32_t epochs[3], int64_t unix_seconds);
/* When that answer changes next, Unix seconds. */
int64_t mailbox_epochs_change(int64_t unix_seconds);

#endif
