/* similarity.h - how like two pictures look: SSIM of their luma, 1 being the same.
 *
 * Wang, Bovik, Sheikh and Simoncelli, Image quality assessment: from error visibility to structural similarity,
 * IEEE Transactions on Image Processing 13(4), 2004, with K1 = 0.01, K2 = 0.03 and, in place of the Gaussian,
 * square windows of 8 x 8 at every fourth place, as in their section III-B: a tenth of the work, for the same order
 * of better and worse. What a width or height has beyond a multiple of four is left out.
 */
#ifndef SIMILARITY_H
#define SIMILARITY_H
#include "picture.h"

double picture_ssim(const struct picture *a,
                    const struct picture *b); /* both have the same size, of at least 8 x 8 */

#endif
