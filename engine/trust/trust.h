/* trust.h - everything that one identity knows about people, as loaded from its store (protocol A).
 *
 * Plain data, borrowed and changed by the core; the store reads and writes it. Lives in locked memory.
 */
#ifndef TRUST_H
#define TRUST_H
#include "contacts.h"
#include "invites.h"
#include "roster_links.h"

enum { STATEMENTS_MAX = 4 };

struct trust {
  struct identity identity;
  struct roster own;            /* our signed roster */
  struct roster_links links;    /* the last of our rosters, `own` included, for who missed some */
  uint8_t own_secret[KEY_SIZE]; /* all our devices have it: where they leave rosters for each other */
  struct contacts contacts;
  struct invites invites;
  struct statement statement[STATEMENTS_MAX]; /* oldest first, as long as somebody is to be told */
  size_t statements;
  uint8_t replaces[DEVICE_ID_SIZE]; /* restored from its backup, and not enrolled yet; zeros: no such thing */
  bool rolled_back; /* one of the store's files is older than the other: SOTTO_ALARM_STORE_ROLLBACK */
};

/* `next` is our newest roster now. */
void trust_adopt_roster(struct trust *trust, const struct roster *next);
/* Are the links whole: is the last one `own`? */
bool trust_links_lead_to_us(const struct trust *trust);
/* Restored from a backup: it has the root key, and no roster names this device yet. */
bool trust_is_restored(const struct trust *trust);
/* The user declared this identity dead: nobody is called or met any more. */
bool trust_is_dead(const struct trust *trust);

/* The successor takes over in place, with new device keys, no other device and nobody invited, once the old key has
 * said so; contacts are to be told. STATE: not the primary, other devices stand, or dead. */
sotto_status trust_rotate(struct trust *trust, int64_t now_unix);
sotto_status trust_end(struct trust *trust); /* STATE: not the primary, or dead already */
/* Ours from now on, or (of the primary's) our end. Whoever missed more than STATEMENTS_MAX has to be met again. */
void trust_add_statement(struct trust *trust, const struct statement *statement);
/* What this contact is to be told next; NULL: nothing. */
const struct statement *trust_untold(const struct trust *trust, const struct contact *contact);
void trust_forget_told(struct trust *trust); /* what everybody knows need not be kept, but for our end */

/* A new identity with its first roster and nobody else, in memory only; NULL: no memory. */
struct trust *trust_new(int64_t now_unix);
struct trust *trust_new_empty(void);  /* to be loaded into */
void trust_free(struct trust *trust); /* wipes */

#endif
