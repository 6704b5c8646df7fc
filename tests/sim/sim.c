#include "sim.h"

#include <string.h>

#include "page.h"
#include "parts.h"
#include "signaling/server/server.h"
#include "unit/unit.h"

void sim_drain(struct sim *sim, int index) {
  struct core_output out;
  int rounds = 0;
  while (core_poll(sim->peer[index].core, sim->now, &out)) {
    sim_carry_out(sim, index, &out);
    assert_true(++rounds < 100000); /* a core that never falls silent */
  }
  sim_try_pairs(sim);
}

static usec next_time(const struct sim *sim) {
  usec at = earlier(sim->queued ? sim->queue[0].at : USEC_NEVER, server_deadline(sim->server));
  for (int p = 0; p < sim->peers; p++) {
    at = earlier(at, core_deadline(sim->peer[p].core));
    for (int i = 0; i < SIM_LEGS; i++)
      at = earlier(at, sim_media_deadline(sim, &sim->peer[p].leg[i]));
  }
  return sim->world ? earlier(at, sim->world->deadline(sim->user)) : at;
}

static void step(struct sim *sim) {
  while (sim->queued && sim->queue[0].at <= sim->now) {
    struct sim_event event = sim_pop(sim);
    sim_deliver(sim, &event);
    sim_drain(sim, event.peer);
    sim_drain_server(sim);
  }
  if (sim->world)
    sim->world->run(sim->user);
  for (int p = 0; p < sim->peers; p++) {
    for (int i = 0; i < SIM_LEGS; i++)
      sim_run_media(sim, &sim->peer[p], &sim->peer[p].leg[i]);
    sim_drain(sim, p);
  }
  sim_drain_server(sim);
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
      sim_free_leg(&sim->peer[p].leg[i]);
    core_free(sim->peer[p].core);
    trust_free(sim->peer[p].trust);
  }
  while (sim->queued) {
    struct sim_event event = sim_pop(sim);
    test_free(event.bytes);
  }
  test_free(sim->queue);
  server_free(sim->server);
  sim_forget_pages(sim);
  crypto_random_seed(NULL);
}
