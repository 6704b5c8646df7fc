/* text.h - which texts of a peer's are taken: ICE credentials (RFC 8839) and a suggested name (RFC 3629). */
#ifndef TEXT_H
#define TEXT_H
#include <stdbool.h>
#include <stddef.h>

/* ice-char only: letters, digits, '+' and '/'. */
bool text_is_ice(const char *text, size_t size);
/* UTF-8 that a terminal or a list can show as it is: no control characters, none that turn the direction of
 * writing, no line or paragraph separators, no invisible marks that let two names look alike. */
bool text_is_name(const char *text, size_t size);

#endif
