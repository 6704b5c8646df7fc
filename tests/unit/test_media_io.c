#include "engine/media_io.h"

#include <semaphore.h>

#include "engine/loop.h"
#include "unit.h"

enum { FRAME = 960, WIDTH = 64, HEIGHT = 48 };

static struct worker *audio, *encode, *decode;
static sem_t ready;

static void on_ready(void *user) {
  (void)user;
  sem_post(&ready);
}

static void stop_workers(void) {
  worker_free(audio);
  worker_free(encode);
  worker_free(decode);
  audio = encode = decode = NULL;
}

static bool start_workers(void) {
  sem_init(&ready, 0, 0);
  audio = worker_new("audio");
  encode = worker_new("encode");
  decode = worker_new("decode");
  if (audio && encode && decode)
    return true;
  stop_workers();
  return false;
}

static struct media_io *make(void) {
  struct media_io_config config = {.audio_codec = &audio_codec_fake,
                                   .video_codec = &video_codec_fake,
                                   .frame_samples = FRAME,
                                   .audio = audio,
                                   .encode = encode,
                                   .decode = decode,
                                   .ready = on_ready};
  return media_io_new(&config);
}

/* Workers and one call's media, the gate open, everything on; NULL: nothing is left behind. */
static struct media_io *begin(void) {
  struct media_io *io = start_workers() ? make() : NULL;
  if (!io) {
    stop_workers();
    return NULL;
  }
  media_io_set_gate(io, SOTTO_GATE_OPEN);
  media_io_set_media(io, loop_now(), SOTTO_AUDIO | SOTTO_VIDEO);
  media_io_set_targets(io, 32000, 0, 300000, false);
  return io;
}

static void end(struct media_io *io) {
  stop_workers();
  media_io_release(io);
}

static uint8_t plane[WIDTH * HEIGHT];
static struct picture picture_of(int mark) {
  memset(plane, mark, sizeof plane);
  return (struct picture){.width = WIDTH,
                          .height = HEIGHT,
                          .stride = {WIDTH, WIDTH, WIDTH},
                          .plane = {plane, plane, plane},
                          .captured = loop_now()};
}

/* The workers may fail to make a codec when an allocation is made to fail: then nothing ever comes. */
static bool wait_ready(void) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += unit_alloc_failed() ? 0 : 10;
  return sem_timedwait(&ready, &until) == 0;
}

static void what_is_written_comes_encoded_to_the_engine(void **state) {
  (void)state;
  struct media_io *io;
  int16_t pcm[FRAME] = {1000};
  need(io = begin());
  assert_int_equal(media_io_write_audio(io, loop_now(), pcm, FRAME), SOTTO_OK);
  if (wait_ready()) {
    assert_int_equal(media_io_take_audio(io)->samples, FRAME);
    assert_int_equal(media_io_take_audio(io)->size, 80);
    media_io_audio_taken(io);
    assert_null(media_io_take_audio(io));
  } else {
    assert_true(unit_alloc_failed());
  }
  struct picture picture = picture_of(3);
  sotto_status status = media_io_write_video(io, &picture);
  if (status == SOTTO_OK && wait_ready()) {
    assert_true(media_io_take_video(io)->key);
    media_io_video_taken(io);
    assert_null(media_io_take_video(io));
  } else {
    assert_true(unit_alloc_failed());
  }
  end(io);
}

static void each_way_has_the_format_that_was_agreed_on(void **state) {
  (void)state;
  struct video_codec ours = video_codec_fake, theirs = video_codec_fake;
  ours.name = "ours";
  theirs.name = "theirs";
  struct media_io *io;
  need(io = begin());
  media_io_set_codecs(io, &ours, &theirs);
  sotto_stats stats = SOTTO_STATS_INIT;
  media_io_stats(io, 0, &stats);
  assert_string_equal(stats.audio_codec, audio_codec_fake.name);
  assert_string_equal(stats.video_codec, "ours");
  assert_string_equal(stats.peer_video_codec, "theirs");
  end(io);
}

static sem_t hold;
static bool encode_slowly(void *encoder, const struct picture *picture, bool key, struct encoded_frame *out) {
  sem_wait(&hold);
  return video_codec_fake.encode(encoder, picture, key, out);
}

