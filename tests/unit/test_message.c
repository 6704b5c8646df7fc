#include "unit.h"

#include "../../signaling/message.h"
#include "../../signaling/tlv.h"
#include "../vectors/hex.h"
#include "../vectors/messages.h"

static size_t encode(const struct message *message, uint8_t out[MESSAGE_MAX]) {
  size_t size = message_encode(message, out, MESSAGE_MAX);
  assert_true(size > 0);
  return size;
}

static bool encodes(const struct message *message) {
  uint8_t out[MESSAGE_MAX];
  return message_encode(message, out, sizeof out) > 0;
}

/* What parses encodes to the same bytes, but for extensions, which are dropped. It lies at the end of its block,
 * where AddressSanitizer sees a read past it. */
static bool parses_canonically(const uint8_t *data, size_t size) {
  static uint8_t room[MESSAGE_MAX];
  uint8_t *exact = room + sizeof room - size, again[MESSAGE_MAX];
  struct message message;
  memcpy(exact, data, size);
  if (!message_parse(exact, size, &message))
    return false;
  size_t written = message_encode(&message, again, sizeof again);
  assert_true(written > 0 && written <= size);
  assert_memory_equal(again, data, written);
  assert_true(written == size || data[written] >= TLV_EXTENSION);
  return true;
}

static void every_message_is_parsed_as_it_was_encoded(void **state) {
  (void)state;
  for (uint8_t type = MESSAGE_KNOCK; type <= MESSAGE_TYPE_LAST; type++) {
    struct message message = sample_message(type);
    uint8_t data[MESSAGE_MAX];
    assert_true(parses_canonically(data, encode(&message, data)));
  }
}

static void fields_arrive(void **state) {
  (void)state;
  struct message sent = sample_message(MESSAGE_OFFER), got;
  uint8_t data[MESSAGE_MAX];
  assert_true(message_parse(data, encode(&sent, data), &got));
  assert_int_equal(got.type, MESSAGE_OFFER);
  assert_memory_equal(got.call_id, sent.call_id, sizeof sent.call_id);
  assert_memory_equal(got.fingerprint, sent.fingerprint, HASH_SIZE);
  assert_string_equal(got.ufrag, sent.ufrag);
  assert_string_equal(got.pwd, sent.pwd);
  assert_int_equal(got.setup, sent.setup);
  assert_int_equal(got.profiles, 2);
  assert_int_equal(got.profile_list[1], 7);
  assert_int_equal(got.media, sent.media);
  assert_int_equal(got.audio_ssrc, sent.audio_ssrc);
  assert_int_equal(got.video_ssrc, sent.video_ssrc);
  assert_string_equal(got.cname, sent.cname);
  assert_int_equal(got.policy, sent.policy);
  assert_memory_equal(got.handshake, sent.handshake, HASH_SIZE);
  assert_int_equal(got.candidates, 3);
  assert_memory_equal(got.candidate, sent.candidate, sizeof sent.candidate);
  assert_int_equal(got.formats.count, 3);
  assert_memory_equal(got.formats.entry, sent.formats.entry, sizeof sent.formats.entry);
  assert_int_equal(got.codecs.count, 2);
  assert_memory_equal(got.codecs.codec, sent.codecs.codec, 2);
  assert_int_equal(got.transport_cc, sent.transport_cc);
  assert_int_equal(got.repair_ssrc, sent.repair_ssrc);

  sent = sample_message(MESSAGE_HELLO);
  assert_true(message_parse(data, encode(&sent, data), &got));
  assert_int_equal(got.caps, sent.caps);
  assert_int_equal(got.my_head.seq, 3);
  assert_int_equal(got.your_head.seq, 5);
  assert_memory_equal(got.your_head.hash, sent.your_head.hash, HASH_SIZE);
  assert_int_equal(got.roster_size, sent.roster_size);
  assert_memory_equal(got.roster, sent.roster, sent.roster_size);

  sent = sample_message(MESSAGE_BIND);
  assert_true(message_parse(data, encode(&sent, data), &got));
  assert_memory_equal(got.ekm, sent.ekm, HASH_SIZE);
  assert_memory_equal(got.fp_self, sent.fp_self, HASH_SIZE);
  assert_memory_equal(got.fp_peer, sent.fp_peer, HASH_SIZE);
  assert_int_equal(got.dtls_role, sent.dtls_role);
  assert_int_equal(got.profile, 8);
  assert_int_equal(got.cipher, 0xc02c);

  sent = sample_message(MESSAGE_JOIN);
  assert_true(message_parse(data, encode(&sent, data), &got));
  assert_string_equal(got.name, sent.name);
  assert_memory_equal(got.random, sent.random, RANDOM_SIZE);
}

