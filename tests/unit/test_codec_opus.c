#include "unit.h"

#include <math.h>

#include "media/codec/codec.h"

static const struct audio_codec *const opus = &audio_codec_opus;
static const double pi = 3.14159265358979323846;

enum signal { SILENCE, NOISE, TONE, MUSIC, SPEECH, SIGNALS };

/* Speech-like: a buzz of harmonics whose pitch and loudness move, with pauses. */
static double speech(int64_t n) {
  double t = (double)n / AUDIO_RATE, syllable = fmod(t, 0.3), sum = 0;
  if (fmod(t, 1.5) > 1.1 || syllable > 0.22)
    return 0;
  double pitch = 120 + 20 * sin(2 * pi * 0.7 * t);
  for (int h = 1; h <= 12; h++)
    sum += sin(2 * pi * pitch * h * t) / h;
  return 5000 * sum * sin(pi * syllable / 0.22);
}

static void fill(enum signal signal, int64_t from, int16_t *pcm, int samples, uint64_t *seed) {
  for (int i = 0; i < samples; i++) {
    double t = (double)(from + i) / AUDIO_RATE, value = 0;
    if (signal == NOISE)
      value = (double)(unit_random(seed) % 40000) - 20000;
    if (signal == TONE)
      value = 12000 * sin(2 * pi * 440 * t);
    if (signal == MUSIC)
      value = 6000 * (sin(2 * pi * 261.6 * t) + sin(2 * pi * 329.6 * t) + sin(2 * pi * 392 * t)) +
              3000 * sin(2 * pi * 5000 * t) * (fmod(t, 0.5) < 0.05);
    if (signal == SPEECH)
      value = speech(from + i);
    pcm[i] = (int16_t)fmax(-32767, fmin(32767, value));
  }
}

static void check_sizes(int frame_samples, bps bitrate, bool inband_fec) {
  struct audio_encoder_config config = {
      .frame_samples = frame_samples, .bitrate = bitrate, .loss = inband_fec ? 7 : 0, .inband_fec = inband_fec};
  void *encoder = opus->encoder_new(&config);
  need(encoder);
  uint64_t seed = 7;
  int16_t pcm[AUDIO_FRAME_MAX];
  uint8_t packet[AUDIO_PAYLOAD_MAX];
  int exact = (int)(bitrate * frame_samples / 384000);
  for (int signal = 0; signal < SIGNALS; signal++)
    for (int64_t at = 0; at < AUDIO_RATE; at += frame_samples) {
      fill((enum signal)signal, at, pcm, frame_samples, &seed);
      assert_int_equal(opus->encode(encoder, pcm, frame_samples, packet, sizeof packet), exact);
      assert_int_equal(opus->packet_samples(packet, (size_t)exact), frame_samples);
    }
  opus->encoder_free(encoder);
}

static void every_packet_of_a_stream_has_the_same_size_whatever_is_said(void **state) {
  (void)state;
  for (int inband_fec = 0; inband_fec <= 1; inband_fec++) {
    check_sizes(480, 32000, inband_fec);
    check_sizes(960, 16000, inband_fec);
    check_sizes(960, 24000, inband_fec);
    check_sizes(960, 32000, inband_fec);
    check_sizes(960, 64000, inband_fec);
    check_sizes(2880, 16000, inband_fec);
    check_sizes(2880, 32000, inband_fec);
    check_sizes(2880, 130000, inband_fec);
  }
}

static void a_new_bitrate_gives_a_new_constant_size(void **state) {
  (void)state;
  struct audio_encoder_config config = {.frame_samples = 960, .bitrate = 32000};
  void *encoder = opus->encoder_new(&config);
  need(encoder);
  int16_t pcm[AUDIO_FRAME_MAX] = {0};
  uint8_t packet[AUDIO_PAYLOAD_MAX];
  assert_int_equal(opus->encode(encoder, pcm, 960, packet, sizeof packet), 80);
  config.bitrate = 16000;
  assert_true(opus->encoder_set(encoder, &config));
  assert_int_equal(opus->encode(encoder, pcm, 960, packet, sizeof packet), 40);
  config = (struct audio_encoder_config){.frame_samples = 2880, .bitrate = 16000};
  assert_true(opus->encoder_set(encoder, &config));
  assert_int_equal(opus->encode(encoder, pcm, 960, packet, sizeof packet), -1);
  assert_int_equal(opus->encode(encoder, pcm, 2880, packet, sizeof packet), 120);
  config.bitrate = 510000; /* more than fits: the largest payload, still constant */
  assert_true(opus->encoder_set(encoder, &config));
  assert_int_equal(opus->encode(encoder, pcm, 2880, packet, sizeof packet), AUDIO_PAYLOAD_MAX);
  opus->encoder_free(encoder);
}

