#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bare_socket.h"
#include "bench.h"
#include "engine/encode_video.h"
#include "engine/path/srtp.h"
#include "measure.h"
#include "media/codec/codec.h"
#include "media/session.h"
#include "our_ice.h"

/* The sending half of a call under simulated time: a frame is captured, encoded, cut into RTP packets by the media
 * session, which also paces them, encrypted, and sent on loopback. The other half is a media session that tells
 * what has come, for the rate to be that of a call. */
enum { CAPTURE, ENCODE, PACKETIZE, PROTECT, SEND, STAGES };
enum { AUDIO_SAMPLES = 960, AUDIO_BITRATE = 32000, AUDIO_FRAMES = 3000, AUDIO_WARM_UP = 50 };
enum { FPS = 30, VIDEO_WARM_UP = 60, QUICK = 10, BARE_FRAMES = 60, CLOCK_READINGS = 1000 };

static const char *const stage_name[STAGES] = {"capture", "encode", "packetize", "protect", "send"};

static const struct source {
  const char *name;
  const struct video_codec *codec; /* NULL: sound */
  int width, height;
  bps bitrate;
  int frames;
  double goal; /* all other stages together, of the codec's time; 0: none */
} sources[] = {
    {"Opus 20 ms 32 kbit/s", NULL, 0, 0, AUDIO_BITRATE, AUDIO_FRAMES, 0},
    {"VP8 640x360 600 kbit/s", &video_codec_vp8, 640, 360, 600000, 900, 0},
    {"VP8 1280x720 1.5 Mbit/s", &video_codec_vp8, 1280, 720, 1500000, 600, 0.01},
    {"VP9 640x360 600 kbit/s", &video_codec_vp9, 640, 360, 600000, 600, 0},
    {"VP9 1280x720 1.5 Mbit/s", &video_codec_vp9, 1280, 720, 1500000, 300, 0},
};

struct sender {
  struct session *session, *peer;
  struct srtp_path *path;
  struct our_ice *ice;
  struct encode_video camera;   /* whose pictures the bench encodes itself, for the codec alone is timed */
  struct picture_buffer copied; /* as camera would have done, had the picture been drawn elsewhere */
  int64_t packets, bytes;
  /* the frame under way */
  int64_t ns[STAGES], allocated[STAGES];
};

static struct samples samples[STAGES], total;
static struct samples copied, bare; /* beside them: what lending spares, and what a datagram alone costs */
static int64_t clock_ns;            /* to read it: some thirty stopwatches a frame would make it a microsecond */

static void on_datagram(void *user, uint8_t *data, size_t size) {
  (void)user, (void)data, (void)size; /* the other end */
}

static bool sender_init(struct sender *sender) {
  static const struct srtp_master one = {.key = {1}, .salt = {2}}, two = {.key = {3}, .salt = {4}};
  const struct session_config config = {.seed = BENCH_SEED,
                                        .audio_ssrc = 1,
                                        .video_ssrc = 2,
                                        .peer_audio_ssrc = 3,
                                        .peer_video_ssrc = 4,
                                        .cname = "bench"};
  const struct session_config mirrored = {.seed = BENCH_SEED + 1,
                                          .audio_ssrc = config.peer_audio_ssrc,
                                          .video_ssrc = config.peer_video_ssrc,
                                          .peer_audio_ssrc = config.audio_ssrc,
                                          .peer_video_ssrc = config.video_ssrc,
                                          .cname = "peer"};
  *sender = (struct sender){.session = session_new(&config),
                            .peer = session_new(&mirrored),
                            .path = srtp_path_new(SRTP_PROFILE_AES_256_GCM, &one, &two),
                            .ice = our_ice_open(on_datagram, NULL)};
  bool ok = encode_video_init(&sender->camera, NULL);
  encode_video_set_open(&sender->camera, true);
  encode_video_set_enabled(&sender->camera, true);
  encode_video_set_target(&sender->camera, 1, false);
  return ok && sender->session && sender->peer && sender->path && sender->ice;
}

static void sender_deinit(struct sender *sender) {
  session_free(sender->session);
  session_free(sender->peer);
  srtp_path_free(sender->path);
  our_ice_close(sender->ice);
  encode_video_deinit(&sender->camera);
  picture_buffer_deinit(&sender->copied);
}

static void stage_done(struct sender *sender, int stage, struct stopwatch watch) {
  int64_t took = measure_now() - watch.started - clock_ns;
  sender->ns[stage] += took > 0 ? took : 0;
  sender->allocated[stage] += measure_allocations_now() - watch.allocations;
}

static bool protect_and_send(struct sender *sender, usec now, const struct session_output *out) {
  session_input(sender->peer, now, out->data, out->size);
  size_t size = out->size, room = out->size + SESSION_PACKET_ROOM;
  struct stopwatch watch = measure_start();
  enum srtp_result result = out->rtcp ? srtp_path_protect_rtcp(sender->path, out->data, &size, room)
                                      : srtp_path_protect_rtp(sender->path, out->data, &size, room);
  stage_done(sender, PROTECT, watch);
  sender->packets++;
  sender->bytes += (int64_t)size;
  watch = measure_start();
  bool sent = our_ice_send(sender->ice, out->data, size);
  stage_done(sender, SEND, watch);
  return result == SRTP_OK && sent;
}

