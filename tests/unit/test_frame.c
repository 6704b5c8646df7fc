#include "signaling/frame.h"

#include "unit.h"

static uint8_t bytes[FRAME_CLIENT_MAX + 16];

static void fill(uint8_t *out, size_t size, uint64_t seed) {
  for (size_t i = 0; i < size; i++)
    out[i] = (uint8_t)(unit_random(&seed) >> 32);
}

struct sample {
  struct frame frame;
  bool from_client;
  size_t size;
};

static uint8_t list[FRAME_LIST_MAX * READ_TOKEN_SIZE], mailbox[MAILBOX_SIZE], cell[CELL_SIZE];

static const struct sample samples[] = {
    {{.type = FRAME_SUBSCRIBE, .list = list, .count = 1}, true, 2 + 32},
    {{.type = FRAME_SUBSCRIBE, .list = list, .count = 255}, true, FRAME_CLIENT_MAX},
    {{.type = FRAME_UNSUBSCRIBE, .list = list, .count = 2}, true, 2 + 32},
    {{.type = FRAME_PUT, .mailbox = mailbox, .ttl = 1, .cell = cell}, true, 2067},
    {{.type = FRAME_PUT, .mailbox = mailbox, .ttl = 60, .cell = cell}, true, 2067},
    {{.type = FRAME_CELL, .mailbox = mailbox, .cell = cell}, false, 2065},
    {{.type = FRAME_LIMIT, .limit = FRAME_LIMIT_RATE}, false, 2},
    {{.type = FRAME_LIMIT, .limit = FRAME_LIMIT_FULL}, false, 2},
};
enum { SAMPLES = sizeof samples / sizeof samples[0] };

static int prepare(void **state) {
  (void)state;
  fill(list, sizeof list, 1);
  fill(mailbox, sizeof mailbox, 2);
  fill(cell, sizeof cell, 3);
  return 0;
}

static void a_frame_is_read_as_it_was_written(void **state) {
  prepare(state);
  for (int i = 0; i < SAMPLES; i++) {
    const struct frame *in = &samples[i].frame;
    struct frame out;
    assert_int_equal(frame_write(bytes, sizeof bytes, in), samples[i].size);
    assert_true(frame_parse(&out, samples[i].from_client, bytes, samples[i].size));
    assert_int_equal(out.type, in->type);
    assert_int_equal(out.count, in->count);
    assert_int_equal(out.ttl, in->ttl);
    assert_int_equal(out.limit, in->limit);
    if (in->list)
      assert_memory_equal(out.list, in->list, (size_t)in->count * (in->type == FRAME_SUBSCRIBE ? 32 : 16));
    if (in->mailbox)
      assert_memory_equal(out.mailbox, mailbox, MAILBOX_SIZE);
    if (in->cell)
      assert_memory_equal(out.cell, cell, CELL_SIZE);
  }
}

static void the_layout_is_the_published_one(void **state) {
  prepare(state);
  const struct frame put = {.type = FRAME_PUT, .mailbox = mailbox, .ttl = 0x003c, .cell = cell};
  frame_write(bytes, sizeof bytes, &put);
  assert_int_equal(bytes[0], 0x02);
  assert_memory_equal(bytes + 1, mailbox, 16);
  assert_int_equal(bytes[17], 0);
  assert_int_equal(bytes[18], 60);
  assert_memory_equal(bytes + 19, cell, 2048);
  frame_write(bytes, sizeof bytes, &(struct frame){.type = FRAME_SUBSCRIBE, .list = list, .count = 3});
  assert_int_equal(bytes[0], 0x01);
  assert_int_equal(bytes[1], 3);
  assert_memory_equal(bytes + 2, list, 96);
  frame_write(bytes, sizeof bytes, &(struct frame){.type = FRAME_LIMIT, .limit = FRAME_LIMIT_FULL});
  assert_memory_equal(bytes, "\x82\x02", 2);
}

static void no_truncation_and_no_extension_is_a_frame(void **state) {
  prepare(state);
  for (int i = 0; i < SAMPLES; i++) {
    size_t size = frame_write(bytes, sizeof bytes, &samples[i].frame);
    struct frame out;
    for (size_t cut = 0; cut < size; cut++) {
      uint8_t *exact; /* so that the sanitizer sees a read beyond */
      need(exact = malloc(cut ? cut : 1));
      memcpy(exact, bytes, cut);
      assert_false(frame_parse(&out, samples[i].from_client, exact, cut));
      free(exact);
    }
    assert_false(frame_parse(&out, samples[i].from_client, bytes, size + 1));
  }
}

static void a_flipped_bit_gives_no_frame_or_a_canonical_one(void **state) {
  prepare(state);
  static uint8_t again[sizeof bytes];
  for (int i = 0; i < SAMPLES; i++) {
    size_t size = frame_write(bytes, sizeof bytes, &samples[i].frame);
    for (size_t bit = 0; bit < size * 8; bit++) {
      struct frame out;
      bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
      if (frame_parse(&out, samples[i].from_client, bytes, size)) {
        assert_int_equal(frame_write(again, sizeof again, &out), size);
        assert_memory_equal(again, bytes, size);
      }
      bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
  }
}

static void a_frame_of_the_other_side_is_refused(void **state) {
  prepare(state);
  for (int i = 0; i < SAMPLES; i++) {
    struct frame out;
    size_t size = frame_write(bytes, sizeof bytes, &samples[i].frame);
    assert_false(frame_parse(&out, !samples[i].from_client, bytes, size));
  }
}

static void a_ttl_outside_1_to_60_and_an_empty_list_are_refused(void **state) {
  prepare(state);
  struct frame out;
  size_t size = frame_write(bytes, sizeof bytes, &samples[3].frame);
  bytes[18] = 0;
  assert_false(frame_parse(&out, true, bytes, size));
  bytes[18] = 61;
  assert_false(frame_parse(&out, true, bytes, size));
  bytes[17] = 1, bytes[18] = 1;
  assert_false(frame_parse(&out, true, bytes, size));
  assert_false(frame_parse(&out, true, (const uint8_t *)"\x01\x00", 2));
  assert_false(frame_parse(&out, true, (const uint8_t *)"\x03\x00", 2));
  assert_false(frame_parse(&out, false, (const uint8_t *)"\x82\x00", 2));
  assert_false(frame_parse(&out, false, (const uint8_t *)"\x82\x03", 2));
}

static void what_is_not_valid_or_does_not_fit_is_not_written(void **state) {
  prepare(state);
  struct frame frame = samples[3].frame;
  assert_int_equal(frame_write(bytes, FRAME_PUT_SIZE - 1, &frame), 0);
  frame.ttl = 61;
  assert_int_equal(frame_write(bytes, sizeof bytes, &frame), 0);
  assert_int_equal(frame_write(bytes, sizeof bytes, &(struct frame){.type = FRAME_SUBSCRIBE, .list = list}), 0);
  assert_int_equal(frame_write(bytes, sizeof bytes, &(struct frame){.type = FRAME_LIMIT}), 0);
  assert_int_equal(frame_write(bytes, sizeof bytes, &(struct frame){.type = (enum frame_type)7}), 0);
}

UNIT_TESTS(test(a_frame_is_read_as_it_was_written), test(the_layout_is_the_published_one),
           test(no_truncation_and_no_extension_is_a_frame), test(a_flipped_bit_gives_no_frame_or_a_canonical_one),
           test(a_frame_of_the_other_side_is_refused), test(a_ttl_outside_1_to_60_and_an_empty_list_are_refused),
           test(what_is_not_valid_or_does_not_fit_is_not_written))
