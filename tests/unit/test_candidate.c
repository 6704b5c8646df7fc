#include "unit.h"

#include "../../signaling/candidate.h"

static struct candidate v4(uint8_t a, uint8_t b, uint8_t c, uint8_t d) {
  return (struct candidate){.type = CANDIDATE_SRFLX,
                            .transport = CANDIDATE_UDP,
                            .family = 4,
                            .address = {a, b, c, d},
                            .port = 40000,
                            .priority = 1,
                            .foundation = "1"};
}

static struct candidate v6(uint16_t first, uint16_t second, uint8_t last) {
  struct candidate candidate = v4(0, 0, 0, 0);
  candidate.family = 6;
  candidate.address[0] = (uint8_t)(first >> 8);
  candidate.address[1] = (uint8_t)first;
  candidate.address[2] = (uint8_t)(second >> 8);
  candidate.address[3] = (uint8_t)second;
  candidate.address[15] = last;
  return candidate;
}

enum expectation { NEVER, ON_LAN, ALWAYS };

static void expect(struct candidate candidate, enum expectation expectation) {
  assert_int_equal(candidate_allowed(&candidate, false), expectation == ALWAYS);
  assert_int_equal(candidate_allowed(&candidate, true), expectation >= ON_LAN);
}

static void public_addresses_are_tried(void **state) {
  (void)state;
  expect(v4(8, 8, 8, 8), ALWAYS);
  expect(v4(223, 255, 255, 255), ALWAYS);
  expect(v6(0x2a00, 0x1450, 1), ALWAYS);
  expect(v6(0x2001, 0x4860, 0x88), ALWAYS);
}

static void addresses_of_this_host_and_net_are_tried_on_a_lan_only(void **state) {
  (void)state;
  expect(v4(127, 0, 0, 1), ON_LAN);
  expect(v4(10, 255, 0, 1), ON_LAN);
  expect(v4(172, 16, 0, 1), ON_LAN);
  expect(v4(172, 31, 255, 255), ON_LAN);
  expect(v4(192, 168, 1, 1), ON_LAN);
  expect(v4(100, 64, 0, 1), ON_LAN);
  expect(v4(100, 127, 255, 255), ON_LAN);
  expect(v6(0, 0, 1), ON_LAN);
  expect(v6(0xfd00, 1, 1), ON_LAN);
}

static void the_edges_of_private_ranges_are_exact(void **state) {
  (void)state;
  expect(v4(172, 15, 255, 255), ALWAYS);
  expect(v4(172, 32, 0, 0), ALWAYS);
  expect(v4(100, 63, 255, 255), ALWAYS);
  expect(v4(100, 128, 0, 0), ALWAYS);
  expect(v4(11, 0, 0, 0), ALWAYS);
  expect(v4(192, 167, 255, 255), ALWAYS);
  expect(v4(198, 20, 0, 0), ALWAYS);
}

static void what_no_peer_can_be_is_never_tried(void **state) {
  (void)state;
  expect(v4(0, 0, 0, 0), NEVER);
  expect(v4(0, 1, 2, 3), NEVER);
  expect(v4(169, 254, 169, 254), NEVER); /* cloud metadata */
  expect(v4(192, 0, 0, 8), NEVER);
  expect(v4(192, 0, 2, 1), NEVER);
  expect(v4(192, 88, 99, 1), NEVER);
  expect(v4(198, 18, 0, 1), NEVER);
  expect(v4(198, 19, 255, 1), NEVER);
  expect(v4(198, 51, 100, 1), NEVER);
  expect(v4(203, 0, 113, 1), NEVER);
  expect(v4(224, 0, 0, 251), NEVER);
  expect(v4(239, 255, 255, 250), NEVER);
  expect(v4(240, 0, 0, 1), NEVER);
  expect(v4(255, 255, 255, 255), NEVER);
  expect(v6(0, 0, 0), NEVER);
  expect(v6(0xfe80, 0, 1), NEVER);
  expect(v6(0xfebf, 0, 1), NEVER);
  expect(v6(0xfec0, 0, 1), NEVER);
  expect(v6(0xff02, 0, 1), NEVER);
  expect(v6(0x2001, 0x0db8, 1), NEVER);
  expect(v6(0x2001, 0x0000, 1), NEVER); /* Teredo */
  expect(v6(0x2002, 0x7f00, 1), NEVER); /* 6to4 of 127.0.0.0 */
  expect(v6(0x3fff, 0x0001, 1), NEVER);
  expect(v6(0x0064, 0xff9b, 1), NEVER); /* NAT64 */
}

static void an_ipv4_address_in_an_ipv6_one_is_not_a_way_around(void **state) {
  (void)state;
  struct candidate mapped = v6(0, 0, 1); /* ::ffff:127.0.0.1 */
  mapped.address[10] = mapped.address[11] = 0xff;
  mapped.address[12] = 127;
  expect(mapped, NEVER);
  mapped.address[12] = 8; /* ::ffff:8.0.0.1 */
  expect(mapped, NEVER);
}

