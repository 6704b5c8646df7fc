/* core_statements.c - the last words of an identity (trust/statement.h, protocol A.4): ours, told to each contact
 * until all of its devices have acknowledged them; and those of contacts, who are answered.
 *
 * A contact is told under the key that it knows, once a round and whenever it looks for us there. Bounds: a contact
 * a second, a round a minute, which is how long a cell lives.
 */
#include <string.h>

#include "call/roster_news.h"
#include "core_parts.h"

#define STATE_INTERVAL SEC(1)  /* between two contacts, and between two answers */
#define STATE_AGAIN    SEC(60) /* between two rounds */

/* ---- telling ---- */

static void post(struct core *core, usec now, const struct mailbox *mailbox, const uint8_t device[DEVICE_ID_SIZE],
                 const struct message *message) {
  struct cell_header header = {.type = CELL_ROSTER};
  uint8_t body[CELL_BODY_MAX];
  memcpy(header.device, device, sizeof header.device);
  crypto_random(header.session, sizeof header.session);
  size_t size = message_encode(message, body, sizeof body);
  bool put = size && post_message(core->client, now, mailbox, &header, body, size);
  (void)put; /* a full queue: it is said again */
}

static struct message say(const struct statement *statement) {
  return (struct message){.type = MESSAGE_STATEMENT, .roster = statement->bytes, .roster_size = statement->size};
}

static bool is_to_be_told(const struct core *core, const struct contact *contact) {
  return contact_callable(contact) && trust_untold(core->trust, contact);
}

static void tell(struct core *core, usec now, const struct contact *contact) {
  const struct statement *statement = trust_untold(core->trust, contact);
  struct mailbox mailbox;
  if (!is_to_be_told(core, contact))
    return;
  const struct message message = say(statement);
  for (size_t i = 0; i < contact->roster.devices; i++) {
    if (contact->told_mask & 1u << i)
      continue;
    mailbox_derive(&mailbox, contact->ps, statement->bytes + STATEMENT_IK, contact->id,
                   contact->roster.device[i].id, mailbox_epoch(core_unix(core, now)));
    post(core, now, &mailbox, statement->device, &message);
  }
  crypto_wipe(&mailbox, sizeof mailbox);
}

static void tell_own_devices(struct core *core, usec now) {
  const struct trust *trust = core->trust;
  struct mailbox mailbox;
  if (!trust_is_dead(trust))
    return;
  const struct message message = say(&trust->statement[trust->statements - 1]);
  for (size_t i = 0; i < trust->own.devices; i++) {
    core_own_mailbox(core, &mailbox, trust->own.device[i].id, mailbox_epoch(core_unix(core, now)));
    if (memcmp(trust->own.device[i].id, trust->identity.device.id, DEVICE_ID_SIZE) != 0)
      post(core, now, &mailbox, trust->identity.device.id, &message);
  }
  crypto_wipe(&mailbox, sizeof mailbox);
}

void core_state(struct core *core, usec now) {
  core->stated = 0;
  core->state_at = core->trust->statements ? now : USEC_NEVER;
  tell_own_devices(core, now);
}

void core_statements_timer(struct core *core, usec now) {
  const struct contacts *contacts = &core->trust->contacts;
  if (now < core->state_at)
    return;
  while (core->stated < contacts->count) {
    const struct contact *contact = contacts->list[core->stated++];
    if (!is_to_be_told(core, contact))
      continue;
    tell(core, now, contact);
    core->state_at = now + STATE_INTERVAL;
    return;
  }
  core->stated = 0;
  core->state_at = core->trust->statements ? now + STATE_AGAIN : USEC_NEVER;
}

void core_state_again(struct core *core, usec now, const struct contact *contact) {
  if (now < core->next_told || !is_to_be_told(core, contact))
    return;
  core->next_told = now + STATE_INTERVAL;
  tell(core, now, contact);
}

/* ---- being answered ---- */

/* A late or a doubled answer is not worth an alarm. */
void core_heard(struct core *core, usec now, struct contact *contact, const uint8_t device[DEVICE_ID_SIZE],
                const struct message *message) {
  const struct statement *statement = trust_untold(core->trust, contact);
  const struct roster_device *from = roster_find(&contact->roster, device);
  sotto_id peer;
  if (!statement || !from)
    return;
  const struct bytes_view whole = {statement->bytes, statement->size};
  if (!statement_acknowledged(message->signature, from, &whole) || !contact_acknowledged(contact, device))
    return;
  trust_forget_told(core->trust);
  outbox_add(&core->outbox, CORE_SAVE, 0);
  tell(core, now, contact); /* what comes next */
  if (trust_untold(core->trust, contact))
    return;
  memcpy(peer.bytes, contact->id, sizeof peer.bytes);
  outbox_event(&core->outbox, SOTTO_EVENT_TOLD, 0, &peer);
}

/* They look for us where we were: a roster of theirs counts, and what else they say has to wait. */
void core_former_cell(struct core *core, usec now, struct contact *contact, const struct cell *cell) {
  struct message message;
  bool good =
      cell->header.type == CELL_ROSTER && cell->fragments == 1 && message_parse(cell->body, cell->size, &message);
  if (good && message.type == MESSAGE_HEARD) {
    core_heard(core, now, contact, cell->header.device, &message);
    return;
  }
  if (good && message.type == MESSAGE_STATEMENT) {
    core_statement_heard(core, now, contact, NULL, &message);
    return;
  }
  if (good && message.type == MESSAGE_ROSTER && contact_callable(contact))
    roster_news_take(&core->env, contact, core_unix(core, now), message.roster, message.roster_size);
  core_state_again(core, now, contact);
}

