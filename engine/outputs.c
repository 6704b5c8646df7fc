/* outputs.c - carries out what the core decided, and tells it what came of it: server, agents, media, store. */
#include <string.h>

#include "../signaling/frame.h"
#include "engine.h"
#include "log.h"
#include "websocket.h"

/* ---- the signaling server ---- */

static void disconnect(struct sotto_engine *engine) {
  if (engine->websocket)
    websocket_free(engine->websocket);
  engine->websocket = NULL;
}

static void on_opened(void *user) {
  struct sotto_engine *engine = user;
  core_signaling_up(engine->core, loop_now());
  outputs_drain(engine);
}

static void on_message(void *user, const uint8_t *data, size_t size) {
  struct sotto_engine *engine = user;
  core_signaling_input(engine->core, loop_now(), data, size);
  outputs_drain(engine);
}

static void on_closed(void *user, const char *reason) {
  struct sotto_engine *engine = user;
  log_line(SOTTO_LOG_INFO, "engine: signaling is down: %s", reason);
  disconnect(engine);
  core_signaling_down(engine->core, loop_now());
  outputs_drain(engine);
}

static void carry_connect(struct sotto_engine *engine) {
  static const struct websocket_callbacks callbacks = {on_opened, on_message, on_closed};
  const struct config *config = &engine->config;
  disconnect(engine);
  if (!config->signaling_url)
    return; /* an engine without a server stays offline */
  engine->websocket = websocket_new(config->signaling_url, config->ca_file, FRAME_SERVER_MAX, &callbacks, engine);
  if (engine->websocket)
    return;
  log_line(SOTTO_LOG_WARN, "engine: signaling can't be connected: its URL or CA file is not usable");
  core_signaling_down(engine->core, loop_now());
}

static void carry_send(struct sotto_engine *engine, const struct core_output *out) {
  if (engine->websocket)
    websocket_send(engine->websocket, out->data, out->size); /* else it is down, and the core will hear of it */
  if (engine->stop_at)
    engine->linger_until = loop_now() + ENGINE_STOP_LINGER;
}

/* ---- the store ---- */

static void tell_unsaved(struct sotto_engine *engine) {
  sotto_event event = SOTTO_EVENT_INIT;
  event.type = SOTTO_EVENT_ALARM;
  event.alarm = SOTTO_ALARM_STORE_UNSAVED;
  event_queue_add(engine->events, &event, NULL);
}

/* What can't be saved stays in memory and is tried again; the embedder hears of it once. */
void outputs_save(struct sotto_engine *engine, usec now) {
  sotto_status status = store_save(engine->store);
  if (status && !engine->unsaved) {
    log_line(SOTTO_LOG_ERROR, "engine: the store can't be saved: %s", sotto_status_text(status));
    tell_unsaved(engine);
  } else if (!status && engine->unsaved) {
    log_line(SOTTO_LOG_INFO, "engine: the store is saved again");
  }
  engine->unsaved = status != SOTTO_OK;
  engine->save_again = status ? now + ENGINE_SAVE_RETRY : 0;
}

/* ---- a call's agent ---- */

static void on_local(void *user, const char *ufrag, const char *pwd) {
  struct sotto_call *call = user;
  core_ice_local(call->engine->core, loop_now(), call->handle, ufrag, pwd);
  outputs_drain(call->engine);
}

static void on_candidate(void *user, const struct candidate *candidate) {
  struct sotto_call *call = user;
  core_ice_local_candidate(call->engine->core, loop_now(), call->handle, candidate);
  outputs_drain(call->engine);
}

static void ice_changed(struct sotto_call *call, enum ice_state state, const struct core_ice_pair *pair) {
  static const enum core_ice_state states[] = {[ICE_CONNECTED] = CORE_ICE_CONNECTED,
                                               [ICE_DISCONNECTED] = CORE_ICE_DISCONNECTED,
                                               [ICE_FAILED] = CORE_ICE_FAILED};
  core_ice_changed(call->engine->core, loop_now(), call->handle, states[state], pair);
}

