#include "trust.h"

#include <string.h>

struct trust *trust_new_empty(void) {
  struct trust *trust = crypto_secret_new(sizeof *trust);
  if (!trust)
    return NULL;
  memset(trust, 0, sizeof *trust);
  contacts_init(&trust->contacts);
  return trust;
}

struct trust *trust_new(int64_t now_unix) {
  struct trust *trust = trust_new_empty();
  if (!trust)
    return NULL;
  identity_make(&trust->identity);
  roster_first(&trust->own, &trust->identity, (uint64_t)now_unix);
  roster_links_add(&trust->links, &trust->own);
  crypto_random(trust->own_secret, sizeof trust->own_secret);
  return trust;
}

void trust_adopt_roster(struct trust *trust, const struct roster *next) {
  trust->own = *next;
  roster_links_add(&trust->links, next);
}

bool trust_links_lead_to_us(const struct trust *trust) {
  struct bytes_view link[ROSTER_LINKS_MAX];
  size_t links = roster_links_split(trust->links.bytes, trust->links.size, link);
  return links && trust->own.size == link[links - 1].size &&
         memcmp(trust->own.encoded, link[links - 1].data, trust->own.size) == 0;
}

bool trust_is_restored(const struct trust *trust) {
  static const uint8_t none[DEVICE_ID_SIZE];
  return memcmp(trust->replaces, none, sizeof none) != 0;
}

bool trust_is_dead(const struct trust *trust) {
  return trust->statements && trust->statement[trust->statements - 1].bytes[0] == STATEMENT_TOMBSTONE;
}

/* ---- our own statements ---- */

static size_t longest_untold(const struct trust *trust) {
  size_t most = 0;
  for (size_t i = 0; i < trust->contacts.count; i++) {
    size_t untold = trust->contacts.list[i]->untold;
    most = untold <= trust->statements && untold > most ? untold : most;
  }
  return most;
}

static void forget_oldest(struct trust *trust, size_t count) {
  trust->statements -= count;
  memmove(trust->statement, trust->statement + count, trust->statements * sizeof trust->statement[0]);
}

void trust_forget_told(struct trust *trust) {
  size_t keep = longest_untold(trust);
  if (trust_is_dead(trust) && !keep)
    keep = 1;
  forget_oldest(trust, trust->statements - keep);
}

void trust_add_statement(struct trust *trust, const struct statement *statement) {
  if (trust->statements == STATEMENTS_MAX)
    forget_oldest(trust, 1);
  trust->statement[trust->statements++] = *statement;
  for (size_t i = 0; i < trust->contacts.count; i++) {
    struct contact *contact = trust->contacts.list[i];
    if (contact->untold <= STATEMENTS_MAX)
      contact->untold++;
    contact->told_mask = 0;
  }
  crypto_wipe(&trust->invites, sizeof trust->invites); /* they were in a name that is gone */
  trust_forget_told(trust);
}

const struct statement *trust_untold(const struct trust *trust, const struct contact *contact) {
  bool some = contact->untold && contact->untold <= trust->statements;
  return some ? &trust->statement[trust->statements - contact->untold] : NULL;
}

/* Is the root key here, and ours to use? */
static bool may_state(const struct trust *trust) {
  return trust->identity.root && !trust_is_restored(trust) && !trust_is_dead(trust);
}

sotto_status trust_rotate(struct trust *trust, int64_t now_unix) {
  struct identity next;
  struct roster first;
  struct statement statement;
  if (!may_state(trust) || trust->own.devices != 1)
    return SOTTO_ERR_STATE;
  identity_make(&next);
  roster_first(&first, &next, (uint64_t)now_unix);
  statement_rotate(&statement, &trust->identity, &next, &first);
  trust->identity = next;
  identity_wipe(&next);
  trust->links.size = 0;
  trust_adopt_roster(trust, &first);
  crypto_random(trust->own_secret, sizeof trust->own_secret);
  for (size_t i = 0; i < trust->contacts.count; i++)
    trust->contacts.list[i]->told_seq = 0;
  trust_add_statement(trust, &statement);
  return SOTTO_OK;
}

sotto_status trust_end(struct trust *trust) {
  struct statement statement;
  if (!may_state(trust))
    return SOTTO_ERR_STATE;
  statement_tombstone(&statement, &trust->identity);
  trust_add_statement(trust, &statement);
  return SOTTO_OK;
}

void trust_free(struct trust *trust) {
  if (!trust)
    return;
  contacts_deinit(&trust->contacts);
  crypto_secret_free(trust);
}
