#include "unit.h"

#include "../../signaling/sframe.h"
#include "../vectors/hex.h"
#include "../vectors/sframe.h"

enum { HEADERS = sizeof sframe_headers / sizeof sframe_headers[0], ROOM = 512 };
static const enum sframe_suite suites[] = {SFRAME_AES_128_GCM_SHA256_128, SFRAME_AES_256_GCM_SHA512_128};

struct pair {
  struct sframe_sealer sealer;
  struct sframe_opener opener;
};

static void init_pair(struct pair *pair, enum sframe_suite suite, uint64_t kid) {
  bool sealer = sframe_sealer_init(&pair->sealer, suite, kid, "base key", 8);
  bool opener = sframe_opener_init(&pair->opener, suite, kid, "base key", 8);
  if (!sealer || !opener) {
    sframe_sealer_deinit(&pair->sealer);
    sframe_opener_deinit(&pair->opener);
  }
  need(sealer && opener);
}

static void deinit_pair(struct pair *pair) {
  sframe_sealer_deinit(&pair->sealer);
  sframe_opener_deinit(&pair->opener);
}

static bool opens(struct pair *pair, const uint8_t *sealed, size_t size) {
  uint8_t copy[ROOM], *plain;
  size_t plain_size;
  memcpy(copy, sealed, size);
  return sframe_open(&pair->opener, "meta", 4, copy, size, &plain, &plain_size);
}

static size_t seal(struct pair *pair, const void *plain, size_t size, uint8_t sealed[ROOM]) {
  return sframe_seal(&pair->sealer, "meta", 4, plain, size, sealed);
}

static void headers_are_those_of_rfc_9605(void **state) {
  (void)state;
  for (size_t i = 0; i < HEADERS; i++) {
    uint8_t expected[SFRAME_HEADER_MAX], written[SFRAME_HEADER_MAX];
    size_t size = unhex(expected, sframe_headers[i].header);
    struct writer w = writer_of(written, sizeof written);
    sframe_write_header(&w, &(struct sframe_header){sframe_headers[i].kid, sframe_headers[i].ctr});
    assert_int_equal(w.at - written, size);
    assert_memory_equal(written, expected, size);

    struct sframe_header header;
    struct reader r = reader_of(expected, size);
    assert_true(sframe_read_header(&r, &header) && r.left == 0);
    assert_true(header.kid == sframe_headers[i].kid && header.ctr == sframe_headers[i].ctr);
    for (size_t cut = 0; cut < size; cut++) {
      r = reader_of(expected, cut);
      assert_false(sframe_read_header(&r, &header));
    }
  }
}

static void a_header_with_more_bytes_than_it_needs_is_refused(void **state) {
  (void)state;
  static const char *const bad[] = {
      "8000", "8007", "800700", "0800", "0807", "090008", "0a00ffff", "900008", "9f00ff0123456789abcdef01"};
  static const char *const good[] = {"8008", "0808", "88ffff", "0a010000"};
  struct sframe_header header;
  uint8_t bytes[ROOM];
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct reader r = reader_of(bytes, unhex(bytes, bad[i]));
    assert_false(sframe_read_header(&r, &header));
  }
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
    struct reader r = reader_of(bytes, unhex(bytes, good[i]));
    assert_true(sframe_read_header(&r, &header));
  }
}

