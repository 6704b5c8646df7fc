#include "media_loop.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "pattern.h"
#include "similarity.h"

enum { TICK_US = 5000, BLOCK_US = 10000, CATCH_UP_US = 500000 };

struct media_loop {
  sotto_call *call;
  struct studio *studio;
  pthread_t thread;
  atomic_bool stop, video;
  int64_t audio_due, video_began, tick_due;
  int64_t counter; /* of the last picture handed in; -1: none yet */
  int64_t film_due;
  int64_t newest;                 /* counter of the last picture shown */
  struct picture reference, last; /* last: as it was received, for the recorder */
  struct picture whole;           /* as it was received, in the size that it was sent in */
};

static void audio_block(struct media_loop *loop) {
  struct studio *studio = loop->studio;
  int16_t said[MEASURE_BLOCK], heard[MEASURE_BLOCK];
  audio_source_read(&studio->audio, said, MEASURE_BLOCK);
  sotto_audio_write(loop->call, said, MEASURE_BLOCK);
  if (sotto_audio_read(loop->call, heard, MEASURE_BLOCK) != SOTTO_OK)
    memset(heard, 0, sizeof heard);
  if (studio->log)
    media_log_audio(studio->log, said, loop->audio_due - BLOCK_US, heard, clock_now());
  if (studio->recorder)
    recorder_audio(studio->recorder, heard, MEASURE_BLOCK);
}

static void do_audio(struct media_loop *loop, int64_t now) {
  if (now - loop->audio_due > CATCH_UP_US) {
    loop->audio_due = now;
    if (loop->studio->log)
      loop->studio->log->stalls++;
  }
  for (; loop->audio_due <= now; loop->audio_due += BLOCK_US)
    audio_block(loop);
}

static void send_picture(struct media_loop *loop, int64_t counter) {
  int64_t captured = clock_now();
  sotto_frame frame = SOTTO_FRAME_INIT;
  frame.width = loop->studio->video.format.width;
  frame.height = loop->studio->video.format.height;
  frame.timestamp_us = captured;
  if (sotto_video_lend(loop->call, &frame) != SOTTO_OK)
    return;
  struct picture out = {.width = frame.width, .height = frame.height};
  memcpy(out.stride, frame.stride, sizeof out.stride);
  memcpy(out.plane, frame.plane, sizeof out.plane);
  if (!video_source_draw(&loop->studio->video, counter, &out))
    return;
  sotto_video_write(loop->call, &frame);
  if (loop->studio->log)
    media_log_sent(loop->studio->log, counter, captured);
}

static int64_t pictures_in(const struct media_loop *loop, int64_t span) {
  const struct y4m *format = &loop->studio->video.format;
  return span * format->rate_num / format->rate_den / 1000000;
}

/* The counter is the place in time, so what is skipped leaves a gap. */
static void do_camera(struct media_loop *loop, int64_t now) {
  if (!atomic_load(&loop->video))
    return;
  if (!loop->video_began)
    loop->video_began = now;
  int64_t counter = pictures_in(loop, now - loop->video_began);
  if (counter == loop->counter)
    return;
  loop->counter = counter;
  send_picture(loop, counter);
}

/* What the other end's encoder made smaller is judged in the size that it had before. */
static const struct picture *in_full_size(struct media_loop *loop, const struct picture *shown) {
  if (shown->width == loop->whole.width && shown->height == loop->whole.height)
    return shown;
  picture_scale(&loop->whole, shown);
  return &loop->whole;
}

static void log_shown(struct media_loop *loop, const struct picture *received, int64_t at) {
  const struct video_source *source = &loop->studio->reference;
  int variant;
  int64_t counter = 0;
  double psnr = -1, ssim = 0;
  const struct picture *shown = in_full_size(loop, received);
  if (pattern_read(shown, &variant, &counter) && variant == source->variant) {
    counter = pattern_unwrap(counter, loop->newest);
    loop->newest = counter;
    if (counter >= 0 && video_source_draw(source, counter, &loop->reference)) {
      psnr = picture_psnr(shown, &loop->reference);
      ssim = picture_ssim(shown, &loop->reference);
    }
  }
  media_log_shown(loop->studio->log, counter, at, psnr, ssim);
}

static void keep_for_film(struct media_loop *loop, const struct picture *shown) {
  if (shown->width != loop->last.width || shown->height != loop->last.height) {
    picture_free(&loop->last);
    if (!picture_new(&loop->last, shown->width, shown->height))
      return;
  }
  picture_copy(&loop->last, shown);
}

static void do_screen(struct media_loop *loop) {
  sotto_frame frame = SOTTO_FRAME_INIT;
  if (!sotto_video_read(loop->call, &frame))
    return;
  int64_t at = clock_now();
  struct picture shown = {.width = frame.width, .height = frame.height};
  memcpy(shown.stride, frame.stride, sizeof shown.stride);
  memcpy(shown.plane, frame.plane, sizeof shown.plane);
  if (loop->studio->log)
    log_shown(loop, &shown, at);
  if (loop->studio->recorder)
    keep_for_film(loop, &shown);
  sotto_frame_release(&frame);
}

static void do_film(struct media_loop *loop, int64_t now) {
  const struct y4m *format = &loop->studio->video.format;
  if (!loop->studio->recorder || !loop->last.width)
    return;
  if (!loop->film_due)
    loop->film_due = now;
  for (; loop->film_due <= now; loop->film_due += (int64_t)1000000 * format->rate_den / format->rate_num)
    recorder_video(loop->studio->recorder, &loop->last);
}

static void *run(void *argument) {
  struct media_loop *loop = argument;
  loop->audio_due = loop->tick_due = clock_now();
  while (!atomic_load(&loop->stop)) {
    int64_t now = clock_now();
    do_audio(loop, now);
    do_camera(loop, now);
    do_screen(loop);
    do_film(loop, now);
    loop->tick_due += TICK_US;
    if (loop->tick_due < now)
      loop->tick_due = now;
    clock_sleep_until(loop->tick_due);
  }
  return NULL;
}

static void free_loop(struct media_loop *loop) {
  picture_free(&loop->reference);
  picture_free(&loop->whole);
  picture_free(&loop->last);
  free(loop);
}

struct media_loop *media_loop_start(sotto_call *call, struct studio *studio) {
  const struct y4m *theirs = &studio->reference.format;
  struct media_loop *loop = calloc(1, sizeof *loop);
  if (!loop)
    return NULL;
  loop->call = call;
  loop->studio = studio;
  loop->counter = -1;
  if (!picture_new(&loop->reference, theirs->width, theirs->height) ||
      !picture_new(&loop->whole, theirs->width, theirs->height) ||
      pthread_create(&loop->thread, NULL, run, loop) != 0) {
    free_loop(loop);
    return NULL;
  }
  return loop;
}

void media_loop_set_video(struct media_loop *loop, bool on) {
  atomic_store(&loop->video, on);
}

void media_loop_stop(struct media_loop *loop) {
  if (!loop)
    return;
  atomic_store(&loop->stop, true);
  pthread_join(loop->thread, NULL);
  free_loop(loop);
}
