/* scaler.h - one plane of a picture made smaller: every pixel is the mean of the area that it covers.
 *
 * A box filter: no ringing at the edges of text, and no more aliasing than an encoder for a narrow network can do
 * with. Integers only, exact for any ratio; bounded by SCALER_SIDE_MAX.
 */
#ifndef SCALER_H
#define SCALER_H
#include <stdint.h>

enum { SCALER_SIDE_MAX = 4096 };

struct scaler_plane {
  uint8_t *data;
  int stride, width, height; /* 1..SCALER_SIDE_MAX */
};

/* `to` is no wider and no higher than `from`. */
void scaler_shrink(const struct scaler_plane *from, const struct scaler_plane *to);

#endif
