#include "unit.h"

#include "media/codec/codec.h"

static const struct audio_codec *const audio = &audio_codec_fake;
static const struct video_codec *const video = &video_codec_fake;

struct pair {
  void *encoder, *decoder;
};

static struct pair make_pair(const struct audio_encoder_config *config) {
  struct pair made = {.encoder = audio->encoder_new(config)};
  need(made.encoder);
  made.decoder = audio->decoder_new();
  if (!made.decoder)
    audio->encoder_free(made.encoder);
  need(made.decoder);
  return made;
}

static void free_pair(struct pair made) {
  audio->encoder_free(made.encoder);
  audio->decoder_free(made.decoder);
}

static void an_audio_payload_has_constant_size_and_carries_the_loudness(void **state) {
  (void)state;
  struct audio_encoder_config config = {.frame_samples = 960, .bitrate = 32000};
  struct pair p = make_pair(&config);
  for (int loud = 0; loud <= 16000; loud += 4000) {
    int16_t pcm[960];
    uint8_t payload[AUDIO_PAYLOAD_MAX];
    for (int i = 0; i < 960; i++)
      pcm[i] = (int16_t)(i % 2 ? loud : -loud);
    assert_int_equal(audio->encode(p.encoder, pcm, 960, payload, sizeof payload), 80);
    assert_int_equal(audio->packet_samples(payload, 80), 960);
    assert_int_equal(audio->decode(p.decoder, payload, 80, pcm, 960), 960);
    int64_t sum = 0;
    for (int i = 0; i < 960; i++)
      sum += abs(pcm[i]);
    assert_in_range(sum / 960 + 1, loud * 9 / 10 + 1, loud + 1);
  }
  free_pair(p);
}

static void with_in_band_fec_a_packet_tells_of_the_frame_before_if_that_was_no_silence(void **state) {
  (void)state;
  struct audio_encoder_config config = {.frame_samples = 960, .bitrate = 16000, .inband_fec = true};
  struct pair p = make_pair(&config);
  int16_t before[960], pcm[960];
  uint8_t payload[40];
  for (int n = 0; n < 4; n++) { /* loud, quiet, loud, quiet */
    for (int i = 0; i < 960; i++)
      pcm[i] = (int16_t)(n % 2 ? 0 : 8000);
    assert_int_equal(audio->encode(p.encoder, pcm, 960, payload, sizeof payload), 40);
    assert_int_equal(audio->told_before(payload, 40), n % 2 ? 960 : 0);
    assert_int_equal(audio->decode_before(p.decoder, payload, 40, before, 959), -1);
    assert_int_equal(audio->decode_before(p.decoder, payload, 40, before, 960), n % 2 ? 960 : -1);
    assert_int_equal(audio->decode(p.decoder, payload, 40, pcm, 960), 960);
  }
  assert_true(abs(before[0]) > 1000 || abs(before[48]) > 1000); /* the tone, as loud as it was */
  assert_int_equal(audio->told_before(payload, 21), 0);
  free_pair(p);
}

static void a_strange_audio_payload_is_refused(void **state) {
  (void)state;
  void *decoder = audio->decoder_new();
  need(decoder);
  int16_t pcm[2880];
  uint8_t payload[80] = {9 << 3, 0xfa};
  assert_int_equal(audio->decode(decoder, payload, 80, pcm, 2880), 960);
  assert_int_equal(audio->decode(decoder, payload, 80, pcm, 959), -1);
  assert_int_equal(audio->decode(decoder, payload, 13, pcm, 2880), -1);
  assert_int_equal(audio->decode(decoder, payload, 0, pcm, 2880), -1);
  payload[0] = 10 << 3;
  assert_int_equal(audio->packet_samples(payload, 80), -1);
  payload[0] = 9 << 3;
  payload[1] = 1;
  assert_int_equal(audio->packet_samples(payload, 80), -1);
  audio->decoder_free(decoder);
}

static void concealment_continues_the_tone_and_fades(void **state) {
  (void)state;
  void *decoder = audio->decoder_new();
  need(decoder);
  int16_t pcm[960];
  uint8_t payload[80] = {9 << 3, 0xfa};
  memset(payload + 6, 100, 8);
  audio->decode(decoder, payload, 80, pcm, 960);
  int16_t before = pcm[959];
  assert_int_equal(audio->conceal(decoder, pcm, 480), 480);
  assert_true(abs(pcm[0] - before) < 3000);
  for (int n = 0; n < 40; n++)
    audio->conceal(decoder, pcm, 480);
  for (int i = 0; i < 480; i++)
    assert_int_equal(pcm[i], 0);
  audio->decoder_free(decoder);
}