/* Written out once by hand, so that a change of the wire format cannot go by unseen. */
static void a_message_is_these_bytes(void **state) {
  (void)state;
  uint8_t data[MESSAGE_MAX], expected[MESSAGE_MAX];
  struct message media = sample_message(MESSAGE_MEDIA);
  size_t size = encode(&media, data);
  assert_int_equal(size, unhex(expected, "0b"
                                         "0f000103"
                                         "15000101"));
  assert_memory_equal(data, expected, size);
  struct message knock = sample_message(MESSAGE_KNOCK);
  size = encode(&knock, data);
  assert_int_equal(size,
                   unhex(expected, "01"
                                   "010010101112131415161718191a1b1c1d1e1f"
                                   "02000101"
                                   "03000401020304"
                                   "04002400000003202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
                                   "05002400000005303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f"
                                   "060008000000006553f100"));
  assert_memory_equal(data, expected, size);
}

static bool has_size(const struct message *message, size_t size) {
  uint8_t data[MESSAGE_MAX];
  return message_encode(message, data, sizeof data) == size;
}

/* The cuts that are messages too: an optional field is gone, and those behind it. */
static bool is_without_the_last(const struct message *message, size_t cut) {
  struct message less = *message;
  less.name[0] = '\0';
  if (less.type == MESSAGE_HELLO)
    less.roster = NULL;
  if (less.type == MESSAGE_HELLO || less.type == MESSAGE_JOIN)
    return has_size(&less, cut);
  less.repair_ssrc = 0;
  if (has_size(&less, cut))
    return true;
  less.transport_cc = 0;
  if (has_size(&less, cut))
    return true;
  less.codecs.count = 0;
  if (has_size(&less, cut))
    return true;
  less.formats.count = 0;
  return has_size(&less, cut);
}

static void every_truncation_is_refused(void **state) {
  (void)state;
  for (uint8_t type = MESSAGE_KNOCK; type <= MESSAGE_TYPE_LAST; type++) {
    struct message message = sample_message(type);
    uint8_t data[MESSAGE_MAX];
    size_t size = encode(&message, data);
    for (size_t cut = 0; cut < size; cut++)
      if (!is_without_the_last(&message, cut))
        assert_false(parses_canonically(data, cut));
  }
}

