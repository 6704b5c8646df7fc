/* qr.h - a text as a QR code (ISO/IEC 18004), for a terminal or as an SVG file.
 *
 * Two modules of height share one character cell (half blocks of Unicode). Error correction M; texts up to
 * QR_TEXT_MAX bytes.
 */
#ifndef QR_H
#define QR_H
#include <stdbool.h>
#include <stdio.h>

enum { QR_TEXT_MAX = 1024 };

/* false: too long, no memory, or the stream failed. */
bool qr_print(FILE *out, const char *text);
bool qr_svg(FILE *out, const char *text);

#endif
