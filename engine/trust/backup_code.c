#include "backup_code.h"

#include <string.h>

#include "../../signaling/crypto.h"
#include "bech32.h"

static const char label[] = "sotto-backup";
enum { GROUP = 4 };

void backup_code_make(char code[BACKUP_CODE_CHARACTERS + 1]) {
  uint8_t bytes[BACKUP_CODE_BYTES];
  crypto_random(bytes, sizeof bytes);
  base32_encode(code, BACKUP_CODE_CHARACTERS + 1, label, bytes, sizeof bytes);
  crypto_wipe(bytes, sizeof bytes);
}

sotto_status backup_code_format(const char code[BACKUP_CODE_CHARACTERS + 1], char *text, size_t size) {
  if (size < SOTTO_BACKUP_CODE_SIZE)
    return SOTTO_ERR_SPACE;
  for (size_t i = 0; i < BACKUP_CODE_CHARACTERS; i++) {
    if (i && i % GROUP == 0)
      *text++ = '-';
    *text++ = code[i];
  }
  *text = 0;
  return SOTTO_OK;
}

sotto_status backup_code_parse(const char *text, char code[BACKUP_CODE_CHARACTERS + 1]) {
  uint8_t bytes[BASE32_MAX];
  size_t count = 0, size = sizeof bytes;
  for (; *text && count < BACKUP_CODE_CHARACTERS + 1; text++)
    if (*text != ' ' && *text != '-')
      code[count++] = (char)(*text >= 'a' && *text <= 'z' ? *text - 32 : *text);
  bool ok = count == BACKUP_CODE_CHARACTERS && !*text && base32_decode(code, count, label, bytes, &size) &&
            size == BACKUP_CODE_BYTES;
  crypto_wipe(bytes, sizeof bytes);
  code[BACKUP_CODE_CHARACTERS] = 0;
  if (!ok)
    crypto_wipe(code, BACKUP_CODE_CHARACTERS + 1);
  return ok ? SOTTO_OK : SOTTO_ERR_INVALID;
}