static void every_flipped_bit_is_refused_or_parsed_canonically(void **state) {
  (void)state;
  for (uint8_t type = MESSAGE_KNOCK; type <= MESSAGE_TYPE_LAST; type++) {
    struct message message = sample_message(type);
    uint8_t data[MESSAGE_MAX];
    size_t size = encode(&message, data);
    for (size_t bit = 0; bit < size * 8; bit++) {
      data[bit / 8] ^= (uint8_t)(1 << bit % 8);
      parses_canonically(data, size);
      data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
  }
}

static void a_missing_doubled_or_foreign_field_is_refused(void **state) {
  (void)state;
  uint8_t data[64];
  size_t size = unhex(data, "0b0f00010315000101");
  assert_true(parses_canonically(data, size));
  assert_false(parses_canonically(data, unhex(data, "0b0f000103")));                 /* no generation */
  assert_false(parses_canonically(data, unhex(data, "0b15000101")));                 /* no media */
  assert_false(parses_canonically(data, unhex(data, "0b0f0001030f00010315000101"))); /* twice */
  assert_false(parses_canonically(data, unhex(data, "0b150001010f000103")));         /* out of order */
  assert_false(parses_canonically(data, unhex(data, "0b0f0001031200010115000101"))); /* policy: not here */
  assert_false(parses_canonically(data, unhex(data, "0b0f000103150001017f0000")));   /* unknown below 0x80 */
  assert_false(parses_canonically(data, unhex(data, "0b0f0002000315000101")));       /* a u8 in two bytes */
}

static void an_extension_is_skipped(void **state) {
  (void)state;
  uint8_t data[64];
  struct message message;
  assert_true(message_parse(data, unhex(data, "0b0f0001031500010180000101ff0000"), &message));
  assert_int_equal(message.media, 3);
  assert_false(message_parse(data, unhex(data, "0b0f00010315000101ff000080000101"), &message)); /* falling */
  assert_false(message_parse(data, unhex(data, "0b0f000103150001018000020"), &message));        /* cut */
}

static void an_unknown_type_and_nothing_are_refused(void **state) {
  (void)state;
  struct message message = sample_message(0);
  uint8_t data[1] = {0};
  assert_false(message_parse(data, 1, &message));
  data[0] = MESSAGE_TYPE_LAST + 1;
  assert_false(message_parse(data, 1, &message));
  assert_false(message_parse(data, 0, &message));
  message.type = MESSAGE_TYPE_LAST + 1;
  assert_false(encodes(&message));
}

static void optional_fields_may_be_absent(void **state) {
  (void)state;
  uint8_t data[MESSAGE_MAX];
  struct message message = sample_message(MESSAGE_HELLO), got;
  message.roster = NULL;
  assert_true(message_parse(data, encode(&message, data), &got));
  assert_null(got.roster);
  message = sample_message(MESSAGE_JOIN);
  message.name[0] = '\0';
  assert_true(message_parse(data, encode(&message, data), &got));
  assert_string_equal(got.name, "");
  message.roster = NULL; /* not optional here */
  assert_false(encodes(&message));
}

/* A page states neither; natives state all three. */
static void exporter_profile_and_cipher_are_stated_together_or_not_at_all(void **state) {
  (void)state;
  uint8_t data[MESSAGE_MAX];
  struct message message = sample_message(MESSAGE_BIND), got;
  size_t whole = encode(&message, data);
  memmove(data + 1, data + 1 + 3 + HASH_SIZE, whole - 1 - 3 - HASH_SIZE); /* EKM alone is missing */
  assert_false(message_parse(data, whole - 3 - HASH_SIZE, &got));
  message.profile = message.cipher = 0;
  size_t size = encode(&message, data);
  assert_int_equal(size, whole - 3 - HASH_SIZE - 5 - 5);
  assert_true(message_parse(data, size, &got));
  assert_int_equal(got.profile, 0);
  assert_memory_equal(got.ekm, (uint8_t[HASH_SIZE]){0}, HASH_SIZE);
  assert_memory_equal(got.fp_self, message.fp_self, HASH_SIZE);
}

static void what_only_a_page_needs_stands_behind_its_formats(void **state) {
  (void)state;
  uint8_t data[MESSAGE_MAX];
  struct message message = sample_message(MESSAGE_ANSWER), got;
  message.transport_cc = 0;
  message.repair_ssrc = 0;
  assert_true(message_parse(data, encode(&message, data), &got));
  assert_int_equal(got.formats.count, 3);
  message.formats.count = 0;
  assert_true(message_parse(data, encode(&message, data), &got));
  assert_int_equal(got.formats.count, 0);
  message.transport_cc = 1;
  assert_false(encodes(&message));
  message.transport_cc = 0;
  message.repair_ssrc = 1;
  assert_false(encodes(&message));
}

/* Applies one change to an OFFER, ANSWER... and sees it refused by the encoder, which shares its bounds with the
 * parser: the flip and truncation tests see to the other direction. */
#define REFUSED(message_type, change)                                                                              \
  do {                                                                                                             \
    struct message m = sample_message(message_type);                                                               \
    assert_true(encodes(&m));                                                                                      \
    change;                                                                                                        \
    assert_false(encodes(&m));                                                                                     \
  } while (0)

static void what_is_out_of_bounds_is_refused(void **state) {
  (void)state;
  REFUSED(MESSAGE_KNOCK, m.version = 0);
  REFUSED(MESSAGE_OFFER, m.setup = 0);
  REFUSED(MESSAGE_OFFER, m.setup = SETUP_PASSIVE + 1);
  REFUSED(MESSAGE_OFFER, m.media = 0);
  REFUSED(MESSAGE_OFFER, m.media = 4);
  REFUSED(MESSAGE_OFFER, m.profiles = 0);
  REFUSED(MESSAGE_OFFER, m.profiles = PROFILES_MAX + 1);
  REFUSED(MESSAGE_OFFER, m.profile_list[1] = m.profile_list[0]);
  REFUSED(MESSAGE_OFFER, m.audio_ssrc = 0);
  REFUSED(MESSAGE_OFFER, m.video_ssrc = 0);
  REFUSED(MESSAGE_OFFER, m.video_ssrc = m.audio_ssrc);
  REFUSED(MESSAGE_OFFER, m.policy = 0);
  REFUSED(MESSAGE_OFFER, m.policy = POLICY_WARN + 1);
  REFUSED(MESSAGE_OFFER, strcpy(m.ufrag, "abc"));
  REFUSED(MESSAGE_OFFER, strcpy(m.ufrag, "ab c"));
  REFUSED(MESSAGE_OFFER, memset(m.ufrag, 'a', sizeof m.ufrag)); /* 257, no NUL */
  REFUSED(MESSAGE_OFFER, strcpy(m.pwd, "123456789012345678901"));
  REFUSED(MESSAGE_OFFER, strcpy(m.cname, "too short"));
  REFUSED(MESSAGE_OFFER, m.candidates = -1);
  REFUSED(MESSAGE_OFFER, m.candidates = CANDIDATES_MAX + 1);
  REFUSED(MESSAGE_OFFER, m.candidate[0].port = 0);
  REFUSED(MESSAGE_OFFER, m.formats.count = FORMATS_MAX + 1);
  REFUSED(MESSAGE_OFFER, m.formats.entry[1].type = m.formats.entry[0].type);
  REFUSED(MESSAGE_OFFER, m.codecs.count = CODECS_MAX + 1);
  REFUSED(MESSAGE_OFFER, m.codecs.codec[1] = m.codecs.codec[0]);
  REFUSED(MESSAGE_ANSWER, m.codecs.codec[1] = 0);
  REFUSED(MESSAGE_OFFER, m.transport_cc = 15);
  REFUSED(MESSAGE_OFFER, m.repair_ssrc = m.audio_ssrc);
  REFUSED(MESSAGE_ANSWER, m.repair_ssrc = m.video_ssrc);
  REFUSED(MESSAGE_ANSWER, m.media = 0);
  REFUSED(MESSAGE_DECLINE, m.reason = REASON_HANGUP);
  REFUSED(MESSAGE_CANCEL, m.reason = REASON_BUSY);
  REFUSED(MESSAGE_HANGUP, m.reason = 0);
  REFUSED(MESSAGE_HANGUP, m.reason = REASON_LAST + 1);
  REFUSED(MESSAGE_BIND, m.dtls_role = 0);
  REFUSED(MESSAGE_BIND, m.profile = 0);
  REFUSED(MESSAGE_BIND, m.cipher = 0);
  REFUSED(MESSAGE_SAS_COMMIT, m.run = 0);
  REFUSED(MESSAGE_SAS_RESULT, m.result = 0);
  REFUSED(MESSAGE_SAS_RESULT, m.result = RESULT_CANCEL + 1);
  REFUSED(MESSAGE_JOIN, strcpy(m.name, "a\nb"));
  REFUSED(MESSAGE_JOIN, memset(m.name, 'a', sizeof m.name));
  REFUSED(MESSAGE_ROSTER, m.roster = NULL);
  REFUSED(MESSAGE_ROSTER, m.roster_size = 0);
}

static void the_parser_has_the_same_bounds(void **state) {
  (void)state;
  static const char *const refused[] = {
      "0b0f00010415000101",  /* media 4 */
      "0611000101160001010", /* a field that DECLINE does not have */
      "0616000101",          /* DECLINE: hang-up is no reason for it */
      "1216000104",          /* CANCEL: declined is no reason for it */
      "1116000100",          /* HANGUP: reason 0 */
      "111600010d",          /* reason 13 */
      "0f1d0001012000010",   /* cut */
      "0f1d00010120000104",  /* result 4 */
      "0f1d00010020000101",  /* run 0 */
      "0914000015000101ff",  /* rubbish behind */
      "05ff",                /* rubbish behind */
  };
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
    uint8_t data[64];
    struct message message;
    assert_false(message_parse(data, unhex(data, refused[i]), &message));
  }
}

