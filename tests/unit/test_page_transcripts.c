/* What the page's module writes (vectors/page_transcripts.h), read here: two implementations, one protocol. */
#include "unit.h"

#include "../../engine/trust/invite.h"
#include "../../engine/trust/roster.h"
#include "../../engine/trust/sas.h"
#include "../../signaling/cell.h"
#include "../../signaling/message.h"
#include "../../signaling/noise.h"
#include "../../signaling/pair.h"
#include "../vectors/hex.h"
#include "../vectors/messages.h"
#include "../vectors/page_transcripts.h"

static uint8_t bytes[CELL_SIZE + MESSAGE_MAX];

static struct roster roster_of(const char *hex) {
  static struct roster roster;
  assert_true(roster_parse(&roster, bytes, unhex(bytes, hex)));
  return roster;
}

static struct message message_of(const char *hex) {
  struct message message;
  assert_true(message_parse(bytes, unhex(bytes, hex), &message));
  return message;
}

static void same(const uint8_t *got, size_t size, const char *hex) {
  assert_int_equal(unhex(bytes, hex), size);
  assert_memory_equal(got, bytes, size);
}

static void its_rosters_and_invites_verify(void **state) {
  (void)state;
  struct roster roster = roster_of(page_roster);
  assert_int_equal(roster.devices, 1);
  assert_int_equal(roster.seq, 0);
  struct invite invite;
  assert_int_equal(invite_parse(page_invite, &invite), SOTTO_OK);
  assert_memory_equal(invite.ik, roster.id, KEY_SIZE);
  assert_memory_equal(invite.dev_id, roster.device[0].id, DEVICE_ID_SIZE);
  assert_string_equal(invite.hint, "wss://sotto.example");
}

static void its_messages_parse(void **state) {
  (void)state;
  struct message offer = message_of(page_offer);
  assert_int_equal(offer.setup, SETUP_ACTIVE);
  assert_int_equal(offer.formats.count, 3);
  assert_int_equal(offer.transport_cc, 3);
  assert_int_equal(offer.candidates, 1);
  struct message answer = message_of(page_answer);
  uint8_t hash[HASH_SIZE];
  message_hash(hash, bytes, unhex(bytes, page_offer));
  assert_memory_equal(answer.offer_hash, hash, HASH_SIZE);
  assert_int_equal(message_of(page_bind).profile, 0);
  assert_int_equal(message_of(page_knock_payload).caps, CAPS_BROWSER);
}

static void its_cell_opens(void **state) {
  (void)state;
  uint8_t key[KEY_SIZE], sealed[CELL_SIZE];
  struct cell cell;
  sample_fill(key, sizeof key, 0x60);
  assert_int_equal(unhex(sealed, page_knock_cell), CELL_SIZE);
  assert_true(cell_open(&cell, key, sealed));
  assert_int_equal(cell.header.type, CELL_KNOCK);
  same(cell.body, cell.size, page_knock);
}

/* The callee's end of the page's call. */
static void its_handshake_and_offer_authenticate(void **state) {
  (void)state;
  struct roster a = roster_of(page_roster), b = roster_of(page_roster_b);
  uint8_t ps[KEY_SIZE], psk[KEY_SIZE], secret[KEY_SIZE], e[KEY_SIZE], prologue[CALL_PROLOGUE_SIZE];
  uint8_t message[MESSAGE_MAX], payload[MESSAGE_MAX], h[HASH_SIZE];
  size_t size, payload_size;
  struct noise noise;
  struct noise_cipher send, receive;
  sample_fill(ps, sizeof ps, 0x40);
  sample_fill(secret, sizeof secret, 0x82);
  sample_fill(e, sizeof e, 0x91);
  pair_call_psk(psk, ps);
  pair_call_prologue(prologue, a.id, a.device[0].id, b.id, b.device[0].id);
  noise_init(&noise, &(struct noise_config){NOISE_KKPSK0, false, prologue, sizeof prologue, secret, b.device[0].dx,
                                            a.device[0].dx, psk});
  noise_fix_ephemeral(&noise, e);
  size = unhex(message, page_knock);
  assert_true(noise_read(&noise, message, size, payload, sizeof payload, &payload_size));
  same(payload, payload_size, page_knock_payload);
  struct message hello = {
      .type = MESSAGE_HELLO, .version = WIRE_VERSION, .my_head = {.seq = 0}, .your_head = {.seq = 0}};
  memcpy(hello.my_head.hash, b.head.hash, HASH_SIZE);
  memcpy(hello.your_head.hash, a.head.hash, HASH_SIZE);
  payload_size = message_encode(&hello, payload, sizeof payload);
  size = noise_write(&noise, message, sizeof message, payload, payload_size);
  same(message, size, page_hello);
  noise_hash(&noise, h);
  same(h, sizeof h, page_h);
  noise_split(&noise, &send, &receive);
  size = unhex(message, page_offer_sealed);
  assert_true(noise_open(&receive, 0, payload, message, size));
  same(payload, size - AEAD_TAG_SIZE, page_offer);
}

static void set_party(struct sas_party *party, const struct roster *roster, uint8_t fingerprint) {
  memcpy(party->ik, roster->id, KEY_SIZE);
  memcpy(party->dev_id, roster->device[0].id, DEVICE_ID_SIZE);
  memcpy(party->dx, roster->device[0].dx, KEY_SIZE);
  party->head = roster->head;
  sample_fill(party->fp, HASH_SIZE, fingerprint);
}

static void its_transcript_is_ours(void **state) {
  (void)state;
  struct roster a = roster_of(page_roster), b = roster_of(page_roster_b);
  struct sas_transcript transcript = {
      .version = WIRE_VERSION, .mode = SAS_MODE_CERT, .dtls_client_is_initiator = true};
  uint8_t commitment[HASH_SIZE], t[HASH_SIZE];
  set_party(&transcript.initiator, &a, 0x60);
  set_party(&transcript.responder, &b, 0xd0);
  sample_fill(transcript.call_id, SAS_CALL_ID_SIZE, 0x10);
  unhex(transcript.h, page_h);
  message_hash(transcript.offer, bytes, unhex(bytes, page_offer));
  message_hash(transcript.answer, bytes, unhex(bytes, page_answer));
  sample_fill(commitment, sizeof commitment, 0xb0);
  sas_transcript_hash(t, &transcript, 1, commitment);
  same(t, sizeof t, page_t);
}

UNIT_TESTS(test(its_rosters_and_invites_verify), test(its_messages_parse), test(its_cell_opens),
           test(its_handshake_and_offer_authenticate), test(its_transcript_is_ours))
