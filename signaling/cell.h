/* cell.h - 2048 bytes that look like noise: all that the server ever carries (protocol B.1).
 *
 * A cell hides its type, ephemeral keys and length from the server; no other property rests on it. A message that
 * is longer than one cell's body goes as up to 4 fragments, all full but the last. Bounded: a reassembler
 * holds REASSEMBLER_SLOTS messages and gives the oldest up for a new one; use one for each contact, so that
 * nobody can push another's out.
 */
#ifndef CELL_H
#define CELL_H
#include "wire.h"

struct cell_header {
  uint8_t type;                  /* enum cell_type */
  uint8_t device[DEVICE_SIZE];   /* the sender's */
  uint8_t session[SESSION_SIZE]; /* random, by who began it; the same in both directions */
  uint32_t n;                    /* Noise message number of its direction */
};

struct cell { /* an opened one */
  struct cell_header header;
  int fragment, fragments;
  size_t size;
  uint8_t body[CELL_BODY_MAX];
};

/* How many cells a message takes: 1..CELL_FRAGMENTS_MAX, 0: too long. */
int cell_count(size_t size);
/* Cell number `fragment` of the message, with a fresh random nonce. Asserts cell_count(size) > fragment. */
void cell_seal(uint8_t out[CELL_SIZE], const uint8_t key[KEY_SIZE], const struct cell_header *header,
               const uint8_t *message, size_t size, int fragment);
/* false: not sealed with this key, or malformed inside. */
bool cell_open(struct cell *cell, const uint8_t key[KEY_SIZE], const uint8_t sealed[CELL_SIZE])
    __attribute__((warn_unused_result));
/* The inside alone, after decryption. */
bool cell_parse(struct cell *cell, const uint8_t *inner, size_t size) __attribute__((warn_unused_result));

enum { REASSEMBLER_SLOTS = 2 };

struct reassembler {
  struct reassembler_slot {
    struct cell_header header;
    int fragments; /* 0: free */
    uint8_t have;  /* bit i: fragment i is here */
    size_t size;
    uint32_t age; /* of its first fragment; the lowest is the oldest */
    uint8_t message[CELL_MESSAGE_MAX];
  } slot[REASSEMBLER_SLOTS];
  uint32_t age;
};

void reassembler_init(struct reassembler *reassembler);
/* true: `cell` completed a message, which is the cell's or the reassembler's memory until either is used again.
 * A fragment that disagrees with the others of its message is dropped. */
bool reassembler_input(struct reassembler *reassembler, const struct cell *cell, const uint8_t **message,
                       size_t *size);

#endif
