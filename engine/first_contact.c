#include "first_contact.h"

#include <string.h>

#include "../signaling/pair.h"

void first_contact_deinit(struct first_contact *contact) {
  crypto_wipe(contact, sizeof *contact); /* FIRST_CONTACT_IDLE is zero */
}

static void fail(struct first_contact *contact, const struct first_contact_env *env, sotto_status status) {
  bool joiner = contact->state == FIRST_CONTACT_JOINING || contact->state == FIRST_CONTACT_JOINED;
  if (joiner) {
    sotto_id peer;
    memcpy(peer.bytes, contact->invite.ik, sizeof peer.bytes);
    outbox_event(env->outbox, SOTTO_EVENT_INVITE_FAILED, 0, &peer)->status = status;
  }
  first_contact_deinit(contact);
}

static bool post(struct first_contact *contact, const struct first_contact_env *env, usec now, enum cell_type type,
                 const uint8_t *body, size_t size) {
  struct cell_header header = {.type = (uint8_t)type};
  memcpy(header.device, env->trust->identity.device.id, sizeof header.device);
  memcpy(header.session, contact->session, sizeof header.session);
  return size && post_message(env->client, now, &contact->out, &header, body, size);
}

static bool post_handshake(struct first_contact *contact, const struct first_contact_env *env, usec now,
                           enum cell_type type, const struct message *message) {
  uint8_t payload[MESSAGE_MAX], body[CELL_MESSAGE_MAX];
  size_t size = message ? message_encode(message, payload, sizeof payload) : 0;
  if (message && !size)
    return false;
  size = noise_write(&contact->noise, body, sizeof body, payload, size);
  crypto_wipe(payload, sizeof payload);
  return post(contact, env, now, type, body, size);
}

static bool post_data(struct first_contact *contact, const struct first_contact_env *env, usec now,
                      const struct message *message) {
  uint8_t payload[MESSAGE_MAX], body[MESSAGE_MAX + AEAD_TAG_SIZE];
  size_t size = message_encode(message, payload, sizeof payload);
  if (!size)
    return false;
  noise_seal(&contact->send, 0, body, payload, size); /* each side sends one */
  crypto_wipe(payload, size);
  return post(contact, env, now, CELL_INVITE_DATA, body, size + AEAD_TAG_SIZE);
}

static void init(struct first_contact *contact, const struct first_contact_env *env, const struct invite *invite,
                 const char *name, bool joiner, usec now) {
  const struct identity *identity = &env->trust->identity;
  uint8_t psk[KEY_SIZE], prologue[INVITE_PROLOGUE_SIZE];
  memset(contact, 0, sizeof *contact);
  contact->invite = *invite;
  contact->deadline = now + FIRST_CONTACT_TIMEOUT;
  memcpy(contact->name, name, strnlen(name, sizeof contact->name - 1));
  crypto_random(contact->random, sizeof contact->random);
  mailbox_derive_invite(&contact->in, invite->secret, joiner ? INVITE_JOINER : INVITE_INVITER);
  mailbox_derive_invite(&contact->out, invite->secret, joiner ? INVITE_INVITER : INVITE_JOINER);
  reassembler_init(&contact->reassembler);
  pair_invite_psk(psk, invite->secret);
  pair_invite_prologue(prologue, invite->ik, invite->dev_id);
  noise_init(&contact->noise, &(struct noise_config){.pattern = NOISE_XKPSK3,
                                                     .initiator = joiner,
                                                     .prologue = prologue,
                                                     .prologue_size = sizeof prologue,
                                                     .static_secret = identity->device.dx_secret,
                                                     .static_public = identity->device.dx,
                                                     .remote_static = joiner ? invite->dx : NULL,
                                                     .psk = psk});
  crypto_wipe(psk, sizeof psk);
}

bool first_contact_join(struct first_contact *contact, const struct first_contact_env *env, usec now,
                        const struct invite *invite, const char *name) {
  init(contact, env, invite, name, true, now);
  crypto_random(contact->session, sizeof contact->session);
  if (!post_handshake(contact, env, now, CELL_INVITE_1, NULL)) {
    first_contact_deinit(contact);
    return false;
  }
  contact->state = FIRST_CONTACT_JOINING;
  return true;
}

