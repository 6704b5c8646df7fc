#include "media/rtp/rtcp.h"

#include "unit.h"

static const struct rtcp_sender_info sender = {
    .ntp = 0xb44db70520000000, .rtp_time = 0x01020304, .packets = 5, .octets = 600};
static const struct rtcp_block block = {.ssrc = 0x0a0b0c0d,
                                        .fraction_lost = 64,
                                        .lost = -2,
                                        .highest = 0x00010203,
                                        .jitter = 7,
                                        .lsr = 0xb7052000,
                                        .dlsr = 0x00054000};

static size_t compound(uint8_t *out, size_t size) {
  struct writer w = writer_of(out, size);
  const uint32_t ssrc[2] = {0x11111111, 0x22222222};
  rtcp_write_report(&w, ssrc[0], &sender, &block, 1);
  rtcp_write_report(&w, ssrc[1], NULL, NULL, 0);
  rtcp_write_cname(&w, ssrc, 2, "abcdefghijklmnop");
  rtcp_write_nack(&w, ssrc[0], 0x0a0b0c0d, (const int64_t[]){65534, 65535, 65550, 65551}, 4);
  rtcp_write_pli(&w, ssrc[0], 0x0a0b0c0d);
  rtcp_write_bye(&w, ssrc, 2);
  assert_false(w.bad);
  return size - w.left;
}

static void a_sender_report_is_written_as_rfc_3550_draws_it(void **state) {
  (void)state;
  static const uint8_t expected[] = {
      0x81, 200,  0,    12,   0x11, 0x11, 0x11, 0x11,                                        /* one block, SSRC */
      0xb4, 0x4d, 0xb7, 0x05, 0x20, 0,    0,    0,    1, 2, 3, 4, 0, 0, 0, 5, 0, 0, 2, 0x58, /* sender */
      0x0a, 0x0b, 0x0c, 0x0d, 64,   0xff, 0xff, 0xfe, 0, 1, 2, 3, 0, 0, 0, 7,                /* block */
      0xb7, 0x05, 0x20, 0,    0,    5,    0x40, 0,
  };
  uint8_t out[64];
  struct writer w = writer_of(out, sizeof out);
  rtcp_write_report(&w, 0x11111111, &sender, &block, 1);
  assert_int_equal(sizeof out - w.left, sizeof expected);
  assert_memory_equal(out, expected, sizeof expected);
}

static void assert_same_sender(const struct rtcp_sender_info *a, const struct rtcp_sender_info *b) {
  assert_true(a->ntp == b->ntp);
  assert_int_equal(a->rtp_time, b->rtp_time);
  assert_int_equal(a->packets, b->packets);
  assert_int_equal(a->octets, b->octets);
}

static void assert_same_block(const struct rtcp_block *a, const struct rtcp_block *b) {
  assert_int_equal(a->ssrc, b->ssrc);
  assert_int_equal(a->fraction_lost, b->fraction_lost);
  assert_int_equal(a->lost, b->lost);
  assert_int_equal(a->highest, b->highest);
  assert_int_equal(a->jitter, b->jitter);
  assert_int_equal(a->lsr, b->lsr);
  assert_int_equal(a->dlsr, b->dlsr);
}

static void every_packet_of_a_compound_reads_back(void **state) {
  (void)state;
  uint8_t data[512];
  size_t size = compound(data, sizeof data);
  assert_int_equal(size % 4, 0);
  assert_true(rtcp_valid(data, size));
  struct reader r = reader_of(data, size);
  struct rtcp_packet p;
  struct rtcp_block b;
  uint16_t pid, mask;
  assert_true(rtcp_next(&r, &p));
  assert_int_equal(p.type, RTCP_SR);
  assert_int_equal(p.ssrc, 0x11111111);
  assert_same_sender(&p.sender, &sender);
  assert_true(rtcp_read_block(&p, &b));
  assert_same_block(&b, &block);
  assert_false(rtcp_read_block(&p, &b));
  assert_true(rtcp_next(&r, &p));
  assert_int_equal(p.type, RTCP_RR);
  assert_int_equal(p.ssrc, 0x22222222);
  assert_false(rtcp_read_block(&p, &b));
  assert_false(rtcp_read_nack(&p, &pid, &mask));
  assert_true(rtcp_next(&r, &p));
  assert_int_equal(p.type, RTCP_OTHER); /* SDES */
  assert_true(rtcp_next(&r, &p));
  assert_int_equal(p.type, RTCP_RTPFB);
  assert_int_equal(p.media_ssrc, 0x0a0b0c0d);
  assert_true(rtcp_read_nack(&p, &pid, &mask));
  assert_int_equal(pid, 65534);
  assert_int_equal(mask, 1 << 0 | 1 << 15); /* +1 and +16, over the wrap */
  assert_true(rtcp_read_nack(&p, &pid, &mask));
  assert_int_equal(pid, 15); /* +17 needs the next one */
  assert_int_equal(mask, 0);
  assert_false(rtcp_read_nack(&p, &pid, &mask));
  assert_true(rtcp_next(&r, &p));
  assert_int_equal(p.type, RTCP_PSFB);
  assert_true(rtcp_next(&r, &p));
  assert_int_equal(p.type, RTCP_BYE);
  assert_int_equal(p.ssrc, 0x11111111);
  assert_false(rtcp_next(&r, &p));
}

