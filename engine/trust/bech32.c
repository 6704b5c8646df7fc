#include "bech32.h"

#include <string.h>

static const char alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
static const uint32_t bech32m_constant = 0x2bc830a3;
enum { CHECKSUM_CHARS = 6 };

static uint32_t polymod_step(uint32_t c, uint8_t value) {
  static const uint32_t generator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
  uint32_t top = c >> 25;
  c = (c & 0x1ffffff) << 5 ^ value;
  for (int i = 0; i < 5; i++)
    if (top >> i & 1)
      c ^= generator[i];
  return c;
}

static uint8_t lower(char c) {
  return (uint8_t)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static uint32_t polymod_prefix(const char *prefix, size_t size) {
  uint32_t c = 1;
  for (size_t i = 0; i < size; i++)
    c = polymod_step(c, lower(prefix[i]) >> 5);
  c = polymod_step(c, 0);
  for (size_t i = 0; i < size; i++)
    c = polymod_step(c, lower(prefix[i]) & 31);
  return c;
}

static int value_of(char c) {
  const char *at = c ? strchr(alphabet, lower(c)) : NULL;
  return at ? (int)(at - alphabet) : -1;
}

/* Printable, and of one case. */
static bool is_uniform(const char *text, size_t size) {
  bool upper = false, small = false;
  for (size_t i = 0; i < size; i++) {
    if (text[i] < 33 || text[i] > 126)
      return false;
    upper |= text[i] >= 'A' && text[i] <= 'Z';
    small |= text[i] >= 'a' && text[i] <= 'z';
  }
  return !(upper && small);
}

/* The data part with its checksum, after a prefix whose polymod is c. */
static bool checksum_holds(uint32_t c, const char *part, size_t size) {
  if (size < CHECKSUM_CHARS)
    return false;
  for (size_t i = 0; i < size; i++) {
    int value = value_of(part[i]);
    if (value < 0)
      return false;
    c = polymod_step(c, (uint8_t)value);
  }
  return c == bech32m_constant;
}

/* Groups of five bits, the last one padded with zeros, then the checksum. Returns the characters written. */
static size_t encode_part(char *out, uint32_t c, const uint8_t *data, size_t size) {
  size_t n = 0;
  uint32_t bits = 0;
  int have = 0;
  for (size_t i = 0; i < size || have > 0;) {
    while (have < 5 && i < size) {
      bits = (bits << 8 | data[i++]) & 0xffff;
      have += 8;
    }
    have -= 5;
    uint8_t value = (uint8_t)((have >= 0 ? bits >> have : bits << -have) & 31);
    c = polymod_step(c, value);
    out[n++] = alphabet[value];
  }
  for (int i = 0; i < CHECKSUM_CHARS; i++)
    c = polymod_step(c, 0);
  c ^= bech32m_constant;
  for (int i = 0; i < CHECKSUM_CHARS; i++)
    out[n++] = alphabet[c >> 5 * (5 - i) & 31];
  return n;
}

static size_t encoded_size(size_t size) {
  return (size * 8 + 4) / 5 + CHECKSUM_CHARS;
}

/* `size` counts no checksum. Padding must be zero and shorter than a group, so that a text has one meaning. */
static bool decode_part(const char *part, size_t size, uint8_t *data, size_t *data_size) {
  size_t n = 0;
  uint32_t bits = 0;
  int have = 0;
  for (size_t i = 0; i < size; i++) {
    bits = (bits << 5 | (uint32_t)value_of(part[i])) & 0xfff;
    have += 5;
    if (have < 8)
      continue;
    if (n == *data_size)
      return false;
    have -= 8;
    data[n++] = (uint8_t)(bits >> have);
  }
  *data_size = n;
  return have < 5 && (bits & ((1u << have) - 1)) == 0;
}

/* The length of the prefix of a valid text, 0 when it is not one. */
static size_t prefix_of(const char *text, size_t size) {
  if (size > BECH32_MAX_TEXT || !is_uniform(text, size))
    return 0;
  size_t prefix = size;
  while (prefix > 0 && text[prefix - 1] != '1')
    prefix--;
  if (prefix < 2) /* no separator, or nothing before it */
    return 0;
  prefix--;
  if (!checksum_holds(polymod_prefix(text, prefix), text + prefix + 1, size - prefix - 1))
    return 0;
  return prefix;
}

bool bech32m_valid(const char *text) {
  return prefix_of(text, strnlen(text, BECH32_MAX_TEXT + 1)) > 0;
}

bool bech32m_encode(char *text, size_t text_size, const char *prefix, const uint8_t *data, size_t size) {
  size_t prefix_size = strnlen(prefix, BECH32_MAX_TEXT);
  if (size > BECH32_MAX_DATA || prefix_size == 0 || !is_uniform(prefix, prefix_size))
    return false;
  size_t total = prefix_size + 1 + encoded_size(size);
  if (total > BECH32_MAX_TEXT || total >= text_size)
    return false;
  for (size_t i = 0; i < prefix_size; i++)
    text[i] = (char)lower(prefix[i]);
  text[prefix_size] = '1';
  encode_part(text + prefix_size + 1, polymod_prefix(prefix, prefix_size), data, size);
  text[total] = 0;
  return true;
}

bool bech32m_decode(const char *text, const char *prefix, uint8_t *data, size_t *size) {
  size_t text_size = strnlen(text, BECH32_MAX_TEXT + 1);
  size_t prefix_size = prefix_of(text, text_size);
  if (prefix_size == 0 || prefix_size != strlen(prefix))
    return false;
  for (size_t i = 0; i < prefix_size; i++)
    if (lower(text[i]) != lower(prefix[i]))
      return false;
  size_t skip = prefix_size + 1;
  return decode_part(text + skip, text_size - skip - CHECKSUM_CHARS, data, size);
}

bool base32_encode(char *text, size_t text_size, const char *label, const uint8_t *data, size_t size) {
  if (size > BASE32_MAX || encoded_size(size) >= text_size)
    return false;
  size_t n = encode_part(text, polymod_prefix(label, strlen(label)), data, size);
  for (size_t i = 0; i < n; i++)
    if (text[i] >= 'a' && text[i] <= 'z')
      text[i] = (char)(text[i] - 32);
  text[n] = 0;
  return true;
}

bool base32_decode(const char *text, size_t text_size, const char *label, uint8_t *data, size_t *size) {
  if (text_size > encoded_size(BASE32_MAX) || !is_uniform(text, text_size) ||
      !checksum_holds(polymod_prefix(label, strlen(label)), text, text_size))
    return false;
  return decode_part(text, text_size - CHECKSUM_CHARS, data, size);
}
