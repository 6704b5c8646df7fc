#include "encode_video.h"

#include <unistd.h>

#include "loop.h"

/* One thread on two cores: two made VP8 slower, for the rest of the call needs a core as well. */
static int encoder_threads(void) {
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  return cores >= 8 ? 4 : cores > 2 ? 2 : 1;
}

bool encode_video_init(struct encode_video *video, const struct video_codec *codec) {
  if (pthread_mutex_init(&video->lock, NULL))
    return false;
  video->codec = codec;
  video->threads = encoder_threads();
  video->writing = video->waiting = video->encoding = -1;
  frame_store_init(&video->out, VIDEO_ENCODED_WAITING);
  return true;
}

void encode_video_deinit(struct encode_video *video) {
  if (video->encoder)
    video->codec->encoder_free(video->encoder);
  for (int i = 0; i < 3; i++)
    picture_buffer_deinit(&video->buffer[i]);
  frame_store_deinit(&video->out);
  pthread_mutex_destroy(&video->lock);
}

static bool wanted(const struct encode_video *video) {
  return video->open && video->enabled && video->bitrate > 0;
}

/* A picture from before must not be the first one after. */
static void forget_waiting(struct encode_video *video) {
  if (!wanted(video))
    video->waiting = -1;
}

void encode_video_set_open(struct encode_video *video, bool open) {
  pthread_mutex_lock(&video->lock);
  video->open = open;
  forget_waiting(video);
  pthread_mutex_unlock(&video->lock);
}

void encode_video_set_enabled(struct encode_video *video, bool enabled) {
  pthread_mutex_lock(&video->lock);
  video->enabled = enabled;
  forget_waiting(video);
  pthread_mutex_unlock(&video->lock);
}

void encode_video_set_target(struct encode_video *video, bps bitrate, bool key_frame) {
  pthread_mutex_lock(&video->lock);
  video->bitrate = bitrate;
  video->key_wanted |= key_frame;
  forget_waiting(video);
  pthread_mutex_unlock(&video->lock);
}

const struct stored_frame *encode_video_take(struct encode_video *video) {
  pthread_mutex_lock(&video->lock);
  const struct stored_frame *oldest = frame_store_oldest(&video->out);
  pthread_mutex_unlock(&video->lock);
  return oldest;
}

bool encode_video_taken(struct encode_video *video) {
  pthread_mutex_lock(&video->lock);
  frame_store_taken(&video->out);
  bool post = video->waiting >= 0;
  pthread_mutex_unlock(&video->lock);
  return post;
}

void encode_video_stats(struct encode_video *video, struct encode_video_stats *stats) {
  pthread_mutex_lock(&video->lock);
  *stats = video->stats;
  pthread_mutex_unlock(&video->lock);
}

static int free_buffer(const struct encode_video *video) {
  for (int i = 0; i < 3; i++)
    if (i != video->waiting && i != video->encoding)
      return i;
  return -1;
}

/* Under the lock: true when the picture is to be copied into buffer[writing]. */
static bool write_begin(struct encode_video *video) {
  video->stats.frames_captured++;
  if (wanted(video))
    video->writing = free_buffer(video);
  return video->writing >= 0;
}

static bool write_end(struct encode_video *video, bool copied) {
  bool still = copied && wanted(video);
  if (still) {
    video->stats.frames_dropped += video->waiting >= 0;
    video->waiting = video->writing;
  }
  video->writing = -1;
  return still;
}

sotto_status encode_video_write(struct encode_video *video, const struct picture *picture, bool *post) {
  *post = false;
  pthread_mutex_lock(&video->lock);
  bool begun = write_begin(video);
  pthread_mutex_unlock(&video->lock);
  if (!begun)
    return SOTTO_OK;
  bool copied = picture_buffer_copy(&video->buffer[video->writing], picture);
  pthread_mutex_lock(&video->lock);
  *post = write_end(video, copied);
  pthread_mutex_unlock(&video->lock);
  return copied ? SOTTO_OK : SOTTO_ERR_NOMEM;
}

/* The encoder for this picture at this rate; false: it can't be made. */
static bool ready(struct encode_video *video, const struct picture *picture, bps bitrate) {
  struct video_encoder_config config = {.width = picture->width,
                                        .height = picture->height,
                                        .fps = VIDEO_FPS,
                                        .threads = video->threads,
                                        .bitrate = bitrate};
  bool resized = picture->width != video->config.width || picture->height != video->config.height;
  if (!video->encoder) {
    video->encoder = video->codec->encoder_new(&config);
  } else if (resized || bitrate != video->config.bitrate) {
    if (!video->codec->encoder_set(video->encoder, &config))
      return false;
  }
  video->config = config;
  return video->encoder != NULL;
}

/* Under the lock: what to encode now, or NULL. */
static struct picture *run_begin(struct encode_video *video, struct stored_frame **out, bps *bitrate, bool *key) {
  *out = frame_store_free_slot(&video->out);
  if (video->waiting < 0 || !wanted(video) || !*out)
    return NULL;
  video->encoding = video->waiting;
  video->waiting = -1;
  *bitrate = video->bitrate;
  *key = video->key_wanted;
  video->key_wanted = false;
  return &video->buffer[video->encoding].picture;
}

static void run_end(struct encode_video *video, bool ok, bool kept, bool key, bool key_wanted, usec took) {
  video->encoding = -1;
  video->stats.errors += !ok;
  video->stats.frames_dropped += ok && !kept;
  video->stats.encode_time += took;
  if (key_wanted && !(kept && key))
    video->key_wanted = true; /* the rate control or an error ate it: the next one */
  if (!kept)
    return;
  frame_store_added(&video->out);
  video->stats.frames_encoded++;
  video->stats.key_frames_encoded += key;
}

bool encode_video_run(struct encode_video *video, bool *encoded) {
  struct stored_frame *out;
  struct encoded_frame frame = {0};
  bps bitrate = 0;
  bool key_wanted = false;
  *encoded = false;
  pthread_mutex_lock(&video->lock);
  struct picture *picture = run_begin(video, &out, &bitrate, &key_wanted);
  pthread_mutex_unlock(&video->lock);
  if (!picture)
    return false;

  usec begun = loop_now();
  bool ok = ready(video, picture, bitrate) && video->codec->encode(video->encoder, picture, key_wanted, &frame);
  usec took = loop_now() - begun;
  bool kept = ok && frame.size && stored_frame_set(out, frame.data, frame.size);
  if (kept) {
    out->key = frame.key;
    out->captured = picture->captured;
  }

  pthread_mutex_lock(&video->lock);
  bool lost = ok && frame.size && !kept; /* no memory for it: what follows leans on it */
  run_end(video, ok && !lost, kept, frame.key, key_wanted || lost, took);
  *encoded = kept;
  bool more = video->waiting >= 0;
  pthread_mutex_unlock(&video->lock);
  return more;
}
