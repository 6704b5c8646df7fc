/* ghost.h - one extra device for somebody, as a server would have it: a roster that says so, signed by a root key
 * of the server's own for want of the real one, in a cell sealed with a key of its own for want of theirs.
 */
#ifndef GHOST_H
#define GHOST_H
#include "signaling/frame.h"

void ghost_cell(uint8_t cell[CELL_SIZE]);

#endif
