#include "unit.h"

#include "../../signaling/cell.h"

static uint8_t message[CELL_MESSAGE_MAX];
static struct reassembler reassembler;

static void begin(void) {
  uint64_t seed = 7;
  for (size_t i = 0; i < sizeof message; i++)
    message[i] = (uint8_t)unit_random(&seed);
  reassembler_init(&reassembler);
}

/* Fragment `fragment` of message number n. */
static struct cell cell_of(uint32_t n, size_t size, int fragment) {
  static const uint8_t key[KEY_SIZE];
  struct cell_header header = {.type = CELL_DATA, .n = n};
  uint8_t sealed[CELL_SIZE];
  struct cell cell;
  cell_seal(sealed, key, &header, message, size, fragment);
  assert_true(cell_open(&cell, key, sealed));
  return cell;
}

/* Gives one fragment; true when it completed the message, which is then compared. */
static bool input(uint32_t n, size_t size, int fragment) {
  struct cell cell = cell_of(n, size, fragment);
  const uint8_t *got;
  size_t got_size;
  if (!reassembler_input(&reassembler, &cell, &got, &got_size))
    return false;
  assert_int_equal(got_size, size);
  assert_memory_equal(got, message, size);
  return true;
}

static void fragments_come_together_in_any_order(void **state) {
  (void)state;
  static const int orders[][4] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}, {1, 3, 0, 2}};
  for (uint32_t i = 0; i < 4; i++) {
    begin();
    size_t size = 3 * CELL_BODY_MAX + 17;
    for (int at = 0; at < 3; at++)
      assert_false(input(i, size, orders[i][at]));
    assert_true(input(i, size, orders[i][3]));
  }
}

static void every_length_around_a_boundary_comes_together(void **state) {
  (void)state;
  begin();
  static const size_t sizes[] = {0,
                                 1,
                                 CELL_BODY_MAX - 1,
                                 CELL_BODY_MAX,
                                 CELL_BODY_MAX + 1,
                                 2 * CELL_BODY_MAX,
                                 2 * CELL_BODY_MAX + 1,
                                 CELL_MESSAGE_MAX};
  for (uint32_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
    for (int fragment = 0; fragment < cell_count(sizes[i]); fragment++)
      assert_int_equal(input(i, sizes[i], fragment), fragment == cell_count(sizes[i]) - 1);
}

static void a_fragment_that_came_twice_counts_once(void **state) {
  (void)state;
  begin();
  assert_false(input(1, CELL_BODY_MAX + 9, 0));
  assert_false(input(1, CELL_BODY_MAX + 9, 0));
  assert_true(input(1, CELL_BODY_MAX + 9, 1));
}

static void two_messages_come_together_side_by_side(void **state) {
  (void)state;
  begin();
  assert_false(input(1, CELL_BODY_MAX + 9, 0));
  assert_false(input(2, CELL_BODY_MAX + 5, 1));
  assert_true(input(2, CELL_BODY_MAX + 5, 0));
  assert_true(input(1, CELL_BODY_MAX + 9, 1));
}

static void the_oldest_is_given_up_when_there_is_no_room(void **state) {
  (void)state;
  begin();
  for (uint32_t n = 0; n <= REASSEMBLER_SLOTS; n++)
    assert_false(input(n, CELL_BODY_MAX + 9, 0));
  for (uint32_t n = REASSEMBLER_SLOTS; n >= 1; n--)
    assert_true(input(n, CELL_BODY_MAX + 9, 1));
  assert_false(input(0, CELL_BODY_MAX + 9, 1));
}

static void fragments_that_disagree_on_their_number_do_not_mix(void **state) {
  (void)state;
  begin();
  assert_false(input(1, CELL_BODY_MAX + 9, 0));
  assert_false(input(1, 2 * CELL_BODY_MAX + 9, 1));
  assert_false(input(1, 2 * CELL_BODY_MAX + 9, 2));
  assert_true(input(1, CELL_BODY_MAX + 9, 1));
}

static void fragments_of_another_device_session_or_type_do_not_mix(void **state) {
  (void)state;
  for (int change = 0; change < 3; change++) {
    begin();
    assert_false(input(1, CELL_BODY_MAX + 9, 0));
    struct cell other = cell_of(1, CELL_BODY_MAX + 9, 1);
    if (change == 0)
      other.header.device[7] ^= 1;
    else if (change == 1)
      other.header.session[7] ^= 1;
    else
      other.header.type = CELL_HELLO;
    const uint8_t *got;
    size_t size;
    assert_false(reassembler_input(&reassembler, &other, &got, &size));
    assert_true(input(1, CELL_BODY_MAX + 9, 1));
  }
}

UNIT_TESTS(test(fragments_come_together_in_any_order), test(every_length_around_a_boundary_comes_together),
           test(a_fragment_that_came_twice_counts_once), test(two_messages_come_together_side_by_side),
           test(the_oldest_is_given_up_when_there_is_no_room),
           test(fragments_that_disagree_on_their_number_do_not_mix),
           test(fragments_of_another_device_session_or_type_do_not_mix))
