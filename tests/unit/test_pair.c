#include "unit.h"

#include "../../signaling/pair.h"
#include "../vectors/hex.h"

static void same(const uint8_t *got, const char *hex) {
  uint8_t expected[KEY_SIZE];
  assert_memory_equal(got, expected, unhex(expected, hex));
}

/* Expected values: made with Python's hmac and hashlib. */
static void keys_are_derived_as_specified(void **state) {
  (void)state;
  uint8_t ps[PAIR_SECRET_SIZE], out[KEY_SIZE], one[KEY_SIZE], two[KEY_SIZE], three[KEY_SIZE];
  for (uint8_t i = 0; i < PAIR_SECRET_SIZE; i++)
    ps[i] = i;
  pair_call_psk(out, ps);
  same(out, "3f81df834627d7a2f8a322145c2609935d2e64ee2e82f29fa641fbe8545e2f7e");
  pair_invite_psk(out, ps); /* its first 16 bytes */
  same(out, "57f983a375f7bd6d8e3c7fd5817e714655cbdf6a50d6c229c06bd22b63308453");
  memset(one, 1, sizeof one);
  memset(two, 2, sizeof two);
  memset(three, 3, sizeof three);
  pair_secret(out, one, two, three);
  same(out, "8906421445b59d98247b75825c657469f160c9cc53bc08a3d2cff19931f3d5e7");
}

static void a_pair_secret_needs_both_sides_and_the_handshake(void **state) {
  (void)state;
  uint8_t one[KEY_SIZE] = {1}, two[KEY_SIZE] = {2}, h[KEY_SIZE] = {3}, base[KEY_SIZE], out[KEY_SIZE];
  pair_secret(base, one, two, h);
  for (int i = 0; i < 3; i++) {
    uint8_t *part = i == 0 ? one : i == 1 ? two : h;
    part[31] ^= 1;
    pair_secret(out, one, two, h);
    assert_memory_not_equal(out, base, KEY_SIZE);
    part[31] ^= 1;
  }
  pair_secret(out, two, one, h);
  assert_memory_not_equal(out, base, KEY_SIZE);
}

static void prologues_name_both_ends_in_order(void **state) {
  (void)state;
  uint8_t a[KEY_SIZE], b[KEY_SIZE], da[DEVICE_SIZE], db[DEVICE_SIZE], out[CALL_PROLOGUE_SIZE];
  memset(a, 'A', sizeof a);
  memset(b, 'B', sizeof b);
  memset(da, 'a', sizeof da);
  memset(db, 'b', sizeof db);
  pair_call_prologue(out, a, da, b, db);
  assert_memory_equal(out,
                      "sotto/call/1"
                      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAaaaaaaaa"
                      "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBbbbbbbbb",
                      CALL_PROLOGUE_SIZE);
  uint8_t link[LINK_PROLOGUE_SIZE];
  pair_link_prologue(link, a, b);
  assert_memory_equal(link,
                      "sotto/dev/1"
                      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
                      "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB",
                      LINK_PROLOGUE_SIZE);
  uint8_t invite[INVITE_PROLOGUE_SIZE];
  pair_invite_prologue(invite, a, da);
  assert_memory_equal(invite,
                      "sotto/inv/1"
                      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAaaaaaaaa",
                      INVITE_PROLOGUE_SIZE);
}

UNIT_TESTS(test(keys_are_derived_as_specified), test(a_pair_secret_needs_both_sides_and_the_handshake),
           test(prologues_name_both_ends_in_order))
