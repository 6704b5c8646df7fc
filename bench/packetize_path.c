#include "packetize_path.h"

#include <stdio.h>
#include <string.h>

#include "measure.h"
#include "media/session.h"

/* A sample is a frame: handed over, and polled until the pacer has let all of it go. Time is simulated, a second a
 * frame, so that nothing of the one before is still there. */
enum { FRAMES = 2000, QUICK_FRAMES = 200, WARM_UP = 50, FRAME_MAX = 16 * 1180 };

static const struct {
  const char *name;
  size_t size;
  bool video;
  usec span; /* in which the pacer lets go of all of it */
} kinds[] = {{"sound, 80 B", 80, false, MS(1)},
             {"sound, 160 B", 160, false, MS(1)},
             {"picture, 16000 B", 16000, true, MS(990)},
             {"picture, 18880 B", FRAME_MAX, true, MS(990)}};

static struct samples samples;

/* The packets of media that left by `until`. */
static int poll_all(struct session *session, usec now, usec until) {
  int packets = 0;
  for (;;) {
    struct session_output out;
    if (session_poll(session, now, &out))
      packets += out.type == SESSION_OUT_PACKET && !out.rtcp;
    else if (session_deadline(session) < until)
      now = session_deadline(session);
    else
      return packets;
  }
}

static bool packetize(struct session *session, usec now, size_t kind) {
  static const uint8_t frame[FRAME_MAX];
  size_t size = kinds[kind].size;
  struct stopwatch watch = measure_start();
  bool ok = kinds[kind].video ? session_send_video(session, now, now, frame, size, true, 0)
                              : session_send_audio(session, now, now, frame, size, 960);
  int packets = poll_all(session, now, now + kinds[kind].span);
  if (packets > 0)
    measure_stop(&samples, watch, packets);
  poll_all(session, now + kinds[kind].span, now + SEC(1)); /* reports, and the wait for the next */
  return ok && packets > 0;
}

static void print_row(const struct bench_options *options, const char *name) {
  double median = measure_percentile(&samples, 50), p99 = measure_percentile(&samples, 99);
  double packets = (double)samples.items / (double)samples.count;
  if (options->json)
    printf("{\"bench\":\"packet\",\"operation\":\"packetize\",\"frame\":\"%s\",\"median_ns\":%.1f,\"p99_ns\":%.1f,"
           "\"packets_per_frame\":%.2f,\"allocations_per_packet\":%.3f}\n",
           name, median, p99, packets, measure_allocations(&samples));
  else
    printf("%-22s %8.1f %7.0f %7.0f %6.2f\n", name, packets, median, p99, measure_allocations(&samples));
}

static enum bench_result measure_kind(const struct bench_options *options, size_t kind) {
  const struct session_config config = {.seed = BENCH_SEED,
                                        .audio_ssrc = 1,
                                        .video_ssrc = 2,
                                        .peer_audio_ssrc = 3,
                                        .peer_video_ssrc = 4,
                                        .cname = "bench"};
  struct session *session = session_new(&config);
  bool ok = session;
  int frames = options->quick ? QUICK_FRAMES : FRAMES;
  for (int i = 0; ok && i < WARM_UP + frames; i++) {
    if (i == WARM_UP)
      memset(&samples, 0, sizeof samples);
    ok = packetize(session, SEC(1) * (i + 1), kind);
  }
  if (ok)
    print_row(options, kinds[kind].name);
  session_free(session);
  return ok && measure_allocates_nothing(&samples) ? BENCH_REACHED : BENCH_FAILED;
}

enum bench_result packetize_path_measure(const struct bench_options *options) {
  enum bench_result result = BENCH_REACHED;
  if (!options->json)
    printf("\nMedia session: from a frame to its packets; ns a packet\n%-22s %8s %7s %7s %6s\n", "frame", "packets",
           "median", "p99", "allocs");
  for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
    result = bench_worse(result, measure_kind(options, i));
  return result;
}
