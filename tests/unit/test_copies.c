#include "media/recovery/copies.h"
#include "media/rtp/red.h"

#include "unit.h"

enum { OPUS = 111, SIZE = 40, SHORT = 480 };

static struct copies copies;
static uint8_t out[1200];
static struct red_block block[RED_BLOCKS];

/* Frame number n: all of its bytes are n. */
static int write_frame(int n, uint32_t timestamp, size_t size, int samples, int count) {
  uint8_t frame[COPIES_SIZE + 1];
  memset(frame, n, sizeof frame);
  size_t written = copies_write(&copies, timestamp, frame, size, samples, count, OPUS, out, sizeof out);
  assert_int_equal(written, (size_t)(count * RED_HEAD + RED_LAST_HEAD) + (size_t)(count + 1) * size);
  return red_parse(reader_of(out, written), OPUS, block);
}

static void expect_block(int i, int offset, int n) {
  assert_int_equal(block[i].offset, offset);
  assert_int_equal(block[i].data[0], n);
  assert_int_equal(block[i].data[block[i].size - 1], n);
}

static void a_packet_carries_the_frames_before_it_the_oldest_first(void **state) {
  (void)state;
  memset(&copies, 0, sizeof copies);
  for (int n = 1; n <= 9; n++)
    assert_int_equal(write_frame(n, 1000 + (uint32_t)n * SHORT, SIZE, SHORT, 3), 4);
  expect_block(0, 3 * SHORT, 6);
  expect_block(1, 2 * SHORT, 7);
  expect_block(2, SHORT, 8);
  expect_block(3, 0, 9);
  assert_int_equal(write_frame(10, 1000 + 10 * SHORT, SIZE, SHORT, 1), 2);
  expect_block(0, SHORT, 9);
}

static void a_copy_that_there_is_not_is_the_frame_itself_so_the_size_stays(void **state) {
  (void)state;
  memset(&copies, 0, sizeof copies);
  write_frame(1, 5000, SIZE, SHORT, 2);
  expect_block(0, 0, 1);
  expect_block(1, 0, 1);
  write_frame(2, 5000 + SHORT, SIZE, SHORT, 2);
  expect_block(0, 0, 2);
  expect_block(1, SHORT, 1);
  write_frame(3, 5000 + 20 * SHORT, SIZE, SHORT, 2); /* capture paused */
  expect_block(0, 0, 3);
  expect_block(1, 0, 3);
  write_frame(4, 5000 + 21 * SHORT, 2 * SIZE, 2 * SHORT, 2); /* another step */
  expect_block(1, 0, 4);
}

static void timestamps_go_on_over_their_wrap(void **state) {
  (void)state;
  memset(&copies, 0, sizeof copies);
  write_frame(1, (uint32_t)-100, SIZE, SHORT, 1);
  write_frame(2, SHORT - 100, SIZE, SHORT, 1);
  expect_block(0, SHORT, 1);
}

static void frames_that_left_alone_are_copied_too_but_not_those_too_large(void **state) {
  (void)state;
  static const uint8_t large[COPIES_SIZE + 1];
  memset(&copies, 0, sizeof copies);
  uint8_t frame[SIZE];
  memset(frame, 1, sizeof frame);
  copies_keep(&copies, 0, frame, sizeof frame, SHORT);
  write_frame(2, SHORT, SIZE, SHORT, 1);
  expect_block(0, SHORT, 1);
  copies_keep(&copies, 2 * SHORT, large, sizeof large, SHORT);
  write_frame(3, 3 * SHORT, SIZE, SHORT, 2);
  expect_block(0, 2 * SHORT, 2);
  expect_block(1, 0, 3);
}

static void without_room_nothing_is_written(void **state) {
  (void)state;
  uint8_t frame[SIZE] = {0}, little[100];
  memset(&copies, 0, sizeof copies);
  assert_int_equal(copies_write(&copies, 0, frame, SIZE, SHORT, 2, OPUS, little, sizeof little), 0);
}

UNIT_TESTS(test(a_packet_carries_the_frames_before_it_the_oldest_first),
           test(a_copy_that_there_is_not_is_the_frame_itself_so_the_size_stays),
           test(timestamps_go_on_over_their_wrap),
           test(frames_that_left_alone_are_copied_too_but_not_those_too_large),
           test(without_room_nothing_is_written))
