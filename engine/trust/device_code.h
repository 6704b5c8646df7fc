/* device_code.h - what a new device shows its owner's primary (protocol A.5).
 *
 *   "SOTTO:D/" || base32 of {ver u8 = 1, DK 32, DX 32, nonce 16} || checksum        upper or lower case, not mixed
 */
#ifndef DEVICE_CODE_H
#define DEVICE_CODE_H
#include "identity.h"

enum { DEVICE_NONCE_SIZE = 16 };

struct device_code {
  uint8_t dk[KEY_SIZE], dx[KEY_SIZE];
  uint8_t nonce[DEVICE_NONCE_SIZE]; /* whoever has it may take this device, once, within ten minutes */
};

sotto_status device_code_format(const struct device_code *code, char *text, size_t size); /* or SPACE */
sotto_status device_code_parse(const char *text, struct device_code *out) __attribute__((warn_unused_result));

#endif
