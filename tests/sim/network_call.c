#include "network_call.h"

#include <stdlib.h>
#include <string.h>

#include "flow.h"
#include "unit/unit.h"

enum { ENDS = 4, WAYS = 2, FLOWS = 4, FLOW_OWNER = 16 /* and above: a flow's packet */ };
static const usec flows_begin = SEC(5);

struct call_world {
  struct sim sim;
  const struct network *network;
  struct link *link[WAYS];   /* forth, back */
  struct endpoint end[ENDS]; /* one a peer; without `sim`: not yet */
  struct flow flow[WAYS][FLOWS];
  int flows;
  struct trace *trace; /* NULL: none */
  uint64_t hash;
};

static uint64_t mix(uint64_t hash, uint64_t value) {
  return (hash ^ value) * 1099511628211u;
}

static bool carry_output(void *user, int peer, const struct core_output *out) {
  struct call_world *w = user;
  return w->end[peer].sim && w->end[peer].call == out->call && endpoint_output(&w->end[peer], out);
}

static bool carry_datagram(void *user, int from, int to, uint32_t call, const uint8_t *data, size_t size) {
  struct call_world *w = user;
  link_input(w->link[from % 2], w->sim.now, to, call, data, size);
  return true;
}

static void deliver(struct call_world *w, int way) {
  for (struct link_packet *packet; (packet = link_poll(w->link[way], w->sim.now));) {
    if (packet->owner >= FLOW_OWNER) {
      flow_arrived(&w->flow[way][packet->owner - FLOW_OWNER], w->sim.now, packet->tag);
      continue;
    }
    w->hash = mix(w->hash, (uint64_t)w->sim.now ^ (uint64_t)packet->size << 48 ^ (uint64_t)packet->owner << 60);
    core_datagram(w->sim.peer[packet->owner].core, w->sim.now, packet->tag, packet->data, packet->size);
    sim_drain(&w->sim, packet->owner);
  }
}

static void run_world(void *user) {
  struct call_world *w = user;
  uint32_t number;
  for (int way = 0; way < WAYS; way++)
    deliver(w, way);
  for (int i = 0; i < ENDS; i++)
    if (w->end[i].sim)
      endpoint_run(&w->end[i]);
  for (int way = 0; way < WAYS; way++)
    for (int i = 0; i < w->flows; i++)
      while (flow_poll(&w->flow[way][i], w->sim.now, &number))
        link_input(w->link[way], w->sim.now, FLOW_OWNER + i, number, NULL, FLOW_PACKET);
  if (w->trace)
    trace_run(w->trace, w->sim.now, w->link[0], &w->end[0], &w->end[1]);
}

static usec world_deadline(void *user) {
  const struct call_world *w = user;
  usec deadline = USEC_NEVER;
  for (int way = 0; way < WAYS; way++) {
    deadline = earlier(deadline, link_deadline(w->link[way]));
    for (int i = 0; i < w->flows; i++)
      deadline = earlier(deadline, flow_deadline(&w->flow[way][i]));
  }
  for (int i = 0; i < ENDS; i++)
    if (w->end[i].sim)
      deadline = earlier(deadline, endpoint_deadline(&w->end[i]));
  return deadline;
}

static const struct sim_world call_world = {
    .output = carry_output, .datagram = carry_datagram, .run = run_world, .deadline = world_deadline};

static const struct link_config *way_config(const struct network *network, int way) {
  return way == 1 && network->back.steps ? &network->back : &network->forth;
}

static void set_up(struct call_world *w, const struct network *network, uint64_t seed) {
  static const char *const name[ENDS] = {"alice", "bob", "carol", "dave"};
  const struct sim_options options = {.policy = SOTTO_POLICY_WARN, .no_media = true};
  sim_init(&w->sim, seed, &options);
  w->network = network;
  w->hash = 14695981039346656037u;
  w->sim.world = &call_world;
  w->sim.user = w;
  w->sim.link.delay = network->forth.step[0].delay;
  for (int way = 0; way < WAYS; way++) {
    w->link[way] = link_new(way_config(network, way), 2 * seed + (uint64_t)way);
    assert_non_null(w->link[way]);
  }
  for (int i = 0; i < (network->second ? 4 : 2); i++)
    sim_add(&w->sim, name[i]);
  for (int i = 0; i < w->sim.peers; i += 2)
    sim_introduce(&w->sim, i, i + 1, 0);
}

