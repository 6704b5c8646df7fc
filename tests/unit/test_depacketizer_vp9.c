#include "media/rtp/depacketizer_vp9.h"

#include "descriptor.h"

#define PARSE(packet, ...) DESCRIPTOR_PARSE(depacketizer_vp9, packet, __VA_ARGS__)

/* The forms of RFC 9628 section 4.2; 0x82 and 0x86 begin a key and an inter frame. */
static void the_shortest_descriptor_is_one_byte(void **state) {
  (void)state;
  struct video_packet packet;
  assert_true(PARSE(&packet, 0x4c, 0x86, 0xaa)); /* P B E */
  assert_true(packet.begins_frame && packet.marker);
  assert_false(packet.key);
  assert_int_equal(packet.picture_id, -1);
  assert_int_equal(packet.tl0picidx, -1);
  assert_int_equal(packet.size, 2);
}

static void a_frame_begins_and_ends_where_its_bits_say(void **state) {
  (void)state;
  struct video_packet packet;
  assert_true(PARSE(&packet, 0x48, 0x86)); /* P B */
  assert_true(packet.begins_frame && !packet.marker);
  assert_true(PARSE(&packet, 0x40, 0x86)); /* P */
  assert_false(packet.begins_frame || packet.marker);
  assert_true(PARSE(&packet, 0x44, 0x86)); /* P E */
  assert_true(!packet.begins_frame && packet.marker);
}

static void a_key_frame_shows_in_its_first_packet_only(void **state) {
  (void)state;
  struct video_packet packet;
  assert_true(PARSE(&packet, 0x08, 0x82)); /* B */
  assert_true(packet.key);
  assert_true(PARSE(&packet, 0x00, 0x82)); /* a later packet */
  assert_false(packet.begins_frame || packet.key);
  assert_true(PARSE(&packet, 0x48, 0x82)); /* predicted, whatever its bytes are */
  assert_false(packet.key);
  assert_true(PARSE(&packet, 0x08, 0x84)); /* not predicted, but an intra-only frame */
  assert_false(packet.key);
  assert_true(PARSE(&packet, 0x08, 0x88)); /* or one that shows another */
  assert_false(packet.key);
}

static void picture_ids_have_7_or_15_bits(void **state) {
  (void)state;
  struct video_packet packet;
  assert_true(PARSE(&packet, 0xc8, 0x11, 0x86)); /* I P B; 17 */
  assert_int_equal(packet.picture_id, 17);
  assert_true(PARSE(&packet, 0xc8, 0x92, 0x67, 0x86)); /* M, 4711 */
  assert_int_equal(packet.picture_id, 4711);
  assert_int_equal(packet.size, 1);
}

static void tl0picidx_is_there_in_non_flexible_mode_alone(void **state) {
  (void)state;
  struct video_packet packet;
  assert_true(PARSE(&packet, 0xe8, 0x92, 0x67, 0x50, 0xfe, 0x86)); /* I P L B; TID 2, U; 254 */
  assert_int_equal(packet.tid, 2);
  assert_int_equal(packet.tl0picidx, 254);
  assert_int_equal(packet.size, 1);
  assert_true(PARSE(&packet, 0x38, 0x20, 0x86)); /* L F B, no P; TID 1 */
  assert_int_equal(packet.tid, 1);
  assert_false(packet.layer_sync);
  assert_int_equal(packet.tl0picidx, -1);
  assert_int_equal(packet.size, 1);
}

/* It tells what higher layers' later frames lean on, and nothing of its own frame (section 4.2). */
static void the_switching_up_point_counts_in_the_base_layer(void **state) {
  (void)state;
  struct video_packet packet;
  assert_true(PARSE(&packet, 0xe8, 0x92, 0x67, 0x10, 0xfe, 0x86)); /* TID 0, U */
  assert_true(packet.layer_sync);
  assert_true(PARSE(&packet, 0xe8, 0x92, 0x67, 0x00, 0xfe, 0x86)); /* TID 0 */
  assert_false(packet.layer_sync);
  assert_true(PARSE(&packet, 0xe8, 0x92, 0x67, 0x50, 0xfe, 0x86)); /* TID 2, U */
  assert_false(packet.layer_sync);
}

