#include "device_link.h"

#include <string.h>

#include "../signaling/pair.h"
#include "trust/record.h"

void device_link_deinit(struct device_link *link) {
  trust_free(link->incoming);
  crypto_wipe(link, sizeof *link); /* DEVICE_LINK_IDLE is zero */
}

static void fail(struct device_link *link, const struct device_link_env *env, sotto_status status) {
  device_link_deinit(link);
  outbox_event(env->outbox, SOTTO_EVENT_LINK_FAILED, 0, NULL)->status = status;
}

/* ---- cells ---- */

static bool post(struct device_link *link, const struct device_link_env *env, usec now, enum cell_type type,
                 uint32_t n, const uint8_t *body, size_t size) {
  struct cell_header header = {.type = (uint8_t)type, .n = n};
  memcpy(header.device, env->trust->identity.device.id, sizeof header.device);
  memcpy(header.session, link->session, sizeof header.session);
  link->deadline = now + DEVICE_LINK_TIMEOUT;
  return size && post_message(env->client, now, &link->out, &header, body, size);
}

static bool post_handshake(struct device_link *link, const struct device_link_env *env, usec now,
                           enum cell_type type, const struct message *message) {
  uint8_t payload[MESSAGE_MAX], body[CELL_MESSAGE_MAX];
  size_t size = message ? message_encode(message, payload, sizeof payload) : 0;
  if (message && !size)
    return false;
  size = noise_write(&link->noise, body, sizeof body, payload, size);
  return post(link, env, now, type, 0, body, size);
}

/* The link is over when what must be said can't be. */
static bool say(struct device_link *link, const struct device_link_env *env, usec now,
                const struct message *message) {
  uint8_t payload[MESSAGE_MAX], body[MESSAGE_MAX + AEAD_TAG_SIZE];
  size_t size = message_encode(message, payload, sizeof payload);
  if (size) {
    noise_seal(&link->send, link->sent, body, payload, size);
    if (post(link, env, now, CELL_LINK_DATA, link->sent++, body, size + AEAD_TAG_SIZE)) {
      crypto_wipe(payload, sizeof payload);
      return true;
    }
  }
  crypto_wipe(payload, sizeof payload);
  fail(link, env, SOTTO_ERR_FULL);
  return false;
}

static bool say_type(struct device_link *link, const struct device_link_env *env, usec now,
                     enum message_type type) {
  const struct message message = {.type = (uint8_t)type};
  return say(link, env, now, &message);
}

/* A complete handshake message of this type; its payload may be empty. */
static bool read_handshake(struct device_link *link, const struct cell *cell, enum cell_type type,
                           uint8_t payload[MESSAGE_MAX], size_t *size) {
  const uint8_t *body;
  size_t body_size;
  return cell->header.type == type && reassembler_input(&link->reassembler, cell, &body, &body_size) &&
         noise_read(&link->noise, body, body_size, payload, MESSAGE_MAX, size);
}

static bool read_data(struct device_link *link, const struct cell *cell, uint8_t payload[MESSAGE_MAX],
                      struct message *message) {
  const uint8_t *body;
  size_t size;
  if (cell->header.type != CELL_LINK_DATA || cell->header.n != link->received ||
      !reassembler_input(&link->reassembler, cell, &body, &size) || size <= AEAD_TAG_SIZE ||
      size - AEAD_TAG_SIZE > MESSAGE_MAX || !noise_open(&link->receive, link->received, payload, body, size) ||
      !message_parse(payload, size - AEAD_TAG_SIZE, message))
    return false;
  link->received++;
  return true;
}

/* ---- beginning ---- */

