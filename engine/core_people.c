/* core_people.c - the embedder's commands about people: invites, contacts, comparing outside of a call. */
#include <string.h>

#include "../media/bytes.h"
#include "core_parts.h"
#include "trust/safety_number.h"

/* A name that stands for somebody, or will, is not given to somebody else. */
static bool name_is_taken(const struct core *core, const char *name) {
  if (contacts_find_name(&core->trust->contacts, name))
    return true;
  for (int i = 0; i < INVITES_MAX; i++)
    if (core->trust->invites.slot[i].state == INVITE_OPEN && !strcmp(core->trust->invites.slot[i].name, name))
      return true;
  for (int i = 0; i < FIRST_CONTACTS_MAX; i++)
    if (core->first_contact[i].state != FIRST_CONTACT_IDLE && !strcmp(core->first_contact[i].name, name))
      return true;
  return false;
}

sotto_status core_invite_create(struct core *core, usec now, const char *name, unsigned flags, const char *url,
                                char *text, size_t size) {
  struct invite invite;
  struct pending_invite *pending;
  int64_t unix_seconds = core_unix(core, now);
  if (size < SOTTO_INVITE_TEXT_SIZE)
    return SOTTO_ERR_SPACE;
  if (name_is_taken(core, name) || trust_is_dead(core->trust) ||
      core->link.incoming) /* whoever joins now would meet an identity that goes */
    return SOTTO_ERR_STATE;
  sotto_status status = invite_make(&invite, &core->trust->identity, flags, url, unix_seconds);
  if (!status)
    status = invites_add(&core->trust->invites, &invite, name, unix_seconds, &pending);
  if (!status)
    status = invite_format(&invite, text, size);
  crypto_wipe(&invite, sizeof invite);
  if (!status)
    outbox_add(&core->outbox, CORE_SAVE, 0);
  return status;
}

sotto_status core_invite_accept(struct core *core, usec now, const char *name, const char *text) {
  struct invite invite;
  struct first_contact_env env = core_first_contact_env(core);
  struct first_contact *contact = core_free_first_contact(core);
  if (!petname_valid(name) || invite_parse(text, &invite))
    return SOTTO_ERR_INVALID;
  sotto_status status = SOTTO_OK;
  if (invite_is_too_new(&invite, core_unix(core, now)))
    status = SOTTO_ERR_INVALID;
  else if (invite_expired(&invite, core_unix(core, now)))
    status = SOTTO_ERR_EXPIRED;
  else if (crypto_equal(invite.ik, core->trust->identity.ik, KEY_SIZE))
    status = SOTTO_ERR_INVALID; /* our own */
  else if (core->link.incoming || trust_is_dead(core->trust))
    status = SOTTO_ERR_STATE;
  else if (name_is_taken(core, name) && !contacts_find(&core->trust->contacts, invite.ik))
    status = SOTTO_ERR_STATE;
  else if (!contact || !first_contact_join(contact, &env, now, &invite, name))
    status = SOTTO_ERR_FULL;
  crypto_wipe(&invite, sizeof invite);
  core->relisten_at = 0;
  return status;
}

static void describe_contact(const struct trust *trust, const struct contact *contact, sotto_contact *out) {
  memcpy(out->id.bytes, contact->id, sizeof out->id.bytes);
  memcpy(out->name, contact->name, sizeof out->name);
  out->trust = contact->state;
  out->method = contact->method;
  out->verified_at = contact->verified_at;
  out->rotated = contact->rotation != NULL;
  out->untold = trust_untold(trust, contact) != NULL;
}

size_t core_contacts(struct core *core, sotto_contact *out, size_t max) {
  for (size_t i = 0; i < core->trust->contacts.count && i < max; i++) {
    out[i].size = out[0].size;
    describe_contact(core->trust, core->trust->contacts.list[i], &out[i]);
  }
  return core->trust->contacts.count;
}

sotto_status core_contact_get(struct core *core, const sotto_id *id, sotto_contact *out) {
  struct contact *contact = contacts_find(&core->trust->contacts, id->bytes);
  if (!contact)
    return SOTTO_ERR_NOT_FOUND;
  describe_contact(core->trust, contact, out);
  return SOTTO_OK;
}

static void contact_changed(struct core *core, const struct contact *contact) {
  sotto_id peer;
  memcpy(peer.bytes, contact->id, sizeof peer.bytes);
  outbox_add(&core->outbox, CORE_SAVE, 0);
  outbox_event(&core->outbox, SOTTO_EVENT_CONTACT, 0, &peer)->trust = contact->state;
}

