#include "noise.h"

#include <assert.h>
#include <string.h>

#include "../media/bytes.h"

/* Revision 34, section 7: what each message carries and mixes. The letters of a DH name the initiator's key
 * first, then the responder's. */
enum token { END, E, S, EE, ES, SE, SS, PSK };
enum { MOST_MESSAGES = 3, MOST_TOKENS = 5 };

static const struct pattern {
  const char *name;
  bool knows_initiator; /* the initiator's static is a pre-message, as the responder's always is */
  bool has_psk;
  int messages;
  uint8_t token[MOST_MESSAGES][MOST_TOKENS];
} patterns[] = {
    [NOISE_KK] = {"Noise_KK_25519_AESGCM_SHA256", true, false, 2, {{E, ES, SS}, {E, EE, SE}}},
    [NOISE_XK] = {"Noise_XK_25519_AESGCM_SHA256", false, false, 3, {{E, ES}, {E, EE}, {S, SE}}},
    [NOISE_KKPSK0] = {"Noise_KKpsk0_25519_AESGCM_SHA256", true, true, 2, {{PSK, E, ES, SS}, {E, EE, SE}}},
    [NOISE_KKPSK2] = {"Noise_KKpsk2_25519_AESGCM_SHA256", true, true, 2, {{E, ES, SS}, {E, EE, SE, PSK}}},
    [NOISE_XKPSK3] = {"Noise_XKpsk3_25519_AESGCM_SHA256", false, true, 3, {{E, ES}, {E, EE}, {S, SE, PSK}}},
};

/* ---- the symmetric state, section 5.2 ---- */

static void mix_hash(struct noise *noise, const void *data, size_t size) {
  const struct bytes_view parts[] = {{noise->h, HASH_SIZE}, {data, size}};
  crypto_sha256(noise->h, parts, 2);
}

/* Noise's HKDF is RFC 5869's with ck as the salt and no info. */
static void mix_key(struct noise *noise, const uint8_t ikm[KEY_SIZE]) {
  uint8_t out[2 * HASH_SIZE];
  crypto_hkdf(out, sizeof out, ikm, KEY_SIZE, noise->ck, HASH_SIZE, NULL, 0);
  memcpy(noise->ck, out, HASH_SIZE);
  memcpy(noise->k, out + HASH_SIZE, KEY_SIZE);
  noise->has_key = true;
  noise->n = 0;
  crypto_wipe(out, sizeof out);
}

static void mix_psk(struct noise *noise) {
  uint8_t out[3 * HASH_SIZE];
  crypto_hkdf(out, sizeof out, noise->psk, KEY_SIZE, noise->ck, HASH_SIZE, NULL, 0);
  memcpy(noise->ck, out, HASH_SIZE);
  mix_hash(noise, out + HASH_SIZE, HASH_SIZE);
  memcpy(noise->k, out + 2 * HASH_SIZE, KEY_SIZE);
  noise->has_key = true;
  noise->n = 0;
  crypto_wipe(out, sizeof out);
}

/* Section 12.4: 32 bits of zeros, then n in 64. */
static void gcm_nonce(uint8_t nonce[GCM_NONCE_SIZE], uint64_t n) {
  struct writer writer = writer_of(nonce, GCM_NONCE_SIZE);
  write_u32(&writer, 0);
  write_u64(&writer, n);
}

static void encrypt_and_hash(struct noise *noise, struct writer *out, const void *plain, size_t size) {
  size_t sealed_size = size + (noise->has_key ? AEAD_TAG_SIZE : 0);
  uint8_t *sealed = write_span(out, sealed_size);
  if (!sealed)
    return;
  uint8_t nonce[GCM_NONCE_SIZE];
  gcm_nonce(nonce, noise->n++);
  if (noise->has_key)
    crypto_gcm_seal(sealed, noise->k, nonce, noise->h, HASH_SIZE, plain, size);
  else if (size)
    memcpy(sealed, plain, size);
  mix_hash(noise, sealed, sealed_size);
}

