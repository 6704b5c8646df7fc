/* test_addresses.c - which addresses of theirs the two ends tell each other, and when (protocol F): every message
 * of every call passes through a recorder in front of the sealed channel. */
#include "engine/call/channel.h"
#include "sim.h"
#include "unit/unit.h"

enum { ALICE, BOB };

static struct recorder {
  int relayed, others; /* candidates told */
  int messages, restarts;
} told;

bool __real_channel_send(struct channel *channel, usec now, int64_t unix_seconds, const struct message *message,
                         uint8_t hash[HASH_SIZE]);
bool __wrap_channel_send(struct channel *channel, usec now, int64_t unix_seconds, const struct message *message,
                         uint8_t hash[HASH_SIZE]);
bool __wrap_channel_send(struct channel *channel, usec now, int64_t unix_seconds, const struct message *message,
                         uint8_t hash[HASH_SIZE]) {
  told.messages++;
  told.restarts += message->type == MESSAGE_RESTART;
  for (int i = 0; i < message->candidates; i++)
    *(message->candidate[i].type == CANDIDATE_RELAY ? &told.relayed : &told.others) += 1;
  return __real_channel_send(channel, now, unix_seconds, message, hash);
}

static void set_up(struct sim *sim, uint64_t seed, struct sim_options options) {
  told = (struct recorder){0};
  sim_init(sim, seed, &options);
  sim_add(sim, "alice");
  sim_add(sim, "bob");
  sim_introduce(sim, ALICE, BOB, 0);
}

static uint32_t ring(struct sim *sim, uint32_t *call) {
  sotto_id id;
  sim_id(sim, BOB, &id);
  sim->peer[BOB].incoming = 0;
  assert_int_equal(core_call_start(sim->peer[ALICE].core, sim->now, &id, SOTTO_AUDIO, call), SOTTO_OK);
  sim_run(sim, SEC(3));
  assert_int_not_equal(sim->peer[BOB].incoming, 0);
  return sim->peer[BOB].incoming;
}

static void verify(struct sim *sim, int who, int whom) {
  sotto_id id;
  char uri[SOTTO_CONTACT_URI_SIZE];
  sim_id(sim, whom, &id);
  assert_int_equal(sotto_id_uri(&id, uri, sizeof uri), SOTTO_OK);
  assert_int_equal(core_contact_verify_uri(sim->peer[who].core, sim->now, &id, uri), SOTTO_OK);
}

static void before_a_person_has_accepted_only_relayed_addresses_are_told(void **state) {
  (void)state;
  struct sim sim;
  uint32_t call;
  set_up(&sim, 1, (struct sim_options){.policy = SOTTO_POLICY_WARN, .relay = true});
  verify(&sim, ALICE, BOB);
  verify(&sim, BOB, ALICE);
  uint32_t incoming = ring(&sim, &call);
  sim_run(&sim, SEC(20));
  assert_true(told.messages >= 2); /* OFFER and RINGING */
  assert_true(told.relayed > 0);   /* in the OFFER */
  assert_int_equal(told.others, 0);
  assert_int_equal(core_call_decline(sim.peer[BOB].core, sim.now, incoming), SOTTO_OK);
  sim_run(&sim, SEC(2));
  assert_int_equal(told.others, 0);
  sim_deinit(&sim);
}

static void a_verified_contact_is_reached_by_the_relay_and_then_directly(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a;
  set_up(&sim, 2, (struct sim_options){.policy = SOTTO_POLICY_WARN, .relay = true});
  verify(&sim, ALICE, BOB);
  verify(&sim, BOB, ALICE);
  uint32_t b = ring(&sim, &a);
  assert_int_equal(core_call_accept(sim.peer[BOB].core, sim.now, b, SOTTO_AUDIO), SOTTO_OK);
  sim_run(&sim, SEC(5));
  struct sim_leg *alice = sim_leg(&sim, ALICE, a), *bob = sim_leg(&sim, BOB, b);
  assert_true(alice->state == SOTTO_CALL_OPEN && bob->state == SOTTO_CALL_OPEN);
  assert_true(told.others > 0);
  assert_int_equal(told.restarts, 2); /* one each: never again */
  assert_false(alice->relay_only || bob->relay_only);
  int64_t heard = bob->samples_heard;
  sim_run(&sim, SEC(2));
  assert_true(bob->samples_heard > heard + 90000);
  sim_deinit(&sim);
}

