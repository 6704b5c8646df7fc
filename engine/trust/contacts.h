/* contacts.h - the people we know, and what we think of their keys (protocol A.4).
 *
 *   UNKNOWN --met_remote--> TOFU --user confirmed--> VERIFIED      a person compared: verification.c alone
 *      \_____user scanned in person_____________________^
 *   TOFU, VERIFIED --mismatch, fork, other key--> CHANGED --user_reset--> TOFU
 *   any --user_blocked, tombstone--> REVOKED        an own block can be lifted; then the state is as it was
 *
 * Each function is named by what happened and returns true when something changed (save the store, tell the
 * embedder). While blocked, what is bad is remembered and what is good is refused. Bounds: CONTACTS_MAX.
 * A contact's address is stable until contacts_deinit().
 */
#ifndef CONTACTS_H
#define CONTACTS_H
#include "petname.h"
#include "roster.h"
#include "statement.h"

enum {
  CONTACTS_MAX = 1024,
  SAS_RUNS_PER_DAY = 3,
};

struct contact {
  uint8_t id[KEY_SIZE]; /* IK */
  char name[PETNAME_SIZE];
  sotto_trust state;
  sotto_trust state_behind; /* REVOKED only: the state without the block */
  bool blocked, tombstoned;
  sotto_method method;        /* of the last verification */
  int64_t verified_at;        /* Unix seconds, 0: never */
  int64_t was_verified_until; /* when VERIFIED was lost, 0: never */
  bool require_verified;      /* sticky once VERIFIED; only the user clears it */
  bool cross_signed;          /* CHANGED by a rotate statement that both keys signed */
  bool head_unconfirmed;      /* the store was rolled back: gossip must agree before a call */
  uint32_t sas_runs;          /* started since sas_since */
  int64_t sas_since;
  uint8_t ps[KEY_SIZE];      /* pair secret */
  struct roster roster;      /* size 0: none known yet */
  uint32_t acknowledged_seq; /* devices added later wait for the user */
  uint32_t told_seq;         /* the newest of our rosters that they are known to have */
  uint8_t *fork;             /* with a ROSTER_FORK: their other statement, and then the one that it contradicts */
  size_t fork_size, fork_known_size;
  uint8_t *rotation; /* their last ROTATE, which waits for the user; NULL: none */
  size_t rotation_size;
  uint8_t named[KEY_SIZE]; /* what the key that we know named as its successor, which may have rotated since */
  bool disputed;           /* one key named two successors: nobody takes the place */
  uint8_t untold;          /* so many of our statements, the newest, did not reach all their devices (trust.h) */
  uint8_t told_mask;       /* of roster.device: who acknowledged the first of these; not saved */
};

struct contacts {
  struct contact **list; /* by first meeting */
  size_t count, capacity;
};

void contacts_init(struct contacts *contacts);
void contacts_deinit(struct contacts *contacts); /* wipes */
struct contact *contacts_find(const struct contacts *contacts, const uint8_t id[KEY_SIZE]);
/* By a device of their roster; *device may be NULL. */
struct contact *contacts_find_device(const struct contacts *contacts, const uint8_t id[DEVICE_ID_SIZE],
                                     const struct roster_device **device);
struct contact *contacts_find_name(const struct contacts *contacts, const char *name);
/* A new one, UNKNOWN. INVALID (name), STATE (known already: *out is it), FULL or NOMEM. */
sotto_status contacts_add(struct contacts *contacts, const uint8_t id[KEY_SIZE], const char *name,
                          struct contact **out);
sotto_status contact_rename(struct contact *contact, const char *name);

/* ---- what happened ---- */

