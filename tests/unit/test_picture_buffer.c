#include "engine/picture_buffer.h"

#include "unit.h"

enum { STRIDE = 80, ROWS = 64 };

static uint8_t planes[3][STRIDE * ROWS];

static uint8_t pixel(int plane, int x, int y) {
  return (uint8_t)(plane * 85 + y * 7 + x);
}

/* In rows that are longer than the picture is wide, as a camera gives it. */
static struct picture picture_of(int width, int height) {
  for (int plane = 0; plane < 3; plane++)
    for (int i = 0; i < STRIDE * ROWS; i++)
      planes[plane][i] = pixel(plane, i % STRIDE, i / STRIDE);
  return (struct picture){.width = width,
                          .height = height,
                          .stride = {STRIDE, STRIDE, STRIDE},
                          .plane = {planes[0], planes[1], planes[2]},
                          .captured = 12345};
}

static void check_copy(const struct picture *copy, int width, int height) {
  assert_int_equal(copy->width, width);
  assert_int_equal(copy->height, height);
  assert_int_equal(copy->captured, 12345);
  for (int plane = 0; plane < 3; plane++)
    for (int y = 0; y < (plane ? height / 2 : height); y++)
      for (int x = 0; x < (plane ? width / 2 : width); x++)
        assert_int_equal(copy->plane[plane][y * copy->stride[plane] + x], pixel(plane, x, y));
}

static void a_picture_is_copied_without_what_its_rows_have_at_their_ends(void **state) {
  (void)state;
  struct picture_buffer buffer = {0};
  struct picture picture = picture_of(64, 48);
  need(picture_buffer_copy(&buffer, &picture));
  check_copy(&buffer.picture, 64, 48);
  assert_int_equal(buffer.room, 64 * 48 * 3 / 2);
  picture_buffer_deinit(&buffer);
}

static void an_odd_last_column_and_row_are_left_out(void **state) {
  (void)state;
  struct picture_buffer buffer = {0};
  struct picture picture = picture_of(31, 17);
  need(picture_buffer_copy(&buffer, &picture));
  check_copy(&buffer.picture, 30, 16);
  picture_buffer_deinit(&buffer);
}

/* A plane that is upside down: its first row lies last. */
static void rows_may_lie_in_reverse(void **state) {
  (void)state;
  struct picture_buffer buffer = {0};
  struct picture picture = picture_of(16, 8);
  picture.plane[0] += 7 * STRIDE;
  picture.stride[0] = -STRIDE;
  need(picture_buffer_copy(&buffer, &picture));
  for (int y = 0; y < 8; y++)
    assert_int_equal(buffer.picture.plane[0][y * buffer.picture.stride[0]], pixel(0, 0, 7 - y));
  picture_buffer_deinit(&buffer);
}

static void memory_is_kept_for_what_is_no_larger_and_grows_for_what_is(void **state) {
  (void)state;
  struct picture_buffer buffer = {0};
  need(picture_buffer_resize(&buffer, 64, 48));
  uint8_t *memory = buffer.memory;
  need(picture_buffer_resize(&buffer, 32, 16));
  assert_ptr_equal(buffer.memory, memory);
  assert_int_equal(buffer.picture.stride[0], 32);
  assert_ptr_equal(buffer.picture.plane[1], memory + 32 * 16);
  assert_ptr_equal(buffer.picture.plane[2], memory + 32 * 16 * 5 / 4);
  struct picture picture = picture_of(64, 48);
  need(picture_buffer_copy(&buffer, &picture));
  assert_ptr_equal(buffer.memory, memory);
  if (!picture_buffer_resize(&buffer, 66, 48)) {
    assert_true(unit_alloc_failed());
    check_copy(&buffer.picture, 64, 48); /* what was there stays */
  } else {
    memset(buffer.memory, 0, 66 * 48 * 3 / 2); /* all of it is there */
  }
  picture_buffer_deinit(&buffer);
  assert_null(buffer.memory);
  assert_int_equal(buffer.room, 0);
}

UNIT_TESTS(test(a_picture_is_copied_without_what_its_rows_have_at_their_ends),
           test(an_odd_last_column_and_row_are_left_out), test(rows_may_lie_in_reverse),
           test(memory_is_kept_for_what_is_no_larger_and_grows_for_what_is))
