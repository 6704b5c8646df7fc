#include "record.h"

#include <stdlib.h>
#include <string.h>

#include "../../media/bytes.h"

enum { RECORD_OWN = 1, RECORD_CONTACT, RECORD_INVITE, RECORD_LINK };
enum { RECORD_VERSION = 3 };
enum { /* a contact's flags */
       FLAG_BLOCKED = 1,
       FLAG_TOMBSTONED = 2,
       FLAG_REQUIRE_VERIFIED = 4,
       FLAG_CROSS_SIGNED = 8,
       FLAG_HEAD_UNCONFIRMED = 16,
       FLAGS_KNOWN = 31,
};

static struct writer begin(uint8_t out[RECORD_MAX], unsigned type) {
  struct writer w = writer_of(out, RECORD_MAX);
  write_u8(&w, type);
  write_u8(&w, RECORD_VERSION);
  return w;
}

static void write_blob(struct writer *w, const void *data, size_t size) {
  write_u16(w, (unsigned)size);
  write_bytes(w, data, size);
}

/* At most `room` bytes; *size is what came. */
static void read_blob(struct reader *r, void *out, size_t room, size_t *size) {
  *size = read_u16(r);
  if (*size > room)
    r->bad = true;
  if (r->bad)
    *size = 0;
  else
    read_bytes(r, out, *size);
}

static void write_name(struct writer *w, const char *name) {
  write_blob(w, name, strnlen(name, PETNAME_SIZE - 1));
}

static void read_name(struct reader *r, char name[PETNAME_SIZE]) {
  size_t size;
  memset(name, 0, PETNAME_SIZE);
  read_blob(r, name, PETNAME_SIZE - 1, &size);
  if (strnlen(name, PETNAME_SIZE) != size || !petname_valid(name))
    r->bad = true;
}

static bool at_end(const struct reader *r) {
  return !r->bad && r->left == 0;
}

/* ---- our own roster ---- */

size_t record_own(uint8_t out[RECORD_MAX], const struct trust *trust) {
  struct writer w = begin(out, RECORD_OWN);
  write_blob(&w, trust->own.encoded, trust->own.size);
  write_bytes(&w, trust->own_secret, KEY_SIZE);
  write_bytes(&w, trust->replaces, DEVICE_ID_SIZE);
  return (size_t)(w.at - out);
}

static sotto_status load_own(struct trust *trust, struct reader *r) {
  size_t size = read_u16(r);
  const uint8_t *encoded = read_span(r, size);
  read_bytes(r, trust->own_secret, KEY_SIZE);
  read_bytes(r, trust->replaces, DEVICE_ID_SIZE);
  if (trust->own.size || !encoded || !at_end(r) || !roster_parse(&trust->own, encoded, size))
    return SOTTO_ERR_CORRUPT;
  struct identity *identity = &trust->identity;
  if (!identity->root)
    memcpy(identity->ik, trust->own.id, KEY_SIZE);
  return memcmp(identity->ik, trust->own.id, KEY_SIZE) == 0 ? SOTTO_OK : SOTTO_ERR_CORRUPT;
}

size_t record_link(uint8_t out[RECORD_MAX], const struct bytes_view *link) {
  struct writer w = begin(out, RECORD_LINK);
  write_blob(&w, link->data, link->size);
  return (size_t)(w.at - out);
}

/* Each must follow from the one before; that the last one is our newest is known when all records are read. */
static sotto_status load_link(struct trust *trust, struct reader *r) {
  struct bytes_view known[ROSTER_LINKS_MAX];
  struct roster last, roster;
  size_t size = read_u16(r), count = roster_links_split(trust->links.bytes, trust->links.size, known);
  const uint8_t *encoded = read_span(r, size);
  if (!encoded || !at_end(r) || !roster_parse(&roster, encoded, size) || count == ROSTER_LINKS_MAX ||
      trust->links.size + 2 + size > ROSTER_LINKS_SIZE)
    return SOTTO_ERR_CORRUPT;
  if (count && (!roster_parse(&last, known[count - 1].data, known[count - 1].size) || roster.seq - last.seq != 1 ||
                memcmp(roster.prev, last.head.hash, HASH_SIZE) != 0))
    return SOTTO_ERR_CORRUPT;
  roster_links_add(&trust->links, &roster);
  return SOTTO_OK;
}

/* ---- a contact ---- */

