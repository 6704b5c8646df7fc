#include "media/rtp/rtp.h"

#include "unit.h"

static bool parse(const uint8_t *packet, size_t size, struct rtp_header *header, struct reader *payload) {
  uint8_t *exact; /* its own block, so that a read past the end is seen */
  need((exact = malloc(size ? size : 1)) != NULL);
  memcpy(exact, packet, size);
  bool ok = rtp_parse(exact, size, header, payload);
  if (ok) {
    assert_true(payload->left <= size);
    assert_true(payload->at >= exact && payload->at + payload->left <= exact + size);
  }
  free(exact);
  return ok;
}

static const uint8_t plain[] = {0x80, 0xe0, 0x12, 0x34, 1, 2, 3, 4, 0xaa, 0xbb, 0xcc, 0xdd, 'h', 'i'};

static void a_header_is_written_and_read_as_rfc_3550_draws_it(void **state) {
  (void)state;
  uint8_t out[14];
  struct writer w = writer_of(out, sizeof out);
  struct rtp_header header = {
      .marker = true, .payload_type = 96, .seq = 0x1234, .timestamp = 0x01020304, .ssrc = 0xaabbccdd};
  rtp_write(&w, &header);
  write_bytes(&w, "hi", 2);
  assert_memory_equal(out, plain, sizeof plain);
  struct rtp_header read;
  struct reader payload;
  assert_true(rtp_parse(out, sizeof out, &read, &payload));
  assert_true(read.marker);
  assert_int_equal(read.payload_type, 96);
  assert_int_equal(read.seq, 0x1234);
  assert_int_equal(read.timestamp, 0x01020304);
  assert_int_equal(read.ssrc, 0xaabbccdd);
  assert_int_equal(payload.left, 2);
  assert_memory_equal(payload.at, "hi", 2);
}

/* Two CSRCs, an extension of one word and three bytes of padding. */
static const uint8_t full[] = {0xb2, 0x6f, 0,    1,    0, 0, 0, 2, 0, 0, 0,   3,   9,   9,   9, 9, 8, 8,
                               8,    8,    0xbe, 0xde, 0, 1, 7, 7, 7, 7, 'o', 'p', 'u', 's', 0, 0, 3};

static void csrcs_extension_and_padding_are_skipped(void **state) {
  (void)state;
  struct rtp_header header;
  struct reader payload;
  assert_true(rtp_parse(full, sizeof full, &header, &payload));
  assert_int_equal(header.payload_type, 111);
  assert_false(header.marker);
  assert_int_equal(payload.left, 4);
  assert_memory_equal(payload.at, "opus", 4);
}

static void every_truncation_stays_in_bounds_and_short_ones_fail(void **state) {
  (void)state;
  struct rtp_header header;
  struct reader payload;
  for (size_t size = 0; size < sizeof full; size++) {
    bool ok = parse(full, size, &header, &payload);
    if (size < 28)
      assert_false(ok);
  }
  for (size_t size = 0; size < RTP_HEADER_SIZE; size++)
    assert_false(parse(plain, size, &header, &payload));
  assert_true(parse(plain, RTP_HEADER_SIZE, &header, &payload));
  assert_int_equal(payload.left, 0);
}

static void every_bit_flip_stays_in_bounds(void **state) {
  (void)state;
  struct rtp_header header;
  struct reader payload;
  for (size_t bit = 0; bit < sizeof full * 8; bit++) {
    uint8_t flipped[sizeof full];
    memcpy(flipped, full, sizeof full);
    flipped[bit / 8] ^= (uint8_t)(1u << bit % 8);
    bool ok = parse(flipped, sizeof flipped, &header, &payload);
    if (bit == 6 || bit == 7)
      assert_false(ok); /* another version */
  }
}

static void padding_of_nothing_or_more_than_there_is_fails(void **state) {
  (void)state;
  struct rtp_header header;
  struct reader payload;
  uint8_t packet[14];
  memcpy(packet, plain, sizeof plain);
  packet[0] |= 0x20;
  packet[13] = 0;
  assert_false(parse(packet, 14, &header, &payload));
  packet[13] = 3;
  assert_false(parse(packet, 14, &header, &payload));
  packet[13] = 2;
  assert_true(parse(packet, 14, &header, &payload));
  assert_int_equal(payload.left, 0);
  assert_false(parse(packet, 12, &header, &payload));
}

static void rtcp_is_told_from_rtp_by_the_second_byte(void **state) {
  (void)state;
  for (unsigned second = 0; second < 256; second++) {
    const uint8_t packet[2] = {0x80, (uint8_t)second};
    assert_int_equal(rtp_is_rtcp(packet, 2), second >= 192 && second < 224);
  }
  assert_false(rtp_is_rtcp((const uint8_t[]){0x80}, 1));
}

UNIT_TESTS(test(a_header_is_written_and_read_as_rfc_3550_draws_it), test(csrcs_extension_and_padding_are_skipped),
           test(every_truncation_stays_in_bounds_and_short_ones_fail), test(every_bit_flip_stays_in_bounds),
           test(padding_of_nothing_or_more_than_there_is_fails), test(rtcp_is_told_from_rtp_by_the_second_byte))
