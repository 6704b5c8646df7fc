#include "media/rtp/rtp_ext.h"

#include "unit.h"

static void a_number_is_inserted_as_rfc_8285_draws_it(void **state) {
  (void)state;
  static const uint8_t expected[] = {
      0x90, 0x60, 0x12, 0x34, 0, 0, 0, 7, 0, 0, 0, 9, /* the fixed header, with X */
      0xbe, 0xde, 0,    1,                            /* one-byte form, one word */
      0x51, 0xab, 0xcd, 0,                            /* id 5, two bytes, one of padding */
      'h',  'i',
  };
  uint8_t packet[64];
  struct writer w = writer_of(packet, sizeof packet);
  rtp_write(&w, &(struct rtp_header){.payload_type = 96, .seq = 0x1234, .timestamp = 7, .ssrc = 9});
  write_bytes(&w, "hi", 2);
  rtp_ext_insert(packet, RTP_HEADER_SIZE + 2, 5);
  rtp_ext_set(packet, 0xabcd);
  assert_memory_equal(packet, expected, sizeof expected);
  struct rtp_header header;
  struct reader payload, value;
  assert_true(rtp_parse(packet, sizeof expected, &header, &payload));
  assert_int_equal(payload.left, 2);
  assert_true(rtp_ext_find(header.extension, 5, &value));
  assert_int_equal(value.left, 2);
  assert_int_equal(read_u16(&value), 0xabcd);
  assert_false(rtp_ext_find(header.extension, 4, &value));
}

static bool finds(const uint8_t *bytes, size_t size, int id, uint8_t first, size_t length) {
  struct reader value;
  return rtp_ext_find(reader_of(bytes, size), id, &value) && value.left == length && value.at[0] == first;
}

static void any_element_is_found_among_others_and_padding(void **state) {
  (void)state;
  static const uint8_t elements[] = {
      0x10, 0xaa,             /* id 1, one byte */
      0,    0,                /* padding */
      0x32, 0xb1, 0xb2, 0xb3, /* id 3, three */
      0xe0, 0xcc,             /* id 14, one */
      0xf0, 0x40, 0xdd, 0xee, /* id 15: nothing after it is read */
  };
  assert_true(finds(elements, sizeof elements, 1, 0xaa, 1));
  assert_true(finds(elements, sizeof elements, 3, 0xb1, 3));
  assert_true(finds(elements, sizeof elements, 14, 0xcc, 1));
  assert_false(finds(elements, sizeof elements, 4, 0xdd, 1));
  assert_false(finds(elements, sizeof elements, 15, 0x40, 1));
}

static void an_element_that_claims_more_than_there_is_is_none(void **state) {
  (void)state;
  static const uint8_t elements[] = {0x1f, 1, 2, 3};
  assert_false(finds(elements, sizeof elements, 1, 1, 16));
  assert_false(finds(elements, 0, 1, 0, 0));
}

static void another_form_is_skipped(void **state) {
  (void)state;
  static const uint8_t packet[] = {0x90, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0x10, 0, 0, 1, 1, 1, 0xaa, 0, 'x'};
  struct rtp_header header;
  struct reader payload, value;
  assert_true(rtp_parse(packet, sizeof packet, &header, &payload));
  assert_int_equal(payload.left, 1);
  assert_false(rtp_ext_find(header.extension, 1, &value));
}

static void a_value_is_cleared_wherever_it_is_and_nothing_else(void **state) {
  (void)state;
  uint8_t packet[] = {0x90, 96, 0, 1, 0,    0,    0,    0, 0, 0, 0, 1,  0xbe,
                      0xde, 0,  2, 0, 0x10, 0xaa, 0x31, 7, 9, 0, 0, 'x'};
  uint8_t expected[sizeof packet];
  memcpy(expected, packet, sizeof packet);
  rtp_ext_clear(packet, sizeof packet, 4);
  rtp_ext_clear(packet, sizeof packet - 4, 3); /* does not parse */
  assert_memory_equal(packet, expected, sizeof packet);
  expected[20] = expected[21] = 0;
  rtp_ext_clear(packet, sizeof packet, 3);
  assert_memory_equal(packet, expected, sizeof packet);
}

UNIT_TESTS(test(a_value_is_cleared_wherever_it_is_and_nothing_else),
           test(a_number_is_inserted_as_rfc_8285_draws_it), test(any_element_is_found_among_others_and_padding),
           test(an_element_that_claims_more_than_there_is_is_none), test(another_form_is_skipped))
