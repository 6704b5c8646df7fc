/* transcripts.c - prints fixed-seed transcripts of the signaling protocol as JSON: what an independent
 * implementation must reproduce byte for byte (examples/web in Node, ctest web/test_golden).
 *
 * tests/vectors/transcripts.json is this program's output; ctest golden/transcripts compares. Every secret in it is
 * a run of counted bytes, of no use to anybody. */
#include <stdio.h>
#include <string.h>

#include "../../engine/call/frame_seal.h"
#include "../../engine/call/page.h"
#include "../../engine/trust/invite.h"
#include "../../engine/trust/roster.h"
#include "../../engine/trust/safety_number.h"
#include "../../engine/trust/sas.h"
#include "../../media/bytes.h"
#include "../../signaling/cell.h"
#include "../../signaling/mailbox.h"
#include "../../signaling/message.h"
#include "../../signaling/noise.h"
#include "../../signaling/pair.h"
#include "../vectors/messages.h"

enum { EPOCH = 19675, UNIX = 1700000000, SAMPLE_MAX = 64 };

struct sample { /* counted bytes */
  uint8_t bytes[SAMPLE_MAX];
};

static struct sample sample(uint8_t first) {
  struct sample out;
  sample_fill(out.bytes, sizeof out.bytes, first);
  return out;
}

/* ---- JSON, two levels deep ---- */

static const char *separator = "";

static void section(const char *name) {
  printf("%s\n  \"%s\": {", *separator ? "\n  }," : "", name);
  separator = "\n";
}

static void key(const char *name) {
  printf("%s    \"%s\": ", separator, name);
  separator = ",\n";
}

static void hex(const char *name, const void *data, size_t size) {
  const uint8_t *bytes = data;
  key(name);
  putchar('"');
  for (size_t i = 0; i < size; i++)
    printf("%02x", bytes[i]);
  putchar('"');
}

static void text(const char *name, const char *value) {
  key(name);
  printf("\"%s\"", value);
}

static void number(const char *name, long long value) {
  key(name);
  printf("%lld", value);
}

/* ---- what is in it ---- */

static void put_mailbox(const char *name, const struct mailbox *mailbox) {
  uint8_t all[MAILBOX_SIZE + READ_TOKEN_SIZE + KEY_SIZE];
  memcpy(all, mailbox->address, MAILBOX_SIZE);
  memcpy(all + MAILBOX_SIZE, mailbox->read_token, READ_TOKEN_SIZE);
  memcpy(all + MAILBOX_SIZE + READ_TOKEN_SIZE, mailbox->key, KEY_SIZE);
  hex(name, all, sizeof all); /* address, read token, K_cell */
}

static void mailboxes(void) {
  const struct sample ps = sample(0x40), sender = sample(0x80), recipient = sample(0xa0), device = sample(0x10);
  struct mailbox mailbox;
  section("mailbox");
  hex("ps", ps.bytes, PAIR_SECRET_SIZE);
  hex("sender", sender.bytes, KEY_SIZE);
  hex("recipient", recipient.bytes, KEY_SIZE);
  hex("device", device.bytes, DEVICE_SIZE);
  number("epoch", EPOCH);
  mailbox_derive(&mailbox, ps.bytes, sender.bytes, recipient.bytes, device.bytes, EPOCH);
  put_mailbox("mailbox", &mailbox);
  hex("s", ps.bytes, INVITE_TOKEN_SIZE);
  mailbox_derive_invite(&mailbox, ps.bytes, INVITE_INVITER);
  put_mailbox("inviter", &mailbox);
  mailbox_derive_invite(&mailbox, ps.bytes, INVITE_JOINER);
  put_mailbox("joiner", &mailbox);
}

static void cells(void) {
  const struct sample cell_key = sample(0x60), device = sample(0x10), session = sample(0x20);
  struct cell_header header = {.type = CELL_DATA, .n = 7};
  static uint8_t message[CELL_BODY_MAX + 100], sealed[CELL_SIZE];
  memcpy(header.device, device.bytes, DEVICE_SIZE);
  memcpy(header.session, session.bytes, SESSION_SIZE);
  for (size_t i = 0; i < sizeof message; i++)
    message[i] = (uint8_t)(i * 7);
  section("cell");
  hex("key", cell_key.bytes, KEY_SIZE);
  hex("device", device.bytes, DEVICE_SIZE);
  hex("session", session.bytes, SESSION_SIZE);
  number("type", header.type);
  number("n", header.n);
  hex("message", message, sizeof message);
  for (int i = 0; i < cell_count(sizeof message); i++) {
    cell_seal(sealed, cell_key.bytes, &header, message, sizeof message, i);
    hex(i ? "second" : "first", sealed, sizeof sealed);
  }
}