static void a_parameter_out_of_its_range_is_refused(void **state) {
  (void)state;
  const struct audio_encoder_config bad[] = {
      {0, 32000, 0, false},    {961, 32000, 0, false},  {1920, 32000, 0, false}, {960, 5999, 0, false},
      {960, 510001, 0, false}, {960, 32000, -1, false}, {960, 32000, 101, false}};
  struct audio_encoder_config good = {.frame_samples = 960, .bitrate = 32000};
  void *encoder = opus->encoder_new(&good);
  need(encoder);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    assert_null(opus->encoder_new(&bad[i]));
    assert_false(opus->encoder_set(encoder, &bad[i]));
  }
  int16_t pcm[960] = {0};
  uint8_t packet[AUDIO_PAYLOAD_MAX];
  assert_int_equal(opus->encode(encoder, pcm, 960, packet, 79), -1);
  assert_int_equal(opus->encode(encoder, pcm, 960, packet, 80), 80);
  opus->encoder_free(encoder);
}

/* Whatever libopus is installed: it says itself what it has. */
static void recovery_is_of_the_packet_behind_or_nothing(void **state) {
  (void)state;
  struct audio_encoder_config config = {.frame_samples = 960, .bitrate = 32000, .loss = 10};
  void *encoder = opus->encoder_new(&config);
  need(encoder);
  void *decoder = opus->decoder_new();
  if (!decoder)
    opus->encoder_free(encoder);
  need(decoder);
  int16_t pcm[960];
  uint8_t packet[AUDIO_PAYLOAD_MAX];
  uint64_t seed = 5;
  for (int64_t n = 0; n < 50; n++) {
    fill(SPEECH, n * 960, pcm, 960, &seed);
    assert_int_equal(opus->encode(encoder, pcm, 960, packet, sizeof packet), 80);
    int made = opus->recover(decoder, packet, 80, 960, pcm);
    assert_true(made == -1 || made == AUDIO_RECOVERED);
    assert_int_equal(opus->decode(decoder, packet, 80, pcm, 960), 960);
  }
  opus->encoder_free(encoder);
  opus->decoder_free(decoder);
}

/* The best correlation of what was decoded with what was said, over the codec's possible delays. */
static double best_match(const int16_t *said, const int16_t *heard, int samples) {
  double best = 0;
  for (int delay = 0; delay < 960; delay++) {
    double cross = 0, a = 1, b = 1;
    for (int i = AUDIO_RATE / 4; i + delay < samples; i++) {
      cross += (double)said[i] * heard[i + delay];
      a += (double)said[i] * said[i];
      b += (double)heard[i + delay] * heard[i + delay];
    }
    best = fmax(best, cross / sqrt(a * b));
  }
  return best;
}

static void what_was_said_is_heard(void **state) {
  (void)state;
  enum { SAMPLES = AUDIO_RATE / 2 };
  static int16_t said[SAMPLES], heard[SAMPLES];
  struct audio_encoder_config config = {.frame_samples = 960, .bitrate = 32000};
  void *encoder = opus->encoder_new(&config);
  need(encoder);
  void *decoder = opus->decoder_new();
  if (!decoder)
    opus->encoder_free(encoder);
  need(decoder);
  uint64_t seed = 7;
  fill(SPEECH, 0, said, SAMPLES, &seed);
  for (int at = 0; at < SAMPLES; at += 960) {
    uint8_t packet[AUDIO_PAYLOAD_MAX];
    int size = opus->encode(encoder, said + at, 960, packet, sizeof packet);
    assert_int_equal(opus->decode(decoder, packet, (size_t)size, heard + at, 960), 960);
  }
  assert_true(best_match(said, heard, SAMPLES) > 0.8);
  opus->encoder_free(encoder);
  opus->decoder_free(decoder);
}

struct pair { /* an encoder, and decoders of all that it made and of what came through */
  void *encoder, *whole, *lossy;
};

static void pair_free(struct pair *pair) {
  if (pair->encoder)
    opus->encoder_free(pair->encoder);
  opus->decoder_free(pair->whole);
  opus->decoder_free(pair->lossy);
}