/* ---- being told ---- */

void core_tell_back(struct core *core, usec now, const struct contact *contact, const struct cell *cell) {
  struct mailbox mailbox;
  const struct message message = {
      .type = MESSAGE_STATEMENT, .roster = contact->rotation, .roster_size = contact->rotation_size};
  if (now < core->next_told || !contact->rotation ||
      memcmp(contact->rotation + STATEMENT_IK, contact->id, KEY_SIZE) != 0)
    return;
  core->next_told = now + STATE_INTERVAL;
  mailbox_derive(&mailbox, contact->ps, core->trust->identity.ik, contact->id, cell->header.device,
                 mailbox_epoch(core_unix(core, now)));
  post(core, now, &mailbox, core->trust->identity.device.id, &message);
  crypto_wipe(&mailbox, sizeof mailbox);
}

static void acknowledge(struct core *core, usec now, const struct contact *contact, const struct cell_header *from,
                        const struct statement_view *statement) {
  const struct identity *us = &core->trust->identity;
  struct message message = {.type = MESSAGE_HEARD};
  struct mailbox mailbox;
  statement_acknowledge(message.signature, &us->device, &statement->whole);
  mailbox_derive(&mailbox, contact->ps, us->ik, statement->ik, from->device, mailbox_epoch(core_unix(core, now)));
  post(core, now, &mailbox, us->device.id, &message);
  crypto_wipe(&mailbox, sizeof mailbox);
}

static void tell_user(struct core *core, const struct contact *contact, bool alarm) {
  sotto_id peer;
  memcpy(peer.bytes, contact->id, sizeof peer.bytes);
  outbox_add(&core->outbox, CORE_SAVE, 0);
  outbox_event(&core->outbox, SOTTO_EVENT_CONTACT, 0, &peer)->trust = contact->state;
  if (alarm)
    outbox_alarm(&core->outbox, 0, &peer, SOTTO_ALARM_IDENTITY_CHANGED);
}

bool core_statement_heard(struct core *core, usec now, struct contact *contact, const struct cell_header *from,
                          const struct message *message) {
  struct statement_view view;
  if (!statement_parse(message->roster, message->roster_size, &view))
    return false;
  if (memcmp(view.ik, core->trust->identity.ik, KEY_SIZE) == 0) {
    core_tell_self(core, now, contact, SOTTO_ALARM_SELF_ROSTER_FORK);
    return true;
  }
  enum statement_verdict verdict = contact_statement(contact, &view, core_unix(core, now));
  if (verdict == STATEMENT_FOREIGN)
    return false;
  if (verdict == STATEMENT_NEWS)
    tell_user(core, contact, view.kind == STATEMENT_ROTATE);
  else if (now < core->next_told)
    return true;
  else
    core->next_told = now + STATE_INTERVAL;
  if (from)
    acknowledge(core, now, contact, from, &view);
  return true;
}

static void tell_end(struct core *core, usec now) {
  sotto_id own;
  memcpy(own.bytes, core->trust->identity.ik, sizeof own.bytes);
  core_shutdown(core, now);
  core->relisten_at = 0;
  outbox_add(&core->outbox, CORE_SAVE, 0);
  outbox_event(&core->outbox, SOTTO_EVENT_IDENTITY, 0, &own)->trust = SOTTO_TRUST_REVOKED;
}

/* The primary has declared us dead. Contacts hear it from here as well, the next time that we are online. */
void core_own_statement(struct core *core, usec now, const struct message *message) {
  struct trust *trust = core->trust;
  struct statement_view view;
  struct statement own;
  if (trust_is_dead(trust) || !statement_parse(message->roster, message->roster_size, &view) ||
      view.kind != STATEMENT_TOMBSTONE || memcmp(view.ik, trust->identity.ik, KEY_SIZE) != 0)
    return;
  memcpy(own.bytes, view.whole.data, view.whole.size);
  own.size = view.whole.size;
  memcpy(own.device, trust->identity.device.id, DEVICE_ID_SIZE);
  trust_add_statement(trust, &own);
  tell_end(core, now);
}

/* ---- the embedder ---- */

/* Somebody who joins, or a device that is linked, would hold on to a key that goes. */
static bool is_meeting(const struct core *core) {
  for (int i = 0; i < FIRST_CONTACTS_MAX; i++)
    if (core->first_contact[i].state != FIRST_CONTACT_IDLE)
      return true;
  return core->link.state != DEVICE_LINK_IDLE;
}

sotto_status core_identity_rotate(struct core *core, usec now) {
  sotto_id own;
  if (is_meeting(core) || core_count_calls(core))
    return SOTTO_ERR_STATE;
  sotto_status status = trust_rotate(core->trust, core_unix(core, now));
  if (status)
    return status;
  memcpy(own.bytes, core->trust->identity.ik, sizeof own.bytes);
  core->told_seq = core->trust->own.seq;
  core->relisten_at = 0;
  outbox_add(&core->outbox, CORE_SAVE, 0);
  outbox_event(&core->outbox, SOTTO_EVENT_IDENTITY, 0, &own);
  core_state(core, now);
  return SOTTO_OK;
}

sotto_status core_identity_end(struct core *core, usec now) {
  sotto_status status = trust_end(core->trust);
  if (status)
    return status;
  tell_end(core, now);
  core_state(core, now);
  return SOTTO_OK;
}
