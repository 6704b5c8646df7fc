#include "peer.h"

#include <math.h>
#include <time.h>

#include "unit/unit.h"

static const double turn = 6.283185307179586;

void peer_open(struct peer *peer, const char *name, const char *directory, const struct server *server,
               sotto_policy policy) {
  peer_open_showing(peer, name, directory, server, policy, SOTTO_VP8);
}

void peer_open_showing(struct peer *peer, const char *name, const char *directory, const struct server *server,
                       sotto_policy policy, sotto_video_codec codec) {
  memset(peer, 0, sizeof *peer);
  peer->name = name;
  peer->tone = name[0] == 'a' ? 500 : 1250;
  peer->speaks = peer->shows = true;
  snprintf(peer->store, sizeof peer->store, "%s/%s", directory, name);
  sotto_config config = SOTTO_CONFIG_INIT;
  config.store_path = peer->store;
  config.store_passphrase = "correct horse";
  config.signaling_url = server->url;
  config.local_address = "127.0.0.1";
  config.lan = true;
  config.policy = policy;
  config.video_codec = codec;
  config.audio_frame_ms = 20; /* or a path with room to spare would have some of 10: packets are counted */
  sotto_status status = sotto_engine_new(&config, &peer->engine);
  if (status)
    fail_msg("%s: %s", name, sotto_status_text(status));
}

void peer_drop(struct peer *peer) {
  sotto_call_free(peer->call);
  peer->call = NULL;
  peer->incoming = peer->consent = peer->sas_shown = peer->secure = peer->unverified = peer->verified = false;
  peer->sas_local = peer->sas_remote = false;
  peer->state = 0;
  peer->reason = SOTTO_END_NONE;
  peer->gate = SOTTO_GATE_SHUT;
  peer->peer_media = 0;
}

void peer_close(struct peer *peer) {
  peer_drop(peer);
  sotto_engine_free(peer->engine);
  peer->engine = NULL;
}

void peer_listen(struct peer *peer) {
  peer->heard_count = 0;
  peer->pictures = peer->picture_errors = 0;
  peer->last_counter = -1;
}

/* ---- events ---- */

static void learn_call(struct peer *peer, const sotto_event *event) {
  if (event->type == SOTTO_EVENT_CALL_STATE) {
    peer->state = event->state;
    if (event->state == SOTTO_CALL_ENDED)
      peer->reason = event->reason;
  } else if (event->type == SOTTO_EVENT_GATE) {
    peer->gate = event->gate;
  } else if (event->type == SOTTO_EVENT_SECURE) {
    peer->secure = true;
    peer->verified = event->verified;
  } else if (event->type == SOTTO_EVENT_UNVERIFIED) {
    peer->unverified = true;
  } else if (event->type == SOTTO_EVENT_CONSENT) {
    peer->consent = true;
  } else if (event->type == SOTTO_EVENT_SAS) {
    peer->sas_shown = true;
    peer->sas = event->sas;
  } else if (event->type == SOTTO_EVENT_SAS_RESULT) {
    peer->sas_local = event->local;
    peer->sas_remote = event->remote;
  } else if (event->type == SOTTO_EVENT_PEER_MEDIA) {
    peer->peer_media = event->media;
  }
}

static void learn(struct peer *peer, const sotto_event *event) {
  assert_int_equal(event->size, sizeof *event);
  if (event->type == SOTTO_EVENT_ONLINE || event->type == SOTTO_EVENT_OFFLINE) {
    peer->online = event->type == SOTTO_EVENT_ONLINE;
  } else if (event->type == SOTTO_EVENT_CONTACT) {
    peer->has_contact = true;
    peer->contact = event->peer;
    peer->trust = event->trust;
  } else if (event->type == SOTTO_EVENT_INVITE_FAILED) {
    peer->invite_failed = true;
  } else if (event->type == SOTTO_EVENT_ALARM) {
    peer->alarms |= 1u << event->alarm;
  } else if (event->type == SOTTO_EVENT_INCOMING) {
    assert_null(peer->call);
    peer->call = event->call;
    peer->incoming = true;
  } else {
    assert_ptr_equal(event->call, peer->call);
    learn_call(peer, event);
  }
}

/* ---- sound ---- */

static void speak(struct peer *peer) {
  int16_t pcm[PEER_BLOCK];
  for (int i = 0; i < PEER_BLOCK; i++)
    pcm[i] = (int16_t)lrint(8000 * sin(turn * peer->tone * peer->phase++ / 48000));
  sotto_status status = sotto_audio_write(peer->call, pcm, PEER_BLOCK);
  assert_true(status == SOTTO_OK || status == SOTTO_ERR_FULL);
}

