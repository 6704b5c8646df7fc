#include "encode_audio.h"

#include <string.h>

#include "../media/limits.h"

enum { SILENCE_CATCH_UP = 4 }; /* frames made at once after a stall; a longer gap stays a gap */

static usec span_of(int samples) {
  return SEC((usec)samples) / AUDIO_RATE;
}

bool encode_audio_init(struct encode_audio *audio, const struct audio_codec *codec, int frame_samples) {
  if (pthread_mutex_init(&audio->lock, NULL))
    return false;
  audio->codec = codec;
  audio->frame_samples = audio->wanted_samples = frame_samples;
  audio->bitrate = RATE_AUDIO;
  return true;
}

void encode_audio_deinit(struct encode_audio *audio) {
  if (audio->encoder)
    audio->codec->encoder_free(audio->encoder);
  pthread_mutex_destroy(&audio->lock);
}

void encode_audio_set_open(struct encode_audio *audio, bool open) {
  pthread_mutex_lock(&audio->lock);
  if (audio->open != open) {
    audio->partial = 0;
    audio->next_end = 0;
    audio->begun = false;
  }
  audio->open = open;
  pthread_mutex_unlock(&audio->lock);
}

void encode_audio_set_muted(struct encode_audio *audio, usec now, bool muted) {
  pthread_mutex_lock(&audio->lock);
  usec frame = span_of(audio->frame_samples);
  if (muted && (audio->next_end < now || audio->next_end > now + 2 * frame))
    audio->next_end = now + frame; /* nothing was written of late */
  if (audio->muted != muted)
    audio->partial = 0;
  audio->muted = muted;
  pthread_mutex_unlock(&audio->lock);
}

void encode_audio_set_loss(struct encode_audio *audio, int percent, bool inband_fec) {
  pthread_mutex_lock(&audio->lock);
  audio->loss = percent;
  audio->inband_fec = inband_fec;
  pthread_mutex_unlock(&audio->lock);
}

void encode_audio_set_target(struct encode_audio *audio, bps bitrate, int frame_samples) {
  pthread_mutex_lock(&audio->lock);
  audio->bitrate = bitrate;
  if (frame_samples > 0)
    audio->wanted_samples = frame_samples;
  pthread_mutex_unlock(&audio->lock);
}

usec encode_audio_deadline(struct encode_audio *audio) {
  pthread_mutex_lock(&audio->lock);
  usec deadline = audio->open && audio->muted ? audio->next_end : USEC_NEVER;
  pthread_mutex_unlock(&audio->lock);
  return deadline;
}

static struct pcm_frame *filling(struct encode_audio *audio) {
  return &audio->frame[(audio->head + audio->count) % AUDIO_FRAMES_WAITING];
}

static void frame_filled(struct encode_audio *audio, usec captured) {
  struct pcm_frame *frame = filling(audio);
  frame->captured = captured;
  frame->samples = audio->frame_samples;
  audio->count++;
  audio->partial = 0;
  audio->frame_samples = audio->wanted_samples;
  audio->next_end = captured + span_of(frame->samples) + span_of(audio->frame_samples);
}

bool encode_audio_silence(struct encode_audio *audio, usec now) {
  pthread_mutex_lock(&audio->lock);
  usec frame = span_of(audio->frame_samples);
  bool made = false;
  if (audio->open && audio->muted && audio->next_end < now - SILENCE_CATCH_UP * frame)
    audio->next_end = now;
  while (audio->open && audio->muted && audio->next_end <= now) {
    if (audio->count == AUDIO_FRAMES_WAITING) {
      audio->next_end += span_of(audio->frame_samples);
      audio->frames_dropped++;
      continue;
    }
    memset(filling(audio)->pcm, 0, sizeof filling(audio)->pcm);
    frame_filled(audio, audio->next_end - span_of(audio->frame_samples));
    made = true;
  }
  pthread_mutex_unlock(&audio->lock);
  return made;
}

/* As much of the block as fits into the frame being filled. */
static int fill(struct encode_audio *audio, usec now, const int16_t *pcm, int samples) {
  int take = audio->frame_samples - audio->partial;
  if (take > samples)
    take = samples;
  memcpy(filling(audio)->pcm + audio->partial, pcm, (size_t)take * sizeof *pcm);
  audio->partial += take;
  if (audio->partial == audio->frame_samples)
    frame_filled(audio, now - span_of(samples - take + audio->frame_samples));
  return take;
}