static bool decrypt_and_hash(struct noise *noise, struct reader *in, uint8_t *plain, size_t size) {
  size_t sealed_size = size + (noise->has_key ? AEAD_TAG_SIZE : 0);
  const uint8_t *sealed = read_span(in, sealed_size);
  if (!sealed)
    return false;
  uint8_t nonce[GCM_NONCE_SIZE];
  gcm_nonce(nonce, noise->n++);
  if (!noise->has_key && size)
    memcpy(plain, sealed, size);
  else if (noise->has_key && !crypto_gcm_open(plain, noise->k, nonce, noise->h, HASH_SIZE, sealed, sealed_size))
    return false;
  mix_hash(noise, sealed, sealed_size);
  return true;
}

/* ---- the handshake state, section 5.3 ---- */

void noise_init(struct noise *noise, const struct noise_config *config) {
  const struct pattern *pattern = &patterns[config->pattern];
  *noise = (struct noise){.pattern = config->pattern, .initiator = config->initiator};
  memcpy(noise->h, pattern->name, strlen(pattern->name)); /* at most 32 bytes, so not hashed */
  memcpy(noise->ck, noise->h, HASH_SIZE);
  memcpy(noise->s_secret, config->static_secret, KEY_SIZE);
  memcpy(noise->s_public, config->static_public, KEY_SIZE);
  bool knows_peer = config->initiator || pattern->knows_initiator;
  assert(!knows_peer || config->remote_static);
  assert(!pattern->has_psk || config->psk);
  if (knows_peer)
    memcpy(noise->rs, config->remote_static, KEY_SIZE);
  if (pattern->has_psk)
    memcpy(noise->psk, config->psk, KEY_SIZE);
  mix_hash(noise, config->prologue, config->prologue_size);
  if (pattern->knows_initiator)
    mix_hash(noise, config->initiator ? noise->s_public : noise->rs, KEY_SIZE);
  mix_hash(noise, config->initiator ? noise->rs : noise->s_public, KEY_SIZE);
}

void noise_deinit(struct noise *noise) {
  crypto_wipe(noise, sizeof *noise);
}

void noise_fix_ephemeral(struct noise *noise, const uint8_t secret[KEY_SIZE]) {
  memcpy(noise->e_secret, secret, KEY_SIZE);
  crypto_x25519_public(noise->e_public, secret);
  noise->ephemeral_fixed = true;
}

bool noise_finished(const struct noise *noise) {
  return noise->step == patterns[noise->pattern].messages;
}

static bool my_turn(const struct noise *noise) {
  return !noise_finished(noise) && (noise->step % 2 == 0) == noise->initiator;
}

static bool their_turn(const struct noise *noise) {
  return !noise_finished(noise) && !my_turn(noise);
}

static bool mix_dh(struct noise *noise, enum token token) {
  bool my_static = token == SS || token == (noise->initiator ? SE : ES);
  bool their_static = token == SS || token == (noise->initiator ? ES : SE);
  uint8_t shared[KEY_SIZE];
  bool ok =
      crypto_x25519(shared, my_static ? noise->s_secret : noise->e_secret, their_static ? noise->rs : noise->re);
  if (ok)
    mix_key(noise, shared);
  crypto_wipe(shared, sizeof shared);
  return ok;
}

/* Section 9.2: with a psk, an ephemeral key is mixed into the key too, so that the psk never meets one nonce
 * twice. */
static void mix_ephemeral(struct noise *noise, const uint8_t e[KEY_SIZE]) {
  mix_hash(noise, e, KEY_SIZE);
  if (patterns[noise->pattern].has_psk)
    mix_key(noise, e);
}

static bool write_token(struct noise *noise, struct writer *out, enum token token) {
  switch (token) {
  case E:
    if (!noise->ephemeral_fixed)
      crypto_x25519_keypair(noise->e_public, noise->e_secret);
    write_bytes(out, noise->e_public, KEY_SIZE);
    mix_ephemeral(noise, noise->e_public);
    return true;
  case S:
    encrypt_and_hash(noise, out, noise->s_public, KEY_SIZE);
    return true;
  case PSK:
    mix_psk(noise);
    return true;
  default:
    return mix_dh(noise, token);
  }
}

static bool read_token(struct noise *noise, struct reader *in, enum token token) {
  switch (token) {
  case E:
    read_bytes(in, noise->re, KEY_SIZE);
    mix_ephemeral(noise, noise->re);
    return !in->bad;
  case S:
    return decrypt_and_hash(noise, in, noise->rs, KEY_SIZE);
  case PSK:
    mix_psk(noise);
    return true;
  default:
    return mix_dh(noise, token);
  }
}

