/* attack_signaling.c - what a server can do with the cells that it carries: change, forward, replay, hold back. */
#include <string.h>

#include "evil.h"

enum { KNOCK_CELL, OFFER_CELL, CONFIRM_CELL }; /* to the callee, in order */

/* Offsets in a cell; each layer is a stream cipher, so a bit flipped here is that bit of the content. */
enum {
  BODY = CELL_NONCE_SIZE + 26,
  FIELD = 3,                                         /* tag and length */
  OFFER_FINGERPRINT = BODY + 1 + FIELD + 16 + FIELD, /* behind the type and CALL_ID */
  KNOCK_CAPS = BODY + KEY_SIZE + 1 + FIELD + 16 + FIELD + 1 + FIELD,
};

struct meddling {
  int to, nth, seen; /* the nth cell that the server hands to `to` */
  size_t at;
  uint8_t mask;
};

static bool flip(struct evil *evil, int from, int to, uint8_t *message, size_t size) {
  struct meddling *m = evil->state;
  if (from == SIM_SERVER && to == m->to && evil_is_cell(size) && m->seen++ == m->nth)
    message[1 + MAILBOX_SIZE + m->at] ^= m->mask;
  return true;
}

/* A01 */
static void change_a_fingerprint(struct evil *evil) {
  struct meddling m = {
      .to = BOB, .nth = OFFER_CELL, .at = OFFER_FINGERPRINT + evil_choose(evil, HASH_SIZE), .mask = 1};
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  evil->state = &m;
  evil->on_message = flip;
  struct evil_call call = evil_ring(evil, ALICE, BOB, SOTTO_AUDIO);
  expect(evil, m.seen > m.nth);
  expect(evil, call.b == 0);
  won(evil, call.b != 0, "rang with a fingerprint that the server chose");
  evil_wait(evil, SEC(65));
  expect(evil, evil_leg(evil, ALICE, call.a)->state == SOTTO_CALL_ENDED);
  expect(evil, evil_alarms(evil, BOB, SOTTO_ALARM_AUTH_FAIL) == 1);
  expect(evil, evil->sim.media_datagrams == 0);
}

static void change_any_bit(struct evil *evil) {
  struct meddling m = {.to = evil_choose(evil, 2) ? BOB : ALICE, .mask = (uint8_t)(1 << evil_choose(evil, 8))};
  m.nth = m.to == BOB ? (int)evil_choose(evil, 2) : 0;
  m.at = evil_choose(evil, CELL_SIZE);
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  evil->state = &m;
  evil->on_message = flip;
  struct evil_call call = evil_ring(evil, ALICE, BOB, SOTTO_AUDIO);
  expect(evil, m.seen > m.nth && call.b == 0);
  /* a changed nonce, header or body of the cell itself is seen as one that is not for us */
  expect(evil, evil_alarms(evil, m.to, SOTTO_ALARM_AUTH_FAIL) == 1);
}

static void a01(struct evil *evil) {
  change_a_fingerprint(evil);
  change_any_bit(evil);
}

/* A16: Alice calls Eve. Eve, who knows both, forwards her knock to Bob as her own and his answers back. */
static void repost(struct evil *evil, int as, int from, int to, const uint8_t *frame) {
  struct sim_peer *eve = &evil->sim.peer[EVE];
  const struct identity *us = &eve->trust->identity;
  const struct contact *source = evil_contact(evil, EVE, from), *target = evil_contact(evil, EVE, to);
  uint32_t epoch = mailbox_epoch((evil->sim.now + evil->sim.wall) / SEC(1));
  struct mailbox in, out;
  struct cell cell;
  mailbox_derive(&in, source->ps, source->id, us->ik, us->device.id, epoch);
  if (!cell_open(&cell, in.key, frame + 1 + MAILBOX_SIZE))
    return;
  mailbox_derive(&out, target->ps, us->ik, target->id, target->roster.device[0].id, epoch);
  memcpy(cell.header.device, evil->sim.peer[as].trust->identity.device.id, DEVICE_SIZE);
  if (!post_message(eve->core->client, evil->sim.now, &out, &cell.header, cell.body, cell.size))
    expect(evil, false);
}

static bool forward_knocks(struct evil *evil, int from, int to, uint8_t *message, size_t size) {
  if (from != SIM_SERVER || to != EVE || !evil_is_cell(size))
    return true;
  repost(evil, EVE, ALICE, BOB, message);
  repost(evil, EVE, BOB, ALICE, message);
  return false;
}

