/* inside.h - for tests that look into a core, or speak through one as a hostile contact would. */
#ifndef SIM_INSIDE_H
#define SIM_INSIDE_H
#include "engine/call/call_parts.h"
#include "engine/core_parts.h"
#include "sim.h"

/* Two peers, "alice" and "bob", who have met from afar. */
void sim_friends(struct sim *sim, uint64_t seed, sotto_policy policy);
void sim_quiet_friends(struct sim *sim, uint64_t seed,
                       sotto_policy policy); /* the same, whose calls carry no media */
/* `from` calls, and nothing runs yet; asserts that it is possible. */
uint32_t sim_dial(struct sim *sim, int from, int to, unsigned media);
/* `from` calls, and it rings (peer[].incoming) wherever it is to: nothing rang before. */
uint32_t sim_ring(struct sim *sim, int from, int to);
void sim_accept(struct sim *sim, int peer);                          /* what rings there */
struct call *sim_inside(struct sim *sim, int peer, uint32_t handle); /* asserts that it is there */
struct contact *sim_contact(struct sim *sim, int peer, int who);     /* asserts that they met */
int sim_all_alarms(const struct sim *sim, int peer);                 /* how many, of any kind */
/* A message of the peer's own choice in its own call, authenticated as its own. */
void sim_say(struct sim *sim, int peer, uint32_t handle, const struct message *message);

enum { SIM_CELLS_KEPT = 40 };

struct sim_recorder { /* the server's memory: the cells it gave to `to`; and what it holds back from `deaf` */
  int to, deaf, count;
  uint8_t frame[SIM_CELLS_KEPT][FRAME_CELL_SIZE];
};
sim_filter sim_record; /* its `user` is a struct sim_recorder */

#endif
