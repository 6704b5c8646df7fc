#include "media_io.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "beep.h"

struct media_io {
  atomic_int refs;
  struct media_io_config config;
  struct encode_audio microphone;
  struct encode_video camera;
  struct decode_video receiver;
  struct render_queue screen;
  pthread_mutex_t playout_lock; /* of playout, audible, unverified, beep and heard */
  struct playout *playout;
  bool audible, unverified;
  struct beep beep;
  usec heard;       /* when their first sound was handed out, 0: not yet */
  usec first_audio; /* the engine's: when, 0: not yet */
};

#define OWNER(task, member) ((struct media_io *)(void *)((char *)(task)-offsetof(struct media_io, member)))

static void retain(struct media_io *io) {
  atomic_fetch_add_explicit(&io->refs, 1, memory_order_relaxed);
}

static void post(struct media_io *io, struct worker *worker, struct task *task) {
  retain(io);
  if (!worker_post(worker, task))
    media_io_release(io);
}

static bool run_microphone(struct task *task) {
  struct media_io *io = OWNER(task, microphone);
  bool encoded, more = encode_audio_run(&io->microphone, &encoded);
  if (encoded)
    io->config.ready(io->config.user);
  return more;
}

static bool run_camera(struct task *task) {
  struct media_io *io = OWNER(task, camera);
  bool encoded, more = encode_video_run(&io->camera, &encoded);
  if (encoded)
    io->config.ready(io->config.user);
  return more;
}

static bool run_receiver(struct task *task) {
  struct media_io *io = OWNER(task, receiver);
  bool notify, more = decode_video_run(&io->receiver, &notify);
  if (notify)
    io->config.ready(io->config.user);
  return more;
}

static void release_microphone(struct task *task) {
  media_io_release(OWNER(task, microphone));
}

static void release_camera(struct task *task) {
  media_io_release(OWNER(task, camera));
}

static void release_receiver(struct task *task) {
  media_io_release(OWNER(task, receiver));
}

/* Each step is undone by the one label below it. */
static bool parts_init(struct media_io *io) {
  const struct media_io_config *config = &io->config;
  if (!(io->playout = playout_new(config->audio_codec)))
    return false;
  if (pthread_mutex_init(&io->playout_lock, NULL))
    goto no_lock;
  if (!encode_audio_init(&io->microphone, config->audio_codec, config->frame_samples))
    goto no_microphone;
  if (!encode_video_init(&io->camera, config->video_codec))
    goto no_camera;
  if (!render_queue_init(&io->screen))
    goto no_screen;
  if (decode_video_init(&io->receiver, config->video_codec, &io->screen))
    return true;
  render_queue_deinit(&io->screen);
no_screen:
  encode_video_deinit(&io->camera);
no_camera:
  encode_audio_deinit(&io->microphone);
no_microphone:
  pthread_mutex_destroy(&io->playout_lock);
no_lock:
  playout_free(io->playout);
  return false;
}

struct media_io *media_io_new(const struct media_io_config *config) {
  struct media_io *io = calloc(1, sizeof *io);
  if (!io)
    return NULL;
  io->config = *config;
  if (!parts_init(io)) {
    free(io);
    return NULL;
  }
  atomic_init(&io->refs, 1);
  io->microphone.task = (struct task){.run = run_microphone, .release = release_microphone};
  io->camera.task = (struct task){.run = run_camera, .release = release_camera};
  io->receiver.task = (struct task){.run = run_receiver, .release = release_receiver};
  return io;
}

void media_io_release(struct media_io *io) {
  if (!io || atomic_fetch_sub_explicit(&io->refs, 1, memory_order_acq_rel) != 1)
    return;
  decode_video_deinit(&io->receiver);
  render_queue_deinit(&io->screen);
  encode_video_deinit(&io->camera);
  encode_audio_deinit(&io->microphone);
  pthread_mutex_destroy(&io->playout_lock);
  playout_free(io->playout);
  free(io);
}

/* ---- the engine's thread ---- */

void media_io_set_codecs(struct media_io *io, const struct video_codec *ours, const struct video_codec *theirs) {
  encode_video_set_codec(&io->camera, ours);
  decode_video_set_codec(&io->receiver, theirs);
}

