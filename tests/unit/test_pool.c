#include "signaling/server/pool.h"

#include "unit.h"

static void blocks_are_zeroed_aligned_and_limited(void **state) {
  struct pool pool;
  (void)state;
  pool_init(&pool, 40, POOL_SLAB + 3);
  for (int i = 0; i < POOL_SLAB + 3; i++) {
    unsigned char *block = pool_take(&pool);
    if (!block)
      pool_deinit(&pool);
    need(block);
    assert_int_equal((uintptr_t)block % 16, 0);
    for (int j = 0; j < 40; j++)
      assert_int_equal(block[j], 0);
    memset(block, 0xff, 40);
  }
  assert_null(pool_take(&pool));
  assert_int_equal(pool.used, POOL_SLAB + 3);
  pool_deinit(&pool);
}

static void what_is_given_back_is_used_again_and_zeroed(void **state) {
  struct pool pool;
  (void)state;
  pool_init(&pool, 16, 1);
  void *first;
  need(first = pool_take(&pool));
  memset(first, 0xff, 16);
  assert_null(pool_take(&pool));
  pool_give(&pool, first);
  unsigned char *again = pool_take(&pool);
  assert_ptr_equal(again, first);
  for (int i = 0; i < 16; i++)
    assert_int_equal(again[i], 0);
  assert_int_equal(pool_memory(&pool), 16);
  pool_deinit(&pool);
}

UNIT_TESTS(test(blocks_are_zeroed_aligned_and_limited), test(what_is_given_back_is_used_again_and_zeroed))
