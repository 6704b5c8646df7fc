#include "engine/encode_video.h"

#include "media/bytes.h"
#include "unit.h"

enum { WIDTH = 64, HEIGHT = 48, RATE = 500000 };

static struct encode_video video;

static usec clock_now = SEC(7);
usec __wrap_loop_now(void); /* NOLINT: the linker's name */
usec __wrap_loop_now(void) {
  return clock_now;
}

static uint8_t plane[4096 * 8];

static struct picture picture_of(int mark, int width, int height) {
  memset(plane, mark, sizeof plane);
  return (struct picture){.width = width,
                          .height = height,
                          .stride = {width, width, width},
                          .plane = {plane, plane, plane},
                          .captured = SEC(1) + mark};
}

static bool begin(void) {
  memset(&video, 0, sizeof video);
  bool ok = encode_video_init(&video, &video_codec_fake);
  encode_video_set_open(&video, true);
  encode_video_set_enabled(&video, true);
  encode_video_set_target(&video, RATE, false);
  return ok;
}

static bool put(int mark) {
  bool post;
  struct picture picture = picture_of(mark, WIDTH, HEIGHT);
  sotto_status status = encode_video_write(&video, &picture, &post);
  assert_true(status == SOTTO_OK || (unit_alloc_failed() && status == SOTTO_ERR_NOMEM));
  return post;
}

static int mark_of(const struct stored_frame *frame) { /* where the fake codec keeps the first bytes of luma */
  return frame->data[frame->size > 40 && frame->key ? 26 : 19];
}

/* The mark of the oldest encoded frame, -1: none. */
static int take(bool *key) {
  const struct stored_frame *frame = encode_video_take(&video);
  if (!frame)
    return -1;
  int mark = mark_of(frame);
  assert_int_equal(frame->captured, SEC(1) + mark);
  *key = frame->key;
  encode_video_taken(&video);
  return mark;
}

static void a_written_picture_is_encoded_with_its_capture_time(void **state) {
  (void)state;
  bool encoded, key;
  need(begin());
  assert_true(put(5) || unit_alloc_failed());
  assert_false(encode_video_run(&video, &encoded));
  if (!unit_alloc_failed()) {
    assert_true(encoded);
    assert_int_equal(take(&key), 5);
    assert_true(key);
    assert_null(encode_video_take(&video));
    struct encode_video_stats stats;
    encode_video_stats(&video, &stats);
    assert_int_equal(stats.frames_captured, 1);
    assert_int_equal(stats.frames_encoded, 1);
    assert_int_equal(stats.key_frames_encoded, 1);
    assert_int_equal(stats.frames_dropped, 0);
  }
  encode_video_deinit(&video);
}

static void the_newest_picture_wins(void **state) {
  (void)state;
  bool encoded, key;
  struct encode_video_stats stats;
  need(begin());
  for (int mark = 1; mark <= 5; mark++)
    put(mark);
  encode_video_run(&video, &encoded);
  if (!unit_alloc_failed()) {
    assert_int_equal(take(&key), 5);
    assert_false(encode_video_run(&video, &encoded));
    assert_false(encoded);
    encode_video_stats(&video, &stats);
    assert_int_equal(stats.frames_captured, 5);
    assert_int_equal(stats.frames_dropped, 4);
  }
  encode_video_deinit(&video);
}

/* While one is being encoded, two more come: the encoder's picture must not be written over. */
static struct encode_video *encoding;
static bool encode_while_writing(void *encoder, const struct picture *picture, bool key,
                                 struct encoded_frame *out) {
  struct picture next = picture_of(100, WIDTH, HEIGHT);
  bool post;
  for (int i = 0; i < 3; i++)
    encode_video_write(encoding, &next, &post);
  return video_codec_fake.encode(encoder, picture, key, out);
}

