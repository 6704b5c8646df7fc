#include "unit.h"

#include <math.h>

#include "media/codec/codec.h"

static const struct video_codec *codec; /* each test is run with both */

enum { WIDTH = 320, HEIGHT = 180 };

struct canvas {
  struct picture picture;
  uint8_t *bytes;
};

static void canvas_free(struct canvas *c) {
  free(c->bytes);
}

static bool canvas_init(struct canvas *c, int width, int height) {
  size_t luma = (size_t)width * (size_t)height;
  c->bytes = calloc(1, luma * 3 / 2);
  if (!c->bytes)
    return false;
  c->picture = (struct picture){.width = width,
                                .height = height,
                                .stride = {width, width / 2, width / 2},
                                .plane = {c->bytes, c->bytes + luma, c->bytes + luma + luma / 4}};
  return true;
}

/* A moving picture: a gradient that slides and a ball that goes round; `scene` changes all of it. */
static void draw(struct canvas *c, int n, int scene) {
  struct picture *p = &c->picture;
  int cx = p->width / 2 + (int)(p->width / 3 * cos(n * 0.1)),
      cy = p->height / 2 + (int)(p->height / 3 * sin(n * 0.1));
  for (int y = 0; y < p->height; y++)
    for (int x = 0; x < p->width; x++) {
      int near = (x - cx) * (x - cx) + (y - cy) * (y - cy) < p->height * p->height / 64;
      p->plane[0][y * p->stride[0] + x] = (uint8_t)(near ? 235 : 40 + (x + 2 * n + y * (1 + scene)) % 320 / 2);
    }
  for (int y = 0; y < p->height / 2; y++)
    for (int x = 0; x < p->width / 2; x++) {
      p->plane[1][y * p->stride[1] + x] = (uint8_t)(100 + x / 4 % 64 + scene * 20);
      p->plane[2][y * p->stride[2] + x] = (uint8_t)(160 - y / 4 % 64);
    }
  p->captured = n * SEC(1) / 30;
}

/* A page of text that scrolls by a line's height now and then. */
static void draw_text(struct canvas *c, int n) {
  struct picture *p = &c->picture;
  int scrolled = n / 30 * 9;
  for (int y = 0; y < p->height; y++)
    for (int x = 0; x < p->width; x++) {
      uint64_t letter = (uint64_t)((y + scrolled) / 9 * 131 + x / 6 + 1);
      bool ink = (y + scrolled) % 9 < 7 && x % 6 < 5 && unit_random(&letter) >> (y % 7 * 5 + x % 5) & 1;
      p->plane[0][y * p->stride[0] + x] = ink ? 20 : 235;
    }
  for (int plane = 1; plane < 3; plane++)
    for (int y = 0; y < p->height / 2; y++)
      memset(p->plane[plane] + y * p->stride[plane], 128, (size_t)p->width / 2);
  p->captured = n * SEC(1) / 30;
}

static double psnr(const struct picture *a, const struct picture *b) {
  double sum = 0;
  for (int y = 0; y < a->height; y++)
    for (int x = 0; x < a->width; x++) {
      double d = a->plane[0][y * a->stride[0] + x] - b->plane[0][y * b->stride[0] + x];
      sum += d * d;
    }
  return 10 * log10(255.0 * 255.0 / (sum / (a->width * a->height) + 1e-9));
}

static struct video_encoder_config config_of(int width, int height, bps bitrate) {
  return (struct video_encoder_config){
      .width = width, .height = height, .fps = 30, .threads = 1, .bitrate = bitrate};
}

struct pair { /* an encoder, a decoder and a picture */
  void *encoder, *decoder;
  struct canvas canvas;
};

static void pair_free(struct pair *p) {
  codec->encoder_free(p->encoder);
  codec->decoder_free(p->decoder);
  canvas_free(&p->canvas);
}

static bool pair_init(struct pair *p, bps bitrate) {
  struct video_encoder_config config = config_of(WIDTH, HEIGHT, bitrate);
  *p = (struct pair){0};
  p->encoder = codec->encoder_new(&config);
  p->decoder = codec->decoder_new();
  if (canvas_init(&p->canvas, WIDTH, HEIGHT) && p->encoder && p->decoder)
    return true;
  pair_free(p);
  return false;
}

