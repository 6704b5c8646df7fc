#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/trust/record.h"
#include "signaling/server/server.h"
#include "unit/unit.h"

enum { SIM_BYTES_MAX = 9000, CONSENT_TIMEOUT_MS = 10000 };

enum sim_event_type {
  SIM_CONNECTED,   /* the signaling connection of `peer` is up */
  SIM_TO_SERVER,   /* bytes for the server from `peer` */
  SIM_FROM_SERVER, /* bytes for `peer` */
  SIM_DOWN,        /* `peer` notices that its connection is gone */
  SIM_ICE_LOCAL,   /* `peer`'s agent has credentials and a candidate for `call` */
  SIM_ICE_FOUND,   /* the pair of `peer` and `call` is selected */
  SIM_ICE_LOST,
  SIM_DATAGRAM, /* bytes for `peer`'s `call` */
};

struct sim_event {
  usec at;
  uint64_t order; /* so that equal times keep their order */
  enum sim_event_type type;
  int peer, leg;
  uint32_t call, connection;
  int generation;
  size_t size;
  uint8_t *bytes;
};

/* ---- log and queue ---- */

static void log_text(struct sim *sim, const char *text) {
  if (sim->verbose)
    print_message("%9.3f %s\n", (double)sim->now / 1e6, text);
  for (; *text; text++)
    sim->hash = (sim->hash ^ (uint8_t)*text) * 1099511628211u; /* FNV-1a */
}

uint64_t sim_hash(const struct sim *sim) {
  return sim->hash;
}