void media_io_set_gate(struct media_io *io, sotto_gate gate) {
  bool sound = gate != SOTTO_GATE_SHUT, pictures = gate == SOTTO_GATE_OPEN;
  encode_audio_set_open(&io->microphone, sound);
  encode_video_set_open(&io->camera, pictures);
  render_queue_set_open(&io->screen, pictures);
  pthread_mutex_lock(&io->playout_lock);
  io->audible = sound;
  if (gate == SOTTO_GATE_AUDIO_UNVERIFIED && !io->unverified)
    beep_start(&io->beep);
  io->unverified = gate == SOTTO_GATE_AUDIO_UNVERIFIED;
  pthread_mutex_unlock(&io->playout_lock);
}

void media_io_set_media(struct media_io *io, usec now, unsigned media) {
  encode_audio_set_muted(&io->microphone, now, !(media & SOTTO_AUDIO));
  encode_video_set_enabled(&io->camera, media & SOTTO_VIDEO);
}

void media_io_set_screen(struct media_io *io, bool screen) {
  encode_video_set_screen(&io->camera, screen);
}

void media_io_set_peer_media(struct media_io *io, unsigned media) {
  if (!(media & SOTTO_VIDEO))
    render_queue_paused(&io->screen);
}

void media_io_set_audio_loss(struct media_io *io, int percent, bool inband_fec) {
  encode_audio_set_loss(&io->microphone, percent, inband_fec);
}

void media_io_set_layered(struct media_io *io, bool layered) {
  encode_video_set_layered(&io->camera, layered);
}

void media_io_set_targets(struct media_io *io, bps audio_bitrate, int audio_samples, bps video_bitrate,
                          bool key_frame) {
  if (audio_bitrate > 0)
    encode_audio_set_target(&io->microphone, audio_bitrate, audio_samples);
  encode_video_set_target(&io->camera, video_bitrate, key_frame);
}

usec media_io_audio(struct media_io *io, usec arrival, int64_t seq, int64_t rtp_time, const uint8_t *data,
                    size_t size) {
  if (!io->first_audio)
    io->first_audio = arrival;
  pthread_mutex_lock(&io->playout_lock);
  playout_input(io->playout, arrival, seq, rtp_time, data, size);
  usec delay = playout_delay(io->playout);
  pthread_mutex_unlock(&io->playout_lock);
  return delay;
}

void media_io_video(struct media_io *io, const uint8_t *data, size_t size, bool key, usec captured, usec render) {
  if (decode_video_input(&io->receiver, data, size, key, captured, render))
    post(io, io->config.decode, &io->receiver.task);
}

bool media_io_take_key_request(struct media_io *io) {
  return decode_video_take_key_request(&io->receiver);
}

const struct encoded_audio *media_io_take_audio(struct media_io *io) {
  return encode_audio_take(&io->microphone);
}

void media_io_audio_taken(struct media_io *io) {
  encode_audio_taken(&io->microphone);
}

const struct stored_frame *media_io_take_video(struct media_io *io) {
  return encode_video_take(&io->camera);
}

void media_io_video_taken(struct media_io *io) {
  if (encode_video_taken(&io->camera))
    post(io, io->config.encode, &io->camera.task);
}

void media_io_tick(struct media_io *io, usec now) {
  if (encode_audio_silence(&io->microphone, now))
    post(io, io->config.audio, &io->microphone.task);
}

usec media_io_deadline(struct media_io *io) {
  return encode_audio_deadline(&io->microphone);
}

static void audio_stats(struct media_io *io, usec started, sotto_stats *stats) {
  struct playout_stats playout;
  pthread_mutex_lock(&io->playout_lock);
  playout_stats(io->playout, &playout);
  stats->setup_heard_us = io->heard ? io->heard - started : 0;
  pthread_mutex_unlock(&io->playout_lock);
  stats->total_samples_received = playout.total_samples_received;
  stats->concealed_samples = playout.concealed_samples;
  stats->silent_concealed_samples = playout.silent_concealed_samples;
  stats->concealment_events = playout.concealment_events;
  stats->fec_packets_received = playout.fec_packets_received;
  stats->fec_packets_discarded = playout.fec_packets_discarded;
  stats->jitter_buffer_delay_us = playout.jitter_buffer_delay;
  stats->jitter_buffer_target_delay_us = playout.jitter_buffer_target_delay;
  stats->audio.packets_discarded += playout.packets_discarded_late;
}

