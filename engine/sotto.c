/* sotto.c - the public API: checks every argument, then asks the engine's thread or the call's media.
 *
 * A function of the API is a check, a request and engine_run(); what it does on the engine's thread stands right
 * before it, as run_*().
 */
#include "sotto.h"

#include <string.h>

#include "../media/limits.h"
#include "engine.h"
#include "log.h"
#include "trust/device_code.h"
#include "trust/identity.h"
#include "trust/petname.h"
#include "trust/sas.h"

struct request { /* of one command; only what the command names is set */
  sotto_status status;
  struct sotto_call *call;
  const sotto_id *id;
  const char *name, *text;
  char *out;
  uint8_t *bytes;
  size_t size, count;
  unsigned flags; /* or media */
  bool yes;
  int64_t rate;
  sotto_contact *contacts;
  sotto_device *devices;
  sotto_stats *stats;
};

typedef void run_fn(struct sotto_engine *engine, usec now, struct request *request);

static sotto_status run(struct sotto_engine *engine, run_fn *fn, struct request *request) {
  return engine_run(engine, fn, request) ? request->status : SOTTO_ERR_STATE;
}

static bool string_ok(const char *text, size_t max) {
  return text && *text && strnlen(text, max) < max;
}

/* Versioned structs: the first version is the only one so far. */
static bool size_ok(uint32_t size, size_t known) {
  return size == known;
}

/* ---- library ---- */

unsigned sotto_version(void) {
  return SOTTO_VERSION_MAJOR << 16 | SOTTO_VERSION_MINOR << 8 | SOTTO_VERSION_PATCH;
}

const char *sotto_status_text(sotto_status status) {
  static const char *const texts[] = {"ok",
                                      "an argument is not valid",
                                      "not possible in this state",
                                      "out of memory",
                                      "the queue is full",
                                      "the buffer is too small",
                                      "the system's cryptography failed",
                                      "the system refused a socket, file or thread",
                                      "made for another version of the library",
                                      "wrong passphrase",
                                      "the store is damaged or was tampered with",
                                      "not found",
                                      "expired",
                                      "the contact is not trusted"};
  bool known = status <= 0 && status >= SOTTO_ERR_TRUST;
  return known ? texts[-(int)status] : "unknown status";
}

void sotto_set_log(sotto_log_level max, sotto_log_fn *fn, void *user) {
  log_set(max, fn, user);
}

sotto_status sotto_id_format(const sotto_id *id, char *text, size_t size) {
  return id && text ? id_format(id->bytes, text, size) : SOTTO_ERR_INVALID;
}

sotto_status sotto_id_uri(const sotto_id *id, char *text, size_t size) {
  return id && text ? id_format_uri(id->bytes, text, size) : SOTTO_ERR_INVALID;
}

sotto_status sotto_id_parse(const char *text, sotto_id *out) {
  return text && out ? id_parse(text, out->bytes) : SOTTO_ERR_INVALID;
}

const char *sotto_sas_emoji(unsigned index, const char **name) {
  const char *unused;
  return sas_emoji(index, name ? name : &unused);
}

/* ---- engine ---- */

sotto_status sotto_engine_new(const sotto_config *config, sotto_engine **out) {
  if (!config || !out)
    return SOTTO_ERR_INVALID;
  *out = NULL;
  return engine_new(config, out);
}

void sotto_engine_free(sotto_engine *engine) {
  if (!engine)
    return;
  engine_stop(engine);
  engine_release(engine);
}

void sotto_engine_id(const sotto_engine *engine, sotto_id *out) {
  if (!engine || !out)
    return;
  pthread_mutex_t *lock = (pthread_mutex_t *)&engine->lock; /* a link or a rotation changes it */
  pthread_mutex_lock(lock);
  *out = engine->id;
  pthread_mutex_unlock(lock);
}

int sotto_engine_fd(const sotto_engine *engine) {
  return engine ? event_queue_fd(engine->events) : -1;
}

bool sotto_engine_next_event(sotto_engine *engine, sotto_event *event) {
  return engine && event && size_ok(event->size, sizeof *event) && event_queue_take(engine->events, event);
}

