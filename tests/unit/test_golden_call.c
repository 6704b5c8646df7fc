/* One call to its words, byte for byte as an independent implementation makes it (vectors/golden_call.py). */
#include "unit.h"

#include "../../engine/call/binding.h"
#include "../../engine/call/page.h"
#include "../../engine/trust/sas.h"
#include "../../signaling/cell.h"
#include "../../signaling/mailbox.h"
#include "../../signaling/message.h"
#include "../../signaling/noise.h"
#include "../../signaling/pair.h"
#include "../vectors/golden_call.h"
#include "../vectors/hex.h"
#include "../vectors/messages.h"

static const uint8_t device_a[] = "device-A", device_b[] = "device-B";

static struct {
  uint8_t ps[KEY_SIZE], id_a[KEY_SIZE], id_b[KEY_SIZE], secret_a[KEY_SIZE], secret_b[KEY_SIZE];
  struct mailbox mailbox;
  struct noise caller, callee;
} call;

static void same(const uint8_t *got, size_t size, const char *hex) {
  uint8_t expected[CELL_SIZE];
  assert_int_equal(unhex(expected, hex), size);
  assert_memory_equal(got, expected, size);
}

static void begin_noise(struct noise *noise, bool initiator) {
  uint8_t prologue[CALL_PROLOGUE_SIZE], psk[KEY_SIZE], mine[KEY_SIZE], theirs[KEY_SIZE];
  const uint8_t *secret = initiator ? call.secret_a : call.secret_b;
  pair_call_prologue(prologue, call.id_a, device_a, call.id_b, device_b);
  pair_call_psk(psk, call.ps);
  same(psk, KEY_SIZE, golden_psk);
  crypto_x25519_public(mine, secret);
  crypto_x25519_public(theirs, initiator ? call.secret_b : call.secret_a);
  noise_init(noise,
             &(struct noise_config){NOISE_KKPSK0, initiator, prologue, sizeof prologue, secret, mine, theirs, psk});
}

static void begin(void) {
  uint8_t seed[KEY_SIZE];
  sample_fill(seed, sizeof seed, 1);
  crypto_random_seed(seed);
  sample_fill(call.ps, KEY_SIZE, 0x40);
  sample_fill(call.id_a, KEY_SIZE, 0x80);
  sample_fill(call.id_b, KEY_SIZE, 0xa0);
  sample_fill(call.secret_a, KEY_SIZE, 0x11);
  sample_fill(call.secret_b, KEY_SIZE, 0x51);
  mailbox_derive(&call.mailbox, call.ps, call.id_a, call.id_b, device_b, 19675);
  begin_noise(&call.caller, true);
  begin_noise(&call.callee, false);
}

/* One payload from one end to the other, through a cell; the other end's copy is in `got`. */
static size_t handshake(struct noise *from, struct noise *to, uint8_t type, const struct message *message,
                        const char *payload_hex, const char *message_hex, uint8_t sealed[CELL_SIZE]) {
  uint8_t payload[MESSAGE_MAX], noise_message[CELL_MESSAGE_MAX], got[MESSAGE_MAX];
  struct cell_header header = {.type = type};
  memcpy(header.device, device_a, DEVICE_SIZE);
  memcpy(header.session, "session1", SESSION_SIZE);
  size_t size = message_encode(message, payload, sizeof payload), got_size;
  same(payload, size, payload_hex);
  size_t noise_size = noise_write(from, noise_message, sizeof noise_message, payload, size);
  same(noise_message, noise_size, message_hex);
  if (sealed)
    cell_seal(sealed, call.mailbox.key, &header, noise_message, noise_size, 0);
  assert_true(noise_read(to, noise_message, noise_size, got, sizeof got, &got_size));
  assert_int_equal(got_size, size);
  assert_memory_equal(got, payload, size);
  return noise_size;
}

static void check_cell(const uint8_t sealed[CELL_SIZE], size_t size) {
  uint8_t hash[HASH_SIZE];
  struct cell cell;
  message_hash(hash, sealed, CELL_SIZE);
  same(sealed, 96, golden_knock_cell_start);
  same(hash, HASH_SIZE, golden_knock_cell_hash);
  assert_true(cell_open(&cell, call.mailbox.key, sealed));
  assert_int_equal(cell.size, size);
}

static void check_offer(const uint8_t h[HASH_SIZE], const struct noise_cipher *send,
                        const struct noise_cipher *receive) {
  struct message offer = sample_message(MESSAGE_OFFER);
  memcpy(offer.handshake, h, HASH_SIZE);
  offer.candidates = 1;
  offer.formats.count = offer.codecs.count = offer.transport_cc = 0; /* of two natives */
  offer.repair_ssrc = 0;
  uint8_t plain[MESSAGE_MAX], sealed[MESSAGE_MAX + AEAD_TAG_SIZE], hash[HASH_SIZE];
  size_t size = message_encode(&offer, plain, sizeof plain);
  same(plain, size, golden_offer);
  message_hash(hash, plain, size);
  same(hash, HASH_SIZE, golden_offer_hash);
  noise_seal(send, 0, sealed, plain, size);
  same(sealed, size + AEAD_TAG_SIZE, golden_sealed_offer);
  assert_true(noise_open(receive, 0, plain, sealed, size + AEAD_TAG_SIZE));
}

/* ---- the same with a page as B ---- */

static struct channel_party party_of(const uint8_t id[KEY_SIZE], const uint8_t *device, const uint8_t *secret) {
  struct channel_party party;
  memcpy(party.id, id, KEY_SIZE);
  memcpy(party.device, device, DEVICE_SIZE);
  crypto_x25519_public(party.dx, secret);
  return party;
}

