#include "media/bytes.h"

#include "unit.h"

static void what_is_written_reads_back(void **state) {
  (void)state;
  uint8_t data[25];
  struct writer w = writer_of(data, sizeof data);
  write_u8(&w, 0x01);
  write_u16(&w, 0x0203);
  write_u24(&w, 0x040506);
  write_u32(&w, 0x0708090a);
  write_u64(&w, 0x0b0c0d0e0f101112);
  write_bytes(&w, "abcdefg", 7);
  assert_false(w.bad);
  assert_int_equal(w.left, 0);
  for (uint8_t i = 0; i < 18; i++)
    assert_int_equal(data[i], i + 1); /* big-endian */
  struct reader r = reader_of(data, sizeof data);
  uint8_t text[7];
  assert_int_equal(read_u8(&r), 0x01);
  assert_int_equal(read_u16(&r), 0x0203);
  assert_int_equal(read_u24(&r), 0x040506);
  assert_int_equal(read_u32(&r), 0x0708090a);
  assert_true(read_u64(&r) == 0x0b0c0d0e0f101112);
  read_bytes(&r, text, 7);
  assert_memory_equal(text, "abcdefg", 7);
  assert_false(r.bad);
}

static void a_read_past_the_end_yields_zeros_and_stays_bad(void **state) {
  (void)state;
  const uint8_t data[3] = {0xff, 0xff, 0xff};
  uint8_t out[4] = {1, 1, 1, 1};
  struct reader r = reader_of(data, sizeof data);
  assert_int_equal(read_u32(&r), 0);
  assert_true(r.bad);
  assert_int_equal(read_u8(&r), 0); /* although a byte is there */
  read_bytes(&r, out, sizeof out);
  assert_int_equal(out[0] | out[1] | out[2] | out[3], 0);
  assert_null(read_span(&r, 0));
}

static void a_write_past_the_end_writes_nothing_and_stays_bad(void **state) {
  (void)state;
  uint8_t data[4] = {9, 9, 9, 9};
  struct writer w = writer_of(data, 3);
  write_u16(&w, 0x0102);
  write_u16(&w, 0x0304);
  assert_true(w.bad);
  write_u8(&w, 5);
  assert_memory_equal(data, ((uint8_t[]){1, 2, 9, 9}), 4);
}

static void empty_input_is_readable_as_nothing(void **state) {
  (void)state;
  struct reader r = reader_of(NULL, 0);
  assert_false(r.bad);
  assert_int_equal(read_u8(&r), 0);
  assert_true(r.bad);
  struct writer w = writer_of(NULL, 0);
  write_bytes(&w, NULL, 0);
  assert_false(w.bad);
}

UNIT_TESTS(test(what_is_written_reads_back), test(a_read_past_the_end_yields_zeros_and_stays_bad),
           test(a_write_past_the_end_writes_nothing_and_stays_bad), test(empty_input_is_readable_as_nothing))
