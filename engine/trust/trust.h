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
  uint8_t replaces[DEVICE_ID_SIZE]; /* restored from its backup, and not enrolled yet; zeros: no such thing */
  bool rolled_back; /* one of the store's files is older than the other: SOTTO_ALARM_STORE_ROLLBACK */
};

/* `next` is our newest roster now. */
void trust_adopt_roster(struct trust *trust, const struct roster *next);
/* Are the links whole: is the last one `own`? */
bool trust_links_lead_to_us(const struct trust *trust);
/* Restored from a backup: it has the root key, and no roster names this device yet. */
bool trust_is_restored(const struct trust *trust);
/* A new identity with its first roster and nobody else, in memory only; NULL: no memory. */
struct trust *trust_new(int64_t now_unix);
struct trust *trust_new_empty(void);  /* to be loaded into */
void trust_free(struct trust *trust); /* wipes */

#endif
