/* store.h - a struct trust on disk, encrypted under a passphrase (protocol A.3). Shell: files.
 *
 * A directory (0700) with id.sotto (keys, Argon2id) and contacts.db (records). Saving is atomic: new files,
 * fsync, rename; a crash at any point leaves the old or the new state. One process at a time (flock).
 *
 * Opening: PASSPHRASE, CORRUPT (nothing is loaded), STATE (in use by another process), SYSTEM, NOMEM, INVALID.
 * A file older than its sibling opens, with trust->rolled_back set and every head unconfirmed.
 */
#ifndef STORE_H
#define STORE_H
#include "trust.h"

struct store;

enum { STORE_OPS = 3 };
#define STORE_MEMORY (256ull << 20)

/* Opens, or makes with a new identity when the directory has none. */
sotto_status store_open(const char *directory, const char *passphrase, size_t size, int64_t now_unix,
                        struct store **out) __attribute__((warn_unused_result));
/* The same, with the cost of a store that is made now (within the bounds above). */
sotto_status store_open_with_limits(const char *directory, const char *passphrase, size_t size, int64_t now_unix,
                                    uint32_t ops, uint64_t memory, struct store **out)
    __attribute__((warn_unused_result));
/* Makes a store of `trust`, which is the store's from now on, also when this fails. STATE: there is one already, or
 * another process makes one; then, and after any failure, the disk is as it was but for an empty directory. */
sotto_status store_make(const char *directory, const char *passphrase, size_t size, struct trust *trust)
    __attribute__((warn_unused_result));
struct trust *store_trust(struct store *store);
/* SYSTEM (disk full and the like): what was saved before is intact, try again later. */
sotto_status store_save(struct store *store);
void store_free(struct store *store); /* does not save; wipes, unlocks */

#endif
