/* middle.h - the relay's man in the middle: ends DTLS on both legs with certificates of its own, and passes what it
 * gets from one on to the other, STUN untouched.
 *
 * It is built from the product's dtls.c and srtp.c, with a comparison of fingerprints that is content with any (see
 * CMakeLists.txt). Until it is switched on it passes everything and keeps the sound as it went by, sealed.
 */
#ifndef MIDDLE_H
#define MIDDLE_H
#include "ear.h"
#include "hostile.h"

enum { MIDDLE_CELLS = 16 };

enum middle_mode {
  MIDDLE_WATCHES,   /* passes all; the ears get what went by */
  MIDDLE_ENDS_DTLS, /* on both legs; cells wait until both stand, lest one victim warns the other */
  MIDDLE_REDIRECTS, /* the caller's leg alone: nothing goes on to the other victim */
};

struct middle {
  struct hostile *hostile;
  enum middle_mode mode;
  bool begun;
  struct middle_leg {
    struct dtls *dtls;
    struct srtp_path *srtp;
  } leg[VICTIMS];          /* facing that victim */
  struct ear ear[VICTIMS]; /* what that victim said */
  int64_t sound[VICTIMS];  /* packets of sound of that victim's that came by */
  int64_t opened[VICTIMS]; /* RTP packets of that victim's that could be decrypted */
  struct {
    int to;
    uint8_t cell[CELL_SIZE];
  } kept[MIDDLE_CELLS];
  int kept_count;
  const uint8_t *forged; /* a cell for both, until it is sent; NULL: none */
};

bool middle_init(struct middle *middle, struct hostile *hostile, enum middle_mode mode); /* and hooks itself in */
void middle_deinit(struct middle *middle);
/* Is there a leg on which a victim finished the handshake with us? */
bool middle_shares_keys(const struct middle *middle, int victim);

#endif
