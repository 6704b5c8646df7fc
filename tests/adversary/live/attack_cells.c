/* attack_cells.c - what a signaling server can do to the cells of two victims who have verified each other. */
#include <string.h>

#include "engine/path/demux.h"
#include "signaling/noise.h"
#include "signaling/wire.h"
#include "trial.h"

static const char *const sound_only[] = {"--no-video", NULL};

/* ---- A01: a bit of the fingerprint in OFFER, changed on its way ---- */

/* Offsets in a cell; each layer is a stream cipher, so a bit flipped here is that bit of the content. */
enum { OFFER_CELL = 1, BODY = CELL_NONCE_SIZE + 26, FINGERPRINT = BODY + 1 + 3 + 16 + 3 };

struct flip {
  int seen;
};

static bool flip_a_bit(void *user, int to, uint8_t *frame) {
  struct flip *flip = user;
  if (to == BOB && flip->seen++ == OFFER_CELL)
    frame[1 + MAILBOX_SIZE + FINGERPRINT] ^= 1;
  return true;
}

static void a01(struct trial *trial) {
  struct flip flip = {0};
  if (!stage_friends(trial->stage))
    return expect(trial, false);
  hostile_set_hooks(trial->stage->hostile, &(struct hostile_hooks){.on_cell = flip_a_bit, .user = &flip});
  expect(trial, stage_call(trial->stage, sound_only));
  if (trial->twin) {
    won(trial, victim_await(trial->stage, BOB, "incoming", NULL, NULL) != NULL);
    saw(trial, "bob rings with the server's fingerprint");
  } else {
    expect(trial, victim_await(trial->stage, BOB, "alarm", "alarm", "auth-fail") != NULL);
    stage_wait(trial->stage, 1000);
    expect(trial, victim_count(trial->stage, BOB, "incoming", NULL, NULL) == 0);
    expect(trial, trial_never_open(trial, ALICE) && trial_never_open(trial, BOB));
    saw(trial, "bob: auth-fail, no ring");
  }
  stage_end_victims(trial->stage);
  hostile_set_hooks(trial->stage->hostile, NULL);
}

/* ---- A22: from the moment that they do DTLS, no message of the sealed channel arrives ---- */

struct hole {
  bool begun;
  int64_t cells, datagrams, sound;
};

static bool keep_cells(void *user, int to, uint8_t *frame) {
  struct hole *hole = user;
  (void)to, (void)frame;
  hole->cells += hole->begun;
  return !hole->begun;
}

static bool keep_messages(void *user, int from, int to, uint8_t *data, size_t size) {
  enum { APPLICATION_DATA = 23 };
  struct hole *hole = user;
  (void)from, (void)to;
  hole->begun |= demux_classify(data, size) == DEMUX_DTLS;
  hole->sound += demux_classify(data, size) == DEMUX_RTP;
  hole->datagrams += data[0] == APPLICATION_DATA;
  return data[0] != APPLICATION_DATA;
}

static void a22(struct trial *trial) {
  struct hole hole = {0};
  if (!stage_friends(trial->stage))
    return expect(trial, false);
  hostile_set_hooks(trial->stage->hostile,
                    &(struct hostile_hooks){.on_cell = keep_cells, .on_packet = keep_messages, .user = &hole});
  expect(trial, stage_call(trial->stage, sound_only));
  if (trial->twin) {
    won(trial, trial_await_open(trial));
    saw(trial, "both open without a BIND");
  } else {
    expect(trial, victim_await(trial->stage, ALICE, "call-state", "state", "ended") != NULL);
    expect(trial, victim_await(trial->stage, BOB, "call-state", "state", "ended") != NULL);
    expect(trial, trial_never_open(trial, ALICE) && trial_never_open(trial, BOB));
    expect(trial, hole.cells + hole.datagrams > 0 && hole.sound == 0);
    saw(trial, "alice: %s, ", victim_last(trial->stage, ALICE, "call-state", "reason"));
    saw(trial, "bob: %s, no sound", victim_last(trial->stage, BOB, "call-state", "reason"));
  }
  stage_end_victims(trial->stage);
  hostile_set_hooks(trial->stage->hostile, NULL);
}

/* ---- A47: no hang-up arrives, by the server or by the relay ---- */

static bool no_cells(void *user, int to, uint8_t *frame) {
  (void)user, (void)to, (void)frame;
  return false;
}

static bool no_packets(void *user, int from, int to, uint8_t *data, size_t size) {
  (void)user, (void)from, (void)to, (void)data, (void)size;
  return false;
}

static void a47(struct trial *trial) {
  if (!stage_friends(trial->stage))
    return expect(trial, false);
  expect(trial, stage_call(trial->stage, sound_only) && trial_await_open(trial));
  stage_wait(trial->stage, 2000);
  hostile_set_hooks(trial->stage->hostile, &(struct hostile_hooks){.on_cell = no_cells, .on_packet = no_packets});
  victim_say(trial->stage, ALICE, "hangup");
  expect(trial, trial_await_end(trial, ALICE, "hangup"));
  expect(trial, strcmp(victim_last(trial->stage, ALICE, "gate", "gate"), "shut") == 0);
  if (trial->twin) {
    stage_wait(trial->stage, 60000);
    won(trial, victim_count(trial->stage, BOB, "call-state", "state", "ended") == 0);
    saw(trial, "a minute later bob still talks");
  } else {
    expect(trial, trial_await_end(trial, BOB, "lost"));
    saw(trial, "alice: shut at once; bob: reconnecting, then lost");
  }
  stage_end_victims(trial->stage);
  hostile_set_hooks(trial->stage->hostile, NULL);
}

const struct live_attack attacks_cells[] = {
    {"A01", "change a bit of the fingerprint in a cell", "NOAEAD", a01, true},
    {"A22", "let nothing of the sealed channel pass from DTLS on", "OPENEARLY", a22, false},
    {"A47", "let no hang-up through", "NOCONSENT", a47, false},
    {0},
};