static void up_to_three_references_are_skipped_in_flexible_mode(void **state) {
  (void)state;
  struct video_packet packet;
  assert_true(PARSE(&packet, 0x58, 0x02, 0x86)); /* P F B; the one before */
  assert_int_equal(packet.size, 1);
  assert_true(PARSE(&packet, 0x58, 0x03, 0x05, 0x08, 0x86)); /* N; N; the last */
  assert_int_equal(packet.size, 1);
  assert_false(PARSE(&packet, 0x58, 0x03, 0x05, 0x09, 0x02, 0x86)); /* a fourth */
  assert_true(PARSE(&packet, 0x18, 0x86));                          /* not predicted: none */
  assert_int_equal(packet.size, 1);
}

static void a_structure_is_skipped_whatever_it_holds(void **state) {
  (void)state;
  struct video_packet packet;
  assert_true(PARSE(&packet, 0x0a, 0x00, 0x82)); /* B V; nothing */
  assert_true(packet.key && packet.size == 1);
  assert_true(PARSE(&packet, 0x0a, 0x10, 0x02, 0x80, 0x01, 0x68, 0x82)); /* Y: 640 x 360 */
  assert_true(packet.key && packet.size == 1);
  assert_true(PARSE(&packet, 0x0a, 0x30, 0x01, 0x40, 0x00, 0xb4, 0x02, 0x80, 0x01, 0x68, 0x82)); /* two layers */
  assert_true(packet.key && packet.size == 1);
  assert_true(PARSE(&packet, 0x0a, 0x08, 0x02, /* G: two pictures */
                    0x04, 0x02,                /* TID 0, R 1 */
                    0x28, 0x01, 0x03, 0x82));  /* TID 1, R 2 */
  assert_true(packet.key && packet.size == 1);
}

static void higher_spatial_layers_are_empty(void **state) {
  (void)state;
  struct video_packet packet;
  assert_true(PARSE(&packet, 0xac, 0x11, 0x02, 0x07, 0x82)); /* I L B E; SID 1 */
  assert_int_equal(packet.size, 0);
  assert_false(packet.begins_frame || packet.marker || packet.key);
  assert_true(PARSE(&packet, 0xac, 0x11, 0x01, 0x07, 0x82)); /* D alone is the lowest */
  assert_int_equal(packet.size, 1);
}

/* I P L F B E V with everything: 15 bits, layers, three references, two sizes, a group of one. */
static const uint8_t longest[] = {0xfe, 0x92, 0x67, 0x30, 0x03, 0x05, 0x08, 0x38, 0x01, 0x40, 0x00,
                                  0xb4, 0x02, 0x80, 0x01, 0x68, 0x01, 0x0c, 0x01, 0x02, 0x03, 0x86};

static void every_truncation_is_malformed(void **state) {
  (void)state;
  descriptor_truncations_are_malformed(depacketizer_vp9, longest, sizeof longest);
}

static void every_pair_of_first_bytes_stays_in_bounds(void **state) {
  (void)state;
  descriptor_pairs_stay_in_bounds(depacketizer_vp9, sizeof longest);
}

static void every_bit_flip_stays_in_bounds(void **state) {
  (void)state;
  descriptor_flips_stay_in_bounds(depacketizer_vp9, longest, sizeof longest);
}

UNIT_TESTS(test(the_shortest_descriptor_is_one_byte), test(a_frame_begins_and_ends_where_its_bits_say),
           test(a_key_frame_shows_in_its_first_packet_only), test(picture_ids_have_7_or_15_bits),
           test(tl0picidx_is_there_in_non_flexible_mode_alone),
           test(the_switching_up_point_counts_in_the_base_layer),
           test(up_to_three_references_are_skipped_in_flexible_mode),
           test(a_structure_is_skipped_whatever_it_holds), test(higher_spatial_layers_are_empty),
           test(every_truncation_is_malformed), test(every_pair_of_first_bytes_stays_in_bounds),
           test(every_bit_flip_stays_in_bounds))