/* Who was let in hears something at once: silence stands for what was said before. */
static void begin(struct encode_audio *audio, int samples) {
  audio->frame_samples = audio->wanted_samples;
  int before = audio->frame_samples - samples;
  audio->begun = true;
  if (audio->muted || before <= 0)
    return;
  memset(filling(audio)->pcm, 0, (size_t)before * sizeof(int16_t));
  audio->partial = before;
}

sotto_status encode_audio_write(struct encode_audio *audio, usec now, const int16_t *pcm, int samples, bool *post) {
  sotto_status status = SOTTO_OK;
  *post = false;
  pthread_mutex_lock(&audio->lock);
  if (audio->open && !audio->begun && audio->count < AUDIO_FRAMES_WAITING)
    begin(audio, samples);
  while (audio->open && !audio->muted && samples > 0) {
    if (audio->count == AUDIO_FRAMES_WAITING) {
      audio->frames_dropped++;
      status = SOTTO_ERR_FULL;
      break;
    }
    int took = fill(audio, now, pcm, samples);
    pcm += took;
    samples -= took;
  }
  *post = audio->count > 0;
  pthread_mutex_unlock(&audio->lock);
  return status;
}

const struct encoded_audio *encode_audio_take(struct encode_audio *audio) {
  pthread_mutex_lock(&audio->lock);
  const struct encoded_audio *oldest = audio->out_count ? &audio->out[audio->out_head] : NULL;
  pthread_mutex_unlock(&audio->lock);
  return oldest;
}

void encode_audio_taken(struct encode_audio *audio) {
  pthread_mutex_lock(&audio->lock);
  audio->out_head = (audio->out_head + 1) % AUDIO_ENCODED_WAITING;
  audio->out_count--;
  pthread_mutex_unlock(&audio->lock);
}

/* The encoder as it was last asked for; false: it can't be made. */
static bool ready(struct encode_audio *audio, const struct audio_encoder_config *wanted) {
  const struct audio_encoder_config *is = &audio->config;
  if (!audio->encoder) {
    audio->encoder = audio->codec->encoder_new(wanted);
    audio->config = *wanted;
  } else if ((is->bitrate != wanted->bitrate || is->frame_samples != wanted->frame_samples ||
              is->loss != wanted->loss || is->inband_fec != wanted->inband_fec) &&
             audio->codec->encoder_set(audio->encoder, wanted)) {
    audio->config = *wanted;
  }
  return audio->encoder != NULL;
}

/* Slots are used in place and without the lock: only the worker takes from the front of `frame` and adds to the
 * end of `out`. */
bool encode_audio_run(struct encode_audio *audio, bool *encoded) {
  pthread_mutex_lock(&audio->lock);
  if (audio->out_count == 0)
    audio->out_head = 0; /* in the memory of before, not round the ring */
  bool any = audio->count > 0, wanted = any && audio->open, room = audio->out_count < AUDIO_ENCODED_WAITING;
  struct pcm_frame *frame = &audio->frame[audio->head];
  struct encoded_audio *out = &audio->out[(audio->out_head + audio->out_count) % AUDIO_ENCODED_WAITING];
  struct audio_encoder_config config = {.frame_samples = frame->samples,
                                        .bitrate = audio->bitrate,
                                        .loss = audio->loss,
                                        .inband_fec = audio->inband_fec};
  pthread_mutex_unlock(&audio->lock);

  int size = -1;
  if (wanted && room && ready(audio, &config))
    size = audio->codec->encode(audio->encoder, frame->pcm, frame->samples, out->payload, sizeof out->payload);
  if (wanted && size > 0) {
    out->captured = frame->captured;
    out->samples = frame->samples;
    out->size = (size_t)size;
  }

  pthread_mutex_lock(&audio->lock);
  if (any) {
    audio->count--;
    bool empty = audio->count == 0 && audio->partial == 0;
    audio->head = empty ? 0 : (audio->head + 1) % AUDIO_FRAMES_WAITING; /* 0: as above */
  }
  *encoded = wanted && size > 0;
  audio->out_count += *encoded;
  audio->frames_dropped += wanted && !room;
  audio->encoder_errors += wanted && room && size <= 0;
  bool more = audio->count > 0;
  pthread_mutex_unlock(&audio->lock);
  return more;
}
