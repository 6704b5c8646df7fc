#include "engine/decode_video.h"

#include "unit.h"

enum { WIDTH = 64, HEIGHT = 48 };

static struct decode_video video;
static struct render_queue queue;
static void *encoder;
static uint8_t plane[WIDTH * HEIGHT];

static bool begin(void) {
  struct video_encoder_config config = {
      .width = WIDTH, .height = HEIGHT, .fps = 30, .threads = 1, .bitrate = 300000};
  memset(&video, 0, sizeof video);
  memset(&queue, 0, sizeof queue);
  encoder = video_codec_fake.encoder_new(&config);
  if (!encoder)
    return false;
  render_queue_init(&queue);
  render_queue_set_open(&queue, true);
  return decode_video_init(&video, &video_codec_fake, &queue);
}

static void end(void) {
  decode_video_deinit(&video);
  render_queue_deinit(&queue);
  video_codec_fake.encoder_free(encoder);
}

static struct encoded_frame frame_of(int mark, bool key) {
  struct encoded_frame frame;
  memset(plane, mark, sizeof plane);
  struct picture picture = {
      .width = WIDTH, .height = HEIGHT, .stride = {WIDTH, WIDTH, WIDTH}, .plane = {plane, plane, plane}};
  assert_true(video_codec_fake.encode(encoder, &picture, key, &frame));
  return frame;
}

static bool input(const struct encoded_frame *frame, int mark) {
  return decode_video_input(&video, frame->data, frame->size, frame->key, SEC(5) + mark, 0);
}

static int shown(void) {
  struct rendered *picture = render_queue_take(&queue, SEC(9));
  if (!picture)
    return -1;
  int mark = picture->buffer.memory[0];
  assert_int_equal(picture->buffer.picture.captured, SEC(5) + mark);
  render_queue_give_back(picture);
  return mark;
}

static int made;
static void *counted_decoder(void) {
  made++;
  return video_codec_fake.decoder_new();
}

static void the_decoder_is_of_the_format_that_was_set(void **state) {
  (void)state;
  bool notify;
  struct video_codec codec = video_codec_fake;
  codec.decoder_new = counted_decoder;
  made = 0;
  need(begin());
  decode_video_set_codec(&video, &codec);
  struct encoded_frame frame = frame_of(1, true);
  if (input(&frame, 1)) {
    decode_video_run(&video, &notify);
    assert_int_equal(made, 1);
  } else {
    assert_true(unit_alloc_failed());
  }
  end();
}

static void frames_become_pictures_in_order(void **state) {
  (void)state;
  bool notify;
  struct decode_video_stats stats;
  need(begin());
  for (int mark = 1; mark <= 4; mark++) {
    struct encoded_frame frame = frame_of(mark, false);
    bool posted = input(&frame, mark);
    decode_video_run(&video, &notify);
    if (unit_alloc_failed())
      goto done;
    assert_true(posted && !notify);
    assert_int_equal(shown(), mark);
  }
  decode_video_stats(&video, &stats);
  assert_int_equal(stats.frames_received, 4);
  assert_int_equal(stats.frames_decoded, 4);
  assert_int_equal(stats.key_frames_decoded, 1);
  assert_int_equal(stats.width, WIDTH);
  assert_true(stats.first_decoded > 0);
done:
  end();
}

static void after_a_frame_that_does_not_decode_only_a_key_frame_helps(void **state) {
  (void)state;
  bool notify, more;
  need(begin());
  struct encoded_frame frame = frame_of(1, true);
  input(&frame, 1);
  decode_video_run(&video, &notify);
  if (unit_alloc_failed())
    goto done;
  assert_int_equal(shown(), 1);
  uint8_t garbage[30] = {1};
  assert_true(decode_video_input(&video, garbage, sizeof garbage, false, 0, 0) || unit_alloc_failed());
  frame = frame_of(2, false); /* waits behind it, and leans on what was lost */
  assert_true(input(&frame, 2) || unit_alloc_failed());
  more = decode_video_run(&video, &notify);
  if (unit_alloc_failed())
    goto done;
  assert_true(notify);
  assert_false(more);
  assert_true(decode_video_take_key_request(&video));
  assert_false(decode_video_take_key_request(&video)); /* once */
  frame = frame_of(3, false);
  assert_false(input(&frame, 3));
  assert_true(decode_video_take_key_request(&video)); /* still wanted; the session limits how often it asks */
  frame = frame_of(4, true);
  assert_true(input(&frame, 4) || unit_alloc_failed());
  decode_video_run(&video, &notify);
  if (!unit_alloc_failed())
    assert_int_equal(shown(), 4);
done:
  end();
}

static void a_key_frame_that_waits_behind_a_bad_one_is_used(void **state) {
  (void)state;
  bool notify;
  need(begin());
  uint8_t garbage[30] = {1};
  decode_video_input(&video, garbage, sizeof garbage, true, 0, 0);
  struct encoded_frame frame = frame_of(7, true);
  input(&frame, 7);
  bool more = decode_video_run(&video, &notify);
  if (unit_alloc_failed())
    goto done;
  assert_true(more);
  decode_video_run(&video, &notify);
  if (!unit_alloc_failed())
    assert_int_equal(shown(), 7);
done:
  end();
}

static void a_worker_that_is_behind_costs_a_key_frame_and_no_memory(void **state) {
  (void)state;
  struct decode_video_stats stats;
  need(begin());
  int stored = 0;
  for (int mark = 0; mark < 3 * DECODE_WAITING; mark++) {
    struct encoded_frame frame = frame_of(mark, false);
    stored += input(&frame, mark);
  }
  if (!unit_alloc_failed()) {
    assert_int_equal(stored, DECODE_WAITING);
    assert_true(decode_video_take_key_request(&video));
    decode_video_stats(&video, &stats);
    assert_int_equal(stats.frames_dropped, 2 * DECODE_WAITING);
  }
  end();
}

static void a_frame_of_any_size_is_bounded(void **state) {
  (void)state;
  struct stored_frame frame = {0};
  static uint8_t large[FRAME_STORE_FRAME_MAX + 1];
  need(stored_frame_set(&frame, large, 1000));
  uint8_t *memory = frame.data;
  assert_true(stored_frame_set(&frame, large, 1500)); /* room to spare: nothing allocated */
  assert_ptr_equal(frame.data, memory);
  assert_false(stored_frame_set(&frame, large, sizeof large));
  assert_int_equal(frame.size, 1500);
  free(frame.data);
}

UNIT_TESTS(test(the_decoder_is_of_the_format_that_was_set), test(frames_become_pictures_in_order),
           test(after_a_frame_that_does_not_decode_only_a_key_frame_helps),
           test(a_key_frame_that_waits_behind_a_bad_one_is_used),
           test(a_worker_that_is_behind_costs_a_key_frame_and_no_memory), test(a_frame_of_any_size_is_bounded))
