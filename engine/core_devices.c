/* core_devices.c - our own devices: linking a new one, the list, revoking; and how they tell each other and the
 * contacts of a new roster. */
#include <string.h>

#include "core_parts.h"

#define TELL_INTERVAL     SEC(10) /* between two answers to our own devices */
#define ANNOUNCE_INTERVAL SEC(1)  /* between two contacts */
enum { LINKS_ROOM = CELL_BODY_MAX - 8 /* type, tag, length */ };

struct device_link_env core_device_link_env(struct core *core) {
  return (struct device_link_env){.trust = core->trust, .client = core->client, .outbox = &core->outbox};
}

bool core_is_enrolled(const struct core *core) {
  const struct trust *trust = core->trust;
  return !trust_is_dead(trust) && roster_find(&trust->own, trust->identity.device.id);
}

/* ---- telling ---- */

void core_own_mailbox(const struct core *core, struct mailbox *mailbox, const uint8_t device[DEVICE_ID_SIZE],
                      uint32_t epoch) {
  const struct trust *trust = core->trust;
  mailbox_derive(mailbox, trust->own_secret, trust->identity.ik, trust->identity.ik, device, epoch);
}

/* Whole links, a cell each: they prove themselves. */
static void post_links(struct core *core, usec now, const struct mailbox *mailbox, struct bytes_view links) {
  struct cell_header header = {.type = CELL_ROSTER};
  struct bytes_view part;
  uint8_t body[CELL_BODY_MAX];
  memcpy(header.device, core->trust->identity.device.id, sizeof header.device);
  crypto_random(header.session, sizeof header.session);
  while (roster_links_next(&links, LINKS_ROOM, &part)) {
    const struct message message = {.type = MESSAGE_ROSTER, .roster = part.data, .roster_size = part.size};
    size_t size = message_encode(&message, body, sizeof body);
    if (!size || !post_message(core->client, now, mailbox, &header, body, size))
      return; /* the queue is full: the next greeting makes good for it */
  }
}

static void post_to_device(struct core *core, usec now, const uint8_t device[DEVICE_ID_SIZE], uint32_t seq) {
  const struct trust *trust = core->trust;
  struct mailbox mailbox;
  core_own_mailbox(core, &mailbox, device, mailbox_epoch(core_unix(core, now)));
  post_links(core, now, &mailbox, roster_links_from(&trust->links, trust->own.seq, seq));
  crypto_wipe(&mailbox, sizeof mailbox);
}

void core_tell_own_devices(struct core *core, usec now) {
  const struct roster *own = &core->trust->own;
  for (size_t i = 0; i < own->devices; i++)
    if (memcmp(own->device[i].id, core->trust->identity.device.id, DEVICE_ID_SIZE) != 0)
      post_to_device(core, now, own->device[i].id, own->seq);
  for (size_t i = 0; i < own->revocations; i++)
    if (own->revoked[i].at_seq == own->seq) /* it is to know as well, and to stop */
      post_to_device(core, now, own->revoked[i].id, own->seq);
}

void core_tell_roster(struct core *core, usec now) {
  core_tell_own_devices(core, now);
  core->announced = 0;
  core->announce_at = now;
}

static bool lacks_roster(const struct core *core, const struct contact *contact) {
  return contact_callable(contact) && contact->told_seq < core->trust->own.seq;
}

void core_post_roster(struct core *core, usec now, const struct contact *contact, uint32_t seq) {
  const struct trust *trust = core->trust;
  struct mailbox mailbox;
  for (size_t i = 0; i < contact->roster.devices && contact_callable(contact); i++) {
    mailbox_derive(&mailbox, contact->ps, trust->identity.ik, contact->id, contact->roster.device[i].id,
                   mailbox_epoch(core_unix(core, now)));
    post_links(core, now, &mailbox, roster_links_from(&trust->links, trust->own.seq, seq));
  }
  crypto_wipe(&mailbox, sizeof mailbox);
}

void core_post_theirs(struct core *core, usec now, const struct contact *contact,
                      const uint8_t device[DEVICE_ID_SIZE]) {
  struct roster_links one = {0};
  struct mailbox mailbox;
  roster_links_add(&one, &contact->roster);
  mailbox_derive(&mailbox, contact->ps, core->trust->identity.ik, contact->id, device,
                 mailbox_epoch(core_unix(core, now)));
  post_links(core, now, &mailbox, (struct bytes_view){one.bytes, one.size});
  crypto_wipe(&mailbox, sizeof mailbox);
}

void core_devices_timer(struct core *core, usec now) {
  const struct contacts *contacts = &core->trust->contacts;
  if (core->told_seq != core->trust->own.seq) {
    core->told_seq = core->trust->own.seq;
    core_tell_roster(core, now);
  }
  if (now < core->announce_at)
    return;
  core->announce_at = USEC_NEVER;
  while (core->announced < contacts->count && core_is_enrolled(core)) {
    const struct contact *contact = contacts->list[core->announced++];
    if (!lacks_roster(core, contact))
      continue;
    core_post_roster(core, now, contact, contact->told_seq + 1);
    core->announce_at = now + ANNOUNCE_INTERVAL;
    return;
  }
}

/* ---- being told ---- */

void core_revoked_ourselves(struct core *core, usec now) {
  sotto_id own;
  memcpy(own.bytes, core->trust->identity.ik, sizeof own.bytes);
  for (struct call *call = core->calls; call; call = call->next)
    call_end(call, now, SOTTO_END_SECURITY);
  outbox_alarm(&core->outbox, 0, &own, SOTTO_ALARM_DEVICE_REVOKED);
}