static void make_identity(struct identity *identity, uint8_t seed) {
  const struct sample bytes = sample(seed);
  crypto_random_seed(bytes.bytes);
  identity_make(identity);
}

static void put_identity(const char *who, const struct identity *identity) {
  char name[32];
  snprintf(name, sizeof name, "%s_ik_seed", who); /* the seed is the first half of libsodium's secret */
  hex(name, identity->ik_secret, KEY_SIZE);
  snprintf(name, sizeof name, "%s_dk_seed", who);
  hex(name, identity->device.dk_secret, KEY_SIZE);
  snprintf(name, sizeof name, "%s_dx_secret", who);
  hex(name, identity->device.dx_secret, KEY_SIZE);
}

static void rosters(const struct identity *a, const struct identity *b, struct roster *first) {
  char id[SOTTO_ID_TEXT_SIZE], numbers[SOTTO_SAFETY_NUMBER_SIZE];
  struct roster next;
  struct roster_device device = {.added_seq = 1};
  section("roster");
  put_identity("a", a);
  put_identity("b", b);
  number("unix", UNIX);
  roster_first(first, a, UNIX);
  hex("first", first->encoded, first->size);
  hex("hash", first->head.hash, HASH_SIZE);
  roster_next(&next, first, UNIX + 1); /* b's device joins a */
  memcpy(device.id, b->device.id, DEVICE_ID_SIZE);
  memcpy(device.dk, b->device.dk, KEY_SIZE);
  memcpy(device.dx, b->device.dx, KEY_SIZE);
  roster_accept_sign(&device, a->ik, b->device.dk_secret);
  if (!roster_add_device(&next, &device) || !roster_sign(&next, a->ik_secret))
    return;
  hex("second", next.encoded, next.size);
  id_format(a->ik, id, sizeof id);
  text("id", id);
  safety_number(a->ik, b->ik, numbers, sizeof numbers);
  text("safety_number", numbers);
}

static void invites(const struct identity *a) {
  struct invite invite;
  char out[512];
  section("invite");
  invite_make(&invite, a, 0, "wss://sotto.example", UNIX);
  invite_format(&invite, out, sizeof out);
  hex("s", invite.secret, INVITE_SECRET_SIZE);
  number("unix", UNIX);
  text("text", out);
}

static void fix_ephemeral(struct noise *noise, uint8_t first) {
  noise_fix_ephemeral(noise, sample(first).bytes);
}

/* One message from one end to the other, printed. */
static void pass(const char *name, struct noise *from, struct noise *to, const uint8_t *payload, size_t size) {
  uint8_t message[CELL_MESSAGE_MAX], got[MESSAGE_MAX];
  size_t written = noise_write(from, message, sizeof message, payload, size), got_size;
  hex(name, message, written);
  if (!noise_read(to, message, written, got, sizeof got, &got_size))
    puts("the handshake failed");
}

static void first_contact(const struct identity *inviter, const struct identity *joiner) {
  const struct sample s = sample(0x33), random_joiner = sample(0x44), random_inviter = sample(0x55);
  uint8_t prologue[INVITE_PROLOGUE_SIZE], psk[KEY_SIZE], h[HASH_SIZE], ps[PAIR_SECRET_SIZE], payload[MESSAGE_MAX];
  struct roster roster;
  struct noise i, r;
  pair_invite_prologue(prologue, inviter->ik, inviter->device.id);
  pair_invite_psk(psk, s.bytes);
  struct noise_config config = {
      .pattern = NOISE_XKPSK3, .prologue = prologue, .prologue_size = sizeof prologue, .psk = psk};
  config.initiator = true, config.static_secret = joiner->device.dx_secret,
  config.static_public = joiner->device.dx;
  config.remote_static = inviter->device.dx;
  noise_init(&i, &config);
  config.initiator = false, config.static_secret = inviter->device.dx_secret;
  config.static_public = inviter->device.dx, config.remote_static = NULL;
  noise_init(&r, &config);
  fix_ephemeral(&i, 0x71);
  fix_ephemeral(&r, 0x91);
  roster_first(&roster, joiner, UNIX);
  struct message join = {.type = MESSAGE_JOIN, .roster = roster.encoded, .roster_size = roster.size};
  memcpy(join.random, random_joiner.bytes, RANDOM_SIZE);
  size_t size = message_encode(&join, payload, sizeof payload);
  section("first_contact"); /* a invites, b joins */
  hex("s", s.bytes, INVITE_TOKEN_SIZE);
  hex("random_joiner", random_joiner.bytes, RANDOM_SIZE);
  hex("random_inviter", random_inviter.bytes, RANDOM_SIZE);
  number("unix", UNIX);
  number("e_joiner", 0x71);
  number("e_inviter", 0x91);
  pass("invite_1", &i, &r, NULL, 0);
  pass("invite_2", &r, &i, NULL, 0);
  pass("invite_3", &i, &r, payload, size);
  noise_hash(&i, h);
  pair_secret(ps, random_joiner.bytes, random_inviter.bytes, h);
  hex("h", h, HASH_SIZE);
  hex("ps", ps, PAIR_SECRET_SIZE);
}