static void frames_are_those_of_rfc_9605(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof sframe_frames / sizeof sframe_frames[0]; i++) {
    struct sframe_sealer sealer;
    struct sframe_opener opener;
    uint8_t key[ROOM], salt[ROOM], metadata[ROOM], plain[ROOM], expected[ROOM], sealed[ROOM], *opened;
    size_t key_size = unhex(key, sframe_frames[i].base_key),
           metadata_size = unhex(metadata, sframe_frames[i].metadata);
    size_t size = unhex(plain, sframe_frames[i].plain), sealed_size = unhex(expected, sframe_frames[i].sealed);
    unhex(salt, sframe_frames[i].salt);
    need(sframe_sealer_init(&sealer, sframe_frames[i].suite, sframe_frames[i].kid, key, key_size));
    sealer.next = sframe_frames[i].ctr;
    assert_memory_equal(sealer.key.salt, salt, GCM_NONCE_SIZE);
    assert_int_equal(sframe_seal(&sealer, metadata, metadata_size, plain, size, sealed), sealed_size);
    assert_memory_equal(sealed, expected, sealed_size);
    sframe_sealer_deinit(&sealer);

    size_t opened_size;
    need(sframe_opener_init(&opener, sframe_frames[i].suite, sframe_frames[i].kid, key, key_size));
    assert_true(sframe_open(&opener, metadata, metadata_size, sealed, sealed_size, &opened, &opened_size));
    assert_int_equal(opened_size, size);
    assert_memory_equal(opened, plain, size);
    sframe_opener_deinit(&opener);
  }
}

static void every_length_comes_back(void **state) {
  (void)state;
  uint64_t random = 1;
  for (size_t s = 0; s < 2; s++) {
    struct pair pair;
    init_pair(&pair, suites[s], UINT64_MAX - s);
    for (size_t size = 0; size < 300; size++) {
      uint8_t plain[300], sealed[ROOM], *opened;
      size_t opened_size;
      for (size_t i = 0; i < size; i++)
        plain[i] = (uint8_t)unit_random(&random);
      size_t sealed_size = seal(&pair, plain, size, sealed);
      assert_in_range(sealed_size, size + AEAD_TAG_SIZE + 9, size + SFRAME_OVERHEAD_MAX);
      assert_true(sframe_open(&pair.opener, "meta", 4, sealed, sealed_size, &opened, &opened_size));
      assert_int_equal(opened_size, size);
      assert_memory_equal(opened, plain, size);
    }
    deinit_pair(&pair);
  }
}

static void no_changed_bit_no_cut_and_no_other_metadata_opens(void **state) {
  (void)state;
  for (size_t s = 0; s < 2; s++) {
    struct pair pair;
    uint8_t sealed[ROOM], *plain;
    size_t plain_size;
    init_pair(&pair, suites[s], 0x123);
    pair.sealer.next = 0x4567;
    size_t size = seal(&pair, "a frame", 7, sealed);
    for (size_t bit = 0; bit < size * 8; bit++) {
      sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
      assert_false(opens(&pair, sealed, size));
      sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t cut = 0; cut < size; cut++)
      assert_false(opens(&pair, sealed, cut));
    uint8_t copy[ROOM];
    const char *const others[] = {"metA", "met", "metaa", ""};
    for (size_t i = 0; i < 4; i++) {
      memcpy(copy, sealed, size);
      assert_false(sframe_open(&pair.opener, others[i], strlen(others[i]), copy, size, &plain, &plain_size));
    }
    assert_true(opens(&pair, sealed, size)); /* none of that has moved the window */
    deinit_pair(&pair);
  }
}

static void what_does_not_open_leaves_no_plaintext(void **state) {
  (void)state;
  struct pair pair;
  uint8_t sealed[ROOM], *plain;
  static const uint8_t zero[7];
  size_t plain_size;
  init_pair(&pair, suites[1], 1);
  size_t size = seal(&pair, "a frame", 7, sealed);
  sealed[size - 1] ^= 1;
  assert_false(sframe_open(&pair.opener, "meta", 4, sealed, size, &plain, &plain_size));
  assert_memory_equal(sealed + 1, zero, 7);
  deinit_pair(&pair);
}

static void another_kid_suite_or_base_key_is_another_key(void **state) {
  (void)state;
  struct pair pair, other_kid, other_suite;
  struct sframe_opener opener;
  uint8_t sealed[ROOM], *plain;
  size_t plain_size;
  init_pair(&pair, suites[1], 1);
  init_pair(&other_kid, suites[1], 2);
  init_pair(&other_suite, suites[0], 1);
  size_t size = seal(&pair, "a frame", 7, sealed);
  assert_false(opens(&other_kid, sealed, size));
  assert_false(opens(&other_suite, sealed, size));
  other_kid.opener.key.kid = 1; /* the number alone would not do it */
  assert_false(opens(&other_kid, sealed, size));
  assert_true(opens(&pair, sealed, size));
  need(sframe_opener_init(&opener, suites[1], 1, "base kez", 8));
  assert_false(sframe_open(&opener, "meta", 4, sealed, size, &plain, &plain_size));
  sframe_opener_deinit(&opener);
  deinit_pair(&other_suite);
  deinit_pair(&other_kid);
  deinit_pair(&pair);
}

