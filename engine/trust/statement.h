/* statement.h - the last word of an identity: that it is dead, or that another one follows it (protocol A.1, A.4).
 *
 *   TOMBSTONE  1 u8 | IK 32 | sig 64                               sig = Ed25519(IK, "tombstone", IK)
 *   ROTATE     2 u8 | IK 32 | IK' 32 | sig 64 | sig' 64 | roster   each = Ed25519(IK or IK', "rotate", IK || IK')
 *   HEARD      sig 64                                              Ed25519(DK, "heard", the statement)
 *
 * The roster is the first of IK', which signs it. A statement proves itself, whoever brings it; one that only one
 * of the keys has signed is none. Whoever was told answers HEARD, so that a server can't say so. Fits in one cell.
 */
#ifndef STATEMENT_H
#define STATEMENT_H
#include "roster.h"

enum {
  STATEMENT_TOMBSTONE = 1,
  STATEMENT_ROTATE = 2,
  STATEMENT_IK = 1, /* where it is in the bytes */
  STATEMENT_NEXT = STATEMENT_IK + KEY_SIZE,
  STATEMENT_ROSTER = STATEMENT_NEXT + KEY_SIZE + 2 * SIGNATURE_SIZE,
  STATEMENT_MAX = STATEMENT_ROSTER + 512,
};

struct statement { /* one of ours */
  uint8_t bytes[STATEMENT_MAX];
  size_t size;
  uint8_t device[DEVICE_ID_SIZE]; /* where contacts who do not know it still look for us */
};

struct statement_view { /* what one says; points into its bytes */
  unsigned kind;
  struct bytes_view whole;
  const uint8_t *ik, *next; /* next: ROTATE */
  struct bytes_view roster; /* of the successor */
};

void statement_tombstone(struct statement *out, const struct identity *identity);
/* `first` is the successor's first roster. */
void statement_rotate(struct statement *out, const struct identity *identity, const struct identity *successor,
                      const struct roster *first);
/* Parses and verifies everything. */
bool statement_parse(const void *bytes, size_t size, struct statement_view *out)
    __attribute__((warn_unused_result));

void statement_acknowledge(uint8_t sig[SIGNATURE_SIZE], const struct device *device,
                           const struct bytes_view *statement);
bool statement_acknowledged(const uint8_t sig[SIGNATURE_SIZE], const struct roster_device *device,
                            const struct bytes_view *statement) __attribute__((warn_unused_result));

#endif
