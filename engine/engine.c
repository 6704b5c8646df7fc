/* engine.c - one identity's engine: its birth, its thread and its end. */
#include "engine.h"

#include <stdlib.h>
#include <string.h>

#include "../signaling/crypto.h"
#include "log.h"
#include "path/srtp.h"
#include "websocket.h"

/* ---- commands ---- */

/* On the embedder's thread. The command lies on its stack: it waits until nobody else has it. */
bool engine_run(struct sotto_engine *engine, void (*run)(struct sotto_engine *, usec, struct request *),
                struct request *request) {
  struct command command = {.run = run, .request = request};
  if (pthread_equal(pthread_self(), engine->thread))
    return false; /* a log sink that calls back: it would wait for itself */
  pthread_mutex_lock(&engine->lock);
  bool queued = !engine->closed;
  if (queued) {
    *engine->last = &command;
    engine->last = &command.next;
    loop_wake(engine->loop);
  }
  while (queued && !command.done)
    pthread_cond_wait(&engine->done, &engine->lock);
  pthread_mutex_unlock(&engine->lock);
  return queued && !command.refused;
}

static struct command *next_command(struct sotto_engine *engine) {
  pthread_mutex_lock(&engine->lock);
  struct command *command = engine->first;
  if (command)
    engine->first = command->next;
  if (!engine->first)
    engine->last = &engine->first;
  pthread_mutex_unlock(&engine->lock);
  return command;
}

static void command_done(struct sotto_engine *engine, struct command *command, bool refused) {
  pthread_mutex_lock(&engine->lock);
  command->refused = refused;
  command->done = true;
  pthread_cond_broadcast(&engine->done);
  pthread_mutex_unlock(&engine->lock);
}

/* Its outputs are carried out before it is done: who hears "blocked" finds it saved and the call over. */
static void run_commands(struct sotto_engine *engine) {
  for (struct command *command; (command = next_command(engine));) {
    command->run(engine, loop_now(), command->request);
    outputs_drain(engine);
    command_done(engine, command, false);
  }
}

static void refuse_commands(struct sotto_engine *engine) {
  pthread_mutex_lock(&engine->lock);
  engine->closed = true;
  pthread_mutex_unlock(&engine->lock);
  for (struct command *command; (command = next_command(engine));)
    command_done(engine, command, true);
}

/* ---- one turn of the thread ---- */

static void take_encoded(struct sotto_engine *engine, struct sotto_call *call) {
  const struct encoded_audio *audio;
  while ((audio = media_io_take_audio(call->media))) {
    core_audio_encoded(engine->core, loop_now(), call->handle, audio->captured, audio->payload, audio->size,
                       audio->samples);
    media_io_audio_taken(call->media);
    outputs_drain(engine);
  }
  const struct stored_frame *video;
  while ((video = media_io_take_video(call->media))) {
    core_video_encoded(engine->core, loop_now(), call->handle, video->captured, video->data, video->size,
                       video->key, video->temporal_id);
    media_io_video_taken(call->media);
    outputs_drain(engine);
  }
  if (media_io_take_key_request(call->media))
    core_request_key_frame(engine->core, loop_now(), call->handle);
  media_io_tick(call->media, loop_now());
}

/* What carrying out an output does may end the call: hold it, and let handle_gone() wake the loop for the others.
 */
static void take_all_encoded(struct sotto_engine *engine) {
  struct sotto_call *next;
  for (struct sotto_call *call = engine->calls; call; call = next) {
    handle_retain(call);
    take_encoded(engine, call);
    next = call->next;
    handle_release(call);
  }
}

static void watch_wall_clock(struct sotto_engine *engine) {
  int64_t offset = loop_wall() - loop_now(), moved = offset - engine->wall_offset;
  if (moved < ENGINE_CLOCK_JUMP && moved > -ENGINE_CLOCK_JUMP)
    return;
  engine->wall_offset = offset;
  core_set_wall_offset(engine->core, offset);
}

static usec next_deadline(struct sotto_engine *engine) {
  usec deadline = core_deadline(engine->core);
  for (struct sotto_call *call = engine->calls; call; call = call->next)
    deadline = earlier(deadline, media_io_deadline(call->media));
  if (engine->save_again)
    deadline = earlier(deadline, engine->save_again);
  if (engine->stop_at)
    deadline = earlier(deadline, earlier(engine->stop_at, engine->calls ? USEC_NEVER : engine->linger_until));
  return deadline;
}

static bool must_stop(struct sotto_engine *engine) {
  pthread_mutex_lock(&engine->lock);
  bool stopping = engine->stopping;
  pthread_mutex_unlock(&engine->lock);
  return stopping;
}

/* True when nothing is left to be said, or the time is up. */
static bool stopped(struct sotto_engine *engine, usec now) {
  if (!engine->stop_at) {
    engine->stop_at = now + ENGINE_STOP_LIMIT / 2; /* the other half is for the agents */
    engine->linger_until = now;
    core_shutdown(engine->core, now);
    outputs_drain(engine);
  }
  return now >= engine->stop_at || (!engine->calls && now >= engine->linger_until);
}

