/* core_mailboxes.c - which mailboxes we listen to (protocol B.2): contacts by the day, invites until they expire.
 */
#include <string.h>

#include "../signaling/post.h"
#include "core_parts.h"

static void add_listening(struct core *core, const struct mailbox *mailbox, enum mailbox_kind kind, void *owner) {
  if (core->listenings < MAILBOXES_MAX)
    core->listening[core->listenings++] = (struct listening){*mailbox, kind, owner};
}

static void listen_to_key(struct core *core, struct contact *contact, const uint8_t theirs[KEY_SIZE],
                          uint32_t epoch) {
  const struct identity *us = &core->trust->identity;
  struct mailbox mailbox;
  mailbox_derive(&mailbox, contact->ps, theirs, us->ik, us->device.id, epoch);
  add_listening(core, &mailbox, MAILBOX_CONTACT, contact);
  crypto_wipe(&mailbox, sizeof mailbox);
}

/* Whoever is CHANGED or dead is heard as well, for statements alone. */
static void listen_to_contact(struct core *core, struct contact *contact, uint32_t epoch) {
  const uint8_t *rotation = contact->rotation;
  if (contact->blocked || contact->state == SOTTO_TRUST_UNKNOWN)
    return;
  listen_to_key(core, contact, contact->id, epoch);
  if (!rotation)
    return;
  listen_to_key(core, contact, rotation + STATEMENT_NEXT, epoch);
  if (memcmp(rotation + STATEMENT_IK, contact->id, KEY_SIZE) != 0)
    listen_to_key(core, contact, rotation + STATEMENT_IK, epoch);
}

/* The present day's first: when there are too many contacts, the neighbours of midnight are what is left out. */
static void listen_to_contacts(struct core *core, int64_t unix_seconds) {
  uint32_t epochs[3];
  int count = mailbox_epochs(epochs, unix_seconds);
  if (!core_is_enrolled(core) && !trust_is_restored(core->trust) && !trust_is_dead(core->trust))
    return;
  for (int e = 0; e < count; e++)
    for (size_t i = 0; i < core->trust->contacts.count; i++)
      listen_to_contact(core, core->trust->contacts.list[i], epochs[e]);
}

/* Where a contact who does not know it yet looks for who we were. */
static void listen_as_before(struct core *core, int64_t unix_seconds) {
  uint32_t epochs[3];
  int count = mailbox_epochs(epochs, unix_seconds);
  const struct trust *trust = core->trust;
  struct mailbox mailbox;
  for (size_t i = 0; i < trust->contacts.count; i++) {
    struct contact *contact = trust->contacts.list[i];
    const struct statement *untold = trust_untold(trust, contact);
    if (!untold || contact->blocked || untold->bytes[0] != STATEMENT_ROTATE)
      continue;
    for (int e = 0; e < count; e++) {
      mailbox_derive(&mailbox, contact->ps, contact->id, untold->bytes + STATEMENT_IK, untold->device, epochs[e]);
      add_listening(core, &mailbox, MAILBOX_FORMER, contact);
    }
  }
  crypto_wipe(&mailbox, sizeof mailbox);
}

static void listen_to_invites(struct core *core) {
  struct mailbox mailbox;
  for (int i = 0; i < INVITES_MAX; i++) {
    struct pending_invite *pending = &core->trust->invites.slot[i];
    if (pending->state == INVITE_OPEN) {
      mailbox_derive_invite(&mailbox, pending->invite.secret, INVITE_INVITER);
      add_listening(core, &mailbox, MAILBOX_INVITER, pending);
    } else if (pending->state == INVITE_USED) { /* only to notice that somebody else has it too */
      memcpy(mailbox.read_token, pending->rendezvous, READ_TOKEN_SIZE);
      memcpy(mailbox.key, pending->rendezvous + READ_TOKEN_SIZE, KEY_SIZE);
      mailbox_address(mailbox.address, mailbox.read_token);
      add_listening(core, &mailbox, MAILBOX_INVITER, pending);
    }
  }
  for (int i = 0; i < FIRST_CONTACTS_MAX; i++) {
    struct first_contact *contact = &core->first_contact[i];
    if (contact->state == FIRST_CONTACT_JOINING || contact->state == FIRST_CONTACT_JOINED)
      add_listening(core, &contact->in, MAILBOX_JOINER, contact);
  }
  crypto_wipe(&mailbox, sizeof mailbox);
}