/* First contact over a remote link completed. */
bool contact_met_remote(struct contact *contact);
bool contact_sas_mismatch(struct contact *contact, int64_t now_unix);
bool contact_bind_mismatch(struct contact *contact, int64_t now_unix);
bool contact_roster_forked(struct contact *contact, int64_t now_unix);
/* Another root key claims to be them. */
bool contact_identity_changed(struct contact *contact, bool cross_signed, int64_t now_unix);
/* The user read the new number and types its last 6 digits; spaces are ignored. A successor takes the contact's
 * place. TRUST: not these digits; STATE: not CHANGED, or two successors claim the place. */
sotto_status contact_user_reset(struct contact *contact, const uint8_t own_id[KEY_SIZE], const char *last_digits);
bool contact_user_blocked(struct contact *contact, bool blocked);
bool contact_tombstone(struct contact *contact);                /* they declared themselves dead */
bool contact_user_waived_verification(struct contact *contact); /* clears require_verified */

/* Is this device one that the user has seen, or was never asked about? */
bool contact_device_acknowledged(const struct contact *contact, const uint8_t id[DEVICE_ID_SIZE]);
/* The user saw the devices there are now. true: something changed. */
bool contact_user_acknowledged(struct contact *contact);
/* They know this one of our rosters. true: that is news. */
bool contact_was_told(struct contact *contact, uint32_t seq);

/* The accept rule on the contact's roster; a fork makes it CHANGED and keeps the evidence. */
enum roster_verdict contact_roster(struct contact *contact, const struct bytes_view *chain, size_t count,
                                   int64_t now_unix);
/* Their head as they just told us over an authenticated channel: after a rollback of our store, agreement
 * clears head_unconfirmed. */
bool contact_head_confirmed(struct contact *contact, const struct roster_head *theirs);

/* One more comparison of words is about to start: false, and nothing counted, when 3 were started within 24 h
 * (locked until 24 h after the third). */
bool contact_sas_begin(struct contact *contact, int64_t now_unix);
/* That run came to its words: a person could see it fail, so it was no silent try and counts no longer. Who calls
 * somebody unverified ten times a day is not locked out; whoever aborts a run before its words, to try again when
 * they would differ, is (C.5). */
void contact_sas_shown(struct contact *contact);
int contact_sas_runs_left(const struct contact *contact, int64_t now_unix);

/* ---- succession.c: statements, theirs and ours ---- */

enum statement_verdict {
  STATEMENT_NEWS,
  STATEMENT_KNOWN,
  STATEMENT_FOREIGN, /* not of this contact, nor of the key that is said to follow theirs */
};
/* It verifies (statement_parse()). TOMBSTONE: REVOKED for good. ROTATE: CHANGED, and the successor waits for the
 * user; a second successor of one key makes it disputed, which is NEWS once. */
enum statement_verdict contact_statement(struct contact *contact, const struct statement_view *statement,
                                         int64_t now_unix);
/* Whose number the user is to compare: the successor's, when there is one. */
void contact_number_id(const struct contact *contact, uint8_t id[KEY_SIZE]);
/* For contact_user_reset(). false: it is disputed. */
bool contact_adopt_successor(struct contact *contact);
/* This device of theirs acknowledged what trust_untold() says. true: now all have, and something changed. */
bool contact_acknowledged(struct contact *contact, const uint8_t device[DEVICE_ID_SIZE]);
/* This device of theirs shows that it knows who we are now. true: now all have, and something changed. */
bool contact_knows_us(struct contact *contact, const uint8_t device[DEVICE_ID_SIZE]);

/* Whom a call may be made to or taken from at all; the policy decides the rest. */
bool contact_callable(const struct contact *contact);

/* ---- verification.c: the only writers of VERIFIED; each is a person's own act on this device ---- */

/* The contact QR or in-person invite was scanned from their screen, and it is this id. */
bool contact_user_scanned_in_person(struct contact *contact, int64_t now_unix);
bool contact_user_confirmed_sas(struct contact *contact, int64_t now_unix);
/* All 60 digits were compared (the caller checked them). */
bool contact_user_compared_number(struct contact *contact, int64_t now_unix);

#endif
