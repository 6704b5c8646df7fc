/* frame_seal.h - a call's encoded frames sealed end to end inside SRTP, towards a page (PROTOCOL.md section 9b,
 * RFC 9605).
 *
 * The keys of SRTP are the browser's to have; these come from Noise alone. Sound is KID 1, pictures are KID 2. A
 * picture's first bytes stay in clear, since browsers packetize by them, and are authenticated. All memory is taken
 * at new; a frame longer than FRAME_BUFFER_FRAME_MAX can't be sealed.
 */
#ifndef FRAME_SEAL_H
#define FRAME_SEAL_H
#include "../../signaling/crypto.h"
#include "../sotto.h"

enum {
  FRAME_SEAL_KEY_CLEAR = 10, /* of a key frame: VP8's tag and sizes (RFC 6386 section 9.1), VP9's likewise */
  FRAME_SEAL_CLEAR = 1,      /* of any other picture: whether it is a key frame */
  FRAME_SEAL_SIZE = 1 + 3 + AEAD_TAG_SIZE, /* of header and tag, for the first 16 million frames */
};

struct frame_keys {
  uint8_t send[KEY_SIZE], receive[KEY_SIZE];
};

struct frame_seal;

struct frame_seal *frame_seal_new(const struct frame_keys *keys); /* NULL: no memory */
void frame_seal_free(struct frame_seal *seal);                    /* wipes */
/* medium is SOTTO_AUDIO or SOTTO_VIDEO, key of a picture alone. The sealed frame is valid until the next one; its
 * size is 0 when it can't be sealed (longer than there is room for, or shorter than what stays in clear). */
const uint8_t *frame_seal_close(struct frame_seal *seal, unsigned medium, bool key, const uint8_t *frame,
                                size_t *size);
/* In place: the frame begins later then. false: it is not the peer's, or came before. */
bool frame_seal_open(struct frame_seal *seal, unsigned medium, bool key, uint8_t **frame, size_t *size)
    __attribute__((warn_unused_result));

#endif