static void a16(struct evil *evil) {
  evil_scene(evil, SOTTO_POLICY_WARN);
  sim_introduce(&evil->sim, ALICE, EVE, 0);
  sim_introduce(&evil->sim, BOB, EVE, 0);
  evil->on_message = forward_knocks;
  struct evil_call call = evil_ring(evil, ALICE, EVE, SOTTO_AUDIO);
  uint32_t rings = evil->sim.peer[BOB].incoming;
  expect(evil, rings == 0);
  expect(evil, evil_alarms(evil, BOB, SOTTO_ALARM_AUTH_FAIL) == 1);
  won(evil, rings != 0, "Bob's telephone says Eve and Alice is calling");
  evil_wait(evil, SEC(31));
  expect(evil, evil_leg(evil, ALICE, call.a)->reason == SOTTO_END_UNREACHABLE);
}

/* A18 */
static int find_on_tape(const struct evil *evil, int to, int nth) {
  for (int i = 0; i < evil->taped; i++)
    if (evil->tape[i].from == SIM_SERVER && evil->tape[i].to == to && evil_is_cell(evil->tape[i].size) && !nth--)
      return i;
  return -1;
}

static void replay(struct evil *evil, int index) {
  if (index >= 0)
    evil_serve(evil, evil->tape[index].to, evil->tape[index].bytes, evil->tape[index].size);
}

static void a18(struct evil *evil) {
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  evil->taped = 0;
  struct evil_call call = evil_ring(evil, ALICE, BOB, SOTTO_AUDIO);
  expect(evil, call.b != 0);
  int knock = find_on_tape(evil, BOB, KNOCK_CELL);
  expect(evil, knock >= 0);
  core_call_hangup(evil->sim.peer[ALICE].core, evil->sim.now, call.a);
  evil_wait(evil, SEC(2));
  evil->sim.peer[BOB].incoming = 0;
  replay(evil, knock); /* at once: the cell has been seen */
  evil_wait(evil, SEC(2));
  expect(evil, evil->sim.peer[BOB].incoming == 0);
  evil_restart(evil, BOB); /* what was seen is forgotten */
  replay(evil, knock);
  evil_wait(evil, SEC(2));
  expect(evil, evil->sim.peer[BOB].incoming == 0);
  won(evil, evil->sim.peer[BOB].incoming != 0, "a recorded knock rings");
  evil->sim.peer[BOB].incoming = 0;
  evil_wait(evil, SEC(24 * 3600 + (int64_t)evil_choose(evil, 3600)));
  evil_restart(evil, BOB);
  replay(evil, knock); /* the next day: for a mailbox of yesterday */
  evil_wait(evil, SEC(31));
  expect(evil, evil->sim.peer[BOB].incoming == 0);
  for (int alarm = 0; alarm < 32; alarm++) /* the server itself gives the last minute again: that is no attack */
    expect(evil, evil->sim.peer[BOB].alarms[alarm] == 0 && evil->sim.peer[ALICE].alarms[alarm] == 0);
}

/* A19: everything of an earlier call and of this one again, once the cache of nonces has been flushed. */
static void flush_nonces(struct evil *evil, int index) {
  struct evil_record garbage = evil->tape[index];
  for (int i = 0; i < 1100; i++) {
    uint64_t nonce[2] = {random_next(&evil->random), random_next(&evil->random)};
    memcpy(garbage.bytes + 1 + MAILBOX_SIZE, nonce, CELL_NONCE_SIZE);
    evil_serve(evil, BOB, garbage.bytes, garbage.size);
  }
}

