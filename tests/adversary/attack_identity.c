/* attack_identity.c - invites, names, stolen keys, and the store on disk. */
#include <string.h>

#include "engine/trust/store_image.h"
#include "evil.h"

static sotto_status invite(struct evil *evil, int from, const char *name, unsigned flags, char *text) {
  return core_invite_create(evil->sim.peer[from].core, evil->sim.now, name, flags, "", text,
                            SOTTO_INVITE_TEXT_SIZE);
}

static sotto_status join(struct evil *evil, int peer, const char *name, const char *text) {
  return core_invite_accept(evil->sim.peer[peer].core, evil->sim.now, name, text);
}

static size_t contacts_of(struct evil *evil, int peer) {
  return core_contacts(evil->sim.peer[peer].core, NULL, 0);
}

/* ---- A31: a second "bob": by an invite, and by a statement that his key has a successor ---- */

/* The attacker has a device of Bob's that he has not revoked yet, and so the pair's secret; not his root key. */
static void say_to_alice(struct evil *evil, const struct statement *statement) {
  const struct identity *alice = &evil->sim.peer[ALICE].trust->identity,
                        *bob = &evil->sim.peer[BOB].trust->identity;
  const struct message message = {
      .type = MESSAGE_STATEMENT, .roster = statement->bytes, .roster_size = statement->size};
  struct cell_header header = {.type = CELL_ROSTER};
  struct mailbox mailbox;
  uint8_t body[CELL_BODY_MAX];
  mailbox_derive(&mailbox, evil_contact(evil, BOB, ALICE)->ps, bob->ik, alice->ik, alice->device.id,
                 mailbox_epoch((evil->sim.now + evil->sim.wall) / SEC(1)));
  size_t size = message_encode(&message, body, sizeof body);
  expect(evil,
         size && post_message(evil->sim.peer[EVE].core->client, evil->sim.now, &mailbox, &header, body, size));
  sim_drain(&evil->sim, EVE);
  evil_wait(evil, SEC(1));
}

/* Eve signs for herself; for Bob some other key does. */
static void name_eve_as_successor(struct evil *evil) {
  const struct trust *eve = evil->sim.peer[EVE].trust;
  struct identity bob = evil->sim.peer[BOB].trust->identity;
  struct statement statement;
  int signer = evil_choose(evil, 2) ? EVE : GRETA;
  memcpy(bob.ik_secret, evil->sim.peer[signer].trust->identity.ik_secret, sizeof bob.ik_secret);
  statement_rotate(&statement, &bob, &eve->identity, &eve->own);
  say_to_alice(evil, &statement);
}

/* Both keys sign: the change is told, shuts the contact, and verifies nobody. */
static void bob_rotates(struct evil *evil) {
  sotto_id before;
  uint32_t call;
  sim_id(&evil->sim, BOB, &before);
  expect(evil, evil_alarms(evil, ALICE, SOTTO_ALARM_IDENTITY_CHANGED) == 0);
  expect(evil, core_identity_rotate(evil->sim.peer[BOB].core, evil->sim.now) == SOTTO_OK);
  evil_wait(evil, SEC(3));
  expect(evil, evil_alarms(evil, ALICE, SOTTO_ALARM_IDENTITY_CHANGED) == 1);
  const struct contact *bob = contacts_find(&evil->sim.peer[ALICE].trust->contacts, before.bytes);
  expect(evil, bob && bob->state == SOTTO_TRUST_CHANGED);
  expect(evil, core_call_start(evil->sim.peer[ALICE].core, evil->sim.now, &before, SOTTO_AUDIO, &call) ==
                   SOTTO_ERR_TRUST);
}

static void by_invite(struct evil *evil) {
  char text[SOTTO_INVITE_TEXT_SIZE];
  expect(evil, invite(evil, EVE, "alice", 0, text) == SOTTO_OK);
  sotto_status status = join(evil, ALICE, "bob", text); /* "I have a new telephone, here is my new invite" */
  evil_wait(evil, SEC(5));
  won(evil, evil_contact(evil, ALICE, EVE), "Eve stands in Alice's contacts under Bob's name");
  evil_saw(evil, "alice is told that the name is taken");
  expect(evil, status == SOTTO_ERR_STATE && contacts_of(evil, ALICE) == 1);
}