static void what_was_shown_is_seen(void **state) {
  (void)state;
  struct pair p;
  need(pair_init(&p, 500000));
  double sum = 0;
  int seen = 0;
  for (int n = 0; n < 90; n++) {
    struct encoded_frame frame;
    struct picture out;
    draw(&p.canvas, n, 0);
    assert_true(codec->encode(p.encoder, &p.canvas.picture, false, &frame));
    if (frame.size == 0)
      continue;
    assert_true(codec->decode(p.decoder, frame.data, frame.size, &out));
    assert_int_equal(out.width, WIDTH);
    assert_int_equal(out.height, HEIGHT);
    sum += psnr(&p.canvas.picture, &out);
    seen++;
  }
  assert_true(seen > 60);
  print_message("%d of 90 pictures, PSNR %.1f dB\n", seen, sum / seen);
  assert_true(sum / seen > 32);
  pair_free(&p);
}

static void key_frames_come_only_on_demand(void **state) {
  (void)state;
  struct pair p;
  need(pair_init(&p, 300000));
  for (int n = 0; n < 400; n++) {
    struct encoded_frame frame;
    bool asked = n == 170;
    draw(&p.canvas, n, n / 60 % 2); /* a cut every 2 s */
    assert_true(codec->encode(p.encoder, &p.canvas.picture, asked, &frame));
    if (n == 0 || asked)
      assert_true(frame.size > 0 && frame.key);
    else
      assert_false(frame.size > 0 && frame.key);
    assert_int_equal(frame.temporal_id, 0);
  }
  pair_free(&p);
}

static void the_bitrate_is_kept_and_follows_its_target(void **state) {
  (void)state;
  struct pair p;
  need(pair_init(&p, 600000));
  const bps targets[] = {600000, 150000};
  int quantizers[2] = {0};
  for (int t = 0; t < 2; t++) {
    struct video_encoder_config config = config_of(WIDTH, HEIGHT, targets[t]);
    assert_true(codec->encoder_set(p.encoder, &config));
    int64_t bits = 0;
    for (int n = 0; n < 240; n++) {
      struct encoded_frame frame;
      draw(&p.canvas, t * 240 + n, 0);
      assert_true(codec->encode(p.encoder, &p.canvas.picture, false, &frame));
      quantizers[t] += frame.size ? frame.quantizer : 63;
      bits += n >= 60 ? (int64_t)frame.size * 8 : 0;
      assert_false(n + t > 0 && frame.key && frame.size); /* a new rate needs no key frame */
    }
    assert_true(bits / 6 < targets[t] * 125 / 100);
  }
  assert_true(quantizers[0] / 240 > 0 && quantizers[1] > quantizers[0] && quantizers[1] / 240 <= 63);
  pair_free(&p);
}

static void add_noise(struct canvas *c, uint32_t *noise) { /* as a camera does, so that there is no end of detail */
  for (int i = 0; i < WIDTH * HEIGHT; i++) {
    *noise = *noise * 1664525 + 1013904223;
    c->picture.plane[0][i] = (uint8_t)(c->picture.plane[0][i] ^ (*noise >> 29));
  }
}

/* What was saved before must not be spent then: the link that the target follows has become slow already. */
static void a_lower_target_counts_from_its_first_pictures(void **state) {
  (void)state;
  enum { BEFORE = 240, AFTER = 6 };
  struct pair p;
  need(pair_init(&p, 600000));
  int64_t bits = 0;
  uint32_t noise = 1;
  for (int n = 0; n < BEFORE + AFTER; n++) {
    struct encoded_frame frame;
    struct video_encoder_config config = config_of(WIDTH, HEIGHT, 200000);
    draw(&p.canvas, n, 0);
    add_noise(&p.canvas, &noise);
    assert_true(n != BEFORE || codec->encoder_set(p.encoder, &config));
    assert_true(codec->encode(p.encoder, &p.canvas.picture, false, &frame));
    bits += n < BEFORE ? 0 : (int64_t)frame.size * 8;
  }
  print_message("%s: %d kbit/s of 200\n", codec->name, (int)(bits * 30 / AFTER / 1000));
  assert_true(bits * 30 / AFTER < 2 * 200000);
  pair_free(&p);
}

