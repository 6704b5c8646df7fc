#include "examples/caller/wav.h"
#include "unit.h"

enum { FRAMES = 100, SIZE = WAV_HEADER_SIZE + FRAMES * 2 };

static void make(uint8_t bytes[SIZE]) {
  wav_header(bytes, 48000, FRAMES * 2);
  for (int i = 0; i < FRAMES; i++) {
    int16_t sample = (int16_t)(i * 300 - 15000);
    memcpy(bytes + WAV_HEADER_SIZE + i * 2, &sample, 2);
  }
}

static void put32(uint8_t *p, uint32_t value) {
  for (int i = 0; i < 4; i++)
    p[i] = (uint8_t)(value >> 8 * i);
}

static void what_was_written_is_read_back(void **state) {
  (void)state;
  uint8_t bytes[SIZE];
  struct wav wav;
  const char *why;
  make(bytes);
  assert_true(wav_parse(bytes, sizeof bytes, &wav, &why));
  assert_int_equal(wav.rate, 48000);
  assert_int_equal(wav.channels, 1);
  assert_int_equal(wav.frames, FRAMES);
  for (size_t i = 0; i < FRAMES; i++)
    assert_int_equal(wav_sample(&wav, i), (int)i * 300 - 15000);
}

/* "RIFF" header as in the specification's own example of a PCM file, field by field. */
static void the_header_is_the_canonical_44_bytes(void **state) {
  (void)state;
  static const uint8_t expected[WAV_HEADER_SIZE] = {
      'R', 'I', 'F',  'F',  40, 0, 0,    0,    'W', 'A', 'V', 'E', 'f', 'm', 't', ' ', 16,  0,   0, 0, 1, 0,
      1,   0,   0x44, 0xac, 0,  0, 0x88, 0x58, 1,   0,   2,   0,   16,  0,   'd', 'a', 't', 'a', 4, 0, 0, 0};
  uint8_t header[WAV_HEADER_SIZE];
  wav_header(header, 44100, 4);
  assert_int_equal(header[4], 40);
  assert_memory_equal(header, expected, sizeof header);
}

static void stereo_becomes_the_mean_of_its_channels(void **state) {
  (void)state;
  uint8_t bytes[SIZE];
  struct wav wav;
  const char *why;
  make(bytes);
  bytes[22] = 2;
  put32(bytes + 28, 48000 * 4);
  bytes[32] = 4;
  assert_true(wav_parse(bytes, sizeof bytes, &wav, &why));
  assert_int_equal(wav.frames, FRAMES / 2);
  assert_int_equal(wav_sample(&wav, 1), (2 * 300 - 15000 + 3 * 300 - 15000) / 2);
}

static void an_unknown_chunk_of_odd_length_is_skipped(void **state) {
  (void)state;
  uint8_t plain[SIZE], bytes[SIZE + 12] = {0};
  struct wav wav;
  const char *why;
  make(plain);
  memcpy(bytes, plain, 36);
  memcpy(bytes + 36, "LIST\3\0\0\0abc\0", 12);
  memcpy(bytes + 48, plain + 36, SIZE - 36);
  put32(bytes + 4, sizeof bytes - 8);
  assert_true(wav_parse(bytes, sizeof bytes, &wav, &why));
  assert_int_equal(wav.frames, FRAMES);
  assert_int_equal(wav_sample(&wav, 0), -15000);
}

static void every_truncation_is_refused_with_a_reason(void **state) {
  (void)state;
  uint8_t bytes[SIZE];
  make(bytes);
  for (size_t size = 0; size < SIZE; size++) {
    uint8_t *cut = NULL; /* its own block, so that a read beyond the end is seen */
    struct wav wav;
    const char *why = NULL;
    need(cut = malloc(size + 1));
    memcpy(cut, bytes, size);
    assert_false(wav_parse(cut, size, &wav, &why));
    assert_non_null(why);
    free(cut);
  }
}

static void a_flipped_bit_is_refused_or_gives_samples_inside_the_file(void **state) {
  (void)state;
  uint8_t bytes[SIZE];
  make(bytes);
  int refused = 0;
  for (int bit = 0; bit < WAV_HEADER_SIZE * 8; bit++) {
    struct wav wav;
    const char *why = NULL;
    bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    if (wav_parse(bytes, SIZE, &wav, &why)) {
      assert_true(wav.data >= bytes);
      assert_true(wav.data + wav.frames * (size_t)wav.channels * 2 <= bytes + SIZE);
      assert_true(wav.rate >= WAV_RATE_MIN && wav.rate <= WAV_RATE_MAX);
    } else {
      assert_non_null(why);
      refused++;
    }
    bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
  }
  assert_true(refused > 300);
}

static void a_format_that_is_not_16_bit_pcm_is_refused(void **state) {
  (void)state;
  static const struct {
    int at;
    uint8_t value;
  } changes[] = {{20, 3}, {34, 24}, {22, 3}, {22, 0}, {32, 4}};
  for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
    uint8_t bytes[SIZE];
    struct wav wav;
    const char *why;
    make(bytes);
    bytes[changes[i].at] = changes[i].value;
    assert_false(wav_parse(bytes, SIZE, &wav, &why));
  }
}

UNIT_TESTS(test(what_was_written_is_read_back), test(the_header_is_the_canonical_44_bytes),
           test(stereo_becomes_the_mean_of_its_channels), test(an_unknown_chunk_of_odd_length_is_skipped),
           test(every_truncation_is_refused_with_a_reason),
           test(a_flipped_bit_is_refused_or_gives_samples_inside_the_file),
           test(a_format_that_is_not_16_bit_pcm_is_refused))
