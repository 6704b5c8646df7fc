/* noise.h - the Noise protocol framework, revision 34: the patterns of a call and of a first contact, and those
 * they are built from, with 25519, AESGCM and SHA256.
 *
 * Plain memory: no heap, no clock. A message that does not authenticate leaves the state as it was, so garbage
 * that somebody injects is a drop and not the end of a handshake. Messages are at most 65535 bytes.
 */
#ifndef NOISE_H
#define NOISE_H
#include "crypto.h"

enum noise_pattern { NOISE_KK, NOISE_XK, NOISE_KKPSK0, NOISE_KKPSK2, NOISE_XKPSK3 };
enum { NOISE_MESSAGE_MAX = 65535 };

struct noise_cipher { /* one direction after the handshake; wipe it when done */
  uint8_t key[KEY_SIZE];
};

struct noise {
  enum noise_pattern pattern;
  bool initiator, ephemeral_fixed, has_key, split;
  int step; /* messages done */
  uint64_t n;
  uint8_t k[KEY_SIZE], ck[HASH_SIZE], h[HASH_SIZE];
  uint8_t s_public[KEY_SIZE], s_secret[KEY_SIZE], e_public[KEY_SIZE], e_secret[KEY_SIZE];
  uint8_t rs[KEY_SIZE], re[KEY_SIZE], psk[KEY_SIZE];
};

struct noise_config {
  enum noise_pattern pattern;
  bool initiator;
  const void *prologue;
  size_t prologue_size;
  const uint8_t *static_secret, *static_public; /* KEY_SIZE each */
  const uint8_t *remote_static;                 /* KEY_SIZE; NULL for the responder of XK, who learns it */
  const uint8_t *psk;                           /* KEY_SIZE; NULL for patterns without */
};

void noise_init(struct noise *noise, const struct noise_config *config);       /* copies what it needs */
void noise_deinit(struct noise *noise);                                        /* wipes */
void noise_fix_ephemeral(struct noise *noise, const uint8_t secret[KEY_SIZE]); /* tests only */

/* The next handshake message; 0: not our turn, no room in `max`, or a bad remote key. in != out. */
size_t noise_write(struct noise *noise, uint8_t *out, size_t max, const void *payload, size_t size)
    __attribute__((warn_unused_result));
/* false: not their turn, does not authenticate, or the payload is longer than `max`; nothing has changed. */
bool noise_read(struct noise *noise, const uint8_t *message, size_t size, uint8_t *payload, size_t max,
                size_t *payload_size) __attribute__((warn_unused_result));
bool noise_finished(const struct noise *noise); /* all handshake messages are done */
/* h: after the last message, the channel binding. It stays when the keys are gone. */
void noise_hash(const struct noise *noise, uint8_t h[HASH_SIZE]);
/* XK, responder: who it is, after message 3 and before noise_split(). */
void noise_remote_static(const struct noise *noise, uint8_t public_key[KEY_SIZE]);
/* A key for something else than transport messages: HKDF(ck, info), info being the concatenation of parts. When
 * finished, before noise_split(). */
void noise_export(const struct noise *noise, const struct bytes_view *info, size_t info_count,
                  uint8_t key[KEY_SIZE]);
/* Once, when finished. Wipes everything but h. */
void noise_split(struct noise *noise, struct noise_cipher *send, struct noise_cipher *receive);

/* Transport message number n, from 0, each used once: size + AEAD_TAG_SIZE, and back. */
void noise_seal(const struct noise_cipher *cipher, uint32_t n, uint8_t *out, const void *plain, size_t size);
bool noise_open(const struct noise_cipher *cipher, uint32_t n, uint8_t *out, const void *sealed, size_t size)
    __attribute__((warn_unused_result));

#endif
