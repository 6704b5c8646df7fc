#include "engine/frame_store.h"

#include "unit.h"

static struct frame_store store;

static void add(uint8_t byte, size_t size) {
  uint8_t data[64];
  struct stored_frame *slot = frame_store_free_slot(&store);
  need(slot && size <= sizeof data);
  memset(data, byte, sizeof data);
  need(stored_frame_set(slot, data, size));
  frame_store_added(&store);
}

static void expect(uint8_t byte, size_t size) {
  const struct stored_frame *oldest = frame_store_oldest(&store);
  need(oldest);
  assert_int_equal(oldest->size, size);
  assert_int_equal(oldest->data[size - 1], byte);
  frame_store_taken(&store);
}

static void frames_come_out_in_order_also_round_the_ring(void **state) {
  (void)state;
  frame_store_init(&store, 3);
  add(0, 10);
  for (int i = 1; i < 3 * FRAME_STORE_SLOTS; i++) { /* never empty */
    add((uint8_t)i, 10 + (size_t)i % 7);
    expect((uint8_t)(i - 1), i == 1 ? 10 : 10 + (size_t)(i - 1) % 7);
  }
  frame_store_deinit(&store);
}

static void no_more_fit_than_the_limit(void **state) {
  (void)state;
  frame_store_init(&store, 2);
  add(1, 5);
  assert_false(frame_store_full(&store));
  add(2, 5);
  assert_true(frame_store_full(&store));
  assert_null(frame_store_free_slot(&store));
  expect(1, 5);
  expect(2, 5);
  assert_null(frame_store_oldest(&store));
  frame_store_deinit(&store);
}

static void one_frame_at_a_time_needs_one_slots_memory(void **state) {
  (void)state;
  frame_store_init(&store, 12);
  for (int i = 0; i < 3 * FRAME_STORE_SLOTS; i++) {
    add((uint8_t)i, 20);
    expect((uint8_t)i, 20);
  }
  for (int i = 1; i < FRAME_STORE_SLOTS; i++)
    assert_null(store.slot[i].data);
  frame_store_deinit(&store);
}

static void a_frame_beyond_the_bound_is_refused(void **state) {
  (void)state;
  frame_store_init(&store, 2);
  uint8_t byte = 0;
  assert_false(stored_frame_set(frame_store_free_slot(&store), &byte, FRAME_STORE_FRAME_MAX + 1));
  frame_store_deinit(&store);
}

UNIT_TESTS(test(frames_come_out_in_order_also_round_the_ring), test(no_more_fit_than_the_limit),
           test(one_frame_at_a_time_needs_one_slots_memory), test(a_frame_beyond_the_bound_is_refused))
