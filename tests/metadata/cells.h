/* cells.h - what a statistician with every cell would look for: bytes that are not evenly spread, and blocks that
 * come twice (protocol F.T3). At most CELLS_MAX cells.
 */
#ifndef METADATA_CELLS_H
#define METADATA_CELLS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CELLS_MAX = 2048, CELLS_SIZE = 2048, CELLS_BLOCK = 16 };

/* Pearson's chi-squared of the bytes against even spread, 255 degrees of freedom. */
double cells_chi_squared(const uint8_t *bytes, size_t size);
#define CELLS_CHI_SQUARED_MAX 347.7 /* exceeded by chance once in 10000 (Wilson and Hilferty's approximation) */

/* How many aligned blocks of CELLS_BLOCK bytes stand there more than once. */
size_t cells_repeated(const uint8_t *bytes, size_t size);

#endif
