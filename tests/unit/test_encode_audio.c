#include "engine/encode_audio.h"

#include "media/limits.h"
#include "unit.h"

enum { FRAME = 960 };

static struct encode_audio audio;
static int16_t sound[AUDIO_SAMPLES_MAX];

static bool begin(int frame_samples) {
  memset(&audio, 0, sizeof audio);
  for (int i = 0; i < AUDIO_SAMPLES_MAX; i++)
    sound[i] = (int16_t)(i % 2 ? 4000 : -4000);
  return encode_audio_init(&audio, &audio_codec_fake, frame_samples);
}

/* Runs the worker until nothing waits; how many frames came out of it. */
static int work(void) {
  int encoded = 0;
  for (bool more = true, one; more; encoded += one)
    more = encode_audio_run(&audio, &one);
  return encoded;
}

static int take_all(size_t *size, usec *captured) {
  int count = 0;
  for (const struct encoded_audio *frame; (frame = encode_audio_take(&audio)); count++) {
    *size = frame->size;
    *captured = frame->captured;
    encode_audio_taken(&audio);
  }
  return count;
}

static void writes_of_any_size_become_frames_with_their_capture_times(void **state) {
  (void)state;
  static const int blocks[] = {1, 480, 441, 960, 961, 2880, 7, 1919};
  need(begin(FRAME));
  encode_audio_set_open(&audio, true);
  int written = 0, out = 0;
  usec start = SEC(1000), captured = 0;
  for (int i = 0; i < 8; i++) {
    bool post;
    written += blocks[i];
    usec now = start + SEC((usec)written) / AUDIO_RATE;
    assert_int_equal(encode_audio_write(&audio, now, sound, blocks[i], &post), SOTTO_OK);
    size_t size;
    assert_int_equal(post, (written + FRAME - 1) / FRAME > out); /* the first one begins with silence */
    work();
    if (unit_alloc_failed())
      goto done; /* an encoder that can't be made costs frames, not more */
    int got = take_all(&size, &captured);
    out += got;
    if (got)
      assert_in_range(captured, start + (out - 2) * MS(20) - 25, start + (out - 2) * MS(20) + 25);
  }
  assert_int_equal(out, (written + FRAME - 1) / FRAME);
done:
  encode_audio_deinit(&audio);
}

static void nothing_is_encoded_while_the_gate_is_shut(void **state) {
  (void)state;
  bool post;
  need(begin(FRAME));
  assert_int_equal(encode_audio_write(&audio, SEC(1), sound, 5 * FRAME, &post), SOTTO_OK);
  assert_false(post);
  assert_int_equal(work(), 0);
  encode_audio_set_open(&audio, true);
  assert_int_equal(encode_audio_write(&audio, SEC(1), sound, FRAME + 100, &post), SOTTO_OK);
  assert_true(post);
  encode_audio_set_open(&audio, false); /* shut before the worker came: the frame goes nowhere */
  assert_int_equal(work(), 0);
  assert_null(encode_audio_take(&audio));
  encode_audio_set_open(&audio, true); /* and of the samples from before, none is left */
  assert_int_equal(encode_audio_write(&audio, SEC(2), sound, FRAME - 1, &post), SOTTO_OK);
  assert_int_equal(audio.frame[audio.head].pcm[0], 0);
  assert_int_equal(audio.frame[audio.head].pcm[1], sound[0]);
  encode_audio_deinit(&audio);
}

static void the_first_write_behind_the_gate_leaves_at_once(void **state) {
  (void)state;
  bool post;
  need(begin(FRAME));
  encode_audio_set_open(&audio, true);
  assert_int_equal(encode_audio_write(&audio, SEC(2), sound, FRAME / 2, &post), SOTTO_OK);
  assert_true(post);
  assert_int_equal(audio.frame[audio.head].captured, SEC(2) - MS(20));
  for (int i = 0; i < FRAME; i++) /* silence, and then what was said */
    assert_int_equal(audio.frame[audio.head].pcm[i], i < FRAME / 2 ? 0 : sound[i - FRAME / 2]);
  assert_int_equal(encode_audio_write(&audio, SEC(2) + MS(10), sound, FRAME / 2, &post), SOTTO_OK);
  assert_int_equal(audio.count, 1); /* from then on, whole ones */
  encode_audio_deinit(&audio);
}