static void begin_call(struct call_world *w, int caller, const struct call_media *how) {
  struct sim *sim = &w->sim;
  int callee = caller + 1;
  uint32_t call;
  sotto_id id;
  sim_id(sim, callee, &id);
  unsigned media = w->network->no_video ? SOTTO_AUDIO : SOTTO_AUDIO | SOTTO_VIDEO;
  assert_int_equal(core_call_start(sim->peer[caller].core, sim->now, &id, media, &call), SOTTO_OK);
  sim_run(sim, SEC(3));
  assert_int_not_equal(sim->peer[callee].incoming, 0);
  struct endpoint_config config = {.audio = how->audio,
                                   .video = !w->network->no_video,
                                   .skew = w->network->skew,
                                   .speech = how->speech,
                                   .speech_samples = how->speech_samples};
  config.seed = 8 * sim->seed + (uint64_t)caller;
  config.said = caller == 0 && how->said ? &how->said[0] : NULL;
  config.heard = caller == 0 && how->heard ? &how->heard[0] : NULL;
  endpoint_init(&w->end[caller], sim, caller, call, &config, &w->end[callee]);
  config.skew = 0;
  config.seed++;
  config.said = config.said ? &how->said[1] : NULL;
  config.heard = config.heard ? &how->heard[1] : NULL;
  endpoint_init(&w->end[callee], sim, callee, sim->peer[callee].incoming, &config, &w->end[caller]);
  assert_int_equal(core_call_accept(sim->peer[callee].core, sim->now, sim->peer[callee].incoming, media), SOTTO_OK);
}

static void run_call(struct call_world *w) {
  const struct network *network = w->network;
  usec lead = network->lead;
  for (int way = 0; way < WAYS; way++)
    link_start(w->link[way], w->sim.now);
  if (network->flows) {
    assert_true(network->flows <= FLOWS && lead >= flows_begin);
    sim_run(&w->sim, flows_begin);
    lead -= flows_begin;
    for (int way = 0; way < WAYS; way++)
      for (int i = 0; i < network->flows; i++)
        flow_init(&w->flow[way][i], w->sim.now, way_config(network, 1 - way)->step[0].delay);
    w->flows = network->flows;
  }
  sim_run(&w->sim, lead);
  for (int i = 0; i < 2; i++) {
    endpoint_measure(&w->end[i]);
    link_stats_reset(w->link[i]);
  }
  sim_run(&w->sim, network->length);
}

static void add_media(struct endpoint_figures *to, const struct endpoint_figures *from) {
  histogram_merge(&to->audio, &from->audio);
  histogram_merge(&to->video, &from->video);
  to->samples += from->samples;
  to->concealed += from->concealed;
  to->silent += from->silent;
  to->frames_sent += from->frames_sent;
  to->frames_lost += from->frames_lost;
  to->frames_shown += from->frames_shown;
  to->freezes += from->freezes;
  to->freeze_time += from->freeze_time;
  to->audio_bits += from->audio_bits;
  to->video_bits += from->video_bits;
}

static void add_end(struct call_world *w, int i, usec accepted, struct call_figures *into) {
  struct endpoint *end = &w->end[i];
  const struct link_stats *link = link_stats(w->link[i]);
  endpoint_finish(end);
  add_media(&into->media, &end->figures);
  histogram_merge(&into->queue, &link->queue_delay);
  if (end->first_heard)
    histogram_add(&into->start, end->first_heard - accepted, 1);
  into->sent_bits += link->bytes * 8;
  into->delivered_bits += link->delivered_bytes * 8;
  into->capacity_bits += link_capacity(w->link[i], end->measured_from, w->sim.now);
  into->ends++;
  into->time += w->sim.now - end->measured_from;
  into->hash = mix(into->hash, end->hash);
}

void network_call(const struct network *network, uint64_t seed, const struct call_media *media,
                  struct call_figures *into) {
  struct call_world *w = calloc(1, sizeof *w);
  assert_non_null(w);
  set_up(w, network, seed);
  for (int i = w->sim.peers - 2; i >= 0; i -= 2)
    begin_call(w, i, media); /* the measured one last */
  usec accepted = w->sim.now;
  w->trace = media->trace;
  if (w->trace)
    trace_begin(w->trace, accepted);
  run_call(w);
  for (int i = 0; i < 2; i++)
    add_end(w, i, accepted, into);
  into->hash = mix(mix(into->hash, w->hash), sim_hash(&w->sim));
  for (int i = 0; i < w->sim.peers; i++)
    endpoint_deinit(&w->end[i]);
  for (int way = 0; way < WAYS; way++)
    link_free(w->link[way]);
  sim_deinit(&w->sim);
  free(w);
}