static void writing_while_encoding_leaves_the_encoders_picture_alone(void **state) {
  (void)state;
  bool encoded, key;
  struct video_codec codec = video_codec_fake;
  codec.encode = encode_while_writing;
  need(begin());
  encode_video_set_codec(&video, &codec);
  encoding = &video;
  put(9);
  bool more = encode_video_run(&video, &encoded);
  if (!unit_alloc_failed()) {
    assert_true(more);
    assert_int_equal(take(&key), 9);
  }
  encode_video_deinit(&video);
}

static void nothing_is_encoded_unless_open_on_and_with_a_target(void **state) {
  (void)state;
  bool encoded;
  for (int missing = 0; missing < 3; missing++)
    for (int late = 0; late < 2; late++) {
      need(begin());
      if (late)
        put(1); /* it waits already as the gate shuts */
      if (missing == 0)
        encode_video_set_open(&video, false);
      else if (missing == 1)
        encode_video_set_enabled(&video, false);
      else
        encode_video_set_target(&video, 0, true);
      if (!late)
        assert_false(put(1));
      assert_false(encode_video_run(&video, &encoded));
      assert_false(encoded);
      encode_video_set_open(&video, true);
      encode_video_set_enabled(&video, true);
      encode_video_set_target(&video, RATE, false);
      assert_false(encode_video_run(&video, &encoded)); /* the old picture is not the first one after */
      assert_false(encoded);
      encode_video_deinit(&video);
    }
}

static void an_encoded_frame_is_never_dropped_the_picture_waits_instead(void **state) {
  (void)state;
  bool encoded, key;
  need(begin());
  for (int mark = 1; mark <= VIDEO_ENCODED_WAITING; mark++) {
    put(mark);
    encode_video_run(&video, &encoded);
  }
  put(50);
  put(51);
  bool more = encode_video_run(&video, &encoded);
  if (unit_alloc_failed())
    goto done;
  assert_false(more || encoded);
  assert_non_null(encode_video_take(&video));
  assert_true(encode_video_taken(&video)); /* post: a picture waited for this */
  encode_video_run(&video, &encoded);
  if (unit_alloc_failed())
    goto done;
  assert_true(encoded);
  for (int mark = 2; mark <= VIDEO_ENCODED_WAITING; mark++)
    assert_int_equal(take(&key), mark);
  assert_int_equal(take(&key), 51);
done:
  encode_video_deinit(&video);
}

static void a_key_frame_is_made_when_asked_for_and_then_no_more(void **state) {
  (void)state;
  bool encoded, key[4] = {0};
  need(begin());
  for (int i = 0; i < 4; i++) {
    if (i == 2)
      encode_video_set_target(&video, RATE, true);
    put(i);
    encode_video_run(&video, &encoded);
    if (unit_alloc_failed())
      goto done;
    assert_int_equal(take(&key[i]), i);
  }
  assert_true(key[0] && !key[1] && key[2] && !key[3]);
done:
  encode_video_deinit(&video);
}

static int starved;
static bool encode_nothing(void *encoder, const struct picture *picture, bool key, struct encoded_frame *out) {
  if (starved-- > 0) {
    *out = (struct encoded_frame){0}; /* the rate control dropped it */
    return true;
  }
  return video_codec_fake.encode(encoder, picture, key, out);
}

static void a_key_frame_that_the_rate_control_ate_is_asked_for_again(void **state) {
  (void)state;
  bool encoded, key = false;
  struct encode_video_stats stats;
  struct video_codec codec = video_codec_fake;
  codec.encode = encode_nothing;
  need(begin());
  encode_video_set_codec(&video, &codec);
  starved = 0;
  put(1);
  encode_video_run(&video, &encoded);
  if (unit_alloc_failed())
    goto done;
  assert_int_equal(take(&key), 1);
  encode_video_set_target(&video, RATE, true);
  starved = 2;
  for (int i = 0; i < 2; i++) {
    put(2);
    encode_video_run(&video, &encoded);
    assert_false(encoded);
  }
  put(3);
  encode_video_run(&video, &encoded);
  if (unit_alloc_failed())
    goto done;
  assert_int_equal(take(&key), 3);
  assert_true(key);
  encode_video_stats(&video, &stats);
  assert_int_equal(stats.frames_dropped, 2);
done:
  encode_video_deinit(&video);
}

