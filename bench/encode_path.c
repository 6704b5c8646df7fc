#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "engine/path/srtp.h"
#include "measure.h"
#include "media/codec/codec.h"
#include "media/session.h"

/* The sending half of a call under simulated time: a frame is captured, encoded, cut into RTP packets by the media
 * session, which also paces them, and encrypted. What remains of a call is the network. */
enum { ENCODE, PACKETIZE, PROTECT, STAGES };
enum { AUDIO_SAMPLES = 960, AUDIO_BITRATE = 32000, AUDIO_FRAMES = 3000 };
enum { WIDTH = 640, HEIGHT = 360, FPS = 30, VIDEO_BITRATE = 600000, VIDEO_FRAMES = 900 };

static const char *const stage_name[STAGES] = {"encode", "packetize", "protect"};

struct sender {
  struct session *session;
  struct srtp_path *path;
  int64_t packets, bytes;
  /* the frame under way */
  int64_t ns[STAGES], allocated[STAGES];
};

static struct samples samples[STAGES], total;

static bool sender_init(struct sender *sender) {
  static const struct srtp_master one = {.key = {1}, .salt = {2}}, two = {.key = {3}, .salt = {4}};
  const struct session_config config = {
      .seed = 1, .audio_ssrc = 1, .video_ssrc = 2, .peer_audio_ssrc = 3, .peer_video_ssrc = 4, .cname = "bench"};
  *sender =
      (struct sender){.session = session_new(&config), .path = srtp_path_new(SRTP_PROFILE_AES_256_GCM, &one, &two)};
  return sender->session && sender->path;
}

static void sender_deinit(struct sender *sender) {
  session_free(sender->session);
  srtp_path_free(sender->path);
}

static void stage_done(struct sender *sender, int stage, struct stopwatch watch) {
  sender->ns[stage] += measure_now() - watch.started;
  sender->allocated[stage] += measure_allocations_now() - watch.allocations;
}

static bool protect(struct sender *sender, const struct session_output *out) {
  size_t size = out->size, room = out->size + SESSION_PACKET_ROOM;
  struct stopwatch watch = measure_start();
  enum srtp_result result = out->rtcp ? srtp_path_protect_rtcp(sender->path, out->data, &size, room)
                                      : srtp_path_protect_rtp(sender->path, out->data, &size, room);
  stage_done(sender, PROTECT, watch);
  sender->packets++;
  sender->bytes += (int64_t)size;
  return result == SRTP_OK;
}

/* All that the session has to send from `now` until the next capture at `end`. */
static bool drain(struct sender *sender, usec now, usec end) {
  for (;;) {
    struct session_output out;
    struct stopwatch watch = measure_start();
    bool more = session_poll(sender->session, now, &out);
    usec next = more ? now : session_deadline(sender->session);
    stage_done(sender, PACKETIZE, watch);
    if (more && out.type == SESSION_OUT_PACKET && !protect(sender, &out))
      return false;
    if (!more && next >= end)
      return true;
    if (next > now)
      now = next;
  }
}

static void frame_done(struct sender *sender) {
  double ns = 0;
  int64_t allocated = 0;
  for (int stage = 0; stage < STAGES; stage++) {
    measure_add(&samples[stage], (double)sender->ns[stage], sender->allocated[stage], 1);
    ns += (double)sender->ns[stage];
    allocated += sender->allocated[stage];
    sender->ns[stage] = sender->allocated[stage] = 0;
  }
  measure_add(&total, ns, allocated, 1);
}

static void print_row(const struct bench_options *options, const char *what, const char *stage, struct samples *set,
                      double share) {
  double median = measure_percentile(set, 50) / 1000, p99 = measure_percentile(set, 99) / 1000;
  if (options->json) {
    printf("{\"bench\":\"encode\",\"source\":\"%s\",\"stage\":\"%s\",\"median_us\":%.2f,\"p99_us\":%.2f,"
           "\"share\":%.4f,\"allocations_per_frame\":%.3f,\"frames\":%lld}\n",
           what, stage, median, p99, share, measure_allocations(set), (long long)set->items);
    return;
  }
  char allocations[24] = "not counted";
  if (measure_counts_allocations())
    snprintf(allocations, sizeof allocations, "%.3f", measure_allocations(set));
  printf("%-24s %-10s %9.1f %9.1f %7.1f%%   %s\n", what, stage, median, p99, 100 * share, allocations);
}

static void print_table(const struct bench_options *options, const char *what, const struct sender *sender) {
  double mean = measure_mean(&total);
  for (int stage = 0; stage < STAGES; stage++)
    print_row(options, what, stage_name[stage], &samples[stage], measure_mean(&samples[stage]) / mean);
  print_row(options, what, "all", &total, 1);
  double frames = (double)total.items;
  if (options->json)
    printf("{\"bench\":\"encode\",\"source\":\"%s\",\"packets_per_frame\":%.2f,\"bytes_per_frame\":%.1f}\n", what,
           (double)sender->packets / frames, (double)sender->bytes / frames);
  else
    printf("%-24s %.2f packets and %.0f bytes a frame\n", what, (double)sender->packets / frames,
           (double)sender->bytes / frames);
}

static void start_counting(struct sender *sender) {
  memset(samples, 0, sizeof samples);
  memset(&total, 0, sizeof total);
  sender->packets = sender->bytes = 0;
}