static void a_new_size_goes_on_with_a_key_frame(void **state) {
  (void)state;
  struct pair p;
  need(pair_init(&p, 300000));
  struct encoded_frame frame;
  struct picture out;
  draw(&p.canvas, 0, 0);
  assert_true(codec->encode(p.encoder, &p.canvas.picture, false, &frame));
  assert_true(codec->decode(p.decoder, frame.data, frame.size, &out));
  const int sizes[][2] = {{640, 360}, {160, 90}, {16, 16}};
  for (int i = 0; i < 3; i++) {
    struct video_encoder_config config = config_of(sizes[i][0], sizes[i][1], 300000);
    struct canvas canvas = {0};
    bool ok = canvas_init(&canvas, sizes[i][0], sizes[i][1]);
    if (!ok)
      pair_free(&p);
    need(ok);
    draw(&canvas, i + 1, 0);
    assert_false(codec->encode(p.encoder, &canvas.picture, false, &frame)); /* not yet told */
    assert_true(codec->encoder_set(p.encoder, &config));
    assert_true(codec->encode(p.encoder, &canvas.picture, false, &frame));
    assert_true(frame.key && frame.size > 0);
    assert_true(codec->decode(p.decoder, frame.data, frame.size, &out));
    assert_int_equal(out.width, sizes[i][0]);
    assert_int_equal(out.height, sizes[i][1]);
    canvas_free(&canvas);
  }
  pair_free(&p);
}

static void another_speed_goes_on_without_a_key_frame(void **state) {
  (void)state;
  struct pair p;
  need(pair_init(&p, 500000));
  for (int n = 0; n < 90; n++) {
    struct encoded_frame frame;
    struct picture out;
    struct video_encoder_config config = config_of(WIDTH, HEIGHT, 500000);
    config.speed = n / 15 % (VIDEO_SPEED_MAX + 1);
    draw(&p.canvas, n, 0);
    assert_true(codec->encoder_set(p.encoder, &config));
    assert_true(codec->encode(p.encoder, &p.canvas.picture, false, &frame));
    if (frame.size == 0)
      continue;
    assert_int_equal(frame.key, n == 0);
    assert_true(codec->decode(p.decoder, frame.data, frame.size, &out));
    assert_true(psnr(&p.canvas.picture, &out) > 28);
  }
  pair_free(&p);
}

static void a_parameter_out_of_its_range_is_refused(void **state) {
  (void)state;
  struct pair p;
  need(pair_init(&p, 300000));
  struct video_encoder_config bad[10];
  for (int i = 0; i < 10; i++)
    bad[i] = config_of(WIDTH, HEIGHT, 300000);
  bad[0].width = 321;
  bad[1].height = 4098;
  bad[2].width = 14;
  bad[3].fps = 0;
  bad[4].fps = 61;
  bad[5].threads = 0;
  bad[6].bitrate = 999;
  bad[7].threads = 9;
  bad[8].speed = -1;
  bad[9].speed = VIDEO_SPEED_MAX + 1;
  for (int i = 0; i < 10; i++) {
    assert_null(codec->encoder_new(&bad[i]));
    assert_false(codec->encoder_set(p.encoder, &bad[i]));
  }
  pair_free(&p);
}

static void a_clock_that_jumps_or_stands_still_does_not_stop_the_encoder(void **state) {
  (void)state;
  struct pair p;
  need(pair_init(&p, 300000));
  const usec captured[] = {SEC(100), SEC(100), SEC(50), INT64_MAX / 4, -SEC(5), SEC(1), SEC(2)};
  for (int n = 0; n < 7; n++) {
    struct encoded_frame frame;
    draw(&p.canvas, n, 0);
    p.canvas.picture.captured = captured[n];
    assert_true(codec->encode(p.encoder, &p.canvas.picture, false, &frame));
  }
  pair_free(&p);
}

