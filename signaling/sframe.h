/* sframe.h - frames sealed end to end (RFC 9605): the header, the keys of a KID, and frames sealed and opened under
 * them.
 *
 *   | header: KID, CTR | ciphertext | tag |     and beside it what stays in clear, its metadata
 *
 * Header and metadata are authenticated with the frame. A sealer counts: no CTR is used twice, whatever becomes of
 * the frame. An opener takes a CTR once, and none SFRAME_WINDOW or more below the newest that opened. The key's
 * schedule is made at init and nothing is allocated a frame. Which KID is whose is the caller's to know.
 */
#ifndef SFRAME_H
#define SFRAME_H
#include "../media/bytes.h"
#include "crypto.h"

enum sframe_suite { SFRAME_AES_128_GCM_SHA256_128 = 0x0004, SFRAME_AES_256_GCM_SHA512_128 = 0x0005 };
enum {
  SFRAME_HEADER_MAX = 1 + 8 + 8,
  SFRAME_OVERHEAD_MAX = SFRAME_HEADER_MAX + AEAD_TAG_SIZE,
  SFRAME_WINDOW = 1024, /* frames: 20 s of sound, and a power of two */
};

struct sframe_header {
  uint64_t kid, ctr;
};

void sframe_write_header(struct writer *w, const struct sframe_header *header);
/* false: cut short, or a number in more bytes than it needs (section 4.3). */
bool sframe_read_header(struct reader *r, struct sframe_header *header);

struct sframe_key { /* section 4.4.2 */
  uint64_t kid;
  struct crypto_gcm gcm;
  uint8_t salt[GCM_NONCE_SIZE];
};

struct sframe_sealer {
  struct sframe_key key;
  uint64_t next; /* CTR */
};

struct sframe_opener {
  struct sframe_key key;
  uint64_t newest;
  uint64_t seen[SFRAME_WINDOW / 64]; /* CTR at its bit, CTR % SFRAME_WINDOW */
};

/* false: no memory. A base key is used by one sealer a KID, ever. deinit wipes, a zeroed one too. */
bool sframe_sealer_init(struct sframe_sealer *sealer, enum sframe_suite suite, uint64_t kid, const void *base_key,
                        size_t base_key_size) __attribute__((warn_unused_result));
void sframe_sealer_deinit(struct sframe_sealer *sealer);
bool sframe_opener_init(struct sframe_opener *opener, enum sframe_suite suite, uint64_t kid, const void *base_key,
                        size_t base_key_size) __attribute__((warn_unused_result));
void sframe_opener_deinit(struct sframe_opener *opener);

/* The sealed frame's size, at most size + SFRAME_OVERHEAD_MAX; 0: the counter has come to its end. `out` does not
 * overlap `plain`. */
size_t sframe_seal(struct sframe_sealer *sealer, const void *metadata, size_t metadata_size, const void *plain,
                   size_t size, uint8_t *out) __attribute__((warn_unused_result));
/* Opens in place: `plain` is then inside `sealed`. false: another KID, seen, too old, or it does not authenticate,
 * and nothing of it is left. */
bool sframe_open(struct sframe_opener *opener, const void *metadata, size_t metadata_size, uint8_t *sealed,
                 size_t size, uint8_t **plain, size_t *plain_size) __attribute__((warn_unused_result));

#endif
