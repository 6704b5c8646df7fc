#include "device_code.h"

#include <string.h>

#include "../../media/bytes.h"
#include "bech32.h"

static const char scheme[] = "SOTTO:D/", scheme_lower[] = "sotto:d/";
static const char label[] = "sotto-device";
enum { DEVICE_CODE_VERSION = 1, SCHEME_SIZE = sizeof scheme - 1, CODE_SIZE = 1 + 2 * KEY_SIZE + DEVICE_NONCE_SIZE };

sotto_status device_code_format(const struct device_code *code, char *text, size_t size) {
  uint8_t bytes[CODE_SIZE];
  struct writer w = writer_of(bytes, sizeof bytes);
  write_u8(&w, DEVICE_CODE_VERSION);
  write_bytes(&w, code->dk, KEY_SIZE);
  write_bytes(&w, code->dx, KEY_SIZE);
  write_bytes(&w, code->nonce, DEVICE_NONCE_SIZE);
  bool fits =
      size > SCHEME_SIZE && base32_encode(text + SCHEME_SIZE, size - SCHEME_SIZE, label, bytes, sizeof bytes);
  crypto_wipe(bytes, sizeof bytes);
  if (!fits)
    return SOTTO_ERR_SPACE;
  memcpy(text, scheme, SCHEME_SIZE);
  return SOTTO_OK;
}

static const char *find_payload(const char *text) {
  bool upper = strncmp(text, scheme, SCHEME_SIZE) == 0;
  if (!upper && strncmp(text, scheme_lower, SCHEME_SIZE) != 0)
    return NULL;
  text += SCHEME_SIZE;
  return strpbrk(text, upper ? "abcdefghijklmnopqrstuvwxyz" : "ABCDEFGHIJKLMNOPQRSTUVWXYZ") ? NULL : text;
}

sotto_status device_code_parse(const char *text, struct device_code *out) {
  uint8_t bytes[BASE32_MAX];
  size_t size = sizeof bytes;
  *out = (struct device_code){0};
  const char *payload = strnlen(text, SOTTO_DEVICE_TEXT_SIZE) < SOTTO_DEVICE_TEXT_SIZE ? find_payload(text) : NULL;
  bool ok = payload && base32_decode(payload, strlen(payload), label, bytes, &size) && size == CODE_SIZE &&
            bytes[0] == DEVICE_CODE_VERSION;
  if (ok) {
    memcpy(out->dk, bytes + 1, KEY_SIZE);
    memcpy(out->dx, bytes + 1 + KEY_SIZE, KEY_SIZE);
    memcpy(out->nonce, bytes + 1 + 2 * KEY_SIZE, DEVICE_NONCE_SIZE);
  }
  crypto_wipe(bytes, sizeof bytes);
  return ok ? SOTTO_OK : SOTTO_ERR_INVALID;
}
