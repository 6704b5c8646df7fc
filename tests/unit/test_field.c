#include "unit.h"

#include "../../signaling/field.h"
#include "../vectors/messages.h"

enum { FIRST = TAG_CALL_ID, LAST = TAG_REPAIR_SSRC };

/* One field's value, as it is written. */
static size_t value_of(const struct message *message, uint8_t tag, uint8_t out[MESSAGE_MAX]) {
  uint8_t field[MESSAGE_MAX];
  struct writer writer = writer_of(field, sizeof field);
  assert_true(field_write(&writer, tag, message));
  size_t size = (size_t)(writer.at - field);
  assert_int_equal(field[0], tag);
  assert_int_equal(field[1] << 8 | field[2], size - 3);
  memcpy(out, field + 3, size - 3);
  return size - 3;
}

static void every_tag_is_written_and_read(void **state) {
  (void)state;
  for (uint8_t tag = FIRST; tag <= LAST; tag++) {
    struct message sent = sample_message(MESSAGE_OFFER), got = {0};
    uint8_t value[MESSAGE_MAX], again[MESSAGE_MAX];
    size_t size = value_of(&sent, tag, value);
    assert_true(field_read(reader_of(value, size), tag, &got));
    assert_int_equal(value_of(&got, tag, again), size);
    assert_memory_equal(value, again, size);
  }
}

static void a_value_of_a_fixed_size_has_that_size(void **state) {
  (void)state;
  for (uint8_t tag = FIRST; tag <= LAST; tag++) {
    if (tag == TAG_FORMATS || tag == TAG_CODECS || tag == TAG_RECORD || tag == TAG_STATEMENT || tag == TAG_ROSTER ||
        tag == TAG_UFRAG || tag == TAG_PWD || tag == TAG_PROFILES || tag == TAG_CANDIDATES || tag == TAG_NAME)
      continue;
    struct message message = sample_message(MESSAGE_OFFER);
    uint8_t value[MESSAGE_MAX] = {0};
    size_t size = value_of(&message, tag, value);
    for (size_t other = 0; other < size + 9; other++)
      assert_int_equal(field_read(reader_of(value, other), tag, &message), other == size);
  }
}

static void an_unknown_tag_is_neither_written_nor_read(void **state) {
  (void)state;
  struct message message = sample_message(MESSAGE_OFFER);
  uint8_t out[64] = {0};
  static const uint8_t unknown[] = {0, LAST + 1, 0x7f, 0x80, 0xff};
  for (size_t i = 0; i < sizeof unknown; i++) {
    struct writer writer = writer_of(out, sizeof out);
    assert_false(field_write(&writer, unknown[i], &message));
    assert_false(field_read(reader_of(out, 1), unknown[i], &message));
  }
}

static void the_least_and_the_most_of_a_list_are_its_bounds(void **state) {
  (void)state;
  struct message message;
  uint8_t value[MESSAGE_MAX];
  memset(value, 'a', sizeof value);
  static const struct {
    uint8_t tag;
    size_t least, most;
  } texts[] = {{TAG_UFRAG, UFRAG_MIN, ICE_TEXT_MAX},
               {TAG_PWD, PWD_MIN, ICE_TEXT_MAX},
               {TAG_CNAME, CNAME_SIZE, CNAME_SIZE},
               {TAG_NAME, 1, WIRE_NAME_MAX},
               {TAG_ROSTER, 1, ROSTER_BYTES_MAX}};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    assert_false(field_read(reader_of(value, texts[i].least - 1), texts[i].tag, &message));
    assert_true(field_read(reader_of(value, texts[i].least), texts[i].tag, &message));
    assert_true(field_read(reader_of(value, texts[i].most), texts[i].tag, &message));
    assert_false(field_read(reader_of(value, texts[i].most + 1), texts[i].tag, &message));
  }
  for (uint8_t i = 0; i < 2 * (PROFILES_MAX + 1); i++)
    value[i] = i;
  assert_false(field_read(reader_of(value, 0), TAG_PROFILES, &message));
  assert_true(field_read(reader_of(value, 2 * PROFILES_MAX), TAG_PROFILES, &message));
  assert_false(field_read(reader_of(value, 2 * PROFILES_MAX + 2), TAG_PROFILES, &message));
  assert_false(field_read(reader_of(value, 3), TAG_PROFILES, &message));
  assert_false(field_read(reader_of(value + 1, 0), TAG_CODECS, &message));
  assert_true(field_read(reader_of(value + 1, 1), TAG_CODECS, &message));
  assert_true(field_read(reader_of(value + 1, CODECS_MAX), TAG_CODECS, &message));
  assert_false(field_read(reader_of(value + 1, CODECS_MAX + 1), TAG_CODECS, &message));
  assert_false(field_read(reader_of(value, 2), TAG_CODECS, &message)); /* 0 among them */
  value[2] = value[1];
  assert_false(field_read(reader_of(value + 1, 2), TAG_CODECS, &message)); /* one twice */
}

static void no_more_than_sixteen_candidates_are_read(void **state) {
  (void)state;
  uint8_t value[17 * CANDIDATE_ENCODED_MAX];
  struct writer writer = writer_of(value, sizeof value);
  struct candidate candidate = sample_candidate(0);
  struct message message;
  assert_true(field_read(reader_of(value, 0), TAG_CANDIDATES, &message));
  assert_int_equal(message.candidates, 0);
  for (int i = 1; i <= 17; i++) {
    assert_true(candidate_write(&writer, &candidate));
    size_t size = (size_t)(writer.at - value);
    assert_int_equal(field_read(reader_of(value, size), TAG_CANDIDATES, &message), i <= CANDIDATES_MAX);
  }
}

UNIT_TESTS(test(every_tag_is_written_and_read), test(a_value_of_a_fixed_size_has_that_size),
           test(an_unknown_tag_is_neither_written_nor_read), test(the_least_and_the_most_of_a_list_are_its_bounds),
           test(no_more_than_sixteen_candidates_are_read))
