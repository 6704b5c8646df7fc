/* attack_metadata.c - what sizes tell, and what malformed input does. */
#include <math.h>
#include <string.h>

#include "evil.h"

/* ---- A53: which of twenty phrases was that? From packet lengths alone. ---- */

enum { PHRASES = 20, FRAMES = 25, LEARNED = 2, FRAME_SAMPLES = 960, SEGMENT = 5 /* frames of one sound */ };

/* Sounds follow each other as the phrase's number says; how loud and how noisy differs from time to time. */
static void speak(struct evil *evil, int phrase, int frame, int16_t *pcm) {
  struct random sounds = {(uint64_t)phrase * 7919 + (uint64_t)(frame / SEGMENT)};
  uint64_t sound = random_next(&sounds) % 4, pitch = 80 + random_next(&sounds) % 1200;
  double loud = 0.8 + (double)evil_choose(evil, 400) / 1000;
  for (int i = 0; i < FRAME_SAMPLES; i++) {
    double t = (double)(frame * FRAME_SAMPLES + i) / AUDIO_RATE, noise = (double)evil_choose(evil, 2000) - 1000;
    double wave = sin(2 * M_PI * (double)pitch * t);
    double sample = sound == 0   ? noise / 50
                    : sound == 1 ? 8 * noise
                    : sound == 2 ? 9000 * wave
                                 : 5000 * wave + 3 * noise;
    pcm[i] = (int16_t)(loud * sample);
  }
}

static void lengths_of(struct evil *evil, int phrase, int lengths[FRAMES]) {
  int16_t pcm[FRAME_SAMPLES];
  uint8_t payload[AUDIO_PAYLOAD_MAX];
  void *encoder = audio_codec_opus.encoder_new(
      &(struct audio_encoder_config){.frame_samples = FRAME_SAMPLES, .bitrate = 32000});
  for (int f = 0; f < FRAMES; f++) {
    speak(evil, phrase, f, pcm);
    lengths[f] = audio_codec_opus.encode(encoder, pcm, FRAME_SAMPLES, payload, sizeof payload);
  }
  audio_codec_opus.encoder_free(encoder);
}

static int64_t distance(const int a[FRAMES], const int sum[FRAMES]) {
  int64_t total = 0;
  for (int f = 0; f < FRAMES; f++)
    total += (int64_t)(a[f] * LEARNED - sum[f]) * (a[f] * LEARNED - sum[f]);
  return total;
}

static void a53(struct evil *evil) {
  static int learned[PHRASES][FRAMES];
  int lengths[FRAMES], right = 0, first = 0;
  bool constant = true;
  memset(learned, 0, sizeof learned);
  for (int p = 0; p < PHRASES; p++)
    for (int n = 0; n < LEARNED; n++) {
      lengths_of(evil, p, lengths);
      for (int f = 0; f < FRAMES; f++)
        learned[p][f] += lengths[f];
      first = first ? first : lengths[0];
    }
  for (int p = 0; p < PHRASES; p++) {
    lengths_of(evil, p, lengths);
    int best = 0;
    for (int q = 1; q < PHRASES; q++)
      if (distance(lengths, learned[q]) < distance(lengths, learned[best]))
        best = q;
    right += best == p;
    for (int f = 0; f < FRAMES; f++)
      constant &= lengths[f] == first;
  }
  won(evil, right > PHRASES / 2, "most phrases are known by their packets' lengths");
  expect(evil, constant && right == 1); /* all alike: one in twenty, by luck */
  evil_saw(evil, "packets of one length: %d bytes", first);
}

/* ---- A50: a contact and a server that send rubbish ---- */

static size_t mutate(struct evil *evil, uint8_t *bytes, size_t size, size_t room) {
  for (uint64_t n = 1 + evil_choose(evil, 4); n > 0; n--)
    bytes[evil_choose(evil, size)] = (uint8_t)evil_choose(evil, 256);
  uint64_t cut = evil_choose(evil, 8);
  if (cut == 0)
    size = 1 + evil_choose(evil, size);
  else if (cut == 1 && size + 16 < room)
    size += evil_choose(evil, 16);
  return size;
}