static void check_description(uint8_t type, const uint8_t h[HASH_SIZE], const uint8_t offer_hash[HASH_SIZE],
                              const char *expected, uint8_t hash[HASH_SIZE]) {
  struct message message = sample_message(type);
  uint8_t plain[MESSAGE_MAX];
  memcpy(message.handshake, h, HASH_SIZE);
  memcpy(message.offer_hash, offer_hash, HASH_SIZE);
  message.candidates = 1;
  message.codecs.count = 0; /* FORMATS say it */
  size_t size = message_encode(&message, plain, sizeof plain);
  same(plain, size, expected);
  message_hash(hash, plain, size);
}

static void check_bind(const struct message *bind, const char *expected) {
  uint8_t plain[MESSAGE_MAX];
  same(plain, message_encode(bind, plain, sizeof plain), expected);
}

static void set_party(struct sas_party *out, const struct channel_party *party, const uint8_t fp[HASH_SIZE]) {
  memcpy(out->ik, party->id, KEY_SIZE);
  memcpy(out->dev_id, party->device, DEVICE_SIZE);
  memcpy(out->dx, party->dx, KEY_SIZE);
  out->head.seq = 3;
  sample_fill(out->head.hash, HASH_SIZE, 0x20);
  memcpy(out->fp, fp, HASH_SIZE);
}

static void check_words(const struct sas_transcript *transcript, const char *t, const char *s) {
  struct sas sas;
  uint8_t commitment[HASH_SIZE], reply[SAS_RANDOM_SIZE], opening[SAS_RANDOM_SIZE], hash[HASH_SIZE];
  sas_init(&sas, false, transcript);
  assert_int_equal(unhex(commitment, golden_commitment), sizeof commitment);
  assert_true(sas_commit(&sas, 1, commitment, reply));
  sample_fill(sas.r_r, sizeof sas.r_r, 2); /* as if drawn */
  sample_fill(opening, sizeof opening, 1);
  assert_true(sas_open(&sas, 1, opening));
  sas_transcript_hash(hash, transcript, 1, commitment);
  same(hash, HASH_SIZE, t);
  same(sas.value, SAS_VALUE_SIZE, s);
}

static void check_binding(const uint8_t h[HASH_SIZE]) {
  const struct channel_party a = party_of(call.id_a, device_a, call.secret_a),
                             b = party_of(call.id_b, device_b, call.secret_b);
  struct sas_transcript transcript = {.version = WIRE_VERSION, .mode = SAS_MODE_CERT};
  struct message bind = sample_message(MESSAGE_BIND);
  uint8_t serial[DTLS_SERIAL_SIZE], exporter[DTLS_EXPORT_SIZE], ekm[HASH_SIZE];
  page_serial(serial, h, bind.call_id, &a, &b);
  same(serial, sizeof serial, golden_serial);
  sample_fill(exporter, sizeof exporter, 0xe0);
  binding_ekm(ekm, bind.call_id, h, exporter);
  memcpy(bind.ekm, ekm, HASH_SIZE);
  check_bind(&bind, golden_bind);
  bind.profile = bind.cipher = 0;
  check_bind(&bind, golden_page_bind);
  check_description(MESSAGE_OFFER, h, bind.offer_hash, golden_page_offer, transcript.offer);
  check_description(MESSAGE_ANSWER, h, transcript.offer, golden_page_answer, transcript.answer);
  memcpy(transcript.call_id, bind.call_id, CALL_ID_SIZE);
  memcpy(transcript.h, h, HASH_SIZE);
  set_party(&transcript.initiator, &a, bind.fp_self);
  set_party(&transcript.responder, &b, bind.fp_peer);
  check_words(&transcript, golden_page_t, golden_page_s);
  transcript.mode = SAS_MODE_EKM;
  transcript.srtp_profile = 8;
  transcript.cipher = 0xc02c;
  transcript.has_ekm = true;
  memcpy(transcript.ekm, ekm, HASH_SIZE);
  check_words(&transcript, golden_t, golden_s);
}

static void a_call_has_exactly_these_bytes_and_words(void **state) {
  (void)state;
  begin();
  same(call.mailbox.address, MAILBOX_SIZE, golden_address);
  same(call.mailbox.read_token, READ_TOKEN_SIZE, golden_read_token);
  same(call.mailbox.key, KEY_SIZE, golden_k_cell);
  struct message knock = sample_message(MESSAGE_KNOCK), hello = sample_message(MESSAGE_HELLO);
  hello.roster = NULL;
  uint8_t sealed[CELL_SIZE], h[HASH_SIZE];
  size_t size = handshake(&call.caller, &call.callee, CELL_KNOCK, &knock, golden_knock, golden_message1, sealed);
  check_cell(sealed, size);
  handshake(&call.callee, &call.caller, CELL_HELLO, &hello, golden_hello, golden_message2, NULL);
  noise_hash(&call.caller, h);
  same(h, HASH_SIZE, golden_h);
  struct noise_cipher send, receive, peer_send, peer_receive;
  noise_split(&call.caller, &send, &receive);
  noise_split(&call.callee, &peer_send, &peer_receive);
  same(send.key, KEY_SIZE, golden_initiator_key);
  same(receive.key, KEY_SIZE, golden_responder_key);
  check_offer(h, &send, &peer_receive);
  check_binding(h);
  crypto_random_seed(NULL);
}

UNIT_TESTS(test(a_call_has_exactly_these_bytes_and_words))