static void on_state(void *user, enum ice_state state, enum candidate_type local, enum candidate_type remote) {
  struct sotto_call *call = user;
  struct core_ice_pair pair = {.local = local, .remote = remote};
  ice_changed(call, state, state == ICE_CONNECTED ? &pair : NULL);
  outputs_drain(call->engine);
}

static void on_datagram(void *user, uint8_t *data, size_t size) {
  struct sotto_call *call = user;
  core_datagram(call->engine->core, loop_now(), call->handle, data, size);
  outputs_drain(call->engine);
}

static void carry_ice_start(struct sotto_call *call, const struct core_output *out) {
  static const struct ice_callbacks callbacks = {
      .local = on_local, .candidate = on_candidate, .state = on_state, .datagram = on_datagram};
  struct sotto_engine *engine = call->engine;
  struct ice_config config =
      config_ice(&engine->config, loop_context(engine->loop), out->controlling, out->relay_only);
  if (!call->ice)
    call->ice = ice_new(&config, &callbacks, call);
  if (call->ice)
    return;
  log_line(SOTTO_LOG_ERROR, "engine: a call has no ICE agent: no memory, no socket or a bad local_address");
  ice_changed(call, ICE_FAILED, NULL);
}

static void carry_ice(struct sotto_call *call, const struct core_output *out) {
  bool ok = call->ice != NULL;
  if (ok && out->type == CORE_ICE_REMOTE)
    ok = ice_set_remote(call->ice, out->ufrag, out->pwd);
  else if (ok && out->type == CORE_ICE_RESTART)
    ok = ice_restart(call->ice, out->relay_only);
  else if (ok)
    ice_add_candidate(call->ice, &out->candidate); /* one that is not usable is no failure: there are others */
  if (!ok)
    ice_changed(call, ICE_FAILED, NULL);
}

/* ---- media ---- */

static void carry_media(struct sotto_call *call, usec now, const struct core_output *out) {
  if (out->type == CORE_VIDEO) {
    media_io_video(call->media, out->data, out->size, out->key, out->captured, out->render);
  } else if (out->type == CORE_ENCODER) {
    media_io_set_audio_loss(call->media, out->audio_loss, out->audio_fec);
    media_io_set_layered(call->media, out->layered);
    media_io_set_targets(call->media, out->audio_bitrate, out->audio_samples, out->video_bitrate, out->key_frame);
  } else {
    usec delay = media_io_audio(call->media, out->arrival, out->seq, out->rtp_time, out->data, out->size);
    core_playout_delay(call->engine->core, now, call->handle, delay);
  }
}

/* ---- events ---- */

/* The last statistics are worth keeping: the core forgets the call soon. */
static void keep_stats(struct sotto_call *call, usec now) {
  sotto_stats stats;
  if (!call->over && handle_stats(call, now, &stats) == SOTTO_OK) {
    call->last_stats = stats;
    call->over = true;
  }
}

static void set_codecs(struct sotto_call *call) {
  static const struct video_codec *const codecs[] = {
      [SESSION_VP8] = &video_codec_vp8, [SESSION_VP9] = &video_codec_vp9};
  enum session_video_codec ours, theirs;
  if (core_call_codecs(call->engine->core, call->handle, &ours, &theirs))
    media_io_set_codecs(call->media, codecs[ours], codecs[theirs]);
}

static void note_event(struct sotto_call *call, usec now, const sotto_event *event) {
  bool ended = event->type == SOTTO_EVENT_CALL_STATE && event->state == SOTTO_CALL_ENDED;
  if (event->type == SOTTO_EVENT_GATE) {
    set_codecs(call);
    media_io_set_gate(call->media, event->gate);
  }
  if (event->type == SOTTO_EVENT_PEER_MEDIA)
    media_io_set_peer_media(call->media, event->media);
  if (!ended)
    return;
  media_io_set_gate(call->media, SOTTO_GATE_SHUT);
  keep_stats(call, now);
}

