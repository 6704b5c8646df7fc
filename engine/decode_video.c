#include "decode_video.h"

#include "loop.h"

bool decode_video_init(struct decode_video *video, const struct video_codec *codec, struct render_queue *queue) {
  if (pthread_mutex_init(&video->lock, NULL))
    return false;
  video->codec = codec;
  video->queue = queue;
  frame_store_init(&video->waiting, DECODE_WAITING);
  return true;
}

void decode_video_deinit(struct decode_video *video) {
  if (video->decoder)
    video->codec->decoder_free(video->decoder);
  frame_store_deinit(&video->waiting);
  pthread_mutex_destroy(&video->lock);
}

void decode_video_set_codec(struct decode_video *video, const struct video_codec *codec) {
  pthread_mutex_lock(&video->lock);
  if (video->codec != codec) /* the worker reads it unlocked, once there is a frame */
    video->codec = codec;
  pthread_mutex_unlock(&video->lock);
}

/* Under the lock: from here on only a key frame helps. */
static void lose(struct decode_video *video) {
  video->lost = true;
  video->key_wanted = true;
}

bool decode_video_input(struct decode_video *video, const uint8_t *data, size_t size, bool key, usec captured,
                        usec render) {
  pthread_mutex_lock(&video->lock);
  video->stats.frames_received++;
  struct stored_frame *slot = frame_store_free_slot(&video->waiting);
  if (key && slot)
    video->lost = false;
  bool stored = slot && !video->lost && stored_frame_set(slot, data, size);
  if (stored) {
    slot->key = key;
    slot->captured = captured;
    slot->render = render;
    frame_store_added(&video->waiting);
  } else {
    video->stats.frames_dropped++;
    lose(video);
  }
  pthread_mutex_unlock(&video->lock);
  return stored;
}

bool decode_video_take_key_request(struct decode_video *video) {
  pthread_mutex_lock(&video->lock);
  bool request = video->key_wanted;
  video->key_wanted = false;
  pthread_mutex_unlock(&video->lock);
  return request;
}

void decode_video_stats(struct decode_video *video, struct decode_video_stats *stats) {
  pthread_mutex_lock(&video->lock);
  *stats = video->stats;
  pthread_mutex_unlock(&video->lock);
}

static bool decode(struct decode_video *video, const struct stored_frame *frame, struct picture *picture) {
  if (!video->decoder)
    video->decoder = video->codec->decoder_new();
  return video->decoder && video->codec->decode(video->decoder, frame->data, frame->size, picture);
}

/* Under the lock. A failure loses what waits behind it too, up to the next key frame among it. */
static void count(struct decode_video *video, const struct stored_frame *frame, bool ok,
                  const struct picture *picture, usec begun, usec ended) {
  video->stats.decode_time += ended - begun;
  if (!ok) {
    video->stats.errors++;
    video->stats.frames_dropped++;
    lose(video);
    return;
  }
  video->stats.frames_decoded++;
  video->stats.key_frames_decoded += frame->key;
  video->stats.width = picture->width;
  video->stats.height = picture->height;
  if (!video->stats.first_decoded)
    video->stats.first_decoded = ended;
}

static void skip_to_key_frame(struct decode_video *video) {
  for (struct stored_frame *next; video->lost && (next = frame_store_oldest(&video->waiting));) {
    if (next->key) {
      video->lost = false;
      return;
    }
    video->stats.frames_dropped++;
    frame_store_taken(&video->waiting);
  }
}

bool decode_video_run(struct decode_video *video, bool *notify) {
  pthread_mutex_lock(&video->lock);
  struct stored_frame *frame = frame_store_oldest(&video->waiting);
  pthread_mutex_unlock(&video->lock);
  *notify = false;
  if (!frame)
    return false;

  struct picture picture;
  usec begun = loop_now();
  bool ok = decode(video, frame, &picture);
  usec ended = loop_now();
  if (ok) {
    picture.captured = frame->captured;
    render_queue_add(video->queue, &picture, frame->render);
  }

  pthread_mutex_lock(&video->lock);
  count(video, frame, ok, &picture, begun, ended);
  frame_store_taken(&video->waiting);
  if (!ok)
    skip_to_key_frame(video);
  *notify = video->key_wanted;
  bool more = frame_store_oldest(&video->waiting) != NULL;
  pthread_mutex_unlock(&video->lock);
  return more;
}
