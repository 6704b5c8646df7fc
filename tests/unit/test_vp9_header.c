#include "media/codec/vp9_header.h"

#include "unit.h"

static bool read_header(const uint8_t *frame, size_t size, struct vp9_header *header) {
  uint8_t *exact; /* its own block, so that a read past the end is seen */
  need((exact = malloc(size ? size : 1)) != NULL);
  memcpy(exact, frame, size);
  bool ok = vp9_header_read(exact, size, header);
  free(exact);
  return ok;
}

#define READ(header, ...)                                                                                          \
  read_header((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}), header)

/* 82: marker 10, profile 00, shows another 0, type 0, shown 1, resilient 0; the sync code; then colours 000 and
 * range 0, width - 1 and height - 1 in 16 bits each, half a byte off. */
static const uint8_t key[] = {0x82, 0x49, 0x83, 0x42, 0x00, 0x27, 0xf0, 0x16, 0x70};

static void a_key_frame_tells_its_size(void **state) {
  (void)state;
  struct vp9_header header;
  assert_true(read_header(key, sizeof key, &header));
  assert_true(header.key);
  assert_int_equal(header.width, 640);
  assert_int_equal(header.height, 360);
}

/* 86: type 1, shown; reset 00, refreshes 8, three references of 4 bits; found 1. */
static void an_inter_frame_has_a_references_size_or_its_own(void **state) {
  (void)state;
  struct vp9_header header;
  assert_true(READ(&header, 0x86, 0x00, 0x40, 0x02)); /* 2 + 8 + 12 bits, then found: 1 */
  assert_false(header.key);
  assert_int_equal(header.width, 0);
  /* found: 0 0 0, width - 1, height - 1 */
  assert_true(READ(&header, 0x86, 0x00, 0x40, 0x00, 0x01, 0x3f, 0x80, 0xb3, 0x80));
  assert_false(header.key);
  assert_int_equal(header.width, 640);
  assert_int_equal(header.height, 360);
}

/* 84: type 1, not shown; then intra only 1, reset 00, the sync code, refreshes 8, the size. */
static void an_intra_only_frame_tells_its_size(void **state) {
  (void)state;
  struct vp9_header header;
  assert_true(READ(&header, 0x84, 0x89, 0x30, 0x68, 0x40, 0x20, 0x4f, 0xe0, 0x2c, 0xe0));
  assert_false(header.key);
  assert_int_equal(header.width, 640);
  assert_int_equal(header.height, 360);
  assert_false(READ(&header, 0x84, 0x89, 0x30, 0x68, 0x60, 0x20, 0x4f, 0xe0, 0x2c, 0xe0)); /* the sync code */
}

static void what_a_real_time_sender_does_not_make_is_refused(void **state) {
  (void)state;
  struct vp9_header header;
  assert_false(READ(&header, 0xc2, 0x49, 0x83, 0x42, 0x00, 0x27, 0xf0, 0x16, 0x70)); /* no marker */
  assert_false(READ(&header, 0xa2, 0x49, 0x83, 0x42, 0x00, 0x27, 0xf0, 0x16, 0x70)); /* profile 1 */
  assert_false(READ(&header, 0x88, 0x00));                                           /* shows another frame */
  assert_false(READ(&header, 0x82, 0x49, 0x83, 0x43, 0x00, 0x27, 0xf0, 0x16, 0x70)); /* the sync code */
  assert_false(READ(&header, 0x82, 0x49, 0x83, 0x42, 0xe0, 0x27, 0xf0, 0x16, 0x70)); /* sRGB */
}

/* Annex B: the index's first and last byte are the same, here for two frames with sizes of one byte. */
static void several_frames_in_one_are_refused(void **state) {
  (void)state;
  struct vp9_header header;
  uint8_t two[sizeof key + 4];
  memcpy(two, key, sizeof key);
  memcpy(two + sizeof key, (uint8_t[]){0xc1, 0x08, 0x01, 0xc1}, 4);
  assert_false(read_header(two, sizeof two, &header));
  two[sizeof key] = 0xc2;
  assert_true(read_header(two, sizeof two, &header)); /* an end that looks like one by chance */
  assert_false(READ(&header, 0xc0, 0xc0));
}

static void every_truncation_is_malformed(void **state) {
  (void)state;
  struct vp9_header header;
  for (size_t size = 0; size < sizeof key; size++)
    assert_false(read_header(key, size, &header));
}

UNIT_TESTS(test(a_key_frame_tells_its_size), test(an_inter_frame_has_a_references_size_or_its_own),
           test(an_intra_only_frame_tells_its_size), test(what_a_real_time_sender_does_not_make_is_refused),
           test(several_frames_in_one_are_refused), test(every_truncation_is_malformed))