/* Memory of ours with a picture of this mark in it. */
static bool draw(int mark, struct picture *picture) {
  if (encode_video_lend(&video, WIDTH, HEIGHT, picture) != SOTTO_OK)
    return false;
  memset(picture->plane[0], mark, WIDTH * HEIGHT);
  picture->captured = SEC(1) + mark;
  return true;
}

static void a_picture_drawn_into_lent_memory_is_not_copied(void **state) {
  (void)state;
  bool encoded, key, post;
  struct picture lent, next;
  need(begin());
  need(draw(3, &lent));
  assert_int_equal(encode_video_write(&video, &lent, &post), SOTTO_OK);
  assert_true(post);
  assert_ptr_equal(video.buffer[video.waiting].picture.plane[0], lent.plane[0]);
  need(draw(4, &next)); /* while that one waits */
  assert_ptr_not_equal(next.plane[0], lent.plane[0]);
  encode_video_run(&video, &encoded);
  if (unit_alloc_failed())
    goto done;
  assert_int_equal(take(&key), 3);
  assert_int_equal(encode_video_write(&video, &next, &post), SOTTO_OK);
  encode_video_run(&video, &encoded);
  if (!unit_alloc_failed())
    assert_int_equal(take(&key), 4);
done:
  encode_video_deinit(&video);
}

static void lent_memory_comes_back_as_it_was_lent_or_not_at_all(void **state) {
  (void)state;
  bool encoded, key, post;
  struct picture lent;
  need(begin());
  need(draw(3, &lent));
  lent.plane[0] += lent.stride[0] * (HEIGHT - 1); /* upside down */
  lent.stride[0] = -lent.stride[0];
  assert_int_equal(encode_video_write(&video, &lent, &post), SOTTO_ERR_INVALID);
  assert_false(post);
  need(draw(4, &lent));
  put(5); /* another one, which is copied: the lent one is gone */
  encode_video_run(&video, &encoded);
  if (unit_alloc_failed())
    goto done;
  assert_int_equal(take(&key), 5);
  encode_video_set_open(&video, false);
  need(draw(6, &lent)); /* there is memory also while nothing is sent */
  assert_int_equal(encode_video_write(&video, &lent, &post), SOTTO_OK);
  assert_false(post);
done:
  encode_video_deinit(&video);
}

static void a_new_size_and_rate_hold_from_the_next_picture(void **state) {
  (void)state;
  bool encoded, key, post;
  need(begin());
  put(1);
  encode_video_run(&video, &encoded);
  if (unit_alloc_failed())
    goto done;
  assert_int_equal(take(&key), 1);
  struct picture larger = picture_of(2, 128, 96);
  assert_true(encode_video_write(&video, &larger, &post) == SOTTO_OK || unit_alloc_failed());
  encode_video_set_target(&video, 2 * RATE, false);
  encode_video_run(&video, &encoded);
  if (unit_alloc_failed())
    goto done;
  assert_int_equal(take(&key), 2);
  assert_true(key);
  assert_int_equal(video.config.width, 128);
  assert_int_equal(video.config.bitrate, 2 * RATE);
done:
  encode_video_deinit(&video);
}

static bool set_nothing(void *encoder, const struct video_encoder_config *config) {
  (void)encoder, (void)config;
  return false;
}

