#include "examples/caller/y4m.h"
#include "unit.h"

static size_t parse(const char *text, struct y4m *y4m) {
  const char *why = NULL;
  size_t size = strlen(text);
  char *copy = NULL; /* its own block, so that a read beyond the end is seen */
  need(copy = malloc(size + 1));
  memcpy(copy, text, size);
  size_t n = y4m_parse((const uint8_t *)copy, size, y4m, &why);
  assert_true(n || why);
  free(copy);
  return n;
}

static void what_was_written_is_read_back(void **state) {
  (void)state;
  struct y4m in = {640, 360, 30000, 1001}, out;
  char header[Y4M_HEADER_MAX];
  size_t size = y4m_header(header, &in);
  const char *why = NULL;
  assert_int_equal(y4m_parse((const uint8_t *)header, size, &out, &why), size);
  assert_memory_equal(&in, &out, sizeof in);
}

static void the_parameters_come_in_any_order_and_420_is_the_default(void **state) {
  (void)state;
  struct y4m y4m;
  assert_true(parse("YUV4MPEG2 F25:1 H96 W128\n", &y4m));
  assert_int_equal(y4m.width, 128);
  assert_int_equal(y4m.height, 96);
  assert_int_equal(y4m.rate_num, 25);
  assert_true(parse("YUV4MPEG2 W128 H96 F25:1 Ip A0:0 C420mpeg2 XYSCSS=420MPEG2\n", &y4m));
}

static void what_is_not_progressive_8_bit_420_is_refused(void **state) {
  (void)state;
  static const char *const bad[] = {"YUV4MPEG2 W128 H96 F25:1 C444\n",
                                    "YUV4MPEG2 W128 H96 F25:1 C420p10\n",
                                    "YUV4MPEG2 W128 H96 F25:1 C42\n",
                                    "YUV4MPEG2 W128 H96 F25:1 It\n",
                                    "YUV4MPEG2 W127 H96 F25:1\n",
                                    "YUV4MPEG2 W128 H8 F25:1\n",
                                    "YUV4MPEG2 W128 H9600 F25:1\n",
                                    "YUV4MPEG2 W0000128 H96 F25:1\n",
                                    "YUV4MPEG2 W-128 H96 F25:1\n",
                                    "YUV4MPEG2 W128 H96 F0:0\n",
                                    "YUV4MPEG2 W128 H96 F25:0\n",
                                    "YUV4MPEG2 W128 H96 F500:1\n",
                                    "YUV4MPEG2 W128 H96 F25\n",
                                    "YUV4MPEG2 W128 H96\n",
                                    "YUV4MPEG2 W128 F25:1\n",
                                    "YUV4MPEG2 W128  H96 F25:1\n",
                                    "YUV4MPEG2 W128 H96 F25:1 Q\n",
                                    "YUV4MPEG2W128 H96 F25:1\n",
                                    "YUV4MPEG W128 H96 F25:1\n",
                                    "YUV4MPEG2 W128 H96 F25:1",
                                    ""};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct y4m y4m;
    if (parse(bad[i], &y4m))
      fail_msg("taken: %s", bad[i]);
  }
}

static void a_header_without_an_end_is_refused_however_long(void **state) {
  (void)state;
  uint8_t bytes[1000];
  struct y4m y4m;
  const char *why;
  memset(bytes, 'X', sizeof bytes);
  memcpy(bytes, "YUV4MPEG2 W128 H96 F25:1 ", 25);
  assert_int_equal(y4m_parse(bytes, sizeof bytes, &y4m, &why), 0);
  bytes[Y4M_HEADER_MAX] = '\n'; /* one too late */
  assert_int_equal(y4m_parse(bytes, sizeof bytes, &y4m, &why), 0);
  bytes[Y4M_HEADER_MAX - 1] = '\n';
  assert_int_equal(y4m_parse(bytes, sizeof bytes, &y4m, &why), Y4M_HEADER_MAX);
}

static void every_truncation_and_bit_flip_is_refused_or_within_bounds(void **state) {
  (void)state;
  static const char valid[] = "YUV4MPEG2 W640 H360 F30:1 Ip A1:1 C420jpeg\n";
  struct y4m y4m;
  char text[sizeof valid];
  for (size_t size = 0; size + 1 < sizeof valid; size++) {
    memcpy(text, valid, size);
    text[size] = 0;
    assert_int_equal(parse(text, &y4m), 0);
  }
  for (size_t bit = 0; bit < (sizeof valid - 1) * 8; bit++) {
    memcpy(text, valid, sizeof valid);
    text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
    const char *why;
    if (y4m_parse((const uint8_t *)text, sizeof valid - 1, &y4m, &why)) {
      assert_in_range(y4m.width, 16, 4096);
      assert_in_range(y4m.height, 16, 4096);
      assert_true(y4m.rate_num >= y4m.rate_den && y4m.rate_num <= Y4M_RATE_MAX * y4m.rate_den);
    }
  }
}

static void a_frame_header_may_have_parameters_and_must_end(void **state) {
  (void)state;
  assert_int_equal(y4m_parse_frame((const uint8_t *)"FRAME\n", 6), 6);
  assert_int_equal(y4m_parse_frame((const uint8_t *)"FRAME Ip\nabc", 12), 9);
  assert_int_equal(y4m_parse_frame((const uint8_t *)"FRAMES\n", 7), 0);
  assert_int_equal(y4m_parse_frame((const uint8_t *)"FRAM\n", 5), 0);
  for (size_t size = 0; size < 6; size++)
    assert_int_equal(y4m_parse_frame((const uint8_t *)"FRAME\n", size), 0);
}

UNIT_TESTS(test(what_was_written_is_read_back), test(the_parameters_come_in_any_order_and_420_is_the_default),
           test(what_is_not_progressive_8_bit_420_is_refused),
           test(a_header_without_an_end_is_refused_however_long),
           test(every_truncation_and_bit_flip_is_refused_or_within_bounds),
           test(a_frame_header_may_have_parameters_and_must_end))
