#include "media/recovery/fec.h"

#include "unit.h"

enum { SSRC = 0xcafe, FIRST = 65530, BODY = 40 };

static uint8_t plain[FEC_GROUP][SESSION_PACKET_MAX], parity[FEC_PARITIES_MAX][SESSION_PACKET_MAX];
static size_t plain_size[FEC_GROUP], parity_size[FEC_PARITIES_MAX];
static struct fec_decoder decoder;
static int came_back;

/* A group of packets of all lengths, numbered from FIRST on, over the wrap of 16 bits, and its parity. */
static void make_group(int sources, int parities) {
  struct fec_source source[FEC_GROUP];
  for (int i = 0; i < sources; i++) {
    source[i].header = (struct rtp_header){.marker = i == sources - 1,
                                           .payload_type = 96,
                                           .seq = (uint16_t)(FIRST + i),
                                           .timestamp = 0x01020304u * (unsigned)(i + 1),
                                           .ssrc = SSRC};
    size_t size = (size_t)(BODY + 7 * i % 11);
    struct writer w = writer_of(plain[i], sizeof plain[i]);
    rtp_write(&w, &source[i].header);
    for (size_t b = 0; b < size; b++)
      write_u8(&w, (unsigned)(b * 31 + (size_t)i * 77) & 0xff);
    plain_size[i] = RTP_HEADER_SIZE + size;
    source[i].payload = plain[i] + RTP_HEADER_SIZE;
    source[i].size = size;
    source[i].extension_size = 0;
  }
  for (int i = 0; i < parities; i++)
    parity_size[i] = fec_write(source, sources, i, parities, parity[i], sizeof parity[i]);
}

static void input(int i) {
  fec_decoder_input(&decoder, FIRST + i, plain[i], plain_size[i]);
}

static bool input_parity(int sources, int i) {
  return fec_decoder_parity(&decoder, FIRST + sources + i, reader_of(parity[i], parity_size[i]));
}

static void take_back(unsigned *lost) {
  uint8_t packet[SESSION_PACKET_MAX];
  int64_t seq;
  for (size_t size; (size = fec_decoder_poll(&decoder, &seq, packet)) != 0; came_back++) {
    int i = (int)(seq - FIRST);
    assert_in_range(i, 0, FEC_GROUP - 1);
    assert_true(*lost >> i & 1); /* once, and nothing that came */
    *lost &= ~(1u << i);
    assert_int_equal(size, plain_size[i]);
    assert_memory_equal(packet, plain[i], size);
  }
}

/* What is lost for good of a group whose packets and parity packets in the masks do not come. */
static unsigned survive(int sources, int parities, unsigned lost, unsigned lost_parity) {
  fec_decoder_init(&decoder, SSRC);
  decoder.parity = FIRST - 1; /* there was parity before */
  make_group(sources, parities);
  for (int i = 0; i < sources; i++)
    if (!(lost >> i & 1))
      input(i);
  for (int i = 0; i < parities; i++)
    if (!(lost_parity >> i & 1))
      assert_true(input_parity(sources, i));
  take_back(&lost);
  return lost;
}

/* RFC 5109 section 7.3 and 7.4: the two bodies are summed, and so are lengths, timestamps and types. */
static void a_parity_packet_is_as_the_rfc_draws_it(void **state) {
  (void)state;
  static const uint8_t expected[] = {0, 0x80, 0x12, 0x34, 0, 0, 0, 0x30, 0, 2 ^ 3, 0, 3, 0xc0, 0, 0x0a, 0xb, 0xc};
  const struct fec_source source[] = {
      {.header = {.payload_type = 96, .seq = 0x1234, .timestamp = 0x10, .ssrc = SSRC},
       .payload = (const uint8_t *)"\x0b\x0b",
       .size = 2},
      {.header = {.marker = true, .payload_type = 96, .seq = 0x1235, .timestamp = 0x20, .ssrc = SSRC},
       .payload = (const uint8_t *)"\x01\x00\x0c",
       .size = 3}};
  uint8_t out[64];
  assert_int_equal(fec_write(source, 2, 0, 1, out, sizeof out), sizeof expected);
  assert_memory_equal(out, expected, sizeof expected);
  assert_int_equal(fec_write(source, 2, 0, 1, out, sizeof expected - 1), 0);
}