sotto_status core_contact_rename(struct core *core, const sotto_id *id, const char *name) {
  struct contact *contact = contacts_find(&core->trust->contacts, id->bytes);
  if (!contact)
    return SOTTO_ERR_NOT_FOUND;
  if (name_is_taken(core, name))
    return SOTTO_ERR_STATE;
  sotto_status status = contact_rename(contact, name);
  if (!status)
    contact_changed(core, contact);
  return status;
}

sotto_status core_safety_number(struct core *core, const sotto_id *peer, char *text, size_t size) {
  const struct contact *contact = contacts_find(&core->trust->contacts, peer->bytes);
  uint8_t theirs[KEY_SIZE];
  if (!contact)
    return SOTTO_ERR_NOT_FOUND;
  contact_number_id(contact, theirs);
  return safety_number(core->trust->identity.ik, theirs, text, size);
}

/* A comparison by a person, outside of a call: equal verifies, different is an alarm and changes nothing. */
static sotto_status compared(struct core *core, usec now, const sotto_id *peer, struct contact *contact, bool equal,
                             bool user_confirmed(struct contact *, int64_t)) {
  if (!equal) {
    outbox_alarm(&core->outbox, 0, peer, SOTTO_ALARM_ID_MISMATCH);
    return SOTTO_ERR_TRUST;
  }
  if (!contact_callable(contact))
    return SOTTO_ERR_TRUST;
  if (user_confirmed(contact, core_unix(core, now)))
    contact_changed(core, contact);
  return SOTTO_OK;
}

sotto_status core_contact_verify_number(struct core *core, usec now, const sotto_id *peer, const char *digits) {
  char number[SOTTO_SAFETY_NUMBER_SIZE];
  struct contact *contact = contacts_find(&core->trust->contacts, peer->bytes);
  if (!contact)
    return SOTTO_ERR_NOT_FOUND;
  uint8_t theirs[KEY_SIZE];
  contact_number_id(contact, theirs);
  sotto_status status = safety_number(core->trust->identity.ik, theirs, number, sizeof number);
  if (status)
    return status;
  return compared(core, now, peer, contact, safety_number_equal(number, digits), contact_user_compared_number);
}

sotto_status core_contact_verify_uri(struct core *core, usec now, const sotto_id *peer, const char *uri) {
  uint8_t scanned[KEY_SIZE];
  struct contact *contact = contacts_find(&core->trust->contacts, peer->bytes);
  if (!contact)
    return SOTTO_ERR_NOT_FOUND;
  if (id_parse(uri, scanned))
    return SOTTO_ERR_INVALID;
  return compared(core, now, peer, contact, crypto_equal(scanned, peer->bytes, KEY_SIZE),
                  contact_user_scanned_in_person);
}

sotto_status core_contact_block(struct core *core, usec now, const sotto_id *id, bool blocked) {
  struct contact *contact = contacts_find(&core->trust->contacts, id->bytes);
  if (!contact)
    return SOTTO_ERR_NOT_FOUND;
  if (contact_user_blocked(contact, blocked))
    contact_changed(core, contact);
  core_trust_changed(core, now);
  return SOTTO_OK;
}

sotto_status core_contact_reset(struct core *core, usec now, const sotto_id *id, const char *last_digits) {
  (void)now;
  struct contact *contact = contacts_find(&core->trust->contacts, id->bytes), *same;
  uint8_t theirs[KEY_SIZE];
  if (!contact)
    return SOTTO_ERR_NOT_FOUND;
  contact_number_id(contact, theirs);
  same = contacts_find(&core->trust->contacts, theirs);
  if (same && same != contact)
    return SOTTO_ERR_STATE; /* the new key was met already, under another name */
  sotto_status status = contact_user_reset(contact, core->trust->identity.ik, last_digits);
  if (!status)
    contact_changed(core, contact);
  return status;
}

sotto_status core_contact_evidence(struct core *core, const sotto_id *id, uint8_t *out, size_t *size) {
  struct contact *contact = contacts_find(&core->trust->contacts, id->bytes);
  if (!contact || !contact->fork)
    return SOTTO_ERR_NOT_FOUND;
  struct writer w = writer_of(out, *size);
  write_u16(&w, (unsigned)contact->fork_size);
  write_bytes(&w, contact->fork, contact->fork_size);
  write_u16(&w, (unsigned)contact->fork_known_size);
  write_bytes(&w, contact->fork + contact->fork_size, contact->fork_known_size);
  if (w.bad)
    return SOTTO_ERR_SPACE;
  *size = (size_t)(w.at - out);
  return SOTTO_OK;
}
