/* identity.h - who we are: the root key, this device's keys, and their names as text (protocol A.1, A.2).
 *
 * ID = 0x01 || IK, written as bech32m with prefix "sotto"; the contact URI is "SOTTO:C/" and the same in upper
 * case, for a QR code. Holds secrets: lives in memory of crypto_secret_new(), is wiped by identity_wipe().
 */
#ifndef IDENTITY_H
#define IDENTITY_H
#include "../../signaling/crypto.h"
#include "../sotto.h"

enum {
  DEVICE_ID_SIZE = 8,
  ID_VERSION = 1,
  ID_SIZE = 1 + KEY_SIZE, /* version and IK */
};

struct device {
  uint8_t id[DEVICE_ID_SIZE];                        /* H(DK || DX)[0:8] */
  uint8_t dk[KEY_SIZE], dk_secret[SIGN_SECRET_SIZE]; /* Ed25519: countersigns its roster entry, group epochs */
  uint8_t dx[KEY_SIZE], dx_secret[KEY_SIZE];         /* X25519: the Noise static */
};

struct identity {
  uint8_t ik[KEY_SIZE], ik_secret[SIGN_SECRET_SIZE]; /* Ed25519 root: signs rosters only */
  bool root;                                         /* ik_secret is here: this is the primary device */
  struct device device;
};

void identity_make(struct identity *identity); /* all keys fresh */
void identity_set_root(struct identity *identity, const uint8_t ik_secret[SIGN_SECRET_SIZE]);
void identity_new_device(struct identity *identity); /* this device's keys alone */
void identity_wipe(struct identity *identity);
void device_id(uint8_t id[DEVICE_ID_SIZE], const uint8_t dk[KEY_SIZE], const uint8_t dx[KEY_SIZE]);

/* 16 hexadecimal digits. */
void device_id_format(const uint8_t id[DEVICE_ID_SIZE], char text[SOTTO_DEVICE_ID_SIZE]);

/* id = IK. SOTTO_ERR_SPACE when `size` is too small (SOTTO_ID_TEXT_SIZE, SOTTO_CONTACT_URI_SIZE do). */
sotto_status id_format(const uint8_t ik[KEY_SIZE], char *text, size_t size);
sotto_status id_format_uri(const uint8_t ik[KEY_SIZE], char *text, size_t size);
/* Either of the two, in either case, not mixed: SOTTO_OK or SOTTO_ERR_INVALID. */
sotto_status id_parse(const char *text, uint8_t ik[KEY_SIZE]);

#endif
