/* handle.c - the sotto_call that the embedder holds: its life, and the statistics of all its parts in one. */
#include <stdio.h>
#include <stdlib.h>

#include "engine.h"

static void media_ready(void *user) {
  struct sotto_engine *engine = user;
  loop_wake(engine->loop);
}

struct sotto_call *handle_new(struct sotto_engine *engine) {
  struct sotto_call *call = calloc(1, sizeof *call);
  if (!call)
    return NULL;
  struct media_io_config config = {.audio_codec = &audio_codec_opus,
                                   .video_codec = &video_codec_vp8,
                                   .frame_samples = engine->config.frame_samples,
                                   .audio = engine->audio,
                                   .encode = engine->encode,
                                   .decode = engine->decode,
                                   .ready = media_ready,
                                   .user = engine};
  call->media = media_io_new(&config);
  if (!call->media) {
    free(call);
    return NULL;
  }
  call->engine = engine;
  atomic_fetch_add(&engine->refs, 1);
  atomic_init(&call->refs, 1);
  return call;
}

void handle_retain(struct sotto_call *call) {
  atomic_fetch_add(&call->refs, 1);
}

void handle_release(struct sotto_call *call) {
  if (atomic_fetch_sub(&call->refs, 1) != 1)
    return;
  struct sotto_engine *engine = call->engine;
  media_io_release(call->media);
  free(call);
  engine_release(engine);
}

void handle_enter(struct sotto_call *call, uint32_t handle) {
  handle_retain(call);
  call->handle = handle;
  call->started = loop_now();
  call->next = call->engine->calls;
  call->engine->calls = call;
}

struct sotto_call *handle_find(struct sotto_engine *engine, uint32_t handle) {
  for (struct sotto_call *call = engine->calls; call; call = call->next)
    if (call->handle == handle)
      return call;
  return NULL;
}

void handle_gone(struct sotto_call *call) {
  struct sotto_call **at = &call->engine->calls;
  while (*at && *at != call)
    at = &(*at)->next;
  if (!*at)
    return;
  *at = call->next;
  call->next = NULL;
  loop_wake(call->engine->loop); /* whoever was going through the list starts again */
  if (call->ice)
    ice_close(call->ice);
  call->ice = NULL;
  media_io_set_gate(call->media, SOTTO_GATE_SHUT);
  handle_release(call);
}

sotto_status handle_stats(struct sotto_call *call, usec now, sotto_stats *stats) {
  sotto_stats fresh = SOTTO_STATS_INIT;
  if (core_call_stats(call->engine->core, now, call->handle, &fresh) != SOTTO_OK) {
    if (!call->over)
      return SOTTO_ERR_STATE;
    *stats = call->last_stats;
    return SOTTO_OK;
  }
  fresh.size = sizeof fresh;
  media_io_stats(call->media, call->started, &fresh);
  if (call->ice) {
    snprintf(fresh.send_path, sizeof fresh.send_path, "%s", ice_send_path(call->ice));
    snprintf(fresh.receive_path, sizeof fresh.receive_path, "%s", ice_receive_path(call->ice));
  }
  fresh.engine_wakeups = loop_wakeups(call->engine->loop);
  *stats = fresh;
  return SOTTO_OK;
}
