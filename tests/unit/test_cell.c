#include "unit.h"

#include "../../signaling/cell.h"

static const uint8_t key[KEY_SIZE] = {1, 2, 3};
static const struct cell_header header = {
    .type = CELL_DATA, .device = "device-", .session = "session", .n = 0x01020304};

static void seal(uint8_t out[CELL_SIZE], const uint8_t *message, size_t size, int fragment) {
  cell_seal(out, key, &header, message, size, fragment);
}

static void a_cell_opens_to_what_was_sealed(void **state) {
  (void)state;
  uint8_t sealed[CELL_SIZE];
  struct cell cell;
  seal(sealed, (const uint8_t *)"hello", 5, 0);
  assert_true(cell_open(&cell, key, sealed));
  assert_memory_equal(&cell.header, &header, sizeof header);
  assert_int_equal(cell.fragment, 0);
  assert_int_equal(cell.fragments, 1);
  assert_int_equal(cell.size, 5);
  assert_memory_equal(cell.body, "hello", 5);
}

static void an_empty_message_is_one_cell(void **state) {
  (void)state;
  uint8_t sealed[CELL_SIZE];
  struct cell cell;
  assert_int_equal(cell_count(0), 1);
  seal(sealed, NULL, 0, 0);
  assert_true(cell_open(&cell, key, sealed));
  assert_int_equal(cell.size, 0);
}

static void every_message_up_to_four_bodies_has_its_cells(void **state) {
  (void)state;
  assert_int_equal(CELL_BODY_MAX, 1994);
  assert_int_equal(cell_count(CELL_BODY_MAX), 1);
  assert_int_equal(cell_count(CELL_BODY_MAX + 1), 2);
  assert_int_equal(cell_count(2 * CELL_BODY_MAX), 2);
  assert_int_equal(cell_count(CELL_MESSAGE_MAX), 4);
  assert_int_equal(cell_count(CELL_MESSAGE_MAX + 1), 0);
}

static void equal_contents_make_different_cells(void **state) {
  (void)state;
  uint8_t a[CELL_SIZE], b[CELL_SIZE];
  seal(a, (const uint8_t *)"x", 1, 0);
  seal(b, (const uint8_t *)"x", 1, 0);
  assert_memory_not_equal(a, b, GCM_NONCE_SIZE);
  for (size_t i = 0; i + 16 <= CELL_SIZE; i += 16) /* nor does any block of padding repeat */
    assert_memory_not_equal(a + i, b + i, 16);
}

static void a_flipped_bit_anywhere_does_not_open(void **state) {
  (void)state;
  uint8_t sealed[CELL_SIZE];
  struct cell cell;
  seal(sealed, (const uint8_t *)"hello", 5, 0);
  for (size_t bit = 0; bit < CELL_SIZE * 8; bit++) {
    sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    assert_false(cell_open(&cell, key, sealed));
    sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
  }
  assert_true(cell_open(&cell, key, sealed));
}

static void another_key_does_not_open(void **state) {
  (void)state;
  uint8_t sealed[CELL_SIZE], other[KEY_SIZE] = {1, 2, 4};
  struct cell cell;
  seal(sealed, (const uint8_t *)"hello", 5, 0);
  assert_false(cell_open(&cell, other, sealed));
}

/* The inside of a cell, by hand. */
static void make_inner(uint8_t inner[CELL_INNER_SIZE], uint8_t fragment, uint8_t fragments, uint16_t size) {
  memset(inner, 0, CELL_INNER_SIZE);
  inner[0] = WIRE_VERSION;
  inner[1] = CELL_DATA;
  inner[22] = fragment;
  inner[23] = fragments;
  inner[24] = (uint8_t)(size >> 8);
  inner[25] = (uint8_t)size;
}

static bool parses(uint8_t fragment, uint8_t fragments, uint16_t size) {
  uint8_t inner[CELL_INNER_SIZE];
  struct cell cell;
  make_inner(inner, fragment, fragments, size);
  return cell_parse(&cell, inner, sizeof inner);
}

static void fragments_have_one_shape_only(void **state) {
  (void)state;
  assert_true(parses(0, 1, 0) && parses(0, 1, CELL_BODY_MAX));
  assert_false(parses(0, 1, CELL_BODY_MAX + 1));
  assert_false(parses(0, 0, 0));
  assert_false(parses(1, 1, 0));
  assert_true(parses(0, 2, CELL_BODY_MAX));
  assert_false(parses(0, 2, CELL_BODY_MAX - 1));
  assert_true(parses(1, 2, 1) && parses(3, 4, CELL_BODY_MAX));
  assert_false(parses(1, 2, 0));
  assert_false(parses(0, 5, CELL_BODY_MAX));
}

static void the_inside_is_strict(void **state) {
  (void)state;
  uint8_t inner[CELL_INNER_SIZE];
  struct cell cell;
  make_inner(inner, 0, 1, 5);
  assert_true(cell_parse(&cell, inner, sizeof inner));
  for (size_t cut = 0; cut < sizeof inner; cut++)
    assert_false(cell_parse(&cell, inner, cut));
  for (size_t i = CELL_HEADER_SIZE + 5; i < sizeof inner; i++) { /* padding is zeros */
    inner[i] = 1;
    assert_false(cell_parse(&cell, inner, sizeof inner));
    inner[i] = 0;
  }
  inner[0] = WIRE_VERSION + 1;
  assert_false(cell_parse(&cell, inner, sizeof inner));
  inner[0] = WIRE_VERSION;
  inner[1] = 0;
  assert_false(cell_parse(&cell, inner, sizeof inner));
  inner[1] = CELL_TYPE_LAST + 1;
  assert_false(cell_parse(&cell, inner, sizeof inner));
  inner[1] = CELL_TYPE_LAST;
  assert_true(cell_parse(&cell, inner, sizeof inner));
}

UNIT_TESTS(test(a_cell_opens_to_what_was_sealed), test(an_empty_message_is_one_cell),
           test(every_message_up_to_four_bodies_has_its_cells), test(equal_contents_make_different_cells),
           test(a_flipped_bit_anywhere_does_not_open), test(another_key_does_not_open),
           test(fragments_have_one_shape_only), test(the_inside_is_strict))
