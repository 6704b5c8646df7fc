/* tls.h - TLS for a connection that is only bytes in and bytes out (OpenSSL with memory BIOs); no sockets here.
 *
 * TLS 1.2 with ECDHE and an AEAD, or 1.3; no session is kept, no ticket given, nothing is renegotiated.
 */
#ifndef TLS_H
#define TLS_H
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct tls_context *tls_context_new(const char *cert_file, const char *key_file); /* NULL: unusable */
void tls_context_free(struct tls_context *context);

struct tls *tls_new(struct tls_context *context); /* NULL: no memory */
void tls_free(struct tls *tls);
bool tls_input(struct tls *tls, const void *bytes, size_t size); /* from the network */
ssize_t tls_read(struct tls *tls, void *out, size_t size);       /* 0: nothing yet; -1: failed, or the end */
bool tls_write(struct tls *tls, const void *bytes, size_t size); /* only once something was read */
size_t tls_output(struct tls *tls, void *out, size_t size);      /* for the network; 0: nothing */

#endif
