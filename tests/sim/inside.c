#include "inside.h"

#include "unit/unit.h"

void sim_friends(struct sim *sim, uint64_t seed, sotto_policy policy) {
  struct sim_options options = {.policy = policy};
  sim_init(sim, seed, &options);
  int alice = sim_add(sim, "alice"), bob = sim_add(sim, "bob");
  sim_introduce(sim, alice, bob, 0);
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