static void the_largest_messages_fit_their_cells(void **state) {
  (void)state;
  static uint8_t roster[ROSTER_BYTES_MAX];
  uint8_t data[MESSAGE_MAX];
  struct message offer = sample_message(MESSAGE_ANSWER);
  memset(offer.ufrag, 'a', ICE_TEXT_MAX);
  memset(offer.pwd, 'a', ICE_TEXT_MAX);
  offer.profiles = PROFILES_MAX;
  for (int i = 0; i < PROFILES_MAX; i++)
    offer.profile_list[i] = (uint16_t)(i + 1);
  offer.candidates = CANDIDATES_MAX;
  for (int i = 0; i < CANDIDATES_MAX; i++) {
    offer.candidate[i] = sample_candidate(1);
    memset(offer.candidate[i].foundation, 'f', CANDIDATE_FOUNDATION_MAX);
  }
  for (uint8_t i = 0; i < FORMATS_MAX; i++)
    offer.formats.entry[i] = (struct format){(uint8_t)(96 + i), FORMAT_VP8, 0};
  offer.formats.count = FORMATS_MAX;
  assert_true(encode(&offer, data) + AEAD_TAG_SIZE <= CELL_BODY_MAX); /* one cell, as every other of a call */
  for (uint8_t type = MESSAGE_KNOCK; type <= MESSAGE_TYPE_LAST; type++) {
    struct message message = sample_message(type);
    message.roster = roster;
    message.roster_size = sizeof roster;
    memset(message.name, 'n', WIRE_NAME_MAX);
    /* The most that Noise adds: s and its tag (XK message 3), e, and the tag of the payload. */
    assert_true(encode(&message, data) + 2 * KEY_SIZE + 2 * AEAD_TAG_SIZE <= CELL_MESSAGE_MAX);
  }
  struct message message = sample_message(MESSAGE_HELLO);
  message.roster = roster;
  message.roster_size = ROSTER_BYTES_MAX + 1;
  assert_false(encodes(&message));
}