/* A voice's outline: a gliding fundamental with harmonics, syllables and a little noise. */
static void make_sound(int16_t *pcm, int frame) {
  static double phase;
  static uint32_t noise = 1;
  for (int i = 0; i < AUDIO_SAMPLES; i++) {
    double t = (frame * AUDIO_SAMPLES + i) / (double)AUDIO_RATE;
    phase += 2 * M_PI * (130 + 30 * sin(2 * M_PI * 0.7 * t)) / AUDIO_RATE;
    double voice = 0;
    for (int h = 1; h <= 8; h++)
      voice += sin(h * phase) / h;
    noise = noise * 1664525u + 1013904223u;
    double syllable = 0.55 + 0.45 * sin(2 * M_PI * 4 * t);
    pcm[i] = (int16_t)(4000 * voice * syllable + (double)(noise >> 24) - 128);
  }
}

static bool encode_audio(struct sender *sender, void *encoder, int frame) {
  int16_t pcm[AUDIO_SAMPLES];
  uint8_t payload[AUDIO_PAYLOAD_MAX];
  usec now = SEC(1) + (usec)frame * MS(20);
  make_sound(pcm, frame);
  struct stopwatch watch = measure_start();
  int size = audio_codec_opus.encode(encoder, pcm, AUDIO_SAMPLES, payload, sizeof payload);
  stage_done(sender, ENCODE, watch);
  watch = measure_start();
  bool ok = size > 0 && session_send_audio(sender->session, now, now, payload, (size_t)size, AUDIO_SAMPLES);
  stage_done(sender, PACKETIZE, watch);
  ok = ok && drain(sender, now, now + MS(20));
  frame_done(sender);
  return ok;
}

static bool run_audio(const struct bench_options *options) {
  const struct audio_encoder_config config = {.frame_samples = AUDIO_SAMPLES, .bitrate = AUDIO_BITRATE};
  struct sender sender;
  void *encoder = audio_codec_opus.encoder_new(&config);
  bool ok = sender_init(&sender) && encoder;
  int warm_up = 50, frames = options->quick ? AUDIO_FRAMES / 10 : AUDIO_FRAMES;
  for (int frame = 0; ok && frame < warm_up + frames; frame++) {
    if (frame == warm_up)
      start_counting(&sender);
    ok = encode_audio(&sender, encoder, frame);
  }
  if (ok)
    print_table(options, "Opus 20 ms 32 kbit/s", &sender);
  if (encoder)
    audio_codec_opus.encoder_free(encoder);
  sender_deinit(&sender);
  return ok;
}

struct screen {
  uint8_t y[WIDTH * HEIGHT], u[WIDTH * HEIGHT / 4], v[WIDTH * HEIGHT / 4];
};

/* A moving head before a still, textured wall, under a camera's noise. */
static void make_picture(struct screen *screen, int frame) {
  static uint32_t noise = 1;
  int cx = WIDTH / 2 + (int)(60 * sin(frame / 20.0)), cy = HEIGHT / 2 + (int)(15 * sin(frame / 7.0));
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++) {
      bool head = (x - cx) * (x - cx) * 2 + (y - cy) * (y - cy) < 110 * 110;
      int light = head ? 150 + (x - cx + y - cy) / 8 : 70 + 20 * ((x / 40 + y / 40) % 2) + x / 16;
      noise = noise * 1664525u + 1013904223u;
      screen->y[y * WIDTH + x] = (uint8_t)(light + (int)(noise >> 30));
    }
  memset(screen->u, 120, sizeof screen->u);
  memset(screen->v, 135 + frame % 4, sizeof screen->v);
}

static bool encode_video(struct sender *sender, void *encoder, int frame) {
  static struct screen screen;
  usec now = SEC(1) + (usec)frame * SEC(1) / FPS;
  make_picture(&screen, frame);
  struct picture picture = {.width = WIDTH,
                            .height = HEIGHT,
                            .stride = {WIDTH, WIDTH / 2, WIDTH / 2},
                            .plane = {screen.y, screen.u, screen.v},
                            .captured = now};
  struct encoded_frame out = {0};
  struct stopwatch watch = measure_start();
  bool ok = video_codec_vp8.encode(encoder, &picture, frame == 0, &out);
  stage_done(sender, ENCODE, watch);
  watch = measure_start();
  if (ok && out.size > 0)
    ok = session_send_video(sender->session, now, now, out.data, out.size, out.key);
  stage_done(sender, PACKETIZE, watch);
  ok = ok && drain(sender, now, now + SEC(1) / FPS);
  frame_done(sender);
  return ok;
}

static bool run_video(const struct bench_options *options) {
  const struct video_encoder_config config = {
      .width = WIDTH, .height = HEIGHT, .fps = FPS, .threads = 1, .bitrate = VIDEO_BITRATE};
  struct sender sender;
  void *encoder = video_codec_vp8.encoder_new(&config);
  bool ok = sender_init(&sender) && encoder;
  int warm_up = 30, frames = options->quick ? VIDEO_FRAMES / 10 : VIDEO_FRAMES;
  for (int frame = 0; ok && frame < warm_up + frames; frame++) {
    if (frame == warm_up)
      start_counting(&sender);
    ok = encode_video(&sender, encoder, frame);
  }
  if (ok)
    print_table(options, "VP8 640x360 600 kbit/s", &sender);
  if (encoder)
    video_codec_vp8.encoder_free(encoder);
  sender_deinit(&sender);
  return ok;
}

bool bench_encode(const struct bench_options *options) {
  if (!options->json)
    printf("\nCapture to encrypted packets (AEAD_AES_256_GCM); us a frame\n%-24s %-10s %9s %9s %8s   %s\n",
           "source", "stage", "median", "p99", "share", "allocations");
  return run_audio(options) && run_video(options);
}