struct video_pair {
  void *encoder, *decoder;
  uint8_t luma[64];
  struct picture picture;
};

static void video_pair_free(struct video_pair *p) {
  video->encoder_free(p->encoder);
  video->decoder_free(p->decoder);
}

static bool video_pair_init(struct video_pair *p) {
  struct video_encoder_config config = {.width = 640, .height = 360, .fps = 25, .threads = 1, .bitrate = 400000};
  *p = (struct video_pair){.encoder = video->encoder_new(&config), .decoder = video->decoder_new()};
  p->picture = (struct picture){.width = 640, .height = 360, .stride = {640, 320, 320}, .plane = {p->luma}};
  if (p->encoder && p->decoder)
    return true;
  video_pair_free(p);
  return false;
}

static void a_video_frame_has_a_plausible_size_and_keeps_the_mark(void **state) {
  (void)state;
  struct video_pair p;
  need(video_pair_init(&p));
  size_t total = 0;
  for (int n = 0; n < 250; n++) {
    struct encoded_frame frame;
    struct picture out;
    memset(p.luma, n, 16);
    assert_true(video->encode(p.encoder, &p.picture, n == 125, &frame));
    assert_int_equal(frame.key, n == 0 || n == 125);
    assert_true(frame.key ? frame.size == 12000 : frame.size <= 2000 && frame.size >= 1500);
    assert_int_equal(frame.data[0] & 1, !frame.key); /* as VP8 says it */
    total += frame.size;
    bool decoded = video->decode(p.decoder, frame.data, frame.size, &out);
    need(decoded);
    assert_true(out.width == 640 && out.height == 360);
    assert_memory_equal(out.plane[0], p.luma, 16);
  }
  assert_in_range(total, 490000, 510000); /* 10 s of 400 kbit/s */
  video_pair_free(&p);
}

static void a_missing_reference_is_noticed(void **state) {
  (void)state;
  struct video_pair p;
  need(video_pair_init(&p));
  bool expected[] = {true, true, false, false, false, true, true};
  for (int n = 0; n < 8; n++) {
    struct encoded_frame frame;
    struct picture out;
    assert_true(video->encode(p.encoder, &p.picture, n == 6, &frame));
    if (n == 2)
      continue; /* lost */
    bool decoded = video->decode(p.decoder, frame.data, frame.size, &out);
    if (unit_alloc_failed())
      break;
    assert_int_equal(decoded, expected[n < 2 ? n : n - 1]);
  }
  video_pair_free(&p);
}

static void an_upper_layer_is_not_missed_and_a_base_layer_is(void **state) {
  (void)state;
  struct video_encoder_config config = {
      .width = 640, .height = 360, .fps = 25, .threads = 1, .bitrate = 400000, .layered = true};
  for (int lost = 2; lost <= 3; lost++) {
    struct video_pair p;
    need(video_pair_init(&p));
    assert_true(video->encoder_set(p.encoder, &config));
    for (int n = 0; n < 6; n++) {
      struct encoded_frame frame;
      struct picture out;
      assert_true(video->encode(p.encoder, &p.picture, false, &frame));
      assert_int_equal(frame.temporal_id, n % 2);
      if (n == lost)
        continue;
      bool decoded = video->decode(p.decoder, frame.data, frame.size, &out);
      if (unit_alloc_failed())
        break;
      assert_int_equal(decoded, lost == 3 || n < lost);
    }
    video_pair_free(&p);
  }
}

static void every_truncation_of_the_header_is_refused(void **state) {
  (void)state;
  struct video_pair p;
  need(video_pair_init(&p));
  struct encoded_frame frame;
  struct picture out;
  assert_true(video->encode(p.encoder, &p.picture, true, &frame));
  for (size_t size = 0; size < 42; size++)
    assert_false(video->decode(p.decoder, frame.data, size, &out));
  uint8_t huge[64];
  memcpy(huge, frame.data, sizeof huge);
  huge[14] = 0x20; /* width 8192 + */
  assert_false(video->decode(p.decoder, huge, sizeof huge, &out));
  video_pair_free(&p);
}

UNIT_TESTS(test(an_audio_payload_has_constant_size_and_carries_the_loudness),
           test(with_in_band_fec_a_packet_tells_of_the_frame_before_if_that_was_no_silence),
           test(a_strange_audio_payload_is_refused), test(concealment_continues_the_tone_and_fades),
           test(a_video_frame_has_a_plausible_size_and_keeps_the_mark), test(a_missing_reference_is_noticed),
           test(an_upper_layer_is_not_missed_and_a_base_layer_is), test(every_truncation_of_the_header_is_refused))