static void put_party(struct sas_party *party, const struct identity *identity, const struct roster *roster,
                      uint8_t fingerprint) {
  memcpy(party->ik, identity->ik, KEY_SIZE);
  memcpy(party->dev_id, identity->device.id, DEVICE_ID_SIZE);
  memcpy(party->dx, identity->device.dx, KEY_SIZE);
  party->head = roster->head;
  memcpy(party->fp, sample(fingerprint).bytes, HASH_SIZE);
}

static void bind_ekm(uint8_t ekm[HASH_SIZE], const uint8_t call_id[CALL_ID_SIZE], const uint8_t h[HASH_SIZE],
                     const uint8_t exporter[KEY_SIZE]) {
  static const char label[] = "sotto/bind/1";
  const struct bytes_view parts[] = {
      {label, sizeof label - 1}, {call_id, CALL_ID_SIZE}, {h, HASH_SIZE}, {exporter, KEY_SIZE}};
  crypto_sha256(ekm, parts, 4);
}

/* c, T and s of run 1, with counted r_I and r_R; the exchange itself is sas.c's. */
static void put_words(const char *mode, const struct sas_transcript *transcript) {
  uint8_t c[HASH_SIZE], t[HASH_SIZE], mac[HASH_SIZE], random[2 * RANDOM_SIZE], run = 1;
  uint8_t labelled[11 + HASH_SIZE];
  char name[32];
  sotto_sas words;
  memcpy(random, sample(0x01).bytes, RANDOM_SIZE);
  memcpy(random + RANDOM_SIZE, sample(0x81).bytes, RANDOM_SIZE);
  const struct bytes_view parts[] = {
      {"sotto/sas-commit/1", 18}, {transcript->call_id, SAS_CALL_ID_SIZE}, {&run, 1}, {random, RANDOM_SIZE}};
  crypto_sha256(c, parts, 4);
  sas_transcript_hash(t, transcript, run, c);
  memcpy(labelled, "sotto/sas/1", 11);
  memcpy(labelled + 11, t, HASH_SIZE);
  crypto_hmac(mac, random, sizeof random, labelled, sizeof labelled);
  sas_render(mac, &words);
  snprintf(name, sizeof name, "%s_c", mode);
  hex(name, c, sizeof c);
  snprintf(name, sizeof name, "%s_t", mode);
  hex(name, t, sizeof t);
  snprintf(name, sizeof name, "%s_s", mode);
  hex(name, mac, SAS_VALUE_SIZE);
  snprintf(name, sizeof name, "%s_words", mode);
  text(name, words.words);
  snprintf(name, sizeof name, "%s_digits", mode);
  text(name, words.digits);
}

/* What each end seals first: the caller a key frame, the callee a frame of sound. */
static void put_frames(const struct noise *noise) {
  const struct bytes_view caller[] = {{"sotto/sframe/1", 14}, {"\1", 1}}, callee[] = {caller[0], {"\2", 1}};
  const struct sample frame = sample(0x30);
  struct frame_keys keys[2];
  noise_export(noise, caller, 2, keys[0].send);
  noise_export(noise, callee, 2, keys[0].receive);
  memcpy(keys[1].send, keys[0].receive, KEY_SIZE);
  memcpy(keys[1].receive, keys[0].send, KEY_SIZE);
  hex("frame", frame.bytes, sizeof frame.bytes);
  for (int end = 0; end < 2; end++) {
    struct frame_seal *seal = frame_seal_new(&keys[end]);
    size_t size = sizeof frame.bytes;
    if (!seal)
      return;
    const uint8_t *sealed = end == 0 ? frame_seal_close(seal, SOTTO_VIDEO, true, frame.bytes, &size)
                                     : frame_seal_close(seal, SOTTO_AUDIO, false, frame.bytes, &size);
    hex(end == 0 ? "callers_picture" : "callees_sound", sealed, size);
    frame_seal_free(seal);
  }
}

static size_t encode_greeting(uint8_t out[MESSAGE_MAX], enum message_type type) {
  struct message message = sample_message(type);
  message.roster = NULL;
  message.caps = type == MESSAGE_KNOCK ? CAPS_BROWSER : 0;
  return message_encode(&message, out, MESSAGE_MAX);
}