bool sotto_engine_wait_event(sotto_engine *engine, sotto_event *event, int64_t timeout_us) {
  return engine && event && size_ok(event->size, sizeof *event) &&
         event_queue_wait(engine->events, event, timeout_us);
}

/* ---- contacts ---- */

static void run_invite_create(struct sotto_engine *engine, usec now, struct request *r) {
  r->status = core_invite_create(engine->core, now, r->name, r->flags, r->text, r->out, r->size);
}

sotto_status sotto_invite_create(sotto_engine *engine, const char *name, unsigned flags, char *text, size_t size) {
  if (!engine || !string_ok(name, SOTTO_NAME_SIZE) || flags & ~SOTTO_INVITE_IN_PERSON || !text)
    return SOTTO_ERR_INVALID;
  if (!engine->config.signaling_url)
    return SOTTO_ERR_STATE; /* there is no server at which to meet */
  struct request request = {
      .name = name, .flags = flags, .text = engine->config.signaling_url, .out = text, .size = size};
  return run(engine, run_invite_create, &request);
}

static void run_invite_accept(struct sotto_engine *engine, usec now, struct request *r) {
  r->status = core_invite_accept(engine->core, now, r->name, r->text);
}

sotto_status sotto_invite_accept(sotto_engine *engine, const char *name, const char *text) {
  if (!engine || !string_ok(name, SOTTO_NAME_SIZE) || !string_ok(text, 2 * SOTTO_INVITE_TEXT_SIZE))
    return SOTTO_ERR_INVALID;
  struct request request = {.name = name, .text = text};
  return run(engine, run_invite_accept, &request);
}

static void run_contacts(struct sotto_engine *engine, usec now, struct request *r) {
  (void)now;
  r->count = core_contacts(engine->core, r->contacts, r->size);
  for (size_t i = 0; i < r->size && i < r->count; i++)
    r->contacts[i].size = sizeof r->contacts[i];
}

size_t sotto_contacts(sotto_engine *engine, sotto_contact *out, size_t max) {
  if (!engine || (max && (!out || !size_ok(out[0].size, sizeof out[0]))))
    return 0;
  struct request request = {.contacts = out, .size = max};
  return engine_run(engine, run_contacts, &request) ? request.count : 0;
}

static void run_contact_get(struct sotto_engine *engine, usec now, struct request *r) {
  (void)now;
  r->status = core_contact_get(engine->core, r->id, r->contacts);
  r->contacts->size = sizeof *r->contacts;
}

sotto_status sotto_contact_get(sotto_engine *engine, const sotto_id *id, sotto_contact *out) {
  if (!engine || !id || !out)
    return SOTTO_ERR_INVALID;
  if (!size_ok(out->size, sizeof *out))
    return SOTTO_ERR_VERSION;
  struct request request = {.id = id, .contacts = out};
  return run(engine, run_contact_get, &request);
}

static void run_contact_rename(struct sotto_engine *engine, usec now, struct request *r) {
  (void)now;
  r->status = core_contact_rename(engine->core, r->id, r->name);
}

sotto_status sotto_contact_rename(sotto_engine *engine, const sotto_id *id, const char *name) {
  if (!engine || !id || !string_ok(name, SOTTO_NAME_SIZE))
    return SOTTO_ERR_INVALID;
  struct request request = {.id = id, .name = name};
  return run(engine, run_contact_rename, &request);
}

static void run_safety_number(struct sotto_engine *engine, usec now, struct request *r) {
  (void)now;
  r->status = core_safety_number(engine->core, r->id, r->out, r->size);
}

sotto_status sotto_safety_number(sotto_engine *engine, const sotto_id *peer, char *text, size_t size) {
  if (!engine || !peer || !text)
    return SOTTO_ERR_INVALID;
  struct request request = {.id = peer, .out = text, .size = size};
  return run(engine, run_safety_number, &request);
}

static void run_verify_number(struct sotto_engine *engine, usec now, struct request *r) {
  r->status = core_contact_verify_number(engine->core, now, r->id, r->text);
}

