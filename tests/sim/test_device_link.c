/* test_device_link.c - a new device is shown, taken, given the contacts, and revoked again. */
#include "engine/trust/device_code.h"
#include "inside.h"
#include "unit/unit.h"

enum { ALICE, BOB, PHONE, SPARE };

static void set_up(struct sim *sim, uint64_t seed) {
  sim_quiet_friends(sim, seed, SOTTO_POLICY_WARN);
  sim_add(sim, "phone");
  sim_run(sim, SEC(3));
}

static void show(struct sim *sim, int device, char text[SOTTO_DEVICE_TEXT_SIZE]) {
  assert_int_equal(core_device_show(sim->peer[device].core, sim->now, text, SOTTO_DEVICE_TEXT_SIZE), SOTTO_OK);
  sim_run(sim, SEC(1));
}

static void enroll(struct sim *sim, int owner, int device) {
  char text[SOTTO_DEVICE_TEXT_SIZE];
  show(sim, device, text);
  assert_int_equal(core_device_add(sim->peer[owner].core, sim->now, text), SOTTO_OK);
  sim_run(sim, SEC(10));
  assert_int_equal(sim->peer[owner].links, 1);
  assert_int_equal(sim->peer[device].links, 1);
}

static void a_new_device_gets_the_contacts_and_never_the_root_key(void **state) {
  (void)state;
  struct sim sim;
  set_up(&sim, 1);
  struct trust *bob = sim.peer[BOB].trust, *phone = sim.peer[PHONE].trust;
  enroll(&sim, BOB, PHONE);
  static const uint8_t zero[SIGN_SECRET_SIZE];
  assert_false(phone->identity.root);
  assert_memory_equal(phone->identity.ik_secret, zero, sizeof zero);
  assert_memory_equal(phone->identity.ik, bob->identity.ik, KEY_SIZE);
  assert_memory_equal(&phone->own.head, &bob->own.head, sizeof phone->own.head);
  assert_memory_equal(&phone->links, &bob->links, sizeof phone->links);
  assert_memory_equal(phone->own_secret, bob->own_secret, KEY_SIZE);
  assert_int_equal(phone->contacts.count, 1);
  assert_memory_equal(phone->contacts.list[0]->ps, bob->contacts.list[0]->ps, KEY_SIZE);
  assert_true(sim.peer[PHONE].saves > 0 && sim.peer[BOB].saves > 0);

  sotto_device device[4] = {SOTTO_DEVICE_INIT};
  assert_int_equal(core_devices(sim.peer[PHONE].core, device, 4), 2);
  assert_true(device[0].here != device[1].here);
  assert_false(device[0].primary || device[1].primary);
  assert_int_equal(core_devices(sim.peer[BOB].core, device, 4), 2);
  assert_true(device[0].primary != device[1].primary);
  sim_deinit(&sim);
}

static void both_devices_ring_and_either_may_call(void **state) {
  (void)state;
  struct sim sim;
  set_up(&sim, 2);
  enroll(&sim, BOB, PHONE);
  uint32_t call = sim_ring(&sim, ALICE, BOB);
  assert_int_not_equal(sim.peer[BOB].incoming, 0);
  sim_accept(&sim, PHONE);
  assert_int_equal(sim_leg(&sim, ALICE, call)->state, SOTTO_CALL_OPEN);
  assert_int_equal(sim_leg(&sim, BOB, sim.peer[BOB].incoming)->reason, SOTTO_END_ELSEWHERE);
  core_call_hangup(sim.peer[ALICE].core, sim.now, call);
  sim_run(&sim, SEC(3));
  call = sim_ring(&sim, PHONE, ALICE);
  sim_accept(&sim, ALICE);
  assert_int_equal(sim_leg(&sim, PHONE, call)->state, SOTTO_CALL_OPEN);
  sim_deinit(&sim);
}