static unsigned flags_of(const struct contact *contact) {
  return (contact->blocked ? FLAG_BLOCKED : 0u) | (contact->tombstoned ? FLAG_TOMBSTONED : 0u) |
         (contact->require_verified ? FLAG_REQUIRE_VERIFIED : 0u) |
         (contact->cross_signed ? FLAG_CROSS_SIGNED : 0u) |
         (contact->head_unconfirmed ? FLAG_HEAD_UNCONFIRMED : 0u);
}

size_t record_contact(uint8_t out[RECORD_MAX], const struct contact *contact) {
  struct writer w = begin(out, RECORD_CONTACT);
  write_bytes(&w, contact->id, KEY_SIZE);
  write_name(&w, contact->name);
  write_u8(&w, contact->state);
  write_u8(&w, contact->state_behind);
  write_u8(&w, flags_of(contact));
  write_u8(&w, contact->method);
  write_u64(&w, (uint64_t)contact->verified_at);
  write_u64(&w, (uint64_t)contact->was_verified_until);
  write_u32(&w, contact->sas_runs);
  write_u64(&w, (uint64_t)contact->sas_since);
  write_bytes(&w, contact->ps, KEY_SIZE);
  write_u32(&w, contact->acknowledged_seq);
  write_u32(&w, contact->told_seq);
  write_blob(&w, contact->roster.encoded, contact->roster.size);
  const uint8_t *fork = contact->fork; /* theirs, then ours */
  write_blob(&w, fork, fork ? contact->fork_size : 0);
  write_blob(&w, fork ? fork + contact->fork_size : NULL, fork ? contact->fork_known_size : 0);
  return (size_t)(w.at - out);
}

static void set_flags(struct contact *contact, unsigned flags) {
  contact->blocked = flags & FLAG_BLOCKED;
  contact->tombstoned = flags & FLAG_TOMBSTONED;
  contact->require_verified = flags & FLAG_REQUIRE_VERIFIED;
  contact->cross_signed = flags & FLAG_CROSS_SIGNED;
  contact->head_unconfirmed = flags & FLAG_HEAD_UNCONFIRMED;
}

/* REVOKED exactly when blocked or dead; nothing stands behind REVOKED. */
static bool state_is_sound(const struct contact *contact) {
  bool revoked = contact->blocked || contact->tombstoned;
  return contact->state <= SOTTO_TRUST_REVOKED && contact->state_behind < SOTTO_TRUST_REVOKED &&
         (contact->state == SOTTO_TRUST_REVOKED) == revoked && contact->method <= SOTTO_METHOD_SAS &&
         contact->sas_runs <= SAS_RUNS_PER_DAY;
}

static sotto_status load_rosters(struct contact *contact, struct reader *r) {
  size_t size = read_u16(r), fork_size;
  const uint8_t *encoded = read_span(r, size);
  if (!encoded || (size && !roster_parse(&contact->roster, encoded, size)) ||
      (size && memcmp(contact->roster.id, contact->id, KEY_SIZE) != 0))
    return SOTTO_ERR_CORRUPT;
  fork_size = read_u16(r);
  const uint8_t *fork = read_span(r, fork_size);
  size_t known_size = read_u16(r);
  const uint8_t *known = read_span(r, known_size);
  if (!fork || !known || !at_end(r) || fork_size > ROSTER_MAX_SIZE || known_size > ROSTER_MAX_SIZE ||
      (!fork_size && known_size))
    return SOTTO_ERR_CORRUPT;
  if (fork_size == 0)
    return SOTTO_OK;
  contact->fork = malloc(fork_size + known_size);
  if (!contact->fork)
    return SOTTO_ERR_NOMEM;
  memcpy(contact->fork, fork, fork_size);
  memcpy(contact->fork + fork_size, known, known_size);
  contact->fork_size = fork_size;
  contact->fork_known_size = known_size;
  return SOTTO_OK;
}

static sotto_status load_contact(struct trust *trust, struct reader *r) {
  uint8_t id[KEY_SIZE];
  char name[PETNAME_SIZE];
  struct contact *contact;
  read_bytes(r, id, KEY_SIZE);
  read_name(r, name);
  if (r->bad)
    return SOTTO_ERR_CORRUPT;
  sotto_status status = contacts_add(&trust->contacts, id, name, &contact);
  if (status != SOTTO_OK)
    return status == SOTTO_ERR_NOMEM ? status : SOTTO_ERR_CORRUPT;
  contact->state = (sotto_trust)read_u8(r);
  contact->state_behind = (sotto_trust)read_u8(r);
  unsigned flags = read_u8(r);
  set_flags(contact, flags);
  contact->method = (sotto_method)read_u8(r);
  contact->verified_at = (int64_t)read_u64(r);
  contact->was_verified_until = (int64_t)read_u64(r);
  contact->sas_runs = read_u32(r);
  contact->sas_since = (int64_t)read_u64(r);
  read_bytes(r, contact->ps, KEY_SIZE);
  contact->acknowledged_seq = read_u32(r);
  contact->told_seq = read_u32(r);
  if (r->bad || flags > FLAGS_KNOWN || !state_is_sound(contact))
    return SOTTO_ERR_CORRUPT;
  return load_rosters(contact, r);
}

