#include "tape.h"

#include <stdlib.h>
#include <string.h>

#include "unit/unit.h"

static void make_room(struct tape *tape, size_t blocks) {
  if (tape->blocks + blocks <= tape->room)
    return;
  tape->room = 2 * tape->room + 100;
  tape->pcm = realloc(tape->pcm, tape->room * TAPE_BLOCK * sizeof *tape->pcm);
  tape->at = realloc(tape->at, tape->room * sizeof *tape->at);
  assert_true(tape->pcm && tape->at);
}

void tape_add(struct tape *tape, const int16_t *pcm, size_t blocks, usec at) {
  if (tape->blocks + blocks > TAPE_SECONDS * 100)
    return;
  make_room(tape, blocks);
  memcpy(tape->pcm + tape->blocks * TAPE_BLOCK, pcm, blocks * TAPE_BLOCK * sizeof *pcm);
  for (size_t i = 0; i < blocks; i++)
    tape->at[tape->blocks++] = at + (usec)i * MS(10);
}

void tape_free(struct tape *tape) {
  free(tape->pcm);
  free(tape->at);
  *tape = (struct tape){0};
}