static void walk(const uint8_t *data, size_t size) { /* all that is in a valid datagram, within its bounds */
  struct reader r = reader_of(data, size);
  struct rtcp_packet p;
  struct rtcp_block b;
  uint16_t pid, mask;
  while (rtcp_next(&r, &p)) {
    assert_false(p.body.bad);
    int blocks = p.blocks;
    while (rtcp_read_block(&p, &b))
      blocks--;
    assert_int_equal(blocks, 0); /* none is cut short */
    while (rtcp_read_nack(&p, &pid, &mask))
      ;
  }
  assert_int_equal(r.left, 0);
}

static bool check(const uint8_t *data, size_t size) {
  uint8_t *exact; /* its own block, so that a read past the end is seen */
  need((exact = malloc(size ? size : 1)) != NULL);
  memcpy(exact, data, size);
  bool valid = rtcp_valid(exact, size);
  if (valid)
    walk(exact, size);
  free(exact);
  return valid;
}

static void a_truncation_is_valid_only_between_two_packets(void **state) {
  (void)state;
  uint8_t data[512];
  size_t size = compound(data, sizeof data);
  int valid = 0;
  for (size_t cut = 0; cut <= size; cut++)
    valid += check(data, cut);
  assert_int_equal(valid, 6);
}

static void every_bit_flip_is_refused_or_read_in_bounds(void **state) {
  (void)state;
  uint8_t data[512];
  size_t size = compound(data, sizeof data);
  for (size_t bit = 0; bit < size * 8; bit++) {
    data[bit / 8] ^= (uint8_t)(1u << bit % 8);
    check(data, size);
    data[bit / 8] ^= (uint8_t)(1u << bit % 8);
  }
  data[0] ^= 0xc0;
  assert_false(check(data, size)); /* another version */
}

static void more_blocks_than_there_is_room_for_are_refused(void **state) {
  (void)state;
  const uint8_t report[8] = {0x81, 201, 0, 1, 1, 1, 1, 1}, bye[4] = {0x81, 203, 0, 0};
  const uint8_t nack[12] = {0x81, 205, 0, 2}, pli[8] = {0x81, 206, 0, 1};
  assert_false(check(report, sizeof report));
  assert_false(check(bye, sizeof bye));
  assert_false(check(nack, sizeof nack)); /* asks for nothing */
  assert_false(check(pli, sizeof pli));
}

static void padding_is_taken_on_the_last_packet_only(void **state) {
  (void)state;
  uint8_t data[16] = {0xa0, 201, 0, 2, 1, 1, 1, 1, 0, 0, 0, 4};
  assert_true(check(data, 12));
  data[11] = 3;
  assert_false(check(data, 12));
  data[11] = 12;
  assert_false(check(data, 12));
  data[11] = 0;
  assert_false(check(data, 12));
  data[11] = 4;
  memcpy(data + 12, (const uint8_t[]){0x80, 203, 0, 0}, 4);
  assert_false(check(data, 16));
}

/* Two reports of a browser's in one datagram, one byte to fill in each. */
static void transport_wide_feedback_may_be_filled_up_to_a_word_anywhere(void **state) {
  (void)state;
  uint8_t data[48] = {0xaf, 205, 0, 5, 1, 1, 1, 1, 2, 2, 2, 2, 0, 7, 0, 1, 0, 0, 1, 0, 0x20, 1, 9, 1};
  memcpy(data + 24, data, 24);
  assert_true(check(data, sizeof data));
  struct reader r = reader_of(data, sizeof data);
  struct rtcp_packet p;
  for (int i = 0; i < 2; i++) {
    assert_true(rtcp_next(&r, &p));
    assert_int_equal(p.type, RTCP_TRANSPORT_CC);
    assert_int_equal(p.body.left, 11); /* without what fills it */
  }
  data[23] = 21; /* more than there is */
  assert_false(check(data, sizeof data));
  data[23] = 0;
  assert_false(check(data, sizeof data));
}

