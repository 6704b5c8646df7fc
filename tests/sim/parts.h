/* parts.h - what the files of the simulator share; tests see sim.h alone. */
#ifndef SIM_PARTS_H
#define SIM_PARTS_H
#include "sim.h"

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

/* ---- agenda.c ---- */

void sim_log(struct sim *sim, const char *text);
void sim_push(struct sim *sim, struct sim_event event, const void *bytes, size_t size); /* copies the bytes */
struct sim_event sim_pop(struct sim *sim);                                              /* whose bytes to free */
double sim_chance(struct sim *sim);                                                     /* 0..1 */
usec sim_one_way(struct sim *sim, const struct sim_link *link);

/* ---- agents.c ---- */

struct sim_leg *sim_new_leg(struct sim *sim, int peer, uint32_t call); /* or the one that is there */
void sim_free_leg(struct sim_leg *leg);
void sim_start_agent(struct sim *sim, int peer, struct sim_leg *leg, bool restart, bool relay_only);
void sim_try_pairs(struct sim *sim);
void sim_leave_pair(struct sim *sim, struct sim_leg *leg);

/* ---- network.c ---- */

void sim_send_to_server(struct sim *sim, int peer, const uint8_t *data, size_t size);
void sim_send_datagram(struct sim *sim, int peer, struct sim_leg *leg, const uint8_t *data, size_t size);
void sim_drain_server(struct sim *sim);
void sim_deliver(struct sim *sim, struct sim_event *event);

/* ---- outputs.c, media.c ---- */

void sim_carry_out(struct sim *sim, int index, const struct core_output *out);
void sim_run_media(struct sim *sim, struct sim_peer *peer, struct sim_leg *leg);
usec sim_media_deadline(const struct sim *sim, const struct sim_leg *leg);

#endif