static void a_vp8_size_beyond_the_bound_is_refused_before_decoding(void **state) {
  (void)state;
  codec = &video_codec_vp8;
  void *decoder = codec->decoder_new();
  need(decoder);
  struct picture out;
  uint8_t key[64] = {0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x01, 0x10, 0x10, 0x00}; /* 4097 wide */
  assert_false(codec->decode(decoder, key, sizeof key, &out));
  memcpy(key + 6, (uint8_t[]){0x10, 0x00, 0xff, 0x3f}, 4); /* 16383 high */
  assert_false(codec->decode(decoder, key, sizeof key, &out));
  memcpy(key + 6, (uint8_t[]){0x00, 0x00, 0x10, 0x00}, 4); /* 0 wide */
  assert_false(codec->decode(decoder, key, sizeof key, &out));
  assert_false(codec->decode(decoder, key, 9, &out));
  assert_false(codec->decode(decoder, key, 0, &out));
  assert_false(codec->decode(decoder, NULL, 0, &out));
  codec->decoder_free(decoder);
}

static void nothing_is_decoded_before_a_key_frame_or_after_an_error(void **state) {
  (void)state;
  struct pair p;
  need(pair_init(&p, 300000));
  struct encoded_frame frame;
  struct picture out;
  for (int n = 0; n < 3; n++) {
    draw(&p.canvas, n, 0);
    assert_true(codec->encode(p.encoder, &p.canvas.picture, n == 2, &frame));
    if (n == 1)
      assert_false(codec->decode(p.decoder, frame.data, frame.size, &out)); /* it never saw the first */
  }
  assert_true(codec->decode(p.decoder, frame.data, frame.size, &out));
  assert_false(codec->decode(p.decoder, frame.data, 12, &out)); /* a key frame cut short */
  draw(&p.canvas, 3, 0);
  assert_true(codec->encode(p.encoder, &p.canvas.picture, false, &frame));
  assert_false(codec->decode(p.decoder, frame.data, frame.size, &out));
  pair_free(&p);
}

static void a_corrupted_frame_gives_a_picture_or_nothing_and_a_key_frame_goes_on(void **state) {
  (void)state;
  struct pair p;
  need(pair_init(&p, 300000));
  uint64_t seed = 3;
  uint8_t *copy = malloc(1 << 20);
  if (!copy)
    pair_free(&p);
  need(copy);
  int pictures = 0, refused = 0;
  unsigned picture_sum = 0;
  for (int n = 0; n < 200; n++) {
    struct encoded_frame frame;
    struct picture out;
    draw(&p.canvas, n, 0);
    assert_true(codec->encode(p.encoder, &p.canvas.picture, n % 5 == 0, &frame));
    memcpy(copy, frame.data, frame.size);
    bool whole = n % 10 == 0; /* a key frame */
    for (int flips = 0; flips < 1 + n % 8 && frame.size && !whole; flips++)
      copy[unit_random(&seed) % frame.size] ^= (uint8_t)(1 << unit_random(&seed) % 8);
    size_t size = n % 7 || whole ? frame.size : unit_random(&seed) % (frame.size + 1);
    if (!codec->decode(p.decoder, copy, size, &out)) {
      assert_false(whole);
      refused++;
      continue;
    }
    assert_in_range(out.width, 1, 4096);
    assert_in_range(out.height, 1, 4096);
    picture_sum += out.plane[0][out.stride[0] * (out.height - 1) + out.width - 1]; /* readable to its end */
    pictures++;
  }
  print_message("%s: %d pictures, %d refused\n", codec->name, pictures, refused);
  assert_true(pictures > 0 && refused > 0 && picture_sum > 0);
  free(copy);
  pair_free(&p);
}

/* A key frame of profile 0: marker, profile, type, shown (86 would be an inter frame), sync code, colours, size. */
static void a_vp9_size_beyond_the_bound_is_refused_before_decoding(void **state) {
  (void)state;
  codec = &video_codec_vp9;
  void *decoder = codec->decoder_new();
  need(decoder);
  struct picture out;
  /* 82 | 49 83 42 | color_space 3, range 1 | width - 1, 16 | height - 1, 16: the size is off by four bits */
  uint8_t key[64] = {0x82, 0x49, 0x83, 0x42, 0x01, 0x00, 0x00, 0x0f, 0x00}; /* 4097 x 241 */
  assert_false(codec->decode(decoder, key, sizeof key, &out));
  memcpy(key + 4, (uint8_t[]){0x00, 0x0f, 0x0f, 0xff, 0xf0}, 5); /* 241 x 65536 */
  assert_false(codec->decode(decoder, key, sizeof key, &out));
  assert_false(codec->decode(decoder, key, 8, &out));
  assert_false(codec->decode(decoder, key, 0, &out));
  assert_false(codec->decode(decoder, NULL, 0, &out));
  codec->decoder_free(decoder);
}

