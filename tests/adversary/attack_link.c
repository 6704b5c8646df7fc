/* attack_link.c - a new device joins Bob's identity, with the server or somebody who saw the code between (protocol
 * A.5). Greta is the new device; Eve the one who read its code.
 */
#include <string.h>

#include "engine/trust/record.h"
#include "evil.h"

static struct trust *trust_at(struct evil *evil, int peer) {
  return evil->sim.peer[peer].trust;
}

static void scene(struct evil *evil, int device, char code[SOTTO_DEVICE_TEXT_SIZE]) {
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  evil_admit(evil);
  expect(evil, !core_device_show(evil->sim.peer[device].core, evil->sim.now, code, SOTTO_DEVICE_TEXT_SIZE));
  evil_wait(evil, SEC(1));
}

static sotto_status take(struct evil *evil, int owner, const char *code) {
  return core_device_add(evil->sim.peer[owner].core, evil->sim.now, code);
}

static bool belongs_to(struct evil *evil, int device, int owner) {
  return !memcmp(trust_at(evil, device)->identity.ik, trust_at(evil, owner)->identity.ik, KEY_SIZE);
}

/* As it was made: its own identity, and nobody met. */
static bool is_untouched(struct evil *evil, int device) {
  const struct trust *trust = trust_at(evil, device);
  return trust->identity.root && trust->own.seq == 0 && trust->contacts.count == 0 &&
         evil->sim.peer[device].links == 0;
}

/* ---- A55: change bits of what the new device is given ---- */

struct flip {
  int nth, seen; /* cell to the new device */
  size_t at;
  uint8_t bit;
};

static bool flip_cell(struct evil *evil, int from, int to, uint8_t *message, size_t size) {
  struct flip *flip = evil->state;
  (void)from;
  if (to == GRETA && evil_is_cell(size) && flip->seen++ == flip->nth)
    message[1 + MAILBOX_SIZE + flip->at] ^= flip->bit;
  return true;
}

/* Where in its cell the pair secret of Bob's first contact goes over: LINK_1, LINK_3, the roster, and then this. */
static struct flip aim_at_secret(struct evil *evil) {
  const struct contact *alice = trust_at(evil, BOB)->contacts.list[0];
  uint8_t record[RECORD_MAX], payload[MESSAGE_MAX];
  struct message gift = {.type = MESSAGE_LINK_CONTACT, .roster = record};
  gift.roster_size = record_contact(record, alice);
  size_t size = message_encode(&gift, payload, sizeof payload);
  const uint8_t *secret = memmem(payload, size, alice->ps, KEY_SIZE);
  expect(evil, secret != NULL);
  size_t offset = secret ? (size_t)(secret - payload) : 0;
  return (struct flip){.nth = 3, .at = GCM_NONCE_SIZE + CELL_HEADER_SIZE + offset + evil_choose(evil, KEY_SIZE)};
}

static void a55(struct evil *evil) {
  for (int round = 0; round < 2; round++) { /* where it hurts, and anywhere */
    char code[SOTTO_DEVICE_TEXT_SIZE];
    scene(evil, GRETA, code);
    struct flip flip = aim_at_secret(evil);
    if (round)
      flip = (struct flip){.nth = (int)evil_choose(evil, 5), .at = evil_choose(evil, CELL_SIZE)};
    flip.bit = (uint8_t)(1 << evil_choose(evil, 8));
    evil->state = &flip;
    evil->on_message = flip_cell;
    expect(evil, !take(evil, BOB, code));
    evil_wait(evil, SEC(620)); /* past the code's life */
    const struct contacts *given = &trust_at(evil, GRETA)->contacts;
    won(evil, given->count && memcmp(given->list[0]->ps, trust_at(evil, BOB)->contacts.list[0]->ps, KEY_SIZE) != 0,
        "the new device has another pair secret than it was sent");
    expect(evil, flip.seen > flip.nth && is_untouched(evil, GRETA));
    expect(evil, evil_alarms(evil, BOB, SOTTO_ALARM_SELF_ROSTER_FORK) == 0);
    expect(evil, evil_alarms(evil, ALICE, SOTTO_ALARM_ROSTER_CHANGED) <= 1); /* the device had consented by then */
    expect(evil, evil->sim.peer[GRETA].link_failures == 1 && evil->sim.peer[BOB].link_failures == 1);
  }
  evil_saw(evil, "both are told that the link failed");
}

/* ---- A56: repeat every cell, at once and when the link is over; use the code again ---- */

