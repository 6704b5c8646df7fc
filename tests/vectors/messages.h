/* messages.h - one valid message of each type, with every optional field; the golden call is made of them too. */
#ifndef VECTORS_MESSAGES_H
#define VECTORS_MESSAGES_H
#include "../../signaling/message.h"

static inline void sample_fill(uint8_t *out, size_t size, uint8_t first) {
  for (size_t i = 0; i < size; i++)
    out[i] = (uint8_t)(first + i);
}

static inline struct candidate sample_candidate(int i) {
  struct candidate candidate = {.type = CANDIDATE_RELAY,
                                .transport = CANDIDATE_UDP,
                                .family = 4,
                                .address = {8, 8, 4, (uint8_t)i},
                                .port = (uint16_t)(50000 + i),
                                .priority = 0x00ffffffu - (uint32_t)i,
                                .foundation = "2"};
  if (i % 2) {
    candidate.family = 6;
    candidate.type = CANDIDATE_HOST;
    sample_fill(candidate.address, 16, 0x20);
  }
  return candidate;
}

/* Every member has a value; the type says which of them count. */
static inline struct message sample_message(uint8_t type) {
  static const uint8_t roster[] = "a roster, opaque here";
  struct message m = {
      .type = type,
      .version = WIRE_VERSION,
      .caps = 0x01020304,
      .time = 1700000000,
      .roster = roster,
      .roster_size = sizeof roster - 1,
      .ufrag = "ufrG",
      .pwd = "0123456789abcdefABCD+/",
      .setup = type == MESSAGE_ANSWER ? SETUP_ACTIVE : SETUP_PASSIVE,
      .profile_list = {0x0008, 0x0007},
      .profiles = 2,
      .media = MEDIA_AUDIO | MEDIA_VIDEO,
      .audio_ssrc = 0x11223344,
      .video_ssrc = 0x55667788,
      .cname = "cname+cname/cnam",
      .policy = POLICY_SAS_FIRST,
      .candidates = 3,
      .formats = {.entry = {{111, FORMAT_OPUS, 0}, {96, FORMAT_VP8, 0}, {97, FORMAT_RTX, 96}}, .count = 3},
      .codecs = {.codec = {CODEC_VP9, CODEC_VP8}, .count = 2},
      .transport_cc = 3,
      .repair_ssrc = 0x99aabbcc,
      .generation = 1,
      .reason = type == MESSAGE_DECLINE  ? REASON_BUSY
                : type == MESSAGE_CANCEL ? REASON_ANSWERED_ELSEWHERE
                                         : REASON_HANGUP,
      .dtls_role = SETUP_PASSIVE,
      .profile = 0x0008,
      .cipher = 0xc02c,
      .run = 1,
      .result = RESULT_MATCH,
      .name = "Zo\xc3\xab",
  };
  sample_fill(m.call_id, sizeof m.call_id, 0x10);
  m.my_head.seq = 3;
  sample_fill(m.my_head.hash, HASH_SIZE, 0x20);
  m.your_head.seq = 5;
  sample_fill(m.your_head.hash, HASH_SIZE, 0x30);
  sample_fill(m.offer_hash, HASH_SIZE, 0x40);
  sample_fill(m.answer_hash, HASH_SIZE, 0x50);
  sample_fill(m.fingerprint, HASH_SIZE, 0x60);
  sample_fill(m.handshake, HASH_SIZE, 0x70);
  sample_fill(m.ekm, HASH_SIZE, 0x80);
  sample_fill(m.fp_self, HASH_SIZE, 0x90);
  sample_fill(m.fp_peer, HASH_SIZE, 0xa0);
  sample_fill(m.signature, SIGNATURE_SIZE, 0xd0);
  sample_fill(m.commitment, HASH_SIZE, 0xb0);
  sample_fill(m.random, RANDOM_SIZE, 0xc0);
  for (int i = 0; i < m.candidates; i++)
    m.candidate[i] = sample_candidate(i);
  return m;
}

#endif