static void slow_video_does_not_hold_up_audio(void **state) {
  (void)state;
  if (!start_workers())
    return;
  struct video_codec slow = video_codec_fake;
  slow.encode = encode_slowly;
  sem_init(&hold, 0, 0);
  struct media_io_config config = {.audio_codec = &audio_codec_fake,
                                   .video_codec = &slow,
                                   .frame_samples = FRAME,
                                   .audio = audio,
                                   .encode = encode,
                                   .decode = decode,
                                   .ready = on_ready};
  struct media_io *io = media_io_new(&config);
  if (!io) {
    stop_workers();
    return;
  }
  media_io_set_gate(io, SOTTO_GATE_OPEN);
  media_io_set_media(io, loop_now(), SOTTO_AUDIO | SOTTO_VIDEO);
  media_io_set_targets(io, 32000, 0, 300000, false);
  struct picture picture = picture_of(3);
  int16_t pcm[FRAME] = {0};
  media_io_write_video(io, &picture);
  media_io_write_audio(io, loop_now(), pcm, FRAME);
  if (wait_ready()) /* the picture is still being encoded */
    assert_non_null(media_io_take_audio(io));
  for (int i = 0; i < 2; i++)
    sem_post(&hold);
  end(io);
}

static void the_gate_decides_what_is_heard_and_seen(void **state) {
  (void)state;
  struct media_io *io;
  int16_t pcm[FRAME];
  need(io = begin());
  media_io_set_gate(io, SOTTO_GATE_AUDIO_UNVERIFIED);
  struct picture picture = picture_of(1);
  assert_int_equal(media_io_write_video(io, &picture), SOTTO_OK);
  media_io_set_gate(io, SOTTO_GATE_SHUT);
  assert_int_equal(media_io_write_audio(io, loop_now(), pcm, FRAME), SOTTO_OK);
  assert_null(media_io_take_audio(io));
  assert_null(media_io_take_video(io));
  for (int i = 0; i < FRAME; i++)
    pcm[i] = 77;
  media_io_read_audio(io, loop_now(), pcm, FRAME);
  for (int i = 0; i < FRAME; i++)
    assert_int_equal(pcm[i], 0);
  assert_null(media_io_read_video(io, loop_now()));
  end(io);
}

static void heard_is_when_their_first_sound_is_read(void **state) {
  (void)state;
  struct media_io *io;
  sotto_stats stats = SOTTO_STATS_INIT;
  int16_t pcm[FRAME] = {0};
  const struct encoded_audio *sound = NULL;
  need(io = begin());
  media_io_set_gate(io, SOTTO_GATE_OPEN);
  media_io_write_audio(io, loop_now(), pcm, FRAME);
  if (wait_ready() && (sound = media_io_take_audio(io))) {
    usec now = loop_now();
    media_io_read_audio(io, now, pcm, FRAME);
    media_io_stats(io, now - 5, &stats);
    assert_int_equal(stats.setup_heard_us, 0);
    media_io_audio(io, now + 1, 1, 0, sound->payload, sound->size);
    media_io_read_audio(io, now + 2, pcm, FRAME);
    media_io_read_audio(io, now + MS(20), pcm, FRAME);
    media_io_stats(io, now - 5, &stats);
    assert_int_equal(stats.setup_first_audio_us, 6);
    assert_int_equal(stats.setup_heard_us, 7);
  }
  end(io);
}

static bool hears_a_beep(struct media_io *io) {
  int16_t pcm[FRAME];
  bool heard = false;
  for (int block = 0; block < 50; block++) {
    media_io_read_audio(io, loop_now(), pcm, FRAME);
    for (int i = 0; i < FRAME; i++)
      heard |= pcm[i] > 4000;
  }
  return heard;
}

static void who_hears_somebody_unverified_hears_that_too(void **state) {
  (void)state;
  struct media_io *io;
  need(io = begin());
  assert_false(hears_a_beep(io));
  media_io_set_gate(io, SOTTO_GATE_AUDIO_UNVERIFIED);
  for (int second = 0; second < 30; second++)
    assert_int_equal(hears_a_beep(io), second % 10 == 0);
  media_io_set_gate(io, SOTTO_GATE_OPEN);
  for (int second = 0; second < 11; second++)
    assert_false(hears_a_beep(io));
  end(io);
}

