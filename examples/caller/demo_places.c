#include "demo_places.h"

#include <stdio.h>
#include <string.h>

/* One of them, up to its comma. */
static bool parse_place(const char *text, size_t length, struct place *place) {
  const char *at = memchr(text, '@', length);
  const char *address = at ? at + 1 : text;
  size_t path = at ? (size_t)(at - text) : 0, rest = length - (size_t)(address - text);
  static const char word[] = "--net=";
  if (rest == 0 || rest >= PLACE_ADDRESS || (at && path == 0) || path >= PLACE_PATH - sizeof word)
    return false;
  place->enter[0] = 0;
  if (at)
    snprintf(place->enter, PLACE_PATH, "%s%.*s", word, (int)path, text);
  snprintf(place->address, PLACE_ADDRESS, "%.*s", (int)rest, address);
  return true;
}

bool places_parse(const char *text, struct place place[PLACES]) {
  if (!text)
    text = "127.0.0.1,127.0.0.1,127.0.0.1";
  for (int i = 0; i < PLACES; i++) {
    size_t length = strcspn(text, ",");
    bool last = !text[length];
    if (last != (i == PLACES - 1) || !parse_place(text, length, &place[i]))
      return false;
    text += length + !last;
  }
  return true;
}
