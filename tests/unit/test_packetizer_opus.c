#include "media/rtp/packetizer_opus.h"
#include "media/rtp/rtp.h"

#include "unit.h"

static uint8_t payload[SESSION_PACKET_MAX];
static uint8_t packet[SESSION_PACKET_MAX];

static struct rtp_header write_one(struct packetizer_opus *p, usec captured, size_t size, int samples) {
  struct rtp_header header;
  struct reader read;
  packetizer_opus_begin(p, captured);
  size_t written = packetizer_opus_write(p, PAYLOAD_TYPE_OPUS, payload, size, samples, packet);
  assert_int_equal(written, RTP_HEADER_SIZE + size);
  assert_true(rtp_parse(packet, written, &header, &read));
  assert_int_equal(read.left, size);
  assert_memory_equal(read.at, payload, size);
  return header;
}

static struct packetizer_opus start(uint64_t seed) {
  struct packetizer_opus p;
  struct random random = {seed};
  packetizer_opus_init(&p, 0x12345678, &random);
  return p;
}

static void one_frame_is_one_packet_without_a_marker(void **state) {
  (void)state;
  struct packetizer_opus p = start(1);
  memset(payload, 0x5a, 80);
  struct rtp_header header = write_one(&p, SEC(1), 80, 960);
  assert_int_equal(packet[0], 0x80); /* no padding, extension or CSRC */
  assert_int_equal(packet[1], PAYLOAD_TYPE_OPUS);
  assert_int_equal(header.ssrc, 0x12345678);
}

static void numbers_count_packets_and_timestamps_count_samples(void **state) {
  (void)state;
  struct packetizer_opus p = start(2);
  struct rtp_header first = write_one(&p, SEC(1), 80, 960);
  struct rtp_header second = write_one(&p, SEC(1) + MS(20), 80, 480);
  struct rtp_header third = write_one(&p, SEC(1) + MS(30), 80, 960);
  assert_int_equal((uint16_t)(second.seq - first.seq), 1);
  assert_int_equal((uint16_t)(third.seq - second.seq), 1);
  assert_int_equal(second.timestamp - first.timestamp, 960);
  assert_int_equal(third.timestamp - second.timestamp, 480);
}

static void jitter_of_capture_does_not_reach_the_timestamp(void **state) {
  (void)state;
  struct packetizer_opus p = start(3);
  uint64_t random = 7;
  uint32_t last = write_one(&p, SEC(1), 80, 960).timestamp;
  for (int i = 1; i < 500; i++) {
    uint32_t now = write_one(&p, SEC(1) + MS(20 * i) + MS(unit_random(&random) % 60), 80, 960).timestamp;
    assert_int_equal(now - last, 960);
    last = now;
  }
}

static void a_pause_of_capture_skips_as_much(void **state) {
  (void)state;
  struct packetizer_opus p = start(4);
  uint32_t first = write_one(&p, SEC(1), 80, 960).timestamp;
  uint32_t second = write_one(&p, SEC(1) + MS(20) + SEC(2), 80, 960).timestamp;
  assert_int_equal(second - first, 960 + 2 * 48000);
  assert_int_equal(packetizer_opus_captured(&p), SEC(3) + MS(40));
}

static void an_empty_or_oversized_frame_changes_nothing(void **state) {
  (void)state;
  struct packetizer_opus p = start(5), before = p;
  assert_int_equal(packetizer_opus_write(&p, PAYLOAD_TYPE_OPUS, payload, 0, 960, packet), 0);
  assert_int_equal(packetizer_opus_write(&p, PAYLOAD_TYPE_OPUS, payload, SESSION_PACKET_MAX - 11, 960, packet), 0);
  assert_int_equal(p.seq, before.seq);
  assert_int_equal(p.timestamp, before.timestamp);
  assert_false(p.started);
  write_one(&p, 0, SESSION_PACKET_MAX - 12, 960);
}

static void the_first_number_is_in_the_lower_half_and_differs_by_seed(void **state) {
  (void)state;
  uint32_t seqs = 0, timestamps = 0;
  for (uint64_t seed = 0; seed < 1000; seed++) {
    struct packetizer_opus p = start(seed);
    assert_in_range(p.seq, 0, 0x7fff);
    seqs |= (uint32_t)p.seq;
    timestamps |= p.timestamp;
  }
  assert_int_equal(seqs, 0x7fff);
  assert_int_equal(timestamps, 0xffffffff);
}

UNIT_TESTS(test(one_frame_is_one_packet_without_a_marker), test(numbers_count_packets_and_timestamps_count_samples),
           test(jitter_of_capture_does_not_reach_the_timestamp), test(a_pause_of_capture_skips_as_much),
           test(an_empty_or_oversized_frame_changes_nothing),
           test(the_first_number_is_in_the_lower_half_and_differs_by_seed))
