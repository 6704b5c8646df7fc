/* y4m.h - YUV4MPEG2 files, 4:2:0 and 8 bits a sample: their headers parsed strictly and written.
 *
 * Works on bytes in memory. The stream header is one line of at most Y4M_HEADER_MAX bytes, a frame header one
 * of at most Y4M_FRAME_MAX; sizes are those of picture.h, rates 1 to 120 frames a second.
 * yuv4mpeg(5) of mjpegtools.
 */
#ifndef Y4M_H
#define Y4M_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { Y4M_HEADER_MAX = 256, Y4M_FRAME_MAX = 80, Y4M_RATE_MAX = 120 };

struct y4m {
  int width, height;
  int rate_num, rate_den; /* frames a second */
};

/* The length of the header, with its line feed; 0: *why says what is wrong, a constant. */
size_t y4m_parse(const uint8_t *bytes, size_t size, struct y4m *y4m, const char **why);
/* The length of a frame's header; 0: this is no frame. */
size_t y4m_parse_frame(const uint8_t *bytes, size_t size);
/* Writes the header; returns its length without the NUL. */
size_t y4m_header(char header[Y4M_HEADER_MAX], const struct y4m *y4m);

#endif