static void screen_pictures_stay_sharp(void **state) {
  (void)state;
  struct video_encoder_config config = config_of(WIDTH, HEIGHT, 150000);
  double quality[2] = {0};
  for (int screen = 0; screen < 2; screen++) {
    struct pair p;
    need(pair_init(&p, 150000));
    config.screen = screen;
    assert_true(codec->encoder_set(p.encoder, &config));
    int seen = 0;
    for (int n = 0; n < 120; n++) {
      struct encoded_frame frame;
      struct picture out;
      draw_text(&p.canvas, n);
      assert_true(codec->encode(p.encoder, &p.canvas.picture, false, &frame));
      if (frame.size == 0)
        continue;
      assert_true(codec->decode(p.decoder, frame.data, frame.size, &out));
      quality[screen] += psnr(&p.canvas.picture, &out);
      seen++;
    }
    quality[screen] /= seen;
    print_message("%s, %s: %d of 120 pictures, PSNR %.1f dB\n", codec->name, screen ? "screen" : "camera", seen,
                  quality[screen]);
    pair_free(&p);
  }
  assert_true(quality[1] > quality[0]);
}

static int mean_quantizer(bps bitrate, int *coarsest) {
  struct pair p;
  int sum = 0;
  if (!pair_init(&p, bitrate))
    return -1;
  for (int n = 0; n < 90; n++) {
    struct encoded_frame frame;
    draw_text(&p.canvas, n);
    assert_true(codec->encode(p.encoder, &p.canvas.picture, false, &frame));
    assert_in_range(frame.quantizer, 0, 63);
    if (frame.size && frame.quantizer > *coarsest)
      *coarsest = frame.quantizer;
    sum += n < 30 ? 0 : frame.size ? frame.quantizer : 63;
  }
  pair_free(&p);
  return sum / 60;
}

/* The rate policy has one pair of bounds (54 and 44) for both. */
static void starving_and_plenty_are_the_same_on_the_scale_of_both(void **state) {
  (void)state;
  int starving, plenty, coarsest = 0, finest = 0;
  need((starving = mean_quantizer(40000, &coarsest)) >= 0);
  need((plenty = mean_quantizer(2000000, &finest)) >= 0);
  print_message("%s: quantizer %d starving, %d of its pictures; %d in plenty\n", codec->name, starving, coarsest,
                plenty);
  assert_true(starving >= 54 && coarsest > 52 && plenty <= 44); /* VP9's own end at 52 */
}

static bool encode_layered(struct pair *p, int n, struct encoded_frame *frame) {
  if (n / 70 % 2)
    draw_text(&p->canvas, n);
  else
    draw(&p->canvas, n, n / 25 % 2);
  return codec->encode(p->encoder, &p->canvas.picture, n == 90, frame);
}

/* What is decoded without the others of the upper layer, and then without most, is the same to the last bit. */
static void without_its_upper_layer_a_stream_decodes_without_drift(void **state) {
  (void)state;
  for (int screen = 0; screen < 2; screen++) {
    struct video_encoder_config config = config_of(WIDTH, HEIGHT, 300000);
    config.layered = true;
    config.screen = screen;
    struct pair p;
    need(pair_init(&p, 300000));
    void *few = codec->decoder_new();
    if (!few)
      pair_free(&p);
    need(few);
    assert_true(codec->encoder_set(p.encoder, &config));
    int layer[2] = {0}, last = 1;
    for (int n = 0; n < 300; n++) {
      struct encoded_frame frame;
      struct picture all, some;
      if (n % 100 == 50) { /* and another rate, or back to one layer for a while */
        config.bitrate = n * 2000;
        config.layered = n != 150;
        assert_true(codec->encoder_set(p.encoder, &config));
      }
      assert_true(encode_layered(&p, n, &frame));
      if (frame.size == 0)
        continue;
      assert_int_equal(frame.temporal_id, config.layered && !frame.key && !last);
      layer[last = frame.temporal_id]++;
      assert_true(codec->decode(p.decoder, frame.data, frame.size, &all));
      if (frame.temporal_id > 0 && (n < 150 || n % 5))
        continue;
      assert_true(codec->decode(few, frame.data, frame.size, &some));
      for (int y = 0; y < HEIGHT; y++)
        assert_memory_equal(all.plane[0] + y * all.stride[0], some.plane[0] + y * some.stride[0], WIDTH);
    }
    print_message("%d frames of the base layer, %d of the upper one\n", layer[0], layer[1]);
    assert_true(layer[0] > 40 && layer[1] > 30);
    codec->decoder_free(few);
    pair_free(&p);
  }
}