static size_t some_message(struct evil *evil, uint8_t *out, size_t room) {
  static const uint8_t types[] = {MESSAGE_MEDIA,      MESSAGE_CAND,      MESSAGE_RESTART,  MESSAGE_BIND,
                                  MESSAGE_SAS_COMMIT, MESSAGE_SAS_REPLY, MESSAGE_SAS_OPEN, MESSAGE_CONFIRM};
  struct message message = {.type = types[evil_choose(evil, sizeof types)],
                            .generation = 1,
                            .media = SOTTO_AUDIO,
                            .run = 1,
                            .dtls_role = SETUP_ACTIVE,
                            .profile = 8,
                            .cipher = 0xc02c,
                            .ufrag = "evil",
                            .pwd = "evilevilevilevilevilevil"};
  memset(out, 0, room);
  size_t size = message_encode(&message, out, room);
  return mutate(evil, out, size ? size : 1, room);
}

/* What somebody who talks nonsense may be told of, and nothing that says something of others. */
static bool is_nonsense(sotto_alarm alarm) {
  return alarm == SOTTO_ALARM_AUTH_FAIL || alarm == SOTTO_ALARM_REPLAY || alarm == SOTTO_ALARM_SIGNALING_GAP ||
         alarm == SOTTO_ALARM_FP_CHANGED || alarm == SOTTO_ALARM_SAS_MISMATCH || alarm == SOTTO_ALARM_SAS_ABORTED ||
         alarm == SOTTO_ALARM_SAS_COMMIT_BAD;
}

static void a50(struct evil *evil) {
  uint8_t bytes[CHANNEL_MESSAGE_MAX];
  evil_scene_of_friends(evil, SOTTO_POLICY_WARN);
  evil->sim.options.no_media = true;
  evil_admit(evil);
  sim_introduce(&evil->sim, ALICE, EVE, 0);
  for (int round = 0; round < 3; round++) {
    struct evil_call call = evil_talk(evil, ALICE, EVE, SOTTO_AUDIO);
    for (int i = 0; i < 40; i++) {
      size_t size = some_message(evil, bytes, 600);
      evil_say_bytes(evil, EVE, call.b, bytes, size);
    }
    for (int i = 0; i < 200; i++) {
      size_t size = 1 + evil_choose(evil, 200);
      for (size_t k = 0; k < size; k++)
        bytes[k] = (uint8_t)evil_choose(evil, 256);
      core_datagram(evil->sim.peer[ALICE].core, evil->sim.now, call.a, bytes, size);
    }
    core_call_hangup(evil->sim.peer[ALICE].core, evil->sim.now, call.a);
    evil_wait(evil, SEC(6));
    if (evil_trust(evil, ALICE, EVE) != SOTTO_TRUST_TOFU)
      break; /* Alice has had enough of her */
  }
  expect(evil, evil_trust(evil, ALICE, EVE) != SOTTO_TRUST_VERIFIED);
  for (int i = 0; i < 100; i++) { /* and the server */
    size_t size = 1 + evil_choose(evil, 100);
    for (size_t k = 0; k < size; k++)
      bytes[k] = (uint8_t)evil_choose(evil, 256);
    evil_serve(evil, ALICE, bytes, size);
    evil_wait(evil, MS(evil_choose(evil, 500)));
  }
  evil_wait(evil, SEC(60));
  struct evil_call call = evil_talk(evil, ALICE, BOB, SOTTO_AUDIO);
  expect(evil, evil_is_open(evil, ALICE, call.a) && evil_is_open(evil, BOB, call.b));
  for (sotto_alarm alarm = SOTTO_ALARM_AUTH_FAIL; alarm <= SOTTO_ALARM_STORE_UNSAVED; alarm++)
    expect(evil,
           evil_alarms(evil, BOB, alarm) == 0 && (evil_alarms(evil, ALICE, alarm) == 0 || is_nonsense(alarm)));
  evil_saw(evil, "the next call works");
}

const struct attack attacks_metadata[] = {
    {"A50", "malformed messages, packets and frames", 0, a50},
    {"A53", "tell phrases apart by the lengths of packets", WEAK_VBR, a53},
    {0},
};
