/* srtp_cipher_evp.h - AES-GCM of libsrtp through OpenSSL's EVP (RFC 7714), in place of the one it is shipped with.
 *
 * libsrtp keeps the protocol; only its cipher types AES-128-GCM and AES-256-GCM are replaced, after its self-test
 * has passed over ours. Allocates with a stream, nothing a packet; compares tags in constant time and wipes what a
 * wrong tag came with.
 */
#ifndef SRTP_CIPHER_EVP_H
#define SRTP_CIPHER_EVP_H
#include <stdbool.h>

/* After srtp_init(), before the first stream. false: a self-test refused it, and libsrtp's own stays. */
bool srtp_cipher_evp_install(void);

#endif