static void init(struct device_link *link, const struct device_link_env *env, const struct device_code *code,
                 bool primary) {
  const struct identity *identity = &env->trust->identity;
  uint8_t psk[KEY_SIZE], prologue[LINK_PROLOGUE_SIZE];
  memset(link, 0, sizeof *link);
  link->code = *code;
  mailbox_derive_link(&link->in, code->nonce, primary ? LINK_PRIMARY : LINK_DEVICE);
  mailbox_derive_link(&link->out, code->nonce, primary ? LINK_DEVICE : LINK_PRIMARY);
  reassembler_init(&link->reassembler);
  pair_invite_psk(psk, code->nonce);
  pair_link_prologue(prologue, code->dk, code->dx);
  noise_init(&link->noise, &(struct noise_config){.pattern = NOISE_XKPSK3,
                                                  .initiator = primary,
                                                  .prologue = prologue,
                                                  .prologue_size = sizeof prologue,
                                                  .static_secret = identity->device.dx_secret,
                                                  .static_public = identity->device.dx,
                                                  .remote_static = primary ? code->dx : NULL,
                                                  .psk = psk});
  crypto_wipe(psk, sizeof psk);
}

sotto_status device_link_show(struct device_link *link, const struct device_link_env *env, usec now) {
  const struct trust *trust = env->trust;
  struct device_code code;
  if (link->state != DEVICE_LINK_IDLE || !trust->identity.root || trust_is_dead(trust) || trust->own.seq ||
      trust->contacts.count || trust_is_restored(trust))
    return SOTTO_ERR_STATE;
  memcpy(code.dk, trust->identity.device.dk, KEY_SIZE);
  memcpy(code.dx, trust->identity.device.dx, KEY_SIZE);
  crypto_random(code.nonce, sizeof code.nonce);
  init(link, env, &code, false);
  link->incoming = trust_new_empty();
  if (!link->incoming) {
    device_link_deinit(link);
    return SOTTO_ERR_NOMEM;
  }
  link->state = DEVICE_LINK_SHOWN;
  link->deadline = now + DEVICE_LINK_LIFE;
  return SOTTO_OK;
}

sotto_status device_link_take(struct device_link *link, const struct device_link_env *env, usec now,
                              const struct device_code *code) {
  const struct trust *trust = env->trust;
  uint8_t id[DEVICE_ID_SIZE];
  device_id(id, code->dk, code->dx);
  if (link->state != DEVICE_LINK_IDLE || !trust->identity.root || trust_is_restored(trust) ||
      trust_is_dead(trust) || roster_find(&trust->own, id) || roster_find_revoked(&trust->own, id))
    return SOTTO_ERR_STATE;
  if (trust->own.devices == ROSTER_MAX_DEVICES)
    return SOTTO_ERR_FULL;
  init(link, env, code, true);
  crypto_random(link->session, sizeof link->session);
  link->state = DEVICE_LINK_CALLING;
  if (post_handshake(link, env, now, CELL_LINK_1, NULL))
    return SOTTO_OK;
  device_link_deinit(link);
  return SOTTO_ERR_FULL;
}

static void finish_handshake(struct device_link *link) {
  noise_split(&link->noise, &link->send, &link->receive);
}

/* ---- the new device ---- */

static void on_called(struct device_link *link, const struct device_link_env *env, usec now,
                      const struct cell *cell) {
  uint8_t payload[MESSAGE_MAX];
  size_t size;
  memcpy(link->session, cell->header.session, sizeof link->session);
  if (!read_handshake(link, cell, CELL_LINK_1, payload, &size) || size)
    return;
  link->state = DEVICE_LINK_ASKED;
  if (!post_handshake(link, env, now, CELL_LINK_2, NULL))
    fail(link, env, SOTTO_ERR_FULL);
}

static bool has_static(const struct roster *roster, const uint8_t dx[KEY_SIZE]) {
  for (size_t i = 0; i < roster->devices; i++)
    if (crypto_equal(roster->device[i].dx, dx, KEY_SIZE))
      return true;
  return false;
}

/* The user showed the code to their own primary: whoever has it may enrol this device, and the user sees as whose.
 */
static void on_asked(struct device_link *link, const struct device_link_env *env, usec now, const uint8_t *payload,
                     size_t size) {
  const struct identity *identity = &env->trust->identity;
  struct roster *roster = &link->incoming->own;
  struct message ask, consent = {.type = MESSAGE_CONSENT};
  struct roster_device device = {0};
  uint8_t their_static[KEY_SIZE];
  noise_remote_static(&link->noise, their_static);
  finish_handshake(link);
  if (!message_parse(payload, size, &ask) || ask.type != MESSAGE_ASK ||
      !roster_parse(roster, ask.roster, ask.roster_size) || !has_static(roster, their_static)) {
    fail(link, env, SOTTO_ERR_TRUST);
    return;
  }
  memcpy(device.id, identity->device.id, DEVICE_ID_SIZE);
  device.added_seq = roster->seq + 1;
  roster_accept_sign(&device, roster->id, identity->device.dk_secret);
  memcpy(consent.signature, device.accept_sig, sizeof consent.signature);
  link->state = DEVICE_LINK_CONSENTED;
  say(link, env, now, &consent);
}

