#include "engine/trust/database.h"
#include "unit.h"

static const uint8_t dek[KEY_SIZE] = {5};
static uint8_t file[20000], scratch[RECORD_MAX];

static size_t seal(void *out, const char *const *records, uint32_t count, uint64_t gen) {
  struct database_header header = {.file_id = {9}, .gen = gen, .vault_hash = {8}, .count = count};
  struct database_writer database;
  assert_true(database_bound(count) <= sizeof file);
  database_begin(&database, out, sizeof file, &header, dek);
  for (uint32_t i = 0; i < count; i++)
    database_put(&database, records[i], strlen(records[i]));
  return database_finish(&database, out);
}

static const char *const three[] = {"first record", "", "the third, which is longer"};

/* Every record in order and nothing else, or false. */
static bool opens(const void *data, size_t size, const char *const *records, uint32_t count) {
  struct database_reader database;
  if (!database_open(&database, data, size, dek) || database.header.count != count)
    return false;
  for (uint32_t i = 0; i < count; i++) {
    size_t got;
    if (!database_take(&database, scratch, &got) || got != strlen(records[i]) ||
        memcmp(scratch, records[i], got) != 0)
      return false;
  }
  return database_done(&database);
}

static void records_come_back_in_order(void **state) {
  (void)state;
  size_t size = seal(file, three, 3, 7);
  assert_true(size > 0 && size <= database_bound(3));
  assert_true(opens(file, size, three, 3));
  size = seal(file, three, 0, 7);
  assert_true(opens(file, size, three, 0));
}

static void the_writer_counts_what_it_promised(void **state) {
  (void)state;
  struct database_header header = {.count = 2};
  struct database_writer database;
  database_begin(&database, file, sizeof file, &header, dek);
  database_put(&database, "x", 1);
  assert_int_equal(database_finish(&database, file), 0);
  database_put(&database, "y", 1);
  assert_int_not_equal(database_finish(&database, file), 0);
  database_put(&database, "z", 1);
  assert_int_equal(database_finish(&database, file), 0);
  database_begin(&database, file, 200, &header, dek);
  database_put(&database, file, 300);
  database_put(&database, "y", 1);
  assert_int_equal(database_finish(&database, file), 0);
}

static void every_flip_and_cut_is_refused(void **state) {
  (void)state;
  size_t size = seal(file, three, 3, 7);
  for (size_t i = 0; i < size * 8; i++) {
    file[i / 8] ^= (uint8_t)(1 << i % 8);
    assert_false(opens(file, size, three, 3));
    file[i / 8] ^= (uint8_t)(1 << i % 8);
  }
  for (size_t cut = 0; cut < size; cut++)
    assert_false(opens(file, cut, three, 3));
  assert_false(opens(file, size + 1, three, 3));
}

enum { HEADER = DATABASE_HEADER_SIZE, FIRST = HEADER + DATABASE_RECORD_OVERHEAD + HEADER + 16 * 3 };

static void records_cannot_be_swapped_dropped_or_doubled(void **state) {
  (void)state;
  static const char *const twins[] = {"same size 1", "same size 2", "same size 3"};
  enum { ONE = DATABASE_RECORD_OVERHEAD + 11 };
  size_t size = seal(file, twins, 3, 7);
  uint8_t copy[4000];
  assert_int_equal(size, FIRST + 3 * ONE);
  memcpy(copy, file, size); /* whole records exchanged */
  memcpy(copy + FIRST, file + FIRST + ONE, ONE);
  memcpy(copy + FIRST + ONE, file + FIRST, ONE);
  static const char *const exchanged[] = {"same size 2", "same size 1", "same size 3"};
  assert_false(opens(copy, size, exchanged, 3));
  assert_false(opens(copy, size, twins, 3));
  memcpy(copy + FIRST, file + FIRST + ONE, ONE); /* and with their ids made to fit */
  memcpy(copy + FIRST, file + FIRST, 8);
  assert_false(opens(copy, size, twins, 3));
  memcpy(copy, file, size); /* dropped, with the count made to fit */
  memcpy(copy + FIRST, file + FIRST + ONE, 2 * ONE);
  copy[HEADER - 1] = 2;
  assert_false(opens(copy, size - ONE, twins + 1, 2));
  memcpy(copy, file, size); /* the last one dropped */
  copy[HEADER - 1] = 2;
  assert_false(opens(copy, size - ONE, twins, 2));
  assert_false(opens(file, size - ONE, twins, 3));
  memcpy(copy, file, size);
  memcpy(copy + size, file + FIRST, ONE); /* doubled */
  assert_false(opens(copy, size + ONE, twins, 3));
}

static void records_of_another_generation_do_not_mix(void **state) {
  (void)state;
  static const char *const before[] = {"bob: verified", "eve: blocked "}, *const after[] = {"bob: changed ",
                                                                                            "eve: blocked "};
  enum { TWO = HEADER + DATABASE_RECORD_OVERHEAD + HEADER + 16 * 2, ONE = DATABASE_RECORD_OVERHEAD + 13 };
  uint8_t old[4000];
  size_t size = seal(old, before, 2, 7);
  assert_int_equal(seal(file, after, 2, 8), size);
  memcpy(file + TWO, old + TWO, ONE);
  assert_false(opens(file, size, before, 2));
  assert_false(opens(file, size, after, 2));
}

static void another_key_opens_nothing(void **state) {
  (void)state;
  static const uint8_t other[KEY_SIZE] = {6};
  struct database_reader database;
  size_t size = seal(file, three, 3, 7);
  assert_false(database_open(&database, file, size, other));
}

UNIT_TESTS(test(records_come_back_in_order), test(the_writer_counts_what_it_promised),
           test(every_flip_and_cut_is_refused), test(records_cannot_be_swapped_dropped_or_doubled),
           test(records_of_another_generation_do_not_mix), test(another_key_opens_nothing))
