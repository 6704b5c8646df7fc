/* tape.h - what was said and heard at one end of a simulated call, in blocks of 10 ms with the time of each.
 *
 * Grows as it is filled, TAPE_SECONDS at most; the rest is left out.
 */
#ifndef TAPE_H
#define TAPE_H
#include <stddef.h>
#include <stdint.h>

#include "media/units.h"

enum { TAPE_BLOCK = 480, TAPE_SECONDS = 200 };

struct tape {
  int16_t *pcm; /* at 48 kHz */
  usec *at;     /* when the first sample of each block was captured, or heard */
  size_t blocks, room;
};

void tape_add(struct tape *tape, const int16_t *pcm, size_t blocks, usec at); /* the blocks follow each other */
void tape_free(struct tape *tape);

#endif
