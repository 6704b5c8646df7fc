#include "unit.h"

#include "media/video/frame_buffer.h"

/* A stream of frames: packet `seq` belongs to frame seq / 3, three packets each, unless a test says otherwise. */

static struct video_packet packet_of(int64_t seq, bool key) {
  static uint8_t payload[8][FRAME_BUFFER_PAYLOAD_MAX];
  uint8_t *bytes = payload[(uint64_t)seq % 8];
  memset(bytes, (int)(seq & 0xff), 100);
  return (struct video_packet){.seq = seq,
                               .rtp_time = seq / 3 * 3000,
                               .begins_frame = seq % 3 == 0,
                               .marker = seq % 3 == 2,
                               .key = key && seq % 3 == 0,
                               .picture_id = (int)(seq / 3 & 0x7fff),
                               .tl0picidx = -1,
                               .payload = bytes,
                               .size = (size_t)(10 + seq % 3),
                               .arrival = MS(seq)};
}

static void put(struct frame_buffer *fb, usec now, int64_t seq, bool key) {
  struct video_packet packet = packet_of(seq, key);
  frame_buffer_input(fb, now, &packet);
}

static void put_frame(struct frame_buffer *fb, usec now, int64_t frame, bool key) {
  for (int64_t seq = frame * 3; seq < frame * 3 + 3; seq++)
    put(fb, now, seq, key);
}

static void expect_frame(struct frame_buffer *fb, usec now, int64_t frame) {
  struct video_frame out;
  assert_true(frame_buffer_poll(fb, now, &out));
  assert_int_equal(out.rtp_time, frame * 3000);
  assert_int_equal(out.size, 10 + 11 + 12);
  assert_int_equal(out.data[0], (frame * 3) & 0xff);
  assert_int_equal(out.data[9], (frame * 3) & 0xff);
  assert_int_equal(out.data[10], (frame * 3 + 1) & 0xff);
  assert_int_equal(out.data[32], (frame * 3 + 2) & 0xff);
}

static void expect_none(struct frame_buffer *fb, usec now) {
  struct video_frame out;
  assert_false(frame_buffer_poll(fb, now, &out));
}

static void expect_some(struct frame_buffer *fb, usec now) {
  struct video_frame out;
  assert_true(frame_buffer_poll(fb, now, &out));
}

static struct frame_buffer *begun(void) { /* frame 10, a key frame, was handed out */
  struct frame_buffer *fb = frame_buffer_new();
  need(fb);
  put_frame(fb, 0, 10, true);
  expect_frame(fb, 0, 10);
  return fb;
}

static void whole_frames_leave_in_order(void **state) {
  (void)state;
  struct frame_buffer *fb = begun();
  for (int64_t frame = 11; frame < 3000; frame++) {
    put(fb, 0, frame * 3, false);
    put(fb, 0, frame * 3 + 1, false);
    expect_none(fb, 0);
    put(fb, 0, frame * 3 + 2, false);
    expect_frame(fb, 0, frame);
    expect_none(fb, 0);
  }
  assert_int_equal(frame_buffer_stats(fb)->frames_assembled, 2990);
  assert_int_equal(frame_buffer_stats(fb)->key_frames_assembled, 1);
  assert_int_equal(frame_buffer_stats(fb)->frames_dropped, 0);
  assert_false(frame_buffer_needs_key(fb));
  frame_buffer_free(fb);
}

static void a_frame_tells_its_key_and_the_arrival_of_its_last_packet(void **state) {
  (void)state;
  struct frame_buffer *fb = frame_buffer_new();
  need(fb);
  struct video_packet first = packet_of(30, true), second = packet_of(31, true), third = packet_of(32, true);
  first.arrival = MS(90);
  second.arrival = MS(20);
  third.arrival = MS(70);
  frame_buffer_input(fb, 0, &first);
  frame_buffer_input(fb, 0, &second);
  frame_buffer_input(fb, 0, &third);
  struct video_frame out;
  assert_true(frame_buffer_poll(fb, 0, &out));
  assert_true(out.key);
  assert_int_equal(out.arrival, MS(90));
  frame_buffer_free(fb);
}