static void accepted(struct core *core, usec now, const struct bytes_view *link, size_t count, uint32_t before) {
  struct roster roster;
  for (size_t i = 0; i < count; i++)
    if (roster_parse(&roster, link[i].data, link[i].size) && roster.seq > before)
      roster_links_add(&core->trust->links, &roster);
  outbox_add(&core->outbox, CORE_SAVE, 0);
  core_restore_heard(core, now, true);
  if (!core_is_enrolled(core) && !trust_is_restored(core->trust))
    core_revoked_ourselves(core, now);
}

/* Once in a while only: a chain that does not meet ours must not go back and forth. A device that no roster has may
 * be one that comes back from a backup; one that was revoked is told no more. */
static void answer(struct core *core, usec now, const uint8_t device[DEVICE_ID_SIZE], uint32_t from) {
  if (now < core->next_answer || roster_find_revoked(&core->trust->own, device))
    return;
  core->next_answer = now + TELL_INTERVAL;
  post_to_device(core, now, device, from);
}

void core_own_cell(struct core *core, usec now, const struct cell *cell) {
  struct trust *trust = core->trust;
  struct message message;
  struct bytes_view link[ROSTER_LINKS_MAX];
  struct roster last;
  uint32_t before = trust->own.seq;
  size_t count = 0;
  if (cell->header.type != CELL_ROSTER || cell->fragments != 1 || !message_parse(cell->body, cell->size, &message))
    return;
  if (message.type == MESSAGE_STATEMENT)
    core_own_statement(core, now, &message);
  if (message.type == MESSAGE_ROSTER)
    count = roster_links_split(message.roster, message.roster_size, link);
  if (!count || !roster_parse(&last, link[count - 1].data, link[count - 1].size))
    return;
  switch (roster_accept(&trust->own, link, count, NULL)) {
  case ROSTER_ACCEPTED:
    accepted(core, now, link, count, before);
    break;
  case ROSTER_STALE:
    answer(core, now, cell->header.device, last.seq + 1);
    break;
  case ROSTER_FORK:
    outbox_alarm(&core->outbox, 0, NULL, SOTTO_ALARM_SELF_ROSTER_FORK);
    break;
  case ROSTER_BAD: /* a gap: our newest says what is missing */
    answer(core, now, cell->header.device, before);
    break;
  case ROSTER_SAME:
    core_restore_heard(core, now, false);
    if (!roster_find(&trust->own, cell->header.device) && core_is_enrolled(core))
      answer(core, now, cell->header.device, last.seq);
    break;
  }
}

/* ---- the embedder ---- */

sotto_status core_device_show(struct core *core, usec now, char *text, size_t size) {
  struct device_link_env env = core_device_link_env(core);
  if (size < SOTTO_DEVICE_TEXT_SIZE)
    return SOTTO_ERR_SPACE;
  for (int i = 0; i < FIRST_CONTACTS_MAX; i++)
    if (core->first_contact[i].state != FIRST_CONTACT_IDLE)
      return SOTTO_ERR_STATE; /* somebody is about to be met under the name that would go */
  sotto_status status = device_link_show(&core->link, &env, now);
  if (status)
    return status;
  core->relisten_at = 0;
  return device_code_format(&core->link.code, text, size);
}

sotto_status core_device_add(struct core *core, usec now, const char *text) {
  struct device_link_env env = core_device_link_env(core);
  struct device_code code;
  sotto_status status = device_code_parse(text, &code);
  if (status)
    return status;
  status = device_link_take(&core->link, &env, now, &code);
  crypto_wipe(&code, sizeof code);
  core->relisten_at = 0;
  return status;
}

size_t core_devices(struct core *core, sotto_device *out, size_t max) {
  const struct trust *trust = core->trust;
  for (size_t i = 0; i < trust->own.devices && i < max; i++) {
    const uint8_t *id = trust->own.device[i].id;
    out[i] = (sotto_device){.size = out[0].size};
    device_id_format(id, out[i].id);
    out[i].here = memcmp(id, trust->identity.device.id, DEVICE_ID_SIZE) == 0;
    out[i].primary = out[i].here && trust->identity.root;
  }
  return trust->own.devices;
}

sotto_status core_device_revoke(struct core *core, usec now, const char *id) {
  struct trust *trust = core->trust;
  const struct roster_device *device = NULL;
  char text[SOTTO_DEVICE_ID_SIZE];
  struct roster next;
  if (!trust->identity.root || (!core_is_enrolled(core) && !trust_is_restored(trust)))
    return SOTTO_ERR_STATE;
  for (size_t i = 0; i < trust->own.devices && !device; i++) {
    device_id_format(trust->own.device[i].id, text);
    device = strcmp(text, id) == 0 ? &trust->own.device[i] : NULL;
  }
  if (!device)
    return SOTTO_ERR_NOT_FOUND;
  if (memcmp(device->id, trust->identity.device.id, DEVICE_ID_SIZE) == 0)
    return SOTTO_ERR_INVALID; /* who would sign the next roster? */
  if (trust_is_restored(trust))
    return core_restore_drop(core, device->id);
  roster_next(&next, &trust->own, (uint64_t)core_unix(core, now));
  if (!roster_revoke_device(&next, device->id, 0) || !roster_sign(&next, trust->identity.ik_secret))
    return SOTTO_ERR_STATE;
  trust_adopt_roster(trust, &next);
  outbox_add(&core->outbox, CORE_SAVE, 0);
  return SOTTO_OK;
}