static void a19(struct evil *evil) {
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  evil->sim.options.no_media = true;
  evil->taped = 0;
  struct evil_call call = evil_talk(evil, ALICE, BOB, SOTTO_AUDIO);
  core_call_hangup(evil->sim.peer[ALICE].core, evil->sim.now, call.a);
  evil_wait(evil, SEC(2));
  int earlier_call = evil->taped;
  call = evil_talk(evil, ALICE, BOB, SOTTO_AUDIO);
  struct call *bob = evil_inside(evil, BOB, call.b);
  expect(evil, evil_is_open(evil, BOB, call.b));
  if (!bob)
    return;
  int end = evil->taped;
  uint32_t expected = bob->leg[0]->channel.expected;
  flush_nonces(evil, find_on_tape(evil, BOB, 0));
  for (int i = 0; i < end; i++)
    if (evil->tape[i].from == SIM_SERVER && evil->tape[i].to == BOB && evil_is_cell(evil->tape[i].size)) {
      replay(evil, i);
      won(evil, i >= earlier_call && bob->leg[0]->channel.expected < expected, "a message counted a second time");
    }
  evil_wait(evil, SEC(12));
  expect(evil, evil_is_open(evil, BOB, call.b) && evil_is_open(evil, ALICE, call.a));
  expect(evil, bob->leg[0]->channel.expected == expected && bob->leg[0]->channel.repeated > 0);
  expect(evil, evil_alarms(evil, BOB, SOTTO_ALARM_SIGNALING_GAP) == 0);
  expect(evil, evil_alarms(evil, BOB, SOTTO_ALARM_AUTH_FAIL) >= 1); /* the garbage, told every 10 s at most */
  expect(evil, evil_alarms(evil, BOB, SOTTO_ALARM_REPLAY) >= 1);
}

/* A20: Eve answers, and then answers again with another fingerprint. */
static void a20(struct evil *evil) {
  uint8_t pinned[HASH_SIZE];
  evil_scene(evil, SOTTO_POLICY_WARN);
  sim_introduce(&evil->sim, ALICE, EVE, 0);
  evil->guest[EVE][ALICE] = true;
  struct evil_call call = evil_talk(evil, ALICE, EVE, SOTTO_AUDIO);
  struct call *alice = evil_inside(evil, ALICE, call.a), *eve = evil_inside(evil, EVE, call.b);
  expect(evil, evil_is_open(evil, ALICE, call.a));
  if (!alice || !eve)
    return;
  memcpy(pinned, alice->theirs.fingerprint, sizeof pinned);
  struct message answer = {.type = MESSAGE_ANSWER,
                           .setup = SETUP_ACTIVE,
                           .profiles = eve->ours.profiles,
                           .media = SOTTO_AUDIO,
                           .audio_ssrc = eve->ours.audio_ssrc,
                           .video_ssrc = eve->ours.video_ssrc};
  memcpy(answer.call_id, eve->call_id, sizeof answer.call_id);
  memcpy(answer.offer_hash, eve->leg[0]->offer_hash, sizeof answer.offer_hash);
  memcpy(answer.fingerprint, pinned, sizeof answer.fingerprint);
  memcpy(answer.ufrag, eve->local.ufrag, sizeof answer.ufrag);
  memcpy(answer.pwd, eve->local.pwd, sizeof answer.pwd);
  memcpy(answer.profile_list, eve->ours.profile, sizeof answer.profile_list);
  memcpy(answer.cname, eve->ours.cname, sizeof answer.cname);
  memcpy(answer.handshake, eve->leg[0]->channel.h, sizeof answer.handshake);
  evil_say(evil, EVE, call.b, &answer); /* the same once more is nothing */
  expect(evil, evil_is_open(evil, ALICE, call.a));
  memset(answer.fingerprint, 0xee, sizeof answer.fingerprint);
  evil_say(evil, EVE, call.b, &answer);
  bool same = memcmp(pinned, alice->theirs.fingerprint, sizeof pinned) == 0;
  expect(evil, same && evil_alarms(evil, ALICE, SOTTO_ALARM_FP_CHANGED) == 1);
  expect(evil, evil_leg(evil, ALICE, call.a)->reason == SOTTO_END_SECURITY);
  won(evil, !same, "the second answer replaced the first");
}

/* A21: Bob's answer is held back until Alice has hung up. */
struct held {
  bool holding, dropping;
  int count;
  struct evil_record record[16];
};

static bool hold(struct evil *evil, int from, int to, uint8_t *message, size_t size) {
  struct held *held = evil->state;
  if (from != SIM_SERVER || !evil_is_cell(size))
    return true;
  if (to == BOB && held->dropping)
    return false;
  if (to != ALICE || !held->holding || held->count == 16)
    return true;
  struct evil_record *record = &held->record[held->count++];
  record->size = size;
  memcpy(record->bytes, message, size);
  return false;
}