/* Heap's algorithm over 7 packets: a key frame of three, a frame of three and the first of the next. */
static void permute(int *order, int count, void (*visit)(const int *order)) {
  int counter[7] = {0};
  visit(order);
  for (int i = 0; i < count;) {
    if (counter[i] >= i) {
      counter[i++] = 0;
      continue;
    }
    int j = i % 2 ? counter[i] : 0, swap = order[j];
    order[j] = order[i];
    order[i] = swap;
    visit(order);
    counter[i]++;
    i = 0;
  }
}

static struct frame_buffer *permuted;

static void visit_order(const int *order) {
  /* one buffer for all 5040 orders, each further on in the stream and so ever again beginning anew */
  static int64_t base = 30000;
  base += 3 * (FRAME_BUFFER_PACKETS + 3);
  int64_t frames[3];
  int got = 0;
  struct video_frame out;
  for (int i = 0; i < 7; i++) {
    put(permuted, 0, base + order[i], order[i] == 0);
    while (frame_buffer_poll(permuted, 0, &out)) {
      assert_true(got < 2);
      assert_int_equal(out.size, 33);
      frames[got++] = out.rtp_time / 1000;
    }
  }
  assert_int_equal(got, 2);
  assert_int_equal(frames[0], base);
  assert_int_equal(frames[1], base + 3);
}

static void any_order_of_arrival_gives_the_same_frames(void **state) {
  (void)state;
  int order[] = {0, 1, 2, 3, 4, 5, 6};
  permuted = frame_buffer_new();
  need(permuted);
  permute(order, 7, visit_order);
  frame_buffer_free(permuted);
}

static void duplicates_and_late_packets_are_counted_and_change_nothing(void **state) {
  (void)state;
  struct frame_buffer *fb = begun();
  put(fb, 0, 31, true);
  put(fb, 0, 33, false);
  put(fb, 0, 33, true);
  put(fb, 0, 34, false);
  put(fb, 0, 35, false);
  struct video_frame out;
  assert_true(frame_buffer_poll(fb, 0, &out));
  assert_false(out.key);
  assert_int_equal(frame_buffer_stats(fb)->packets_late, 1);
  assert_int_equal(frame_buffer_stats(fb)->packets_duplicated, 1);
  frame_buffer_free(fb);
}

static void a_gap_holds_back_what_follows_until_it_is_filled(void **state) {
  (void)state;
  struct frame_buffer *fb = begun();
  put(fb, MS(1), 33, false);
  put(fb, MS(1), 35, false);
  put_frame(fb, MS(2), 12, false);
  expect_none(fb, MS(2));
  assert_false(frame_buffer_needs_key(fb));
  put(fb, MS(100), 34, false);
  expect_frame(fb, MS(100), 11);
  expect_frame(fb, MS(100), 12);
  assert_int_equal(frame_buffer_stats(fb)->frames_dropped, 0);
  frame_buffer_free(fb);
}

static void after_a_gap_given_up_only_a_key_frame_helps(void **state) {
  (void)state;
  struct frame_buffer *fb = begun();
  put(fb, 0, 33, false);
  put(fb, 0, 35, false);
  put_frame(fb, 0, 12, false);
  expect_none(fb, 0);
  frame_buffer_give_up(fb, 34);
  assert_true(frame_buffer_deadline(fb) <= 0);
  expect_none(fb, 0);
  assert_true(frame_buffer_needs_key(fb));
  put_frame(fb, MS(50), 13, false);
  expect_none(fb, MS(50));
  put(fb, MS(90), 42, true);
  expect_none(fb, MS(90));
  assert_false(frame_buffer_needs_key(fb)); /* it is on its way */
  put(fb, MS(90), 43, true);
  put(fb, MS(90), 44, true);
  expect_frame(fb, MS(90), 14);
  put_frame(fb, MS(91), 15, false);
  expect_frame(fb, MS(91), 15);
  assert_int_equal(frame_buffer_stats(fb)->frames_dropped, 3);
  assert_int_equal(frame_buffer_stats(fb)->frames_lost, 3);
  frame_buffer_free(fb);
}