static void many_contacts_come_over_one_by_one(void **state) {
  (void)state;
  struct sim sim;
  set_up(&sim, 3);
  struct trust *bob = sim.peer[BOB].trust;
  for (int i = 0; i < 200; i++) {
    struct trust *other = trust_new(1000);
    struct contact *contact;
    char name[SOTTO_NAME_SIZE];
    snprintf(name, sizeof name, "friend %d", i);
    assert_non_null(other);
    assert_int_equal(contacts_add(&bob->contacts, other->identity.ik, name, &contact), SOTTO_OK);
    contact->roster = other->own;
    contact_met_remote(contact);
    trust_free(other);
  }
  char text[SOTTO_DEVICE_TEXT_SIZE];
  show(&sim, PHONE, text);
  assert_int_equal(core_device_add(sim.peer[BOB].core, sim.now, text), SOTTO_OK);
  sim_run(&sim, SEC(90));
  assert_int_equal(sim.peer[PHONE].links, 1);
  assert_int_equal(sim.peer[PHONE].trust->contacts.count, 201);
  assert_string_equal(sim.peer[PHONE].trust->contacts.list[200]->name, "friend 199");
  sim_deinit(&sim);
}

static void a_revoked_device_is_hung_up_on_and_knows_it(void **state) {
  (void)state;
  struct sim sim;
  set_up(&sim, 4);
  enroll(&sim, BOB, PHONE);
  uint32_t call = sim_ring(&sim, PHONE, ALICE);
  sim_accept(&sim, ALICE);
  struct sim_leg *alice = sim_leg(&sim, ALICE, sim.peer[ALICE].incoming);
  assert_int_equal(alice->state, SOTTO_CALL_OPEN);

  char id[SOTTO_DEVICE_ID_SIZE];
  device_id_format(sim.peer[PHONE].trust->identity.device.id, id);
  assert_int_equal(core_device_revoke(sim.peer[PHONE].core, sim.now, id), SOTTO_ERR_STATE); /* not the root */
  assert_int_equal(core_device_revoke(sim.peer[BOB].core, sim.now, "0123456789abcdef"), SOTTO_ERR_NOT_FOUND);
  assert_int_equal(core_device_revoke(sim.peer[BOB].core, sim.now, id), SOTTO_OK);
  assert_int_equal(core_device_revoke(sim.peer[BOB].core, sim.now, id), SOTTO_ERR_NOT_FOUND);
  sim_run(&sim, SEC(3)); /* nobody called: it is announced */
  assert_int_equal(alice->state, SOTTO_CALL_ENDED);
  assert_int_equal(sim_leg(&sim, PHONE, call)->state, SOTTO_CALL_ENDED);
  assert_int_equal(sim.peer[ALICE].alarms[SOTTO_ALARM_DEVICE_REVOKED], 1);
  assert_int_equal(sim.peer[PHONE].alarms[SOTTO_ALARM_DEVICE_REVOKED], 1);
  sotto_id alice_id;
  sim_id(&sim, ALICE, &alice_id);
  assert_int_equal(core_call_start(sim.peer[PHONE].core, sim.now, &alice_id, SOTTO_AUDIO, &call), SOTTO_ERR_TRUST);
  sim_ring(&sim, ALICE, BOB);
  assert_int_equal(sim.peer[PHONE].incoming, 0);
  sim_accept(&sim, BOB);
  device_id_format(sim.peer[BOB].trust->identity.device.id, id);
  assert_int_equal(core_device_revoke(sim.peer[BOB].core, sim.now, id), SOTTO_ERR_INVALID);
  sim_deinit(&sim);
}

static void a_device_that_was_off_hears_of_the_others_when_it_is_back(void **state) {
  (void)state;
  struct sim sim;
  set_up(&sim, 5);
  enroll(&sim, BOB, PHONE);
  sim_add(&sim, "spare");
  sim_run(&sim, SEC(3));
  sim_restart(&sim, PHONE); /* and it misses two rosters; the server forgets what it was left */
  struct trust *phone = sim.peer[PHONE].trust;
  sim.peer[BOB].links = 0;
  for (int i = 0; i < 2; i++) {
    struct roster next;
    roster_next(&next, &sim.peer[BOB].trust->own, 2000000000);
    assert_true(roster_sign(&next, sim.peer[BOB].trust->identity.ik_secret));
    trust_adopt_roster(sim.peer[BOB].trust, &next);
  }
  sim_run(&sim, SEC(30));
  assert_int_equal(phone->own.seq, 3);
  assert_memory_equal(&phone->links, &sim.peer[BOB].trust->links, sizeof phone->links);
  assert_int_equal(sim.peer[PHONE].alarms[SOTTO_ALARM_SELF_ROSTER_ROLLBACK], 0);
  sim_deinit(&sim);
}

