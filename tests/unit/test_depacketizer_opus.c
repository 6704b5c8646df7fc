#include "media/codec/codec.h"
#include "media/rtp/depacketizer_opus.h"

#include "unit.h"

static int samples_of(const uint8_t *payload, size_t size) {
  uint8_t *exact; /* its own block, so that a read past the end is seen */
  need((exact = malloc(size ? size : 1)) != NULL);
  memcpy(exact, payload, size);
  int samples = depacketizer_opus_samples(exact, size);
  free(exact);
  return samples;
}

#define SAMPLES(...) samples_of((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

/* RFC 6716 section 3.1, table 2: the frame sizes of the 32 configurations, in tenths of a millisecond. */
static void every_configuration_has_its_frame_size(void **state) {
  (void)state;
  static const int tenths[32] = {100, 200, 400, 600, 100, 200, 400, 600, 100, 200, 400, 600, 100, 200, 100, 200,
                                 25,  50,  100, 200, 25,  50,  100, 200, 25,  50,  100, 200, 25,  50,  100, 200};
  for (unsigned config = 0; config < 32; config++)
    assert_int_equal(SAMPLES((uint8_t)(config << 3), 0x11), tenths[config] * 48 / 10);
}

static void codes_1_and_2_hold_two_frames(void **state) {
  (void)state;
  assert_int_equal(SAMPLES(0xf9, 1, 2, 3, 4), 1920);
  assert_int_equal(SAMPLES(0xf9, 1, 2, 3), -1); /* R3: not equal */
  assert_int_equal(SAMPLES(0xfa, 1, 7, 8, 9), 1920);
  assert_int_equal(SAMPLES(0xfa, 3, 7, 8, 9), 1920); /* an empty second frame */
  assert_int_equal(SAMPLES(0xfa, 4, 7, 8, 9), -1);   /* R4 */
  assert_int_equal(SAMPLES(0xfa), -1);
  assert_int_equal(SAMPLES(0xfa, 252), -1); /* the size's second byte is missing */
}

static void code_3_holds_up_to_120_ms(void **state) {
  (void)state;
  assert_int_equal(SAMPLES(0xfb, 6, 1, 2, 3, 4, 5, 6), 5760);
  assert_int_equal(SAMPLES(0xfb, 7, 1, 2, 3, 4, 5, 6, 7), -1); /* R5: 140 ms */
  assert_int_equal(SAMPLES(0xfb, 0), -1);
  assert_int_equal(SAMPLES(0xfb), -1);
  assert_int_equal(SAMPLES(0xfb, 2, 1, 2, 3), -1);         /* R6: not equal */
  assert_int_equal(SAMPLES(0xfb, 0x83, 1, 0, 7, 8), 2880); /* sizes told: 1, 0, the rest */
  assert_int_equal(SAMPLES(0xfb, 0x83, 1, 2, 7, 8), -1);   /* R7: more than there is */
  assert_int_equal(SAMPLES(0xfb, 0x41, 2, 7, 0, 0), 960);  /* two bytes of padding */
  assert_int_equal(SAMPLES(0xfb, 0x41, 4, 7, 0, 0), -1);   /* more padding than packet */
  assert_int_equal(SAMPLES(0xfb, 0x41, 255), -1);          /* padding size cut short */
}

static void a_frame_is_at_most_1275_bytes(void **state) {
  (void)state;
  static uint8_t big[1300];
  big[0] = 0xf8;
  assert_int_equal(samples_of(big, 1276), 960);
  assert_int_equal(samples_of(big, 1277), -1);
}

static void nothing_is_malformed(void **state) { /* R1 */
  (void)state;
  assert_int_equal(samples_of((const uint8_t *)"", 0), -1);
}

static void every_short_packet_is_judged_in_bounds(void **state) {
  (void)state;
  uint8_t packet[4];
  for (unsigned toc = 0; toc < 256; toc++)
    for (unsigned second = 0; second < 256; second++)
      for (size_t size = 1; size <= sizeof packet; size++) {
        packet[0] = (uint8_t)toc;
        packet[1] = packet[2] = packet[3] = (uint8_t)second;
        int samples = depacketizer_opus_samples(packet, size);
        assert_true(samples == -1 || (samples >= 120 && samples <= 5760));
      }
}

static void the_simulators_packets_pass(void **state) {
  (void)state;
  for (int frame_samples = 480; frame_samples <= 2880; frame_samples *= frame_samples == 480 ? 2 : 3) {
    const struct audio_encoder_config config = {.frame_samples = frame_samples, .bitrate = 32000};
    static int16_t pcm[AUDIO_FRAME_MAX];
    uint8_t out[AUDIO_PAYLOAD_MAX];
    void *encoder = audio_codec_fake.encoder_new(&config);
    need(encoder != NULL);
    int size = audio_codec_fake.encode(encoder, pcm, frame_samples, out, sizeof out);
    assert_true(size > 0);
    assert_true(samples_of(out, (size_t)size) > 0);
    audio_codec_fake.encoder_free(encoder);
  }
}

UNIT_TESTS(test(every_configuration_has_its_frame_size), test(codes_1_and_2_hold_two_frames),
           test(code_3_holds_up_to_120_ms), test(a_frame_is_at_most_1275_bytes), test(nothing_is_malformed),
           test(every_short_packet_is_judged_in_bounds), test(the_simulators_packets_pass))