static void by_statement(struct evil *evil) {
  uint8_t number_of[KEY_SIZE];
  name_eve_as_successor(evil);
  contact_number_id(evil_contact(evil, ALICE, BOB), number_of);
  won(evil, !memcmp(number_of, evil->sim.peer[EVE].trust->identity.ik, KEY_SIZE),
      "Alice compares with Eve to reach Bob");
  expect(evil, evil_alarms(evil, ALICE, SOTTO_ALARM_AUTH_FAIL) == 1);
}

static void a31(struct evil *evil) {
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  evil_admit(evil);
  const struct contact before = *evil_contact(evil, ALICE, BOB);
  if (evil_choose(evil, 2))
    by_invite(evil);
  else
    by_statement(evil);
  const struct contact *after = evil_contact(evil, ALICE, BOB);
  expect(evil, after->state == before.state && !memcmp(after->ps, before.ps, KEY_SIZE));
  bob_rotates(evil);
}

/* ---- A32: Eve joins an invite, and says that her name is Bob's ---- */

static struct first_contact *joining(struct evil *evil, int peer) {
  for (int i = 0; i < FIRST_CONTACTS_MAX; i++)
    if (evil->sim.peer[peer].core->first_contact[i].state == FIRST_CONTACT_JOINING)
      return &evil->sim.peer[peer].core->first_contact[i];
  return NULL;
}

/* Her core would give no name: INVITE_3 is written by hand. */
static void join_by_name(struct evil *evil, struct first_contact *eve, const char *name) {
  const struct trust *trust = evil->sim.peer[EVE].trust;
  struct message join = {.type = MESSAGE_JOIN, .roster = trust->own.encoded, .roster_size = trust->own.size};
  struct cell_header header = {.type = CELL_INVITE_3};
  uint8_t payload[MESSAGE_MAX], body[CELL_MESSAGE_MAX];
  memcpy(join.random, eve->random, sizeof join.random);
  memcpy(join.name, name, strlen(name) + 1);
  memcpy(header.device, trust->identity.device.id, sizeof header.device);
  memcpy(header.session, eve->session, sizeof header.session);
  size_t size =
      noise_write(&eve->noise, body, sizeof body, payload, message_encode(&join, payload, sizeof payload));
  expect(evil,
         size && post_message(evil->sim.peer[EVE].core->client, evil->sim.now, &eve->out, &header, body, size));
  noise_hash(&eve->noise, eve->h);
  noise_split(&eve->noise, &eve->send, &eve->receive);
  eve->state = FIRST_CONTACT_JOINED;
}

static bool join_as_bob(struct evil *evil, int from, int to, uint8_t *message, size_t size) {
  struct first_contact *eve = joining(evil, EVE);
  struct cell cell;
  uint8_t payload[MESSAGE_MAX];
  size_t length;
  (void)from;
  if (to != EVE || !evil_is_cell(size) || !eve || !cell_open(&cell, eve->in.key, message + 1 + MAILBOX_SIZE) ||
      cell.header.type != CELL_INVITE_2)
    return true;
  if (noise_read(&eve->noise, cell.body, cell.size, payload, sizeof payload, &length))
    join_by_name(evil, eve, evil->state);
  return false;
}

static void a32(struct evil *evil) {
  static char names[][8] = {"bob", "Bob",
                            "b\xd0\xbe"
                            "b"}; /* the last with a Cyrillic letter */
  char text[SOTTO_INVITE_TEXT_SIZE];
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  evil_admit(evil);
  const struct contact before = *evil_contact(evil, ALICE, BOB);
  evil->state = names[evil_choose(evil, 3)];
  evil->on_message = join_as_bob;
  expect(evil,
         invite(evil, ALICE, "the plumber", 0, text) == SOTTO_OK && join(evil, EVE, "alice", text) == SOTTO_OK);
  evil_wait(evil, SEC(5));
  const struct contact *eve = evil_contact(evil, ALICE, EVE), *bob = evil_contact(evil, ALICE, BOB);
  evil_saw(evil, "alice has her under the name that alice gave");
  won(evil, eve && !strcmp(eve->name, evil->state), "Eve stands in Alice's contacts under the name of her choice");
  expect(evil, eve && !strcmp(eve->name, "the plumber") && eve->state == SOTTO_TRUST_TOFU);
  expect(evil, bob && !memcmp(bob, &before, sizeof before) && contacts_of(evil, ALICE) == 2);
}