static void an_extension_is_covered_with_the_payload(void **state) {
  (void)state;
  static const uint8_t expected[] = {0x10, 96, 0x12, 0x34, 0, 0, 0, 0x10, 0,   6,
                                     0,    6,  0x80, 0,    1, 2, 3, 4,    0xb, 0xc};
  const struct fec_source source = {.header = {.payload_type = 96, .seq = 0x1234, .timestamp = 0x10, .ssrc = SSRC},
                                    .payload = (const uint8_t *)"\x0b\x0c",
                                    .size = 2,
                                    .extension = (const uint8_t *)"\1\2\3\4",
                                    .extension_size = 4};
  uint8_t out[64];
  assert_int_equal(fec_write(&source, 1, 0, 1, out, sizeof out), sizeof expected);
  assert_memory_equal(out, expected, sizeof expected);
}

static void any_burst_no_longer_than_the_parity_comes_back(void **state) {
  (void)state;
  for (int sources = 1; sources <= FEC_GROUP; sources++)
    for (int parities = 1; parities <= FEC_PARITIES_MAX && parities <= sources; parities++)
      for (int at = 0; at + parities <= sources; at++)
        assert_int_equal(survive(sources, parities, ((1u << parities) - 1) << at, 0), 0);
  assert_true(came_back > 1000);
}

static void any_two_of_a_period_come_back(void **state) {
  (void)state;
  for (int parities = 2; parities <= 4; parities++) {
    int period = (1 << parities) - 1, sources = period < FEC_GROUP ? period : FEC_GROUP;
    for (int a = 0; a < sources; a++)
      for (int b = 0; b < a; b++)
        assert_int_equal(survive(sources, parities, 1u << a | 1u << b, 0), 0);
  }
}

static void what_cannot_come_back_stays_lost_and_the_rest_is_right(void **state) {
  (void)state;
  assert_int_equal(survive(8, 1, 3, 0), 3);       /* two of one sum */
  assert_int_equal(survive(8, 1, 0x10, 1), 0x10); /* its parity is lost, too */
  assert_int_equal(survive(8, 3, 0xff, 0), 0xff);
  int before = came_back;
  for (unsigned lost = 1; lost < 256; lost++)
    for (unsigned lost_parity = 0; lost_parity < 8; lost_parity++)
      assert_int_equal(survive(8, 3, lost, lost_parity) & ~lost, 0);
  assert_true(came_back > before + 500);
}

static void a_packet_that_comes_late_brings_another_back(void **state) {
  (void)state;
  unsigned lost = survive(8, 1, 0x21, 0);
  assert_int_equal(lost, 0x21);
  input(5);
  lost &= ~(1u << 5);
  take_back(&lost);
  assert_int_equal(lost, 0);
}

static void parity_may_come_before_what_it_covers(void **state) {
  (void)state;
  fec_decoder_init(&decoder, SSRC);
  make_group(4, 2);
  assert_true(input_parity(4, 1)); /* powers 2 and 3: packets 1 and 2 */
  assert_true(input_parity(4, 0));
  input(0);
  input(1);
  unsigned lost = 1u << 2 | 1u << 3;
  take_back(&lost);
  assert_int_equal(lost, 0);
}

static void without_parity_nothing_is_kept(void **state) {
  (void)state;
  fec_decoder_init(&decoder, SSRC);
  make_group(4, 1);
  input(0);
  assert_int_equal(decoder.kept[FIRST % FEC_WINDOW], -1);
  assert_true(input_parity(4, 0));
  input(1);
  assert_int_equal(decoder.kept[(FIRST + 1) % FEC_WINDOW], FIRST + 1);
  fec_decoder_input(&decoder, FIRST + 4 + FEC_IDLE + 1, plain[2], plain_size[2]);
  assert_int_equal(decoder.kept[(FIRST + 4 + FEC_IDLE + 1) % FEC_WINDOW], -1);
}

static void what_is_older_than_the_window_is_forgotten(void **state) {
  (void)state;
  unsigned lost = survive(8, 1, 0x21, 0);
  fec_decoder_input(&decoder, FIRST + FEC_WINDOW, plain[7], plain_size[7]);
  input(5);
  take_back(&lost);
  assert_int_equal(lost, 0x21);
  assert_true(input_parity(8, 0)); /* of no use, but no fault */
  take_back(&lost);
  assert_int_equal(lost, 0x21);
}