static void a_contact_never_compared_learns_relayed_addresses_until_the_words_are_equal(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a;
  set_up(&sim, 3, (struct sim_options){.policy = SOTTO_POLICY_SAS_FIRST, .relay = true});
  uint32_t b = ring(&sim, &a);
  assert_int_equal(core_call_accept(sim.peer[BOB].core, sim.now, b, SOTTO_AUDIO), SOTTO_OK);
  sim_run(&sim, SEC(5));
  assert_int_equal(sim_leg(&sim, ALICE, a)->state, SOTTO_CALL_GATED);
  assert_int_equal(core_call_restart_ice(sim.peer[ALICE].core, sim.now, a), SOTTO_OK); /* nor by a restart */
  sim_run(&sim, SEC(5));
  assert_int_equal(told.others, 0);
  assert_int_equal(core_call_confirm(sim.peer[ALICE].core, sim.now, a, true), SOTTO_OK);
  sim_run(&sim, SEC(2));
  assert_int_equal(core_call_confirm(sim.peer[BOB].core, sim.now, b, true), SOTTO_OK);
  sim_run(&sim, SEC(5));
  assert_true(told.others > 0);
  struct sim_leg *alice = sim_leg(&sim, ALICE, a), *bob = sim_leg(&sim, BOB, b);
  assert_true(alice->state == SOTTO_CALL_OPEN && bob->state == SOTTO_CALL_OPEN);
  assert_false(alice->relay_only || bob->relay_only);
  sim_deinit(&sim);
}

static void who_asks_for_the_relay_alone_never_tells_another_address(void **state) {
  (void)state;
  struct sim sim;
  uint32_t a;
  set_up(&sim, 4, (struct sim_options){.policy = SOTTO_POLICY_WARN, .relay = true, .relay_only = true});
  verify(&sim, ALICE, BOB);
  verify(&sim, BOB, ALICE);
  uint32_t b = ring(&sim, &a);
  assert_int_equal(core_call_accept(sim.peer[BOB].core, sim.now, b, SOTTO_AUDIO), SOTTO_OK);
  sim_run(&sim, SEC(5));
  assert_int_equal(core_call_restart_ice(sim.peer[BOB].core, sim.now, b), SOTTO_OK);
  sim_run(&sim, SEC(5));
  assert_int_equal(sim_leg(&sim, ALICE, a)->state, SOTTO_CALL_OPEN);
  assert_true(told.relayed > 0);
  assert_int_equal(told.others, 0);
  sim_deinit(&sim);
}

static void a_dead_relay_costs_seconds_and_not_the_call_with_a_verified_contact(void **state) {
  (void)state;
  for (int verified = 0; verified < 2; verified++) {
    struct sim sim;
    uint32_t a;
    set_up(&sim, 5, (struct sim_options){.policy = SOTTO_POLICY_WARN, .relay = true, .relay_dead = true});
    if (verified) {
      verify(&sim, ALICE, BOB);
      verify(&sim, BOB, ALICE);
    }
    uint32_t b = ring(&sim, &a);
    assert_int_equal(core_call_accept(sim.peer[BOB].core, sim.now, b, SOTTO_AUDIO), SOTTO_OK);
    sim_run(&sim, SEC(4));
    assert_int_equal(told.others, 0);
    sim_run(&sim, SEC(20));
    struct sim_leg *alice = sim_leg(&sim, ALICE, a);
    assert_int_equal(alice->state, verified ? SOTTO_CALL_OPEN : SOTTO_CALL_ENDED);
    assert_int_equal(alice->reason, verified ? SOTTO_END_NONE : SOTTO_END_UNREACHABLE);
    assert_int_equal(told.others > 0, verified);
    sim_deinit(&sim);
  }
}

static void without_a_relay_addresses_wait_for_the_answer_alone(void **state) { /* and the recorder is not blind */
  (void)state;
  struct sim sim;
  uint32_t a;
  set_up(&sim, 6, (struct sim_options){.policy = SOTTO_POLICY_WARN});
  uint32_t b = ring(&sim, &a);
  assert_int_equal(told.others + told.relayed, 0);
  assert_int_equal(core_call_accept(sim.peer[BOB].core, sim.now, b, SOTTO_AUDIO), SOTTO_OK);
  sim_run(&sim, SEC(3));
  assert_int_equal(told.others, 2);
  assert_int_equal(told.relayed + told.restarts, 0);
  sim_deinit(&sim);
}

UNIT_TESTS(test(before_a_person_has_accepted_only_relayed_addresses_are_told),
           test(a_verified_contact_is_reached_by_the_relay_and_then_directly),
           test(a_contact_never_compared_learns_relayed_addresses_until_the_words_are_equal),
           test(who_asks_for_the_relay_alone_never_tells_another_address),
           test(a_dead_relay_costs_seconds_and_not_the_call_with_a_verified_contact),
           test(without_a_relay_addresses_wait_for_the_answer_alone))
