/* encode_video.h - one call's pictures from the embedder's writes to encoded frames, on the video encode worker.
 *
 * The newest picture wins: one that the encoder has not begun is replaced by the next. Nothing is encoded while
 * the gate is not OPEN, video is off or the target is zero, nor while VIDEO_ENCODED_WAITING frames wait for the
 * engine: an encoded frame is never dropped here, for the ones after it lean on it. What the rate is not enough for
 * is made smaller or left out (media/video/rate_policy.h), and so is what the processor is not enough for
 * (media/video/cpu_policy.h). Four pictures of memory: one being drawn or written, one waiting, one being encoded,
 * and a smaller copy of it.
 */
#ifndef ENCODE_VIDEO_H
#define ENCODE_VIDEO_H
#include <pthread.h>

#include "../media/video/cpu_policy.h"
#include "../media/video/rate_policy.h"
#include "frame_store.h"
#include "picture_buffer.h"
#include "sotto.h"
#include "worker.h"

enum { VIDEO_ENCODED_WAITING = 3, VIDEO_FPS = 30 /* nominal: the rate control goes by capture times */ };

struct encode_video_stats {
  int64_t frames_captured, frames_encoded, key_frames_encoded, frames_dropped;
  usec encode_time;
  int64_t errors;
  enum quality_limit limited; /* the newest picture, by what */
};

struct encode_video {
  struct task task;
  pthread_mutex_t lock;
  const struct video_codec *codec;
  void *encoder;                      /* the worker's */
  struct video_encoder_config config; /* of the encoder, the worker's */
  struct rate_policy policy;          /* the worker's, and so are the next two */
  struct cpu_policy spared;
  struct picture_buffer smaller;
  int threads;
  bool open, enabled; /* the gate; the embedder's choice */
  bps bitrate;
  bool key_wanted;
  bool screen;  /* what the pictures are of */
  bool layered; /* in two temporal layers */
  struct picture_buffer buffer[3];
  int lent;                       /* an index as the next ones, the embedder's thread's */
  int writing, waiting, encoding; /* -1: none */
  usec wanted;                    /* since when the worker has had something to do here */
  struct frame_store out;
  struct encode_video_stats stats;
};

bool encode_video_init(struct encode_video *video, const struct video_codec *codec);
void encode_video_deinit(struct encode_video *video);

/* The engine's thread. */
/* The format, before the first opening and never later. */
void encode_video_set_codec(struct encode_video *video, const struct video_codec *codec);
void encode_video_set_open(struct encode_video *video, bool open);
void encode_video_set_enabled(struct encode_video *video, bool enabled);
void encode_video_set_layered(struct encode_video *video, bool layered);
void encode_video_set_target(struct encode_video *video, bps bitrate, bool key_frame);
/* The oldest encoded frame, in place until encode_video_taken(); NULL: none. */
const struct stored_frame *encode_video_take(struct encode_video *video);
bool encode_video_taken(struct encode_video *video); /* true: a picture waited for this, post the task */
void encode_video_set_screen(struct encode_video *video, bool screen);
void encode_video_stats(struct encode_video *video, struct encode_video_stats *stats);

/* The embedder's thread. */
/* Memory to draw into, width and height even: it takes no copy then to write it. */
sotto_status encode_video_lend(struct encode_video *video, int width, int height, struct picture *picture);
/* *post: there is a picture to encode. */
sotto_status encode_video_write(struct encode_video *video, const struct picture *picture, bool *post);

/* The worker's: encodes one picture. *encoded: there is something to take. True: another waits. */
bool encode_video_run(struct encode_video *video, bool *encoded);

#endif
