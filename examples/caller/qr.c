#include "qr.h"

#include <qrencode.h>
#include <string.h>
#include <unistd.h>

enum { QUIET = 4 }; /* light modules around it, section 5.3.8 */

static QRcode *encode(const char *text) {
  if (strlen(text) > QR_TEXT_MAX)
    return NULL;
  return QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
}

static bool dark(const QRcode *code, int x, int y) {
  return x >= 0 && y >= 0 && x < code->width && y < code->width && (code->data[y * code->width + x] & 1);
}

/* Light modules are what is drawn, and on a terminal the colours are set: it scans on dark and light screens. */
bool qr_print(FILE *out, const char *text) {
  static const char *const half[2][2] = {{"█", "▀"}, {"▄", " "}};
  QRcode *code = encode(text);
  if (!code)
    return false;
  bool colours = isatty(fileno(out));
  for (int y = -QUIET; y < code->width + QUIET; y += 2) {
    fputs(colours ? "\033[97;40m" : "", out);
    for (int x = -QUIET; x < code->width + QUIET; x++)
      fputs(half[dark(code, x, y)][dark(code, x, y + 1)], out);
    fputs(colours ? "\033[0m\n" : "\n", out);
  }
  QRcode_free(code);
  return !ferror(out);
}

bool qr_svg(FILE *out, const char *text) {
  QRcode *code = encode(text);
  if (!code)
    return false;
  int side = code->width + 2 * QUIET;
  fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\">\n",
          side, side);
  fprintf(out, "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n<path d=\"", side, side);
  for (int y = 0; y < code->width; y++)
    for (int x = 0; x < code->width; x++)
      if (dark(code, x, y))
        fprintf(out, "M%d %dh1v1h-1z", x + QUIET, y + QUIET);
  fputs("\"/>\n</svg>\n", out);
  QRcode_free(code);
  return !ferror(out);
}