static void the_first_frame_has_the_length_that_was_asked_for_last(void **state) {
  (void)state;
  bool post;
  need(begin(FRAME));
  encode_audio_set_open(&audio, true);
  encode_audio_set_target(&audio, RATE_AUDIO, FRAME / 2);
  assert_int_equal(encode_audio_write(&audio, SEC(2), sound, FRAME / 4, &post), SOTTO_OK);
  assert_true(post);
  assert_int_equal(audio.frame[audio.head].samples, FRAME / 2);
  assert_int_equal(audio.frame[audio.head].captured, SEC(2) - MS(10));
  encode_audio_deinit(&audio);
}

static void a_write_is_refused_when_the_encoder_is_behind(void **state) {
  (void)state;
  bool post;
  need(begin(FRAME));
  encode_audio_set_open(&audio, true);
  assert_int_equal(encode_audio_write(&audio, SEC(1), sound, AUDIO_FRAMES_WAITING * FRAME, &post), SOTTO_OK);
  assert_int_equal(encode_audio_write(&audio, SEC(1), sound, 1, &post), SOTTO_ERR_FULL);
  assert_true(post);
  int encoded = work();
  if (!unit_alloc_failed()) {
    assert_int_equal(encoded, AUDIO_FRAMES_WAITING);
    assert_int_equal(encode_audio_write(&audio, SEC(1), sound, FRAME, &post), SOTTO_OK);
  }
  encode_audio_deinit(&audio);
}

static void frames_that_nobody_takes_are_dropped_and_not_piled_up(void **state) {
  (void)state;
  need(begin(FRAME));
  encode_audio_set_open(&audio, true);
  int encoded = 0;
  for (int i = 0; i < 3 * AUDIO_ENCODED_WAITING; i++) {
    bool post;
    assert_int_equal(encode_audio_write(&audio, SEC(1) + i * MS(20), sound, FRAME, &post), SOTTO_OK);
    encoded += work();
  }
  if (!unit_alloc_failed())
    assert_int_equal(encoded, AUDIO_ENCODED_WAITING);
  encode_audio_deinit(&audio);
}

static void muted_is_silence_of_the_same_size_and_cadence_whether_it_writes_or_not(void **state) {
  (void)state;
  bool post;
  size_t loud = 0, quiet = 0;
  usec captured = 0, now = SEC(50), last = 0;
  need(begin(FRAME));
  encode_audio_set_open(&audio, true);
  for (int i = 0; i < 5; i++, now += MS(20)) {
    assert_int_equal(encode_audio_write(&audio, now, sound, FRAME, &post), SOTTO_OK);
    work();
    if (unit_alloc_failed())
      goto done;
    assert_int_equal(take_all(&loud, &last), 1);
  }
  now -= MS(20) - MS(5);
  encode_audio_set_muted(&audio, now, true);
  for (int i = 1; i <= 50; i++) {
    if (i % 2) { /* an embedder that goes on recording: nothing of it is heard */
      assert_int_equal(encode_audio_write(&audio, now, sound, FRAME, &post), SOTTO_OK);
      assert_false(post);
    }
    now = encode_audio_deadline(&audio);
    assert_false(encode_audio_silence(&audio, now - 1));
    assert_true(encode_audio_silence(&audio, now));
    assert_int_equal(work(), 1);
    const struct encoded_audio *frame = encode_audio_take(&audio);
    for (int level = 0; level < FRAME / 120; level++)
      assert_int_equal(frame->payload[6 + level], 0); /* the fake codec's loudness */
    assert_int_equal(take_all(&quiet, &captured), 1);
    assert_int_equal(captured, last + i * MS(20)); /* no seam */
    assert_int_equal(quiet, loud);
  }
  encode_audio_set_muted(&audio, now, false);
  assert_true(encode_audio_deadline(&audio) == USEC_NEVER);
done:
  encode_audio_deinit(&audio);
}