/* What the pacer let go of together leaves together. */
static void flush(struct sender *sender) {
  struct stopwatch watch = measure_start();
  our_ice_flush(sender->ice);
  stage_done(sender, SEND, watch);
}

/* Until when there is nothing to hear of the peer. */
static usec hear_peer(struct sender *sender, usec now) {
  struct session_output out;
  while (session_poll(sender->peer, now, &out)) {
    if (out.type != SESSION_OUT_PACKET)
      continue;
    struct stopwatch watch = measure_start();
    session_input(sender->session, now, out.data, out.size);
    stage_done(sender, PACKETIZE, watch);
  }
  return session_deadline(sender->peer);
}

/* All that the session has to send from `now` until the next capture at `end`. */
static bool drain(struct sender *sender, usec now, usec end) {
  for (;;) {
    struct session_output out;
    struct stopwatch watch = measure_start();
    bool more = session_poll(sender->session, now, &out);
    usec next = more ? now : session_deadline(sender->session);
    stage_done(sender, PACKETIZE, watch);
    if (more && out.type == SESSION_OUT_PACKET && !protect_and_send(sender, now, &out))
      return false;
    if (!more) {
      flush(sender);
      next = earlier(next, hear_peer(sender, now));
    }
    if (!more && next >= end)
      return true;
    if (next > now)
      now = next;
  }
}

