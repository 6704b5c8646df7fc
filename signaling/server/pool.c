#include "pool.h"

#include <stdlib.h>
#include <string.h>

enum { SLAB_HEAD = 16 /* keeps the blocks aligned */ };

void pool_init(struct pool *pool, size_t block_size, size_t limit) {
  *pool = (struct pool){.block_size = (block_size + 15) / 16 * 16, .limit = limit};
}

void pool_deinit(struct pool *pool) {
  while (pool->slabs) {
    void *next = *(void **)pool->slabs;
    free(pool->slabs);
    pool->slabs = next;
  }
  pool->unused = NULL;
  pool->used = pool->made = 0;
}

static void push(void **list, void *block) {
  *(void **)block = *list;
  *list = block;
}

static void add_slab(struct pool *pool) {
  size_t count = pool->limit - pool->made;
  if (count > POOL_SLAB)
    count = POOL_SLAB;
  if (count == 0)
    return;
  char *slab = malloc(SLAB_HEAD + count * pool->block_size);
  if (!slab)
    return;
  push(&pool->slabs, slab);
  pool->made += count;
  for (size_t i = count; i-- > 0;)
    push(&pool->unused, slab + SLAB_HEAD + i * pool->block_size);
}

void *pool_take(struct pool *pool) {
  if (!pool->unused)
    add_slab(pool);
  void *block = pool->unused;
  if (!block)
    return NULL;
  pool->unused = *(void **)block;
  pool->used++;
  return memset(block, 0, pool->block_size);
}

void pool_give(struct pool *pool, void *block) {
  push(&pool->unused, block);
  pool->used--;
}

size_t pool_memory(const struct pool *pool) {
  return pool->made * pool->block_size;
}