/* ---- A34: somebody else read the link, and was faster ---- */

static void a34(struct evil *evil) {
  char text[SOTTO_INVITE_TEXT_SIZE];
  evil_scene(evil, SOTTO_POLICY_SAS_FIRST);
  expect(evil, invite(evil, ALICE, "bob", 0, text) == SOTTO_OK);
  evil_wait(evil, MS(evil_choose(evil, 1000)));
  expect(evil, join(evil, EVE, "alice", text) == SOTTO_OK);
  evil_wait(evil, SEC(3));
  expect(evil, join(evil, BOB, "alice", text) == SOTTO_OK);
  evil_wait(evil, SEC(65));
  int alarms = evil_alarms(evil, ALICE, SOTTO_ALARM_INVITE_REUSED);
  won(evil, contacts_of(evil, ALICE) == 2 && !alarms, "both got in, and nobody was told");
  expect(evil, alarms == 1 && evil->sim.peer[BOB].invite_failures == 1);
  expect(evil, contacts_of(evil, ALICE) == 1 && contacts_of(evil, BOB) == 0);
  expect(evil, evil_trust(evil, ALICE, EVE) == SOTTO_TRUST_TOFU);
}

/* ---- A35: an invite whose time is over, with a date of the attacker's ---- */

static void a35(struct evil *evil) {
  struct invite parsed;
  char text[SOTTO_INVITE_TEXT_SIZE];
  bool in_person = evil_choose(evil, 2);
  evil_scene(evil, SOTTO_POLICY_SAS_FIRST);
  expect(evil, invite(evil, ALICE, "bob", in_person ? SOTTO_INVITE_IN_PERSON : 0, text) == SOTTO_OK);
  evil_wait(evil, SEC((in_person ? INVITE_LIFE_IN_PERSON : INVITE_LIFE_REMOTE) + 1));
  expect(evil, invite_parse(text, &parsed) == SOTTO_OK);
  parsed.expiry = (uint32_t)((evil->sim.now + evil->sim.wall) / SEC(1)) + 100;
  expect(evil, invite_format(&parsed, text, sizeof text) == SOTTO_OK);
  expect(evil, join(evil, EVE, "alice", text) == SOTTO_OK);
  evil_wait(evil, SEC(65));
  evil_saw(evil, "alice does not answer");
  won(evil, evil_contact(evil, ALICE, EVE), "an old invite makes a contact");
  expect(evil, contacts_of(evil, ALICE) == 0 && evil->sim.peer[EVE].invite_failures == 1);
}

/* ---- A36: the attacker has Bob's stolen device, and calls Bob in Alice's name ---- */

struct stolen_handshake {
  uint8_t h[HASH_SIZE], ck[HASH_SIZE], k[KEY_SIZE];
};

static void mix_hash(struct stolen_handshake *n, const void *data, size_t size) {
  const struct bytes_view parts[] = {{n->h, HASH_SIZE}, {data, size}};
  crypto_sha256(n->h, parts, 2);
}

static void mix_key(struct stolen_handshake *n, const uint8_t ikm[KEY_SIZE]) {
  uint8_t out[2 * HASH_SIZE];
  crypto_hkdf(out, sizeof out, ikm, KEY_SIZE, n->ck, HASH_SIZE, NULL, 0);
  memcpy(n->ck, out, HASH_SIZE);
  memcpy(n->k, out + HASH_SIZE, KEY_SIZE);
}