/* Our other devices leave rosters here. */
static void listen_to_devices(struct core *core, int64_t unix_seconds) {
  uint32_t epochs[3];
  int count = mailbox_epochs(epochs, unix_seconds);
  struct mailbox mailbox;
  if (core->link.state != DEVICE_LINK_IDLE)
    add_listening(core, &core->link.in, MAILBOX_LINK, NULL);
  for (int e = 0; e < count; e++) { /* the only one as well: it may come back from a backup elsewhere */
    core_own_mailbox(core, &mailbox, core->trust->identity.device.id, epochs[e]);
    add_listening(core, &mailbox, MAILBOX_OWN, NULL);
  }
  crypto_wipe(&mailbox, sizeof mailbox);
}

static bool is_listening(const struct listening *list, int count, const uint8_t *address) {
  for (int i = 0; i < count; i++)
    if (memcmp(list[i].mailbox.address, address, MAILBOX_SIZE) == 0)
      return true;
  return false;
}

void core_relisten(struct core *core, usec now) {
  struct listening before[MAILBOXES_MAX];
  int count = core->listenings;
  int64_t unix_seconds = core_unix(core, now);
  memcpy(before, core->listening, sizeof before);
  core->listenings = 0;
  if (invites_expire(&core->trust->invites, unix_seconds))
    outbox_add(&core->outbox, CORE_SAVE, 0);
  listen_to_devices(core, unix_seconds);
  listen_to_invites(core);
  listen_to_contacts(core, unix_seconds);
  listen_as_before(core, unix_seconds);
  for (int i = 0; i < count; i++)
    if (!is_listening(core->listening, core->listenings, before[i].mailbox.address))
      client_unlisten(core->client, now, before[i].mailbox.read_token);
  for (int i = 0; i < core->listenings; i++)
    client_listen(core->client, now, core->listening[i].mailbox.read_token);
  crypto_wipe(before, sizeof before);

  int64_t change = mailbox_epochs_change(unix_seconds), expiry = invites_deadline(&core->trust->invites);
  if (expiry < change)
    change = expiry > unix_seconds ? expiry : unix_seconds + 1;
  core->relisten_at = SEC(change) - core->env.wall_offset;
}

/* Into the mailbox of any device of any contact, who drops it; of nobody, when there is none. The server sees one
 * more cell, and its delivery where the contact is online. */
void core_send_cover(struct core *core, usec now) {
  const struct identity *us = &core->trust->identity;
  struct cell_header header = {.type = CELL_COVER};
  struct mailbox mailbox;
  size_t contacts = core->trust->contacts.count;
  const struct contact *contact =
      contacts ? core->trust->contacts.list[random_below(&core->env.random, (uint32_t)contacts)] : NULL;
  crypto_random(&mailbox, sizeof mailbox);
  crypto_random(header.session, sizeof header.session);
  memcpy(header.device, us->device.id, sizeof header.device);
  if (contact && contact_callable(contact) && contact->roster.devices) {
    const struct roster *roster = &contact->roster;
    const struct roster_device *device =
        &roster->device[random_below(&core->env.random, (uint32_t)roster->devices)];
    mailbox_derive(&mailbox, contact->ps, us->ik, contact->id, device->id, mailbox_epoch(core_unix(core, now)));
  }
  bool put = post_message(core->client, now, &mailbox, &header, (const uint8_t *)"", 0);
  (void)put; /* a full queue needs no cover */
  crypto_wipe(&mailbox, sizeof mailbox);
}