static void muted_from_the_start_silence_begins_with_the_gate_and_a_stall_is_not_made_up(void **state) {
  (void)state;
  need(begin(480));
  encode_audio_set_muted(&audio, SEC(10), true);
  assert_true(encode_audio_deadline(&audio) == USEC_NEVER);
  assert_false(encode_audio_silence(&audio, SEC(11)));
  encode_audio_set_open(&audio, true);
  assert_true(encode_audio_deadline(&audio) <= SEC(12));
  assert_true(encode_audio_silence(&audio, SEC(12)));
  assert_int_equal(audio.count, 1);
  assert_true(encode_audio_deadline(&audio) == SEC(12) + MS(10));
  assert_true(encode_audio_silence(&audio, SEC(60))); /* the machine slept */
  assert_int_equal(audio.count, 2);
  assert_true(encode_audio_deadline(&audio) == SEC(60) + MS(10));
  for (int i = 0; i < 20; i++) /* the worker stands still: bounded all the same */
    encode_audio_silence(&audio, encode_audio_deadline(&audio));
  assert_int_equal(audio.count, AUDIO_FRAMES_WAITING);
  encode_audio_deinit(&audio);
}

static void a_new_bitrate_holds_from_the_next_frame(void **state) {
  (void)state;
  bool post;
  size_t size = 0;
  usec captured;
  need(begin(FRAME));
  encode_audio_set_open(&audio, true);
  for (bps rate = RATE_AUDIO; rate >= RATE_AUDIO_LOW; rate /= 2) {
    encode_audio_set_target(&audio, rate, 0);
    assert_int_equal(encode_audio_write(&audio, SEC(1), sound, FRAME, &post), SOTTO_OK);
    work();
    if (!unit_alloc_failed()) {
      assert_int_equal(take_all(&size, &captured), 1);
      assert_int_equal(size, rate / 8 / 50);
    }
  }
  encode_audio_deinit(&audio);
}

static int loss_told;
static bool fec_told;
static bool set_and_tell(void *encoder, const struct audio_encoder_config *config) {
  loss_told = config->loss;
  fec_told = config->inband_fec;
  return audio_codec_fake.encoder_set(encoder, config);
}

static void the_encoder_hears_of_loss(void **state) {
  (void)state;
  bool post;
  struct audio_codec codec = audio_codec_fake;
  codec.encoder_set = set_and_tell;
  need(begin(FRAME));
  audio.codec = &codec;
  encode_audio_set_open(&audio, true);
  loss_told = -1;
  for (int loss = 0; loss <= 20; loss += 10) {
    encode_audio_set_loss(&audio, loss < 10 ? loss : 10, loss == 20);
    assert_int_equal(encode_audio_write(&audio, SEC(1), sound, FRAME, &post), SOTTO_OK);
    work();
  }
  assert_true((loss_told == 10 && fec_told) || unit_alloc_failed());
  encode_audio_deinit(&audio);
}

UNIT_TESTS(test(writes_of_any_size_become_frames_with_their_capture_times),
           test(nothing_is_encoded_while_the_gate_is_shut), test(the_first_write_behind_the_gate_leaves_at_once),
           test(the_first_frame_has_the_length_that_was_asked_for_last),
           test(a_write_is_refused_when_the_encoder_is_behind),
           test(frames_that_nobody_takes_are_dropped_and_not_piled_up),
           test(muted_is_silence_of_the_same_size_and_cadence_whether_it_writes_or_not),
           test(muted_from_the_start_silence_begins_with_the_gate_and_a_stall_is_not_made_up),
           test(a_new_bitrate_holds_from_the_next_frame), test(the_encoder_hears_of_loss))
