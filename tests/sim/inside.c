#include "inside.h"

#include "unit/unit.h"

static void make_friends(struct sim *sim, uint64_t seed, const struct sim_options *options) {
  sim_init(sim, seed, options);
  int alice = sim_add(sim, "alice"), bob = sim_add(sim, "bob");
  sim_introduce(sim, alice, bob, 0);
}

void sim_friends(struct sim *sim, uint64_t seed, sotto_policy policy) {
  make_friends(sim, seed, &(struct sim_options){.policy = policy});
}

void sim_quiet_friends(struct sim *sim, uint64_t seed, sotto_policy policy) {
  make_friends(sim, seed, &(struct sim_options){.policy = policy, .no_media = true});
}

struct call *sim_inside(struct sim *sim, int peer, uint32_t handle) {
  struct call *call = core_find_call(sim->peer[peer].core, handle);
  assert_non_null(call);
  return call;
}

void sim_say(struct sim *sim, int peer, uint32_t handle, const struct message *message) {
  call_tell(sim_inside(sim, peer, handle), sim->now, message, NULL);
  sim_run(sim, MS(200));
}

struct contact *sim_contact(struct sim *sim, int peer, int who) {
  struct contact *contact = contacts_find(&sim->peer[peer].trust->contacts, sim->peer[who].trust->identity.ik);
  assert_non_null(contact);
  return contact;
}

uint32_t sim_dial(struct sim *sim, int from, int to, unsigned media) {
  sotto_id id;
  uint32_t call;
  sim_id(sim, to, &id);
  assert_int_equal(core_call_start(sim->peer[from].core, sim->now, &id, media, &call), SOTTO_OK);
  return call;
}

uint32_t sim_ring(struct sim *sim, int from, int to) {
  for (int p = 0; p < sim->peers; p++)
    sim->peer[p].incoming = 0;
  uint32_t call = sim_dial(sim, from, to, SOTTO_AUDIO);
  sim_run(sim, SEC(3));
  return call;
}

void sim_accept(struct sim *sim, int peer) {
  uint32_t call = sim->peer[peer].incoming;
  assert_int_not_equal(call, 0);
  assert_int_equal(core_call_accept(sim->peer[peer].core, sim->now, call, SOTTO_AUDIO), SOTTO_OK);
  sim_run(sim, SEC(3));
}

int sim_all_alarms(const struct sim *sim, int peer) {
  int count = 0;
  for (int i = 0; i < 32; i++)
    count += sim->peer[peer].alarms[i];
  return count;
}

bool sim_record(void *user, int from, int to, uint8_t *message, size_t size) {
  struct sim_recorder *recorder = user;
  bool cell = from == SIM_SERVER && size == FRAME_CELL_SIZE;
  if (cell && to == recorder->to && recorder->count < SIM_CELLS_KEPT)
    memcpy(recorder->frame[recorder->count++], message, size);
  return !(cell && to == recorder->deaf);
}