static void unknown_types_and_formats_are_skipped(void **state) {
  (void)state;
  static const uint8_t data[] = {
      0x80, 207, 0, 1, 1, 1, 1, 1,                         /* XR */
      0x83, 206, 0, 3, 1, 1, 1, 1, 2, 2, 2, 2, 0, 0, 0, 0, /* reference picture selection */
      0x80, 204, 0, 0,                                     /* APP */
      0x81, 206, 0, 2, 1, 1, 1, 1, 2, 2, 2, 2,             /* PLI */
  };
  assert_true(check(data, sizeof data));
  struct reader r = reader_of(data, sizeof data);
  struct rtcp_packet p;
  for (int i = 0; i < 3; i++) {
    assert_true(rtcp_next(&r, &p));
    assert_int_equal(p.type, RTCP_OTHER);
  }
  assert_true(rtcp_next(&r, &p));
  assert_int_equal(p.type, RTCP_PSFB);
  assert_int_equal(p.media_ssrc, 0x02020202);
}

static void the_cname_item_ends_on_a_word_for_every_length(void **state) {
  (void)state;
  const uint32_t ssrc = 1;
  char cname[32] = "";
  for (size_t length = 0; length < 20; length++) {
    uint8_t out[64];
    struct writer w = writer_of(out, sizeof out);
    rtcp_write_cname(&w, &ssrc, 1, cname);
    size_t size = sizeof out - w.left;
    assert_true(rtcp_valid(out, size));
    assert_int_equal(out[8], 1);
    assert_int_equal(out[9], length);
    assert_int_equal(out[size - 1], 0); /* at least one zero ends the list */
    cname[length] = 'x';
  }
}

static struct rtcp_packet packet_of(const uint8_t *data, size_t size) {
  struct reader r = reader_of(data, size);
  struct rtcp_packet packet;
  assert_true(rtcp_valid(data, size));
  assert_true(rtcp_next(&r, &packet));
  return packet;
}

static void a_fir_names_the_sources_it_asks_of(void **state) {
  (void)state;
  static const uint8_t data[] = {
      0x84, 206, 0, 6, 0, 0, 0, 1, 0, 0, 0, 0, /* format 4; its sender; nobody */
      0,    0,   0, 7, 9, 0, 0, 0,             /* source 7, the 9th request */
      0,    0,   0, 8, 1, 0, 0, 0,             /* source 8 */
  };
  struct rtcp_packet packet = packet_of(data, sizeof data);
  uint32_t ssrc;
  assert_int_equal(packet.type, RTCP_FIR);
  assert_int_equal(packet.ssrc, 1);
  assert_true(rtcp_read_fir(&packet, &ssrc) && ssrc == 7);
  assert_true(rtcp_read_fir(&packet, &ssrc) && ssrc == 8);
  assert_false(rtcp_read_fir(&packet, &ssrc));
}

static void a_remb_allows_a_bit_rate(void **state) {
  (void)state;
  uint8_t data[] = {
      0x8f, 206, 0,   5,   0, 0,    0,    1,    0, 0, 0, 0, /* format 15; its sender; nobody */
      'R',  'E', 'M', 'B', 1, 0x0b, 0xff, 0x00,             /* of one source, 2^2 times 0x3ff00 */
      0,    0,   0,   7,
  };
  bps bitrate;
  struct rtcp_packet packet = packet_of(data, sizeof data);
  assert_int_equal(packet.type, RTCP_REMB);
  assert_true(rtcp_read_remb(&packet, &bitrate));
  assert_int_equal(bitrate, 0x3ff00 << 2);
  data[17] = 0xff; /* as much as can be said */
  packet = packet_of(data, sizeof data);
  assert_true(rtcp_read_remb(&packet, &bitrate) && bitrate == INT64_MAX);
  data[12] = 'S'; /* another application's */
  packet = packet_of(data, sizeof data);
  assert_false(rtcp_read_remb(&packet, &bitrate));
}

UNIT_TESTS(test(a_fir_names_the_sources_it_asks_of), test(a_remb_allows_a_bit_rate),
           test(a_sender_report_is_written_as_rfc_3550_draws_it), test(every_packet_of_a_compound_reads_back),
           test(a_truncation_is_valid_only_between_two_packets), test(every_bit_flip_is_refused_or_read_in_bounds),
           test(more_blocks_than_there_is_room_for_are_refused), test(padding_is_taken_on_the_last_packet_only),
           test(transport_wide_feedback_may_be_filled_up_to_a_word_anywhere),
           test(unknown_types_and_formats_are_skipped), test(the_cname_item_ends_on_a_word_for_every_length))