sotto_status sotto_contact_verify_number(sotto_engine *engine, const sotto_id *peer, const char *digits) {
  if (!engine || !peer || !string_ok(digits, 2 * SOTTO_SAFETY_NUMBER_SIZE))
    return SOTTO_ERR_INVALID;
  struct request request = {.id = peer, .text = digits};
  return run(engine, run_verify_number, &request);
}

static void run_verify_uri(struct sotto_engine *engine, usec now, struct request *r) {
  r->status = core_contact_verify_uri(engine->core, now, r->id, r->text);
}

sotto_status sotto_contact_verify_uri(sotto_engine *engine, const sotto_id *peer, const char *uri) {
  if (!engine || !peer || !string_ok(uri, 2 * SOTTO_CONTACT_URI_SIZE))
    return SOTTO_ERR_INVALID;
  struct request request = {.id = peer, .text = uri};
  return run(engine, run_verify_uri, &request);
}

static void run_contact_block(struct sotto_engine *engine, usec now, struct request *r) {
  r->status = core_contact_block(engine->core, now, r->id, r->yes);
}

sotto_status sotto_contact_block(sotto_engine *engine, const sotto_id *id, bool blocked) {
  if (!engine || !id)
    return SOTTO_ERR_INVALID;
  struct request request = {.id = id, .yes = blocked};
  return run(engine, run_contact_block, &request);
}

static void run_contact_reset(struct sotto_engine *engine, usec now, struct request *r) {
  r->status = core_contact_reset(engine->core, now, r->id, r->text);
}

sotto_status sotto_contact_reset(sotto_engine *engine, const sotto_id *id, const char *last_digits) {
  if (!engine || !id || !string_ok(last_digits, SOTTO_SAFETY_NUMBER_SIZE))
    return SOTTO_ERR_INVALID;
  struct request request = {.id = id, .text = last_digits};
  return run(engine, run_contact_reset, &request);
}

static void run_evidence(struct sotto_engine *engine, usec now, struct request *r) {
  (void)now;
  r->status = core_contact_evidence(engine->core, r->id, r->bytes, &r->size);
}

sotto_status sotto_contact_evidence(sotto_engine *engine, const sotto_id *id, uint8_t *out, size_t *size) {
  if (!engine || !id || !out || !size)
    return SOTTO_ERR_INVALID;
  struct request request = {.id = id, .bytes = out, .size = *size};
  sotto_status status = run(engine, run_evidence, &request);
  if (!status)
    *size = request.size;
  return status;
}

sotto_status sotto_evidence_check(const sotto_id *id, const uint8_t *evidence, size_t size) {
  struct bytes_view statement[ROSTER_LINKS_MAX];
  if (!id || !evidence)
    return SOTTO_ERR_INVALID;
  return roster_links_split(evidence, size, statement) == 2 &&
                 roster_fork_proven(id->bytes, &statement[0], &statement[1])
             ? SOTTO_OK
             : SOTTO_ERR_TRUST;
}

/* ---- devices ---- */

static void run_device_show(struct sotto_engine *engine, usec now, struct request *r) {
  r->status = core_device_show(engine->core, now, r->out, r->size);
}

sotto_status sotto_device_show(sotto_engine *engine, char *text, size_t size) {
  if (!engine || !text)
    return SOTTO_ERR_INVALID;
  if (!engine->config.signaling_url)
    return SOTTO_ERR_STATE;
  struct request request = {.out = text, .size = size};
  return run(engine, run_device_show, &request);
}

sotto_status sotto_device_parse(const char *text, char id[SOTTO_DEVICE_ID_SIZE]) {
  struct device_code code;
  uint8_t bytes[DEVICE_ID_SIZE];
  if (!id || !string_ok(text, SOTTO_DEVICE_TEXT_SIZE) || device_code_parse(text, &code))
    return SOTTO_ERR_INVALID;
  device_id(bytes, code.dk, code.dx);
  device_id_format(bytes, id);
  crypto_wipe(&code, sizeof code);
  return SOTTO_OK;
}

