#include "siphash.h"

struct state {
  uint64_t v0, v1, v2, v3;
};

static uint64_t little_endian(const uint8_t *p, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; i++)
    value |= (uint64_t)p[i] << 8 * i;
  return value;
}

static uint64_t rotate(uint64_t x, int by) {
  return x << by | x >> (64 - by);
}

static void rounds(struct state *s, int count) {
  while (count-- > 0) {
    s->v0 += s->v1, s->v1 = rotate(s->v1, 13) ^ s->v0, s->v0 = rotate(s->v0, 32);
    s->v2 += s->v3, s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 += s->v3, s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 += s->v1, s->v1 = rotate(s->v1, 17) ^ s->v2, s->v2 = rotate(s->v2, 32);
  }
}

static void absorb(struct state *s, uint64_t word) {
  s->v3 ^= word;
  rounds(s, 2);
  s->v0 ^= word;
}

uint64_t siphash(const uint8_t key[16], const void *data, size_t size) {
  uint64_t k0 = little_endian(key, 8), k1 = little_endian(key + 8, 8);
  struct state s = {k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du, k0 ^ 0x6c7967656e657261u,
                    k1 ^ 0x7465646279746573u};
  const uint8_t *p = data;
  for (size_t left = size; left >= 8; left -= 8, p += 8)
    absorb(&s, little_endian(p, 8));
  absorb(&s, (uint64_t)size << 56 | little_endian(p, size & 7));
  s.v2 ^= 0xff;
  rounds(&s, 4);
  return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
