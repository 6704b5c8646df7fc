/* network.c - bytes between peers and server and from peer to peer, past the test's filters. */
#include <string.h>

#include "engine/core.h"
#include "parts.h"
#include "signaling/server/server.h"
#include "unit/unit.h"

enum { SIM_BYTES_MAX = 9000 };

void sim_send_to_server(struct sim *sim, int peer, const uint8_t *data, size_t size) {
  uint8_t bytes[SIM_BYTES_MAX];
  assert_true(size <= sizeof bytes);
  memcpy(bytes, data, size);
  if (sim->filter && !sim->filter(sim->user, peer, SIM_SERVER, bytes, size))
    return;
  sim_push(sim,
           (struct sim_event){.at = sim->now + sim_one_way(sim, &sim->signaling),
                              .type = SIM_TO_SERVER,
                              .peer = peer,
                              .connection = sim->peer[peer].connection},
           bytes, size);
}

void sim_send_datagram(struct sim *sim, int peer, struct sim_leg *leg, const uint8_t *data, size_t size) {
  uint8_t bytes[SIM_BYTES_MAX];
  assert_true(size <= 1300);
  memcpy(bytes, data, size);
  sim->datagrams++;
  sim->media_datagrams += bytes[0] >= 128 && bytes[0] < 192;
  if (leg->other_peer < 0 || sim->path_broken || sim_chance(sim) < sim->link.loss)
    return;
  if (sim->datagram_filter && !sim->datagram_filter(sim->user, peer, leg->other_peer, bytes, &size))
    return;
  struct sim_event event = {
      .type = SIM_DATAGRAM, .peer = leg->other_peer, .call = sim->peer[leg->other_peer].leg[leg->other_leg].call};
  if (sim->world && sim->world->datagram(sim->user, peer, event.peer, event.call, bytes, size))
    return;
  int copies = 1 + (sim_chance(sim) < sim->link.duplicate);
  for (int i = 0; i < copies; i++) {
    event.at = sim->now + sim_one_way(sim, &sim->link);
    sim_push(sim, event, bytes, size);
  }
}

void sim_drain_server(struct sim *sim) {
  struct server_output out;
  while (server_poll(sim->server, sim->now, &out))
    for (int p = 0; p < sim->peers; p++) {
      if (!sim->peer[p].connected || sim->peer[p].connection != out.connection)
        continue;
      if (out.type == SERVER_CLOSE) {
        sim_push(sim, (struct sim_event){.at = sim->now + sim->signaling.delay, .type = SIM_DOWN, .peer = p}, 0, 0);
        continue;
      }
      uint8_t bytes[SIM_BYTES_MAX];
      memcpy(bytes, out.data, out.size);
      if (!sim->filter || sim->filter(sim->user, SIM_SERVER, p, bytes, out.size))
        sim_push(sim,
                 (struct sim_event){.at = sim->now + sim_one_way(sim, &sim->signaling),
                                    .type = SIM_FROM_SERVER,
                                    .peer = p,
                                    .connection = out.connection},
                 bytes, out.size);
    }
}

void sim_deliver(struct sim *sim, struct sim_event *event) {
  struct sim_peer *peer = &sim->peer[event->peer];
  struct sim_leg *leg = event->call ? sim_leg(sim, event->peer, event->call) : NULL;
  uint8_t address[4] = {11, 0, 0, (uint8_t)(event->peer + 1)};
  enum candidate_type type = leg && leg->relay_only ? CANDIDATE_RELAY : CANDIDATE_HOST;
  struct core_ice_pair pair = {type, CANDIDATE_HOST};
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
      core_ice_local_candidate(peer->core, sim->now, event->call,
                               &candidate); /* also when it should not have one */
      candidate.type = CANDIDATE_RELAY;
      candidate.address[0]++;
      if (sim->options.relay && !sim->options.relay_dead)
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