static void who_has_met_somebody_or_is_no_primary_is_not_linked(void **state) {
  (void)state;
  struct sim sim;
  char text[SOTTO_DEVICE_TEXT_SIZE];
  set_up(&sim, 6);
  assert_int_equal(core_device_show(sim.peer[BOB].core, sim.now, text, sizeof text), SOTTO_ERR_STATE);
  assert_int_equal(core_device_show(sim.peer[PHONE].core, sim.now, text, 20), SOTTO_ERR_SPACE);
  enroll(&sim, BOB, PHONE);
  sim_add(&sim, "spare");
  sim_run(&sim, SEC(3));
  show(&sim, SPARE, text);
  assert_int_equal(core_device_add(sim.peer[PHONE].core, sim.now, text), SOTTO_ERR_STATE);
  assert_int_equal(core_device_add(sim.peer[BOB].core, sim.now, "SOTTO:D/QQQQ"), SOTTO_ERR_INVALID);
  assert_int_equal(core_device_show(sim.peer[SPARE].core, sim.now, text, sizeof text), SOTTO_ERR_STATE); /* twice */
  sim_run(&sim, SEC(601));
  assert_int_equal(sim.peer[SPARE].link_failures, 1); /* the code has expired */
  assert_true(sim.peer[SPARE].trust->identity.root);
  sim_deinit(&sim);
}

struct hold {
  int nth, seen;
};

static bool hold_cell(void *user, int from, int to, uint8_t *message, size_t size) {
  struct hold *hold = user;
  (void)from, (void)message;
  return !((to == PHONE || to == BOB) && size == FRAME_CELL_SIZE && hold->seen++ == hold->nth);
}

/* Whichever cell the server holds back: the device is linked whole, or not at all. */
static void a_link_that_is_cut_leaves_the_new_device_as_it_was(void **state) {
  (void)state;
  for (int nth = 0; nth < 9; nth++) {
    struct sim sim;
    struct hold hold = {.nth = nth};
    char text[SOTTO_DEVICE_TEXT_SIZE];
    set_up(&sim, 7);
    struct trust *phone = sim.peer[PHONE].trust;
    show(&sim, PHONE, text);
    sim.filter = hold_cell;
    sim.user = &hold;
    assert_int_equal(core_device_add(sim.peer[BOB].core, sim.now, text), SOTTO_OK);
    sim_run(&sim, SEC(700));
    if (sim.peer[PHONE].links) {
      assert_false(phone->identity.root);
      assert_int_equal(phone->contacts.count, 1);
    } else {
      assert_true(phone->identity.root);
      assert_int_equal(phone->own.seq, 0);
      assert_int_equal(phone->contacts.count, 0);
      assert_int_equal(sim.peer[PHONE].link_failures, 1);
      assert_int_equal(sim.peer[BOB].link_failures, 1);
    }
    sim_deinit(&sim);
  }
}

static void whoever_has_not_seen_the_code_takes_no_device(void **state) {
  (void)state;
  struct sim sim;
  char text[SOTTO_DEVICE_TEXT_SIZE];
  struct device_code code;
  set_up(&sim, 8);
  show(&sim, PHONE, text);
  assert_int_equal(device_code_parse(text, &code), SOTTO_OK);
  code.nonce[0] ^= 1; /* the keys alone, as a server might know them */
  assert_int_equal(device_code_format(&code, text, sizeof text), SOTTO_OK);
  assert_int_equal(core_device_add(sim.peer[BOB].core, sim.now, text), SOTTO_OK);
  sim_run(&sim, SEC(61));
  assert_int_equal(sim.peer[BOB].link_failures, 1);
  assert_int_equal(sim.peer[BOB].trust->own.seq, 0); /* nothing was signed */
  assert_int_equal(sim.peer[PHONE].links, 0);
  sim_deinit(&sim);
}

UNIT_TESTS(test(a_new_device_gets_the_contacts_and_never_the_root_key), test(both_devices_ring_and_either_may_call),
           test(many_contacts_come_over_one_by_one), test(a_revoked_device_is_hung_up_on_and_knows_it),
           test(a_device_that_was_off_hears_of_the_others_when_it_is_back),
           test(who_has_met_somebody_or_is_no_primary_is_not_linked),
           test(a_link_that_is_cut_leaves_the_new_device_as_it_was),
           test(whoever_has_not_seen_the_code_takes_no_device))
