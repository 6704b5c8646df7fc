#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdio.h>
#include <string.h>

#include "bench.h"
#include "engine/path/srtp.h"
#include "measure.h"
#include "media/bytes.h"

/* Everything is measured in batches, and the batches of what is compared take turns, so that whatever else the
 * machine does meets all of them alike. */
enum { BATCH = 32, ROUNDS = 4000, QUICK_ROUNDS = 400, WARM_UP = 100, HEADER = 12, TAG = 16, SSRC = 7, ROOM = 1300 };
enum { PROTECT, UNPROTECT, SEAL, OPEN, OPERATIONS };

static const char *const operation_name[OPERATIONS] = {"protect", "unprotect", "bare seal", "bare open"};

struct bare { /* the same AES-GCM calls with nothing around them */
  EVP_CIPHER_CTX *context;
  uint8_t tag[TAG];
  OSSL_PARAM tag_param[2];
};

struct packets {
  uint8_t data[BATCH][ROOM];
  size_t size[BATCH];
};

struct run {
  uint16_t profile;
  size_t payload;
  struct srtp_path *sender, *receiver;
  struct bare bare;
  uint16_t seq;
  struct packets srtp, gcm;
};

static struct samples samples[OPERATIONS];

static bool bare_init(struct bare *bare, uint16_t profile) {
  static const uint8_t key[32] = {1, 2, 3};
  bare->tag_param[0] = OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, bare->tag, TAG);
  bare->tag_param[1] = OSSL_PARAM_construct_end();
  bare->context = EVP_CIPHER_CTX_new();
  const EVP_CIPHER *algorithm = profile == SRTP_PROFILE_AES_128_GCM ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
  return bare->context && EVP_EncryptInit_ex2(bare->context, algorithm, key, NULL, NULL);
}

static bool bare_seal(struct bare *bare, uint8_t *packet, size_t size) {
  uint8_t nonce[12] = {0};
  memcpy(nonce, packet + 2, 2);
  bool ok = EVP_EncryptInit_ex2(bare->context, NULL, NULL, nonce, NULL) &&
            EVP_Cipher(bare->context, NULL, packet, HEADER) >= 0 &&
            EVP_Cipher(bare->context, packet + HEADER, packet + HEADER, (unsigned)(size - HEADER)) >= 0 &&
            EVP_Cipher(bare->context, NULL, NULL, 0) >= 0 &&
            EVP_CIPHER_CTX_get_params(bare->context, bare->tag_param);
  memcpy(packet + size, bare->tag, TAG);
  return ok;
}

static bool bare_open(struct bare *bare, uint8_t *packet, size_t size) {
  uint8_t nonce[12] = {0};
  memcpy(nonce, packet + 2, 2);
  memcpy(bare->tag, packet + size, TAG);
  return EVP_DecryptInit_ex2(bare->context, NULL, NULL, nonce, NULL) &&
         EVP_CIPHER_CTX_set_params(bare->context, bare->tag_param) &&
         EVP_Cipher(bare->context, NULL, packet, HEADER) >= 0 &&
         EVP_Cipher(bare->context, packet + HEADER, packet + HEADER, (unsigned)(size - HEADER)) >= 0 &&
         EVP_Cipher(bare->context, NULL, NULL, 0) >= 0;
}

static void fill(struct packets *packets, uint16_t seq, size_t payload) {
  for (int i = 0; i < BATCH; i++) {
    struct writer w = writer_of(packets->data[i], ROOM);
    write_u16(&w, 0x8060);
    write_u16(&w, (uint16_t)(seq + i));
    write_u32(&w, (uint32_t)(seq + i) * 960);
    write_u32(&w, SSRC);
    packets->size[i] = HEADER + payload;
  }
}

