/* attack_relay.c - what a relay can do to the packets of two victims who have verified each other. */
#include <string.h>

#include "engine/path/demux.h"
#include "hello.h"
#include "trial.h"

static const char *const sound_only[] = {"--no-video", NULL};

/* ---- A02: DTLS ends on both legs at the relay ---- */

static void a02(struct trial *trial) {
  struct middle middle;
  if (!stage_friends(trial->stage) || !middle_init(&middle, trial->stage->hostile, MIDDLE_ENDS_DTLS))
    return expect(trial, false);
  expect(trial, stage_call(trial->stage, sound_only));
  if (trial->twin && trial_await_open(trial)) {
    stage_wait(trial->stage, TALK_MS);
    trial_hang_up(trial);
  }
  for (int v = 0; v < VICTIMS && !trial->twin; v++) {
    expect(trial, trial_await_end(trial, v, "security"));
    expect(trial, victim_ends(trial->stage, v) == EXIT_SECURITY);
    expect(trial, victim_count(trial->stage, v, "alarm", "alarm", "fp-mismatch") == 1);
    expect(trial, trial_never_open(trial, v));
    expect(trial, middle.sound[v] == 0 && middle.opened[v] == 0 && !middle_shares_keys(&middle, v));
  }
  if (!trial->twin)
    saw(trial, "both: fp-mismatch, call ended, no sound on the wire");
  won(trial, trial_hears(trial, &middle.ear[ALICE], ALICE) && trial_hears(trial, &middle.ear[BOB], BOB));
  middle_deinit(&middle);
}

/* ---- A03: Alice's packets go to the adversary's own end ---- */

static void a03(struct trial *trial) {
  struct middle middle;
  if (!stage_friends(trial->stage) || !middle_init(&middle, trial->stage->hostile, MIDDLE_REDIRECTS))
    return expect(trial, false);
  expect(trial, stage_call(trial->stage, sound_only));
  if (trial->twin) {
    victim_await(trial->stage, ALICE, "call-state", "state", "binding");
    stage_wait(trial->stage, 500);
    hostile_lock(trial->stage->hostile);
    won(trial, middle_shares_keys(&middle, ALICE));
    hostile_unlock(trial->stage->hostile);
    saw(trial, "alice shares DTLS keys with a stranger");
  } else {
    expect(trial, trial_await_end(trial, ALICE, "security"));
    expect(trial, victim_count(trial->stage, ALICE, "alarm", "alarm", "fp-mismatch") == 1);
    expect(trial, victim_await(trial->stage, BOB, "call-state", "state", "ended") != NULL);
    expect(trial, trial_never_open(trial, ALICE) && trial_never_open(trial, BOB));
    hostile_lock(trial->stage->hostile);
    expect(trial, middle.sound[ALICE] == 0 && middle.opened[ALICE] == 0 && !middle_shares_keys(&middle, ALICE));
    hostile_unlock(trial->stage->hostile);
    saw(trial, "alice: fp-mismatch, call ended; no sound on the wire");
  }
  stage_end_victims(trial->stage);
  middle_deinit(&middle);
}

/* ---- A27: ClientHellos in mid-call ---- */

struct hellos {
  struct hostile *hostile;
  int victim, left, ticks;
};

static void say_hello(void *user) {
  struct hellos *hellos = user;
  uint8_t hello[DTLS_DATAGRAM_MAX];
  if (hellos->left == 0 || ++hellos->ticks % 7)
    return;
  hellos->left--;
  size_t size = client_hello(hello);
  hostile_send_packet(hellos->hostile, hellos->victim, hello, size);
}

static void a27(struct trial *trial) {
  enum { HELLOS = 20 };
  if (!stage_friends(trial->stage))
    return expect(trial, false);
  struct hellos hellos = {.hostile = trial->stage->hostile, .victim = ALICE, .left = HELLOS};
  expect(trial, stage_call(trial->stage, sound_only) && trial_await_open(trial));
  stage_wait(trial->stage, 1000);
  hostile_set_hooks(hellos.hostile, &(struct hostile_hooks){.on_tick = say_hello, .user = &hellos});
  stage_wait(trial->stage, TALK_MS);
  hostile_set_hooks(hellos.hostile, NULL);
  won(trial, victim_count(trial->stage, ALICE, "call-state", "state", "ended") > 0);
  if (!trial->twin) {
    victim_say(trial->stage, ALICE, "stats");
    expect(trial, victim_await(trial->stage, ALICE, "stats", NULL, NULL) != NULL);
    expect(trial, hellos.left == 0 && victim_stat(trial->stage, ALICE, "dropped", "dtlsBlocked") >= HELLOS);
    expect(trial, victim_count(trial->stage, ALICE, "alarm", "alarm", "dtls-rehandshake") == 1);
    trial_hang_up(trial);
    expect(trial, trial_is_heard(trial, ALICE) && trial_is_heard(trial, BOB));
    saw(trial, "; %d blocked, one alarm", HELLOS);
  } else {
    saw(trial, "a forged packet ended the call");
  }
  stage_end_victims(trial->stage);
}

/* ---- A30: DTLS before the answer is authenticated ---- */

