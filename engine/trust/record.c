#include "record.h"

#include <stdlib.h>
#include <string.h>

#include "../../media/bytes.h"

enum { RECORD_OWN = 1, RECORD_CONTACT, RECORD_INVITE, RECORD_LINK, RECORD_STATEMENT };
enum { RECORD_VERSION = 4 };
enum { /* a contact's flags */
       FLAG_BLOCKED = 1,
       FLAG_TOMBSTONED = 2,
       FLAG_REQUIRE_VERIFIED = 4,
       FLAG_CROSS_SIGNED = 8,
       FLAG_HEAD_UNCONFIRMED = 16,
       FLAG_DISPUTED = 32,
       FLAGS_KNOWN = 63,
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

size_t record_statement(uint8_t out[RECORD_MAX], const struct statement *statement) {
  struct writer w = begin(out, RECORD_STATEMENT);
  write_bytes(&w, statement->device, DEVICE_ID_SIZE);
  write_blob(&w, statement->bytes, statement->size);
  return (size_t)(w.at - out);
}

static sotto_status load_statement(struct trust *trust, struct reader *r) {
  if (trust->statements == STATEMENTS_MAX || trust_is_dead(trust))
    return SOTTO_ERR_CORRUPT;
  struct statement *statement = &trust->statement[trust->statements];
  struct statement_view view;
  read_bytes(r, statement->device, DEVICE_ID_SIZE);
  read_blob(r, statement->bytes, sizeof statement->bytes, &statement->size);
  if (!at_end(r) || !statement_parse(statement->bytes, statement->size, &view))
    return SOTTO_ERR_CORRUPT;
  trust->statements++;
  return SOTTO_OK;
}

/* ---- a contact ---- */

static unsigned flags_of(const struct contact *contact) {
  return (contact->blocked ? FLAG_BLOCKED : 0u) | (contact->tombstoned ? FLAG_TOMBSTONED : 0u) |
         (contact->require_verified ? FLAG_REQUIRE_VERIFIED : 0u) |
         (contact->cross_signed ? FLAG_CROSS_SIGNED : 0u) |
         (contact->head_unconfirmed ? FLAG_HEAD_UNCONFIRMED : 0u) | (contact->disputed ? FLAG_DISPUTED : 0u);
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
  write_u8(&w, contact->untold);
  write_bytes(&w, contact->named, KEY_SIZE);
  write_blob(&w, contact->roster.encoded, contact->roster.size);
  const uint8_t *fork = contact->fork; /* theirs, then ours */
  write_blob(&w, fork, fork ? contact->fork_size : 0);
  write_blob(&w, fork ? fork + contact->fork_size : NULL, fork ? contact->fork_known_size : 0);
  write_blob(&w, contact->rotation, contact->rotation_size);
  return (size_t)(w.at - out);
}

static void set_flags(struct contact *contact, unsigned flags) {
  contact->blocked = flags & FLAG_BLOCKED;
  contact->tombstoned = flags & FLAG_TOMBSTONED;
  contact->require_verified = flags & FLAG_REQUIRE_VERIFIED;
  contact->cross_signed = flags & FLAG_CROSS_SIGNED;
  contact->head_unconfirmed = flags & FLAG_HEAD_UNCONFIRMED;
  contact->disputed = flags & FLAG_DISPUTED;
}

/* REVOKED exactly when blocked or dead; nothing stands behind REVOKED. */
static bool state_is_sound(const struct contact *contact) {
  bool revoked = contact->blocked || contact->tombstoned;
  return contact->state <= SOTTO_TRUST_REVOKED && contact->state_behind < SOTTO_TRUST_REVOKED &&
         (contact->state == SOTTO_TRUST_REVOKED) == revoked && contact->method <= SOTTO_METHOD_SAS &&
         contact->sas_runs <= SAS_RUNS_PER_DAY;
}

/* A copy on the heap; NULL and OK when there is nothing to copy. */
static sotto_status copy(uint8_t **out, const struct bytes_view *one, const struct bytes_view *other) {
  *out = one->size ? malloc(one->size + other->size) : NULL;
  if (!*out)
    return one->size ? SOTTO_ERR_NOMEM : SOTTO_OK;
  memcpy(*out, one->data, one->size);
  memcpy(*out + one->size, other->data, other->size);
  return SOTTO_OK;
}

static struct bytes_view read_view(struct reader *r) {
  size_t size = read_u16(r);
  const uint8_t *data = read_span(r, size);
  return (struct bytes_view){data, data ? size : 0};
}

static bool is_roster_of(const struct bytes_view *encoded, const uint8_t id[KEY_SIZE], struct roster *out) {
  return roster_parse(out, encoded->data, encoded->size) && memcmp(out->id, id, KEY_SIZE) == 0;
}

static bool is_rotation(const struct bytes_view *bytes) {
  struct statement_view view;
  return statement_parse(bytes->data, bytes->size, &view) && view.kind == STATEMENT_ROTATE;
}

static sotto_status load_signed(struct contact *contact, struct reader *r) {
  struct bytes_view newest = read_view(r), fork = read_view(r), known = read_view(r), rotation = read_view(r);
  const struct bytes_view nothing = {"", 0};
  if (!at_end(r) || fork.size > ROSTER_MAX_SIZE || known.size > ROSTER_MAX_SIZE || (!fork.size && known.size) ||
      (newest.size && !is_roster_of(&newest, contact->id, &contact->roster)) ||
      (rotation.size && !is_rotation(&rotation)))
    return SOTTO_ERR_CORRUPT;
  contact->fork_size = fork.size;
  contact->fork_known_size = known.size;
  contact->rotation_size = rotation.size;
  sotto_status status = copy(&contact->fork, &fork, &known);
  return status ? status : copy(&contact->rotation, &rotation, &nothing);
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
  contact->untold = read_u8(r);
  read_bytes(r, contact->named, KEY_SIZE);
  if (r->bad || flags > FLAGS_KNOWN || contact->untold > STATEMENTS_MAX + 1 || !state_is_sound(contact))
    return SOTTO_ERR_CORRUPT;
  return load_signed(contact, r);
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
  for (size_t i = 0; i < trust->statements; i++)
    sink(user, scratch, record_statement(scratch, &trust->statement[i]));
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
  case RECORD_STATEMENT:
    return load_statement(trust, &r);
  default:
    return SOTTO_ERR_CORRUPT;
  }
}
