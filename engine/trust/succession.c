/* succession.c - when keys die or change: what a contact's statement does to them, and who has heard ours (protocol
 * A.4). */
#include <stdlib.h>
#include <string.h>

#include "contacts.h"

/* ---- theirs ---- */

static bool same_key(const uint8_t *one, const uint8_t *other) {
  return memcmp(one, other, KEY_SIZE) == 0;
}

static enum statement_verdict news(bool is_news) {
  return is_news ? STATEMENT_NEWS : STATEMENT_KNOWN;
}

static bool keep_rotation(struct contact *contact, const struct bytes_view *whole) {
  uint8_t *copy = malloc(whole->size);
  if (!copy)
    return false; /* they will say it again */
  memcpy(copy, whole->data, whole->size);
  free(contact->rotation);
  contact->rotation = copy;
  contact->rotation_size = whole->size;
  return true;
}

static enum statement_verdict rotated(struct contact *contact, const struct statement_view *statement,
                                      int64_t now_unix) {
  if (contact->tombstoned || !keep_rotation(contact, &statement->whole))
    return STATEMENT_KNOWN;
  if (same_key(contact->id, statement->ik))
    memcpy(contact->named, statement->next, KEY_SIZE);
  contact_identity_changed(contact, true, now_unix);
  contact->cross_signed = true; /* also when it was CHANGED before */
  return STATEMENT_NEWS;
}

/* Whoever has the key can name a successor, and it may not have been the owner who did so first. */
static bool is_disputed(struct contact *contact, const uint8_t *named, const struct statement_view *statement) {
  if (contact->disputed || same_key(named, statement->next))
    return false;
  contact->disputed = true;
  return true;
}

enum statement_verdict contact_statement(struct contact *contact, const struct statement_view *statement,
                                         int64_t now_unix) {
  const uint8_t *known = contact->rotation;
  bool own = same_key(contact->id, statement->ik);
  bool last = known && same_key(known + STATEMENT_IK, statement->ik);
  bool follows = known && same_key(known + STATEMENT_NEXT, statement->ik);
  if (!own && !last && !follows)
    return STATEMENT_FOREIGN;
  if (statement->kind == STATEMENT_TOMBSTONE)
    return news(contact_tombstone(contact));
  if (known && (own || last))
    return news(is_disputed(contact, own ? contact->named : known + STATEMENT_NEXT, statement));
  return rotated(contact, statement, now_unix);
}

void contact_number_id(const struct contact *contact, uint8_t id[KEY_SIZE]) {
  memcpy(id, contact->rotation ? contact->rotation + STATEMENT_NEXT : contact->id, KEY_SIZE);
}

/* Nothing that was said of the old key holds for the new one, but for who it is and the secret that both share. */
bool contact_adopt_successor(struct contact *contact) {
  struct roster next;
  if (!contact->rotation)
    return true;
  if (contact->disputed ||
      !roster_parse(&next, contact->rotation + STATEMENT_ROSTER, contact->rotation_size - STATEMENT_ROSTER))
    return false;
  memcpy(contact->id, next.id, KEY_SIZE);
  contact->roster = next;
  contact->acknowledged_seq = next.seq;
  contact->head_unconfirmed = false;
  contact->told_mask = 0;
  free(contact->fork);
  free(contact->rotation);
  contact->fork = contact->rotation = NULL;
  contact->fork_size = contact->fork_known_size = contact->rotation_size = 0;
  return true;
}

/* ---- ours ---- */

/* true: it was the last of their devices that did not know. */
static bool note_device(struct contact *contact, const uint8_t device[DEVICE_ID_SIZE]) {
  const struct roster *roster = &contact->roster;
  const struct roster_device *found = roster_find(roster, device);
  if (!found || !contact->untold)
    return false;
  contact->told_mask |= (uint8_t)(1u << (found - roster->device));
  if (contact->told_mask != (1u << roster->devices) - 1)
    return false;
  contact->told_mask = 0;
  return true;
}

bool contact_acknowledged(struct contact *contact, const uint8_t device[DEVICE_ID_SIZE]) {
  bool all = note_device(contact, device);
  if (all)
    contact->untold--;
  return all;
}

bool contact_knows_us(struct contact *contact, const uint8_t device[DEVICE_ID_SIZE]) {
  bool all = note_device(contact, device);
  if (all)
    contact->untold = 0;
  return all;
}