static void an_encoder_that_can_not_be_set_is_made_anew(void **state) {
  (void)state;
  struct video_codec codec = video_codec_fake;
  bool encoded, key;
  codec.encoder_set = set_nothing;
  need(begin());
  encode_video_set_codec(&video, &codec);
  put(1);
  encode_video_run(&video, &encoded);
  if (unit_alloc_failed())
    goto done;
  assert_int_equal(take(&key), 1);
  encode_video_set_target(&video, 2 * RATE, false);
  put(2);
  encode_video_run(&video, &encoded);
  assert_false(encoded);
  put(3);
  encode_video_run(&video, &encoded);
  if (unit_alloc_failed())
    goto done;
  assert_int_equal(take(&key), 3);
  assert_true(key);
  assert_int_equal(video.config.bitrate, 2 * RATE);
done:
  encode_video_deinit(&video);
}

static bool encode_coarsely(void *encoder, const struct picture *picture, bool key, struct encoded_frame *out) {
  bool ok = video_codec_fake.encode(encoder, picture, key, out);
  out->quantizer = QUANTIZER_WORST;
  return ok;
}

/* Three seconds of pictures of 200x150, far more than the rate is enough for; the size of the last frame. */
static bool starve(bool screen, int *width, int *height, int *frames) {
  struct video_codec codec = video_codec_fake;
  codec.encode = encode_coarsely;
  bool ok = begin(), encoded, post;
  if (!ok)
    return false;
  encode_video_set_codec(&video, &codec);
  encode_video_set_screen(&video, screen);
  for (int i = *frames = 0; i < 90 && ok; i++) {
    struct picture picture = picture_of(7, 200, 150);
    picture.captured = SEC(1) + i * SEC(1) / 30;
    ok = encode_video_write(&video, &picture, &post) == SOTTO_OK;
    encode_video_run(&video, &encoded);
    if (!encoded)
      continue;
    ++*frames;
    assert_int_equal(mark_of(encode_video_take(&video)), 7); /* also when it was made smaller */
    encode_video_taken(&video);
  }
  *width = video.config.width;
  *height = video.config.height;
  encode_video_deinit(&video);
  return ok && !unit_alloc_failed();
}

static void what_the_rate_is_not_enough_for_becomes_smaller(void **state) {
  (void)state;
  int width, height, frames;
  need(starve(false, &width, &height, &frames));
  assert_int_equal(width, 176);
  assert_int_equal(height, 132);
  assert_in_range(frames, 80, 90);
}

static void a_screen_keeps_its_size_and_becomes_fewer(void **state) {
  (void)state;
  int width, height, frames;
  need(starve(true, &width, &height, &frames));
  assert_int_equal(width, 200);
  assert_int_equal(height, 150);
  assert_in_range(frames, 50, 85);
}

static usec delta_cost, key_cost;
static bool encode_slowly(void *encoder, const struct picture *picture, bool key, struct encoded_frame *out) {
  bool ok = video_codec_fake.encode(encoder, picture, key, out);
  clock_now += out->key ? key_cost : delta_cost;
  return ok;
}

static int told_speed;
static bool set_and_tell(void *encoder, const struct video_encoder_config *config) {
  told_speed = config->speed;
  return video_codec_fake.encoder_set(encoder, config);
}

/* `count` pictures of 640x360, at most 30 a second, for an encoder whose worker is busy with others before each;
 * with key_frames one of 15 is asked for as such. */
static bool strain(int count, usec busy, bool key_frames, struct encode_video_stats *stats) {
  static uint8_t grey[640 * 360];
  struct picture picture = {640, 360, {640, 320, 320}, {grey, grey, grey}, 0};
  struct video_codec codec = video_codec_fake;
  codec.encode = encode_slowly;
  codec.encoder_set = set_and_tell;
  told_speed = 0;
  bool ok = begin(), encoded, post;
  if (!ok)
    return false;
  encode_video_set_codec(&video, &codec);
  for (int i = 0; i < count && ok; i++) {
    usec captured = picture.captured = clock_now;
    if (key_frames && i % 15 == 0)
      encode_video_set_target(&video, RATE, true);
    ok = encode_video_write(&video, &picture, &post) == SOTTO_OK;
    clock_now += busy;
    encode_video_run(&video, &encoded);
    if (encode_video_take(&video))
      encode_video_taken(&video);
    usec next = captured + SEC(1) / 30; /* the camera's, or the first after what was missed */
    clock_now = next > clock_now ? next : clock_now;
  }
  encode_video_stats(&video, stats);
  encode_video_deinit(&video);
  return ok && !unit_alloc_failed();
}