static bool pair_init(struct pair *pair, bool inband_fec) {
  const struct audio_encoder_config config = {
      .frame_samples = 960, .bitrate = 32000, .loss = inband_fec ? 7 : 0, .inband_fec = inband_fec};
  *pair = (struct pair){opus->encoder_new(&config), opus->decoder_new(), opus->decoder_new()};
  if (pair->encoder && pair->whole && pair->lossy)
    return true;
  pair_free(pair);
  return false;
}

static double energy_of(const int16_t *pcm, const int16_t *less) {
  double sum = 0;
  for (int i = 0; i < 960; i++)
    sum += (double)(pcm[i] - less[i]) * (pcm[i] - less[i]);
  return sum;
}

/* Each tenth packet of speech is lost: the error of what stands for it, as a share of what it would have been. */
static double error_of_lost(bool inband_fec) {
  struct pair pair;
  if (!pair_init(&pair, inband_fec))
    return -1;
  static const int16_t nothing[960];
  uint64_t seed = 7;
  uint8_t packet[80];
  int16_t right[960], heard[960], before[960], pcm[960];
  double error = 0, said = 1;
  for (int n = 0; n < 300; n++) {
    fill(SPEECH, n * 960, pcm, 960, &seed);
    assert_int_equal(opus->encode(pair.encoder, pcm, 960, packet, sizeof packet), 80);
    memcpy(before, right, sizeof before);
    assert_int_equal(opus->decode(pair.whole, packet, 80, right, 960), 960);
    if (n % 10 == 8)
      continue;
    if (n % 10 == 9) {
      bool told = opus->told_before(packet, 80) > 0;
      assert_true(inband_fec || !told);
      int made =
          told ? opus->decode_before(pair.lossy, packet, 80, heard, 960) : opus->conceal(pair.lossy, heard, 960);
      assert_int_equal(made, 960);
      error += energy_of(heard, before);
      said += energy_of(before, nothing);
    }
    assert_int_equal(opus->decode(pair.lossy, packet, 80, heard, 960), 960);
  }
  pair_free(&pair);
  return error / said;
}

static void the_packet_behind_tells_of_a_lost_one_better_than_concealment(void **state) {
  (void)state;
  double concealed, told;
  need((concealed = error_of_lost(false)) >= 0);
  need((told = error_of_lost(true)) >= 0);
  print_message("error of the lost frames: %.2f concealed, %.2f told\n", concealed, told);
  assert_true(told < concealed / 2);
}

/* The flag's place in what RFC 6716 section 4.2.3 lays out: mono and stereo, 20 and 60 ms, one frame and two. */
static void whether_a_packet_tells_of_the_one_before_is_in_its_first_bits(void **state) {
  (void)state;
  static const struct {
    uint8_t payload[6];
    size_t size;
    int told;
  } expected[] = {
      {{9 << 3, 0xc0, 1, 2}, 4, 960},
      {{9 << 3, 0xbf, 1, 2}, 4, 0},
      {{9 << 3 | 4, 0xc0, 1, 2}, 4, 960},
      {{9 << 3 | 4, 0x90, 1, 2}, 4, 960}, /* the side channel's */
      {{9 << 3 | 4, 0xaf, 1, 2}, 4, 0},
      {{11 << 3, 0x10, 1, 2}, 4, 2880},
      {{11 << 3, 0xef, 1, 2}, 4, 0},
      {{11 << 3 | 4, 0x01, 1, 2}, 4, 2880},
      {{11 << 3 | 4, 0xee, 1, 2}, 4, 0},
      {{10 << 3, 0x20, 1, 2}, 4, 1920},
      {{15 << 3, 0x40, 1, 2}, 4, 960},
      {{14 << 3, 0x40, 1, 2}, 4, 480},
      {{9 << 3 | 3, 1, 0x40, 1}, 4, 960},
      {{9 << 3 | 1, 0x40, 0, 0, 0}, 5, 960},
      {{9 << 3}, 1, 0},
      {{31 << 3, 0xff, 0xff}, 3, 0}, /* CELT has none */
      {{9 << 3 | 3, 0, 0x40, 1}, 4, 0},
      {{0}, 0, 0},
  };
  for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
    assert_int_equal(opus->told_before(expected[i].payload, expected[i].size), expected[i].told);
}

