/* srtp_cipher.h - AES-GCM of libsrtp (RFC 7714), in place of the one that it is shipped with.
 *
 * libsrtp keeps the protocol; only its cipher types AES-128-GCM and AES-256-GCM are replaced, after its self-test
 * has passed over ours. Whose GCM that is: an engine's. All are equally strong. Allocates with a stream, nothing a
 * packet; tags are compared in constant time, and what a wrong one came with is wiped.
 */
#ifndef PATH_SRTP_CIPHER_H
#define PATH_SRTP_CIPHER_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SRTP_CIPHER_TAG_SIZE = 16, SRTP_CIPHER_STATE_MAX = 2048, SRTP_CIPHER_ALIGNMENT = 64 };

struct srtp_cipher_text { /* one packet, encrypted or decrypted in place */
  const uint8_t *iv;      /* 12 bytes, never twice under one key */
  const uint8_t *aad;
  size_t aad_size;
  uint8_t *data;
  size_t size;
};

struct srtp_cipher_engine { /* `state`: of SRTP_CIPHER_STATE_MAX bytes, aligned */
  const char *name;
  bool (*start)(void);                        /* false: not on this processor */
  bool (*init)(void *state, size_t key_size); /* 16 or 32; false: no memory */
  void (*deinit)(void *state);                /* wipes it */
  bool (*set_key)(void *state, const uint8_t *key);
  bool (*seal)(void *state, const struct srtp_cipher_text *text, uint8_t tag[SRTP_CIPHER_TAG_SIZE]);
  /* false: the tag is wrong, and the data must be wiped unread. Compares in constant time. */
  bool (*open)(void *state, const struct srtp_cipher_text *text, const uint8_t *tag, size_t tag_size);
};

extern const struct srtp_cipher_engine srtp_cipher_evp;      /* "openssl": everywhere */
extern const struct srtp_cipher_engine srtp_cipher_ipsec_mb; /* "ipsec-mb": where the build found it */

/* NULL: the fastest. NULL is returned for what this build or processor does not have. */
const struct srtp_cipher_engine *srtp_cipher_named(const char *name);
/* After srtp_init(), for streams made from now on. false: a self-test refused it, and what was before stays. */
bool srtp_cipher_install(const struct srtp_cipher_engine *engine);
const struct srtp_cipher_engine *srtp_cipher_installed(void); /* NULL: libsrtp's own */

#endif
