#include "media/rtp/ccfb.h"

#include "unit.h"

static size_t write_two(uint8_t *out, size_t room) {
  static const struct ccfb_report report[2] = {
      {.ssrc = 0x0a0b0c0d,
       .begin = 0xfffe,
       .count = 3,
       .metric = {CCFB_RECEIVED | 0x203, CCFB_LOST, CCFB_RECEIVED}},
      {.ssrc = 0x01020304, .begin = 7, .count = 2, .metric = {CCFB_LOST, CCFB_RECEIVED | CCFB_OFFSET_OVER}},
  };
  struct writer w = writer_of(out, room);
  ccfb_write(&w, 0x11111111, 0xdeadbeef, report, 2);
  assert_false(w.bad);
  return room - w.left;
}

static void a_report_is_written_as_rfc_8888_draws_it(void **state) {
  (void)state;
  static const uint8_t expected[] = {
      0x8b, 205,  0,    9,    0x11, 0x11, 0x11, 0x11, /* format 11, its sender */
      0x0a, 0x0b, 0x0c, 0x0d, 0xff, 0xfe, 0,    3,    0x82, 3, 0,    0,
      0x80, 0,    0,    0,                                                 /* three, and a padding word */
      1,    2,    3,    4,    0,    7,    0,    2,    0,    0, 0x9f, 0xfe, /* two */
      0xde, 0xad, 0xbe, 0xef,
  };
  uint8_t out[64];
  assert_int_equal(write_two(out, sizeof out), sizeof expected);
  assert_memory_equal(out, expected, sizeof expected);
}

static struct rtcp_packet packet_of(const uint8_t *data, size_t size) {
  struct reader r = reader_of(data, size);
  struct rtcp_packet packet;
  assert_true(rtcp_valid(data, size));
  assert_true(rtcp_next(&r, &packet));
  return packet;
}

static void what_was_written_reads_back(void **state) {
  (void)state;
  uint8_t data[64];
  struct rtcp_packet packet = packet_of(data, write_two(data, sizeof data));
  struct ccfb_report report;
  assert_int_equal(packet.type, RTCP_CCFB);
  assert_int_equal(packet.ssrc, 0x11111111);
  assert_int_equal(ccfb_timestamp(&packet), 0xdeadbeef);
  assert_true(ccfb_read(&packet, &report));
  assert_int_equal(report.ssrc, 0x0a0b0c0d);
  assert_int_equal(report.begin, 0xfffe);
  assert_int_equal(report.count, 3);
  assert_int_equal(report.metric[0] & CCFB_RECEIVED, CCFB_RECEIVED);
  assert_int_equal(ccfb_offset(report.metric[0]), 0x203);
  assert_int_equal(report.metric[1], CCFB_LOST);
  assert_true(ccfb_read(&packet, &report));
  assert_int_equal(report.begin, 7);
  assert_int_equal(ccfb_offset(report.metric[1]), CCFB_OFFSET_OVER);
  assert_int_equal(ccfb_timestamp(&packet), 0xdeadbeef);
  assert_false(ccfb_read(&packet, &report));
}

static void a_stream_that_claims_more_than_there_is_ends_the_reading(void **state) {
  (void)state;
  uint8_t data[64];
  size_t size = write_two(data, sizeof data);
  struct ccfb_report report;
  data[15] = 200; /* of the first stream's reports */
  struct rtcp_packet packet = packet_of(data, size);
  assert_false(ccfb_read(&packet, &report));
  data[14] = 0xff;
  packet = packet_of(data, size);
  assert_false(ccfb_read(&packet, &report));
}

static void reports_beyond_the_bound_are_skipped(void **state) {
  (void)state;
  static uint8_t data[2048];
  struct writer w = writer_of(data, sizeof data);
  rtcp_write_ccfb_head(&w, 1, 4 + 8 + 600 * 2 + 8 + 4 + 4);
  write_u32(&w, 2);
  write_u16(&w, 0);
  write_u16(&w, 600);
  for (int i = 0; i < 600; i++)
    write_u16(&w, CCFB_RECEIVED);
  write_u32(&w, 3);
  write_u16(&w, 9);
  write_u16(&w, 1);
  write_u32(&w, (uint32_t)CCFB_RECEIVED << 16);
  write_u32(&w, 77);
  struct rtcp_packet packet = packet_of(data, sizeof data - w.left);
  struct ccfb_report report;
  assert_true(ccfb_read(&packet, &report));
  assert_int_equal(report.count, CCFB_REPORTS_MAX);
  assert_true(ccfb_read(&packet, &report));
  assert_int_equal(report.ssrc, 3);
  assert_int_equal(report.begin, 9);
  assert_false(ccfb_read(&packet, &report));
}

UNIT_TESTS(test(a_report_is_written_as_rfc_8888_draws_it), test(what_was_written_reads_back),
           test(a_stream_that_claims_more_than_there_is_ends_the_reading),
           test(reports_beyond_the_bound_are_skipped))
