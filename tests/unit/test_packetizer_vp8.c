#include "media/rtp/packetizer_vp8.h"

#include "unit.h"

static uint8_t frame[2000], packet[SESSION_PACKET_MAX];

static struct packetizer_video start(void) {
  struct packetizer_video p;
  struct random random = {2};
  packetizer_video_init(&p, &payload_descriptor_vp8, PAYLOAD_TYPE_VP8, 0xabcdef01, &random);
  p.picture_id = 4710;
  p.tl0picidx = 0x41;
  return p;
}

static void the_descriptor_is_as_rfc_7741_draws_it(void **state) {
  (void)state;
  struct packetizer_video p = start();
  packetizer_video_begin(&p, 0, frame, 2000, true, VIDEO_NO_LAYERS);
  assert_int_equal(packetizer_video_next(&p, packet), 12 + 4 + 1000);
  assert_memory_equal(packet + 12, ((uint8_t[]){0x90, 0x80, 0x92, 0x67}), 4); /* X S; I; M, 4711 */
  assert_int_equal(packet[1], PAYLOAD_TYPE_VP8);
  packetizer_video_next(&p, packet);
  assert_memory_equal(packet + 12, ((uint8_t[]){0x80, 0x80, 0x92, 0x67}), 4);
  assert_int_equal(packet[1], 0x80 | PAYLOAD_TYPE_VP8); /* the marker */
  assert_int_equal(packetizer_video_next(&p, packet), 0);
}

static void layers_are_two_bytes_more(void **state) {
  (void)state;
  struct packetizer_video p = start();
  packetizer_video_begin(&p, 0, frame, 1000, false, 0);
  assert_int_equal(packetizer_video_next(&p, packet), 12 + 6 + 1000);
  assert_memory_equal(packet + 12, ((uint8_t[]){0x90, 0xe0, 0x92, 0x67, 0x42, 0x00}), 6); /* I L T; 66; TID 0 */
  packetizer_video_begin(&p, 0, frame, 1000, false, 1);
  packetizer_video_next(&p, packet);
  assert_memory_equal(packet + 12, ((uint8_t[]){0x90, 0xe0, 0x92, 0x68, 0x42, 0x60}), 6); /* TID 1, Y */
}

UNIT_TESTS(test(the_descriptor_is_as_rfc_7741_draws_it), test(layers_are_two_bytes_more))
