/* demo_places.h - where the demonstration's server and ends run: "ALICE,BOB,SERVER", each [NETNS@]ADDRESS.
 *
 * NETNS is the path of a network namespace (/run/netns/NAME), entered with nsenter(1), so as root; without it,
 * here.
 */
#ifndef DEMO_PLACES_H
#define DEMO_PLACES_H
#include <stdbool.h>

enum { PLACE_SERVER = 2, PLACES = 3, PLACE_PATH = 128, PLACE_ADDRESS = 48 };

struct place {
  char enter[PLACE_PATH]; /* nsenter's word; empty: run here */
  char address[PLACE_ADDRESS];
};

/* NULL: all on the loopback. false: not of that form. */
bool places_parse(const char *text, struct place place[PLACES]);

#endif
