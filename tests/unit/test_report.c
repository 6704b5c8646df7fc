#include "media/rtp/report.h"

#include "unit.h"

/* The worked example of RFC 3550 section 6.4.1, figure 2. */
static void the_round_trip_of_rfc_3550s_example_is_6_125_seconds(void **state) {
  (void)state;
  const struct rtcp_block block = {.lsr = 0xb7052000, .dlsr = 0x00054000};
  assert_int_equal(report_round_trip(0x0000b71080000000, &block), 6125000);
}

static void an_implausible_round_trip_is_no_round_trip(void **state) {
  (void)state;
  assert_int_equal(report_round_trip(0x0000b71080000000, &(struct rtcp_block){.lsr = 0}), -1);
  assert_int_equal(report_round_trip(0x0000b71080000000, &(struct rtcp_block){.lsr = 0xb7052000, .dlsr = 0}), -1);
  assert_int_equal(report_round_trip(0x0000b71080000000, &(struct rtcp_block){.lsr = 0xb7108000, .dlsr = 65536}),
                   -1);
  assert_int_equal(report_round_trip(0x0000b71080000000, &(struct rtcp_block){.lsr = 0xb7108000, .dlsr = 1}), 1);
}

static void ntp_time_is_seconds_since_1900(void **state) {
  (void)state;
  assert_true(report_ntp(0) == (uint64_t)2208988800 << 32); /* RFC 5905: the Unix epoch in NTP's era 0 */
  assert_true(report_ntp(SEC(1) + 500000) == ((uint64_t)2208988801 << 32 | 0x80000000));
}

static void loss_is_what_was_expected_and_did_not_come(void **state) {
  (void)state;
  struct report_receiver report;
  struct rtcp_block block;
  report_receiver_init(&report, 90000);
  assert_false(report_receiver_block(&report, 0, &block));
  for (int64_t i = 0; i < 100; i++)
    if (i % 4 != 1)
      report_receiver_input(&report, MS(i * 20), 0x10000 + 500 + i, i * 1800);
  assert_true(report_receiver_block(&report, SEC(2), &block));
  assert_int_equal(block.fraction_lost, 64);
  assert_int_equal(block.lost, 25);
  assert_int_equal(block.highest, 599);
  assert_int_equal(block.lsr | block.dlsr, 0);
  assert_false(report_receiver_block(&report, SEC(3), &block)); /* nothing new */
  report_receiver_input(&report, SEC(4), 0x10000 + 501, 1800);  /* one came late after all */
  assert_true(report_receiver_block(&report, SEC(4), &block));
  assert_int_equal(block.fraction_lost, 0);
  assert_int_equal(block.lost, 24);
}

static void the_extended_sequence_number_counts_cycles_from_zero(void **state) {
  (void)state;
  struct report_receiver report;
  struct rtcp_block block;
  report_receiver_init(&report, 48000);
  report_receiver_input(&report, 0, 0x10000 + 0xffff, 0);
  report_receiver_input(&report, MS(20), 0x20000, 960);
  assert_true(report_receiver_block(&report, MS(40), &block));
  assert_int_equal(block.highest, 0x10000);
  assert_int_equal(block.lost, 0);
}

static void a_restart_keeps_the_loss_and_begins_anew(void **state) {
  (void)state;
  struct report_receiver report;
  report_receiver_init(&report, 48000);
  report_receiver_input(&report, 0, 100, 0);
  report_receiver_input(&report, 0, 103, 960);
  report_receiver_restart(&report);
  assert_int_equal(report_receiver_lost(&report), 2);
  report_receiver_input(&report, 0, 70000, 5);
  report_receiver_input(&report, 0, 70002, 6);
  assert_int_equal(report_receiver_lost(&report), 3);
}