static void mix_psk(struct stolen_handshake *n, const uint8_t psk[KEY_SIZE]) {
  uint8_t out[3 * HASH_SIZE];
  crypto_hkdf(out, sizeof out, psk, KEY_SIZE, n->ck, HASH_SIZE, NULL, 0);
  memcpy(n->ck, out, HASH_SIZE);
  mix_hash(n, out + HASH_SIZE, HASH_SIZE);
  memcpy(n->k, out + 2 * HASH_SIZE, KEY_SIZE);
}

/* KKpsk0's first message as Alice's, made with Bob's static secret instead of hers: ss is the same from both ends.
 */
static size_t forge_knock(struct evil *evil, uint8_t *out, const void *payload, size_t size) {
  const struct trust *alice = evil->sim.peer[ALICE].trust, *bob = evil->sim.peer[BOB].trust;
  const uint8_t *dx_alice = alice->identity.device.dx, *dx_bob = bob->identity.device.dx;
  static const uint8_t nonce[GCM_NONCE_SIZE];
  uint8_t psk[KEY_SIZE], prologue[CALL_PROLOGUE_SIZE], e[KEY_SIZE], shared[KEY_SIZE];
  struct stolen_handshake n = {.h = "Noise_KKpsk0_25519_AESGCM_SHA256"};
  memcpy(n.ck, n.h, HASH_SIZE);
  pair_call_psk(psk, evil_contact(evil, BOB, ALICE)->ps);
  pair_call_prologue(prologue, alice->identity.ik, alice->identity.device.id, bob->identity.ik,
                     bob->identity.device.id);
  mix_hash(&n, prologue, sizeof prologue);
  mix_hash(&n, dx_alice, KEY_SIZE);
  mix_hash(&n, dx_bob, KEY_SIZE);
  mix_psk(&n, psk);
  crypto_x25519_keypair(out, e);
  mix_hash(&n, out, KEY_SIZE);
  mix_key(&n, out);
  bool ok = crypto_x25519(shared, e, dx_bob);
  mix_key(&n, shared);
  ok = ok && crypto_x25519(shared, bob->identity.device.dx_secret, dx_alice);
  mix_key(&n, shared);
  expect(evil, ok);
  crypto_gcm_seal(out + KEY_SIZE, n.k, nonce, n.h, HASH_SIZE, payload, size);
  return KEY_SIZE + size + AEAD_TAG_SIZE;
}

static void a36(struct evil *evil) {
  uint8_t payload[MESSAGE_MAX], body[CELL_MESSAGE_MAX];
  struct mailbox mailbox;
  struct cell_header header = {.type = CELL_KNOCK};
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  evil_admit(evil);
  const struct trust *alice = evil->sim.peer[ALICE].trust, *bob = evil->sim.peer[BOB].trust;
  struct message knock = {.type = MESSAGE_KNOCK, .version = WIRE_VERSION};
  knock.my_head.seq = alice->own.head.seq;
  memcpy(knock.my_head.hash, alice->own.head.hash, HASH_SIZE);
  knock.your_head.seq = bob->own.head.seq;
  memcpy(knock.your_head.hash, bob->own.head.hash, HASH_SIZE);
  size_t size = forge_knock(evil, body, payload, message_encode(&knock, payload, sizeof payload));
  memcpy(header.device, alice->identity.device.id, DEVICE_SIZE);
  for (int i = 0; i < SESSION_SIZE; i++)
    header.session[i] = (uint8_t)evil_choose(evil, 256);
  mailbox_derive(&mailbox, evil_contact(evil, BOB, ALICE)->ps, alice->identity.ik, bob->identity.ik,
                 bob->identity.device.id, mailbox_epoch((evil->sim.now + evil->sim.wall) / SEC(1)));
  evil->taped = 0;
  expect(evil, post_message(evil->sim.peer[GRETA].core->client, evil->sim.now, &mailbox, &header, body, size));
  evil_wait(evil, SEC(31));
  int answers = 0;
  for (int i = 0; i < evil->taped; i++)
    answers += evil->tape[i].from == BOB;
  /* His device says HELLO, for the knock was good, and gives up when no OFFER comes. */
  expect(evil, answers >= 1 && answers <= 2);
  evil_saw(evil, "bob's device says HELLO, and nothing rings");
  won(evil, evil->sim.peer[BOB].incoming != 0, "Bob's telephone says that Alice calls");
  expect(evil, evil->sim.peer[BOB].incoming == 0);
  expect(evil, evil_alarms(evil, BOB, SOTTO_ALARM_AUTH_FAIL) == 0);
}

