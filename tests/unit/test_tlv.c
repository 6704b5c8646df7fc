#include "unit.h"

#include "../../signaling/tlv.h"

/* tag 1 "ab", tag 5 empty, tag 0x80 and 0xff as extensions */
static const uint8_t sample[] = {1, 0, 2, 'a', 'b', 5, 0, 0, 0x80, 0, 1, 'x', 0xff, 0, 0};
enum { KNOWN = 8 };

static bool parse(const uint8_t *data, size_t size) {
  struct tlv tlv = tlv_of(data, size);
  struct reader ab, empty;
  return tlv_take(&tlv, 1, &ab) && tlv_take(&tlv, 5, &empty) && tlv_end(&tlv) && ab.left == 2 && empty.left == 0 &&
         tlv_is_canonical(&tlv, sample, KNOWN);
}

static void known_fields_are_taken_and_extensions_skipped(void **state) {
  (void)state;
  assert_true(parse(sample, sizeof sample));
  assert_true(parse(sample, KNOWN));
  assert_true(parse(sample, KNOWN + 4));
}

static void every_other_truncation_is_refused(void **state) {
  (void)state;
  for (size_t cut = 0; cut < sizeof sample; cut++)
    if (cut != KNOWN && cut != KNOWN + 4)
      assert_false(parse(sample, cut));
}

static void a_flipped_bit_is_refused_or_falls_into_an_extension(void **state) {
  (void)state;
  for (size_t bit = 0; bit < sizeof sample * 8; bit++) {
    uint8_t copy[sizeof sample];
    memcpy(copy, sample, sizeof sample);
    copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
    if (bit / 8 < KNOWN)
      assert_false(parse(copy, sizeof copy));
    else
      parse(copy, sizeof copy); /* must be safe, either way */
  }
}

static bool ends(const uint8_t *data, size_t size) {
  struct tlv tlv = tlv_of(data, size);
  return tlv_end(&tlv);
}

static void an_unknown_tag_below_0x80_is_refused(void **state) {
  (void)state;
  const uint8_t low[] = {0x7f, 0, 0}, high[] = {0x80, 0, 0};
  assert_false(ends(low, sizeof low));
  assert_true(ends(high, sizeof high));
  assert_true(ends(NULL, 0));
}

static void tags_out_of_order_or_twice_are_refused(void **state) {
  (void)state;
  const uint8_t twice[] = {0x80, 0, 0, 0x80, 0, 0}, falling[] = {0x81, 0, 0, 0x80, 0, 0};
  assert_false(ends(twice, sizeof twice));
  assert_false(ends(falling, sizeof falling));
  const uint8_t late[] = {5, 0, 0, 1, 0, 0};
  struct tlv tlv = tlv_of(late, sizeof late);
  struct reader value;
  assert_true(tlv_take(&tlv, 5, &value));
  assert_false(tlv_take(&tlv, 1, &value));
}

static void a_field_that_is_not_there_takes_nothing(void **state) {
  (void)state;
  struct tlv tlv = tlv_of(sample, sizeof sample);
  struct reader value;
  assert_false(tlv_take(&tlv, 2, &value));
  assert_true(tlv_take(&tlv, 1, &value));
  assert_memory_equal(value.at, "ab", 2);
}

static void what_was_read_is_compared_with_what_would_be_written(void **state) {
  (void)state;
  struct tlv tlv = tlv_of(sample, sizeof sample);
  struct reader value;
  assert_true(tlv_take(&tlv, 1, &value) && tlv_take(&tlv, 5, &value) && tlv_end(&tlv));
  assert_true(tlv_is_canonical(&tlv, sample, KNOWN));
  assert_false(tlv_is_canonical(&tlv, sample, KNOWN - 1));
  uint8_t other[KNOWN];
  memcpy(other, sample, KNOWN);
  other[4] ^= 1;
  assert_false(tlv_is_canonical(&tlv, other, KNOWN));
}

static void writing_makes_the_same_bytes(void **state) {
  (void)state;
  uint8_t out[64];
  struct writer writer = writer_of(out, sizeof out);
  uint8_t *begun = tlv_begin(&writer, 1);
  write_bytes(&writer, "ab", 2);
  tlv_finish(&writer, begun);
  tlv_write(&writer, 5, NULL, 0);
  tlv_write_uint(&writer, 0x80, 'x', 1);
  tlv_write(&writer, 0xff, "", 0);
  assert_false(writer.bad);
  assert_int_equal(writer.at - out, sizeof sample);
  assert_memory_equal(out, sample, sizeof sample);
}

static void writing_into_too_little_room_says_so(void **state) {
  (void)state;
  for (size_t max = 0; max < 8; max++) {
    uint8_t out[8];
    struct writer writer = writer_of(out, max);
    uint8_t *begun = tlv_begin(&writer, 1);
    write_bytes(&writer, "ab", 2);
    tlv_finish(&writer, begun);
    tlv_write(&writer, 5, NULL, 0);
    assert_true(writer.bad);
  }
}

static void a_value_over_65535_bytes_is_not_written(void **state) {
  (void)state;
  static uint8_t out[70000], value[65536];
  struct writer writer = writer_of(out, sizeof out);
  tlv_write(&writer, 1, value, sizeof value);
  assert_true(writer.bad);
  writer = writer_of(out, sizeof out);
  uint8_t *begun = tlv_begin(&writer, 1);
  write_bytes(&writer, value, sizeof value);
  tlv_finish(&writer, begun);
  assert_true(writer.bad);
}

UNIT_TESTS(test(known_fields_are_taken_and_extensions_skipped), test(every_other_truncation_is_refused),
           test(a_flipped_bit_is_refused_or_falls_into_an_extension), test(an_unknown_tag_below_0x80_is_refused),
           test(tags_out_of_order_or_twice_are_refused), test(a_field_that_is_not_there_takes_nothing),
           test(what_was_read_is_compared_with_what_would_be_written), test(writing_makes_the_same_bytes),
           test(writing_into_too_little_room_says_so), test(a_value_over_65535_bytes_is_not_written))
