#include "media/rtp/depacketizer_vp8.h"
#include "media/rtp/packetizer_vp8.h"
#include "media/rtp/rtp.h"

#include "unit.h"

static uint8_t frame[20000], joined[20000];

static struct packetizer_vp8 start(uint64_t seed) {
  struct packetizer_vp8 p;
  struct random random = {seed};
  packetizer_vp8_init(&p, PAYLOAD_TYPE_VP8, 0xabcdef01, &random);
  for (size_t i = 0; i < sizeof frame; i++)
    frame[i] = (uint8_t)(i * 7);
  return p;
}

struct summary {
  int packets;
  size_t smallest, largest, total;
  struct video_packet first, last;
  struct rtp_header header;
};

static struct summary packetize(struct packetizer_vp8 *p, usec captured, size_t size, int temporal_id) {
  struct summary s = {.smallest = SIZE_MAX};
  uint8_t packet[SESSION_PACKET_MAX];
  packetizer_vp8_begin(p, captured, frame, size, temporal_id);
  for (size_t n; (n = packetizer_vp8_next(p, packet)) != 0; s.packets++) {
    struct reader payload;
    uint16_t last_seq = s.header.seq;
    assert_true(n <= SESSION_PACKET_MAX);
    assert_int_equal(packet[0], 0x80);
    assert_true(rtp_parse(packet, n, &s.header, &payload));
    assert_true(depacketizer_vp8(payload.at, payload.left, &s.last));
    assert_int_equal(s.last.begins_frame, s.packets == 0);
    if (s.packets == 0)
      s.first = s.last;
    else
      assert_int_equal((uint16_t)(s.header.seq - last_seq), 1);
    assert_int_equal(s.header.marker, s.total + s.last.size == size);
    assert_int_equal(s.last.picture_id, s.first.picture_id);
    memcpy(joined + s.total, s.last.payload, s.last.size);
    s.total += s.last.size;
    s.smallest = s.last.size < s.smallest ? s.last.size : s.smallest;
    s.largest = s.last.size > s.largest ? s.last.size : s.largest;
  }
  assert_int_equal(s.packets, packetizer_vp8_count(p, size, temporal_id));
  assert_int_equal(s.total, size);
  assert_memory_equal(joined, frame, size);
  return s;
}

static void every_size_is_split_evenly_and_joins_again(void **state) {
  (void)state;
  struct packetizer_vp8 p = start(1);
  for (size_t size = 1; size <= sizeof frame; size += size < 3000 ? 1 : 97) {
    struct summary s = packetize(&p, MS(33), size, VP8_NO_LAYERS);
    assert_true(s.largest - s.smallest <= 1);
    assert_int_equal(s.packets, (size + 1183) / 1184); /* 1200 - 12 - 4 */
  }
}

static void the_descriptor_is_as_rfc_7741_draws_it(void **state) {
  (void)state;
  struct packetizer_vp8 p = start(2);
  uint8_t packet[SESSION_PACKET_MAX];
  p.picture_id = 4710;
  packetizer_vp8_begin(&p, 0, frame, 2000, VP8_NO_LAYERS);
  assert_int_equal(packetizer_vp8_next(&p, packet), 12 + 4 + 1000);
  assert_memory_equal(packet + 12, ((uint8_t[]){0x90, 0x80, 0x92, 0x67}), 4); /* X S; I; M, 4711 */
  assert_int_equal(packet[1], PAYLOAD_TYPE_VP8);
  packetizer_vp8_next(&p, packet);
  assert_memory_equal(packet + 12, ((uint8_t[]){0x80, 0x80, 0x92, 0x67}), 4);
  assert_int_equal(packet[1], 0x80 | PAYLOAD_TYPE_VP8); /* the marker */
  assert_int_equal(packetizer_vp8_next(&p, packet), 0);
}

static void picture_ids_count_frames_in_15_bits(void **state) {
  (void)state;
  struct packetizer_vp8 p = start(3);
  p.picture_id = 0x7ffd;
  assert_int_equal(packetize(&p, 0, 5000, VP8_NO_LAYERS).first.picture_id, 0x7ffe);
  assert_int_equal(packetize(&p, 0, 5000, VP8_NO_LAYERS).first.picture_id, 0x7fff);
  assert_int_equal(packetize(&p, 0, 5000, VP8_NO_LAYERS).first.picture_id, 0);
}

static void temporal_layers_are_told_and_tl0picidx_counts_base_frames(void **state) {
  (void)state;
  struct packetizer_vp8 p = start(4);
  p.tl0picidx = 254;
  struct summary base = packetize(&p, 0, 3000, 0), upper = packetize(&p, 0, 3000, 2), next = packetize(&p, 0, 9, 0);
  assert_int_equal(base.first.tl0picidx, 255);
  assert_int_equal(base.first.tid, 0);
  assert_int_equal(upper.last.tl0picidx, 255);
  assert_int_equal(upper.last.tid, 2);
  assert_int_equal(next.first.tl0picidx, 0);
  assert_int_equal(packetize(&p, 0, 9, VP8_NO_LAYERS).first.tl0picidx, -1);
}

static void the_timestamp_is_the_capture_time_at_90_khz(void **state) {
  (void)state;
  struct packetizer_vp8 p = start(5);
  uint32_t first = packetize(&p, SEC(1), 100, VP8_NO_LAYERS).header.timestamp;
  uint32_t second = packetize(&p, SEC(1) + MS(40), 100, VP8_NO_LAYERS).header.timestamp;
  uint32_t day = packetize(&p, SEC(86401), 100, VP8_NO_LAYERS).header.timestamp; /* wraps */
  assert_int_equal(second - first, 3600);
  assert_int_equal(day - first, (uint32_t)(86400ull * 90000));
}

static void the_first_number_is_in_the_lower_half_and_ids_differ_by_seed(void **state) {
  (void)state;
  uint32_t seqs = 0, ids = 0;
  for (uint64_t seed = 0; seed < 1000; seed++) {
    struct packetizer_vp8 p = start(seed);
    assert_in_range(p.seq, 0, 0x7fff);
    seqs |= (uint32_t)p.seq;
    ids |= p.picture_id;
  }
  assert_int_equal(seqs, 0x7fff);
  assert_int_equal(ids, 0x7fff);
}

UNIT_TESTS(test(every_size_is_split_evenly_and_joins_again), test(the_descriptor_is_as_rfc_7741_draws_it),
           test(picture_ids_count_frames_in_15_bits),
           test(temporal_layers_are_told_and_tl0picidx_counts_base_frames),
           test(the_timestamp_is_the_capture_time_at_90_khz),
           test(the_first_number_is_in_the_lower_half_and_ids_differ_by_seed))
