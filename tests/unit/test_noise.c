#include "unit.h"

#include "../vectors/hex.h"
#include "../vectors/noise.h"

enum { VECTORS = sizeof noise_vectors / sizeof noise_vectors[0], ROOM = 512 };

struct pair {
  struct noise initiator, responder;
};

static bool knows_initiator(enum noise_pattern pattern) {
  return pattern != NOISE_XK && pattern != NOISE_XKPSK3;
}

static int handshake_messages(enum noise_pattern pattern) {
  return knows_initiator(pattern) ? 2 : 3;
}

static void init_pair(struct pair *pair, const struct noise_vector *v) {
  uint8_t prologue[ROOM], psk[KEY_SIZE], is[KEY_SIZE], ip[KEY_SIZE], rs[KEY_SIZE], rp[KEY_SIZE], e[KEY_SIZE];
  unhex(is, v->init_static);
  unhex(rs, v->resp_static);
  crypto_x25519_public(ip, is);
  crypto_x25519_public(rp, rs);
  if (v->psk)
    unhex(psk, v->psk);
  struct noise_config config = {.pattern = v->pattern,
                                .initiator = true,
                                .prologue = prologue,
                                .prologue_size = unhex(prologue, v->prologue),
                                .static_secret = is,
                                .static_public = ip,
                                .remote_static = rp,
                                .psk = v->psk ? psk : NULL};
  noise_init(&pair->initiator, &config);
  unhex(e, v->init_ephemeral);
  noise_fix_ephemeral(&pair->initiator, e);
  config.initiator = false;
  config.static_secret = rs;
  config.static_public = rp;
  config.remote_static = knows_initiator(v->pattern) ? ip : NULL;
  noise_init(&pair->responder, &config);
  unhex(e, v->resp_ephemeral);
  noise_fix_ephemeral(&pair->responder, e);
}

/* Message i of the handshake, made and read; its bytes stay in `message`. */
static size_t step(struct pair *pair, const struct noise_vector *v, int i, uint8_t message[ROOM]) {
  struct noise *from = i % 2 ? &pair->responder : &pair->initiator;
  struct noise *to = i % 2 ? &pair->initiator : &pair->responder;
  uint8_t payload[ROOM], got[ROOM];
  size_t size = unhex(payload, v->message[i].payload), got_size;
  size_t written = noise_write(from, message, ROOM, payload, size);
  assert_true(noise_read(to, message, written, got, sizeof got, &got_size));
  assert_int_equal(got_size, size);
  assert_memory_equal(got, payload, size);
  return written;
}

static void published_handshakes_come_out_byte_for_byte(void **state) {
  (void)state;
  for (int n = 0; n < VECTORS; n++) {
    const struct noise_vector *v = &noise_vectors[n];
    struct pair pair;
    init_pair(&pair, v);
    for (int i = 0; i < handshake_messages(v->pattern); i++) {
      uint8_t message[ROOM], expected[ROOM];
      size_t size = unhex(expected, v->message[i].ciphertext);
      assert_int_equal(step(&pair, v, i, message), size);
      assert_memory_equal(message, expected, size);
    }
    assert_true(noise_finished(&pair.initiator) && noise_finished(&pair.responder));
    uint8_t hash[HASH_SIZE], other[HASH_SIZE], expected[HASH_SIZE];
    noise_hash(&pair.initiator, hash);
    noise_hash(&pair.responder, other);
    assert_memory_equal(hash, other, HASH_SIZE);
    if (v->hash) {
      unhex(expected, v->hash);
      assert_memory_equal(hash, expected, HASH_SIZE);
    }
  }
}

static void run_handshake(struct pair *pair, const struct noise_vector *v) {
  uint8_t message[ROOM];
  init_pair(pair, v);
  for (int i = 0; i < handshake_messages(v->pattern); i++)
    step(pair, v, i, message);
}

