#include "frame_seal.h"

#include <stdlib.h>
#include <string.h>

#include "../../media/video/frame_buffer.h"
#include "../../signaling/sframe.h"

enum { SOUND, PICTURES, MEDIA };
enum { KID_OF_FIRST = 1 };

struct frame_seal {
  struct sframe_sealer sealer[MEDIA];
  struct sframe_opener opener[MEDIA];
  uint8_t sealed[FRAME_BUFFER_FRAME_MAX + SFRAME_OVERHEAD_MAX];
};

struct frame_seal *frame_seal_new(const struct frame_keys *keys) {
  struct frame_seal *seal = calloc(1, sizeof *seal);
  bool made = seal;
  for (size_t i = 0; i < MEDIA && made; i++)
    made = sframe_sealer_init(&seal->sealer[i], SFRAME_AES_256_GCM_SHA512_128, KID_OF_FIRST + i, keys->send,
                              KEY_SIZE) &&
           sframe_opener_init(&seal->opener[i], SFRAME_AES_256_GCM_SHA512_128, KID_OF_FIRST + i, keys->receive,
                              KEY_SIZE);
  if (made)
    return seal;
  frame_seal_free(seal);
  return NULL;
}

void frame_seal_free(struct frame_seal *seal) {
  if (!seal)
    return;
  for (int i = 0; i < MEDIA; i++) {
    sframe_sealer_deinit(&seal->sealer[i]);
    sframe_opener_deinit(&seal->opener[i]);
  }
  crypto_wipe(seal, sizeof *seal);
  free(seal);
}

static int place_of(unsigned medium) {
  return medium == SOTTO_AUDIO ? SOUND : PICTURES;
}

static size_t clear_of(unsigned medium, bool key) {
  return medium == SOTTO_AUDIO ? 0 : key ? FRAME_SEAL_KEY_CLEAR : FRAME_SEAL_CLEAR;
}

const uint8_t *frame_seal_close(struct frame_seal *seal, unsigned medium, bool key, const uint8_t *frame,
                                size_t *size) {
  size_t clear = clear_of(medium, key), sealed = 0;
  if (*size >= clear && *size <= FRAME_BUFFER_FRAME_MAX) {
    memcpy(seal->sealed, frame, clear);
    sealed = sframe_seal(&seal->sealer[place_of(medium)], frame, clear, frame + clear, *size - clear,
                         seal->sealed + clear);
  }
  *size = sealed ? clear + sealed : 0;
  return seal->sealed;
}

bool frame_seal_open(struct frame_seal *seal, unsigned medium, bool key, uint8_t **frame, size_t *size) {
  size_t clear = clear_of(medium, key), opened_size;
  uint8_t *opened;
  if (*size < clear || !sframe_open(&seal->opener[place_of(medium)], *frame, clear, *frame + clear, *size - clear,
                                    &opened, &opened_size))
    return false;
  memmove(opened - clear, *frame, clear); /* over the header, to where it belongs */
  *frame = opened - clear;
  *size = clear + opened_size;
  return true;
}
