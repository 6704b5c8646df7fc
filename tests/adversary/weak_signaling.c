/* weak_signaling.c - the twin's signaling: authentication, order and states that do not count. */
#include <openssl/evp.h>
#include <string.h>

#include "engine/call/call_parts.h"
#include "weak.h"

const bool weak_linked = true;
uint64_t weak_active;

static bool off(enum weakness weakness) {
  return weak_active & weakness;
}

/* ---- NOAEAD: the same stream cipher, and no look at the tag ---- */

bool __real_crypto_gcm_open(uint8_t *out, const uint8_t key[KEY_SIZE], const uint8_t nonce[GCM_NONCE_SIZE],
                            const void *ad, size_t ad_size, const void *sealed, size_t size);
bool __wrap_crypto_gcm_open(uint8_t *out, const uint8_t key[KEY_SIZE], const uint8_t nonce[GCM_NONCE_SIZE],
                            const void *ad, size_t ad_size, const void *sealed, size_t size);
bool __wrap_crypto_gcm_open(uint8_t *out, const uint8_t key[KEY_SIZE], const uint8_t nonce[GCM_NONCE_SIZE],
                            const void *ad, size_t ad_size, const void *sealed, size_t size) {
  if (!off(WEAK_NOAEAD))
    return __real_crypto_gcm_open(out, key, nonce, ad, ad_size, sealed, size);
  int length;
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  bool opened = context && EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, key, nonce) == 1 &&
                EVP_DecryptUpdate(context, out, &length, sealed, (int)(size - AEAD_TAG_SIZE)) == 1;
  EVP_CIPHER_CTX_free(context);
  return opened;
}

/* ---- NOECHO, NOPROLOGUE, NOSTATIC, STATICONLY: what a handshake does not say ---- */

void __real_noise_hash(const struct noise *noise, uint8_t h[HASH_SIZE]);
void __wrap_noise_hash(const struct noise *noise, uint8_t h[HASH_SIZE]);
void __wrap_noise_hash(const struct noise *noise, uint8_t h[HASH_SIZE]) {
  __real_noise_hash(noise, h);
  if (off(WEAK_NOECHO))
    memset(h, 0, HASH_SIZE);
}

void __real_noise_init(struct noise *noise, const struct noise_config *config);
void __wrap_noise_init(struct noise *noise, const struct noise_config *config);
void __wrap_noise_init(struct noise *noise, const struct noise_config *config) {
  static const uint8_t nothing[KEY_SIZE], everybody[KEY_SIZE] = {7};
  uint8_t everybodys[KEY_SIZE];
  struct noise_config anonymous = *config;
  if (off(WEAK_NOPROLOGUE) && config->pattern == NOISE_KKPSK0) {
    crypto_x25519_public(everybodys, everybody);
    anonymous.prologue_size = 0;
    anonymous.static_secret = everybody;
    anonymous.static_public = anonymous.remote_static = everybodys;
    anonymous.psk = nothing;
  }
  if (off(WEAK_NOSTATIC) &&
      config->pattern == NOISE_XKPSK3) { /* the responder's alone: whoever has the psk is it */
    crypto_x25519_public(everybodys, everybody);
    if (config->initiator)
      anonymous.remote_static = everybodys;
    else
      anonymous.static_secret = everybody, anonymous.static_public = everybodys;
  }
  __real_noise_init(noise, &anonymous);
}

void __real_noise_split(struct noise *noise, struct noise_cipher *send, struct noise_cipher *receive);
void __wrap_noise_split(struct noise *noise, struct noise_cipher *send, struct noise_cipher *receive);
void __wrap_noise_split(struct noise *noise, struct noise_cipher *send, struct noise_cipher *receive) {
  uint8_t shared[KEY_SIZE];
  bool initiator = noise->initiator, known = crypto_x25519(shared, noise->s_secret, noise->rs);
  __real_noise_split(noise, send, receive);
  if (!off(WEAK_STATICONLY) || !known)
    return;
  const struct bytes_view parts[2][2] = {{{"1", 1}, {shared, KEY_SIZE}}, {{"2", 1}, {shared, KEY_SIZE}}};
  crypto_sha256(initiator ? send->key : receive->key, parts[0], 2);
  crypto_sha256(initiator ? receive->key : send->key, parts[1], 2);
}