/* The rosters of the identity, the last of which follows from what we were asked about and names us. */
static bool take_rosters(struct device_link *link, const struct identity *identity, const struct message *message) {
  struct bytes_view part[ROSTER_LINKS_MAX];
  struct trust *incoming = link->incoming;
  uint8_t record[RECORD_MAX];
  size_t count = roster_links_split(message->roster, message->roster_size, part);
  if (roster_accept(&incoming->own, part, count, NULL) != ROSTER_ACCEPTED)
    return false;
  for (size_t i = 0; i < count; i++)
    if (part[i].size > ROSTER_MAX_SIZE || record_load(incoming, record, record_link(record, &part[i])) != SOTTO_OK)
      return false;
  memcpy(incoming->own_secret, message->random, sizeof incoming->own_secret);
  return roster_find(&incoming->own, identity->device.id) != NULL;
}

static bool take_contact(struct trust *incoming, const struct message *message) {
  size_t before = incoming->contacts.count;
  if (record_load(incoming, message->roster, message->roster_size) != SOTTO_OK ||
      incoming->contacts.count != before + 1)
    return false;
  incoming->contacts.list[before]->untold = 0; /* the primary tells them */
  return true;
}

/* From here on this store is a device of theirs; what it was is gone. */
static void become(struct device_link *link, const struct device_link_env *env) {
  struct trust *trust = env->trust, *incoming = link->incoming;
  struct contacts nobody = trust->contacts;
  sotto_id owner;
  crypto_wipe(trust->identity.ik_secret, sizeof trust->identity.ik_secret);
  trust->identity.root = false;
  memcpy(trust->identity.ik, incoming->own.id, KEY_SIZE);
  trust->own = incoming->own;
  trust->links = incoming->links;
  memcpy(trust->own_secret, incoming->own_secret, sizeof trust->own_secret);
  trust->contacts = incoming->contacts;
  incoming->contacts = nobody;
  crypto_wipe(&trust->invites, sizeof trust->invites); /* they were in another name */
  memcpy(owner.bytes, trust->identity.ik, sizeof owner.bytes);
  outbox_add(env->outbox, CORE_SAVE, 0);
  outbox_event(env->outbox, SOTTO_EVENT_LINKED, 0, &owner);
}

static void on_gift(struct device_link *link, const struct device_link_env *env, usec now,
                    const struct message *message) {
  bool first = link->received == 1;
  if (first && message->type == MESSAGE_LINK_ROSTER && take_rosters(link, &env->trust->identity, message)) {
    say_type(link, env, now, MESSAGE_NEXT);
  } else if (!first && message->type == MESSAGE_LINK_CONTACT && take_contact(link->incoming, message)) {
    say_type(link, env, now, MESSAGE_NEXT);
  } else if (!first && message->type == MESSAGE_DONE && !env->trust->contacts.count) {
    if (!say_type(link, env, now, MESSAGE_DONE))
      return;
    become(link, env);
    device_link_deinit(link);
  } else {
    fail(link, env, SOTTO_ERR_TRUST);
  }
}

/* ---- the primary ---- */

static void on_answered(struct device_link *link, const struct device_link_env *env, usec now) {
  const struct roster *own = &env->trust->own;
  const struct message ask = {.type = MESSAGE_ASK, .roster = own->encoded, .roster_size = own->size};
  link->state = DEVICE_LINK_ASKING;
  if (!post_handshake(link, env, now, CELL_LINK_3, &ask)) {
    fail(link, env, SOTTO_ERR_FULL);
    return;
  }
  finish_handshake(link);
}

