#include "media/rtp/depacketizer_vp8.h"

#include "descriptor.h"

static bool checked(const uint8_t *payload, size_t size, struct video_packet *packet) {
  bool ok = depacketizer_vp8(payload, size, packet);
  if (ok)
    assert_true(packet->size > 0 && packet->tid <= 3);
  return ok;
}

#define PARSE(packet, ...) DESCRIPTOR_PARSE(checked, packet, __VA_ARGS__)

/* The forms of RFC 7741 section 4.2; 0x00 and 0x01 begin a key and an inter frame (section 4.3). */
static void the_shortest_descriptor_is_one_byte(void **state) {
  (void)state;
  struct video_packet packet;
  assert_true(PARSE(&packet, 0x10, 0x01, 0xaa));
  assert_true(packet.begins_frame);
  assert_false(packet.key);
  assert_int_equal(packet.picture_id, -1);
  assert_int_equal(packet.tl0picidx, -1);
  assert_int_equal(packet.size, 2);
}

static void a_key_frame_shows_in_its_first_packet_only(void **state) {
  (void)state;
  struct video_packet packet;
  assert_true(PARSE(&packet, 0x10, 0x00));
  assert_true(packet.key);
  assert_true(PARSE(&packet, 0x00, 0x00)); /* a later packet of partition 0 */
  assert_false(packet.begins_frame || packet.key);
  assert_true(PARSE(&packet, 0x11, 0x00)); /* the start of partition 1 */
  assert_false(packet.begins_frame || packet.key);
}

static void picture_ids_have_7_or_15_bits(void **state) {
  (void)state;
  struct video_packet packet;
  assert_true(PARSE(&packet, 0x90, 0x80, 0x11, 0x00));
  assert_int_equal(packet.picture_id, 17);
  assert_true(PARSE(&packet, 0x90, 0x80, 0x92, 0x67, 0x00));
  assert_int_equal(packet.picture_id, 4711);
  assert_int_equal(packet.size, 1);
}

static void layers_are_read_where_the_bits_say(void **state) {
  (void)state;
  struct video_packet packet;
  assert_true(PARSE(&packet, 0x90, 0xe0, 0x92, 0x67, 0xfe, 0xa0, 0x01));
  assert_int_equal(packet.tl0picidx, 0xfe);
  assert_int_equal(packet.tid, 2);
  assert_true(packet.layer_sync);
  assert_true(PARSE(&packet, 0x90, 0x20, 0x40, 0x01)); /* T alone */
  assert_int_equal(packet.tid, 1);
  assert_false(packet.layer_sync);
  assert_int_equal(packet.tl0picidx, -1);
  assert_true(PARSE(&packet, 0x90, 0x10, 0xff, 0x01)); /* K alone: its byte is skipped */
  assert_int_equal(packet.tid, 0);
  assert_int_equal(packet.size, 1);
  assert_true(PARSE(&packet, 0x90, 0x40, 0x07, 0x01)); /* L without T */
  assert_int_equal(packet.tl0picidx, -1);
  assert_int_equal(packet.size, 1);
}

static const uint8_t longest[] = {0x90, 0xf0, 0x92, 0x67, 0x01, 0x61, 0x00};

static void every_truncation_is_malformed(void **state) {
  (void)state;
  descriptor_truncations_are_malformed(checked, longest, sizeof longest);
}

static void every_pair_of_first_bytes_stays_in_bounds(void **state) {
  (void)state;
  descriptor_pairs_stay_in_bounds(checked, sizeof longest);
}

static void every_bit_flip_stays_in_bounds(void **state) {
  (void)state;
  descriptor_flips_stay_in_bounds(checked, longest, sizeof longest);
}

UNIT_TESTS(test(the_shortest_descriptor_is_one_byte), test(a_key_frame_shows_in_its_first_packet_only),
           test(picture_ids_have_7_or_15_bits), test(layers_are_read_where_the_bits_say),
           test(every_truncation_is_malformed), test(every_pair_of_first_bytes_stays_in_bounds),
           test(every_bit_flip_stays_in_bounds))