static void a21(struct evil *evil) {
  struct held held = {0};
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  evil->state = &held;
  evil->on_message = hold;
  struct evil_call call = evil_ring(evil, ALICE, BOB, SOTTO_AUDIO);
  held.holding = held.dropping = true;
  core_call_accept(evil->sim.peer[BOB].core, evil->sim.now, call.b, SOTTO_AUDIO);
  evil_wait(evil, SEC(1));
  core_call_hangup(evil->sim.peer[ALICE].core, evil->sim.now, call.a);
  evil_wait(evil, MS(10 + evil_choose(evil, 2000)));
  held.holding = held.dropping = false;
  expect(evil, held.count > 0);
  for (int i = 0; i < held.count; i++)
    evil_serve(evil, ALICE, held.record[i].bytes, held.record[i].size);
  evil_wait(evil, SEC(25));
  won(evil, evil_is_open(evil, ALICE, call.a), "Alice hung up, and her microphone is on");
  expect(evil, evil_leg(evil, ALICE, call.a)->reason == SOTTO_END_CANCELED);
  expect(evil, evil_leg(evil, BOB, call.b)->state == SOTTO_CALL_ENDED);
  expect(evil, evil->sim.media_datagrams == 0);
}

/* A22: each cell in turn never arrives, and DTLS carries none in its stead; at last, none from BIND on. */
struct hole {
  int to, first, last, seen;
};

static bool drop(struct evil *evil, int from, int to, uint8_t *message, size_t size) {
  struct hole *hole = evil->state;
  (void)message;
  if (from != SIM_SERVER || to != hole->to || !evil_is_cell(size))
    return true;
  int nth = hole->seen++;
  return nth < hole->first || nth > hole->last;
}

static bool drop_dtls_data(struct evil *evil, int from, int to, uint8_t *data, size_t *size) {
  (void)evil, (void)from, (void)to, (void)size;
  return data[0] != 23;
}

static void with_hole(struct evil *evil, struct hole hole, bool bind_lost) {
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  evil->sim.options.no_media = true;
  evil->state = &hole;
  evil->on_message = drop;
  evil->on_datagram = drop_dtls_data;
  struct evil_call call = evil_talk(evil, ALICE, BOB, SOTTO_AUDIO);
  won(evil, bind_lost && evil_leg(evil, ALICE, call.a)->gate != SOTTO_GATE_SHUT, "open without the peer's BIND");
  evil_wait(evil, SEC(95));
  bool open = evil_is_open(evil, ALICE, call.a);
  expect(evil, open == evil_is_open(evil, BOB, call.b));
  expect(evil, !bind_lost || (!open && !evil_stats(evil, ALICE, call.a).setup_open_us));
  expect(evil,
         evil_alarms(evil, 1 - hole.to, SOTTO_ALARM_SIGNALING_GAP) == 0); /* only where something is missing */
  expect(evil, evil_alarms(evil, hole.to, SOTTO_ALARM_SIGNALING_GAP) <= 2);
}

static void a22(struct evil *evil) {
  enum { CELLS = 4, BIND_TO_ALICE = 4 /* HELLO RINGING ANSWER CAND BIND */ };
  for (int to = 0; to < 2; to++) {
    int nth = (int)evil_choose(evil, CELLS);
    with_hole(evil, (struct hole){.to = to, .first = nth, .last = nth}, false);
  }
  with_hole(evil, (struct hole){.to = ALICE, .first = BIND_TO_ALICE, .last = 1000}, true);
}

/* A23: every cell three times, and every one may overtake another. */
static bool thrice(struct evil *evil, int from, int to, uint8_t *message, size_t size) {
  if (from == SIM_SERVER && evil_is_cell(size) && evil->sim.peer[to].connected)
    for (int i = 0; i < 2; i++)
      core_signaling_input(evil->sim.peer[to].core, evil->sim.now, message, size);
  return true;
}

static void a23(struct evil *evil) {
  evil_scene_of_friends(evil, SOTTO_POLICY_SAS_FIRST);
  evil->sim.signaling.jitter = MS(29);
  evil->on_message = thrice;
  struct evil_call call = evil_talk(evil, ALICE, BOB, SOTTO_AUDIO);
  evil_wait(evil, SEC(2));
  struct sim_leg *alice = evil_leg(evil, ALICE, call.a), *bob = evil_leg(evil, BOB, call.b);
  expect(evil, alice->have_sas && bob->have_sas);
  expect(evil, !strcmp(alice->sas.words, bob->sas.words));
  core_call_confirm(evil->sim.peer[ALICE].core, evil->sim.now, call.a, true);
  core_call_confirm(evil->sim.peer[BOB].core, evil->sim.now, call.b, true);
  evil_wait(evil, SEC(1));
  expect(evil, evil_is_open(evil, ALICE, call.a) && evil_is_open(evil, BOB, call.b));
  evil_saw(evil, "one call, equal words");
}