static void a30(struct trial *trial) {
  if (!stage_friends(trial->stage))
    return expect(trial, false);
  struct hellos hellos = {.hostile = trial->stage->hostile, .victim = ALICE, .left = 100};
  hostile_set_hooks(hellos.hostile, &(struct hostile_hooks){.on_tick = say_hello, .user = &hellos});
  expect(trial, victim_start(trial->stage, BOB, WORDS("--no-video", "answer", "--once")) &&
                    victim_await(trial->stage, BOB, "online", NULL, NULL));
  expect(trial, victim_start(trial->stage, ALICE, WORDS("--no-video", "call", "bob")));
  expect(trial, victim_await(trial->stage, BOB, "incoming", NULL, NULL) != NULL);
  stage_wait(trial->stage, 2000); /* it rings, and the ClientHellos come */
  hostile_set_hooks(hellos.hostile, NULL);
  expect(trial, victim_say(trial->stage, BOB, "accept") && trial_await_open(trial));
  stage_wait(trial->stage, 3000);
  trial_hang_up(trial);
  expect(trial, trial_is_heard(trial, ALICE) && trial_is_heard(trial, BOB));
}

/* ---- A39, A40: packets again, spliced, and back to where they came from ---- */

struct mirror {
  struct hostile *hostile;
  int64_t repeated, spliced, reflected;
  uint8_t before[VICTIMS][2048]; /* the packet before, of each direction */
  size_t before_size[VICTIMS];
  struct ear sealed[VICTIMS]; /* what went by, played as sound */
};

static bool is_sound(const uint8_t *data, size_t size) {
  return size > 40 && demux_classify(data, size) == DEMUX_RTP;
}

static bool reflect(void *user, int from, int to, uint8_t *data, size_t size) {
  struct mirror *mirror = user;
  (void)to;
  if (is_sound(data, size)) {
    ear_hear_sealed(&mirror->sealed[from], clock_now(), data, size);
    hostile_send_packet(mirror->hostile, from, data, size);
    mirror->reflected++;
  }
  return true;
}

/* First this packet's head on the body of the one before, then the packet, then the packet again. */
static bool repeat_and_splice(void *user, int from, int to, uint8_t *data, size_t size) {
  enum { HEAD = 12 };
  struct mirror *mirror = user;
  uint8_t *before = mirror->before[from];
  if (!is_sound(data, size) || size > sizeof mirror->before[from])
    return true;
  if (mirror->before_size[from] > HEAD) {
    memcpy(before, data, HEAD);
    hostile_send_packet(mirror->hostile, to, before, mirror->before_size[from]);
    mirror->spliced++;
  }
  ear_hear_sealed(&mirror->sealed[from], clock_now(), data, size);
  memcpy(before, data, size);
  mirror->before_size[from] = size;
  hostile_send_packet(mirror->hostile, to, data, size); /* the second of them is the repeated one */
  mirror->repeated++;
  return true;
}

static struct mirror talk_before_a_mirror(struct trial *trial, bool reflects) {
  struct mirror mirror = {.hostile = trial->stage->hostile};
  expect(trial, ear_init(&mirror.sealed[ALICE]) && ear_init(&mirror.sealed[BOB]));
  expect(trial, stage_call(trial->stage, sound_only) && trial_await_open(trial));
  hostile_set_hooks(mirror.hostile,
                    &(struct hostile_hooks){.on_packet = reflects ? reflect : repeat_and_splice, .user = &mirror});
  stage_wait(trial->stage, TALK_MS);
  hostile_set_hooks(mirror.hostile, NULL);
  stage_wait(trial->stage, 500);
  for (int v = 0; v < VICTIMS; v++) {
    victim_say(trial->stage, v, "stats");
    expect(trial, victim_await(trial->stage, v, "stats", NULL, NULL) != NULL);
  }
  trial_hang_up(trial);
  for (int v = 0; v < VICTIMS; v++) {
    expect(trial, mirror.sealed[v].blocks > 0 && !trial_hears(trial, &mirror.sealed[v], v));
    ear_deinit(&mirror.sealed[v]);
  }
  return mirror;
}

static void a39(struct trial *trial) {
  if (!stage_friends(trial->stage))
    return expect(trial, false);
  struct mirror mirror = talk_before_a_mirror(trial, false);
  double again = 0, forged = 0, counted = 0;
  for (int v = 0; v < VICTIMS; v++) {
    again += victim_stat(trial->stage, v, "dropped", "packetsReplayed");
    forged += victim_stat(trial->stage, v, "dropped", "packetsAuthFailed");
    counted += victim_stat(trial->stage, v, "inboundAudio", "packetsReceived");
  }
  won(trial, again == 0 && counted > 0); /* repeated packets were taken */
  expect(trial, mirror.repeated > 100);
  expect(trial, again >= (double)mirror.repeated && forged >= (double)mirror.spliced);
  expect(trial, trial_is_heard(trial, ALICE) && trial_is_heard(trial, BOB));
  saw(trial, "; %.0f repeated and %.0f forged packets dropped", again, forged);
}

static void a40(struct trial *trial) {
  if (!stage_friends(trial->stage))
    return expect(trial, false);
  struct mirror mirror = talk_before_a_mirror(trial, true);
  double forged = victim_stat(trial->stage, ALICE, "dropped", "packetsAuthFailed") +
                  victim_stat(trial->stage, BOB, "dropped", "packetsAuthFailed");
  expect(trial, mirror.reflected > 100 && forged >= (double)mirror.reflected);
  expect(trial, trial_is_heard(trial, ALICE) && trial_is_heard(trial, BOB));
  saw(trial, "; %.0f reflected packets dropped", forged);
}

const struct live_attack attacks_relay[] = {
    {"A02", "end DTLS on both legs at the relay", "NOPIN,NOBIND", a02, true},
    {"A03", "redirect the caller's packets to one's own end", "NOPIN", a03, false},
    {"A27", "send ClientHellos in mid-call", "REDTLS", a27, false},
    {"A30", "begin DTLS before the answer", NULL, a30, false},
    {"A39", "repeat and splice SRTP at the relay", "NOREPLAY", a39, true},
    {"A40", "reflect SRTP at the relay", NULL, a40, false},
    {0},
};
