#include "encode_video.h"

#include <unistd.h>

#include "../media/video/scaler.h"
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
  rate_policy_init(&video->policy);
  cpu_policy_init(&video->spared);
  video->lent = video->writing = video->waiting = video->encoding = -1;
  frame_store_init(&video->out, VIDEO_ENCODED_WAITING);
  return true;
}

void encode_video_deinit(struct encode_video *video) {
  if (video->encoder)
    video->codec->encoder_free(video->encoder);
  for (int i = 0; i < 3; i++)
    picture_buffer_deinit(&video->buffer[i]);
  picture_buffer_deinit(&video->smaller);
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

void encode_video_set_codec(struct encode_video *video, const struct video_codec *codec) {
  pthread_mutex_lock(&video->lock);
  if (video->codec != codec) /* the worker reads it unlocked, once open */
    video->codec = codec;
  pthread_mutex_unlock(&video->lock);
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

void encode_video_set_layered(struct encode_video *video, bool layered) {
  pthread_mutex_lock(&video->lock);
  video->layered = layered;
  pthread_mutex_unlock(&video->lock);
}

void encode_video_set_target(struct encode_video *video, bps bitrate, bool key_frame) {
  pthread_mutex_lock(&video->lock);
  video->bitrate = bitrate;
  video->key_wanted |= key_frame;
  forget_waiting(video);
  pthread_mutex_unlock(&video->lock);
}

void encode_video_set_screen(struct encode_video *video, bool screen) {
  pthread_mutex_lock(&video->lock);
  video->screen = screen;
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
  bool post = video->waiting >= 0;
  if (post && frame_store_full(&video->out)) /* it waited for the network, not for the processor */
    video->wanted = loop_now();
  frame_store_taken(&video->out);
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

/* Under the lock: true when buffer[place] is to become the picture. */
static bool write_begin(struct encode_video *video, int place) {
  video->stats.frames_captured++;
  if (wanted(video))
    video->writing = place;
  return video->writing >= 0;
}

static bool write_end(struct encode_video *video, bool filled) {
  bool still = filled && wanted(video);
  if (still) {
    video->stats.frames_dropped += video->waiting >= 0;
    if (video->waiting < 0 && video->encoding < 0)
      video->wanted = loop_now();
    video->waiting = video->writing;
  }
  video->writing = -1;
  return still;
}

sotto_status encode_video_lend(struct encode_video *video, int width, int height, struct picture *picture) {
  pthread_mutex_lock(&video->lock);
  video->lent = free_buffer(video);
  pthread_mutex_unlock(&video->lock);
  struct picture_buffer *buffer = &video->buffer[video->lent];
  if (picture_buffer_resize(buffer, width, height)) {
    *picture = buffer->picture;
    return SOTTO_OK;
  }
  video->lent = -1;
  return SOTTO_ERR_NOMEM;
}

static bool lies_in(const struct picture_buffer *buffer, const struct picture *picture) {
  bool inside = false;
  for (int i = 0; i < 3; i++)
    inside = inside || (picture->plane[i] >= buffer->memory && picture->plane[i] < buffer->memory + buffer->room);
  return inside;
}

static bool as_lent(const struct picture *lent, const struct picture *picture) {
  bool same = lent->width == picture->width && lent->height == picture->height;
  for (int i = 0; i < 3; i++)
    same = same && lent->plane[i] == picture->plane[i] && lent->stride[i] == picture->stride[i];
  return same;
}

static bool fill(struct picture_buffer *buffer, bool lent, const struct picture *picture) {
  if (!lent)
    return picture_buffer_copy(buffer, picture);
  buffer->picture.captured = picture->captured;
  return true;
}

sotto_status encode_video_write(struct encode_video *video, const struct picture *picture, bool *post) {
  *post = false;
  int place = video->lent;
  video->lent = -1;
  bool lent = place >= 0 && lies_in(&video->buffer[place], picture);
  if (lent && !as_lent(&video->buffer[place].picture, picture))
    return SOTTO_ERR_INVALID;
  pthread_mutex_lock(&video->lock);
  bool begun = write_begin(video, lent ? place : free_buffer(video));
  pthread_mutex_unlock(&video->lock);
  if (!begun)
    return SOTTO_OK;
  bool filled = fill(&video->buffer[video->writing], lent, picture);
  pthread_mutex_lock(&video->lock);
  *post = write_end(video, filled);
  pthread_mutex_unlock(&video->lock);
  return filled ? SOTTO_OK : SOTTO_ERR_NOMEM;
}

struct job { /* one picture to encode, and how */
  const struct picture *picture;
  struct stored_frame *out;
  bps bitrate;
  bool key_wanted, screen, layered;
  usec wanted, started; /* when the worker could have begun, when it did */
  enum quality_limit limited;
};

enum fate { ENCODED, LEFT_OUT, FAILED };

static bool same(const struct video_encoder_config *a, const struct video_encoder_config *b) {
  return a->width == b->width && a->height == b->height && a->fps == b->fps && a->bitrate == b->bitrate &&
         a->screen == b->screen && a->layered == b->layered && a->speed == b->speed;
}

/* The encoder for this choice at this rate; false: it can't be made, and is tried again with the next picture. */
static bool ready(struct encode_video *video, const struct job *job, const struct rate_choice *choice) {
  struct video_encoder_config config = {.width = choice->width,
                                        .height = choice->height,
                                        .fps = choice->fps < VIDEO_FPS ? choice->fps : VIDEO_FPS,
                                        .threads = video->threads,
                                        .bitrate = job->bitrate,
                                        .screen = job->screen,
                                        .layered = job->layered,
                                        .speed = cpu_policy_choice(&video->spared).speed};
  if (!video->encoder)
    video->encoder = video->codec->encoder_new(&config);
  else if (!same(&config, &video->config) && !video->codec->encoder_set(video->encoder, &config)) {
    video->codec->encoder_free(video->encoder);
    video->encoder = NULL;
  }
  video->config = config;
  return video->encoder != NULL;
}

static void shrink(const struct picture *from, const struct picture *to) {
  for (int i = 0; i < 3; i++) {
    int part = i ? 2 : 1;
    struct scaler_plane source = {from->plane[i], from->stride[i], from->width / part, from->height / part};
    struct scaler_plane target = {to->plane[i], to->stride[i], to->width / part, to->height / part};
    scaler_shrink(&source, &target);
  }
}

/* The picture in the size that was chosen; NULL: no memory. */
static const struct picture *sized(struct encode_video *video, const struct picture *picture,
                                   const struct rate_choice *choice) {
  if (choice->width == picture->width && choice->height == picture->height)
    return picture;
  if (!picture_buffer_resize(&video->smaller, choice->width, choice->height))
    return NULL;
  video->smaller.picture.captured = picture->captured;
  shrink(picture, &video->smaller.picture);
  return &video->smaller.picture;
}

/* How to encode it, by both policies; false: leave it out. */
static bool choose(struct encode_video *video, struct job *job, struct rate_choice *choice) {
  const struct picture *picture = job->picture;
  cpu_policy_set_screen(&video->spared, job->screen);
  rate_policy_set_content(&video->policy, job->screen ? CONTENT_SCREEN : CONTENT_CAMERA);
  struct cpu_choice limit = cpu_policy_choice(&video->spared);
  rate_policy_set_limit(&video->policy, limit.eighths, limit.fps);
  bool in_time =
      rate_policy_picture(&video->policy, picture->captured, picture->width, picture->height, job->bitrate, choice);
  job->limited = choice->limited;
  return in_time || job->key_wanted;
}

/* Outside the lock. LEFT_OUT: by a policy or by the encoder's rate control. */
static enum fate encode(struct encode_video *video, struct job *job, struct encoded_frame *frame) {
  const struct picture *picture = job->picture;
  struct rate_choice choice;
  if (!choose(video, job, &choice))
    return LEFT_OUT;
  picture = sized(video, picture, &choice);
  if (!picture || !ready(video, job, &choice) ||
      !video->codec->encode(video->encoder, picture, job->key_wanted, frame))
    return FAILED;
  rate_policy_encoded(&video->policy, picture->captured, frame->size ? frame->quantizer : QUANTIZER_WORST);
  return frame->size ? ENCODED : LEFT_OUT;
}

/* Under the lock: what to encode now; false: nothing. */
static bool run_begin(struct encode_video *video, struct job *job) {
  job->out = frame_store_free_slot(&video->out);
  if (video->waiting < 0 || !wanted(video) || !job->out)
    return false;
  video->encoding = video->waiting;
  video->waiting = -1;
  job->picture = &video->buffer[video->encoding].picture;
  job->bitrate = video->bitrate;
  job->screen = video->screen;
  job->layered = video->layered;
  job->key_wanted = video->key_wanted;
  video->key_wanted = false;
  job->wanted = video->wanted;
  job->started = loop_now();
  return true;
}

static void run_end(struct encode_video *video, const struct job *job, usec now, enum fate fate, bool key) {
  video->encoding = -1;
  video->wanted = now; /* by the one that waits, if any */
  video->stats.errors += fate == FAILED;
  video->stats.frames_dropped += fate == LEFT_OUT;
  video->stats.encode_time += now - job->started;
  video->stats.limited = job->limited;
  if (job->key_wanted && !(fate == ENCODED && key))
    video->key_wanted = true; /* the rate control or an error ate it: the next one */
  if (fate != ENCODED)
    return;
  frame_store_added(&video->out);
  video->stats.frames_encoded++;
  video->stats.key_frames_encoded += key;
}

bool encode_video_run(struct encode_video *video, bool *encoded) {
  struct job job;
  struct encoded_frame frame = {0};
  *encoded = false;
  pthread_mutex_lock(&video->lock);
  bool begun = run_begin(video, &job);
  pthread_mutex_unlock(&video->lock);
  if (!begun)
    return false;

  enum fate fate = encode(video, &job, &frame);
  usec now = loop_now();
  cpu_policy_encoded(&video->spared, now, now - job.wanted, frame.key);
  bool lost = fate == ENCODED && !stored_frame_set(job.out, frame.data, frame.size);
  if (fate == ENCODED && !lost) {
    job.out->key = frame.key;
    job.out->temporal_id = frame.temporal_id;
    job.out->captured = job.picture->captured;
  }

  job.key_wanted |= lost; /* no memory for it: what follows leans on it */
  pthread_mutex_lock(&video->lock);
  run_end(video, &job, now, lost ? FAILED : fate, frame.key);
  *encoded = fate == ENCODED && !lost;
  bool more = video->waiting >= 0;
  pthread_mutex_unlock(&video->lock);
  return more;
}
