/* concealment.h - what is heard when a packet is missing.
 *
 * The codec's own concealment first; from 60 ms on it fades, since nothing it makes up sounds like speech any
 * more, and after 200 ms there is silence. When sound returns it is cross-faded with a repetition of what was
 * last heard, so that no seam clicks. No memory of its own beyond a counter.
 */
#ifndef CONCEALMENT_H
#define CONCEALMENT_H
#include "../codec/codec.h"

enum {
  CONCEALMENT_UNIT = 120,        /* samples: made in multiples of 2.5 ms, as codecs want it */
  CONCEALMENT_FADE_START = 2880, /* samples of concealment in a row */
  CONCEALMENT_FADE_END = 9600,
  CONCEALMENT_SEAM = 240, /* samples over which returning sound is cross-faded */
};

struct concealment {
  const struct audio_codec *codec;
  void *decoder;
  int run; /* samples made since the last real ones, counted up to CONCEALMENT_FADE_END */
};

/* Fills pcm with a multiple of CONCEALMENT_UNIT up to AUDIO_FRAME_MAX. How many of them are plain silence. */
int concealment_fill(struct concealment *concealment, int16_t *pcm, int samples);
/* Real sound is back: `block`, with TIME_STRETCH_HISTORY samples of what was heard before it. */
void concealment_end(struct concealment *concealment, int16_t *block, int samples);

#endif
