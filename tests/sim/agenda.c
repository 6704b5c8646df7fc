/* agenda.c - what is on its way in a simulation, by time; what happened, as a hash; and the seeded dice. */
#include <string.h>

#include "parts.h"
#include "unit/unit.h"

void sim_log(struct sim *sim, const char *text) {
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

void sim_push(struct sim *sim, struct sim_event event, const void *bytes, size_t size) {
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

struct sim_event sim_pop(struct sim *sim) {
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

double sim_chance(struct sim *sim) {
  return (double)(random_next(&sim->random) >> 11) / 9007199254740992.0;
}

usec sim_one_way(struct sim *sim, const struct sim_link *link) {
  usec jitter = link->jitter ? (usec)(sim_chance(sim) * 2 * (double)link->jitter) - link->jitter : 0;
  return link->delay + jitter > 1 ? link->delay + jitter : 1;
}