/* One frame of the fake codec's video, made by another encoder. */
static bool send_frame(struct media_io *io, int mark) {
  struct video_encoder_config config = {
      .width = WIDTH, .height = HEIGHT, .fps = 30, .threads = 1, .bitrate = 300000};
  void *encoder = video_codec_fake.encoder_new(&config);
  if (!encoder)
    return false;
  struct picture picture = picture_of(mark);
  struct encoded_frame frame;
  assert_true(video_codec_fake.encode(encoder, &picture, true, &frame));
  media_io_video(io, frame.data, frame.size, true, 99, 0);
  video_codec_fake.encoder_free(encoder);
  return true;
}

static void a_lent_picture_outlives_its_call(void **state) {
  (void)state;
  struct media_io *io;
  struct rendered *picture = NULL;
  need(io = begin());
  if (send_frame(io, 42))
    for (usec until = loop_now() + SEC(10); !picture && !unit_alloc_failed() && loop_now() < until;)
      picture = media_io_read_video(io, loop_now());
  assert_true(picture || unit_alloc_failed());
  end(io);
  if (picture) {
    assert_int_equal(picture->buffer.memory[0], 42);
    assert_int_equal(picture->buffer.picture.captured, 99);
    media_io_give_back(picture); /* the last reference */
  }
}

static void statistics_tell_of_every_part(void **state) {
  (void)state;
  struct media_io *io;
  struct rendered *picture = NULL;
  need(io = begin());
  usec begun = loop_now();
  struct picture written = picture_of(5);
  media_io_write_video(io, &written);
  if (wait_ready() && send_frame(io, 42))
    for (usec until = loop_now() + SEC(10); !picture && !unit_alloc_failed() && loop_now() < until;)
      picture = media_io_read_video(io, loop_now());
  if (picture) {
    sotto_stats stats = SOTTO_STATS_INIT;
    stats.frames_dropped = 7; /* the core's */
    stats.frames_lost = 2;
    stats.audio.packets_discarded = 3;
    media_io_stats(io, begun - 1, &stats);
    assert_int_equal(stats.frames_captured, 1);
    assert_int_equal(stats.frames_encoded, 1);
    assert_int_equal(stats.key_frames_encoded, 1);
    assert_string_equal(stats.quality_limitation_reason, "none");
    assert_int_equal(stats.frames_received, 1);
    assert_int_equal(stats.frames_decoded, 1);
    assert_int_equal(stats.key_frames_decoded, 1);
    assert_int_equal(stats.frames_rendered, 1);
    assert_int_equal(stats.frames_dropped, 7);
    assert_int_equal(stats.frames_lost, 2);
    assert_int_equal(stats.audio.packets_discarded, 3);
    assert_int_equal(stats.frame_width, WIDTH);
    assert_true(stats.setup_first_video_us > 0);
    assert_int_equal(stats.setup_first_audio_us, 0);
    media_io_give_back(picture);
  }
  end(io);
}

static void silence_goes_on_when_muted(void **state) {
  (void)state;
  struct media_io *io;
  need(io = begin());
  media_io_set_media(io, loop_now(), SOTTO_VIDEO);
  for (int i = 0; i < 3 && !unit_alloc_failed(); i++) {
    media_io_tick(io, media_io_deadline(io));
    if (wait_ready()) {
      assert_int_equal(media_io_take_audio(io)->size, 80);
      media_io_audio_taken(io);
    }
  }
  end(io);
}

static void a_write_after_the_workers_stopped_is_harmless(void **state) {
  (void)state;
  struct media_io *io;
  int16_t pcm[FRAME] = {0};
  struct picture picture = picture_of(1);
  need(io = begin());
  worker_stop(audio);
  worker_stop(encode);
  for (int i = 0; i < 20; i++) {
    sotto_status status = media_io_write_audio(io, loop_now(), pcm, FRAME);
    assert_true(status == SOTTO_OK || status == SOTTO_ERR_FULL);
    media_io_write_video(io, &picture);
  }
  end(io);
}

UNIT_TESTS(test(what_is_written_comes_encoded_to_the_engine), test(each_way_has_the_format_that_was_agreed_on),
           test(slow_video_does_not_hold_up_audio), test(heard_is_when_their_first_sound_is_read),
           test(the_gate_decides_what_is_heard_and_seen), test(who_hears_somebody_unverified_hears_that_too),
           test(a_lent_picture_outlives_its_call), test(statistics_tell_of_every_part),
           test(silence_goes_on_when_muted), test(a_write_after_the_workers_stopped_is_harmless))
