/* post.h - one message into a mailbox, as sealed cells (protocol B.1, B.2). */
#ifndef POST_H
#define POST_H
#include "cell.h"
#include "client.h"
#include "mailbox.h"

/* false: longer than CELL_MESSAGE_MAX, or the client's queue is full (some fragments may have been taken). */
bool post_message(struct client *client, usec now, const struct mailbox *mailbox, const struct cell_header *header,
                  const uint8_t *message, size_t size) __attribute__((warn_unused_result));

#endif