static const char *const limitations[] = {
    [LIMIT_NONE] = "none", [LIMIT_CPU] = "cpu", [LIMIT_BANDWIDTH] = "bandwidth"};

static void video_stats(struct media_io *io, sotto_stats *stats) {
  struct encode_video_stats sent;
  struct render_stats shown;
  encode_video_stats(&io->camera, &sent);
  render_queue_stats(&io->screen, &shown);
  stats->frames_captured = sent.frames_captured;
  stats->frames_encoded = sent.frames_encoded;
  stats->key_frames_encoded = sent.key_frames_encoded;
  stats->frames_dropped_encoder = sent.frames_dropped;
  stats->total_encode_time_us = sent.encode_time;
  snprintf(stats->quality_limitation_reason, sizeof stats->quality_limitation_reason, "%s",
           limitations[sent.limited]);
  stats->frames_rendered = shown.frames_rendered;
  stats->freeze_count = shown.freeze_count;
  stats->total_freezes_duration_us = shown.freezes_duration;
  stats->frames_dropped += shown.frames_dropped;
}

void media_io_stats(struct media_io *io, usec started, sotto_stats *stats) {
  struct decode_video_stats decoded;
  audio_stats(io, started, stats);
  video_stats(io, stats);
  decode_video_stats(&io->receiver, &decoded);
  stats->frames_received = decoded.frames_received;
  stats->frames_decoded = decoded.frames_decoded;
  stats->key_frames_decoded = decoded.key_frames_decoded;
  stats->frames_dropped += decoded.frames_dropped; /* those that never became whole are the core's */
  stats->frames_lost += decoded.frames_dropped;
  stats->total_decode_time_us = decoded.decode_time;
  stats->frame_width = decoded.width;
  stats->frame_height = decoded.height;
  snprintf(stats->audio_codec, sizeof stats->audio_codec, "%s", io->config.audio_codec->name);
  snprintf(stats->video_codec, sizeof stats->video_codec, "%s", io->camera.codec->name);
  snprintf(stats->peer_video_codec, sizeof stats->peer_video_codec, "%s", io->receiver.codec->name);
  stats->setup_first_audio_us = io->first_audio ? io->first_audio - started : 0;
  stats->setup_first_video_us = decoded.first_decoded ? decoded.first_decoded - started : 0;
}

/* ---- the embedder's threads ---- */

sotto_status media_io_write_audio(struct media_io *io, usec now, const int16_t *pcm, int samples) {
  bool encode;
  sotto_status status = encode_audio_write(&io->microphone, now, pcm, samples, &encode);
  if (encode)
    post(io, io->config.audio, &io->microphone.task);
  return status;
}

void media_io_read_audio(struct media_io *io, usec now, int16_t *pcm, int samples) {
  pthread_mutex_lock(&io->playout_lock);
  if (io->audible)
    playout_read(io->playout, now, pcm, samples);
  else
    memset(pcm, 0, (size_t)samples * sizeof *pcm);
  if (!io->heard && io->audible && playout_position(io->playout) >= 0)
    io->heard = now;
  if (io->unverified)
    beep_mix(&io->beep, pcm, samples);
  pthread_mutex_unlock(&io->playout_lock);
}

sotto_status media_io_lend_video(struct media_io *io, int width, int height, struct picture *picture) {
  return encode_video_lend(&io->camera, width, height, picture);
}

sotto_status media_io_write_video(struct media_io *io, const struct picture *picture) {
  bool encode;
  sotto_status status = encode_video_write(&io->camera, picture, &encode);
  if (encode)
    post(io, io->config.encode, &io->camera.task);
  return status;
}

struct rendered *media_io_read_video(struct media_io *io, usec now) {
  struct rendered *picture = render_queue_take(&io->screen, now);
  if (picture)
    retain(io);
  return picture;
}

void media_io_give_back(struct rendered *picture) {
  struct media_io *io = OWNER(picture->queue, screen);
  render_queue_give_back(picture);
  media_io_release(io);
}
