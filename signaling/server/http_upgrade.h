/* http_upgrade.h - the one HTTP/1.1 request that we understand: the upgrade to a WebSocket (RFC 6455 section 4.2).
 *
 * Strict (RFC 9112 without its leniencies): CRLF only, no folded lines, no body, each decisive header once,
 * nothing after the head. Whatever path, origin and other headers it names do not matter to us and are not
 * kept. Bounded by HTTP_UPGRADE_MAX bytes and HTTP_UPGRADE_HEADERS lines.
 */
#ifndef HTTP_UPGRADE_H
#define HTTP_UPGRADE_H
#include <stddef.h>

enum { HTTP_UPGRADE_MAX = 8192, HTTP_UPGRADE_HEADERS = 64, HTTP_UPGRADE_KEY_SIZE = 24 };

enum http_upgrade_status {                        /* HTTP's own numbers */
                           HTTP_UPGRADE_MORE = 0, /* not all here yet */
                           HTTP_UPGRADE_OK = 101,
                           HTTP_UPGRADE_BAD = 400,
                           HTTP_UPGRADE_METHOD = 405, /* well formed, but not GET */
                           HTTP_UPGRADE_NEEDED = 426, /* well formed, but no WebSocket of version 13 */
                           HTTP_UPGRADE_TOO_BIG = 431,
};

struct http_upgrade {
  char key[HTTP_UPGRADE_KEY_SIZE + 1]; /* Sec-WebSocket-Key */
};

/* `data` is all that has come so far. */
enum http_upgrade_status http_upgrade_parse(struct http_upgrade *upgrade, const void *data, size_t size);
/* The whole answer for a status other than MORE; returns its length, 0 when it does not fit (256 bytes do). */
size_t http_upgrade_answer(char *out, size_t size, enum http_upgrade_status status,
                           const struct http_upgrade *upgrade);

#endif
