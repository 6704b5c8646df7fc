#include "sas.h"

#include <stdio.h>
#include <string.h>

#include "../../signaling/tlv.h"

enum { /* of the transcript, C.3 */
       TAG_VERSION = 1,
       TAG_MODE,
       TAG_CALL_ID,
       TAG_RUN,
       TAG_INITIATOR, /* six for each party: ID, IK, dev, DX, head, fp */
       TAG_RESPONDER = TAG_INITIATOR + 6,
       TAG_H = TAG_RESPONDER + 6,
       TAG_OFFER,
       TAG_ANSWER,
       TAG_DTLS_CLIENT,
       TAG_SRTP_PROFILE,
       TAG_CIPHER,
       TAG_EKM,
       TAG_COMMITMENT,
       TAG_GROUP,
};

static void put_party(struct writer *w, uint8_t tag, const struct sas_party *party) {
  uint8_t id[ID_SIZE] = {ID_VERSION}, head[4 + HASH_SIZE];
  memcpy(id + 1, party->ik, KEY_SIZE);
  struct writer inner = writer_of(head, sizeof head);
  write_u32(&inner, party->head.seq);
  write_bytes(&inner, party->head.hash, HASH_SIZE);
  tlv_write(w, tag, id, sizeof id);
  tlv_write(w, (uint8_t)(tag + 1), party->ik, KEY_SIZE);
  tlv_write(w, (uint8_t)(tag + 2), party->dev_id, DEVICE_ID_SIZE);
  tlv_write(w, (uint8_t)(tag + 3), party->dx, KEY_SIZE);
  tlv_write(w, (uint8_t)(tag + 4), head, sizeof head);
  tlv_write(w, (uint8_t)(tag + 5), party->fp, HASH_SIZE);
}

void sas_transcript_hash(uint8_t out[HASH_SIZE], const struct sas_transcript *transcript, uint8_t run,
                         const uint8_t commitment[HASH_SIZE]) {
  uint8_t bytes[1024];
  struct writer w = writer_of(bytes, sizeof bytes);
  tlv_write_uint(&w, TAG_VERSION, transcript->version, 1);
  tlv_write_uint(&w, TAG_MODE, transcript->mode, 1);
  tlv_write(&w, TAG_CALL_ID, transcript->call_id, SAS_CALL_ID_SIZE);
  tlv_write_uint(&w, TAG_RUN, run, 1);
  put_party(&w, TAG_INITIATOR, &transcript->initiator);
  put_party(&w, TAG_RESPONDER, &transcript->responder);
  tlv_write(&w, TAG_H, transcript->h, HASH_SIZE);
  tlv_write(&w, TAG_OFFER, transcript->offer, HASH_SIZE);
  tlv_write(&w, TAG_ANSWER, transcript->answer, HASH_SIZE);
  tlv_write_uint(&w, TAG_DTLS_CLIENT, transcript->dtls_client_is_initiator ? 1 : 2, 1);
  tlv_write_uint(&w, TAG_SRTP_PROFILE, transcript->srtp_profile, 2);
  tlv_write_uint(&w, TAG_CIPHER, transcript->cipher, 2);
  tlv_write(&w, TAG_EKM, transcript->ekm, transcript->has_ekm ? HASH_SIZE : 0);
  tlv_write(&w, TAG_COMMITMENT, commitment, HASH_SIZE);
  tlv_write(&w, TAG_GROUP, transcript->group, transcript->has_group ? HASH_SIZE : 0);
  const struct bytes_view part = {bytes, (size_t)(w.at - bytes)};
  crypto_sha256(out, &part, 1);
}

static void commit_to(uint8_t out[HASH_SIZE], const struct sas *sas, uint8_t run,
                      const uint8_t r[SAS_RANDOM_SIZE]) {
  static const char label[] = "sotto/sas-commit/1";
  const struct bytes_view parts[] = {
      {label, sizeof label - 1}, {sas->transcript.call_id, SAS_CALL_ID_SIZE}, {&run, 1}, {r, SAS_RANDOM_SIZE}};
  crypto_sha256(out, parts, sizeof parts / sizeof parts[0]);
}

static void become_ready(struct sas *sas) {
  static const char label[] = "sotto/sas/1";
  uint8_t key[2 * SAS_RANDOM_SIZE], message[sizeof label - 1 + HASH_SIZE], mac[HASH_SIZE];
  memcpy(key, sas->r_i, SAS_RANDOM_SIZE);
  memcpy(key + SAS_RANDOM_SIZE, sas->r_r, SAS_RANDOM_SIZE);
  memcpy(message, label, sizeof label - 1);
  sas_transcript_hash(message + sizeof label - 1, &sas->transcript, sas->run, sas->commitment);
  crypto_hmac(mac, key, sizeof key, message, sizeof message);
  memcpy(sas->value, mac, SAS_VALUE_SIZE);
  sas->state = SAS_READY;
  crypto_wipe(key, sizeof key);
  crypto_wipe(mac, sizeof mac);
}

static bool fail(struct sas *sas) {
  sas->state = SAS_FAILED;
  crypto_wipe(sas->value, sizeof sas->value);
  return false;
}