/* RFC 3550 section 6.4.1: J(i) = J(i-1) + (|D(i-1,i)| - J(i-1)) / 16, here in floating point. */
static void jitter_follows_the_rfcs_formula(void **state) {
  (void)state;
  struct report_receiver report;
  struct rtcp_block block;
  uint64_t random = 42;
  double jitter = 0, last = 0;
  report_receiver_init(&report, 48000);
  for (int64_t i = 0; i < 500; i++) {
    usec arrival = MS(20) * i + MS(unit_random(&random) % 15);
    double transit = (double)(arrival * 48 / 1000 - i * 960);
    if (i > 0)
      jitter += ((transit > last ? transit - last : last - transit) - jitter) / 16;
    last = transit;
    report_receiver_input(&report, arrival, 70000 + i, i * 960);
  }
  assert_true(report_receiver_block(&report, SEC(10), &block));
  assert_in_range(block.jitter, (uintmax_t)jitter - 1, (uintmax_t)jitter + 1);
  assert_in_range(report_receiver_jitter(&report), (uintmax_t)(jitter * 1000 / 48) - 25,
                  (uintmax_t)(jitter * 1000 / 48) + 25);
}

static void packets_of_one_frame_and_late_ones_add_no_jitter(void **state) {
  (void)state;
  struct report_receiver report;
  report_receiver_init(&report, 90000);
  report_receiver_input(&report, 0, 70000, 0);
  report_receiver_input(&report, MS(30), 70003, 2700);
  report_receiver_input(&report, MS(45), 70004, 2700); /* the frame's second packet, paced */
  report_receiver_input(&report, MS(500), 70001, 900); /* retransmitted */
  report_receiver_input(&report, MS(60), 70005, 5400);
  assert_int_equal(report_receiver_jitter(&report), 0);
}

static void a_lie_about_time_stays_within_numbers(void **state) {
  (void)state;
  struct report_receiver report;
  struct rtcp_block block;
  report_receiver_init(&report, 90000);
  for (int64_t i = 0; i < 1000; i++)
    report_receiver_input(&report, i, 70000 + i, i % 2 ? INT32_MAX : 0);
  assert_true(report_receiver_block(&report, SEC(1), &block));
  assert_true(report_receiver_jitter(&report) >= 0);
}

static void a_block_tells_when_the_last_sender_report_came(void **state) {
  (void)state;
  struct report_receiver report;
  struct rtcp_block block;
  report_receiver_init(&report, 48000);
  report_receiver_input(&report, 0, 70000, 0);
  report_receiver_input_sr(&report, SEC(1), 0xb44db70520000000);
  assert_true(report_receiver_block(&report, SEC(1) + 5250000, &block));
  assert_int_equal(block.lsr, 0xb7052000);
  assert_int_equal(block.dlsr, 0x00054000); /* 5.250 s, as in the RFC's example */
}

static void a_sender_report_extrapolates_the_rtp_time_to_now(void **state) {
  (void)state;
  struct report_sender report;
  report_sender_init(&report, 90000);
  report_sender_frame(&report, SEC(10), 0xfffffff0);
  report_sender_sent(&report, SEC(10) + 5, 1000);
  report_sender_sent(&report, SEC(10) + 6, 234);
  struct rtcp_sender_info info = report_sender_info(&report, SEC(10) + MS(100), SEC(1000000000));
  assert_int_equal(info.packets, 2);
  assert_int_equal(info.octets, 1234);
  assert_int_equal(info.rtp_time, 0xfffffff0 + 9000u);
  assert_true(info.ntp == report_ntp(SEC(1000000010) + MS(100)));
}

UNIT_TESTS(test(the_round_trip_of_rfc_3550s_example_is_6_125_seconds),
           test(an_implausible_round_trip_is_no_round_trip), test(ntp_time_is_seconds_since_1900),
           test(loss_is_what_was_expected_and_did_not_come),
           test(the_extended_sequence_number_counts_cycles_from_zero),
           test(a_restart_keeps_the_loss_and_begins_anew), test(jitter_follows_the_rfcs_formula),
           test(packets_of_one_frame_and_late_ones_add_no_jitter), test(a_lie_about_time_stays_within_numbers),
           test(a_block_tells_when_the_last_sender_report_came),
           test(a_sender_report_extrapolates_the_rtp_time_to_now))
