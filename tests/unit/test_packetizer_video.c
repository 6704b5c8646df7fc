#include "media/rtp/depacketizer_vp8.h"
#include "media/rtp/depacketizer_vp9.h"
#include "media/rtp/packetizer_vp8.h"
#include "media/rtp/packetizer_vp9.h"
#include "media/rtp/rtp.h"

#include "unit.h"

static uint8_t frame[20000], joined[20000];

static const struct format {
  const struct payload_descriptor *descriptor;
  bool (*depacketize)(const uint8_t *payload, size_t size, struct video_packet *packet);
  size_t size; /* of a descriptor without layers, at most */
} formats[] = {{&payload_descriptor_vp8, depacketizer_vp8, 4}, {&payload_descriptor_vp9, depacketizer_vp9, 5 + 4}};

enum { FORMATS = 2, PAYLOAD_TYPE = 99 };

static struct packetizer_video start(const struct format *format, uint64_t seed) {
  struct packetizer_video p;
  struct random random = {seed};
  packetizer_video_init(&p, format->descriptor, PAYLOAD_TYPE, 0xabcdef01, &random);
  for (size_t i = 0; i < sizeof frame; i++)
    frame[i] = (uint8_t)(i * 7);
  return p;
}

struct summary {
  int packets;
  size_t total;
  struct video_packet first, last;
  struct rtp_header header;
};

static struct summary packetize(const struct format *format, struct packetizer_video *p, usec captured, size_t size,
                                int temporal_id) {
  struct summary s = {0};
  uint8_t packet[SESSION_PACKET_MAX];
  packetizer_video_begin(p, captured, frame, size, true, temporal_id);
  for (size_t n; (n = packetizer_video_next(p, packet)) != 0; s.packets++) {
    struct reader payload;
    uint16_t last_seq = s.header.seq;
    assert_true(n <= SESSION_PACKET_MAX);
    assert_int_equal(packet[0], 0x80);
    assert_true(rtp_parse(packet, n, &s.header, &payload));
    assert_int_equal(s.header.payload_type, PAYLOAD_TYPE);
    assert_true(format->depacketize(payload.at, payload.left, &s.last));
    assert_int_equal(s.last.begins_frame, s.packets == 0);
    if (s.packets == 0)
      s.first = s.last;
    else
      assert_int_equal((uint16_t)(s.header.seq - last_seq), 1);
    assert_int_equal(s.header.marker, s.total + s.last.size == size);
    assert_int_equal(s.last.picture_id, s.first.picture_id);
    memcpy(joined + s.total, s.last.payload, s.last.size);
    s.total += s.last.size;
    assert_true(s.last.size == s.first.size || (s.last.size < s.first.size && s.total == size));
  }
  assert_int_equal(s.packets, packetizer_video_count(p, size, true, temporal_id));
  assert_int_equal(s.total, size);
  assert_memory_equal(joined, frame, size);
  return s;
}

static void every_size_is_split_into_equal_packets_and_a_shorter_last_one_and_joins_again(void **state) {
  (void)state;
  for (const struct format *format = formats; format < formats + FORMATS; format++) {
    struct packetizer_video p = start(format, 1);
    size_t room = 1200 - 12 - format->size;
    for (size_t size = 1; size <= sizeof frame; size += size < 3000 ? 1 : 97) {
      struct summary s = packetize(format, &p, MS(33), size, VIDEO_NO_LAYERS);
      assert_int_equal(s.packets, (size + room - 1) / room);
      assert_true(s.first.size - s.last.size < (size_t)s.packets);
    }
  }
}

static void picture_ids_count_frames_in_15_bits(void **state) {
  (void)state;
  for (const struct format *format = formats; format < formats + FORMATS; format++) {
    struct packetizer_video p = start(format, 3);
    p.picture_id = 0x7ffd;
    assert_int_equal(packetize(format, &p, 0, 5000, VIDEO_NO_LAYERS).first.picture_id, 0x7ffe);
    assert_int_equal(packetize(format, &p, 0, 5000, VIDEO_NO_LAYERS).first.picture_id, 0x7fff);
    assert_int_equal(packetize(format, &p, 0, 5000, VIDEO_NO_LAYERS).first.picture_id, 0);
  }
}

static void temporal_layers_are_told_and_tl0picidx_counts_base_frames(void **state) {
  (void)state;
  for (const struct format *format = formats; format < formats + FORMATS; format++) {
    struct packetizer_video p = start(format, 4);
    p.tl0picidx = 254;
    struct summary base = packetize(format, &p, 0, 3000, 0), upper = packetize(format, &p, 0, 3000, 2),
                   next = packetize(format, &p, 0, 9, 0);
    assert_int_equal(base.first.tl0picidx, 255);
    assert_int_equal(base.first.tid, 0);
    assert_int_equal(upper.last.tl0picidx, 255);
    assert_int_equal(upper.last.tid, 2);
    assert_int_equal(next.first.tl0picidx, 0);
  }
}

static void the_timestamp_is_the_capture_time_at_90_khz(void **state) {
  (void)state;
  const struct format *format = formats;
  struct packetizer_video p = start(format, 5);
  uint32_t first = packetize(format, &p, SEC(1), 100, VIDEO_NO_LAYERS).header.timestamp;
  uint32_t second = packetize(format, &p, SEC(1) + MS(40), 100, VIDEO_NO_LAYERS).header.timestamp;
  uint32_t day = packetize(format, &p, SEC(86401), 100, VIDEO_NO_LAYERS).header.timestamp; /* wraps */
  assert_int_equal(second - first, 3600);
  assert_int_equal(day - first, (uint32_t)(86400ull * 90000));
}

static void the_first_number_is_in_the_lower_half_and_ids_differ_by_seed(void **state) {
  (void)state;
  uint32_t seqs = 0, ids = 0;
  for (uint64_t seed = 0; seed < 1000; seed++) {
    struct packetizer_video p = start(formats, seed);
    assert_in_range(p.seq, 0, 0x7fff);
    seqs |= (uint32_t)p.seq;
    ids |= p.picture_id;
  }
  assert_int_equal(seqs, 0x7fff);
  assert_int_equal(ids, 0x7fff);
}

UNIT_TESTS(test(every_size_is_split_into_equal_packets_and_a_shorter_last_one_and_joins_again),
           test(picture_ids_count_frames_in_15_bits),
           test(temporal_layers_are_told_and_tl0picidx_counts_base_frames),
           test(the_timestamp_is_the_capture_time_at_90_khz),
           test(the_first_number_is_in_the_lower_half_and_ids_differ_by_seed))
