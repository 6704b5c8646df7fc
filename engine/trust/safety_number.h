/* safety_number.h - sixty digits that both people see (protocol A.2): Signal's numeric fingerprint, version 0.
 *
 * For each side 5200 rounds of SHA-512 over (version, key, id), 30 bytes as six groups of five digits; the
 * smaller half first. For sotto, key and id are both IK. About 10 ms a number.
 */
#ifndef SAFETY_NUMBER_H
#define SAFETY_NUMBER_H
#include "identity.h"

enum { SAFETY_HALF_DIGITS = 30, SAFETY_DIGITS = 60 };

/* One side: 30 digits and a NUL. The general form, as Signal's vectors need it. */
void safety_half(char digits[SAFETY_HALF_DIGITS + 1], const void *key, size_t key_size, const void *id,
                 size_t id_size);
/* "ddddd ddddd ..." : twelve groups; SPACE when size < SOTTO_SAFETY_NUMBER_SIZE. */
sotto_status safety_number(const uint8_t ours[KEY_SIZE], const uint8_t theirs[KEY_SIZE], char *text, size_t size);
/* Do the digits (white space ignored) equal all 60, or the last 6, of the number? */
bool safety_number_equal(const char *number, const char *digits);
bool safety_number_ends_with(const char *number, const char *last6);

#endif