static void published_transport_messages_come_out_byte_for_byte(void **state) {
  (void)state;
  for (int n = 0; n < VECTORS; n++) {
    const struct noise_vector *v = &noise_vectors[n];
    struct pair pair;
    run_handshake(&pair, v);
    struct noise_cipher out[2], in[2]; /* of the initiator, of the responder */
    noise_split(&pair.initiator, &out[0], &in[0]);
    noise_split(&pair.responder, &out[1], &in[1]);
    uint32_t sent[2] = {0, 0};
    for (int i = handshake_messages(v->pattern); i < 6 && v->message[i].payload; i++) {
      uint8_t payload[ROOM], expected[ROOM], message[ROOM], got[ROOM];
      size_t size = unhex(payload, v->message[i].payload);
      size_t sealed = unhex(expected, v->message[i].ciphertext);
      assert_int_equal(sealed, size + AEAD_TAG_SIZE);
      noise_seal(&out[i % 2], sent[i % 2], message, payload, size);
      assert_memory_equal(message, expected, sealed);
      assert_true(noise_open(&in[1 - i % 2], sent[i % 2]++, got, message, sealed));
      assert_memory_equal(got, payload, size);
    }
  }
}

/* Split's own derivation is HMAC(ck, "") with ck as the salt; an exported key has ck as its input (RFC 5869). */
static void an_exported_key_is_equal_at_both_ends_and_no_other_key(void **state) {
  (void)state;
  for (int n = 0; n < VECTORS; n++) {
    struct pair pair;
    struct noise_cipher send, receive;
    const struct bytes_view one[] = {{"label", 5}, {"\1", 1}}, two[] = {{"label", 5}, {"\2", 1}};
    uint8_t ours[KEY_SIZE], theirs[KEY_SIZE], other[KEY_SIZE], expected[KEY_SIZE];
    run_handshake(&pair, &noise_vectors[n]);
    crypto_hkdf(expected, KEY_SIZE, pair.initiator.ck, HASH_SIZE, NULL, 0, &(struct bytes_view){"label\1", 6}, 1);
    noise_export(&pair.initiator, one, 2, ours);
    noise_export(&pair.responder, one, 2, theirs);
    noise_export(&pair.responder, two, 2, other);
    assert_memory_equal(ours, expected, KEY_SIZE);
    assert_memory_equal(ours, theirs, KEY_SIZE);
    assert_memory_not_equal(ours, other, KEY_SIZE);
    noise_split(&pair.initiator, &send, &receive);
    assert_memory_not_equal(ours, send.key, KEY_SIZE);
    assert_memory_not_equal(ours, receive.key, KEY_SIZE);
  }
}