void sas_init(struct sas *sas, bool initiator, const struct sas_transcript *transcript) {
  *sas = (struct sas){.initiator = initiator, .transcript = *transcript};
}

void sas_deinit(struct sas *sas) {
  crypto_wipe(sas, sizeof *sas);
}

bool sas_under_way(const struct sas *sas) {
  return sas->state == SAS_COMMITTED || sas->state == SAS_REPLIED;
}

/* A value on screen must not be replaced under the eyes of who compares it. */
static bool may_begin(const struct sas *sas) {
  bool answered = sas->local != SAS_NONE || sas->remote == SAS_CANCEL || sas->remote == SAS_MISMATCH;
  return sas->run < UINT8_MAX && !sas_under_way(sas) && (sas->state != SAS_READY || answered);
}

static void begin(struct sas *sas, enum sas_state state) {
  sas->run++;
  sas->local = sas->remote = SAS_NONE;
  crypto_wipe(sas->value, sizeof sas->value);
  sas->state = state;
}

bool sas_start(struct sas *sas, uint8_t commit[HASH_SIZE]) {
  if (!sas->initiator || !may_begin(sas))
    return false;
  begin(sas, SAS_COMMITTED);
  crypto_random(sas->r_i, sizeof sas->r_i);
  commit_to(sas->commitment, sas, sas->run, sas->r_i);
  memcpy(commit, sas->commitment, HASH_SIZE);
  return true;
}

bool sas_commit(struct sas *sas, uint8_t run, const uint8_t commit[HASH_SIZE], uint8_t reply[SAS_RANDOM_SIZE]) {
  if (sas_under_way(sas))
    return fail(sas);
  if (sas->initiator || !may_begin(sas) || run != sas->run + 1)
    return false;
  begin(sas, SAS_REPLIED);
  memcpy(sas->commitment, commit, HASH_SIZE);
  crypto_random(sas->r_r, sizeof sas->r_r);
  memcpy(reply, sas->r_r, SAS_RANDOM_SIZE);
  return true;
}

bool sas_reply(struct sas *sas, uint8_t run, const uint8_t reply[SAS_RANDOM_SIZE], uint8_t open[SAS_RANDOM_SIZE]) {
  if (!sas_under_way(sas))
    return false;
  if (sas->state != SAS_COMMITTED || run != sas->run || crypto_equal(reply, sas->r_i, SAS_RANDOM_SIZE))
    return fail(sas);
  memcpy(sas->r_r, reply, SAS_RANDOM_SIZE);
  memcpy(open, sas->r_i, SAS_RANDOM_SIZE);
  become_ready(sas);
  return true;
}

bool sas_open(struct sas *sas, uint8_t run, const uint8_t open[SAS_RANDOM_SIZE]) {
  uint8_t expected[HASH_SIZE];
  if (!sas_under_way(sas))
    return false;
  if (sas->state != SAS_REPLIED || run != sas->run || crypto_equal(open, sas->r_r, SAS_RANDOM_SIZE))
    return fail(sas);
  commit_to(expected, sas, run, open);
  if (!crypto_equal(expected, sas->commitment, HASH_SIZE))
    return fail(sas);
  memcpy(sas->r_i, open, SAS_RANDOM_SIZE);
  become_ready(sas);
  return true;
}

bool sas_result(struct sas *sas, uint8_t run, enum sas_answer remote) {
  if (run != sas->run || remote == SAS_NONE || remote > SAS_CANCEL || sas->remote != SAS_NONE)
    return false;
  if (sas_under_way(sas)) { /* nobody can have compared yet */
    fail(sas);
    sas->remote = remote;
    return remote == SAS_CANCEL;
  }
  if (sas->state != SAS_READY)
    return false;
  sas->remote = remote;
  return true;
}

bool sas_confirm(struct sas *sas, enum sas_answer local) {
  if (sas->state != SAS_READY || sas->local != SAS_NONE || local == SAS_NONE || local > SAS_CANCEL)
    return false;
  sas->local = local;
  return true;
}

bool sas_abort(struct sas *sas) {
  if (!sas_under_way(sas))
    return false;
  fail(sas);
  return true;
}

void sas_render(const uint8_t value[SAS_VALUE_SIZE], sotto_sas *out) {
  *out = (sotto_sas){0};
  struct reader r = reader_of(value, SAS_VALUE_SIZE);
  uint64_t bits = read_uint(&r, SAS_VALUE_SIZE);
  for (int i = 0; i < 7; i++)
    out->emoji[i] = bits >> (42 - 6 * i) & 63;
  snprintf(out->digits, sizeof out->digits, "%u %u %u", (unsigned)(bits >> 35 & 8191) + 1000,
           (unsigned)(bits >> 22 & 8191) + 1000, (unsigned)(bits >> 9 & 8191) + 1000);
  snprintf(out->words, sizeof out->words, "%s %s %s %s %s", sas_word(false, value[0]), sas_word(true, value[1]),
           sas_word(false, value[2]), sas_word(true, value[3]), sas_word(false, value[4]));
}