static void put_picture(struct frame_buffer *fb, int64_t seq, int id) {
  struct video_packet packet = packet_of(3 * seq, true);
  packet.seq = seq;
  packet.marker = true;
  packet.picture_id = id;
  frame_buffer_input(fb, 0, &packet);
  expect_some(fb, 0);
}

static void lost_pictures_are_those_whose_numbers_were_left_out(void **state) {
  (void)state;
  static const struct {
    int id, lost;
  } steps[] = {{5, 0},      {6, 0},          {8, 1},     {0x7f, 119}, {0, 119},       {2, 120},
               {0x7e, 243}, {1, 245},        {-1, 245},  {20, 245},   {0x1000, 4320}, {0x7fff, 32990},
               {0, 32990},  {0x7ffe, 65755}, {1, 65757}, {1, 65757}};
  struct frame_buffer *fb = frame_buffer_new();
  need(fb);
  for (int i = 0; i < (int)(sizeof steps / sizeof steps[0]); i++) {
    put_picture(fb, i, steps[i].id);
    assert_int_equal(frame_buffer_stats(fb)->frames_lost, steps[i].lost);
  }
  frame_buffer_free(fb);
}

static void a_packet_that_comes_after_all_fills_the_gap_given_up(void **state) {
  (void)state;
  struct frame_buffer *fb = begun();
  put(fb, 0, 33, false);
  put(fb, 0, 35, false);
  frame_buffer_give_up(fb, 34);
  put(fb, 0, 34, false);
  expect_frame(fb, 0, 11);
  frame_buffer_free(fb);
}

static void a_gap_nobody_gives_up_ends_with_patience(void **state) {
  (void)state;
  struct frame_buffer *fb = begun();
  put_frame(fb, MS(5), 12, false); /* frame 11 is lost */
  expect_none(fb, MS(5));
  usec last = MS(5) + FRAME_BUFFER_PATIENCE;
  for (usec now = MS(5); now < last;) {
    usec deadline = frame_buffer_deadline(fb);
    assert_true(deadline > now && deadline <= last);
    now = deadline;
    expect_none(fb, now);
    assert_int_equal(frame_buffer_needs_key(fb), now >= last);
  }
  assert_true(frame_buffer_deadline(fb) == USEC_NEVER);
  frame_buffer_free(fb);
}

static void a_whole_key_frame_behind_a_gap_is_waited_for_less(void **state) {
  (void)state;
  struct frame_buffer *fb = begun();
  put_frame(fb, 0, 12, false);
  put_frame(fb, 0, 13, true);
  expect_none(fb, 0);
  expect_none(fb, FRAME_BUFFER_KEY_PATIENCE - 1);
  expect_frame(fb, FRAME_BUFFER_KEY_PATIENCE, 13);
  assert_false(frame_buffer_needs_key(fb));
  frame_buffer_free(fb);
}

static void the_last_packet_of_a_frame_lost_without_successor_is_given_up_too(void **state) {
  (void)state;
  struct frame_buffer *fb = begun();
  put(fb, 0, 33, false);
  put(fb, 0, 34, false);
  expect_none(fb, 0);
  assert_true(frame_buffer_deadline(fb) <= FRAME_BUFFER_PATIENCE);
  expect_none(fb, FRAME_BUFFER_PATIENCE);
  assert_true(frame_buffer_needs_key(fb));
  frame_buffer_free(fb);
}

