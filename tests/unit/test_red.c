#include "media/rtp/red.h"

#include "unit.h"

enum { OPUS = 111 };

static uint8_t out[600];

static size_t write_blocks(const struct red_block *block, int blocks) {
  struct writer w = writer_of(out, sizeof out);
  red_write(&w, OPUS, block, blocks);
  return w.bad ? 0 : sizeof out - w.left;
}

/* RFC 2198 section 4, with our payload type: a copy of 3 bytes from 960 units before, and the frame. */
static void a_packet_is_as_the_rfc_draws_it(void **state) {
  (void)state;
  static const uint8_t expected[] = {0x80 | OPUS, 0x0f, 0x00, 0x03, OPUS, 'o', 'l', 'd', 'n', 'e', 'w', '!'};
  const struct red_block block[] = {{960, (const uint8_t *)"old", 3}, {0, (const uint8_t *)"new!", 4}};
  assert_int_equal(write_blocks(block, 2), sizeof expected);
  assert_memory_equal(out, expected, sizeof expected);
}

static void what_is_written_is_read_again(void **state) {
  (void)state;
  static uint8_t data[RED_BLOCKS][60];
  struct red_block block[RED_BLOCKS], read[RED_BLOCKS];
  for (int blocks = 1; blocks <= RED_BLOCKS; blocks++) {
    for (int i = 0; i < blocks; i++) {
      memset(data[i], 'a' + i, sizeof data[i]);
      block[i] = (struct red_block){.offset = 480 * (blocks - 1 - i), .data = data[i], .size = 40 + (size_t)i};
    }
    size_t size = write_blocks(block, blocks);
    assert_int_equal(red_parse(reader_of(out, size), OPUS, read), blocks);
    for (int i = 0; i < blocks; i++) {
      assert_int_equal(read[i].offset, block[i].offset);
      assert_int_equal(read[i].size, block[i].size);
      assert_memory_equal(read[i].data, block[i].data, block[i].size);
    }
  }
}

static void copies_of_another_type_are_left_out(void **state) {
  (void)state;
  static const uint8_t packet[] = {0x80 | 13, 0, 0, 1, 0x80 | OPUS, 0x07, 0x80, 2, OPUS, 'x', 'o', 'p', 'n'};
  struct red_block read[RED_BLOCKS];
  assert_int_equal(red_parse(reader_of(packet, sizeof packet), OPUS, read), 2);
  assert_int_equal(read[0].offset, 480);
  assert_memory_equal(read[0].data, "op", 2);
  assert_memory_equal(read[1].data, "n", 1);
  assert_int_equal(red_parse(reader_of(packet, sizeof packet), 13, read), 0); /* the newest is no 13 */
}

static void every_cut_is_malformed(void **state) {
  (void)state;
  const struct red_block block[] = {{960, (const uint8_t *)"old", 3}, {0, (const uint8_t *)"n", 1}};
  struct red_block read[RED_BLOCKS];
  size_t size = write_blocks(block, 2);
  for (size_t cut = 0; cut < size; cut++)
    assert_int_equal(red_parse(reader_of(out, cut), OPUS, read), 0);
  assert_int_equal(red_parse(reader_of(out, size), OPUS, read), 2);
}

static void too_many_blocks_are_malformed(void **state) {
  (void)state;
  struct red_block read[RED_BLOCKS];
  memset(out, 0, sizeof out);
  for (int i = 0; i < RED_BLOCKS; i++)
    out[4 * i] = 0x80 | OPUS;
  out[4 * RED_BLOCKS] = OPUS;
  assert_int_equal(red_parse(reader_of(out, 100), OPUS, read), 0);
}

static void what_the_head_cannot_say_is_not_written(void **state) {
  (void)state;
  static const uint8_t data[RED_SIZE_MAX + 1];
  const struct red_block late[] = {{RED_OFFSET_MAX + 1, data, 1}, {0, data, 1}};
  const struct red_block large[] = {{480, data, RED_SIZE_MAX + 1}, {0, data, 1}};
  const struct red_block room[] = {{480, data, sizeof out}, {0, data, 1}};
  assert_int_equal(write_blocks(late, 2), 0);
  assert_int_equal(write_blocks(large, 2), 0);
  assert_int_equal(write_blocks(room, 2), 0);
}

UNIT_TESTS(test(a_packet_is_as_the_rfc_draws_it), test(what_is_written_is_read_again),
           test(copies_of_another_type_are_left_out), test(every_cut_is_malformed),
           test(too_many_blocks_are_malformed), test(what_the_head_cannot_say_is_not_written))
