/* random.h - the core's seeded generator (splitmix64, Steele, Lea and Flood 2014): the same seed, the same
 * call. Never for key material: that is signaling/crypto.h's. */
#ifndef RANDOM_H
#define RANDOM_H
#include <stdint.h>

struct random {
  uint64_t state;
};

static inline uint64_t random_next(struct random *random) {
  uint64_t z = random->state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

/* 0..below-1; the bias of a modulus below 2^32 is too small to matter here. */
static inline uint32_t random_below(struct random *random, uint32_t below) {
  return (uint32_t)((random_next(random) >> 32) * below >> 32);
}

#endif