static void a_stream_that_starts_without_its_key_frame_asks_for_one(void **state) {
  (void)state;
  struct frame_buffer *fb = frame_buffer_new();
  need(fb);
  expect_none(fb, 0);
  assert_false(frame_buffer_needs_key(fb)); /* nothing is being sent */
  put_frame(fb, MS(1), 20, false);
  expect_none(fb, MS(1));
  assert_false(frame_buffer_needs_key(fb)); /* the packet before may only be late */
  usec due = frame_buffer_deadline(fb);
  assert_int_equal(due, MS(1) + FRAME_BUFFER_START_PATIENCE);
  expect_none(fb, due);
  assert_true(frame_buffer_needs_key(fb));
  frame_buffer_free(fb);
}

static void padding_closes_the_sequence_and_gives_no_frame(void **state) {
  (void)state;
  struct frame_buffer *fb = begun();
  struct video_packet padding = {.seq = 33, .rtp_time = 30000, .begins_frame = true, .marker = true};
  frame_buffer_input(fb, 0, &padding);
  expect_none(fb, 0);
  padding.seq = 34;
  frame_buffer_input(fb, 0, &padding);
  padding.seq = 35;
  frame_buffer_input(fb, 0, &padding);
  put_frame(fb, 0, 12, false);
  expect_frame(fb, 0, 12);
  frame_buffer_free(fb);
}

static void what_is_missing_between_two_pictures_that_follow_is_no_part_of_one(void **state) {
  (void)state;
  static const struct {
    int before, after;
    bool follow;
  } ids[] = {{10, 11, true},  {0x7fff, 0, true}, {0x7f, 0, true}, {0x7f, 0x80, true}, {10, 12, false},
             {10, 10, false}, {10, 0, false},    {-1, 0, false},  {10, -1, false}};
  for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
    struct frame_buffer *fb = frame_buffer_new();
    need(fb);
    for (int64_t seq = 30; seq < 39; seq++) { /* 33 to 35 are missing: padding, or a picture */
      struct video_packet packet = packet_of(seq, seq < 33);
      packet.picture_id = seq < 33 ? ids[i].before : ids[i].after;
      if (seq < 33 || seq > 35)
        frame_buffer_input(fb, 0, &packet);
    }
    expect_frame(fb, 0, 10);
    if (ids[i].follow)
      expect_frame(fb, 0, 12);
    expect_none(fb, 0);
    assert_int_equal(frame_buffer_next(fb), ids[i].follow ? 39 : 33);
    frame_buffer_free(fb);
  }
}

static void a_gap_before_padding_alone_is_decided_by_the_next_picture(void **state) {
  (void)state;
  for (int missing = 0; missing <= 1; missing++) { /* is it a picture? */
    struct frame_buffer *fb = begun();
    struct video_packet padding = {.seq = 34, .picture_id = -1, .tl0picidx = -1};
    frame_buffer_input(fb, 0, &padding);
    expect_none(fb, 0);
    frame_buffer_give_up(fb, 33);
    expect_none(fb, SEC(10));
    assert_true(frame_buffer_deadline(fb) == USEC_NEVER);
    assert_false(frame_buffer_needs_key(fb));
    for (int64_t seq = 36; seq < 39; seq++) {
      struct video_packet packet = packet_of(seq, false);
      packet.picture_id = 11 + missing;
      frame_buffer_input(fb, SEC(10), &packet);
    }
    if (missing)
      expect_none(fb, SEC(10));
    else
      expect_frame(fb, SEC(10), 12);
    assert_int_equal(frame_buffer_needs_key(fb), missing);
    frame_buffer_free(fb);
  }
}

static void a_frame_without_marker_ends_where_the_next_begins(void **state) {
  (void)state;
  struct frame_buffer *fb = begun();
  put(fb, 0, 33, false);
  put(fb, 0, 34, false);
  struct video_packet packet = packet_of(35, false);
  packet.marker = false;
  frame_buffer_input(fb, 0, &packet);
  expect_none(fb, 0);
  put(fb, 0, 36, false);
  expect_frame(fb, 0, 11);
  frame_buffer_free(fb);
}

