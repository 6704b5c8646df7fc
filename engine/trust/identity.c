#include "identity.h"

#include <string.h>

#include "bech32.h"

static const char prefix[] = "sotto";
static const char uri_scheme[] = "SOTTO:C/";

void device_id(uint8_t id[DEVICE_ID_SIZE], const uint8_t dk[KEY_SIZE], const uint8_t dx[KEY_SIZE]) {
  uint8_t hash[HASH_SIZE];
  const struct bytes_view parts[] = {{dk, KEY_SIZE}, {dx, KEY_SIZE}};
  crypto_sha256(hash, parts, 2);
  memcpy(id, hash, DEVICE_ID_SIZE);
}

void device_id_format(const uint8_t id[DEVICE_ID_SIZE], char text[SOTTO_DEVICE_ID_SIZE]) {
  static const char digit[] = "0123456789abcdef";
  for (size_t i = 0; i < DEVICE_ID_SIZE; i++) {
    text[2 * i] = digit[id[i] >> 4];
    text[2 * i + 1] = digit[id[i] & 15];
  }
  text[2 * DEVICE_ID_SIZE] = 0;
}

/* A signing secret of libsodium's ends in its public key. */
void identity_set_root(struct identity *identity, const uint8_t ik_secret[SIGN_SECRET_SIZE]) {
  memcpy(identity->ik_secret, ik_secret, SIGN_SECRET_SIZE);
  memcpy(identity->ik, ik_secret + SIGN_SECRET_SIZE - KEY_SIZE, KEY_SIZE);
  identity->root = true;
}

void identity_make(struct identity *identity) {
  memset(identity, 0, sizeof *identity);
  crypto_ed25519_keypair(identity->ik, identity->ik_secret);
  identity->root = true;
  identity_new_device(identity);
}

void identity_new_device(struct identity *identity) {
  struct device *device = &identity->device;
  crypto_ed25519_keypair(device->dk, device->dk_secret);
  crypto_x25519_keypair(device->dx, device->dx_secret);
  device_id(device->id, device->dk, device->dx);
}

void identity_wipe(struct identity *identity) {
  crypto_wipe(identity, sizeof *identity);
}

sotto_status id_format(const uint8_t ik[KEY_SIZE], char *text, size_t size) {
  uint8_t id[ID_SIZE] = {ID_VERSION};
  memcpy(id + 1, ik, KEY_SIZE);
  return bech32m_encode(text, size, prefix, id, sizeof id) ? SOTTO_OK : SOTTO_ERR_SPACE;
}

sotto_status id_format_uri(const uint8_t ik[KEY_SIZE], char *text, size_t size) {
  const size_t scheme = sizeof uri_scheme - 1;
  if (size <= scheme || id_format(ik, text + scheme, size - scheme) != SOTTO_OK)
    return SOTTO_ERR_SPACE;
  memcpy(text, uri_scheme, scheme);
  for (char *c = text + scheme; *c; c++)
    if (*c >= 'a' && *c <= 'z')
      *c = (char)(*c - 32);
  return SOTTO_OK;
}

/* What follows the scheme; NULL when scheme and rest are not of one case. A text without the scheme is all
 * rest. The scheme has letters, so its own case decides. */
static const char *after_scheme(const char *text) {
  const size_t scheme = sizeof uri_scheme - 1;
  const char *rest = text + scheme;
  if (strncmp(text, uri_scheme, scheme) == 0)
    return strpbrk(rest, "abcdefghijklmnopqrstuvwxyz") ? NULL : rest;
  if (strncmp(text, "sotto:c/", scheme) == 0)
    return strpbrk(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") ? NULL : rest;
  return text;
}

sotto_status id_parse(const char *text, uint8_t ik[KEY_SIZE]) {
  uint8_t id[BECH32_MAX_DATA];
  size_t size = sizeof id;
  if (strnlen(text, SOTTO_CONTACT_URI_SIZE) == SOTTO_CONTACT_URI_SIZE)
    return SOTTO_ERR_INVALID;
  const char *part = after_scheme(text);
  if (!part || !bech32m_decode(part, prefix, id, &size) || size != ID_SIZE || id[0] != ID_VERSION)
    return SOTTO_ERR_INVALID;
  memcpy(ik, id + 1, KEY_SIZE);
  return SOTTO_OK;
}