static bool turn(void *user) {
  struct sotto_engine *engine = user;
  watch_wall_clock(engine);
  run_commands(engine);
  take_all_encoded(engine);
  if (engine->save_again && loop_now() >= engine->save_again)
    outputs_save(engine, loop_now());
  outputs_drain(engine);
  if (must_stop(engine) && stopped(engine, loop_now())) {
    while (engine->calls)
      handle_gone(engine->calls);
    if (engine->websocket)
      websocket_free(engine->websocket);
    engine->websocket = NULL;
    ice_drain(loop_context(engine->loop), ENGINE_STOP_LIMIT / 4);
    websocket_drain(loop_context(engine->loop), ENGINE_STOP_LIMIT / 4);
    return false;
  }
  loop_set_deadline(engine->loop, next_deadline(engine));
  return true;
}

static void *run_thread(void *user) {
  struct sotto_engine *engine = user;
  pthread_setname_np(pthread_self(), "sotto-engine");
  loop_run(engine->loop, turn, engine);
  refuse_commands(engine);
  if (engine->unsaved)
    outputs_save(engine, loop_now());
  event_queue_close(engine->events);
  return NULL;
}

/* ---- birth and end ---- */

static void wipe_core(struct sotto_engine *engine) {
  core_free(engine->core);
  store_free(engine->store);
  engine->core = NULL;
  engine->store = NULL;
}

/* The last reference: the embedder's, or that of a call that was freed too late. */
static void destroy(struct sotto_engine *engine) {
  worker_free(engine->audio);
  worker_free(engine->encode);
  worker_free(engine->decode);
  if (engine->core)
    core_free(engine->core);
  if (engine->store)
    store_free(engine->store);
  loop_free(engine->loop);
  event_queue_free(engine->events);
  config_deinit(&engine->config);
  pthread_cond_destroy(&engine->done);
  pthread_mutex_destroy(&engine->lock);
  free(engine);
}

void engine_release(struct sotto_engine *engine) {
  if (atomic_fetch_sub(&engine->refs, 1) == 1)
    destroy(engine);
}

static bool make_core(struct sotto_engine *engine) {
  engine->wall_offset = loop_wall() - loop_now();
  struct core_config config = {.trust = store_trust(engine->store),
                               .wall_offset = engine->wall_offset,
                               .policy = engine->config.policy,
                               .new_device = engine->config.new_device,
                               .relay = engine->config.turn_host != NULL,
                               .relay_only = engine->config.relay_only,
                               .lan = engine->config.lan,
                               .browser_e2ee = engine->config.browser_e2ee,
                               .max_bitrate = engine->config.max_bitrate,
                               .constant_rate = engine->config.constant_rate,
                               .audio_samples = engine->config.frame_fixed ? engine->config.frame_samples : 0,
                               .video_codec = engine->config.video_codec == SOTTO_VP9 ? SESSION_VP9 : SESSION_VP8,
                               .cover = engine->config.cover};
  crypto_random(&config.seed, sizeof config.seed);
  engine->core = core_new(&config);
  memcpy(engine->id.bytes, config.trust->identity.ik, sizeof engine->id.bytes);
  return engine->core != NULL;
}

/* What takes long and is needed once, beside the way to the server. */
static bool warm_up(struct task *task) {
  (void)task;
  srtp_start();
  return false;
}

static void warmed_up(struct task *task) {
  (void)task; /* it holds no reference: the worker ends before the engine does */
}

static sotto_status make_parts(struct sotto_engine *engine, const sotto_config *config) {
  sotto_status status = config_init(&engine->config, config);
  if (status)
    return status;
  if (!crypto_init())
    return SOTTO_ERR_CRYPTO;
  status = store_open(config->store_path, config->store_passphrase, strlen(config->store_passphrase),
                      loop_wall() / SEC(1), &engine->store);
  if (status)
    return status;
  if (!make_core(engine))
    return SOTTO_ERR_NOMEM;
  if (!(engine->loop = loop_new()) || !(engine->events = event_queue_new()) ||
      !(engine->audio = worker_new("sotto-audio")) || !(engine->encode = worker_new("sotto-encode")) ||
      !(engine->decode = worker_new("sotto-decode")))
    return SOTTO_ERR_SYSTEM;
  engine->warm_up = (struct task){.run = warm_up, .release = warmed_up};
  worker_post(engine->decode, &engine->warm_up);
  return SOTTO_OK;
}

sotto_status engine_new(const sotto_config *config, struct sotto_engine **out) {
  struct sotto_engine *engine = calloc(1, sizeof *engine);
  if (!engine)
    return SOTTO_ERR_NOMEM;
  atomic_init(&engine->refs, 1);
  engine->last = &engine->first;
  pthread_mutex_init(&engine->lock, NULL);
  pthread_cond_init(&engine->done, NULL);
  sotto_status status = make_parts(engine, config);
  if (!status && pthread_create(&engine->thread, NULL, run_thread, engine))
    status = SOTTO_ERR_SYSTEM;
  if (status) {
    destroy(engine);
    return status;
  }
  *out = engine;
  return SOTTO_OK;
}

/* Handles of calls that rang unheard: nobody else will free them. */
static void free_unheard(struct sotto_engine *engine) {
  sotto_event event;
  while (event_queue_take(engine->events, &event))
    if (event.type == SOTTO_EVENT_INCOMING)
      handle_release(event.call);
}

void engine_stop(struct sotto_engine *engine) {
  pthread_mutex_lock(&engine->lock);
  engine->stopping = true;
  pthread_mutex_unlock(&engine->lock);
  loop_wake(engine->loop);
  pthread_join(engine->thread, NULL);
  worker_stop(engine->audio);
  worker_stop(engine->encode);
  worker_stop(engine->decode);
  wipe_core(engine);
  free_unheard(engine);
}