/* Temporal layers 0 2 1 2 0 2 1 2...: one packet a frame. */
static void put_layered(struct frame_buffer *fb, int64_t seq, bool key, bool sync) {
  const int tid[] = {0, 2, 1, 2};
  uint8_t byte = (uint8_t)seq;
  struct video_packet packet = {.seq = seq,
                                .rtp_time = seq * 3000,
                                .marker = true,
                                .begins_frame = true,
                                .key = key,
                                .layer_sync = sync,
                                .tid = tid[seq % 4],
                                .tl0picidx = (int)(seq / 4 % 256),
                                .payload = &byte,
                                .size = 1};
  frame_buffer_input(fb, 0, &packet);
}

static int64_t next_seq(struct frame_buffer *fb) {
  struct video_frame out;
  return frame_buffer_poll(fb, 0, &out) ? out.rtp_time / 3000 : -1;
}

static void expect_frame_at(struct frame_buffer *fb, usec now, int64_t seq) {
  struct video_frame out;
  assert_true(frame_buffer_poll(fb, now, &out));
  assert_int_equal(out.rtp_time, seq * 3000);
}

static void a_lost_upper_layer_costs_no_key_frame(void **state) {
  (void)state;
  struct frame_buffer *fb = frame_buffer_new();
  need(fb);
  int64_t base = 4 * 253; /* so that tl0picidx wraps on the way */
  for (int64_t i = 0; i < 40; i++)
    if (i != 10) /* of layer 1 */
      put_layered(fb, base + i, i == 0, false);
  frame_buffer_give_up(fb, base + 10);
  for (int64_t i = 0; i < 40; i++) {
    bool lost = i == 10 || (i > 10 && i % 4 != 0); /* no upper frame says that it needs the base only */
    if (!lost)
      assert_int_equal(next_seq(fb), base + i);
  }
  put_layered(fb, base + 40, false, false);
  put_layered(fb, base + 41, false, true);
  put_layered(fb, base + 42, false, false);
  for (int64_t i = 40; i < 43; i++)
    assert_int_equal(next_seq(fb), base + i);
  assert_false(frame_buffer_needs_key(fb));
  frame_buffer_free(fb);
}

/* Two layers, 0 1 0 1...: one packet a frame, each at the time of its number. */
static void put_of_two(struct frame_buffer *fb, int64_t seq) {
  uint8_t byte = (uint8_t)seq;
  frame_buffer_input(fb, MS(seq),
                     &(struct video_packet){.seq = seq,
                                            .rtp_time = seq * 3000,
                                            .marker = true,
                                            .begins_frame = true,
                                            .key = seq == 400,
                                            .layer_sync = seq % 2,
                                            .tid = (int)(seq % 2),
                                            .tl0picidx = (int)(seq / 2 % 256),
                                            .payload = &byte,
                                            .size = 1,
                                            .arrival = MS(seq)});
}

static void an_upper_layer_is_waited_for_less(void **state) {
  (void)state;
  struct frame_buffer *fb = frame_buffer_new();
  need(fb);
  for (int64_t seq = 400; seq < 420; seq++)
    if (seq != 405 && seq != 407)
      put_of_two(fb, seq);
  for (int64_t seq = 400; seq < 405; seq++)
    expect_frame_at(fb, MS(420), seq);
  expect_none(fb, MS(420));
  usec due = MS(406) + FRAME_BUFFER_UPPER_PATIENCE; /* the base frame behind it */
  assert_int_equal(frame_buffer_deadline(fb), due);
  expect_none(fb, due - 1);
  expect_frame_at(fb, due, 406);
  expect_none(fb, due); /* the other has its own time, but no more than that */
  assert_int_equal(frame_buffer_deadline(fb), MS(408) + FRAME_BUFFER_UPPER_PATIENCE);
  for (int64_t seq = 408; seq < 420; seq++)
    expect_frame_at(fb, MS(408) + FRAME_BUFFER_UPPER_PATIENCE, seq);
  assert_false(frame_buffer_needs_key(fb));
  frame_buffer_free(fb);
}

