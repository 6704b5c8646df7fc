/* picture.h - one I420 picture: a luma plane and two chroma planes of half its width and height.
 *
 * The planes lie in one block, each row as long as the plane is wide, as in a Y4M frame. Sizes are even and
 * within 16 to 4096, the domain of sotto_frame.
 */
#ifndef PICTURE_H
#define PICTURE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PICTURE_SIDE_MIN = 16, PICTURE_SIDE_MAX = 4096 };

struct picture {
  int width, height;
  int stride[3];
  uint8_t *plane[3];
};

bool picture_side_ok(int side);
size_t picture_size(int width, int height);
bool picture_new(struct picture *picture, int width, int height); /* false: no memory */
void picture_free(struct picture *picture);
/* Any strides to the one-block form; both have the same size. */
void picture_copy(struct picture *to, const struct picture *from);
/* To `to`'s size, between the four nearest pixels: a sender may have made its pictures smaller. */
void picture_scale(struct picture *to, const struct picture *from);
/* Peak signal-to-noise ratio over all samples of all planes, dB; at most 100. Both have the same size. */
double picture_psnr(const struct picture *a, const struct picture *b);

#endif
