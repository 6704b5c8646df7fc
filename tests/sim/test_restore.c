/* test_restore.c - an identity comes back from its backup: who rings then, and what an old backup does. */
#include "engine/trust/backup.h"
#include "inside.h"
#include "unit/unit.h"

enum { ALICE, BOB, THIRD, FOURTH };

static void back_up(struct sim *sim, int peer, struct backup_plain *plain) {
  assert_int_equal(backup_gather(plain, sim->peer[peer].trust), SOTTO_OK);
}

static int restore(struct sim *sim, const char *name, struct backup_plain *plain) {
  struct trust *trust;
  assert_int_equal(backup_load(plain->bytes, plain->size, &trust), SOTTO_OK);
  backup_plain_free(plain);
  return sim_add_store(sim, name, trust);
}

static bool is_enrolled(struct sim *sim, int peer) {
  const struct trust *trust = sim->peer[peer].trust;
  return roster_find(&trust->own, trust->identity.device.id) && !trust_is_restored(trust);
}

static void assert_call_opens(struct sim *sim, int from, int to) {
  uint32_t a, b;
  sim_call(sim, from, to, SOTTO_AUDIO, &a, &b);
  assert_int_equal(sim_leg(sim, from, a)->state, SOTTO_CALL_OPEN);
  assert_int_equal(sim_leg(sim, to, b)->state, SOTTO_CALL_OPEN);
  core_call_hangup(sim->peer[from].core, sim->now, a);
  sim_run(sim, SEC(2));
}

static void the_restored_device_rings_and_calls_and_the_lost_one_does_not(void **state) {
  (void)state;
  for (int from = 0; from < 2; from++) {
    struct sim sim;
    struct backup_plain plain;
    uint32_t call;
    sotto_id alice, bob;
    sim_quiet_friends(&sim, 1, SOTTO_POLICY_WARN);
    back_up(&sim, BOB, &plain);
    int back = restore(&sim, "bob again", &plain);
    sim_id(&sim, ALICE, &alice);
    sim_id(&sim, BOB, &bob);
    assert_int_equal(core_call_start(sim.peer[back].core, sim.now, &alice, SOTTO_AUDIO, &call), SOTTO_ERR_TRUST);
    sim_run(&sim, SEC(30));
    assert_true(is_enrolled(&sim, back));
    assert_int_equal(sim.peer[back].links, 1);
    assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_ROSTER_CHANGED], 1);
    assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_ROSTER_FORK], 0);
    assert_int_equal(sim.peer[back].alarms[SOTTO_ALARM_SELF_ROSTER_ROLLBACK], 0);
    const struct roster *roster = &sim_contact(&sim, ALICE, BOB)->roster;
    assert_int_equal(roster->seq, 1);
    assert_int_equal(roster->devices, 1);
    assert_non_null(roster_find_revoked(roster, sim.peer[BOB].trust->identity.device.id));

    sim.peer[BOB].incoming = 0;
    assert_call_opens(&sim, from ? back : ALICE, from ? ALICE : back);
    assert_int_equal(sim.peer[BOB].incoming, 0);
    assert_int_equal(core_call_start(sim.peer[BOB].core, sim.now, &alice, SOTTO_AUDIO, &call), SOTTO_ERR_TRUST);
    assert_false(sim_contact(&sim, back, ALICE)->head_unconfirmed);
    sim_deinit(&sim);
  }
}

static void somebody_with_nobody_to_ask_is_back_at_once(void **state) {
  (void)state;
  struct sim sim;
  struct backup_plain plain;
  struct sim_options options = {.policy = SOTTO_POLICY_WARN, .no_media = true};
  sim_init(&sim, 2, &options);
  sim_add(&sim, "alice");
  back_up(&sim, ALICE, &plain);
  int back = restore(&sim, "alice again", &plain);
  sim_run(&sim, SEC(3));
  assert_true(is_enrolled(&sim, back));
  assert_int_equal(sim.peer[back].trust->own.seq, 1);
  sim_deinit(&sim);
}

/* Bob's roster went on after his backup, and his first device is gone: Alice can tell, and his phone. */
static void an_old_backup_learns_what_was_signed_since_before_it_signs(void **state) {
  (void)state;
  for (int phone_tells = 0; phone_tells < 2; phone_tells++) {
    struct sim sim;
    struct backup_plain plain;
    sim_quiet_friends(&sim, 3, SOTTO_POLICY_WARN);
    back_up(&sim, BOB, &plain);
    int phone = sim_add_device(&sim, BOB, "phone");
    sim_run(&sim, SEC(3));
    assert_int_equal(sim_contact(&sim, ALICE, BOB)->roster.seq, 1);
    int tablet = sim_add_device(&sim, BOB, "tablet");
    sim_run(&sim, SEC(3));
    assert_int_equal(sim_contact(&sim, ALICE, BOB)->roster.seq, 2);
    sim_unplug(&sim, BOB);
    sim_unplug(&sim, tablet);
    if (!phone_tells)
      sim_unplug(&sim, phone);
    int back = restore(&sim, "bob again", &plain);
    sim_run(&sim, SEC(40));
    assert_true(is_enrolled(&sim, back));
    assert_int_equal(sim.peer[back].trust->own.seq, 3);
    assert_true(sim.peer[back].alarms[SOTTO_ALARM_SELF_ROSTER_ROLLBACK] == 1);
    assert_int_equal(sim.peer[back].alarms[SOTTO_ALARM_SELF_ROSTER_FORK], 0);
    assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_ROSTER_FORK], 0);
    assert_int_equal(sim_contact(&sim, ALICE, BOB)->roster.seq, 3);
    assert_call_opens(&sim, back, ALICE);
    assert_call_opens(&sim, ALICE, back);
    sim_deinit(&sim);
  }
}