static void a_base_layer_is_waited_for_as_without_layers(void **state) {
  (void)state;
  struct frame_buffer *fb = frame_buffer_new();
  need(fb);
  for (int64_t seq = 400; seq < 420; seq++)
    if (seq != 405 && seq != 406)
      put_of_two(fb, seq);
  for (int64_t seq = 400; seq < 405; seq++)
    expect_frame_at(fb, MS(420), seq);
  expect_none(fb, MS(420));
  expect_none(fb, MS(420) + FRAME_BUFFER_PATIENCE - 1);
  expect_none(fb, MS(420) + FRAME_BUFFER_PATIENCE);
  assert_true(frame_buffer_needs_key(fb));
  frame_buffer_free(fb);
}

static void a_lost_base_layer_needs_a_key_frame(void **state) {
  (void)state;
  struct frame_buffer *fb = frame_buffer_new();
  need(fb);
  for (int64_t seq = 400; seq < 420; seq++)
    if (seq != 408)
      put_layered(fb, seq, seq == 400, true);
  frame_buffer_give_up(fb, 408);
  for (int64_t seq = 400; seq < 408; seq++)
    assert_int_equal(next_seq(fb), seq);
  assert_int_equal(next_seq(fb), -1);
  assert_true(frame_buffer_needs_key(fb));
  frame_buffer_free(fb);
}

static void a_frame_beyond_the_bounds_is_dropped_and_a_key_frame_asked_for(void **state) {
  (void)state;
  const size_t sizes[] = {FRAME_BUFFER_PAYLOAD_MAX, 1}; /* too many bytes; too many packets */
  for (int i = 0; i < 2; i++) {
    struct frame_buffer *fb = begun();
    static uint8_t payload[FRAME_BUFFER_PAYLOAD_MAX];
    struct video_packet packet = {
        .seq = 33, .rtp_time = 1, .begins_frame = true, .payload = payload, .size = sizes[i]};
    for (int n = 0; n < 3000; n++, packet.seq++, packet.begins_frame = false) {
      frame_buffer_input(fb, 0, &packet);
      expect_none(fb, 0);
    }
    assert_true(frame_buffer_needs_key(fb));
    assert_int_equal(frame_buffer_stats(fb)->frames_dropped, 1);
    put_frame(fb, 0, 1100, true);
    expect_frame(fb, 0, 1100);
    frame_buffer_free(fb);
  }
}

static void a_packet_too_large_or_out_of_range_is_refused(void **state) {
  (void)state;
  struct frame_buffer *fb = begun();
  static uint8_t payload[FRAME_BUFFER_PAYLOAD_MAX + 1];
  struct video_packet packet = {.seq = 33, .payload = payload, .size = sizeof payload};
  frame_buffer_input(fb, 0, &packet);
  packet = (struct video_packet){.seq = INT64_MAX, .payload = payload, .size = 1};
  frame_buffer_input(fb, 0, &packet);
  packet.seq = INT64_MIN;
  frame_buffer_input(fb, 0, &packet);
  frame_buffer_give_up(fb, INT64_MAX);
  assert_int_equal(frame_buffer_stats(fb)->packets_refused, 3);
  put_frame(fb, 0, 11, false);
  expect_frame(fb, 0, 11);
  frame_buffer_free(fb);
}