/* ---- an invite ---- */

size_t record_invite(uint8_t out[RECORD_MAX], const struct pending_invite *pending) {
  struct writer w = begin(out, RECORD_INVITE);
  const struct invite *invite = &pending->invite;
  write_u8(&w, pending->state);
  write_u8(&w, pending->reuse_reported);
  write_name(&w, pending->name);
  write_u8(&w, invite->flags);
  write_u32(&w, invite->expiry);
  write_bytes(&w, invite->ik, KEY_SIZE);
  write_bytes(&w, invite->dx, KEY_SIZE);
  write_bytes(&w, invite->dev_id, DEVICE_ID_SIZE);
  write_bytes(&w, invite->secret, INVITE_SECRET_SIZE);
  write_blob(&w, invite->hint, strnlen(invite->hint, INVITE_HINT_SIZE - 1));
  write_bytes(&w, pending->rendezvous, INVITE_RENDEZVOUS_SIZE);
  write_blob(&w, pending->session, pending->sessions * INVITE_SESSION_SIZE);
  return (size_t)(w.at - out);
}

static struct pending_invite *free_slot(struct invites *invites) {
  for (int i = 0; i < INVITES_MAX; i++)
    if (invites->slot[i].state == INVITE_NONE)
      return &invites->slot[i];
  return NULL;
}

static void read_invite(struct reader *r, struct invite *invite) {
  size_t size;
  invite->flags = read_u8(r);
  invite->expiry = read_u32(r);
  read_bytes(r, invite->ik, KEY_SIZE);
  read_bytes(r, invite->dx, KEY_SIZE);
  read_bytes(r, invite->dev_id, DEVICE_ID_SIZE);
  read_bytes(r, invite->secret, INVITE_SECRET_SIZE);
  read_blob(r, invite->hint, INVITE_HINT_SIZE - 1, &size);
  if (invite->flags & ~SOTTO_INVITE_IN_PERSON || strnlen(invite->hint, INVITE_HINT_SIZE) != size)
    r->bad = true;
}

static sotto_status load_invite(struct trust *trust, struct reader *r) {
  struct pending_invite *pending = free_slot(&trust->invites);
  if (!pending)
    return SOTTO_ERR_CORRUPT;
  uint8_t state = read_u8(r), reported = read_u8(r);
  size_t size;
  read_name(r, pending->name);
  read_invite(r, &pending->invite);
  read_bytes(r, pending->rendezvous, INVITE_RENDEZVOUS_SIZE);
  read_blob(r, pending->session, sizeof pending->session, &size);
  pending->sessions = size / INVITE_SESSION_SIZE;
  if (!at_end(r) || (state != INVITE_OPEN && state != INVITE_USED) || reported > 1 || size % INVITE_SESSION_SIZE) {
    crypto_wipe(pending, sizeof *pending);
    return SOTTO_ERR_CORRUPT;
  }
  pending->state = state;
  pending->reuse_reported = reported;
  return SOTTO_OK;
}

void record_each(const struct trust *trust, uint8_t *scratch, record_sink *sink, void *user) {
  struct bytes_view link[ROSTER_LINKS_MAX];
  size_t links = roster_links_split(trust->links.bytes, trust->links.size, link);
  sink(user, scratch, record_own(scratch, trust));
  for (size_t i = 0; i < links; i++)
    sink(user, scratch, record_link(scratch, &link[i]));
  for (size_t i = 0; i < trust->contacts.count; i++)
    sink(user, scratch, record_contact(scratch, trust->contacts.list[i]));
}

sotto_status record_load(struct trust *trust, const void *record, size_t size) {
  struct reader r = reader_of(record, size);
  uint8_t type = read_u8(&r);
  if (read_u8(&r) != RECORD_VERSION)
    return SOTTO_ERR_CORRUPT;
  switch (type) {
  case RECORD_OWN:
    return load_own(trust, &r);
  case RECORD_CONTACT:
    return load_contact(trust, &r);
  case RECORD_LINK:
    return load_link(trust, &r);
  case RECORD_INVITE:
    return load_invite(trust, &r);
  default:
    return SOTTO_ERR_CORRUPT;
  }
}