size_t noise_write(struct noise *noise, uint8_t *out, size_t max, const void *payload, size_t size) {
  if (!my_turn(noise))
    return 0;
  struct noise next = *noise; /* taken over only when all went well */
  struct writer writer = writer_of(out, max < NOISE_MESSAGE_MAX ? max : NOISE_MESSAGE_MAX);
  const uint8_t *tokens = patterns[noise->pattern].token[noise->step];
  bool ok = true;
  for (int i = 0; ok && i < MOST_TOKENS && tokens[i] != END; i++)
    ok = write_token(&next, &writer, tokens[i]);
  if (ok)
    encrypt_and_hash(&next, &writer, payload, size);
  ok = ok && !writer.bad;
  if (ok) {
    next.step++;
    *noise = next;
  }
  crypto_wipe(&next, sizeof next);
  return ok ? (size_t)(writer.at - out) : 0;
}

bool noise_read(struct noise *noise, const uint8_t *message, size_t size, uint8_t *payload, size_t max,
                size_t *payload_size) {
  *payload_size = 0;
  if (!their_turn(noise) || size > NOISE_MESSAGE_MAX)
    return false;
  struct noise next = *noise; /* taken over only when it authenticated */
  struct reader reader = reader_of(message, size);
  const uint8_t *tokens = patterns[noise->pattern].token[noise->step];
  bool ok = true;
  for (int i = 0; ok && i < MOST_TOKENS && tokens[i] != END; i++)
    ok = read_token(&next, &reader, tokens[i]);
  size_t tag = next.has_key ? AEAD_TAG_SIZE : 0;
  ok = ok && reader.left >= tag && reader.left - tag <= max;
  size_t plain = ok ? reader.left - tag : 0;
  ok = ok && decrypt_and_hash(&next, &reader, payload, plain);
  if (ok) {
    next.step++;
    *noise = next;
    *payload_size = plain;
  }
  crypto_wipe(&next, sizeof next);
  return ok;
}

void noise_hash(const struct noise *noise, uint8_t h[HASH_SIZE]) {
  memcpy(h, noise->h, HASH_SIZE);
}

void noise_remote_static(const struct noise *noise, uint8_t public_key[KEY_SIZE]) {
  memcpy(public_key, noise->rs, KEY_SIZE);
}

void noise_export(const struct noise *noise, const struct bytes_view *info, size_t info_count,
                  uint8_t key[KEY_SIZE]) {
  assert(noise_finished(noise) && !noise->split);
  crypto_hkdf(key, KEY_SIZE, noise->ck, HASH_SIZE, NULL, 0, info, info_count);
}

void noise_split(struct noise *noise, struct noise_cipher *send, struct noise_cipher *receive) {
  assert(noise_finished(noise) && !noise->split);
  uint8_t out[2 * HASH_SIZE], h[HASH_SIZE];
  crypto_hkdf(out, sizeof out, NULL, 0, noise->ck, HASH_SIZE, NULL, 0);
  memcpy(noise->initiator ? send->key : receive->key, out, KEY_SIZE);
  memcpy(noise->initiator ? receive->key : send->key, out + HASH_SIZE, KEY_SIZE);
  crypto_wipe(out, sizeof out);
  struct noise shell = {
      .pattern = noise->pattern, .initiator = noise->initiator, .step = noise->step, .split = true};
  noise_hash(noise, h);
  noise_deinit(noise);
  *noise = shell;
  memcpy(noise->h, h, HASH_SIZE);
}

/* ---- transport ---- */

void noise_seal(const struct noise_cipher *cipher, uint32_t n, uint8_t *out, const void *plain, size_t size) {
  uint8_t nonce[GCM_NONCE_SIZE];
  gcm_nonce(nonce, n);
  crypto_gcm_seal(out, cipher->key, nonce, NULL, 0, plain, size);
}

bool noise_open(const struct noise_cipher *cipher, uint32_t n, uint8_t *out, const void *sealed, size_t size) {
  uint8_t nonce[GCM_NONCE_SIZE];
  gcm_nonce(nonce, n);
  return crypto_gcm_open(out, cipher->key, nonce, NULL, 0, sealed, size);
}