/* ---- A37: everything was recorded; later every lasting secret of both is stolen ---- */

struct thief {
  struct mailbox to_alice, to_bob;
  struct noise_cipher key[2]; /* what could be made of the static keys alone */
  int knocks, opened;
  bool told; /* a knock names a fingerprint or credentials */
};

static void guess_keys(struct thief *thief, const struct identity *alice, const struct identity *bob) {
  static const char *const number[] = {"1", "2"};
  uint8_t shared[KEY_SIZE];
  if (!crypto_x25519(shared, alice->device.dx_secret, bob->device.dx))
    return;
  for (int i = 0; i < 2; i++) {
    const struct bytes_view parts[] = {{number[i], 1}, {shared, KEY_SIZE}};
    crypto_sha256(thief->key[i].key, parts, 2);
  }
}

static void read_knock(struct evil *evil, struct thief *thief, const struct cell *cell, const struct call *call) {
  const struct identity *alice = &evil->sim.peer[ALICE].trust->identity,
                        *bob = &evil->sim.peer[BOB].trust->identity;
  uint8_t psk[KEY_SIZE], prologue[CALL_PROLOGUE_SIZE], payload[CELL_BODY_MAX];
  size_t size;
  struct noise noise;
  pair_call_psk(psk, evil_contact(evil, BOB, ALICE)->ps);
  pair_call_prologue(prologue, alice->ik, alice->device.id, bob->ik, bob->device.id);
  noise_init(&noise, &(struct noise_config){.pattern = NOISE_KKPSK0,
                                            .prologue = prologue,
                                            .prologue_size = sizeof prologue,
                                            .static_secret = bob->device.dx_secret,
                                            .static_public = bob->device.dx,
                                            .remote_static = alice->device.dx,
                                            .psk = psk});
  if (!noise_read(&noise, cell->body, cell->size, payload, sizeof payload, &size))
    return;
  thief->knocks++;
  thief->told |= memmem(payload, size, call->ours.fingerprint, HASH_SIZE) ||
                 memmem(payload, size, call->local.ufrag, strlen(call->local.ufrag));
}

static void read_recorded(struct evil *evil, struct thief *thief, const uint8_t *sealed, const struct call *call) {
  struct cell cell;
  uint8_t plain[CELL_BODY_MAX];
  if (!cell_open(&cell, thief->to_bob.key, sealed) && !cell_open(&cell, thief->to_alice.key, sealed))
    return;
  if (cell.header.type == CELL_KNOCK)
    read_knock(evil, thief, &cell, call);
  for (int i = 0; cell.header.type == CELL_DATA && cell.size > AEAD_TAG_SIZE && i < 2; i++)
    thief->opened += noise_open(&thief->key[i], cell.header.n, plain, cell.body, cell.size);
}

static void a37(struct evil *evil) {
  struct thief thief = {.knocks = 0};
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  const struct identity *alice = &evil->sim.peer[ALICE].trust->identity,
                        *bob = &evil->sim.peer[BOB].trust->identity;
  evil->taped = 0;
  struct evil_call call = evil_talk(evil, ALICE, BOB, SOTTO_AUDIO);
  struct call *inside = evil_inside(evil, ALICE, call.a);
  expect(evil, evil_is_open(evil, ALICE, call.a));
  if (!inside)
    return;
  const uint8_t *ps = evil_contact(evil, BOB, ALICE)->ps;
  uint32_t epoch = mailbox_epoch((evil->sim.now + evil->sim.wall) / SEC(1));
  mailbox_derive(&thief.to_bob, ps, alice->ik, bob->ik, bob->device.id, epoch);
  mailbox_derive(&thief.to_alice, ps, bob->ik, alice->ik, alice->device.id, epoch);
  guess_keys(&thief, alice, bob);
  for (int i = 0; i < evil->taped; i++)
    if (evil->tape[i].from == SIM_SERVER && evil_is_cell(evil->tape[i].size))
      read_recorded(evil, &thief, evil->tape[i].bytes + 1 + MAILBOX_SIZE, inside);
  evil_saw(evil, "the thief reads KNOCK, which says nothing");
  won(evil, thief.opened > 0, "a recorded OFFER is open");
  expect(evil, thief.knocks == 1 && !thief.told); /* a knock can be read, and says nothing */
  expect(evil, thief.opened == 0);
}

