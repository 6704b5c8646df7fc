/* listening.h - the mailboxes we read, hidden among dummies (protocol B.2).
 *
 * The set is a power of two, 16 at least, never without a dummy, in random order; it grows and does not shrink.
 * Dummies stay as long as real ones do: on a new connection the same set is sent, and when some of the real ones
 * change, the same share of the dummies (three at least) changes with them. Bounded by FRAME_SUBSCRIPTIONS.
 */
#ifndef LISTENING_H
#define LISTENING_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frame.h"

enum {
  LISTENING_MAX = FRAME_SUBSCRIPTIONS - 16, /* real ones: the rest is dummies for ever */
  LISTENING_CHUNK = 128,                    /* entries a frame */
  LISTENING_WITH_ONE = 3,                   /* dummies that change with a real one */
};

struct listening {
  struct listening_slot {
    uint8_t token[READ_TOKEN_SIZE], mailbox[MAILBOX_SIZE];
    bool real, sent;
  } slot[FRAME_SUBSCRIPTIONS];
  int size, reals;
  int changes;                                     /* of real ones, since the last listening_settle() */
  uint8_t gone[FRAME_SUBSCRIPTIONS][MAILBOX_SIZE]; /* subscribed, and to be unsubscribed */
  int gone_count;
};

void listening_init(struct listening *listening);
void listening_deinit(struct listening *listening);
bool listening_add(struct listening *listening, const uint8_t token[READ_TOKEN_SIZE]); /* false: full */
void listening_remove(struct listening *listening, const uint8_t token[READ_TOKEN_SIZE]);
bool listening_has(const struct listening *listening, const uint8_t mailbox[MAILBOX_SIZE]); /* a real one */
/* The connection is gone: nothing is subscribed any more. */
void listening_lost(struct listening *listening);
/* Before what has changed is sent: changes dummies along, shuffles. */
void listening_settle(struct listening *listening);
bool listening_due(const struct listening *listening);
/* The next frame for the server and how many entries it has; 0: none. */
size_t listening_write(struct listening *listening, uint8_t *out, size_t size, int *entries);

#endif
