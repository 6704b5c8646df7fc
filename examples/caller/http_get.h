/* http_get.h - the one HTTP/1.1 request that `sotto web` understands: GET, without a body (RFC 9112, strictly).
 *
 * CRLF alone, no folded lines, exactly one Host, nothing after the head. What other headers say does not matter and
 * is not kept. Bounded by HTTP_GET_MAX bytes; target and host by their arrays.
 */
#ifndef HTTP_GET_H
#define HTTP_GET_H
#include <stddef.h>

enum { HTTP_GET_MAX = 8192, HTTP_GET_PATH = 64, HTTP_GET_HOST = 64 };

enum http_get_status {                    /* HTTP's own numbers */
                       HTTP_GET_MORE = 0, /* not all here yet */
                       HTTP_GET_OK = 200,
                       HTTP_GET_BAD = 400,
                       HTTP_GET_NOT_FOUND = 404, /* well formed, of a path longer than any of ours */
                       HTTP_GET_METHOD = 405,    /* well formed, but not GET */
                       HTTP_GET_TOO_BIG = 431,
};

struct http_get {
  char path[HTTP_GET_PATH]; /* "/" and unreserved characters; what follows '?' is left out */
  char host[HTTP_GET_HOST]; /* with its port, as it came */
};

/* `data` is all that has come so far. */
enum http_get_status http_get_parse(struct http_get *get, const void *data, size_t size);

#endif