static double layered_quality(bool layered) {
  struct video_encoder_config config = config_of(WIDTH, HEIGHT, 300000);
  struct pair p;
  double sum = 0;
  int seen = 0;
  config.layered = layered;
  if (!pair_init(&p, 300000))
    return -1;
  assert_true(codec->encoder_set(p.encoder, &config));
  for (int n = 0; n < 70; n++) {
    struct encoded_frame frame;
    struct picture out;
    assert_true(encode_layered(&p, n, &frame));
    if (frame.size == 0)
      continue;
    assert_true(codec->decode(p.decoder, frame.data, frame.size, &out));
    sum += psnr(&p.canvas.picture, &out);
    seen++;
  }
  pair_free(&p);
  print_message("%s, %s: %d of 70 pictures, PSNR %.1f dB\n", codec->name, layered ? "two layers" : "one layer",
                seen, sum / seen);
  return sum / seen;
}

static void layers_cost_some_quality_and_no_more(void **state) {
  (void)state;
  double one, two;
  need((one = layered_quality(false)) >= 0);
  need((two = layered_quality(true)) >= 0);
  assert_true(two > one - 3);
}

/* For each of both formats. */
#define BOTH(name)                                                                                                 \
  static void vp8_##name(void **state) {                                                                           \
    codec = &video_codec_vp8;                                                                                      \
    name(state);                                                                                                   \
  }                                                                                                                \
  static void vp9_##name(void **state) {                                                                           \
    codec = &video_codec_vp9;                                                                                      \
    name(state);                                                                                                   \
  }
BOTH(without_its_upper_layer_a_stream_decodes_without_drift)
BOTH(layers_cost_some_quality_and_no_more)
BOTH(what_was_shown_is_seen)
BOTH(key_frames_come_only_on_demand)
BOTH(the_bitrate_is_kept_and_follows_its_target)
BOTH(a_lower_target_counts_from_its_first_pictures)
BOTH(a_new_size_goes_on_with_a_key_frame)
BOTH(another_speed_goes_on_without_a_key_frame)
BOTH(a_parameter_out_of_its_range_is_refused)
BOTH(a_clock_that_jumps_or_stands_still_does_not_stop_the_encoder)
BOTH(nothing_is_decoded_before_a_key_frame_or_after_an_error)
BOTH(a_corrupted_frame_gives_a_picture_or_nothing_and_a_key_frame_goes_on)
BOTH(screen_pictures_stay_sharp)
BOTH(starving_and_plenty_are_the_same_on_the_scale_of_both)
#define test_both(name) test(vp8_##name), test(vp9_##name)

UNIT_TESTS(test_both(without_its_upper_layer_a_stream_decodes_without_drift),
           test_both(layers_cost_some_quality_and_no_more), test_both(what_was_shown_is_seen),
           test_both(key_frames_come_only_on_demand), test_both(the_bitrate_is_kept_and_follows_its_target),
           test_both(a_lower_target_counts_from_its_first_pictures), test_both(a_new_size_goes_on_with_a_key_frame),
           test_both(another_speed_goes_on_without_a_key_frame), test_both(a_parameter_out_of_its_range_is_refused),
           test_both(a_clock_that_jumps_or_stands_still_does_not_stop_the_encoder),
           test(a_vp8_size_beyond_the_bound_is_refused_before_decoding),
           test(a_vp9_size_beyond_the_bound_is_refused_before_decoding),
           test_both(nothing_is_decoded_before_a_key_frame_or_after_an_error),
           test_both(a_corrupted_frame_gives_a_picture_or_nothing_and_a_key_frame_goes_on),
           test_both(screen_pictures_stay_sharp), test_both(starving_and_plenty_are_the_same_on_the_scale_of_both))
