#include "media/rtp/packetizer_vp9.h"

#include "unit.h"

static uint8_t frame[3000], packet[SESSION_PACKET_MAX];

static struct packetizer_video start(void) {
  struct packetizer_video p;
  struct random random = {2};
  packetizer_video_init(&p, &payload_descriptor_vp9, PAYLOAD_TYPE_VP9, 0xabcdef01, &random);
  p.picture_id = 4710;
  p.tl0picidx = 0x41;
  return p;
}

static void a_key_frame_begins_with_the_structure(void **state) {
  (void)state;
  struct packetizer_video p = start();
  packetizer_video_begin(&p, 0, frame, 3000, true, VIDEO_NO_LAYERS);
  assert_int_equal(packetizer_video_next(&p, packet), 12 + 9 + 1000);
  assert_int_equal(packet[1], PAYLOAD_TYPE_VP9);
  assert_memory_equal(packet + 12,
                      ((uint8_t[]){0xaa,         /* I L B V: not predicted, a frame's start */
                                   0x92, 0x67,   /* M, 4711 */
                                   0x00,         /* TID 0, SID 0 */
                                   0x42,         /* TL0PICIDX 66 */
                                   0x08, 0x01,   /* one layer, G; one picture in the group: */
                                   0x04, 0x01}), /* TID 0, R 1: the one before it */
                      9);
  assert_int_equal(packetizer_video_next(&p, packet), 12 + 5 + 1000);
  assert_memory_equal(packet + 12, ((uint8_t[]){0xa0, 0x92, 0x67, 0x00, 0x42}), 5); /* I L */
  packetizer_video_next(&p, packet);
  assert_memory_equal(packet + 12, ((uint8_t[]){0xa4, 0x92, 0x67, 0x00, 0x42}), 5); /* I L E */
  assert_int_equal(packet[1], 0x80 | PAYLOAD_TYPE_VP9);                             /* the marker */
  assert_int_equal(packetizer_video_next(&p, packet), 0);
}

static void other_frames_are_predicted(void **state) {
  (void)state;
  struct packetizer_video p = start();
  packetizer_video_begin(&p, 0, frame, 500, false, VIDEO_NO_LAYERS);
  assert_int_equal(packetizer_video_next(&p, packet), 12 + 5 + 500);
  assert_memory_equal(packet + 12, ((uint8_t[]){0xec, 0x92, 0x67, 0x00, 0x42}), 5); /* I P L B E */
}

static void two_layers_take_turns_and_each_frame_leans_on_the_base(void **state) {
  (void)state;
  struct packetizer_video p = start();
  p.layered = true;
  packetizer_video_begin(&p, 0, frame, 500, true, 0);
  assert_int_equal(packetizer_video_next(&p, packet), 12 + 11 + 500);
  assert_memory_equal(packet + 12,
                      ((uint8_t[]){0xae, 0x92, 0x67, 0x10, 0x42, /* V; TID 0, U */
                                   0x08, 0x02,                   /* G; two pictures: */
                                   0x14, 0x02,                   /* TID 0, U, R 1: the second before it */
                                   0x34, 0x01}),                 /* TID 1, U, R 1: the one before it */
                      11);
  packetizer_video_begin(&p, 0, frame, 500, false, 1);
  assert_int_equal(packetizer_video_next(&p, packet), 12 + 5 + 500);
  assert_memory_equal(packet + 12, ((uint8_t[]){0xec, 0x92, 0x68, 0x30, 0x42}), 5); /* TID 1, U; still 66 */
}

static void with_one_layer_again_the_structure_is_a_chain(void **state) {
  (void)state;
  struct packetizer_video p = start();
  packetizer_video_begin(&p, 0, frame, 500, true, 0);
  assert_int_equal(packetizer_video_next(&p, packet), 12 + 9 + 500);
  assert_memory_equal(packet + 12, ((uint8_t[]){0xae, 0x92, 0x67, 0x00, 0x42, 0x08, 0x01, 0x04, 0x01}), 9);
}

static void a_frame_left_out_keeps_its_place_in_the_pattern(void **state) {
  (void)state;
  struct packetizer_video p = start();
  p.layered = true;
  packetizer_video_begin(&p, 0, frame, 500, true, 0);
  packetizer_video_next(&p, packet);
  packetizer_video_leave_out(&p);
  packetizer_video_begin(&p, 0, frame, 500, false, 0);
  packetizer_video_next(&p, packet);
  assert_memory_equal(packet + 12, ((uint8_t[]){0xec, 0x92, 0x69, 0x10, 0x43}), 5); /* 4713 is a base frame again */
}

UNIT_TESTS(test(a_key_frame_begins_with_the_structure), test(other_frames_are_predicted),
           test(two_layers_take_turns_and_each_frame_leans_on_the_base),
           test(with_one_layer_again_the_structure_is_a_chain),
           test(a_frame_left_out_keeps_its_place_in_the_pattern))