static void a_jump_in_the_sequence_begins_anew(void **state) {
  (void)state;
  const int64_t to[] = {10 + 5000, 10 + 4000000, -4000};
  for (int i = 0; i < 3; i++) {
    struct frame_buffer *fb = begun();
    put(fb, 0, 33, false);
    int64_t frame = to[i];
    put_frame(fb, 0, frame, frame > 0);
    if (frame > 0) {
      expect_frame(fb, 0, frame);
      assert_int_equal(frame_buffer_stats(fb)->frames_dropped, 1);
    } else {
      expect_none(fb, FRAME_BUFFER_START_PATIENCE);
      assert_true(frame_buffer_needs_key(fb));
    }
    frame_buffer_free(fb);
  }
}

static void noise_never_breaks_it_and_a_key_frame_always_heals(void **state) {
  (void)state;
  struct frame_buffer *fb = frame_buffer_new();
  need(fb);
  uint64_t seed = 5;
  int64_t seq = 0;
  usec now = 0;
  static uint8_t payload[FRAME_BUFFER_PAYLOAD_MAX];
  for (int n = 0; n < 100000; n++) {
    uint64_t r = unit_random(&seed);
    now += (usec)(r % 3000);
    seq += (int64_t)(r >> 8) % 5 - (r % 97 == 0 ? 300 : 0) + (r % 1009 == 0 ? 2000 : 0);
    struct video_packet packet = {.seq = seq,
                                  .rtp_time = seq / 4,
                                  .marker = r >> 20 & 1,
                                  .begins_frame = r >> 21 & 1,
                                  .key = (r >> 22 & 15) == 0,
                                  .layer_sync = r >> 26 & 1,
                                  .tl0picidx = (int)(r >> 27 & 255) - 1,
                                  .tid = (int)(r >> 35 & 3),
                                  .payload = payload,
                                  .size = (r >> 37) % 1201};
    frame_buffer_input(fb, now, &packet);
    if (r % 50 == 0)
      frame_buffer_give_up(fb, seq - 1);
    struct video_frame out;
    while (frame_buffer_poll(fb, now, &out))
      assert_true(out.size <= FRAME_BUFFER_FRAME_MAX);
    assert_true(frame_buffer_deadline(fb) > now);
  }
  int64_t frame = seq / 3 + 2000;
  put_frame(fb, now, frame, true);
  expect_frame(fb, now + FRAME_BUFFER_PATIENCE, frame);
  frame_buffer_free(fb);
}

UNIT_TESTS(test(whole_frames_leave_in_order), test(a_frame_tells_its_key_and_the_arrival_of_its_last_packet),
           test(any_order_of_arrival_gives_the_same_frames),
           test(duplicates_and_late_packets_are_counted_and_change_nothing),
           test(a_gap_holds_back_what_follows_until_it_is_filled),
           test(after_a_gap_given_up_only_a_key_frame_helps),
           test(lost_pictures_are_those_whose_numbers_were_left_out),
           test(a_packet_that_comes_after_all_fills_the_gap_given_up),
           test(a_gap_nobody_gives_up_ends_with_patience), test(a_whole_key_frame_behind_a_gap_is_waited_for_less),
           test(the_last_packet_of_a_frame_lost_without_successor_is_given_up_too),
           test(a_stream_that_starts_without_its_key_frame_asks_for_one),
           test(padding_closes_the_sequence_and_gives_no_frame),
           test(what_is_missing_between_two_pictures_that_follow_is_no_part_of_one),
           test(a_gap_before_padding_alone_is_decided_by_the_next_picture),
           test(a_frame_without_marker_ends_where_the_next_begins), test(a_lost_upper_layer_costs_no_key_frame),
           test(an_upper_layer_is_waited_for_less), test(a_base_layer_is_waited_for_as_without_layers),
           test(a_lost_base_layer_needs_a_key_frame),
           test(a_frame_beyond_the_bounds_is_dropped_and_a_key_frame_asked_for),
           test(a_packet_too_large_or_out_of_range_is_refused), test(a_jump_in_the_sequence_begins_anew),
           test(noise_never_breaks_it_and_a_key_frame_always_heals))