/* A complete handshake message of this type; its payload may be empty. */
static bool read_handshake(struct first_contact *contact, const struct cell *cell, enum cell_type type,
                           uint8_t *payload, size_t *size) {
  const uint8_t *body;
  size_t body_size;
  return cell->header.type == type && reassembler_input(&contact->reassembler, cell, &body, &body_size) &&
         noise_read(&contact->noise, body, body_size, payload, MESSAGE_MAX, size);
}

bool first_contact_asked(struct first_contact *contact, const struct first_contact_env *env, usec now,
                         struct pending_invite *pending, const struct cell *cell) {
  uint8_t payload[MESSAGE_MAX];
  size_t size;
  init(contact, env, &pending->invite, pending->name, false, now);
  contact->pending = pending;
  memcpy(contact->session, cell->header.session, sizeof contact->session);
  if (read_handshake(contact, cell, CELL_INVITE_1, payload, &size) && size == 0 &&
      post_handshake(contact, env, now, CELL_INVITE_2, NULL)) {
    contact->state = FIRST_CONTACT_ASKED;
    return true;
  }
  first_contact_deinit(contact);
  return false;
}

static void finish_handshake(struct first_contact *contact) {
  noise_hash(&contact->noise, contact->h);
  noise_split(&contact->noise, &contact->send, &contact->receive);
}

static bool has_static(const struct roster *roster, const uint8_t dx[KEY_SIZE]) {
  for (size_t i = 0; i < roster->devices; i++)
    if (crypto_equal(roster->device[i].dx, dx, KEY_SIZE))
      return true;
  return false;
}

/* Both ends: the person behind `roster` becomes a contact, or an old one gets a fresh pair secret. Meeting again
 * never changes what was thought of a key, and a name never moves to another key. */
static sotto_status meet(struct first_contact *contact, const struct first_contact_env *env,
                         const struct roster *roster, const uint8_t joiner[RANDOM_SIZE],
                         const uint8_t inviter[RANDOM_SIZE], int64_t unix_seconds) {
  struct contact *person;
  if (crypto_equal(roster->id, env->trust->identity.ik, KEY_SIZE))
    return SOTTO_ERR_TRUST;
  sotto_status status = contacts_add(&env->trust->contacts, roster->id, contact->name, &person);
  if (status == SOTTO_ERR_STATE) {
    enum roster_verdict verdict = roster_compare(&person->roster.head, &roster->head);
    if (!contact_callable(person) || (verdict != ROSTER_SAME && verdict != ROSTER_ACCEPTED))
      return SOTTO_ERR_TRUST;
  } else if (status) {
    return status;
  } else {
    person->acknowledged_seq = roster->seq;
  }
  person->roster = *roster;
  person->told_seq = env->trust->own.seq;
  pair_secret(person->ps, joiner, inviter, contact->h);
  contact_met_remote(person);
  bool scanned = contact->pending == NULL && (contact->invite.flags & SOTTO_INVITE_IN_PERSON);
  if (scanned)
    contact_user_scanned_in_person(person, unix_seconds);
  outbox_add(env->outbox, CORE_SAVE, 0);
  sotto_id peer;
  memcpy(peer.bytes, person->id, sizeof peer.bytes);
  outbox_event(env->outbox, SOTTO_EVENT_CONTACT, 0, &peer)->trust = person->state;
  return SOTTO_OK;
}

/* Inviter: JOIN. */
static void joined(struct first_contact *contact, const struct first_contact_env *env, usec now,
                   int64_t unix_seconds, const uint8_t *payload, size_t size) {
  struct message join, welcome = {.type = MESSAGE_WELCOME};
  struct roster roster;
  uint8_t their_static[KEY_SIZE], rendezvous[INVITE_RENDEZVOUS_SIZE];
  noise_remote_static(&contact->noise, their_static);
  finish_handshake(contact);
  bool good = message_parse(payload, size, &join) && join.type == MESSAGE_JOIN &&
              roster_parse(&roster, join.roster, join.roster_size) && has_static(&roster, their_static) &&
              contact->pending->state == INVITE_OPEN;
  good = good && meet(contact, env, &roster, join.random, contact->random, unix_seconds) == SOTTO_OK;
  crypto_wipe(join.random, sizeof join.random); /* what the pair secret is made of */
  if (!good) {
    fail(contact, env, SOTTO_ERR_TRUST);
    return;
  }
  memcpy(rendezvous, contact->in.read_token, READ_TOKEN_SIZE);
  memcpy(rendezvous + READ_TOKEN_SIZE, contact->in.key, KEY_SIZE);
  invite_used(contact->pending, rendezvous);
  crypto_wipe(rendezvous, sizeof rendezvous);
  welcome.roster = env->trust->own.encoded;
  welcome.roster_size = env->trust->own.size;
  memcpy(welcome.random, contact->random, sizeof welcome.random);
  contact->state = FIRST_CONTACT_WELCOMED;
  bool sent = post_data(contact, env, now, &welcome);
  crypto_wipe(welcome.random, sizeof welcome.random);
  if (!sent)
    first_contact_deinit(contact);
}