/* Extension, contributing sources and padding are in the flags and in the body: browsers send the first. */
static void what_follows_the_fixed_header_comes_back_with_it(void **state) {
  (void)state;
  make_group(2, 1);
  static const uint8_t extended[] = {0x90, 96,   0xff, 0xfa, 0, 0, 0, 9, 0, 0, 0xca,
                                     0xfe, 0xbe, 0xde, 0,    1, 1, 2, 3, 4, 5};
  uint8_t out[SESSION_PACKET_MAX], sum[FEC_HEAD + 6 + 64] = {0};
  struct writer w = writer_of(sum, sizeof sum);
  size_t body = plain_size[1] - RTP_HEADER_SIZE;
  write_u8(&w, 0x10);
  write_u8(&w, 96 ^ plain[1][1]);
  write_u16(&w, FIRST & 0xffff);
  for (int i = 4; i < 8; i++)
    write_u8(&w, (unsigned)extended[i] ^ plain[1][i]);
  write_u16(&w, (unsigned)((sizeof extended - RTP_HEADER_SIZE) ^ body));
  write_u16(&w, (unsigned)body);
  write_u16(&w, 0xc000);
  for (size_t i = 0; i < body; i++)
    write_u8(&w, (i < sizeof extended - RTP_HEADER_SIZE ? (unsigned)extended[RTP_HEADER_SIZE + i] : 0u) ^
                     plain[1][RTP_HEADER_SIZE + i]);
  int64_t seq;
  fec_decoder_init(&decoder, SSRC);
  assert_true(fec_decoder_parity(&decoder, FIRST + 2, reader_of(sum, sizeof sum - w.left)));
  input(1);
  assert_int_equal(fec_decoder_poll(&decoder, &seq, out), sizeof extended);
  assert_int_equal(seq, FIRST);
  assert_memory_equal(out, extended, sizeof extended);
}

/* A browser's parity: of more packets than ours, by masks of its own, and with its header extension in each. */
enum { THEIRS = 28, THEIR_PARITIES = 8 };

static void write_theirs(int i, struct fec_block *block, uint8_t out[SESSION_PACKET_MAX]) {
  struct writer w = writer_of(out, SESSION_PACKET_MAX);
  size_t size = (size_t)(60 + 5 * i % 17);
  rtp_write(&w, &(struct rtp_header){.marker = i == THEIRS - 1,
                                     .payload_type = 96,
                                     .seq = (uint16_t)(FIRST + i),
                                     .timestamp = 90 + (uint32_t)(i / 10) * 3000,
                                     .ssrc = SSRC});
  out[0] |= 0x10;
  write_bytes(&w, (const uint8_t[]){0xbe, 0xde, 0, 1, 0x31, 0, 0, 0}, 8);
  for (size_t b = 8; b < size; b++)
    write_u8(&w, (unsigned)(b * 13 + (size_t)i * 29) & 0xff);
  *block = (struct fec_block){.size = FEC_HEAD + size, .data = {0x10, out[1], 0, (uint8_t)size}};
  memcpy(block->data + 4, out + 4, 4);
  memcpy(block->data + FEC_HEAD, out + RTP_HEADER_SIZE, size);
}

static bool is_in(int i, int row) { /* the sender's choice: each packet in two rows, no two in the same */
  const int first = i % THEIR_PARITIES, second = (first + 1 + i / THEIR_PARITIES) % THEIR_PARITIES;
  return row == first || row == second;
}

static size_t write_their_parity(int row, uint8_t *out, size_t room) {
  struct fec_block sum = {.size = FEC_HEAD}, block;
  uint8_t packet[SESSION_PACKET_MAX];
  uint64_t mask = 0;
  for (int i = 0; i < THEIRS; i++) {
    if (!is_in(i, row))
      continue;
    write_theirs(i, &block, packet);
    sum.size = block.size > sum.size ? block.size : sum.size;
    for (size_t b = 0; b < block.size; b++)
      sum.data[b] ^= block.data[b];
    mask |= (uint64_t)1 << (47 - i);
  }
  struct writer w = writer_of(out, room);
  write_u8(&w, 0x40u | sum.data[0]);
  write_u8(&w, sum.data[1]);
  write_u16(&w, FIRST);
  write_bytes(&w, sum.data + 4, 4);
  write_bytes(&w, sum.data + 2, 2);
  write_u16(&w, (unsigned)(sum.size - FEC_HEAD));
  write_uint(&w, mask, 6);
  write_bytes(&w, sum.data + FEC_HEAD, sum.size - FEC_HEAD);
  return room - w.left;
}