static void on_consent(struct device_link *link, const struct device_link_env *env, usec now, int64_t unix_seconds,
                       const struct message *message) {
  struct trust *trust = env->trust;
  struct roster next;
  struct roster_device device = {.added_seq = trust->own.seq + 1};
  struct message gift = {.type = MESSAGE_LINK_ROSTER};
  memcpy(device.dk, link->code.dk, KEY_SIZE);
  memcpy(device.dx, link->code.dx, KEY_SIZE);
  device_id(device.id, device.dk, device.dx);
  memcpy(device.accept_sig, message->signature, sizeof device.accept_sig);
  roster_next(&next, &trust->own, (uint64_t)unix_seconds);
  if (message->type != MESSAGE_CONSENT || !roster_add_device(&next, &device) ||
      !roster_sign(&next, trust->identity.ik_secret)) { /* which checks its signature */
    fail(link, env, SOTTO_ERR_TRUST);
    return;
  }
  trust_adopt_roster(trust, &next);
  outbox_add(env->outbox, CORE_SAVE, 0);
  gift.roster = trust->links.bytes;
  gift.roster_size = trust->links.size;
  memcpy(gift.random, trust->own_secret, sizeof gift.random);
  link->state = DEVICE_LINK_GIVING;
  say(link, env, now, &gift);
  crypto_wipe(gift.random, sizeof gift.random);
}

static void on_next(struct device_link *link, const struct device_link_env *env, usec now,
                    const struct message *message) {
  const struct contacts *contacts = &env->trust->contacts;
  if (message->type == MESSAGE_DONE && link->given == contacts->count + 1) {
    sotto_id owner;
    memcpy(owner.bytes, env->trust->identity.ik, sizeof owner.bytes);
    device_link_deinit(link);
    outbox_event(env->outbox, SOTTO_EVENT_LINKED, 0, &owner);
    return;
  }
  if (message->type != MESSAGE_NEXT || link->given > contacts->count) {
    fail(link, env, SOTTO_ERR_TRUST);
    return;
  }
  uint8_t record[RECORD_MAX];
  struct message gift = {.type = MESSAGE_DONE};
  if (link->given < contacts->count) {
    gift.type = MESSAGE_LINK_CONTACT;
    gift.roster = record;
    gift.roster_size = record_contact(record, contacts->list[link->given]);
  }
  link->given++;
  say(link, env, now, &gift);
  crypto_wipe(record, sizeof record);
}

/* ---- both ---- */

void device_link_cell(struct device_link *link, const struct device_link_env *env, usec now, int64_t unix_seconds,
                      const struct cell *cell) {
  uint8_t payload[MESSAGE_MAX];
  struct message message;
  size_t size;
  if (link->state != DEVICE_LINK_IDLE && link->state != DEVICE_LINK_SHOWN &&
      memcmp(link->session, cell->header.session, SESSION_SIZE) != 0)
    return;
  switch (link->state) {
  case DEVICE_LINK_SHOWN:
    on_called(link, env, now, cell);
    break;
  case DEVICE_LINK_ASKED:
    if (read_handshake(link, cell, CELL_LINK_3, payload, &size))
      on_asked(link, env, now, payload, size);
    break;
  case DEVICE_LINK_CONSENTED:
    if (read_data(link, cell, payload, &message))
      on_gift(link, env, now, &message);
    break;
  case DEVICE_LINK_CALLING:
    if (read_handshake(link, cell, CELL_LINK_2, payload, &size) && size == 0)
      on_answered(link, env, now);
    break;
  case DEVICE_LINK_ASKING:
    if (read_data(link, cell, payload, &message))
      on_consent(link, env, now, unix_seconds, &message);
    break;
  case DEVICE_LINK_GIVING:
    if (read_data(link, cell, payload, &message))
      on_next(link, env, now, &message);
    break;
  case DEVICE_LINK_IDLE:
    break;
  }
  crypto_wipe(payload, sizeof payload);
}

void device_link_timer(struct device_link *link, const struct device_link_env *env, usec now) {
  if (link->state != DEVICE_LINK_IDLE && now >= link->deadline)
    fail(link, env, link->state == DEVICE_LINK_SHOWN ? SOTTO_ERR_EXPIRED : SOTTO_ERR_NOT_FOUND);
}