/* The handle of an incoming call becomes the embedder's as it learns of it; when it can't, nobody could answer. */
static void ring(struct sotto_call *call, usec now, const sotto_event *event) {
  handle_retain(call);
  call->known = event_queue_add(call->engine->events, event, NULL);
  if (call->known)
    return;
  call->forgotten = true;
  core_call_decline(call->engine->core, now, call->handle);
  core_call_forget(call->engine->core, now, call->handle);
  handle_release(call);
}

static void carry_event(struct sotto_engine *engine, struct sotto_call *call, usec now,
                        const struct core_output *out) {
  sotto_event event = out->event;
  event.size = sizeof event;
  event.call = call;
  if (call)
    note_event(call, now, &event);
  if (event.type == SOTTO_EVENT_LINKED || event.type == SOTTO_EVENT_IDENTITY) {
    pthread_mutex_lock(&engine->lock);
    engine->id = event.peer;
    pthread_mutex_unlock(&engine->lock);
  }
  if (call && event.type == SOTTO_EVENT_INCOMING)
    ring(call, now, &event);
  else if (!call || (call->known && !call->forgotten))
    event_queue_add(engine->events, &event, call ? &call->ended : NULL);
}

/* ---- all of them ---- */

/* The call that an output is about; an incoming one enters with the first of them. */
static struct sotto_call *call_of(struct sotto_engine *engine, usec now, const struct core_output *out) {
  struct sotto_call *call = handle_find(engine, out->call);
  bool incoming =
      out->type == CORE_ICE_START || (out->type == CORE_EVENT && out->event.type == SOTTO_EVENT_INCOMING);
  if (call || !incoming)
    return call;
  call = handle_new(engine);
  if (!call) {
    log_line(SOTTO_LOG_ERROR, "engine: no memory for an incoming call");
    core_call_forget(engine->core, now, out->call);
    return NULL;
  }
  handle_enter(call, out->call);
  handle_release(call); /* the list's reference is the only one so far */
  return call;
}

static void carry_for_call(struct sotto_engine *engine, usec now, const struct core_output *out) {
  struct sotto_call *call = call_of(engine, now, out);
  if (!call)
    return;
  if (out->type == CORE_EVENT)
    carry_event(engine, call, now, out);
  else if (out->type == CORE_ICE_START)
    carry_ice_start(call, out);
  else if (out->type == CORE_DATAGRAM && call->ice)
    ice_send(call->ice, out->data, out->size); /* a full socket is loss, as on any path */
  else if (out->type == CORE_AUDIO || out->type == CORE_VIDEO || out->type == CORE_ENCODER)
    carry_media(call, now, out);
  else if (out->type == CORE_CALL_GONE)
    handle_gone(call);
  else if (out->type != CORE_DATAGRAM)
    carry_ice(call, out);
}

static void carry(struct sotto_engine *engine, usec now, const struct core_output *out) {
  if (out->type == CORE_CONNECT)
    carry_connect(engine);
  else if (out->type == CORE_DISCONNECT)
    disconnect(engine);
  else if (out->type == CORE_SEND)
    carry_send(engine, out);
  else if (out->type == CORE_SAVE)
    outputs_save(engine, now);
  else if (out->type == CORE_EVENT && !out->call)
    carry_event(engine, NULL, now, out);
  else
    carry_for_call(engine, now, out);
}

/* What one turn sends leaves together, one system call a call: the pacer has said how much that is. */
static void flush(struct sotto_engine *engine) {
  for (struct sotto_call *call = engine->calls; call; call = call->next)
    if (call->ice)
      ice_flush(call->ice);
}

/* Carrying one out may give the core an input, whose outputs the loop below finds. */
void outputs_drain(struct sotto_engine *engine) {
  if (engine->draining)
    return;
  struct core_output out;
  engine->draining = true;
  for (usec now = loop_now(); core_poll(engine->core, now, &out); now = loop_now())
    carry(engine, now, &out);
  flush(engine);
  engine->draining = false;
}
