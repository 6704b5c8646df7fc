/* decode_video.h - one call's received frames to pictures, on the video decode worker.
 *
 * Frames are decoded in the order they come. After one that does not decode, or when DECODE_WAITING frames wait
 * (the worker is behind), all that lean on it are skipped until a key frame, which is asked for through the
 * engine. Pictures go to the render queue. The decoder is made with the first frame.
 */
#ifndef DECODE_VIDEO_H
#define DECODE_VIDEO_H
#include <pthread.h>

#include "frame_store.h"
#include "render_queue.h"
#include "worker.h"

enum { DECODE_WAITING = 12 };

struct decode_video_stats {
  int64_t frames_received, frames_decoded, key_frames_decoded, frames_dropped, errors;
  usec decode_time, first_decoded; /* first_decoded: when, 0: not yet */
  int width, height;               /* of the last */
};

struct decode_video {
  struct task task;
  pthread_mutex_t lock;
  const struct video_codec *codec;
  void *decoder; /* the worker's */
  struct render_queue *queue;
  struct frame_store waiting;
  bool lost;       /* until a key frame: what arrives is of no use */
  bool key_wanted; /* to be asked of the peer */
  struct decode_video_stats stats;
};

bool decode_video_init(struct decode_video *video, const struct video_codec *codec, struct render_queue *queue);
void decode_video_deinit(struct decode_video *video);

/* The engine's thread. The format, before the first frame and never later. */
void decode_video_set_codec(struct decode_video *video, const struct video_codec *codec);
/* True: post the task. */
bool decode_video_input(struct decode_video *video, const uint8_t *data, size_t size, bool key, usec captured,
                        usec render);
bool decode_video_take_key_request(struct decode_video *video);
void decode_video_stats(struct decode_video *video, struct decode_video_stats *stats);

/* The worker's: decodes one frame. *notify: a key frame is to be asked for. True: another waits. */
bool decode_video_run(struct decode_video *video, bool *notify);

#endif