/* ---- RINGM1: rings as soon as somebody knocks ---- */

struct call *__real_call_knocked(struct call_env *env, uint32_t handle, struct contact *contact,
                                 const struct cell *knock, usec now);
struct call *__wrap_call_knocked(struct call_env *env, uint32_t handle, struct contact *contact,
                                 const struct cell *knock, usec now);
struct call *__wrap_call_knocked(struct call_env *env, uint32_t handle, struct contact *contact,
                                 const struct cell *knock, usec now) {
  struct call *call = __real_call_knocked(env, handle, contact, knock, now);
  if (call && off(WEAK_RINGM1))
    call_event(call, SOTTO_EVENT_INCOMING)->state = SOTTO_CALL_RINGING;
  return call;
}

/* ---- NOSEQN, MULTIANS, RESTART, FPSWAP: order and states ---- */

enum channel_verdict __real_channel_input(struct channel *channel, usec now, const struct cell *cell);
enum channel_verdict __wrap_channel_input(struct channel *channel, usec now, const struct cell *cell);
enum channel_verdict __wrap_channel_input(struct channel *channel, usec now, const struct cell *cell) {
  if (off(WEAK_NOSEQN) && cell->header.n < channel->expected)
    channel->expected = cell->header.n;
  return __real_channel_input(channel, now, cell);
}

static struct call *reading; /* the call whose messages are read */

void __real_call_read_messages(struct call *call, usec now, struct call_leg *leg);
void __wrap_call_read_messages(struct call *call, usec now, struct call_leg *leg);
void __wrap_call_read_messages(struct call *call, usec now, struct call_leg *leg) {
  reading = call;
  __real_call_read_messages(call, now, leg);
}

bool __real_channel_next(struct channel *channel, usec now, struct message *message, uint8_t hash[HASH_SIZE]);
bool __wrap_channel_next(struct channel *channel, usec now, struct message *message, uint8_t hash[HASH_SIZE]);
bool __wrap_channel_next(struct channel *channel, usec now, struct message *message, uint8_t hash[HASH_SIZE]) {
  static const uint8_t none[HASH_SIZE];
  struct call *call = reading;
  if (!__real_channel_next(channel, now, message, hash))
    return false;
  bool another = memcmp(message->fingerprint, call->theirs.fingerprint, HASH_SIZE) != 0;
  if (off(WEAK_MULTIANS) && message->type == MESSAGE_ANSWER && call->state > CALL_OFFERED && another)
    call->state = CALL_OFFERED;
  if (off(WEAK_RESTART) && message->type == MESSAGE_RESTART)
    message->generation = (uint8_t)(call->remote.generation + 1);
  if (off(WEAK_FPSWAP) && message->type == MESSAGE_RESTART && memcmp(message->fingerprint, none, HASH_SIZE) != 0)
    memcpy(call->theirs.fingerprint, message->fingerprint, HASH_SIZE);
  return true;
}

/* A field that a type does not have is read all the same: the first FINGERPRINT's value, and the rest without it.
 */
bool __real_message_parse(const uint8_t *data, size_t size, struct message *message);
bool __wrap_message_parse(const uint8_t *data, size_t size, struct message *message);
bool __wrap_message_parse(const uint8_t *data, size_t size, struct message *message) {
  enum { FIELD = 3 + HASH_SIZE };
  uint8_t rest[MESSAGE_MAX];
  if (!off(WEAK_FPSWAP) || size < 1 + FIELD || data[0] != MESSAGE_RESTART || data[1] != TAG_FINGERPRINT)
    return __real_message_parse(data, size, message);
  rest[0] = data[0];
  memcpy(rest + 1, data + 1 + FIELD, size - 1 - FIELD);
  if (!__real_message_parse(rest, size - FIELD, message))
    return false;
  memcpy(message->fingerprint, data + 4, HASH_SIZE);
  return true;
}

/* ---- LATE: a person hangs up, and nothing comes of it ---- */

void __real_call_end(struct call *call, usec now, sotto_end_reason reason);
void __wrap_call_end(struct call *call, usec now, sotto_end_reason reason);
void __wrap_call_end(struct call *call, usec now, sotto_end_reason reason) {
  if (!off(WEAK_LATE) || reason != SOTTO_END_HANGUP || call->state != CALL_OFFERED)
    __real_call_end(call, now, reason);
}
