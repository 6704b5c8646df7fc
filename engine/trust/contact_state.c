/* contact_state.c - what happens to a contact, but for verification (verification.c). */
#include <stdlib.h>
#include <string.h>

#include "contacts.h"
#include "safety_number.h"

static const int64_t day = 86400;

/* The state that counts once a block is lifted. */
static sotto_trust *state_of(struct contact *contact) {
  return contact->blocked || contact->tombstoned ? &contact->state_behind : &contact->state;
}

bool contact_met_remote(struct contact *contact) {
  if (contact->state != SOTTO_TRUST_UNKNOWN)
    return false;
  contact->state = SOTTO_TRUST_TOFU;
  return true;
}

static bool became_changed(struct contact *contact, int64_t now_unix) {
  sotto_trust *state = state_of(contact);
  if (*state != SOTTO_TRUST_TOFU && *state != SOTTO_TRUST_VERIFIED)
    return false;
  if (*state == SOTTO_TRUST_VERIFIED)
    contact->was_verified_until = now_unix;
  *state = SOTTO_TRUST_CHANGED;
  contact->method = SOTTO_METHOD_NONE;
  contact->cross_signed = false;
  return true;
}

bool contact_sas_mismatch(struct contact *contact, int64_t now_unix) {
  return became_changed(contact, now_unix);
}

bool contact_bind_mismatch(struct contact *contact, int64_t now_unix) {
  return became_changed(contact, now_unix);
}

bool contact_roster_forked(struct contact *contact, int64_t now_unix) {
  return became_changed(contact, now_unix);
}

bool contact_identity_changed(struct contact *contact, bool cross_signed, int64_t now_unix) {
  if (!became_changed(contact, now_unix))
    return false;
  contact->cross_signed = cross_signed;
  return true;
}

sotto_status contact_user_reset(struct contact *contact, const uint8_t own_id[KEY_SIZE], const char *last_digits) {
  char number[SOTTO_SAFETY_NUMBER_SIZE];
  uint8_t theirs[KEY_SIZE];
  if (contact->state != SOTTO_TRUST_CHANGED)
    return SOTTO_ERR_STATE;
  contact_number_id(contact, theirs);
  safety_number(own_id, theirs, number, sizeof number);
  if (!safety_number_ends_with(number, last_digits))
    return SOTTO_ERR_TRUST;
  if (!contact_adopt_successor(contact))
    return SOTTO_ERR_STATE;
  contact->state = SOTTO_TRUST_TOFU;
  contact->cross_signed = false;
  return SOTTO_OK;
}

static void revoke(struct contact *contact) {
  if (contact->state == SOTTO_TRUST_REVOKED)
    return;
  contact->state_behind = contact->state;
  contact->state = SOTTO_TRUST_REVOKED;
}

bool contact_user_blocked(struct contact *contact, bool blocked) {
  if (contact->blocked == blocked)
    return false;
  if (blocked)
    revoke(contact);
  else if (!contact->tombstoned)
    contact->state = contact->state_behind;
  contact->blocked = blocked;
  return true;
}

bool contact_user_waived_verification(struct contact *contact) {
  bool was = contact->require_verified;
  contact->require_verified = false;
  return was;
}

bool contact_tombstone(struct contact *contact) {
  bool news = !contact->tombstoned;
  revoke(contact);
  contact->tombstoned = true;
  return news;
}

/* Evidence is worth keeping, but its loss must not hide the fork: no memory, no copy. */
static void keep_evidence(struct contact *contact, const struct roster *theirs) {
  const struct roster *known = &contact->roster;
  uint8_t *copy = contact->fork ? NULL : malloc(theirs->size + known->size);
  if (!copy)
    return;
  memcpy(copy, theirs->encoded, theirs->size);
  memcpy(copy + theirs->size, known->encoded, known->size);
  contact->fork = copy;
  contact->fork_size = theirs->size;
  contact->fork_known_size = known->size;
}

/* The first roster of somebody: their newest statement and nothing to compare it with. */
static enum roster_verdict first_roster(struct contact *contact, const struct bytes_view *newest) {
  struct roster roster;
  if (!roster_parse(&roster, newest->data, newest->size) || memcmp(roster.id, contact->id, KEY_SIZE) != 0)
    return ROSTER_BAD;
  contact->roster = roster;
  contact->acknowledged_seq = roster.seq;
  return ROSTER_ACCEPTED;
}

bool contact_device_acknowledged(const struct contact *contact, const uint8_t id[DEVICE_ID_SIZE]) {
  const struct roster_device *device = roster_find(&contact->roster, id);
  return device && device->added_seq <= contact->acknowledged_seq;
}

bool contact_user_acknowledged(struct contact *contact) {
  bool news = contact->acknowledged_seq != contact->roster.seq;
  contact->acknowledged_seq = contact->roster.seq;
  return news;
}

bool contact_was_told(struct contact *contact, uint32_t seq) {
  bool news = contact->told_seq != seq;
  contact->told_seq = seq;
  return news;
}

enum roster_verdict contact_roster(struct contact *contact, const struct bytes_view *chain, size_t count,
                                   int64_t now_unix) {
  struct roster theirs;
  if (contact->roster.size == 0)
    return count ? first_roster(contact, &chain[count - 1]) : ROSTER_BAD;
  enum roster_verdict verdict = roster_accept(&contact->roster, chain, count, &theirs);
  if (verdict == ROSTER_FORK) {
    keep_evidence(contact, &theirs);
    contact_roster_forked(contact, now_unix);
  }
  if (verdict == ROSTER_ACCEPTED) {
    contact->told_mask = 0;
    contact->head_unconfirmed = false;              /* it follows from what we had */
    if (*state_of(contact) != SOTTO_TRUST_VERIFIED) /* nobody was promised that the devices stay the same */
      contact->acknowledged_seq = contact->roster.seq;
  }
  return verdict;
}

bool contact_head_confirmed(struct contact *contact, const struct roster_head *theirs) {
  if (!contact->head_unconfirmed || contact->roster.size == 0 ||
      roster_compare(&contact->roster.head, theirs) != ROSTER_SAME)
    return false;
  contact->head_unconfirmed = false;
  return true;
}

/* A clock that went back ends no lock. */
static bool window_is_over(const struct contact *contact, int64_t now_unix) {
  return contact->sas_runs == 0 || now_unix - contact->sas_since >= day;
}

int contact_sas_runs_left(const struct contact *contact, int64_t now_unix) {
  if (window_is_over(contact, now_unix))
    return SAS_RUNS_PER_DAY;
  return contact->sas_runs >= SAS_RUNS_PER_DAY ? 0 : SAS_RUNS_PER_DAY - (int)contact->sas_runs;
}

bool contact_sas_begin(struct contact *contact, int64_t now_unix) {
  if (contact_sas_runs_left(contact, now_unix) == 0)
    return false;
  if (window_is_over(contact, now_unix))
    contact->sas_runs = 0;
  contact->sas_runs++;
  if (contact->sas_runs == 1 || contact->sas_runs == SAS_RUNS_PER_DAY) /* the lock counts from the last */
    contact->sas_since = now_unix;
  return true;
}

void contact_sas_shown(struct contact *contact) {
  contact->sas_runs -= contact->sas_runs > 0;
}

bool contact_callable(const struct contact *contact) {
  return contact->state == SOTTO_TRUST_TOFU || contact->state == SOTTO_TRUST_VERIFIED;
}