/* A24: a capability is switched in KNOCK; a HELLO of an earlier call is played to Alice. Not the lowest byte of
 * them: with BROWSER the OFFER's roles would contradict it, twin or not. */
static void a24(struct evil *evil) {
  struct meddling m = {.to = BOB, .nth = KNOCK_CELL, .at = KNOCK_CAPS + evil_choose(evil, 3), .mask = 1};
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  evil->taped = 0;
  struct evil_call call = evil_talk(evil, ALICE, BOB, SOTTO_AUDIO);
  int hello = find_on_tape(evil, ALICE, 0);
  core_call_hangup(evil->sim.peer[ALICE].core, evil->sim.now, call.a);
  evil_wait(evil, SEC(2));
  evil_restart(evil, ALICE);
  evil->state = &m;
  evil->on_message = flip;
  call = evil_ring(evil, ALICE, BOB, SOTTO_AUDIO);
  replay(evil, hello);
  evil_wait(evil, SEC(1));
  won(evil, call.b != 0, "rang with another capability than was sent");
  expect(evil, m.seen > 0 && call.b == 0);
  expect(evil, evil_alarms(evil, BOB, SOTTO_ALARM_AUTH_FAIL) == 1);
  evil_wait(evil, SEC(31));
  expect(evil, evil_leg(evil, ALICE, call.a)->reason == SOTTO_END_UNREACHABLE);
}

/* A33: reading with what the server sees of a mailbox; garbage into one. */
static int stolen;

static bool count_thefts(struct evil *evil, int from, int to, uint8_t *message, size_t size) {
  (void)evil, (void)message;
  stolen += from == SIM_SERVER && to == GRETA && evil_is_cell(size);
  return true;
}

static void send_as_greta(struct evil *evil, const uint8_t *frame, size_t size) {
  server_input(evil->sim.server, evil->sim.now, evil->sim.peer[GRETA].connection, frame, size);
  sim_run(&evil->sim, MS(50));
}

static void a33(struct evil *evil) {
  enum { GARBAGE = 400 };
  uint8_t frame[FRAME_PUT_SIZE] = {FRAME_SUBSCRIBE, 1};
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  evil_admit(evil);
  evil->taped = 0;
  struct evil_call call = evil_ring(evil, ALICE, BOB, SOTTO_AUDIO);
  core_call_hangup(evil->sim.peer[ALICE].core, evil->sim.now, call.a);
  evil_wait(evil, SEC(1));
  const uint8_t *mailbox = evil->tape[find_on_tape(evil, BOB, 0)].bytes + 1;
  stolen = 0;
  evil->on_message = count_thefts;
  memcpy(frame + 2, mailbox, MAILBOX_SIZE); /* the mailbox itself for a token, and guesses */
  for (int i = 0; i < 8; i++) {
    send_as_greta(evil, frame, 2 + READ_TOKEN_SIZE);
    frame[2 + evil_choose(evil, READ_TOKEN_SIZE)] ^= (uint8_t)(1 + evil_choose(evil, 255));
  }
  expect(evil, stolen == 0);
  frame[0] = FRAME_PUT;
  memcpy(frame + 1, mailbox, MAILBOX_SIZE);
  frame[1 + MAILBOX_SIZE] = 0;
  frame[1 + MAILBOX_SIZE + 1] = 60; /* seconds */
  for (int i = 0; i < GARBAGE; i++) {
    for (size_t at = 0; at < CELL_NONCE_SIZE; at++)
      frame[1 + MAILBOX_SIZE + 2 + at] = (uint8_t)evil_choose(evil, 256);
    send_as_greta(evil, frame, FRAME_PUT_SIZE);
  }
  int alarms = evil_alarms(evil, BOB, SOTTO_ALARM_AUTH_FAIL);
  expect(evil, alarms >= 1 && alarms <= 1 + GARBAGE * 50 / 10000 + 1); /* one in ten seconds */
  evil_wait(evil, SEC(61)); /* a full mailbox is a loss, until what is in it expires */
  call = evil_talk(evil, ALICE, BOB, SOTTO_AUDIO);
  expect(evil, evil_is_open(evil, BOB, call.b));
}