static void listen_on(struct peer *peer) {
  int16_t pcm[PEER_BLOCK];
  assert_int_equal(sotto_audio_read(peer->call, pcm, PEER_BLOCK), SOTTO_OK);
  for (int i = 0; i < PEER_BLOCK; i++)
    peer->heard[peer->heard_count++ % 48000] = pcm[i];
}

/* The last half second, or NULL when less was heard. */
static bool last_half(const struct peer *peer, int16_t out[24000]) {
  if (peer->heard_count < 24000)
    return false;
  for (int i = 0; i < 24000; i++)
    out[i] = peer->heard[(peer->heard_count - 24000 + i) % 48000];
  return true;
}

double peer_hears(const struct peer *peer, double hz) {
  int16_t pcm[24000];
  double re = 0, im = 0, all = 0;
  if (!last_half(peer, pcm))
    return 0;
  for (int i = 0; i < 24000; i++) {
    re += pcm[i] * cos(turn * hz * i / 48000);
    im += pcm[i] * sin(turn * hz * i / 48000);
    all += (double)pcm[i] * pcm[i];
  }
  return all < 24000.0 * 100 * 100 ? 0 : 2 * (re * re + im * im) / (24000 * all);
}

bool peer_hears_silence(const struct peer *peer) {
  int16_t pcm[24000];
  if (!last_half(peer, pcm))
    return false;
  for (int i = 0; i < 24000; i++)
    if (pcm[i] > 200 || pcm[i] < -200)
      return false;
  return true;
}

/* ---- pictures: a counter in eight blocks along the top, a bar that moves below ---- */

enum { BITS = 8, CELL = PEER_WIDTH / BITS };

static void show(struct peer *peer) {
  static uint8_t luma[PEER_WIDTH * PEER_HEIGHT], chroma[PEER_WIDTH * PEER_HEIGHT / 4];
  int counter = peer->frames++ & 255;
  for (int y = 0; y < PEER_HEIGHT; y++)
    for (int x = 0; x < PEER_WIDTH; x++)
      luma[y * PEER_WIDTH + x] =
          (uint8_t)(y < CELL ? (counter >> (x / CELL) & 1 ? 220 : 30) : 60 + (x + 4 * counter) % PEER_WIDTH / 3);
  memset(chroma, 128, sizeof chroma);
  sotto_frame frame = {.size = sizeof frame,
                       .width = PEER_WIDTH,
                       .height = PEER_HEIGHT,
                       .stride = {PEER_WIDTH, PEER_WIDTH / 2, PEER_WIDTH / 2},
                       .plane = {luma, chroma, chroma}};
  assert_int_equal(sotto_video_write(peer->call, &frame), SOTTO_OK);
}

static int counter_of(const sotto_frame *frame) {
  int counter = 0;
  for (int bit = 0; bit < BITS; bit++) {
    int level = frame->plane[0][CELL / 2 * frame->stride[0] + bit * CELL + CELL / 2];
    if (level > 80 && level < 170)
      return -1; /* not readable */
    counter |= (level > 125) << bit;
  }
  return counter;
}

static void look(struct peer *peer) {
  sotto_frame frame = SOTTO_FRAME_INIT;
  if (!sotto_video_read(peer->call, &frame))
    return;
  int counter = counter_of(&frame);
  bool sane = frame.width == PEER_WIDTH && frame.height == PEER_HEIGHT && counter >= 0 &&
              (peer->last_counter < 0 || ((counter - peer->last_counter) & 255) < 128);
  peer->pictures++;
  peer->picture_errors += !sane;
  peer->last_counter = counter;
  sotto_frame_release(&frame);
  sotto_frame_release(&frame); /* once is enough, twice is harmless */
}

/* ---- time ---- */

static void step(struct peer *peer, int64_t tick) {
  sotto_event event = SOTTO_EVENT_INIT;
  if (!peer || !peer->engine)
    return;
  while (sotto_engine_next_event(peer->engine, &event))
    learn(peer, &event);
  if (!peer->call)
    return;
  if (peer->speaks)
    speak(peer);
  listen_on(peer);
  if (peer->shows && tick % 4 == 0)
    show(peer);
  look(peer);
}

bool peers_run(struct peer *a, struct peer *b, bool done(const struct peer *, const struct peer *), int ms) {
  struct timespec next;
  clock_gettime(CLOCK_MONOTONIC, &next);
  for (int64_t tick = 0; tick < ms / 10; tick++) {
    step(a, tick);
    step(b, tick);
    if (done && done(a, b))
      return true;
    next.tv_nsec += 10000000;
    if (next.tv_nsec >= 1000000000)
      next.tv_sec++, next.tv_nsec -= 1000000000;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
  }
  return !done;
}
