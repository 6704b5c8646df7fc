#include "bridge.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/caller/clock.h"

enum { BLOCK_US = 10000 };

struct bridge {
  sotto_engine *engine[VICTIMS]; /* the one that faces that victim */
  sotto_call *call[VICTIMS];
  sotto_id peer[VICTIMS];
  bool hears[VICTIMS];
  struct ear ear[VICTIMS];
  char words[VICTIMS][96];
  pthread_mutex_t lock; /* peer, words */
  pthread_t thread;
  atomic_bool stop;
  bool running;
};

/* ---- events ---- */

/* Alice rings: take it, and ring Bob in her name. */
static void on_incoming(struct bridge *bridge, int victim, sotto_call *call) {
  if (victim != ALICE || bridge->call[ALICE]) {
    sotto_call_free(call);
    return;
  }
  bridge->call[ALICE] = call;
  if (sotto_call_accept(call, SOTTO_AUDIO) == SOTTO_OK &&
      sotto_call_start(bridge->engine[BOB], &bridge->peer[BOB], SOTTO_AUDIO, &bridge->call[BOB]) != SOTTO_OK)
    bridge->call[BOB] = NULL;
}

static void on_event(struct bridge *bridge, int victim, const sotto_event *event) {
  if (event->type == SOTTO_EVENT_CONTACT) {
    bridge->peer[victim] = event->peer;
  } else if (event->type == SOTTO_EVENT_INCOMING) {
    on_incoming(bridge, victim, event->call);
  } else if (event->type == SOTTO_EVENT_GATE) {
    bridge->hears[victim] = event->gate != SOTTO_GATE_SHUT;
  } else if (event->type == SOTTO_EVENT_SAS) {
    snprintf(bridge->words[victim], sizeof bridge->words[victim], "%s", event->sas.words);
    sotto_call_confirm(event->call, true);
  } else if (event->type == SOTTO_EVENT_CALL_STATE && event->state == SOTTO_CALL_ENDED &&
             event->call == bridge->call[victim]) {
    bridge->hears[victim] = false;
    bridge->call[victim] = NULL;
    sotto_call_free(event->call);
  }
}

/* ---- sound ---- */

static void hand_on(struct bridge *bridge, int from) {
  int16_t pcm[MEASURE_BLOCK];
  sotto_call *to = bridge->call[1 - from];
  if (!bridge->hears[from] || sotto_audio_read(bridge->call[from], pcm, MEASURE_BLOCK) != SOTTO_OK)
    return;
  ear_hear(&bridge->ear[from], clock_now(), pcm, MEASURE_BLOCK);
  if (to && sotto_audio_write(to, pcm, MEASURE_BLOCK) != SOTTO_OK)
    return; /* its encoder is behind: 10 ms are lost */
}

static void *run(void *user) {
  struct bridge *bridge = user;
  int64_t next = clock_now();
  while (!atomic_load(&bridge->stop)) {
    pthread_mutex_lock(&bridge->lock);
    for (int v = 0; v < VICTIMS; v++) {
      sotto_event event = SOTTO_EVENT_INIT;
      while (sotto_engine_next_event(bridge->engine[v], &event))
        on_event(bridge, v, &event);
    }
    pthread_mutex_unlock(&bridge->lock);
    hand_on(bridge, ALICE);
    hand_on(bridge, BOB);
    next += BLOCK_US;
    clock_sleep_until(next);
  }
  return NULL;
}

/* ---- life ---- */

static bool open_engine(struct bridge *bridge, int victim, const char *dir, const char *url) {
  char store[512];
  snprintf(store, sizeof store, "%.400s/server-as-%s", dir, victim == ALICE ? "bob" : "alice");
  sotto_config config = SOTTO_CONFIG_INIT;
  config.store_path = store;
  config.store_passphrase = "the server's own";
  config.signaling_url = url;
  config.local_address = "127.0.0.1";
  config.lan = true;
  config.policy = SOTTO_POLICY_WARN;
  return sotto_engine_new(&config, &bridge->engine[victim]) == SOTTO_OK;
}

struct bridge *bridge_new(const char *dir, const char *url) {
  struct bridge *bridge = calloc(1, sizeof *bridge);
  if (!bridge)
    return NULL;
  pthread_mutex_init(&bridge->lock, NULL);
  bool ok = ear_init(&bridge->ear[ALICE]) && ear_init(&bridge->ear[BOB]) && open_engine(bridge, ALICE, dir, url) &&
            open_engine(bridge, BOB, dir, url);
  bridge->running = ok && pthread_create(&bridge->thread, NULL, run, bridge) == 0;
  if (bridge->running)
    return bridge;
  bridge_free(bridge);
  return NULL;
}

static void stop(struct bridge *bridge) {
  atomic_store(&bridge->stop, true);
  if (bridge->running)
    pthread_join(bridge->thread, NULL);
  bridge->running = false;
}

void bridge_free(struct bridge *bridge) {
  if (!bridge)
    return;
  stop(bridge);
  for (int v = 0; v < VICTIMS; v++) {
    sotto_call_free(bridge->call[v]);
    if (bridge->engine[v])
      sotto_engine_free(bridge->engine[v]);
    ear_deinit(&bridge->ear[v]);
  }
  pthread_mutex_destroy(&bridge->lock);
  free(bridge);
}

bool bridge_replace_invite(struct bridge *bridge, const char *alices, char *for_bob, size_t size) {
  return sotto_invite_accept(bridge->engine[ALICE], "alice", alices) == SOTTO_OK &&
         sotto_invite_create(bridge->engine[BOB], "bob", 0, for_bob, size) == SOTTO_OK;
}

void bridge_words(struct bridge *bridge, int victim, char words[96]) {
  pthread_mutex_lock(&bridge->lock);
  memcpy(words, bridge->words[victim], sizeof bridge->words[victim]);
  pthread_mutex_unlock(&bridge->lock);
}

const struct ear *bridge_stop(struct bridge *bridge, int victim) {
  stop(bridge);
  return &bridge->ear[victim];
}
