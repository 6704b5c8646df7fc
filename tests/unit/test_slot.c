#include "media/rtp/slot.h"

#include "unit.h"

static const struct rtp_header inner = {
    .marker = true, .payload_type = PAYLOAD_TYPE_VP8, .seq = 0x1234, .timestamp = 0xdeadbeef, .ssrc = 0xcafe};

static size_t make(uint8_t *packet, size_t payload) {
  struct writer w = writer_of(packet, SLOT_VIDEO_SIZE);
  rtp_write(&w, &inner);
  for (size_t i = 0; i < payload; i++)
    write_u8(&w, (unsigned)i & 0xff);
  return RTP_HEADER_SIZE + payload;
}

static void what_is_in_a_slot_comes_out_again(void **state) {
  (void)state;
  static const size_t sizes[] = {0, 1, 80, 581, 582};
  for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
    uint8_t packet[SLOT_VIDEO_SIZE];
    struct rtp_header header;
    struct reader payload;
    slot_wrap(packet, make(packet, sizes[s]), sizeof packet, PAYLOAD_TYPE_SLOT);
    assert_true(rtp_parse(packet, sizeof packet, &header, &payload));
    assert_true(slot_unwrap(&header, &payload, PAYLOAD_TYPE_VP8));
    assert_true(header.marker);
    assert_int_equal(header.payload_type, PAYLOAD_TYPE_VP8);
    assert_int_equal(header.timestamp, inner.timestamp);
    assert_int_equal(payload.left, sizes[s]);
    for (size_t i = 0; i < sizes[s]; i++)
      assert_int_equal(payload.at[i], i & 0xff);
  }
}

static void the_outside_tells_neither_size_nor_marker_nor_timestamp(void **state) {
  (void)state;
  uint8_t full[SLOT_VIDEO_SIZE], empty[SLOT_VIDEO_SIZE];
  slot_wrap(full, make(full, 582), sizeof full, PAYLOAD_TYPE_SLOT);
  slot_wrap(empty, make(empty, 0), sizeof empty, PAYLOAD_TYPE_SLOT);
  slot_stamp(full, 77);
  slot_stamp(empty, 77);
  assert_memory_equal(full, empty, RTP_HEADER_SIZE);
  struct rtp_header header;
  struct reader payload;
  assert_true(rtp_parse(full, sizeof full, &header, &payload));
  assert_false(header.marker);
  assert_int_equal(header.payload_type, PAYLOAD_TYPE_SLOT);
  assert_int_equal(header.timestamp, 77);
  assert_int_equal(header.seq, inner.seq);
  assert_int_equal(header.ssrc, inner.ssrc);
}

static void a_slot_that_claims_more_than_it_holds_is_malformed(void **state) {
  (void)state;
  uint8_t packet[SLOT_AUDIO_SIZE];
  struct rtp_header header;
  struct reader payload;
  slot_wrap(packet, make(packet, 80), sizeof packet, PAYLOAD_TYPE_SLOT);
  packet[RTP_HEADER_SIZE + 1] = 81;
  assert_true(rtp_parse(packet, sizeof packet, &header, &payload));
  assert_false(slot_unwrap(&header, &payload, PAYLOAD_TYPE_OPUS));
  for (size_t size = RTP_HEADER_SIZE; size < RTP_HEADER_SIZE + SLOT_HEAD; size++) {
    assert_true(rtp_parse(packet, size, &header, &payload));
    assert_false(slot_unwrap(&header, &payload, PAYLOAD_TYPE_OPUS));
  }
}

UNIT_TESTS(test(what_is_in_a_slot_comes_out_again), test(the_outside_tells_neither_size_nor_marker_nor_timestamp),
           test(a_slot_that_claims_more_than_it_holds_is_malformed))
