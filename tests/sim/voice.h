/* voice.h - a synthetic voice in integer arithmetic, the same samples on every machine: harmonics of a gliding
 * fundamental in syllables, hissing consonants between them, pauses between phrases, a room's noise under all.
 */
#ifndef VOICE_H
#define VOICE_H
#include "media/random.h"

struct voice {
  struct random random;
  uint32_t phase; /* of the fundamental, a turn is 2^32 */
  int pitch;      /* hundredths of a Hz */
  int left;       /* samples of the sound under way */
  int length;     /* of it, samples */
  enum { VOICE_PAUSE, VOICE_VOWEL, VOICE_CONSONANT } sound;
  int syllables; /* left in the phrase */
  int noise;     /* the last sample of it, smoothed */
};

void voice_init(struct voice *voice, uint64_t seed);
void voice_make(struct voice *voice, int16_t *pcm, int samples); /* at 48 kHz */

#endif
