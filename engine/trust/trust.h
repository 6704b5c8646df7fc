/* trust.h - everything that one identity knows about people, as loaded from its store (protocol A).
 *
 * Plain data, borrowed and changed by the core; the store reads and writes it. Lives in locked memory.
 */
#ifndef TRUST_H
#define TRUST_H
#include "contacts.h"
#include "invites.h"
#include "roster_links.h"

struct trust {
  struct identity identity;
  struct roster own;            /* our signed roster */
  struct roster_links links;    /* the last of our rosters, `own` included, for who missed some */
  uint8_t own_secret[KEY_SIZE]; /* all our devices have it: where they leave rosters for each other */
  struct contacts contacts;
  struct invites invites;
  bool rolled_back; /* one of the store's files is older than the other: SOTTO_ALARM_STORE_ROLLBACK */
};

/* `next` is our newest roster now. */
void trust_adopt_roster(struct trust *trust, const struct roster *next);
/* A new identity with its first roster and nobody else, in memory only; NULL: no memory. */
struct trust *trust_new(int64_t now_unix);
struct trust *trust_new_empty(void);  /* to be loaded into */
void trust_free(struct trust *trust); /* wipes */

#endif
