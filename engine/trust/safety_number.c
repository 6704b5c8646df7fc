#include "safety_number.h"

#include <stdio.h>
#include <string.h>

enum { ITERATIONS = 5200, GROUPS = 6, GROUP_DIGITS = 5 };

void safety_half(char digits[SAFETY_HALF_DIGITS + 1], const void *key, size_t key_size, const void *id,
                 size_t id_size) {
  static const uint8_t version[2] = {0, 0};
  uint8_t hash[SHA512_SIZE];
  const struct bytes_view first[] = {{version, 2}, {key, key_size}, {id, id_size}, {key, key_size}};
  const struct bytes_view next[] = {{hash, sizeof hash}, {key, key_size}};
  crypto_sha512(hash, first, 4);
  for (int i = 1; i < ITERATIONS; i++)
    crypto_sha512(hash, next, 2);
  for (int i = 0; i < GROUPS; i++) {
    uint64_t group = 0;
    for (int j = 0; j < 5; j++)
      group = group << 8 | hash[5 * i + j];
    snprintf(digits + GROUP_DIGITS * i, GROUP_DIGITS + 1, "%05u", (unsigned)(group % 100000));
  }
}

sotto_status safety_number(const uint8_t ours[KEY_SIZE], const uint8_t theirs[KEY_SIZE], char *text, size_t size) {
  char a[SAFETY_HALF_DIGITS + 1], b[SAFETY_HALF_DIGITS + 1];
  if (size < SOTTO_SAFETY_NUMBER_SIZE)
    return SOTTO_ERR_SPACE;
  safety_half(a, ours, KEY_SIZE, ours, KEY_SIZE);
  safety_half(b, theirs, KEY_SIZE, theirs, KEY_SIZE);
  bool swap = strcmp(a, b) > 0;
  const char *half[] = {swap ? b : a, swap ? a : b};
  for (int i = 0; i < 2 * GROUPS; i++, text += GROUP_DIGITS + 1) {
    memcpy(text, half[i / GROUPS] + i % GROUPS * GROUP_DIGITS, GROUP_DIGITS);
    text[GROUP_DIGITS] = i < 2 * GROUPS - 1 ? ' ' : 0;
  }
  return SOTTO_OK;
}

/* The digits of a text without its white space; false when anything else is in it, or it has not `count`. */
static bool take_digits(const char *text, char *out, size_t count) {
  size_t n = 0;
  for (; *text; text++) {
    if (*text == ' ' || *text == '\t' || *text == '\r' || *text == '\n')
      continue;
    if (*text < '0' || *text > '9' || n == count)
      return false;
    out[n++] = *text;
  }
  return n == count;
}

bool safety_number_equal(const char *number, const char *digits) {
  char a[SAFETY_DIGITS], b[SAFETY_DIGITS];
  return take_digits(number, a, sizeof a) && take_digits(digits, b, sizeof b) && crypto_equal(a, b, sizeof a);
}

bool safety_number_ends_with(const char *number, const char *last6) {
  char a[SAFETY_DIGITS], b[6];
  return take_digits(number, a, sizeof a) && take_digits(last6, b, sizeof b) &&
         crypto_equal(a + sizeof a - sizeof b, b, sizeof b);
}
