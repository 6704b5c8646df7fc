/* pool.h - blocks of one size from slabs, up to a limit; a block given back is used again, a slab is kept. */
#ifndef POOL_H
#define POOL_H
#include <stddef.h>

enum { POOL_SLAB = 32 /* blocks taken from the system at once */ };

struct pool {
  size_t block_size, limit; /* blocks */
  size_t used, made;
  void *unused, *slabs; /* each begins with the pointer to the next */
};

void pool_init(struct pool *pool, size_t block_size, size_t limit);
void pool_deinit(struct pool *pool);
void *pool_take(struct pool *pool); /* zeroed; NULL: the limit, or no memory */
void pool_give(struct pool *pool, void *block);
size_t pool_memory(const struct pool *pool);

#endif