static void a_flipped_bit_anywhere_in_a_handshake_fails_and_changes_nothing(void **state) {
  (void)state;
  for (int n = 0; n < VECTORS; n++) {
    const struct noise_vector *v = &noise_vectors[n];
    struct pair pair;
    init_pair(&pair, v);
    for (int i = 0; i < handshake_messages(v->pattern); i++) {
      struct pair before = pair;
      uint8_t message[ROOM], got[ROOM];
      size_t size = step(&pair, v, i, message), got_size;
      struct noise *reader = i % 2 ? &before.initiator : &before.responder;
      struct noise untouched = *reader;
      for (size_t bit = 0; bit < size * 8; bit++) {
        message[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(noise_read(reader, message, size, got, sizeof got, &got_size));
        assert_memory_equal(reader, &untouched, sizeof untouched);
        message[bit / 8] ^= (uint8_t)(1 << bit % 8);
      }
      assert_true(noise_read(reader, message, size, got, sizeof got, &got_size));
    }
  }
}

static void every_truncation_of_a_handshake_message_fails(void **state) {
  (void)state;
  for (int n = 0; n < VECTORS; n++) {
    struct pair pair, before;
    init_pair(&pair, &noise_vectors[n]);
    for (int i = 0; i < handshake_messages(noise_vectors[n].pattern); i++) {
      before = pair;
      uint8_t message[ROOM], got[ROOM];
      size_t size = step(&pair, &noise_vectors[n], i, message), got_size;
      for (size_t cut = 0; cut < size; cut++)
        assert_false(
            noise_read(i % 2 ? &before.initiator : &before.responder, message, cut, got, sizeof got, &got_size));
    }
  }
}

static const struct noise_vector *vector_of(enum noise_pattern pattern) {
  for (int n = 0; n < VECTORS; n++)
    if (noise_vectors[n].pattern == pattern)
      return &noise_vectors[n];
  return NULL;
}

static void a_different_prologue_psk_or_peer_is_a_different_handshake(void **state) {
  (void)state;
  uint8_t other[KEY_SIZE] = {9}, message[ROOM], got[ROOM];
  for (int change = 0; change < 4; change++) {
    struct pair pair;
    init_pair(&pair, vector_of(NOISE_KKPSK0));
    switch (change) {
    case 0:
      pair.responder.h[0] ^= 1; /* what another prologue amounts to */
      break;
    case 1:
      memcpy(pair.responder.psk, other, KEY_SIZE);
      break;
    case 2:
      memcpy(pair.responder.rs, other, KEY_SIZE);
      break;
    default:
      memcpy(pair.responder.s_secret, other, KEY_SIZE);
    }
    size_t got_size, size = noise_write(&pair.initiator, message, sizeof message, "hi", 2);
    assert_true(size > 0);
    assert_false(noise_read(&pair.responder, message, size, got, sizeof got, &got_size));
  }
}

static void the_prologue_goes_into_the_hash(void **state) {
  (void)state;
  uint8_t secret[KEY_SIZE] = {1}, public_key[KEY_SIZE];
  crypto_x25519_public(public_key, secret);
  struct noise_config config = {NOISE_KK, true, "one", 3, secret, public_key, public_key, NULL};
  struct noise one, two;
  noise_init(&one, &config);
  config.prologue = "two";
  noise_init(&two, &config);
  assert_memory_not_equal(one.h, two.h, HASH_SIZE);
}

static void the_responder_of_xk_learns_who_calls(void **state) {
  (void)state;
  struct pair pair;
  run_handshake(&pair, vector_of(NOISE_XKPSK3));
  uint8_t learned[KEY_SIZE];
  noise_remote_static(&pair.responder, learned);
  assert_memory_equal(learned, pair.initiator.s_public, KEY_SIZE);
}

static void nobody_speaks_out_of_turn(void **state) {
  (void)state;
  struct pair pair;
  init_pair(&pair, vector_of(NOISE_KKPSK0));
  uint8_t message[ROOM], got[ROOM];
  size_t got_size;
  assert_int_equal(noise_write(&pair.responder, message, sizeof message, NULL, 0), 0);
  size_t size = noise_write(&pair.initiator, message, sizeof message, NULL, 0);
  assert_true(size > 0);
  assert_int_equal(noise_write(&pair.initiator, got, sizeof got, NULL, 0), 0);
  assert_false(noise_read(&pair.initiator, message, size, got, sizeof got, &got_size)); /* reflected */
  assert_true(noise_read(&pair.responder, message, size, got, sizeof got, &got_size));
  assert_false(noise_read(&pair.responder, message, size, got, sizeof got, &got_size)); /* replayed */
}

static void a_low_order_ephemeral_key_is_refused(void **state) {
  (void)state;
  struct pair pair;
  init_pair(&pair, vector_of(NOISE_KK));
  uint8_t message[ROOM] = {0}, got[ROOM];
  size_t got_size;
  assert_false(noise_read(&pair.responder, message, 48, got, sizeof got, &got_size));
}

static void a_message_that_does_not_fit_is_not_written(void **state) {
  (void)state;
  struct pair pair;
  init_pair(&pair, vector_of(NOISE_KKPSK0));
  uint8_t message[ROOM];
  struct noise before = pair.initiator;
  for (size_t max = 0; max < 32 + 4 + AEAD_TAG_SIZE; max++)
    assert_int_equal(noise_write(&pair.initiator, message, max, "four", 4), 0);
  assert_memory_equal(&before, &pair.initiator, sizeof before);
  assert_int_equal(noise_write(&pair.initiator, message, 52, "four", 4), 52);
}

static void a_payload_longer_than_the_readers_room_is_refused(void **state) {
  (void)state;
  struct pair pair;
  init_pair(&pair, vector_of(NOISE_KKPSK0));
  uint8_t message[ROOM], got[4];
  size_t got_size, size = noise_write(&pair.initiator, message, sizeof message, "four!", 5);
  assert_false(noise_read(&pair.responder, message, size, got, sizeof got, &got_size));
  assert_int_equal(got_size, 0);
}

static void fresh_ephemeral_keys_make_every_handshake_different(void **state) {
  (void)state;
  struct pair pair;
  init_pair(&pair, vector_of(NOISE_KKPSK0));
  struct noise one = pair.initiator, two = pair.initiator;
  one.ephemeral_fixed = two.ephemeral_fixed = false;
  uint8_t a[ROOM], b[ROOM];
  assert_true(noise_write(&one, a, sizeof a, NULL, 0) && noise_write(&two, b, sizeof b, NULL, 0));
  assert_memory_not_equal(a, b, KEY_SIZE);
}

static void after_the_split_only_h_is_left(void **state) {
  (void)state;
  struct pair pair;
  run_handshake(&pair, vector_of(NOISE_KKPSK0));
  struct noise before = pair.initiator;
  struct noise_cipher send, receive;
  noise_split(&pair.initiator, &send, &receive);
  static const uint8_t zero[KEY_SIZE];
  const struct noise *n = &pair.initiator;
  const uint8_t *gone[] = {n->k, n->ck, n->s_secret, n->e_secret, n->psk};
  for (size_t i = 0; i < sizeof gone / sizeof gone[0]; i++)
    assert_memory_equal(gone[i], zero, KEY_SIZE);
  uint8_t h[HASH_SIZE];
  noise_hash(n, h);
  assert_memory_equal(h, before.h, HASH_SIZE);
}

static void a_transport_message_opens_under_its_own_number_and_direction_only(void **state) {
  (void)state;
  struct pair pair;
  run_handshake(&pair, vector_of(NOISE_KKPSK0));
  struct noise_cipher send, receive, peer_send, peer_receive;
  noise_split(&pair.initiator, &send, &receive);
  noise_split(&pair.responder, &peer_send, &peer_receive);
  uint8_t sealed[3 + AEAD_TAG_SIZE], got[3];
  noise_seal(&send, 7, sealed, "abc", 3);
  assert_false(noise_open(&peer_receive, 6, got, sealed, sizeof sealed));
  assert_false(noise_open(&peer_send, 7, got, sealed, sizeof sealed));
  assert_true(noise_open(&peer_receive, 7, got, sealed, sizeof sealed));
  for (size_t bit = 0; bit < sizeof sealed * 8; bit++) {
    sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    assert_false(noise_open(&peer_receive, 7, got, sealed, sizeof sealed));
    sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
  }
  for (size_t cut = 0; cut < sizeof sealed; cut++)
    assert_false(noise_open(&peer_receive, 7, got, sealed, cut));
}

UNIT_TESTS(test(published_handshakes_come_out_byte_for_byte),
           test(published_transport_messages_come_out_byte_for_byte),
           test(an_exported_key_is_equal_at_both_ends_and_no_other_key),
           test(a_flipped_bit_anywhere_in_a_handshake_fails_and_changes_nothing),
           test(every_truncation_of_a_handshake_message_fails),
           test(a_different_prologue_psk_or_peer_is_a_different_handshake), test(the_prologue_goes_into_the_hash),
           test(the_responder_of_xk_learns_who_calls), test(nobody_speaks_out_of_turn),
           test(a_low_order_ephemeral_key_is_refused), test(a_message_that_does_not_fit_is_not_written),
           test(a_payload_longer_than_the_readers_room_is_refused),
           test(fresh_ephemeral_keys_make_every_handshake_different), test(after_the_split_only_h_is_left),
           test(a_transport_message_opens_under_its_own_number_and_direction_only))