static void parity_by_masks_of_another_sender_is_solved(void **state) {
  (void)state;
  uint8_t row[THEIR_PARITIES][SESSION_PACKET_MAX], packet[SESSION_PACKET_MAX], expected[SESSION_PACKET_MAX];
  size_t row_size[THEIR_PARITIES];
  struct fec_block block;
  for (int i = 0; i < THEIR_PARITIES; i++)
    row_size[i] = write_their_parity(i, row[i], sizeof row[i]);
  for (int a = 0; a < THEIRS; a++)
    for (int b = a; b < THEIRS; b++) {
      unsigned came = 0;
      int64_t seq;
      fec_decoder_init(&decoder, SSRC);
      decoder.parity = FIRST - 1; /* there was parity before */
      for (int i = 0; i < THEIRS; i++)
        if (write_theirs(i, &block, packet), i != a && i != b)
          fec_decoder_input(&decoder, FIRST + i, packet, RTP_HEADER_SIZE + block.size - FEC_HEAD);
      for (int i = 0; i < THEIR_PARITIES; i++)
        assert_true(fec_decoder_parity(&decoder, FIRST + THEIRS + i, reader_of(row[i], row_size[i])));
      for (size_t size; (size = fec_decoder_poll(&decoder, &seq, packet)) != 0; came++) {
        write_theirs((int)(seq - FIRST), &block, expected);
        assert_int_equal(size, RTP_HEADER_SIZE + block.size - FEC_HEAD);
        assert_memory_equal(packet, expected, size);
      }
      assert_int_equal(came, 1 + (a != b)); /* any two */
    }
}

static void a_long_mask_is_read(void **state) {
  (void)state;
  uint8_t sum[64], out[SESSION_PACKET_MAX];
  struct writer w = writer_of(sum, sizeof sum);
  int64_t seq;
  write_u8(&w, 0x40);
  write_u8(&w, 96);
  write_u16(&w, 100);
  write_u32(&w, 7);
  write_u16(&w, 3);
  write_u16(&w, 3);
  write_uint(&w, (uint64_t)1 << 2, 6); /* the packet 45 after the base */
  write_bytes(&w, "abc", 3);
  fec_decoder_init(&decoder, SSRC);
  assert_true(fec_decoder_parity(&decoder, 65536 + 148, reader_of(sum, sizeof sum - w.left)));
  assert_int_equal(fec_decoder_poll(&decoder, &seq, out), RTP_HEADER_SIZE + 3);
  assert_int_equal(seq, 65536 + 145);
  assert_memory_equal(out + RTP_HEADER_SIZE, "abc", 3);
}

static void what_does_not_read_as_parity_is_refused(void **state) {
  (void)state;
  make_group(4, 1);
  fec_decoder_init(&decoder, SSRC);
  for (size_t size = 0; size < parity_size[0]; size++)
    assert_false(fec_decoder_parity(&decoder, FIRST + 4, reader_of(parity[0], size)));
  assert_false(fec_decoder_parity(&decoder, FIRST + 3, reader_of(parity[0], parity_size[0]))); /* covers itself */
  assert_false(fec_decoder_parity(&decoder, FIRST, reader_of(parity[0], parity_size[0])));
  parity[0][12] = parity[0][13] = 0; /* covers nothing */
  assert_false(input_parity(4, 0));
  assert_int_equal(decoder.parity, -1);
}

static void a_length_beyond_what_is_covered_brings_nothing_back(void **state) {
  (void)state;
  unsigned lost = 1;
  make_group(4, 1);
  parity[0][8] = 1; /* 256 bytes more */
  fec_decoder_init(&decoder, SSRC);
  assert_true(input_parity(4, 0));
  for (int i = 1; i < 4; i++)
    input(i);
  take_back(&lost);
  assert_int_equal(lost, 1);
}

UNIT_TESTS(test(a_parity_packet_is_as_the_rfc_draws_it), test(an_extension_is_covered_with_the_payload),
           test(any_burst_no_longer_than_the_parity_comes_back), test(any_two_of_a_period_come_back),
           test(what_cannot_come_back_stays_lost_and_the_rest_is_right),
           test(a_packet_that_comes_late_brings_another_back), test(parity_may_come_before_what_it_covers),
           test(without_parity_nothing_is_kept), test(what_is_older_than_the_window_is_forgotten),
           test(what_follows_the_fixed_header_comes_back_with_it),
           test(parity_by_masks_of_another_sender_is_solved), test(a_long_mask_is_read),
           test(what_does_not_read_as_parity_is_refused), test(a_length_beyond_what_is_covered_brings_nothing_back))
