#include "media/rtp/transport_cc.h"

#include "unit.h"

static struct rtcp_packet packet_of(const uint8_t *data, size_t size) {
  struct reader r = reader_of(data, size);
  struct rtcp_packet packet;
  assert_true(rtcp_valid(data, size));
  assert_true(rtcp_next(&r, &packet));
  assert_int_equal(packet.type, RTCP_TRANSPORT_CC);
  return packet;
}

static void every_chunk_is_read_as_the_draft_draws_it(void **state) {
  (void)state;
  static const uint8_t data[] = {
      0x8f, 205,  0,    8,    0,    0, 0, 1, 0, 0, 0, 2, /* format 15, nine words; its sender, about whom */
      0xff, 0xfe, 0,    25,                              /* from 65534 on, 25 packets */
      0,    0,    3,    7,                               /* reference 3 * 64 ms, the 7th feedback */
      0,    3,                                           /* three have not arrived */
      0xa0, 0,                                           /* one bit each: 1, then 13 times 0 */
      0xd8, 0,                                           /* two bits each: 1, 2, then five times 0 */
      0x20, 1,                                           /* a run of one: small */
      8,    4,    0xff, 0xfc, 0xfa, 0, 0, 0,             /* 2 ms, 1 ms, -1 ms, 62.5 ms; padding */
  };
  struct transport_cc_report report;
  struct rtcp_packet packet = packet_of(data, sizeof data);
  assert_int_equal(packet.ssrc, 1);
  assert_int_equal(packet.media_ssrc, 2);
  assert_true(transport_cc_read(&packet, &report));
  assert_int_equal(report.begin, 65534);
  assert_int_equal(report.count, 25);
  assert_int_equal(report.reference, 3);
  assert_int_equal(report.number, 7);
  for (int i = 0; i < 25; i++) {
    usec expected = i == 3 ? MS(2) : i == 17 ? MS(3) : i == 18 ? MS(2) : i == 24 ? 64500 : USEC_NEVER;
    assert_true(report.at[i] == expected);
  }
}

static size_t write(uint8_t *out, size_t room, const struct transport_cc_report *report) {
  struct writer w = writer_of(out, room);
  transport_cc_write(&w, 1, 2, report);
  assert_false(w.bad);
  return room - w.left;
}

static void a_report_is_written_as_the_draft_draws_it(void **state) {
  (void)state;
  static const uint8_t expected[] = {
      0x8f, 205,  0,    11, 0, 0, 0, 1, 0, 0, 0, 2, /* format 15, twelve words */
      0,    9,    0,    24, 0, 1, 2, 5,             /* from 9 on, 24; reference 0x102, the 5th */
      0x20, 21,   0xc8, 0,                          /* a run of 21 small ones; 0, 2, 0 */
      0,    1,    1,    1,  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* in 250 usec */
      4,    0xff, 0xfc, 0,                                                  /* 1 ms on, 1 ms back; padding */
  };
  struct transport_cc_report report = {.begin = 9, .count = 24, .reference = 0x102, .number = 5};
  for (int i = 0; i < 20; i++)
    report.at[i] = 250 * i;
  report.at[20] = 250 * 19 + MS(1);
  report.at[21] = report.at[23] = USEC_NEVER;
  report.at[22] = 250 * 19;
  uint8_t out[128];
  assert_int_equal(write(out, sizeof out, &report), sizeof expected);
  assert_memory_equal(out, expected, sizeof expected);
}

static void check_round_trip(const struct transport_cc_report *report) {
  uint8_t data[1200];
  struct transport_cc_report back;
  struct rtcp_packet packet = packet_of(data, write(data, sizeof data, report));
  assert_true(transport_cc_read(&packet, &back));
  assert_int_equal(back.begin, report->begin);
  assert_int_equal(back.count, report->count);
  assert_int_equal(back.reference, report->reference);
  for (int i = 0; i < report->count; i++)
    assert_true(back.at[i] == report->at[i]);
}

static void what_was_written_reads_back(void **state) {
  (void)state;
  uint64_t random = 5;
  for (int round = 0; round < 2000; round++) {
    struct transport_cc_report report = {.begin = (uint16_t)unit_random(&random),
                                         .count = 1 + (int)(unit_random(&random) % TRANSPORT_CC_MAX),
                                         .reference = unit_random(&random) & 0xffffff};
    int lost = (int)(unit_random(&random) % 101), far = (int)(unit_random(&random) % 30);
    usec at = 0;
    for (int i = 0; i < report.count; i++) {
      int64_t step = (int)(unit_random(&random) % 100) < far ? (int64_t)(unit_random(&random) % 60000) - 30000
                                                             : (int64_t)(unit_random(&random) % 200);
      bool arrived = (int)(unit_random(&random) % 100) >= lost;
      at += arrived ? 250 * step : 0;
      report.at[i] = arrived ? at : USEC_NEVER;
    }
    check_round_trip(&report);
  }
}

static void what_no_delta_can_say_has_not_arrived(void **state) {
  (void)state;
  struct transport_cc_report report = {.count = 3, .at = {0, SEC(9), MS(20)}}, back;
  uint8_t data[64];
  struct rtcp_packet packet = packet_of(data, write(data, sizeof data, &report));
  assert_true(transport_cc_read(&packet, &back));
  assert_true(back.at[0] == 0 && back.at[1] == USEC_NEVER && back.at[2] == MS(20));
}

static void a_report_that_breaks_off_or_says_nothing_is_malformed(void **state) {
  (void)state;
  struct transport_cc_report report = {.count = 40}, back;
  uint8_t data[128];
  size_t size = write(data, sizeof data, &report);
  data[3]--; /* a word of deltas is missing */
  struct rtcp_packet packet = packet_of(data, size - 4);
  assert_false(transport_cc_read(&packet, &back));
  data[3]++;
  data[20] = 0; /* a run of none */
  data[21] = 0;
  packet = packet_of(data, size);
  assert_false(transport_cc_read(&packet, &back));
  data[20] = 0x60; /* a reserved status */
  data[21] = 40;
  packet = packet_of(data, size);
  assert_false(transport_cc_read(&packet, &back));
}

static void packets_beyond_the_bound_are_skipped(void **state) {
  (void)state;
  uint8_t data[1200];
  struct writer w = writer_of(data, sizeof data);
  rtcp_write_transport_cc_head(&w, 1, 2, 8 + 2 + 602);
  write_u16(&w, 0);
  write_u16(&w, 600);
  write_u32(&w, 0);
  write_u16(&w, 0x2000 | 600);
  for (int i = 0; i < 602; i++)
    write_u8(&w, 4);
  struct transport_cc_report report;
  struct rtcp_packet packet = packet_of(data, sizeof data - w.left);
  assert_true(transport_cc_read(&packet, &report));
  assert_int_equal(report.count, TRANSPORT_CC_MAX);
  assert_true(report.at[TRANSPORT_CC_MAX - 1] == MS(TRANSPORT_CC_MAX));
}

UNIT_TESTS(test(every_chunk_is_read_as_the_draft_draws_it), test(a_report_is_written_as_the_draft_draws_it),
           test(what_was_written_reads_back), test(what_no_delta_can_say_has_not_arrived),
           test(a_report_that_breaks_off_or_says_nothing_is_malformed), test(packets_beyond_the_bound_are_skipped))