/* The roster went on without whoever made the backup, and is full. */
static void fill_roster(struct trust *trust) {
  struct roster next;
  roster_next(&next, &trust->own, 1000);
  assert_true(roster_revoke_device(&next, trust->replaces, 0));
  for (int i = 0; i < ROSTER_MAX_DEVICES; i++) {
    struct identity other;
    identity_make(&other);
    struct roster_device device = {.added_seq = next.seq};
    memcpy(device.id, other.device.id, DEVICE_ID_SIZE);
    memcpy(device.dk, other.device.dk, KEY_SIZE);
    memcpy(device.dx, other.device.dx, KEY_SIZE);
    roster_accept_sign(&device, trust->identity.ik, other.device.dk_secret);
    assert_true(roster_add_device(&next, &device));
  }
  assert_true(roster_sign(&next, trust->identity.ik_secret));
  trust_adopt_roster(trust, &next);
}

static void a_full_roster_is_told_and_one_that_the_user_names_makes_room(void **state) {
  (void)state;
  struct sim sim;
  struct backup_plain plain;
  struct trust *trust;
  char id[SOTTO_DEVICE_ID_SIZE];
  sim_quiet_friends(&sim, 6, SOTTO_POLICY_WARN);
  back_up(&sim, BOB, &plain);
  sim_unplug(&sim, BOB);
  assert_int_equal(backup_load(plain.bytes, plain.size, &trust), SOTTO_OK);
  backup_plain_free(&plain);
  fill_roster(trust);
  int back = sim_add_store(&sim, "bob again", trust);
  struct core *core = sim.peer[back].core;
  sim_run(&sim, SEC(150));
  assert_false(is_enrolled(&sim, back));
  assert_int_equal(sim.peer[back].links, 0);
  assert_true(sim.peer[back].link_failures >= 1);

  struct roster_device dropped = trust->own.device[3];
  device_id_format(dropped.id, id);
  assert_int_equal(core_device_revoke(core, sim.now, "0000"), SOTTO_ERR_NOT_FOUND);
  assert_int_equal(core_device_revoke(core, sim.now, id), SOTTO_OK);
  sim_run(&sim, SEC(30));
  assert_true(is_enrolled(&sim, back));
  assert_int_equal(trust->own.devices, ROSTER_MAX_DEVICES);
  assert_non_null(roster_find_revoked(&trust->own, dropped.id));
  assert_null(roster_find(&trust->own, dropped.id));
  assert_int_equal(sim_contact(&sim, ALICE, BOB)->roster.seq, 2);
  assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_ROSTER_FORK], 0);
  assert_call_opens(&sim, back, ALICE);
  sim_deinit(&sim);
}

static bool drop_cells(void *user, int from, int to, uint8_t *message, size_t size) {
  (void)user, (void)from, (void)to, (void)message;
  return size != FRAME_PUT_SIZE;
}

static void nothing_is_signed_while_nobody_answers(void **state) {
  (void)state;
  struct sim sim;
  struct backup_plain plain;
  sim_quiet_friends(&sim, 4, SOTTO_POLICY_WARN);
  back_up(&sim, BOB, &plain);
  sim_unplug(&sim, BOB);
  sim.filter = drop_cells;
  int back = restore(&sim, "bob again", &plain);
  sim_run(&sim, SEC(200));
  assert_false(is_enrolled(&sim, back));
  assert_int_equal(sim.peer[back].trust->own.seq, 0);
  sim_restart(&sim, back); /* the question outlives the process */
  sim.filter = NULL;
  sim_run(&sim, SEC(30));
  assert_true(is_enrolled(&sim, back));
  assert_call_opens(&sim, back, ALICE);
  sim_deinit(&sim);
}

/* Both files of the primary's store rolled back together: nothing here can tell, and a contact does. */
static void a_primary_that_was_rolled_back_as_a_whole_is_told_and_believes_no_contact(void **state) {
  (void)state;
  struct sim sim;
  sim_quiet_friends(&sim, 5, SOTTO_POLICY_WARN);
  struct trust *bob = sim.peer[BOB].trust;
  struct roster own = bob->own;
  struct roster_links links = bob->links;
  int phone = sim_add_device(&sim, BOB, "phone");
  sim_run(&sim, SEC(3));
  sim_unplug(&sim, phone);
  bob->own = own, bob->links = links;
  sim_restart(&sim, BOB);
  sim_run(&sim, SEC(3));
  uint32_t a, b;
  sim_call(&sim, BOB, ALICE, SOTTO_AUDIO, &a, &b);
  assert_int_equal(sim.peer[BOB].alarms[SOTTO_ALARM_SELF_ROSTER_ROLLBACK], 1);
  sim_run(&sim, SEC(5));
  assert_int_equal(bob->own.seq, 0);
  assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_ROSTER_FORK], 0);
  sim_deinit(&sim);
}

UNIT_TESTS(test(the_restored_device_rings_and_calls_and_the_lost_one_does_not),
           test(somebody_with_nobody_to_ask_is_back_at_once),
           test(an_old_backup_learns_what_was_signed_since_before_it_signs),
           test(a_full_roster_is_told_and_one_that_the_user_names_makes_room),
           test(nothing_is_signed_while_nobody_answers),
           test(a_primary_that_was_rolled_back_as_a_whole_is_told_and_believes_no_contact))
