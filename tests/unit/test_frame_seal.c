#include "engine/call/frame_seal.h"
#include "media/video/frame_buffer.h"
#include "signaling/sframe.h"
#include "unit.h"

enum { A, B, ROOM = 400, MEDIA = 2 };
static const unsigned media[MEDIA] = {SOTTO_AUDIO, SOTTO_VIDEO};
static const uint8_t zero[KEY_SIZE], one[KEY_SIZE] = {1};
static struct frame_seal *end[2];

static void set_up(void) {
  struct frame_keys keys;
  for (int i = 0; i < 2; i++) {
    memcpy(i == A ? keys.send : keys.receive, zero, KEY_SIZE);
    memcpy(i == A ? keys.receive : keys.send, one, KEY_SIZE);
    end[i] = frame_seal_new(&keys);
    if (!end[i] && i == B)
      frame_seal_free(end[A]);
    need(end[i]);
  }
}

static void tear_down(void) {
  frame_seal_free(end[A]);
  frame_seal_free(end[B]);
}

static size_t seal(int from, unsigned medium, bool key, const uint8_t *frame, size_t size, uint8_t out[ROOM]) {
  const uint8_t *sealed = frame_seal_close(end[from], medium, key, frame, &size);
  memcpy(out, sealed, size);
  return size;
}

static bool opens(int to, unsigned medium, bool key, const uint8_t *sealed, size_t size, const uint8_t *frame,
                  size_t frame_size) {
  uint8_t copy[ROOM], *opened = copy;
  memcpy(copy, sealed, size);
  if (!frame_seal_open(end[to], medium, key, &opened, &size))
    return false;
  assert_int_equal(size, frame_size);
  assert_memory_equal(opened, frame, size);
  return true;
}

static void every_frame_comes_back_both_ways(void **state) {
  (void)state;
  uint8_t frame[300], sealed[ROOM];
  set_up();
  for (size_t i = 0; i < sizeof frame; i++)
    frame[i] = (uint8_t)(i * 7);
  for (int from = A; from <= B; from++)
    for (int m = 0; m < MEDIA; m++)
      for (size_t size = FRAME_SEAL_KEY_CLEAR; size < sizeof frame; size++)
        for (int key = 0; key <= m; key++) {
          size_t sealed_size = seal(from, media[m], key, frame, size, sealed);
          assert_in_range(sealed_size, size + 1 + AEAD_TAG_SIZE, size + FRAME_SEAL_SIZE);
          assert_true(opens(1 - from, media[m], key, sealed, sealed_size, frame, size));
          assert_false(opens(1 - from, media[m], key, sealed, sealed_size, frame, size)); /* once */
        }
  tear_down();
}

/* What a browser reads of a frame is there, and nothing else is: of sound, nothing. */
static void a_pictures_first_bytes_stay_in_clear_and_nothing_else(void **state) {
  (void)state;
  static const struct {
    unsigned medium;
    bool key;
    size_t clear;
  } kinds[] = {{SOTTO_AUDIO, false, 0}, {SOTTO_VIDEO, false, 1}, {SOTTO_VIDEO, true, 10}};
  uint8_t frame[200] = {0}, sealed[ROOM];
  set_up();
  memset(frame, 0x5a, sizeof frame);
  for (size_t i = 0; i < 3; i++) {
    size_t size = seal(A, kinds[i].medium, kinds[i].key, frame, sizeof frame, sealed), equal = 0;
    assert_memory_equal(sealed, frame, kinds[i].clear);
    for (size_t at = kinds[i].clear; at < size; at++)
      equal += sealed[at] == 0x5a;
    assert_in_range(equal, 0, 8);
  }
  tear_down();
}

static void a_changed_bit_another_medium_or_another_type_of_picture_does_not_open(void **state) {
  (void)state;
  uint8_t frame[40] = {0}, sealed[ROOM];
  set_up();
  for (int key = 0; key < 2; key++) {
    size_t size = seal(A, SOTTO_VIDEO, key, frame, sizeof frame, sealed);
    for (size_t bit = 0; bit < size * 8; bit++) {
      sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
      assert_false(opens(B, SOTTO_VIDEO, key, sealed, size, frame, sizeof frame));
      sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_false(opens(B, SOTTO_AUDIO, key, sealed, size, frame, sizeof frame));
    assert_false(opens(B, SOTTO_VIDEO, !key, sealed, size, frame, sizeof frame));
    assert_false(opens(A, SOTTO_VIDEO, key, sealed, size, frame, sizeof frame)); /* the other direction's */
    for (size_t cut = 0; cut < size; cut++)
      assert_false(opens(B, SOTTO_VIDEO, key, sealed, cut, frame, sizeof frame));
    assert_true(opens(B, SOTTO_VIDEO, key, sealed, size, frame, sizeof frame));
  }
  tear_down();
}

static void sound_and_pictures_are_kid_1_and_2_and_count_for_themselves(void **state) {
  (void)state;
  uint8_t frame[20] = {0}, sealed[ROOM];
  set_up();
  for (uint64_t n = 0; n < 20; n++)
    for (int m = 0; m < MEDIA; m++) {
      struct sframe_header header;
      struct reader r = reader_of(sealed + m, seal(A, media[m], false, frame, sizeof frame, sealed));
      assert_true(sframe_read_header(&r, &header));
      assert_true(header.kid == (uint64_t)m + 1 && header.ctr == n);
    }
  tear_down();
}

static void what_does_not_fit_is_not_sealed(void **state) {
  (void)state;
  static uint8_t frame[FRAME_BUFFER_FRAME_MAX + 1];
  size_t size = sizeof frame;
  set_up();
  frame_seal_close(end[A], SOTTO_VIDEO, true, frame, &size);
  assert_int_equal(size, 0);
  size = FRAME_SEAL_KEY_CLEAR - 1;
  frame_seal_close(end[A], SOTTO_VIDEO, true, frame, &size);
  assert_int_equal(size, 0);
  size = FRAME_BUFFER_FRAME_MAX;
  uint8_t *sealed = (uint8_t *)frame_seal_close(end[A], SOTTO_VIDEO, true, frame, &size);
  assert_in_range(size, FRAME_BUFFER_FRAME_MAX + 1 + AEAD_TAG_SIZE, FRAME_BUFFER_FRAME_MAX + FRAME_SEAL_SIZE);
  assert_true(frame_seal_open(end[B], SOTTO_VIDEO, true, &sealed, &size));
  assert_int_equal(size, FRAME_BUFFER_FRAME_MAX);
  assert_memory_equal(sealed, frame, size);
  tear_down();
}

UNIT_TESTS(test(every_frame_comes_back_both_ways), test(a_pictures_first_bytes_stay_in_clear_and_nothing_else),
           test(a_changed_bit_another_medium_or_another_type_of_picture_does_not_open),
           test(sound_and_pictures_are_kid_1_and_2_and_count_for_themselves), test(what_does_not_fit_is_not_sealed))
