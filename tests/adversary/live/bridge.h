/* bridge.h - the server's own two identities between two people who never compared: to Alice it is "bob", to Bob it
 * is "alice". Two engines by the public API alone; what one says is handed on to the other, and kept.
 *
 * Runs on a thread of its own. It says yes to everything that it is asked.
 */
#ifndef BRIDGE_H
#define BRIDGE_H
#include "ear.h"
#include "engine/sotto.h"
#include "hostile.h"

struct bridge;

/* NULL: an engine or thread did not start. `dir` is for its stores. */
struct bridge *bridge_new(const char *dir, const char *url);
void bridge_free(struct bridge *bridge);
/* Takes Alice's invite for itself, and makes one for Bob in its place. */
bool bridge_replace_invite(struct bridge *bridge, const char *alices, char *for_bob, size_t size);
/* The words of its call with that victim; "" before. */
void bridge_words(struct bridge *bridge, int victim, char words[96]);
/* What that victim said, for good: the thread stops first. */
const struct ear *bridge_stop(struct bridge *bridge, int victim);

#endif