/* ---- A38: somebody had the store's files in their hands ---- */

static bool loads(const struct store_image *image, const struct store_keys *with, bool *rolled_back) {
  struct store_keys keys = {.cost = with->cost};
  struct trust *trust = NULL;
  bool use_new;
  struct store_files files = {.vault = {image->vault, image->vault_size},
                              .database = {image->database, image->database_size}};
  memcpy(keys.kek, with->kek, sizeof keys.kek);
  if (store_image_open(&files, &keys, &trust, &use_new) != SOTTO_OK)
    return false;
  *rolled_back = trust->rolled_back;
  trust_free(trust);
  return true;
}

static void a38(struct evil *evil) {
  enum { FLIPS = 150 };
  struct store_keys keys = {.cost = {.ops = VAULT_OPS_MIN, .memory = VAULT_MEMORY_MIN}};
  struct store_image image, older;
  struct vault_cost cost;
  bool rolled_back = false;
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  struct trust *trust = evil->sim.peer[ALICE].trust;
  crypto_random(keys.kek, sizeof keys.kek);
  crypto_random(keys.dek, sizeof keys.dek);
  crypto_random(keys.file_id, sizeof keys.file_id);
  expect(evil, store_image_seal(&older, &keys, trust) == SOTTO_OK);
  keys.gen++;
  expect(evil, store_image_seal(&image, &keys, trust) == SOTTO_OK);
  expect(evil, loads(&image, &keys, &rolled_back) && !rolled_back);
  int loaded = 0;
  for (int i = 0; i < FLIPS; i++) {
    bool vault = evil_choose(evil, 4) == 0;
    size_t at = VAULT_HEADER_SIZE * vault;
    uint8_t *byte = vault ? image.vault + at + evil_choose(evil, image.vault_size - at)
                          : image.database + evil_choose(evil, image.database_size);
    uint8_t bit = (uint8_t)(1 << evil_choose(evil, 8));
    *byte ^= bit;
    loaded += loads(&image, &keys, &rolled_back);
    *byte ^= bit;
  }
  evil_saw(evil, "alice CORRUPT, rolled back");
  won(evil, loaded > 0, "a store with a changed byte loads");
  expect(evil, loaded == 0);
  uint8_t *newer = image.database;
  size_t newer_size = image.database_size;
  image.database = older.database, image.database_size = older.database_size;
  expect(evil, loads(&image, &keys, &rolled_back) && rolled_back); /* opens, with every head unconfirmed */
  image.database = newer, image.database_size = newer_size;
  memset(image.vault + 9, 0, 4); /* one pass of Argon2id */
  expect(evil, !vault_parse_cost(image.vault, image.vault_size, &cost));
  store_image_free(&image);
  store_image_free(&older);
}

const struct attack attacks_identity[] = {
    {"A31", "claim to be a contact: by an invite, or a rotation that their key did not sign",
     WEAK_AUTOACCEPT | WEAK_ONEKEY, a31},
    {"A32", "call oneself by somebody else's name at first contact", WEAK_NAME, a32},
    {"A34", "join by an invite that was read on the way", WEAK_REUSE, a34},
    {"A35", "join by an invite that has expired, with another date", WEAK_NOEXPIRY, a35},
    {"A36", "call the owner of a stolen device in a contact's name", WEAK_RINGM1, a36},
    {"A37", "record everything, and steal all lasting keys later", WEAK_STATICONLY, a37},
    {"A38", "flip bytes of the store, bring an old one back", WEAK_NOAAD, a38},
    {0},
};
