/* petname.h - the names that a user gives to people: valid UTF-8 (RFC 3629), 1 to 63 bytes.
 *
 * Refused: control characters, line and paragraph separators, and the characters that reorder text on screen
 * (a name must not be able to fake what stands next to it).
 */
#ifndef PETNAME_H
#define PETNAME_H
#include <stdbool.h>
#include <stddef.h>

enum { PETNAME_SIZE = 64 }; /* with the NUL; SOTTO_NAME_SIZE */

bool utf8_valid(const char *text, size_t size);
bool petname_valid(const char *name); /* NUL-terminated; at most PETNAME_SIZE - 1 bytes are looked at */

#endif
