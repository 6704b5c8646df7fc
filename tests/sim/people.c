/* people.c - who takes part: identities, their devices, how two of them meet and call each other. */
#include <string.h>

#include "engine/trust/record.h"
#include "parts.h"
#include "signaling/server/server.h"
#include "unit/unit.h"

static int64_t sim_unix(const struct sim *sim) {
  return (sim->now + sim->wall) / SEC(1);
}

static void start_core(struct sim *sim, struct sim_peer *peer) {
  struct core_config config = {.trust = peer->trust,
                               .seed = random_next(&sim->random),
                               .wall_offset = sim->wall,
                               .policy = sim->options.policy,
                               .new_device = sim->options.new_device,
                               .cover = sim->options.cover,
                               .relay = sim->options.relay,
                               .relay_only = sim->options.relay_only};
  peer->core = core_new(&config);
  assert_non_null(peer->core);
}

int sim_add_store(struct sim *sim, const char *name, struct trust *trust) {
  assert_non_null(trust);
  assert_true(sim->peers < SIM_PEERS);
  int index = sim->peers++;
  struct sim_peer *peer = &sim->peer[index];
  peer->name = name;
  peer->trust = trust;
  start_core(sim, peer);
  return index;
}

void sim_unplug(struct sim *sim, int index) {
  struct sim_peer *peer = &sim->peer[index];
  if (peer->connected)
    server_disconnected(sim->server, sim->now, peer->connection);
  peer->connected = false;
  peer->unplugged = true;
}

void sim_restart(struct sim *sim, int index) {
  struct sim_peer *peer = &sim->peer[index];
  for (int i = 0; i < SIM_LEGS; i++) {
    sim_leave_pair(sim, &peer->leg[i]);
    sim_free_leg(&peer->leg[i]);
    peer->leg[i] = (struct sim_leg){0};
  }
  core_free(peer->core);
  if (peer->connected)
    server_disconnected(sim->server, sim->now, peer->connection);
  peer->connected = peer->online = false;
  start_core(sim, peer);
}

int sim_add(struct sim *sim, const char *name) {
  return sim_add_store(sim, name, trust_new(sim_unix(sim)));
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
  return sim_add_store(sim, name, trust);
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