static void what_the_processor_is_not_enough_for_becomes_faster_then_smaller(void **state) {
  (void)state;
  struct encode_video_stats stats;
  delta_cost = key_cost = MS(25);
  need(strain(60, 0, false, &stats));
  assert_in_range(told_speed, 1, VIDEO_SPEED_MAX);
  assert_int_equal(video.config.width, 640);
  assert_int_equal(stats.limited, LIMIT_NONE);
  delta_cost = key_cost = MS(40);
  need(strain(60, 0, false, &stats));
  assert_int_equal(told_speed, VIDEO_SPEED_MAX);
  assert_int_equal(video.config.width, 480);
  assert_int_equal(stats.limited, LIMIT_CPU);
}

static void slow_key_frames_are_no_reason(void **state) {
  (void)state;
  struct encode_video_stats stats;
  delta_cost = MS(20);
  key_cost = MS(250);
  need(strain(150, 0, true, &stats));
  assert_in_range(stats.key_frames_encoded, 8, 11);
  assert_int_equal(told_speed, 0);
  assert_int_equal(stats.limited, LIMIT_NONE);
}

static void waiting_for_the_worker_counts_as_the_processors(void **state) {
  (void)state;
  struct encode_video_stats stats;
  delta_cost = key_cost = MS(10);
  need(strain(60, MS(18), false, &stats));
  assert_in_range(told_speed, 1, VIDEO_SPEED_MAX);
}

/* The engine takes nothing for a while: three frames wait, and so does a picture. */
static void waiting_for_the_network_does_not(void **state) {
  (void)state;
  bool encoded;
  delta_cost = key_cost = MS(1);
  struct video_codec codec = video_codec_fake;
  codec.encode = encode_slowly;
  need(begin());
  encode_video_set_codec(&video, &codec);
  for (int i = 0; i < 60 && !unit_alloc_failed(); i++) {
    put(i % 100);
    encode_video_run(&video, &encoded);
    clock_now += MS(200);
    if (i > 3) {
      encode_video_taken(&video);
      encode_video_run(&video, &encoded);
    }
  }
  if (!unit_alloc_failed())
    assert_int_equal(video.config.speed, 0);
  encode_video_deinit(&video);
}

UNIT_TESTS(test(a_picture_drawn_into_lent_memory_is_not_copied),
           test(lent_memory_comes_back_as_it_was_lent_or_not_at_all),
           test(a_written_picture_is_encoded_with_its_capture_time), test(the_newest_picture_wins),
           test(writing_while_encoding_leaves_the_encoders_picture_alone),
           test(nothing_is_encoded_unless_open_on_and_with_a_target),
           test(an_encoded_frame_is_never_dropped_the_picture_waits_instead),
           test(a_key_frame_is_made_when_asked_for_and_then_no_more),
           test(what_the_rate_is_not_enough_for_becomes_smaller), test(a_screen_keeps_its_size_and_becomes_fewer),
           test(a_key_frame_that_the_rate_control_ate_is_asked_for_again),
           test(a_new_size_and_rate_hold_from_the_next_picture), test(an_encoder_that_can_not_be_set_is_made_anew),
           test(what_the_processor_is_not_enough_for_becomes_faster_then_smaller),
           test(slow_key_frames_are_no_reason), test(waiting_for_the_worker_counts_as_the_processors),
           test(waiting_for_the_network_does_not))