static bool run_srtp(struct run *run) {
  bool ok = true;
  struct packets *packets = &run->srtp;
  struct stopwatch watch = measure_start();
  for (int i = 0; i < BATCH; i++)
    ok &= srtp_path_protect_rtp(run->sender, packets->data[i], &packets->size[i], ROOM) == SRTP_OK;
  measure_stop(&samples[PROTECT], watch, BATCH);
  watch = measure_start();
  for (int i = 0; i < BATCH; i++)
    ok &= srtp_path_unprotect_rtp(run->receiver, packets->data[i], &packets->size[i]) == SRTP_OK;
  measure_stop(&samples[UNPROTECT], watch, BATCH);
  return ok;
}

static bool run_bare(struct run *run) {
  bool ok = true;
  struct packets *packets = &run->gcm;
  struct stopwatch watch = measure_start();
  for (int i = 0; i < BATCH; i++)
    ok &= bare_seal(&run->bare, packets->data[i], packets->size[i]);
  measure_stop(&samples[SEAL], watch, BATCH);
  watch = measure_start();
  for (int i = 0; i < BATCH; i++)
    ok &= bare_open(&run->bare, packets->data[i], packets->size[i]);
  measure_stop(&samples[OPEN], watch, BATCH);
  return ok;
}

static bool rounds(struct run *run, int count) {
  bool ok = true;
  for (int round = 0; ok && round < count; round++) {
    fill(&run->srtp, run->seq, run->payload);
    fill(&run->gcm, run->seq, run->payload);
    run->seq = (uint16_t)(run->seq + BATCH);
    ok = run_srtp(run) && run_bare(run);
  }
  return ok;
}

static void print_row(const struct bench_options *options, const struct run *run, int operation) {
  struct samples *set = &samples[operation];
  double median = measure_percentile(set, 50), p99 = measure_percentile(set, 99);
  if (options->json) {
    printf("{\"bench\":\"packet\",\"profile\":\"%s\",\"engine\":\"%s\",\"payload_bytes\":%zu,\"operation\":\"%s\","
           "\"median_ns\":%.1f,\"p99_ns\":%.1f,\"allocations_per_packet\":%.3f,\"packets\":%lld}\n",
           srtp_profile_name(run->profile), srtp_engine_name(), run->payload, operation_name[operation], median,
           p99, measure_allocations(set), (long long)set->items);
    return;
  }
  char allocations[24] = "not counted";
  if (measure_counts_allocations())
    snprintf(allocations, sizeof allocations, "%.3f", measure_allocations(set));
  printf("%-18s %5zu B  %-10s %8.0f %8.0f   %s\n", srtp_profile_name(run->profile), run->payload,
         operation_name[operation], median, p99, allocations);
}

static bool run_one(const struct bench_options *options, uint16_t profile, size_t payload) {
  static struct run run;
  static const struct srtp_master one = {.key = {1}, .salt = {2}}, two = {.key = {3}, .salt = {4}};
  run = (struct run){.profile = profile,
                     .payload = payload,
                     .sender = srtp_path_new(profile, &one, &two),
                     .receiver = srtp_path_new(profile, &two, &one)};
  bool ok = run.sender && run.receiver && bare_init(&run.bare, profile) && rounds(&run, WARM_UP);
  memset(samples, 0, sizeof samples);
  ok = ok && rounds(&run, options->quick ? QUICK_ROUNDS : ROUNDS);
  for (int operation = 0; ok && operation < OPERATIONS; operation++)
    print_row(options, &run, operation);
  srtp_path_free(run.sender);
  srtp_path_free(run.receiver);
  EVP_CIPHER_CTX_free(run.bare.context);
  return ok;
}

bool bench_packet(const struct bench_options *options) {
  static const uint16_t profiles[] = {SRTP_PROFILE_AES_256_GCM, SRTP_PROFILE_AES_128_GCM};
  static const size_t payloads[] = {80, 1200};
  if (!options->json)
    printf("SRTP, AES-GCM of %s; ns a packet\n%-18s %7s  %-10s %8s %8s   %s\n", srtp_engine_name(), "profile",
           "payload", "operation", "median", "p99", "allocations");
  for (size_t p = 0; p < 2; p++)
    for (size_t s = 0; s < 2; s++)
      if (!run_one(options, profiles[p], payloads[s]))
        return false;
  return true;
}