static void run_device_add(struct sotto_engine *engine, usec now, struct request *r) {
  r->status = core_device_add(engine->core, now, r->text);
}

sotto_status sotto_device_add(sotto_engine *engine, const char *text) {
  if (!engine || !string_ok(text, SOTTO_DEVICE_TEXT_SIZE))
    return SOTTO_ERR_INVALID;
  if (!engine->config.signaling_url)
    return SOTTO_ERR_STATE;
  struct request request = {.text = text};
  return run(engine, run_device_add, &request);
}

static void run_devices(struct sotto_engine *engine, usec now, struct request *r) {
  (void)now;
  r->count = core_devices(engine->core, r->devices, r->size);
}

size_t sotto_devices(sotto_engine *engine, sotto_device *out, size_t max) {
  if (!engine || (max && (!out || !size_ok(out[0].size, sizeof out[0]))))
    return 0;
  struct request request = {.devices = out, .size = max};
  return engine_run(engine, run_devices, &request) ? request.count : 0;
}

static void run_device_revoke(struct sotto_engine *engine, usec now, struct request *r) {
  r->status = core_device_revoke(engine->core, now, r->text);
}

sotto_status sotto_device_revoke(sotto_engine *engine, const char *id) {
  if (!engine || !string_ok(id, SOTTO_DEVICE_ID_SIZE))
    return SOTTO_ERR_INVALID;
  struct request request = {.text = id};
  return run(engine, run_device_revoke, &request);
}

static void run_identity_rotate(struct sotto_engine *engine, usec now, struct request *r) {
  r->status = core_identity_rotate(engine->core, now);
}

sotto_status sotto_identity_rotate(sotto_engine *engine) {
  struct request request = {.status = SOTTO_OK};
  return engine ? run(engine, run_identity_rotate, &request) : SOTTO_ERR_INVALID;
}

static void run_identity_end(struct sotto_engine *engine, usec now, struct request *r) {
  r->status = core_identity_end(engine->core, now);
}

sotto_status sotto_identity_end(sotto_engine *engine) {
  struct request request = {.status = SOTTO_OK};
  return engine ? run(engine, run_identity_end, &request) : SOTTO_ERR_INVALID;
}

/* ---- calls ---- */

static bool media_ok(unsigned media) {
  return !(media & ~(unsigned)(SOTTO_AUDIO | SOTTO_VIDEO));
}

static sotto_status run_for(struct sotto_call *call, run_fn *fn, struct request request) {
  if (!call)
    return SOTTO_ERR_INVALID;
  request.call = call;
  return run(call->engine, fn, &request);
}

static void run_call_start(struct sotto_engine *engine, usec now, struct request *r) {
  uint32_t handle = 0;
  r->status = engine->stop_at ? SOTTO_ERR_STATE : core_call_start(engine->core, now, r->id, r->flags, &handle);
  if (r->status)
    return;
  r->call->known = true;
  handle_enter(r->call, handle);
  r->call->started = now; /* the core's clock of it, too */
  media_io_set_media(r->call->media, now, r->flags);
}

sotto_status sotto_call_start(sotto_engine *engine, const sotto_id *peer, unsigned media, sotto_call **out) {
  if (!engine || !peer || !out || !media_ok(media))
    return SOTTO_ERR_INVALID;
  *out = NULL;
  struct sotto_call *call = handle_new(engine);
  if (!call)
    return SOTTO_ERR_NOMEM;
  struct request request = {.call = call, .id = peer, .flags = media};
  sotto_status status = run(engine, run_call_start, &request);
  if (status)
    handle_release(call);
  else
    *out = call;
  return status;
}

static void run_call_accept(struct sotto_engine *engine, usec now, struct request *r) {
  r->status = core_call_accept(engine->core, now, r->call->handle, r->flags);
  if (r->status)
    return;
  r->call->started = now;
  media_io_set_media(r->call->media, now, r->flags);
}

sotto_status sotto_call_accept(sotto_call *call, unsigned media) {
  return media_ok(media) ? run_for(call, run_call_accept, (struct request){.flags = media}) : SOTTO_ERR_INVALID;
}

