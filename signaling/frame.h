/* frame.h - what client and server say to each other: one binary WebSocket message a frame (protocol B.1, B.2).
 *
 *   SUBSCRIBE 0x01 | count u8 | count x read_token32       CELL  0x81 | mailbox16 | cell2048
 *   PUT 0x02 | mailbox16 | ttl u16 | cell2048              LIMIT 0x82 | code u8
 *   UNSUBSCRIBE 0x03 | count u8 | count x mailbox16
 *
 * A frame has exactly the size that its head says; anything else is malformed. A mailbox is the hash of its
 * read token: who shows the token may read, who knows the mailbox alone may only write.
 */
#ifndef FRAME_H
#define FRAME_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  MAILBOX_SIZE = 16,
  READ_TOKEN_SIZE = 32,
  CELL_SIZE = 2048,
  CELL_NONCE_SIZE = 12, /* a cell begins with its nonce */
  CELL_TTL_MAX = 60,    /* seconds */

  FRAME_LIST_MAX = 255,
  FRAME_PUT_SIZE = 1 + MAILBOX_SIZE + 2 + CELL_SIZE,
  FRAME_CELL_SIZE = 1 + MAILBOX_SIZE + CELL_SIZE,
  FRAME_LIMIT_SIZE = 2,
  FRAME_CLIENT_MAX = 2 + FRAME_LIST_MAX * READ_TOKEN_SIZE, /* the longest that a client sends */
  FRAME_SERVER_MAX = FRAME_CELL_SIZE,                      /* the longest that a server sends */
};

/* What a server grants a connection; a client stays below it by itself. */
enum {
  FRAME_RATE = 25,          /* frames a second, lasting */
  FRAME_BURST = 128,        /* frames at once */
  FRAME_LIST_COST = 32,     /* entries that count as one frame more */
  FRAME_SUBSCRIPTIONS = 256 /* mailboxes a connection */
};

enum frame_type {
  FRAME_SUBSCRIBE = 0x01,
  FRAME_PUT = 0x02,
  FRAME_UNSUBSCRIBE = 0x03,
  FRAME_CELL = 0x81,
  FRAME_LIMIT = 0x82,
};

enum frame_limit { FRAME_LIMIT_RATE = 1, FRAME_LIMIT_FULL = 2 };

struct frame {
  enum frame_type type;
  const uint8_t *list;           /* SUBSCRIBE: read tokens, UNSUBSCRIBE: mailboxes; `count` of them, end to end */
  int count;                     /* 1..255 */
  const uint8_t *mailbox, *cell; /* PUT, CELL */
  int ttl;                       /* PUT: 1..60 seconds */
  enum frame_limit limit;        /* LIMIT */
};

/* Points into `data`. False when malformed, or when a `from_client` frame is the server's to send or the other
 * way round. */
bool frame_parse(struct frame *frame, bool from_client, const uint8_t *data, size_t size)
    __attribute__((warn_unused_result));

/* Writes what frame_parse() reads and returns its size, or 0 when it does not fit or is not valid. */
size_t frame_write(uint8_t *out, size_t size, const struct frame *frame);

#endif