static void frame_done(struct sender *sender) {
  our_ice_idle(sender->ice); /* the other end takes what has come */
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

/* What the engine takes beside the codec, of the codec's time: of medians, which other programs' turns do not move.
 */
static double beside_codec(void) {
  double beside = 0;
  for (int stage = 0; stage < STAGES; stage++)
    beside += stage == ENCODE ? 0 : measure_percentile(&samples[stage], 50);
  return beside / measure_percentile(&samples[ENCODE], 50);
}

/* false: short of the goal. */
static bool print_summary(const struct bench_options *options, const struct source *source,
                          const struct sender *sender) {
  double frames = (double)total.items, beside = beside_codec(), goal = options->quick ? 0 : source->goal;
  double packets = (double)sender->packets / frames, bytes = (double)sender->bytes / frames;
  bool reached = goal <= 0 || beside <= goal;
  if (options->json)
    printf("{\"bench\":\"encode\",\"source\":\"%s\",\"packets_per_frame\":%.2f,\"bytes_per_frame\":%.1f,"
           "\"beside_codec\":%.5f,\"goal\":%.3f}\n",
           source->name, packets, bytes, beside, goal);
  else
    printf("%-24s %.2f packets and %.0f bytes a frame; beside the codec %.2f %% of its time%s\n", source->name,
           packets, bytes, 100 * beside,
           goal <= 0 ? ""
           : reached ? " (<= 1 ok)"
                     : " (<= 1 SHORT)");
  return reached;
}

/* Nothing may be allocated for a frame; what timers of libnice's do is not the frame's. */
static bool allocates(const struct source *source) {
  for (int stage = 0; stage < STAGES; stage++)
    if (!measure_allocates_nothing(&samples[stage])) {
      fprintf(stderr, "sotto-bench: encode: %s: %s allocates\n", source->name, stage_name[stage]);
      return true;
    }
  return false;
}

static enum bench_result report(const struct bench_options *options, const struct source *source,
                                const struct sender *sender) {
  double mean = measure_mean(&total);
  for (int stage = 0; stage < STAGES; stage++)
    if (stage != CAPTURE || source->codec)
      print_row(options, source->name, stage_name[stage], &samples[stage], measure_mean(&samples[stage]) / mean);
  print_row(options, source->name, "all", &total, 1);
  if (source->codec)
    print_row(options, source->name, "(copy)", &copied, measure_mean(&copied) / mean);
  if (source->codec)
    print_row(options, source->name, "(bare)", &bare, measure_mean(&bare) / mean);
  bool reached = print_summary(options, source, sender);
  return allocates(source) ? BENCH_FAILED : reached ? BENCH_REACHED : BENCH_SHORT;
}

static void start_counting(struct sender *sender) {
  memset(samples, 0, sizeof samples);
  memset(&total, 0, sizeof total);
  memset(&copied, 0, sizeof copied);
  memset(&bare, 0, sizeof bare);
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

/* A moving head before a still, textured wall, under a camera's noise. */
static void make_picture(const struct picture *picture, int frame) {
  static uint32_t noise = 1;
  int width = picture->width, height = picture->height;
  int cx = width / 2 + (int)(60 * sin(frame / 20.0)), cy = height / 2 + (int)(15 * sin(frame / 7.0));
  int radius = height * 11 / 36;
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      bool head = (x - cx) * (x - cx) * 2 + (y - cy) * (y - cy) < radius * radius;
      int light = head ? 150 + (x - cx + y - cy) / 8 : 70 + 20 * ((x / 40 + y / 40) % 2) + x / 16;
      noise = noise * 1664525u + 1013904223u;
      picture->plane[0][y * width + x] = (uint8_t)(light + (int)(noise >> 30));
    }
  memset(picture->plane[1], 120, (size_t)width * (size_t)height / 4);
  memset(picture->plane[2], 135 + frame % 4, (size_t)width * (size_t)height / 4);
}

/* The picture that is to be encoded; NULL: no memory. */
static const struct picture *capture(struct sender *sender, const struct source *source, int frame, usec now) {
  struct encode_video *camera = &sender->camera;
  struct picture picture;
  bool post;
  struct stopwatch watch = measure_start();
  bool ok = encode_video_lend(camera, source->width, source->height, &picture) == SOTTO_OK;
  stage_done(sender, CAPTURE, watch);
  if (!ok)
    return NULL;
  make_picture(&picture, frame);
  watch = measure_start();
  ok = picture_buffer_copy(&sender->copied, &picture);
  measure_stop(&copied, watch, 1);
  picture.captured = now;
  watch = measure_start();
  ok = encode_video_write(camera, &picture, &post) == SOTTO_OK && ok;
  stage_done(sender, CAPTURE, watch);
  return ok ? &camera->buffer[camera->waiting].picture : NULL;
}

static bool encode_video(struct sender *sender, const struct source *source, void *encoder, int frame) {
  usec now = SEC(1) + (usec)frame * SEC(1) / FPS;
  struct encoded_frame out = {0};
  const struct picture *picture = capture(sender, source, frame, now);
  struct stopwatch watch = measure_start();
  bool ok = picture && source->codec->encode(encoder, picture, frame == 0, &out);
  stage_done(sender, ENCODE, watch);
  watch = measure_start();
  if (ok && out.size > 0)
    ok = session_send_video(sender->session, now, now, out.data, out.size, out.key, 0);
  stage_done(sender, PACKETIZE, watch);
  ok = ok && drain(sender, now, now + SEC(1) / FPS);
  frame_done(sender);
  return ok;
}

static void *encoder_new(const struct source *source) {
  const struct audio_encoder_config sound = {.frame_samples = AUDIO_SAMPLES, .bitrate = source->bitrate};
  const struct video_encoder_config pictures = {
      .width = source->width, .height = source->height, .fps = FPS, .threads = 1, .bitrate = source->bitrate};
  return source->codec ? source->codec->encoder_new(&pictures) : audio_codec_opus.encoder_new(&sound);
}

static bool encode_all(const struct bench_options *options, const struct source *source, struct sender *sender,
                       void *encoder) {
  int warm_up = source->codec ? VIDEO_WARM_UP : AUDIO_WARM_UP;
  int frames = options->quick ? source->frames / QUICK : source->frames;
  bool ok = true;
  for (int frame = 0; ok && frame < warm_up + frames; frame++) {
    if (frame == warm_up)
      start_counting(sender);
    ok = source->codec ? encode_video(sender, source, encoder, frame) : encode_audio(sender, encoder, frame);
  }
  return ok;
}

/* After frames that go nowhere: the least that the kernel asks for, with caches as cold as an encoder leaves them.
 */
static bool send_bare(const struct source *source, struct sender *sender, void *encoder, int first) {
  struct encoded_frame out;
  int fd = source->codec ? bare_socket_open() : -1;
  bool ok = fd >= 0 || !source->codec;
  for (int frame = first; fd >= 0 && ok && frame < first + BARE_FRAMES; frame++) {
    const struct picture *picture = capture(sender, source, frame, SEC(1) + (usec)frame * SEC(1) / FPS);
    ok = picture && source->codec->encode(encoder, picture, false, &out);
    struct stopwatch watch = measure_start();
    ok = bare_socket_send(fd) && ok;
    measure_stop(&bare, watch, 1);
    bare_socket_empty(fd);
  }
  if (fd >= 0)
    close(fd);
  return ok;
}

static enum bench_result run_source(const struct bench_options *options, const struct source *source) {
  struct sender sender;
  void *encoder = encoder_new(source);
  bool ok = sender_init(&sender) && encoder && encode_all(options, source, &sender, encoder) &&
            send_bare(source, &sender, encoder, VIDEO_WARM_UP + source->frames);
  enum bench_result result = ok ? report(options, source, &sender) : BENCH_FAILED;
  if (encoder)
    (source->codec ? source->codec->encoder_free : audio_codec_opus.encoder_free)(encoder);
  sender_deinit(&sender);
  return result;
}

static int64_t time_clock(void) {
  memset(&total, 0, sizeof total);
  for (int i = 0; i < CLOCK_READINGS; i++)
    measure_stop(&total, measure_start(), 1);
  return (int64_t)measure_percentile(&total, 50);
}

enum bench_result bench_encode(const struct bench_options *options) {
  enum bench_result result = BENCH_REACHED;
  clock_ns = time_clock();
  if (!options->json)
    printf(
        "\nCapture to encrypted packets on the wire (AEAD_AES_256_GCM); us a frame\n%-24s %-10s %9s %9s %8s   %s\n",
        "source", "stage", "median", "p99", "share", "allocations");
  for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++)
    result = bench_worse(result, run_source(options, &sources[i]));
  return result;
}