static void a_frame_opens_once_in_any_order_within_the_window(void **state) {
  (void)state;
  enum { FRAMES = 3 * SFRAME_WINDOW };
  static uint8_t sealed[FRAMES][ROOM / 8];
  static size_t size[FRAMES];
  static bool opened[FRAMES];
  uint64_t random = 7;
  struct pair pair;
  memset(opened, 0, sizeof opened);
  init_pair(&pair, suites[1], 1);
  for (size_t i = 0; i < FRAMES; i++)
    size[i] = seal(&pair, "frame", 5, sealed[i]);
  for (size_t newest = 0, i = 0; i < 20 * FRAMES; i++) {
    size_t n = (size_t)(unit_random(&random) % (FRAMES / 20 + i / 20 + 1)) % FRAMES;
    bool fresh = !opened[n] && (n > newest || newest - n < SFRAME_WINDOW);
    assert_int_equal(opens(&pair, sealed[n], size[n]), fresh);
    opened[n] |= fresh;
    newest = fresh && n > newest ? n : newest;
  }
  deinit_pair(&pair);
}

static void a_jump_forgets_all_that_it_leaves_behind(void **state) {
  (void)state;
  struct pair pair;
  uint8_t first[ROOM], kept[ROOM], far[ROOM];
  init_pair(&pair, suites[0], 1);
  size_t first_size = seal(&pair, "1", 1, first);
  pair.sealer.next = (UINT64_C(1) << 60) - SFRAME_WINDOW + 1;
  size_t kept_size = seal(&pair, "2", 1, kept);
  pair.sealer.next = UINT64_C(1) << 60;
  size_t far_size = seal(&pair, "3", 1, far);
  assert_true(opens(&pair, far, far_size));
  assert_false(opens(&pair, first, first_size));
  assert_true(opens(&pair, kept, kept_size));
  assert_false(opens(&pair, kept, kept_size));
  assert_false(opens(&pair, far, far_size));
  deinit_pair(&pair);
}

static void every_frame_has_a_counter_of_its_own_and_the_last_one_ends_it(void **state) {
  (void)state;
  struct pair pair;
  uint8_t sealed[ROOM];
  init_pair(&pair, suites[0], 1);
  for (uint64_t ctr = 0; ctr < 10; ctr++) {
    struct sframe_header header;
    struct reader r = reader_of(sealed, seal(&pair, "x", 1, sealed));
    assert_true(sframe_read_header(&r, &header) && header.kid == 1 && header.ctr == ctr);
  }
  pair.sealer.next = UINT64_MAX - 1;
  size_t size = seal(&pair, "x", 1, sealed);
  assert_true(size > 0 && opens(&pair, sealed, size));
  assert_int_equal(seal(&pair, "x", 1, sealed), 0);
  assert_int_equal(seal(&pair, "x", 1, sealed), 0);
  deinit_pair(&pair);
}

UNIT_TESTS(test(headers_are_those_of_rfc_9605), test(a_header_with_more_bytes_than_it_needs_is_refused),
           test(frames_are_those_of_rfc_9605), test(every_length_comes_back),
           test(no_changed_bit_no_cut_and_no_other_metadata_opens), test(what_does_not_open_leaves_no_plaintext),
           test(another_kid_suite_or_base_key_is_another_key),
           test(a_frame_opens_once_in_any_order_within_the_window), test(a_jump_forgets_all_that_it_leaves_behind),
           test(every_frame_has_a_counter_of_its_own_and_the_last_one_ends_it))