static void run_call_decline(struct sotto_engine *engine, usec now, struct request *r) {
  r->status = core_call_decline(engine->core, now, r->call->handle);
}

sotto_status sotto_call_decline(sotto_call *call) {
  return run_for(call, run_call_decline, (struct request){0});
}

static void run_call_consent(struct sotto_engine *engine, usec now, struct request *r) {
  r->status = core_call_consent(engine->core, now, r->call->handle);
}

sotto_status sotto_call_consent(sotto_call *call) {
  return run_for(call, run_call_consent, (struct request){0});
}

static void run_call_acknowledge(struct sotto_engine *engine, usec now, struct request *r) {
  r->status = core_call_acknowledge(engine->core, now, r->call->handle);
}

sotto_status sotto_call_acknowledge(sotto_call *call) {
  return run_for(call, run_call_acknowledge, (struct request){0});
}

static void run_call_compare(struct sotto_engine *engine, usec now, struct request *r) {
  r->status = core_call_compare(engine->core, now, r->call->handle);
}

sotto_status sotto_call_compare(sotto_call *call) {
  return run_for(call, run_call_compare, (struct request){0});
}

static void run_call_confirm(struct sotto_engine *engine, usec now, struct request *r) {
  r->status = core_call_confirm(engine->core, now, r->call->handle, r->yes);
}

sotto_status sotto_call_confirm(sotto_call *call, bool sas_matches) {
  return run_for(call, run_call_confirm, (struct request){.yes = sas_matches});
}

static void run_set_media(struct sotto_engine *engine, usec now, struct request *r) {
  r->status = core_call_set_media(engine->core, now, r->call->handle, r->flags);
  if (!r->status)
    media_io_set_media(r->call->media, now, r->flags);
}

sotto_status sotto_call_set_media(sotto_call *call, unsigned media) {
  return media_ok(media) ? run_for(call, run_set_media, (struct request){.flags = media}) : SOTTO_ERR_INVALID;
}

static void run_set_max_bitrate(struct sotto_engine *engine, usec now, struct request *r) {
  r->status = core_call_set_max_bitrate(engine->core, now, r->call->handle, r->rate);
}

sotto_status sotto_call_set_max_bitrate(sotto_call *call, int64_t rate) {
  if (rate < RATE_MIN || rate > RATE_CEILING)
    return SOTTO_ERR_INVALID;
  return run_for(call, run_set_max_bitrate, (struct request){.rate = rate});
}

sotto_status sotto_call_set_content(sotto_call *call, sotto_content content) {
  if (!call || (content != SOTTO_CONTENT_CAMERA && content != SOTTO_CONTENT_SCREEN))
    return SOTTO_ERR_INVALID;
  media_io_set_screen(call->media, content == SOTTO_CONTENT_SCREEN);
  return SOTTO_OK;
}

static void run_restart_ice(struct sotto_engine *engine, usec now, struct request *r) {
  r->status = core_call_restart_ice(engine->core, now, r->call->handle);
}

sotto_status sotto_call_restart_ice(sotto_call *call) {
  return run_for(call, run_restart_ice, (struct request){0});
}

static void run_hangup(struct sotto_engine *engine, usec now, struct request *r) {
  core_call_hangup(engine->core, now, r->call->handle);
}

void sotto_call_hangup(sotto_call *call) {
  run_for(call, run_hangup, (struct request){0});
}

static void run_forget(struct sotto_engine *engine, usec now, struct request *r) {
  r->call->forgotten = true;
  core_call_forget(engine->core, now, r->call->handle);
  outputs_drain(engine);
  media_io_set_gate(r->call->media, SOTTO_GATE_SHUT);
}

void sotto_call_free(sotto_call *call) {
  if (!call)
    return;
  run_for(call, run_forget, (struct request){0});
  event_queue_forget(call->engine->events, call);
  handle_release(call);
}

void sotto_call_set_user(sotto_call *call, void *user) {
  if (call)
    atomic_store(&call->user, user);
}

void *sotto_call_user(const sotto_call *call) {
  return call ? atomic_load(&call->user) : NULL;
}