static void serve_again(struct evil *evil, int taped) {
  for (int i = 0; i < taped; i++)
    if (evil->tape[i].from == SIM_SERVER && evil_is_cell(evil->tape[i].size)) {
      evil_serve(evil, evil->tape[i].to, evil->tape[i].bytes, evil->tape[i].size);
      evil_wait(evil, MS(20));
    }
}

static void a56(struct evil *evil) {
  char code[SOTTO_DEVICE_TEXT_SIZE];
  scene(evil, GRETA, code);
  evil->taped = 0;
  expect(evil, !take(evil, BOB, code));
  for (int i = 0; i < 10; i++) { /* everything so far, once more, in the middle of it */
    serve_again(evil, evil->taped);
    evil_wait(evil, MS(30));
  }
  evil_wait(evil, SEC(10));
  expect(evil, evil->sim.peer[GRETA].links == 1 && evil->sim.peer[BOB].links == 1);
  expect(evil, belongs_to(evil, GRETA, BOB) && trust_at(evil, BOB)->own.seq == 1);
  struct roster_head head = trust_at(evil, GRETA)->own.head;
  serve_again(evil, evil->taped);
  expect(evil, take(evil, BOB, code) == SOTTO_ERR_STATE); /* a device that he has */
  expect(evil, !take(evil, EVE, code));                   /* who read the code, too late */
  evil_wait(evil, SEC(61));
  expect(evil, evil->sim.peer[EVE].link_failures == 1 && trust_at(evil, EVE)->own.seq == 0);
  expect(evil, belongs_to(evil, GRETA, BOB) && evil->sim.peer[GRETA].links == 1);
  expect(evil, !memcmp(&trust_at(evil, GRETA)->own.head, &head, sizeof head));
  expect(evil, trust_at(evil, GRETA)->contacts.count == 1);
  expect(evil, evil_alarms(evil, ALICE, SOTTO_ALARM_ROSTER_CHANGED) == 1);
  evil_saw(evil, "one link, once; the code is used up");
}

/* ---- A57: take the device first, by its code ---- */

static void a57(struct evil *evil) {
  char code[SOTTO_DEVICE_TEXT_SIZE];
  scene(evil, GRETA, code);
  expect(evil, !take(evil, EVE, code));
  evil_wait(evil, MS(evil_choose(evil, 2000)));
  expect(evil, !take(evil, BOB, code));
  evil_wait(evil, SEC(70));
  /* The device says whose it is, Bob hears that it is not his, and nothing of his went anywhere. */
  expect(evil, evil->sim.peer[GRETA].links == 1 && belongs_to(evil, GRETA, EVE));
  expect(evil, evil->sim.peer[BOB].link_failures == 1 && evil->sim.peer[BOB].links == 0);
  expect(evil, trust_at(evil, BOB)->own.seq == 0);
  expect(evil, trust_at(evil, GRETA)->contacts.count == 0 && trust_at(evil, EVE)->contacts.count == 0);
  evil_saw(evil, "bob: the link failed; the device names its owner");
}

/* ---- A58: answer in the device's place: the code is known, its secret keys are not ---- */

static void a58(struct evil *evil) {
  char code[SOTTO_DEVICE_TEXT_SIZE];
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  evil_admit(evil);
  struct device *eve = &trust_at(evil, EVE)->identity.device;
  const struct device *phone = &trust_at(evil, GRETA)->identity.device;
  memcpy(eve->dk, phone->dk, KEY_SIZE); /* what Bob has read from the new device's screen */
  memcpy(eve->dx, phone->dx, KEY_SIZE);
  memcpy(eve->id, phone->id, DEVICE_ID_SIZE);
  expect(evil, !core_device_show(evil->sim.peer[EVE].core, evil->sim.now, code, sizeof code));
  evil_wait(evil, SEC(1));
  expect(evil, !take(evil, BOB, code));
  evil_wait(evil, SEC(61));
  won(evil, trust_at(evil, EVE)->contacts.count, "Bob's contacts, and the keys of their mailboxes, are Eve's");
  expect(evil, evil->sim.peer[BOB].link_failures == 1 && trust_at(evil, BOB)->own.seq == 0);
  expect(evil, is_untouched(evil, EVE));
  evil_saw(evil, "bob: the link failed");
}

const struct attack attacks_link[] = {
    {"A55", "change bits of what a new device is given", WEAK_NOAEAD, a55},
    {"A56", "repeat all cells of a device's link, and use its code again", 0, a56},
    {"A57", "take a new device first, by its code", 0, a57},
    {"A58", "answer in a new device's place, by its code", WEAK_NOACCEPT | WEAK_NOSTATIC, a58},
    {0},
};
