/* pattern.h - a moving picture made from nothing but a number, and that number read back out of it.
 *
 * The picture is a pure function of size, variant and counter, so whoever knows the counter can draw what was
 * sent. The counter stands in the top left corner as 8 x 4 black and white cells: 20 bits of counter, 4 of
 * variant (which end drew it), 8 of CRC; a cell is a fortieth of the width, at least 8 pixels, so that it
 * survives a codec. Needs at least PATTERN_WIDTH_MIN x PATTERN_HEIGHT_MIN.
 */
#ifndef PATTERN_H
#define PATTERN_H
#include "picture.h"

enum { PATTERN_WIDTH_MIN = 64, PATTERN_HEIGHT_MIN = 32, PATTERN_COUNTERS = 1 << 20, PATTERN_VARIANTS = 16 };

/* Smooth gradients that drift, with discs that move over them; no mark yet. */
void pattern_draw(struct picture *picture, int variant, int64_t counter);
/* The mark; the counter is taken modulo PATTERN_COUNTERS. */
void pattern_mark(struct picture *picture, int variant, int64_t counter);
/* false: no mark, or it does not check. */
bool pattern_read(const struct picture *picture, int *variant, int64_t *counter);
/* The counter nearest to `expected` whose mark would read `counter`. */
int64_t pattern_unwrap(int64_t counter, int64_t expected);

#endif
