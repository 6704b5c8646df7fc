/* pair.h - what two devices put into their Noise handshakes: prologues and keys (protocol B.3, B.6).
 *
 * IDs are root public keys (IK).
 */
#ifndef PAIR_H
#define PAIR_H
#include "wire.h"

enum {
  CALL_PROLOGUE_SIZE = 12 + 2 * (KEY_SIZE + DEVICE_SIZE),
  INVITE_PROLOGUE_SIZE = 11 + KEY_SIZE + DEVICE_SIZE,
  LINK_PROLOGUE_SIZE = 11 + 2 * KEY_SIZE,
};

/* A calls B. */
void pair_call_prologue(uint8_t out[CALL_PROLOGUE_SIZE], const uint8_t id_a[KEY_SIZE],
                        const uint8_t device_a[DEVICE_SIZE], const uint8_t id_b[KEY_SIZE],
                        const uint8_t device_b[DEVICE_SIZE]);
void pair_call_psk(uint8_t psk[KEY_SIZE], const uint8_t ps[PAIR_SECRET_SIZE]);

void pair_invite_prologue(uint8_t out[INVITE_PROLOGUE_SIZE], const uint8_t inviter[KEY_SIZE],
                          const uint8_t device[DEVICE_SIZE]);
void pair_invite_psk(uint8_t psk[KEY_SIZE], const uint8_t s[INVITE_TOKEN_SIZE]);

/* A primary takes a new device; its nonce takes the place of an invite's s. */
void pair_link_prologue(uint8_t out[LINK_PROLOGUE_SIZE], const uint8_t dk[KEY_SIZE], const uint8_t dx[KEY_SIZE]);

/* ps, from the random parts of JOIN and WELCOME and the handshake's h. */
void pair_secret(uint8_t ps[PAIR_SECRET_SIZE], const uint8_t joiner[RANDOM_SIZE],
                 const uint8_t inviter[RANDOM_SIZE], const uint8_t h[HASH_SIZE]);

#endif