static void a_message_needs_room(void **state) {
  (void)state;
  for (uint8_t type = MESSAGE_KNOCK; type <= MESSAGE_TYPE_LAST; type++) {
    struct message message = sample_message(type);
    uint8_t data[MESSAGE_MAX];
    size_t size = encode(&message, data);
    for (size_t max = 0; max < size; max++)
      assert_int_equal(message_encode(&message, data, max), 0);
    assert_int_equal(message_encode(&message, data, size), size);
  }
}

static void a_hash_covers_every_byte(void **state) {
  (void)state;
  struct message offer = sample_message(MESSAGE_OFFER);
  uint8_t data[MESSAGE_MAX], hash[HASH_SIZE], other[HASH_SIZE];
  size_t size = encode(&offer, data);
  message_hash(hash, data, size);
  for (size_t i = 0; i < size; i++) {
    data[i] ^= 1;
    message_hash(other, data, size);
    assert_memory_not_equal(hash, other, HASH_SIZE);
    data[i] ^= 1;
  }
}

static void messages_have_names(void **state) {
  (void)state;
  assert_string_equal(message_name(MESSAGE_KNOCK), "KNOCK");
  assert_string_equal(message_name(MESSAGE_DONE), "DONE");
  assert_string_equal(message_name(0), "?");
  assert_string_equal(message_name(MESSAGE_TYPE_LAST + 1), "?");
}

UNIT_TESTS(test(every_message_is_parsed_as_it_was_encoded), test(fields_arrive), test(a_message_is_these_bytes),
           test(every_truncation_is_refused), test(every_flipped_bit_is_refused_or_parsed_canonically),
           test(a_missing_doubled_or_foreign_field_is_refused), test(an_extension_is_skipped),
           test(an_unknown_type_and_nothing_are_refused), test(optional_fields_may_be_absent),
           test(exporter_profile_and_cipher_are_stated_together_or_not_at_all),
           test(what_only_a_page_needs_stands_behind_its_formats), test(what_is_out_of_bounds_is_refused),
           test(the_parser_has_the_same_bounds), test(the_largest_messages_fit_their_cells),
           test(a_message_needs_room), test(a_hash_covers_every_byte), test(messages_have_names))