static void run_stats(struct sotto_engine *engine, usec now, struct request *r) {
  (void)engine;
  r->status = handle_stats(r->call, now, r->stats);
}

sotto_status sotto_call_stats(sotto_call *call, sotto_stats *stats) {
  if (!call || !stats)
    return SOTTO_ERR_INVALID;
  if (!size_ok(stats->size, sizeof *stats))
    return SOTTO_ERR_VERSION;
  return run_for(call, run_stats, (struct request){.stats = stats});
}

/* ---- media ---- */

sotto_status sotto_audio_write(sotto_call *call, const int16_t *pcm, int samples) {
  if (!call || !pcm || samples < 1 || samples > AUDIO_SAMPLES_MAX)
    return SOTTO_ERR_INVALID;
  return media_io_write_audio(call->media, loop_now(), pcm, samples);
}

sotto_status sotto_audio_read(sotto_call *call, int16_t *pcm, int samples) {
  if (!call || !pcm || samples < 1 || samples > AUDIO_FRAME_MAX)
    return SOTTO_ERR_INVALID;
  media_io_read_audio(call->media, loop_now(), pcm, samples);
  return SOTTO_OK;
}

static bool side_ok(int side) {
  return side >= 16 && side <= 4096 && side % 2 == 0;
}

/* A negative stride is a picture upside down; its row still has to be as long as the picture is wide. */
static bool stride_ok(int stride, int width) {
  return stride >= width || stride <= -width;
}

static bool frame_ok(const sotto_frame *frame) {
  if (!side_ok(frame->width) || !side_ok(frame->height) || frame->timestamp_us < 0)
    return false;
  for (int i = 0; i < 3; i++)
    if (!frame->plane[i] || !stride_ok(frame->stride[i], i ? frame->width / 2 : frame->width))
      return false;
  return true;
}

sotto_status sotto_video_lend(sotto_call *call, sotto_frame *frame) {
  struct picture picture;
  if (!call || !frame)
    return SOTTO_ERR_INVALID;
  if (!size_ok(frame->size, sizeof *frame))
    return SOTTO_ERR_VERSION;
  if (!side_ok(frame->width) || !side_ok(frame->height))
    return SOTTO_ERR_INVALID;
  sotto_status status = media_io_lend_video(call->media, frame->width, frame->height, &picture);
  if (status)
    return status;
  memcpy(frame->stride, picture.stride, sizeof frame->stride);
  memcpy(frame->plane, picture.plane, sizeof frame->plane);
  return SOTTO_OK;
}

sotto_status sotto_video_write(sotto_call *call, const sotto_frame *frame) {
  if (!call || !frame)
    return SOTTO_ERR_INVALID;
  if (!size_ok(frame->size, sizeof *frame))
    return SOTTO_ERR_VERSION;
  if (!frame_ok(frame))
    return SOTTO_ERR_INVALID;
  struct picture picture = {.width = frame->width,
                            .height = frame->height,
                            .captured = frame->timestamp_us ? frame->timestamp_us : loop_now()};
  memcpy(picture.stride, frame->stride, sizeof picture.stride);
  memcpy(picture.plane, frame->plane, sizeof picture.plane);
  return media_io_write_video(call->media, &picture);
}

bool sotto_video_read(sotto_call *call, sotto_frame *frame) {
  if (!call || !frame || !size_ok(frame->size, sizeof *frame))
    return false;
  struct rendered *rendered = media_io_read_video(call->media, loop_now());
  if (!rendered)
    return false;
  const struct picture *picture = &rendered->buffer.picture;
  *frame = (sotto_frame){.size = sizeof *frame,
                         .width = picture->width,
                         .height = picture->height,
                         .timestamp_us = picture->captured,
                         .owner = rendered};
  memcpy(frame->stride, picture->stride, sizeof frame->stride);
  memcpy(frame->plane, picture->plane, sizeof frame->plane);
  return true;
}

void sotto_frame_release(sotto_frame *frame) {
  if (!frame || !frame->owner)
    return;
  media_io_give_back(frame->owner);
  frame->owner = NULL;
}