static void malformed_candidates_are_never_tried(void **state) {
  (void)state;
  struct candidate c;
  expect((c = v4(8, 8, 8, 8), c.port = 0, c), NEVER);
  expect((c = v4(8, 8, 8, 8), c.priority = 0, c), NEVER);
  expect((c = v4(8, 8, 8, 8), c.foundation[0] = '\0', c), NEVER);
  expect((c = v4(8, 8, 8, 8), c.foundation[0] = ' ', c), NEVER);
  expect((c = v4(8, 8, 8, 8), memset(c.foundation, 'a', sizeof c.foundation), c), NEVER);
  expect((c = v4(8, 8, 8, 8), c.family = 5, c), NEVER);
  expect((c = v4(8, 8, 8, 8), c.type = 0, c), NEVER);
  expect((c = v4(8, 8, 8, 8), c.type = CANDIDATE_RELAY + 1, c), NEVER);
  expect((c = v4(8, 8, 8, 8), c.transport = 0, c), NEVER);
  expect((c = v4(8, 8, 8, 8), c.transport = CANDIDATE_TCP_SO + 1, c), NEVER);
}

static size_t encode(const struct candidate *candidate, uint8_t out[CANDIDATE_ENCODED_MAX]) {
  struct writer writer = writer_of(out, CANDIDATE_ENCODED_MAX);
  assert_true(candidate_write(&writer, candidate));
  return (size_t)(writer.at - out);
}

static void check_round_trip(struct candidate candidate) {
  uint8_t data[CANDIDATE_ENCODED_MAX];
  struct reader reader = reader_of(data, encode(&candidate, data));
  struct candidate got;
  assert_true(candidate_read(&reader, &got));
  assert_int_equal(reader.left, 0);
  assert_memory_equal(&got, &candidate, sizeof got);
}

static void a_candidate_is_read_as_it_was_written(void **state) {
  (void)state;
  check_round_trip(v4(127, 0, 0, 1)); /* hygiene is not the parser's business */
  struct candidate long_one = v6(0x2a00, 0x1450, 9);
  memset(long_one.foundation, 'f', CANDIDATE_FOUNDATION_MAX);
  long_one.type = CANDIDATE_RELAY;
  long_one.transport = CANDIDATE_TCP_SO;
  long_one.priority = UINT32_MAX;
  check_round_trip(long_one);
  uint8_t data[CANDIDATE_ENCODED_MAX];
  assert_int_equal(encode(&long_one, data), CANDIDATE_ENCODED_MAX);
}

static void its_bytes_are_these(void **state) {
  (void)state;
  struct candidate candidate = v4(192, 0, 2, 9);
  candidate.priority = 0x7e0000ff;
  static const uint8_t expected[] = {2, 1, 4, 192, 0, 2, 9, 0x9c, 0x40, 0x7e, 0, 0, 0xff, 1, '1'};
  uint8_t data[CANDIDATE_ENCODED_MAX];
  assert_int_equal(encode(&candidate, data), sizeof expected);
  assert_memory_equal(data, expected, sizeof expected);
}

static void every_truncation_is_refused_and_every_flip_is_refused_or_canonical(void **state) {
  (void)state;
  struct candidate candidate = v6(0x2a00, 0x1450, 9), got;
  uint8_t data[CANDIDATE_ENCODED_MAX], again[CANDIDATE_ENCODED_MAX];
  size_t size = encode(&candidate, data);
  for (size_t cut = 0; cut < size; cut++) {
    struct reader reader = reader_of(data, cut);
    assert_false(candidate_read(&reader, &got));
  }
  for (size_t bit = 0; bit < size * 8; bit++) {
    data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    struct reader reader = reader_of(data, size);
    if (candidate_read(&reader, &got)) {
      assert_int_equal(encode(&got, again), size - reader.left);
      assert_memory_equal(again, data, size - reader.left);
    }
    data[bit / 8] ^= (uint8_t)(1 << bit % 8);
  }
}

static void a_foundation_with_a_nul_inside_is_refused(void **state) {
  (void)state;
  static const uint8_t data[] = {2, 1, 4, 8, 8, 4, 4, 0x9c, 0x40, 0, 0, 0, 1, 3, 'a', 0, 'b'};
  struct reader reader = reader_of(data, sizeof data);
  struct candidate got;
  assert_false(candidate_read(&reader, &got));
}

static void a_malformed_one_is_not_written(void **state) {
  (void)state;
  uint8_t data[CANDIDATE_ENCODED_MAX];
  struct candidate candidate = v4(8, 8, 8, 8);
  for (size_t max = 0; max < 15; max++) {
    struct writer writer = writer_of(data, max);
    assert_false(candidate_write(&writer, &candidate));
  }
  candidate.port = 0;
  struct writer writer = writer_of(data, sizeof data);
  assert_false(candidate_write(&writer, &candidate));
}

UNIT_TESTS(test(public_addresses_are_tried), test(addresses_of_this_host_and_net_are_tried_on_a_lan_only),
           test(the_edges_of_private_ranges_are_exact), test(what_no_peer_can_be_is_never_tried),
           test(an_ipv4_address_in_an_ipv6_one_is_not_a_way_around), test(malformed_candidates_are_never_tried),
           test(a_candidate_is_read_as_it_was_written), test(its_bytes_are_these),
           test(every_truncation_is_refused_and_every_flip_is_refused_or_canonical),
           test(a_foundation_with_a_nul_inside_is_refused), test(a_malformed_one_is_not_written))
