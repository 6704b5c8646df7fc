/* Vectors: the reference implementation of SipHash-2-4 (Aumasson, Bernstein: "SipHash: a fast short-input PRF",
 * 2012, appendix A gives the one of 15 bytes), key 00 01 .. 0f, input 00 01 02 ... */
#include "signaling/server/siphash.h"

#include "unit.h"

static void the_published_vectors_are_met(void **state) {
  static const struct {
    size_t size;
    uint64_t hash;
  } vectors[] = {{0, 0x726fdb47dd0e0e31u},
                 {1, 0x74f839c593dc67fdu},
                 {7, 0xab0200f58b01d137u},
                 {8, 0x93f5f5799a932462u},
                 {15, 0xa129ca6149be45e5u}};
  uint8_t key[16], input[16];
  (void)state;
  for (uint8_t i = 0; i < 16; i++)
    key[i] = input[i] = i;
  for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
    assert_true(siphash(key, input, vectors[i].size) == vectors[i].hash);
}

static void another_key_gives_another_hash(void **state) {
  uint8_t a[16] = {0}, b[16] = {0};
  (void)state;
  b[15] = 1;
  assert_true(siphash(a, "mailbox", 7) != siphash(b, "mailbox", 7));
}

UNIT_TESTS(test(the_published_vectors_are_met), test(another_key_gives_another_hash))