/* Joiner: INVITE_2 came, so the inviter has the invite's static key and s: say who we are. */
static void answered(struct first_contact *contact, const struct first_contact_env *env, usec now) {
  struct message join = {
      .type = MESSAGE_JOIN, .roster = env->trust->own.encoded, .roster_size = env->trust->own.size};
  memcpy(join.random, contact->random, sizeof join.random);
  bool sent = post_handshake(contact, env, now, CELL_INVITE_3, &join);
  crypto_wipe(join.random, sizeof join.random);
  if (!sent) {
    fail(contact, env, SOTTO_ERR_FULL);
    return;
  }
  finish_handshake(contact);
  contact->state = FIRST_CONTACT_JOINED;
}

/* Joiner: WELCOME must be the inviter that the invite names, with the device that it names. */
static void welcomed(struct first_contact *contact, const struct first_contact_env *env, usec now,
                     int64_t unix_seconds, const struct message *welcome) {
  struct roster roster;
  struct message done = {.type = MESSAGE_DONE};
  const struct roster_device *device = NULL;
  if (roster_parse(&roster, welcome->roster, welcome->roster_size) &&
      crypto_equal(roster.id, contact->invite.ik, KEY_SIZE))
    device = roster_find(&roster, contact->invite.dev_id);
  if (!device || !crypto_equal(device->dx, contact->invite.dx, KEY_SIZE)) {
    fail(contact, env, SOTTO_ERR_TRUST);
    return;
  }
  sotto_status status = meet(contact, env, &roster, contact->random, welcome->random, unix_seconds);
  if (status) {
    fail(contact, env, status);
    return;
  }
  post_data(contact, env, now, &done); /* should it be lost, the inviter forgets a little later */
  first_contact_deinit(contact);
}

static bool read_data(struct first_contact *contact, const struct cell *cell, uint8_t *payload,
                      struct message *message) {
  const uint8_t *body;
  size_t size;
  return cell->header.type == CELL_INVITE_DATA && cell->header.n == 0 &&
         reassembler_input(&contact->reassembler, cell, &body, &size) && size > AEAD_TAG_SIZE &&
         size - AEAD_TAG_SIZE <= MESSAGE_MAX && noise_open(&contact->receive, 0, payload, body, size) &&
         message_parse(payload, size - AEAD_TAG_SIZE, message);
}

void first_contact_cell(struct first_contact *contact, const struct first_contact_env *env, usec now,
                        int64_t unix_seconds, const struct cell *cell) {
  uint8_t payload[MESSAGE_MAX];
  size_t size;
  struct message message = {0};
  switch (contact->state) {
  case FIRST_CONTACT_JOINING:
    if (read_handshake(contact, cell, CELL_INVITE_2, payload, &size) && size == 0)
      answered(contact, env, now);
    break;
  case FIRST_CONTACT_ASKED:
    if (read_handshake(contact, cell, CELL_INVITE_3, payload, &size))
      joined(contact, env, now, unix_seconds, payload, size);
    break;
  case FIRST_CONTACT_JOINED:
    if (read_data(contact, cell, payload, &message) && message.type == MESSAGE_WELCOME)
      welcomed(contact, env, now, unix_seconds, &message);
    break;
  case FIRST_CONTACT_WELCOMED:
    if (read_data(contact, cell, payload, &message) && message.type == MESSAGE_DONE)
      first_contact_deinit(contact);
    break;
  case FIRST_CONTACT_IDLE:
    break;
  }
  crypto_wipe(payload, sizeof payload);
  crypto_wipe(&message, sizeof message);
}

void first_contact_timer(struct first_contact *contact, const struct first_contact_env *env, usec now) {
  if (contact->state != FIRST_CONTACT_IDLE && now >= contact->deadline)
    fail(contact, env, SOTTO_ERR_NOT_FOUND);
}
