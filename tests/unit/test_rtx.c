#include "media/recovery/rtx.h"

#include "media/session.h"
#include "unit.h"

static const struct rtp_header original = {
    .marker = true, .payload_type = 96, .seq = 0x1234, .timestamp = 0xdeadbeef, .ssrc = 0xcafe};
static const struct rtp_header around = {.payload_type = 99, .seq = 7, .ssrc = 0xf00d};

static size_t write_original(uint8_t *packet, const char *text) {
  struct writer w = writer_of(packet, SESSION_PACKET_MAX);
  rtp_write(&w, &original);
  write_bytes(&w, text, strlen(text));
  return SESSION_PACKET_MAX - w.left;
}

/* RFC 4588 section 4: the original sequence number stands before the payload. */
static void a_retransmission_is_as_the_rfc_draws_it(void **state) {
  (void)state;
  static const uint8_t expected[] = {0x80, 0x80 | 99, 0,    7,    0xde, 0xad, 0xbe, 0xef,
                                     0,    0,         0xf0, 0x0d, 0x12, 0x34, 'h',  'i'};
  uint8_t out[64];
  assert_int_equal(rtx_write(&original, reader_of("hi", 2), &around, out, sizeof out), sizeof expected);
  assert_memory_equal(out, expected, sizeof expected);
  assert_int_equal(rtx_write(&original, reader_of("hi", 2), &around, out, sizeof expected - 1), 0);
}

static void what_is_wrapped_is_unwrapped_to_the_same_bytes(void **state) {
  (void)state;
  uint8_t packet[SESSION_PACKET_MAX], rtx[SESSION_PACKET_MAX], out[SESSION_PACKET_MAX];
  struct rtp_header header;
  struct reader payload;
  size_t size = write_original(packet, "a picture");
  assert_true(rtp_parse(packet, size, &header, &payload));
  size_t wrapped = rtx_write(&header, payload, &around, rtx, sizeof rtx);
  assert_int_equal(wrapped, size + RTX_HEAD);
  assert_int_equal(rtx_read(rtx, wrapped, 96, 0xcafe, out, sizeof out), size);
  assert_memory_equal(out, packet, size);
}

static void extensions_stay_and_padding_goes(void **state) {
  (void)state;
  static const uint8_t rtx[] = {0xb0, 99, 0, 7, 0, 0, 0, 1,    0,    0,   0xf0, 0x0d, 0xbe,
                                0xde, 0,  1, 1, 2, 3, 4, 0x12, 0x34, 'x', 0,    2};
  static const uint8_t expected[] = {0x90, 96,   0x12, 0x34, 0, 0, 0, 1, 0, 0,  0xca,
                                     0xfe, 0xbe, 0xde, 0,    1, 1, 2, 3, 4, 'x'};
  uint8_t out[64];
  assert_int_equal(rtx_read(rtx, sizeof rtx, 96, 0xcafe, out, sizeof out), sizeof expected);
  assert_memory_equal(out, expected, sizeof expected);
}

static void what_repeats_nothing_is_refused(void **state) {
  (void)state;
  uint8_t rtx[64], out[64];
  size_t size = rtx_write(&original, reader_of("x", 1), &around, rtx, sizeof rtx);
  for (size_t cut = 0; cut < size; cut++) /* browsers send padding as empty retransmissions */
    assert_int_equal(rtx_read(rtx, cut, 96, 0xcafe, out, sizeof out), 0);
  assert_int_equal(rtx_read(rtx, size, 96, 0xcafe, out, size - RTX_HEAD - 1), 0); /* no room */
  assert_int_equal(rtx_read(rtx, size, 96, 0xcafe, out, size - RTX_HEAD), size - RTX_HEAD);
}

UNIT_TESTS(test(a_retransmission_is_as_the_rfc_draws_it), test(what_is_wrapped_is_unwrapped_to_the_same_bytes),
           test(extensions_stay_and_padding_goes), test(what_repeats_nothing_is_refused))