static void silence_is_not_told_of_and_nothing_is_told_after_celt(void **state) {
  (void)state;
  struct pair pair;
  need(pair_init(&pair, true));
  const uint8_t celt[3] = {31 << 3, 0xff, 0xfe};
  uint8_t packet[80];
  int16_t pcm[960];
  uint64_t seed = 3;
  int told[2] = {0, 0};
  for (int n = 0; n < 40; n++) {
    fill(n < 20 ? SILENCE : SPEECH, n * 960, pcm, 960, &seed);
    assert_int_equal(opus->encode(pair.encoder, pcm, 960, packet, sizeof packet), 80);
    int before = opus->told_before(packet, 80);
    told[n / 20] += before > 0;
    assert_int_equal(opus->decode(pair.lossy, celt, sizeof celt, pcm, 960), 960);
    assert_int_equal(opus->decode_before(pair.lossy, packet, 80, pcm, 960), -1);
    assert_int_equal(opus->decode(pair.lossy, packet, 80, pcm, 960), 960);
    assert_int_equal(opus->decode_before(pair.lossy, packet, 80, pcm, 959), -1);
    assert_int_equal(opus->decode_before(pair.lossy, packet, 80, pcm, 960), before ? 960 : -1);
  }
  assert_int_equal(told[0], 0);
  assert_true(told[1] >= 10);
  pair_free(&pair);
}

static void a_lost_packet_is_concealed_by_sound_that_dies_away(void **state) {
  (void)state;
  struct audio_encoder_config config = {.frame_samples = 960, .bitrate = 32000};
  void *encoder = opus->encoder_new(&config);
  need(encoder);
  void *decoder = opus->decoder_new();
  if (!decoder)
    opus->encoder_free(encoder);
  need(decoder);
  uint64_t seed = 7;
  int16_t pcm[960];
  for (int64_t at = 0; at < 9600; at += 960) {
    uint8_t packet[AUDIO_PAYLOAD_MAX];
    fill(TONE, at, pcm, 960, &seed);
    int size = opus->encode(encoder, pcm, 960, packet, sizeof packet);
    opus->decode(decoder, packet, (size_t)size, pcm, 960);
  }
  int64_t first = 0, last = 0;
  for (int n = 0; n < 50; n++) {
    assert_int_equal(opus->conceal(decoder, pcm, 480), 480);
    int64_t energy = 0;
    for (int i = 0; i < 480; i++)
      energy += pcm[i] * pcm[i];
    first = n ? first : energy;
    last = energy;
  }
  assert_true(first > 480ll * 1000 * 1000);
  assert_true(last < first / 100);
  assert_int_equal(opus->conceal(decoder, pcm, 481), -1);
  assert_int_equal(opus->conceal(decoder, pcm, 0), -1);
  opus->encoder_free(encoder);
  opus->decoder_free(decoder);
}

static void a_hostile_payload_is_refused_or_decoded_within_bounds(void **state) {
  (void)state;
  void *decoder = opus->decoder_new();
  need(decoder);
  static int16_t pcm[AUDIO_FRAME_MAX];
  uint8_t payload[AUDIO_PAYLOAD_MAX + 1] = {0};
  assert_int_equal(opus->packet_samples(payload, 0), -1);
  assert_int_equal(opus->packet_samples(payload, sizeof payload), -1);
  payload[0] = 0x1b; /* 60 ms frames, code 3 */
  payload[1] = 2;    /* two of them: 120 ms */
  assert_int_equal(opus->packet_samples(payload, 100), -1);
  assert_int_equal(opus->decode(decoder, payload, 100, pcm, AUDIO_FRAME_MAX), -1);
  uint64_t seed = 11;
  for (int n = 0; n < 3000; n++) {
    size_t size = unit_random(&seed) % 200;
    for (size_t i = 0; i < size; i++)
      payload[i] = (uint8_t)unit_random(&seed);
    int samples = opus->decode(decoder, payload, size, pcm, AUDIO_FRAME_MAX);
    assert_true(samples == -1 || (samples > 0 && samples <= AUDIO_FRAME_MAX));
  }
  opus->decoder_free(decoder);
}

UNIT_TESTS(test(every_packet_of_a_stream_has_the_same_size_whatever_is_said),
           test(a_new_bitrate_gives_a_new_constant_size), test(a_parameter_out_of_its_range_is_refused),
           test(recovery_is_of_the_packet_behind_or_nothing), test(what_was_said_is_heard),
           test(the_packet_behind_tells_of_a_lost_one_better_than_concealment),
           test(whether_a_packet_tells_of_the_one_before_is_in_its_first_bits),
           test(silence_is_not_told_of_and_nothing_is_told_after_celt),
           test(a_lost_packet_is_concealed_by_sound_that_dies_away),
           test(a_hostile_payload_is_refused_or_decoded_within_bounds))
