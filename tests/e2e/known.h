/* known.h - what a test knows of its people and their call and nobody else may find: as needles for a scan. */
#ifndef E2E_KNOWN_H
#define E2E_KNOWN_H
#include "capture.h"
#include "metadata/needles.h"
#include "world.h"

/* The names and keys that a person's store holds; it has one device and one contact. */
void known_person(struct needles *n, const struct world *world, const char *name);
/* The fingerprints of the certificates that crossed the wire; returns how many. */
size_t known_fingerprints(struct needles *n, const struct capture *capture);

#endif