static bool before(const struct sim_event *a, const struct sim_event *b) {
  return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void swap(struct sim_event *a, struct sim_event *b) {
  struct sim_event t = *a;
  *a = *b;
  *b = t;
}

static void push(struct sim *sim, struct sim_event event, const void *bytes, size_t size) {
  if (sim->queued == sim->capacity) {
    sim->capacity = sim->capacity ? sim->capacity * 2 : 256;
    sim->queue = test_realloc(sim->queue, sim->capacity * sizeof *sim->queue);
  }
  event.order = sim->order++;
  event.size = size;
  event.bytes = NULL;
  if (size) {
    event.bytes = test_malloc(size);
    memcpy(event.bytes, bytes, size);
  }
  size_t i = sim->queued++;
  sim->queue[i] = event;
  for (; i && before(&sim->queue[i], &sim->queue[(i - 1) / 2]); i = (i - 1) / 2)
    swap(&sim->queue[i], &sim->queue[(i - 1) / 2]);
}

static struct sim_event pop(struct sim *sim) {
  struct sim_event first = sim->queue[0];
  sim->queue[0] = sim->queue[--sim->queued];
  for (size_t i = 0;;) {
    size_t least = i, left = 2 * i + 1;
    for (size_t k = left; k < left + 2 && k < sim->queued; k++)
      if (before(&sim->queue[k], &sim->queue[least]))
        least = k;
    if (least == i)
      return first;
    swap(&sim->queue[i], &sim->queue[least]);
    i = least;
  }
}

static double chance(struct sim *sim) {
  return (double)(random_next(&sim->random) >> 11) / 9007199254740992.0;
}

static usec one_way(struct sim *sim, const struct sim_link *link) {
  usec jitter = link->jitter ? (usec)(chance(sim) * 2 * (double)link->jitter) - link->jitter : 0;
  return link->delay + jitter > 1 ? link->delay + jitter : 1;
}

static int64_t sim_unix(const struct sim *sim) {
  return (sim->now + sim->wall) / SEC(1);
}

/* ---- legs ---- */

struct sim_leg *sim_leg(struct sim *sim, int peer, uint32_t call) {
  for (int i = 0; i < SIM_LEGS; i++)
    if (sim->peer[peer].leg[i].used && sim->peer[peer].leg[i].call == call)
      return &sim->peer[peer].leg[i];
  return NULL;
}

static struct sim_leg *leg_of(struct sim *sim, int peer, uint32_t call) {
  struct sim_leg *leg = sim_leg(sim, peer, call);
  for (int i = 0; !leg && i < SIM_LEGS; i++)
    if (!sim->peer[peer].leg[i].used) {
      leg = &sim->peer[peer].leg[i];
      *leg = (struct sim_leg){.used = true, .call = call, .other_peer = -1};
      leg->playout = playout_new(&audio_codec_fake);
      leg->audio_encoder =
          audio_codec_fake.encoder_new(&(struct audio_encoder_config){.frame_samples = 960, .bitrate = 32000});
      leg->video_encoder = video_codec_fake.encoder_new(
          &(struct video_encoder_config){.width = 640, .height = 360, .fps = 30, .threads = 1, .bitrate = 500000});
      leg->video_decoder = video_codec_fake.decoder_new();
      assert_true(leg->playout && leg->audio_encoder && leg->video_encoder && leg->video_decoder);
    }
  assert_non_null(leg);
  return leg;
}

static void free_leg(struct sim_leg *leg) {
  if (!leg->playout)
    return;
  playout_free(leg->playout);
  audio_codec_fake.encoder_free(leg->audio_encoder);
  video_codec_fake.encoder_free(leg->video_encoder);
  video_codec_fake.decoder_free(leg->video_decoder);
  leg->playout = NULL;
}

static bool ready_to_connect(const struct sim_leg *leg) {
  return leg->used && !leg->gone && !leg->connected && leg->remote_known && leg->remote_candidates;
}

/* Two agents find each other when each has the other's credentials and a candidate (a round trip of checks). */
static void try_pairs(struct sim *sim) {
  for (int a = 0; a < sim->peers && !sim->path_broken; a++)
    for (int b = a + 1; b < sim->peers; b++)
      for (int i = 0; i < SIM_LEGS; i++)
        for (int k = 0; k < SIM_LEGS; k++) {
          struct sim_leg *x = &sim->peer[a].leg[i], *y = &sim->peer[b].leg[k];
          if (!ready_to_connect(x))
            break;
          if (!ready_to_connect(y) || strcmp(x->ufrag, y->remote_ufrag) || strcmp(y->ufrag, x->remote_ufrag))
            continue;
          x->connected = y->connected = true;
          x->other_peer = b, x->other_leg = k;
          y->other_peer = a, y->other_leg = i;
          usec checks = 2 * sim->link.delay;
          push(sim, (struct sim_event){.at = sim->now + checks, .type = SIM_ICE_FOUND, .peer = a, .call = x->call},
               0, 0);
          push(sim, (struct sim_event){.at = sim->now + checks, .type = SIM_ICE_FOUND, .peer = b, .call = y->call},
               0, 0);
        }
}

void sim_break_path(struct sim *sim, bool broken) {
  sim->path_broken = broken;
  for (int p = 0; broken && p < sim->peers; p++)
    for (int i = 0; i < SIM_LEGS; i++)
      if (sim->peer[p].leg[i].connected) {
        sim->peer[p].leg[i].connected = false;
        push(sim,
             (struct sim_event){.at = sim->now + MS(CONSENT_TIMEOUT_MS),
                                .type = SIM_ICE_LOST,
                                .peer = p,
                                .call = sim->peer[p].leg[i].call},
             0, 0);
      }
}

/* An agent that is closed answers no consent check (RFC 7675): the other end notices. */
static void leave_pair(struct sim *sim, struct sim_leg *leg) {
  if (!leg->connected)
    return;
  struct sim_leg *other = &sim->peer[leg->other_peer].leg[leg->other_leg];
  leg->connected = other->connected = false;
  push(sim,
       (struct sim_event){.at = sim->now + MS(CONSENT_TIMEOUT_MS),
                          .type = SIM_ICE_LOST,
                          .peer = leg->other_peer,
                          .call = other->call},
       0, 0);
}

/* ---- outputs ---- */

static void send_to_server(struct sim *sim, int peer, const uint8_t *data, size_t size) {
  uint8_t bytes[SIM_BYTES_MAX];
  assert_true(size <= sizeof bytes);
  memcpy(bytes, data, size);
  if (sim->filter && !sim->filter(sim->user, peer, SIM_SERVER, bytes, size))
    return;
  push(sim,
       (struct sim_event){.at = sim->now + one_way(sim, &sim->signaling),
                          .type = SIM_TO_SERVER,
                          .peer = peer,
                          .connection = sim->peer[peer].connection},
       bytes, size);
}

static void send_datagram(struct sim *sim, int peer, struct sim_leg *leg, const uint8_t *data, size_t size) {
  uint8_t bytes[SIM_BYTES_MAX];
  assert_true(size <= 1300);
  memcpy(bytes, data, size);
  sim->datagrams++;
  sim->media_datagrams += bytes[0] >= 128 && bytes[0] < 192;
  if (leg->other_peer < 0 || sim->path_broken || chance(sim) < sim->link.loss)
    return;
  if (sim->datagram_filter && !sim->datagram_filter(sim->user, peer, leg->other_peer, bytes, &size))
    return;
  struct sim_event event = {
      .type = SIM_DATAGRAM, .peer = leg->other_peer, .call = sim->peer[leg->other_peer].leg[leg->other_leg].call};
  int copies = 1 + (chance(sim) < sim->link.duplicate);
  for (int i = 0; i < copies; i++) {
    event.at = sim->now + one_way(sim, &sim->link);
    push(sim, event, bytes, size);
  }
}

static void note_event(struct sim *sim, int index, uint32_t call, const struct sotto_event *event) {
  struct sim_peer *peer = &sim->peer[index];
  char text[200];
  snprintf(text, sizeof text,
           "%s: event %d call %u state %d gate %d trust %d reason %d alarm %d media %u status %d", peer->name,
           event->type, call, event->state, event->gate, event->trust, event->reason, event->alarm, event->media,
           event->status);
  log_text(sim, text);
  struct sim_leg *leg = call ? leg_of(sim, index, call) : NULL;
  switch (event->type) {
  case SOTTO_EVENT_ONLINE:
    peer->online = true;
    break;
  case SOTTO_EVENT_OFFLINE:
    peer->online = false;
    break;
  case SOTTO_EVENT_INVITE_FAILED:
    peer->invite_failures++;
    peer->invite_status = event->status;
    break;
  case SOTTO_EVENT_INCOMING:
    peer->incoming = call;
    peer->rings++;
    leg->peer_media = event->media;
    break;
  case SOTTO_EVENT_CALL_STATE:
    leg->state = event->state;
    leg->reason = event->reason;
    break;
  case SOTTO_EVENT_GATE:
    leg->gate = event->gate;
    break;
  case SOTTO_EVENT_SECURE:
    leg->secure = true;
    break;
  case SOTTO_EVENT_UNVERIFIED:
    leg->warned = true;
    break;
  case SOTTO_EVENT_CONSENT:
    leg->wants_consent = true;
    break;
  case SOTTO_EVENT_SAS:
    leg->have_sas = true;
    leg->sas = event->sas;
    log_text(sim, event->sas.words);
    break;
  case SOTTO_EVENT_PEER_MEDIA:
    leg->peer_media = event->media;
    break;
  case SOTTO_EVENT_NEW_DEVICE:
    leg->wants_acknowledgement = true;
    break;
  case SOTTO_EVENT_ALARM:
    peer->alarms[event->alarm & 31]++;
    break;
  case SOTTO_EVENT_LINKED:
    peer->links++;
    break;
  case SOTTO_EVENT_LINK_FAILED:
    peer->link_failures++;
    break;
  case SOTTO_EVENT_CONTACT:
  case SOTTO_EVENT_SAS_RESULT:
    break;
  }
}

static void show_video(struct sim *sim, int peer, struct sim_leg *leg, const struct core_output *out) {
  struct picture picture;
  if (video_codec_fake.decode(leg->video_decoder, out->data, out->size, &picture))
    leg->video_frames_shown++;
  else
    core_request_key_frame(sim->peer[peer].core, sim->now, out->call);
}

static void start_agent(struct sim *sim, int peer, struct sim_leg *leg, bool restart) {
  leg->connected = false;
  leg->remote_candidates = restart ? 0 : leg->remote_candidates;
  leg->remote_known = restart ? false : leg->remote_known;
  leg->generation++;
  snprintf(leg->ufrag, sizeof leg->ufrag, "u%08llx", (unsigned long long)(random_next(&sim->random) >> 32));
  snprintf(leg->pwd, sizeof leg->pwd, "p%016llx%016llx", (unsigned long long)random_next(&sim->random),
           (unsigned long long)random_next(&sim->random));
  push(sim,
       (struct sim_event){.at = sim->now + 1,
                          .type = SIM_ICE_LOCAL,
                          .peer = peer,
                          .call = leg->call,
                          .generation = leg->generation},
       0, 0);
}

static void carry_out(struct sim *sim, int index, const struct core_output *out) {
  struct sim_peer *peer = &sim->peer[index];
  struct sim_leg *leg = out->call ? sim_leg(sim, index, out->call) : NULL;
  if (out->call && !leg && out->type != CORE_CALL_GONE) /* one that ends before it rang is nothing to the shell */
    leg = leg_of(sim, index, out->call);
  switch (out->type) {
  case CORE_CONNECT:
    if (!sim->server_dead)
      push(sim, (struct sim_event){.at = sim->now + 2 * sim->signaling.delay, .type = SIM_CONNECTED, .peer = index},
           0, 0);
    else
      push(sim, (struct sim_event){.at = sim->now + SEC(1), .type = SIM_DOWN, .peer = index}, 0, 0);
    break;
  case CORE_DISCONNECT:
    server_disconnected(sim->server, sim->now, peer->connection);
    peer->connected = false;
    break;
  case CORE_SEND:
    send_to_server(sim, index, out->data, out->size);
    break;
  case CORE_SAVE:
    peer->saves++;
    break;
  case CORE_EVENT:
    note_event(sim, index, out->call, &out->event);
    break;
  case CORE_ICE_START:
    start_agent(sim, index, leg, false);
    break;
  case CORE_ICE_RESTART:
    start_agent(sim, index, leg, true);
    break;
  case CORE_ICE_REMOTE:
    memcpy(leg->remote_ufrag, out->ufrag, sizeof leg->remote_ufrag);
    leg->remote_known = true;
    break;
  case CORE_ICE_CANDIDATE:
    leg->remote_candidates++;
    break;
  case CORE_DATAGRAM:
    send_datagram(sim, index, leg, out->data, out->size);
    break;
  case CORE_AUDIO:
    if (sim->ear)
      sim->ear(sim->user, index, out->call, out->data, out->size);
    playout_input(leg->playout, out->arrival, out->seq, out->rtp_time, out->data, out->size);
    core_playout_delay(peer->core, sim->now, out->call, playout_delay(leg->playout));
    break;
  case CORE_VIDEO:
    if (sim->ear)
      sim->ear(sim->user, index, out->call, out->data, out->size);
    show_video(sim, index, leg, out);
    break;
  case CORE_ENCODER:
    leg->audio_bitrate = out->audio_bitrate;
    leg->video_bitrate = out->video_bitrate;
    leg->key_frame |= out->key_frame;
    break;
  case CORE_CALL_GONE:
    if (leg) {
      leg->gone = true;
      leave_pair(sim, leg);
      free_leg(leg);
    }
    break;
  }
}

static void drain(struct sim *sim, int index) {
  struct core_output out;
  int rounds = 0;
  while (core_poll(sim->peer[index].core, sim->now, &out)) {
    carry_out(sim, index, &out);
    assert_true(++rounds < 100000); /* a core that never falls silent */
  }
  try_pairs(sim);
}

static void drain_server(struct sim *sim) {
  struct server_output out;
  while (server_poll(sim->server, sim->now, &out))
    for (int p = 0; p < sim->peers; p++) {
      if (!sim->peer[p].connected || sim->peer[p].connection != out.connection)
        continue;
      if (out.type == SERVER_CLOSE) {
        push(sim, (struct sim_event){.at = sim->now + sim->signaling.delay, .type = SIM_DOWN, .peer = p}, 0, 0);
        continue;
      }
      uint8_t bytes[SIM_BYTES_MAX];
      memcpy(bytes, out.data, out.size);
      if (!sim->filter || sim->filter(sim->user, SIM_SERVER, p, bytes, out.size))
        push(sim,
             (struct sim_event){.at = sim->now + one_way(sim, &sim->signaling),
                                .type = SIM_FROM_SERVER,
                                .peer = p,
                                .connection = out.connection},
             bytes, out.size);
    }
}

/* ---- inputs ---- */

static void deliver(struct sim *sim, struct sim_event *event) {
  struct sim_peer *peer = &sim->peer[event->peer];
  struct sim_leg *leg = event->call ? sim_leg(sim, event->peer, event->call) : NULL;
  uint8_t address[4] = {11, 0, 0, (uint8_t)(event->peer + 1)};
  struct core_ice_pair pair = {CANDIDATE_HOST, CANDIDATE_HOST};
  struct candidate candidate = {.type = CANDIDATE_HOST,
                                .transport = CANDIDATE_UDP,
                                .family = 4,
                                .port = 40000,
                                .priority = 1,
                                .foundation = "1"};
  memcpy(candidate.address, address, sizeof address);
  switch (event->type) {
  case SIM_CONNECTED:
    peer->connection = server_connected(sim->server, sim->now, address, sizeof address);
    peer->connected = peer->connection;
    if (peer->connected)
      core_signaling_up(peer->core, sim->now);
    break;
  case SIM_TO_SERVER:
    if (peer->connected && peer->connection == event->connection && !sim->server_dead)
      server_input(sim->server, sim->now, event->connection, event->bytes, event->size);
    break;
  case SIM_FROM_SERVER:
    if (peer->connected && peer->connection == event->connection && !sim->server_dead)
      core_signaling_input(peer->core, sim->now, event->bytes, event->size);
    break;
  case SIM_DOWN:
    if (peer->connected)
      server_disconnected(sim->server, sim->now, peer->connection);
    peer->connected = false;
    core_signaling_down(peer->core, sim->now);
    break;
  case SIM_ICE_LOCAL:
    if (leg && leg->generation == event->generation) {
      core_ice_local(peer->core, sim->now, event->call, leg->ufrag, leg->pwd);
      core_ice_local_candidate(peer->core, sim->now, event->call, &candidate);
    }
    break;
  case SIM_ICE_FOUND:
    if (leg && leg->connected)
      core_ice_changed(peer->core, sim->now, event->call, CORE_ICE_CONNECTED, &pair);
    break;
  case SIM_ICE_LOST:
    if (leg && !leg->connected)
      core_ice_changed(peer->core, sim->now, event->call, CORE_ICE_FAILED, NULL);
    break;
  case SIM_DATAGRAM:
    core_datagram(peer->core, sim->now, event->call, event->bytes, event->size);
    break;
  }
  test_free(event->bytes);
}

/* ---- media: what the workers and the sound card do ---- */

static void run_audio(struct sim *sim, struct sim_peer *peer, struct sim_leg *leg) {
  int16_t pcm[960];
  uint8_t payload[AUDIO_PAYLOAD_MAX];
  for (int i = 0; i < 960; i++) {
    int level = peer->tone[i / 120];
    pcm[i] = (int16_t)(level ? level * level : (i % 96) * 100 - 4800);
  }
  int size = audio_codec_fake.encode(leg->audio_encoder, pcm, 960, payload, sizeof payload);
  assert_true(size > 0);
  leg->audio_frames_sent++;
  core_audio_encoded(peer->core, sim->now, leg->call, sim->now - MS(20), payload, (size_t)size, 960);
}

static void run_video(struct sim *sim, struct sim_peer *peer, struct sim_leg *leg) {
  static uint8_t plane[640 * 360];
  struct picture picture = {
      .width = 640, .height = 360, .stride = {640, 320, 320}, .plane = {plane, plane, plane}, .captured = sim->now};
  struct encoded_frame frame;
  memcpy(plane, peer->mark, sizeof peer->mark);
  struct video_encoder_config config = {
      .width = 640, .height = 360, .fps = 30, .threads = 1, .bitrate = leg->video_bitrate};
  assert_true(video_codec_fake.encoder_set(leg->video_encoder, &config));
  assert_true(video_codec_fake.encode(leg->video_encoder, &picture, leg->key_frame, &frame));
  leg->key_frame = false;
  leg->video_frames_sent++;
  core_video_encoded(peer->core, sim->now, leg->call, sim->now, frame.data, frame.size, frame.key);
}

static void run_speaker(struct sim *sim, struct sim_leg *leg) {
  int16_t pcm[480];
  bool heard = playout_read(leg->playout, sim->now, pcm, 480);
  leg->samples_read += 480;
  for (int i = 0; heard && i < 480; i++)
    leg->samples_heard += pcm[i] != 0;
}

static void run_media(struct sim *sim, struct sim_peer *peer, struct sim_leg *leg) {
  if (!leg->used || leg->gone || sim->options.no_media)
    return;
  if (leg->audio_bitrate && sim->now >= leg->next_audio) {
    leg->next_audio = sim->now + MS(20);
    run_audio(sim, peer, leg);
  }
  if (leg->video_bitrate && sim->now >= leg->next_video) {
    leg->next_video = sim->now + 33333;
    run_video(sim, peer, leg);
  }
  if (leg->gate != SOTTO_GATE_SHUT && sim->now >= leg->next_read) {
    leg->next_read = sim->now + MS(10);
    run_speaker(sim, leg);
  }
}

static usec media_deadline(const struct sim *sim, const struct sim_leg *leg) {
  usec deadline = USEC_NEVER;
  if (!leg->used || leg->gone || sim->options.no_media)
    return deadline;
  if (leg->audio_bitrate)
    deadline = earlier(deadline, leg->next_audio);
  if (leg->video_bitrate)
    deadline = earlier(deadline, leg->next_video);
  if (leg->gate != SOTTO_GATE_SHUT)
    deadline = earlier(deadline, leg->next_read);
  return deadline;
}

/* ---- the loop ---- */

static usec next_time(const struct sim *sim) {
  usec at = earlier(sim->queued ? sim->queue[0].at : USEC_NEVER, server_deadline(sim->server));
  for (int p = 0; p < sim->peers; p++) {
    at = earlier(at, core_deadline(sim->peer[p].core));
    for (int i = 0; i < SIM_LEGS; i++)
      at = earlier(at, media_deadline(sim, &sim->peer[p].leg[i]));
  }
  return at;
}

static void step(struct sim *sim) {
  while (sim->queued && sim->queue[0].at <= sim->now) {
    struct sim_event event = pop(sim);
    deliver(sim, &event);
    drain(sim, event.peer);
    drain_server(sim);
  }
  for (int p = 0; p < sim->peers; p++) {
    for (int i = 0; i < SIM_LEGS; i++)
      run_media(sim, &sim->peer[p], &sim->peer[p].leg[i]);
    drain(sim, p);
  }
  drain_server(sim);
}

bool sim_run_until(struct sim *sim, bool done(struct sim *), usec limit) {
  usec end = sim->now + limit;
  usec still = -1;
  int rounds = 0;
  step(sim);
  while (!done || !done(sim)) {
    usec at = next_time(sim);
    if (at > end) {
      sim->now = end;
      step(sim);
      return done && done(sim);
    }
    if (at > sim->now)
      sim->now = at;
    rounds = still == sim->now ? rounds + 1 : 0;
    still = sim->now;
    assert_true(rounds < 1000); /* a deadline that does not pass */
    step(sim);
  }
  return true;
}

void sim_run(struct sim *sim, usec span) {
  sim_run_until(sim, NULL, span);
}

void sim_init(struct sim *sim, uint64_t seed, const struct sim_options *options) {
  static const struct server_config config = {.seed = {1}};
  uint8_t key[KEY_SIZE] = {0};
  memset(sim, 0, sizeof *sim);
  memcpy(key, &seed, sizeof seed);
  crypto_init();
  crypto_random_seed(key);
  sim->seed = seed;
  sim->random.state = seed;
  sim->now = SEC(1000);
  sim->wall = SEC(INT64_C(1767268800)) - sim->now; /* noon of some day, in UTC */
  sim->hash = 14695981039346656037u;
  sim->link = (struct sim_link){.delay = MS(20)};
  sim->signaling = (struct sim_link){.delay = MS(30)};
  if (options)
    sim->options = *options;
  sim->server = server_new(&config);
  assert_non_null(sim->server);
}

void sim_deinit(struct sim *sim) {
  for (int p = 0; p < sim->peers; p++) {
    for (int i = 0; i < SIM_LEGS; i++)
      free_leg(&sim->peer[p].leg[i]);
    core_free(sim->peer[p].core);
    trust_free(sim->peer[p].trust);
  }
  while (sim->queued) {
    struct sim_event event = pop(sim);
    test_free(event.bytes);
  }
  test_free(sim->queue);
  server_free(sim->server);
  crypto_random_seed(NULL);
}

static void start_core(struct sim *sim, struct sim_peer *peer) {
  struct core_config config = {.trust = peer->trust,
                               .seed = random_next(&sim->random),
                               .wall_offset = sim->wall,
                               .policy = sim->options.policy,
                               .new_device = sim->options.new_device,
                               .relay_only = sim->options.relay_only};
  peer->core = core_new(&config);
  assert_non_null(peer->core);
}

static int add_with(struct sim *sim, const char *name, struct trust *trust) {
  assert_non_null(trust);
  assert_true(sim->peers < SIM_PEERS);
  int index = sim->peers++;
  struct sim_peer *peer = &sim->peer[index];
  peer->name = name;
  peer->trust = trust;
  start_core(sim, peer);
  return index;
}

void sim_restart(struct sim *sim, int index) {
  struct sim_peer *peer = &sim->peer[index];
  for (int i = 0; i < SIM_LEGS; i++) {
    leave_pair(sim, &peer->leg[i]);
    free_leg(&peer->leg[i]);
    peer->leg[i] = (struct sim_leg){0};
  }
  core_free(peer->core);
  if (peer->connected)
    server_disconnected(sim->server, sim->now, peer->connection);
  peer->connected = peer->online = false;
  start_core(sim, peer);
}

int sim_add(struct sim *sim, const char *name) {
  return add_with(sim, name, trust_new(sim_unix(sim)));
}

static void copy_contacts(struct trust *to, const struct trust *from) {
  uint8_t record[RECORD_MAX];
  for (size_t i = 0; i < from->contacts.count; i++)
    assert_int_equal(record_load(to, record, record_contact(record, from->contacts.list[i])), SOTTO_OK);
}

int sim_add_device(struct sim *sim, int owner, const char *name) {
  struct trust *primary = sim->peer[owner].trust, *trust = trust_new(sim_unix(sim));
  assert_non_null(trust);
  struct identity *identity = &trust->identity;
  struct roster_device device = {.added_seq = primary->own.seq + 1};
  struct roster next;
  crypto_wipe(identity->ik_secret, sizeof identity->ik_secret);
  identity->root = false;
  memcpy(identity->ik, primary->identity.ik, KEY_SIZE);
  memcpy(device.id, identity->device.id, DEVICE_ID_SIZE);
  memcpy(device.dk, identity->device.dk, KEY_SIZE);
  memcpy(device.dx, identity->device.dx, KEY_SIZE);
  roster_accept_sign(&device, identity->ik, identity->device.dk_secret);
  roster_next(&next, &primary->own, (uint64_t)sim_unix(sim));
  assert_true(roster_add_device(&next, &device) && roster_sign(&next, primary->identity.ik_secret));
  trust_adopt_roster(primary, &next);
  trust->own = next;
  trust->links = primary->links;
  copy_contacts(trust, primary);
  return add_with(sim, name, trust);
}

void sim_revoke(struct sim *sim, int owner, int device) {
  struct trust *primary = sim->peer[owner].trust;
  struct roster next;
  roster_next(&next, &primary->own, (uint64_t)sim_unix(sim));
  assert_true(roster_revoke_device(&next, sim->peer[device].trust->identity.device.id, 0) &&
              roster_sign(&next, primary->identity.ik_secret));
  trust_adopt_roster(primary, &next);
}

void sim_id(struct sim *sim, int peer, sotto_id *id) {
  memcpy(id->bytes, sim->peer[peer].trust->identity.ik, sizeof id->bytes);
}

static bool all_online(struct sim *sim) {
  for (int p = 0; p < sim->peers; p++)
    if (!sim->peer[p].online)
      return false;
  return true;
}

void sim_introduce(struct sim *sim, int inviter, int joiner, unsigned flags) {
  char invite[SOTTO_INVITE_TEXT_SIZE];
  sotto_id a, b;
  sotto_contact contact = SOTTO_CONTACT_INIT;
  sim_id(sim, inviter, &a);
  sim_id(sim, joiner, &b);
  assert_true(sim_run_until(sim, all_online, SEC(10)));
  assert_int_equal(core_invite_create(sim->peer[inviter].core, sim->now, sim->peer[joiner].name, flags,
                                      "wss://signal.example", invite, sizeof invite),
                   SOTTO_OK);
  assert_int_equal(core_invite_accept(sim->peer[joiner].core, sim->now, sim->peer[inviter].name, invite), SOTTO_OK);
  sim_run(sim, SEC(5));
  assert_int_equal(core_contact_get(sim->peer[inviter].core, &b, &contact), SOTTO_OK);
  assert_int_equal(core_contact_get(sim->peer[joiner].core, &a, &contact), SOTTO_OK);
}

void sim_call(struct sim *sim, int from, int to, unsigned media, uint32_t *from_call, uint32_t *to_call) {
  sotto_id id;
  sim_id(sim, to, &id);
  sim->peer[to].incoming = 0;
  assert_int_equal(core_call_start(sim->peer[from].core, sim->now, &id, media, from_call), SOTTO_OK);
  sim_run(sim, SEC(3));
  *to_call = sim->peer[to].incoming;
  assert_int_not_equal(*to_call, 0);
  assert_int_equal(core_call_accept(sim->peer[to].core, sim->now, *to_call, media), SOTTO_OK);
  sim_run(sim, SEC(3));
}