/* A52: one clock is two days off. */
static void a52(struct evil *evil) {
  int64_t days = evil_choose(evil, 2) ? 2 : -2;
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  core_set_wall_offset(evil->sim.peer[BOB].core, evil->sim.wall + SEC(days * 86400));
  evil_wait(evil, SEC(1));
  struct evil_call call = evil_ring(evil, ALICE, BOB, SOTTO_AUDIO);
  evil_wait(evil, SEC(31));
  expect(evil, call.b == 0 && evil_leg(evil, ALICE, call.a)->reason == SOTTO_END_UNREACHABLE);
  core_set_wall_offset(evil->sim.peer[BOB].core, evil->sim.wall + SEC((int64_t)evil_choose(evil, 3600)));
  evil_wait(evil, SEC(1));
  call = evil_talk(evil, ALICE, BOB, SOTTO_AUDIO);
  expect(evil, evil_is_open(evil, ALICE, call.a) && evil_is_open(evil, BOB, call.b));
}

/* A54: everybody calls everybody, at about the same time. */
enum { FOUR = 4 };

static int open_between(struct evil *evil, int from, int to, const struct sim_leg **leg) {
  int count = 0;
  for (int i = 0; i < SIM_LEGS; i++) {
    struct sim_leg *l = &evil->sim.peer[from].leg[i];
    if (l->used && !l->gone && l->state == SOTTO_CALL_OPEN && l->other_peer == to)
      count++, *leg = l;
  }
  return count;
}

static void answer_everything(struct evil *evil) {
  for (int p = 0; p < FOUR; p++)
    for (int i = 0; i < SIM_LEGS; i++) {
      const struct sim_leg *leg = &evil->sim.peer[p].leg[i];
      if (leg->used && leg->state == SOTTO_CALL_RINGING)
        core_call_accept(evil->sim.peer[p].core, evil->sim.now, leg->call, SOTTO_AUDIO);
    }
}

static void a54(struct evil *evil) {
  evil_scene(evil, SOTTO_POLICY_WARN);
  evil->sim.options.no_media = true;
  for (int a = 0; a < FOUR; a++)
    for (int b = a + 1; b < FOUR; b++)
      sim_introduce(&evil->sim, a, b, 0);
  for (int i = 0; i < 6; i++) { /* both ways between three pairs, at most two calls of each from each side */
    int a = (int)evil_choose(evil, FOUR), b = (a + 1 + (int)evil_choose(evil, FOUR - 1)) % FOUR;
    sotto_id id;
    uint32_t call;
    sim_id(&evil->sim, b, &id);
    core_call_start(evil->sim.peer[a].core, evil->sim.now, &id, SOTTO_AUDIO, &call);
    evil_wait(evil, MS(evil_choose(evil, 300)));
    answer_everything(evil);
  }
  for (int i = 0; i < 30; i++) {
    answer_everything(evil);
    evil_wait(evil, MS(200));
  }
  for (int a = 0; a < FOUR; a++)
    for (int b = a + 1; b < FOUR; b++) {
      const struct sim_leg *x = NULL, *y = NULL;
      int there = open_between(evil, a, b, &x), back = open_between(evil, b, a, &y);
      expect(evil, there == back);
      evil_saw(evil, "the same calls and words at both ends");
      expect(evil, there != 1 || (x->have_sas && y->have_sas && !strcmp(x->sas.words, y->sas.words)));
    }
}

const struct attack attacks_signaling[] = {
    {"A01", "change bits of a cell: a fingerprint, or anything", WEAK_NOAEAD, a01},
    {"A16", "forward a knock to somebody else as one's own", WEAK_NOPROLOGUE | WEAK_NOGOSSIP, a16},
    {"A18", "replay a recorded knock: at once, after a restart, the next day", WEAK_RINGM1, a18},
    {"A19", "replay all messages of this call and of another", WEAK_NOSEQN, a19},
    {"A20", "answer twice, with another fingerprint", WEAK_MULTIANS, a20},
    {"A21", "hold the answer back until the caller has hung up", WEAK_LATE, a21},
    {"A22", "drop each message in turn, or all from BIND on", WEAK_OPENEARLY, a22},
    {"A23", "reorder all cells and deliver each three times", 0, a23},
    {"A24", "switch a capability, replay an old HELLO", WEAK_NOAEAD | WEAK_NOECHO, a24},
    {"A33", "read a mailbox without its token; fill it with garbage", 0, a33},
    {"A52", "set one end's clock two days off", 0, a52},
    {"A54", "calls criss-cross at about the same time", 0, a54},
    {0},
};