/* The page a calls the native b: every byte from KNOCK to OFFER, then what both ends make of it. */
static void call(const struct identity *a, const struct identity *b) {
  const struct sample ps = sample(0x40), exporter = sample(0xe0);
  uint8_t prologue[CALL_PROLOGUE_SIZE], psk[KEY_SIZE], h[HASH_SIZE], payload[MESSAGE_MAX], sealed[MESSAGE_MAX + 16];
  struct noise i, r;
  struct noise_cipher send, receive;
  pair_call_prologue(prologue, a->ik, a->device.id, b->ik, b->device.id);
  pair_call_psk(psk, ps.bytes);
  noise_init(&i, &(struct noise_config){NOISE_KKPSK0, true, prologue, sizeof prologue, a->device.dx_secret,
                                        a->device.dx, b->device.dx, psk});
  noise_init(&r, &(struct noise_config){NOISE_KKPSK0, false, prologue, sizeof prologue, b->device.dx_secret,
                                        b->device.dx, a->device.dx, psk});
  fix_ephemeral(&i, 0x71);
  fix_ephemeral(&r, 0x91);
  section("call");
  hex("ps", ps.bytes, PAIR_SECRET_SIZE);
  number("e_caller", 0x71);
  number("e_callee", 0x91);
  size_t size = encode_greeting(payload, MESSAGE_KNOCK);
  hex("knock_payload", payload, size);
  pass("knock", &i, &r, payload, size);
  size = encode_greeting(payload, MESSAGE_HELLO);
  hex("hello_payload", payload, size);
  pass("hello", &r, &i, payload, size);
  noise_hash(&i, h);
  hex("h", h, HASH_SIZE);
  put_frames(&i);
  noise_split(&i, &send, &receive);
  struct message offer = sample_message(MESSAGE_OFFER);
  offer.setup = SETUP_ACTIVE;
  memcpy(offer.handshake, h, HASH_SIZE);
  offer.formats =
      (struct format_list){.entry = {{111, FORMAT_OPUS, 0}, {96, FORMAT_VP8, 0}, {97, FORMAT_RTX, 96}}, .count = 3};
  offer.codecs.count = 0; /* FORMATS say it */
  offer.transport_cc = 3;
  offer.repair_ssrc = 0x99aabbcc;
  size = message_encode(&offer, payload, sizeof payload);
  hex("offer", payload, size);
  noise_seal(&send, 0, sealed, payload, size);
  hex("offer_sealed", sealed, size + AEAD_TAG_SIZE);

  struct channel_party us = {0}, them = {0};
  uint8_t serial[DTLS_SERIAL_SIZE];
  memcpy(us.id, a->ik, KEY_SIZE), memcpy(us.device, a->device.id, DEVICE_SIZE);
  memcpy(them.id, b->ik, KEY_SIZE), memcpy(them.device, b->device.id, DEVICE_SIZE);
  page_serial(serial, h, offer.call_id, &us, &them);
  hex("serial", serial, sizeof serial);

  struct roster roster_a, roster_b;
  roster_first(&roster_a, a, UNIX);
  roster_first(&roster_b, b, UNIX);
  struct sas_transcript transcript = {
      .version = WIRE_VERSION, .mode = SAS_MODE_CERT, .dtls_client_is_initiator = true};
  put_party(&transcript.initiator, a, &roster_a, 0xc0);
  put_party(&transcript.responder, b, &roster_b, 0xd0);
  memcpy(transcript.call_id, offer.call_id, SAS_CALL_ID_SIZE);
  memcpy(transcript.h, h, HASH_SIZE);
  message_hash(transcript.offer, payload, size);
  memcpy(transcript.answer, sample(0x50).bytes, HASH_SIZE);
  put_words("cert", &transcript);
  transcript.mode = SAS_MODE_EKM, transcript.dtls_client_is_initiator = false, transcript.has_ekm = true;
  transcript.srtp_profile = 0x0008, transcript.cipher = 0xc02c;
  bind_ekm(transcript.ekm, offer.call_id, h, exporter.bytes);
  hex("exporter", exporter.bytes, KEY_SIZE);
  hex("ekm", transcript.ekm, HASH_SIZE);
  put_words("ekm", &transcript);
}

int main(void) {
  static struct identity a, b;
  static struct roster first;
  if (!crypto_init())
    return 1;
  crypto_random_seed(sample(1).bytes);
  putchar('{');
  mailboxes();
  cells();
  make_identity(&a, 0x0a);
  make_identity(&b, 0x0b);
  rosters(&a, &b, &first);
  invites(&a);
  first_contact(&a, &b);
  call(&a, &b);
  puts("\n  }\n}");
  return 0;
}
