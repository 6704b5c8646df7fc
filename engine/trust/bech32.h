/* bech32.h - bech32m text (BIP-350), and its alphabet and checksum for longer texts.
 *
 * Text is upper or lower case, never mixed; a changed character is found (up to 4 of them in 90 characters).
 * bech32m_* are BIP-350 with its bound of 90 characters; base32_* are the same alphabet and the same 30-bit
 * checksum over `label` and the data, without a prefix in the text, for payloads of up to BASE32_MAX bytes.
 */
#ifndef BECH32_H
#define BECH32_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  BECH32_MAX_TEXT = 90,
  BECH32_MAX_DATA = 51, /* bytes that 90 characters with a prefix of one can hold */
  BASE32_MAX = 256,     /* bytes */
};

/* Lower case. false: data or text too long, or not a valid prefix. */
bool bech32m_encode(char *text, size_t text_size, const char *prefix, const uint8_t *data, size_t size);
/* Whole bytes only (padding of zero bits, at most 4). *size: room in, size out. */
bool bech32m_decode(const char *text, const char *prefix, uint8_t *data, size_t *size);
/* Only the text's own validity: what BIP-350's vectors are about. */
bool bech32m_valid(const char *text);

/* Upper case (the alphanumeric mode of a QR code). */
bool base32_encode(char *text, size_t text_size, const char *label, const uint8_t *data, size_t size);
bool base32_decode(const char *text, size_t text_size, const char *label, uint8_t *data, size_t *size);

#endif
